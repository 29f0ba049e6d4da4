//! What bad input comes to: one clear line, the way out, a documented exit code, and a terminal that is left as it was.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::mount::{MsFlags, mount};
use terminal::Terminal;

use crate::rig::{Learner, PATIENCE, PROGRAM, PROMPT, finish, have_root, last_step, lesson, one_step, refused};

/// A learner with a lesson of two steps, `tale`.
fn learner() -> Learner {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    learner
}

/// A file goal.
fn file(path: &str) -> String {
    format!("{{path: {{path: {path}}}}}")
}

#[test]
fn an_unknown_lesson_is_answered_with_the_nearest() {
    let learner = learner();
    for arguments in [
        ["start", "--here", "tael"].as_slice(),
        &["check", "--lesson", "tael"],
        &["reset", "--all", "--lesson", "tael"],
    ] {
        refused(&learner.run(arguments), 3, "no lesson `tael`.*is `tale` meant");
    }
    refused(&learner.run(&["start", "--here", "something-else"]), 3, "there are: rootless-containers, tale");
    refused(&learner.run(&["start", "--here", "./nothing"]), 3, "cannot read ./nothing.*No such file");
    refused(&learner.run(&["start", "--here", "a\x1b[31mb\nc"]), 3, "no lesson");
    refused(&learner.run(&["start", "--here", ""]), 3, "no lesson");
}

#[test]
fn a_lesson_with_mistakes_says_all_of_them_with_place_caret_and_what_was_expected() {
    let learner = Learner::new();
    let steps = one_step(1, &[("file", "{pathh: {path: /x}}", "")])
        + &one_step(1, &[("file", "{path: {path: /x, knd: file}}", "")]);
    let text = lesson(&steps).replace("title: Files", "titel: Files").replace("format: 1", "format: 9");
    learner.lesson("tale", &text);
    let said = refused(&learner.run(&["start", "--here", "tale"]), 3, "has [0-9]+ problems.*mend");
    for wanted in [
        "`titel`",
        "`title` is missing",
        "`pathh`",
        "`knd`",
        "`kind` meant",
        "`path` meant",
        "`title` meant",
        "format: 1",
        "not unique",
        "first one is in line 7",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(said.contains("lesson.yaml:2:1") && said.contains("━━━━━"), "{said}");
    let mut ascii = learner.command(&["start", "--here", "tale"]);
    ascii.env("LANG", "C");
    let said = refused(&finish(ascii), 3, "mend");
    assert!(said.contains("^^^^^") && said.is_ascii(), "{said}");
    let check = learner.run(&["check", "--lesson", "tale"]);
    assert_eq!(check.status.code(), Some(3));
}

#[test]
fn escape_sequences_in_a_lesson_never_reach_the_terminal() {
    let learner = Learner::new();
    for hostile in ["\"\\e[2Jboo\"", "\"boo \\u202e oob\"", "\x1b[2J", "\"\\x9b2J\"", "\"\\a\""] {
        learner.lesson(
            "tale",
            lesson(&one_step(1, &[("file", &file("/x"), "")])).replace("title: Files", &format!("title: {hostile}")),
        );
        let mut lab = learner.start("tale");
        assert_eq!(lab.end(PATIENCE).code(), Some(3), "{hostile:?}: {}", lab.all());
        let raw = String::from_utf8_lossy(&lab.raw()).into_owned();
        assert!(
            !raw.contains("\x1b[2J") && !raw.contains('\u{202e}') && !raw.contains('\x07') && !raw.contains('\u{9b}'),
            "{raw:?}"
        );
    }
}

#[test]
fn what_is_no_lesson_is_refused_fast_and_with_little_memory() {
    let learner = Learner::new();
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (this, before) in ('b'..='z').zip('a'..) {
        bomb += &format!("{this}: &{this} [{}]\n", vec![format!("*{before}"); 9].join(","));
    }
    learner.lesson("bomb", bomb);
    learner.lesson("long", vec![b'#'; 2 * 1024 * 1024]);
    learner.lesson("deep", "[".repeat(500_000));
    learner.lesson("latin", b"title: caf\xe9");
    learner.lesson("null", [0; 4096]);
    learner.lesson("empty", "");
    learner.lesson("other", "#!/bin/sh\necho boo\n");
    fs::create_dir_all(learner.place("lessons/folder/lesson.yaml")).expect("a folder");
    fs::create_dir_all(learner.place("lessons/fifo")).expect("a folder");
    fs::create_dir_all(learner.place("lessons/device")).expect("a folder");
    nix::unistd::mkfifo(&learner.place("lessons/fifo/lesson.yaml"), nix::sys::stat::Mode::S_IRWXU).expect("a fifo");
    std::os::unix::fs::symlink("/dev/zero", learner.place("lessons/device/lesson.yaml")).expect("a link");
    std::os::unix::fs::symlink("lesson.yaml", learner.lesson("turn", "").with_file_name("x")).expect("a link");
    let turning = learner.place("lessons/turn/lesson.yaml");
    fs::remove_file(&turning).expect("a file");
    std::os::unix::fs::symlink("x", &turning).expect("a link");
    for name in ["bomb", "long", "deep", "latin", "null", "empty", "other", "folder", "fifo", "device"] {
        let mut command = Command::new("bash");
        learner.dress(&mut command);
        // 400 MB of address space are enough for everything but a bomb.
        command.args(["-c", r#"ulimit -v 400000; exec "$0" "$@""#, PROGRAM, "start", "--here", name]);
        let begun = Instant::now();
        refused(&finish(command), 3, "rootless-lab:");
        assert!(begun.elapsed() < Duration::from_secs(5), "{name}: {:?}", begun.elapsed());
    }
    for path in ["lessons/fifo/lesson.yaml", "lessons/folder", "lessons/turn/lesson.yaml", "lessons/tale", "home"] {
        let path = learner.place(path);
        refused(&learner.run(&["start", "--here", path.to_str().expect("text")]), 3, "rootless-lab:");
    }
    if !crate::rig::is_root() {
        let file = learner.lesson("shut", "");
        fs::set_permissions(file, Permissions::from_mode(0o000)).expect("a file");
        refused(&learner.run(&["start", "--here", "shut"]), 3, "Permission denied");
    }
}

#[test]
fn without_a_terminal_a_lab_says_so_and_looking_works() {
    let learner = learner();
    refused(&learner.run(&["start", "--here", "tale"]), 4, "needs a terminal.*rootless-lab check");
    // Only one of the two is a terminal.
    let mut half = Terminal::start(
        {
            let mut command = Command::new("sh");
            learner.dress(&mut command);
            command.args([
                "-c",
                r#""$0" start --here tale < /dev/null; echo "code $?"; "$0" start --here tale | cat; echo over"#,
                PROGRAM,
            ]);
            command
        },
        24,
        80,
    );
    half.wait("needs a terminal", PATIENCE);
    half.wait("code 4", PATIENCE);
    half.wait("needs a terminal", PATIENCE);
    half.wait("over", PATIENCE);
    let check = learner.run(&["check", "--lesson", "tale"]);
    assert_eq!(check.status.code(), Some(1), "{}", String::from_utf8_lossy(&check.stderr));
    let json = learner.run(&["check", "--lesson", "tale", "--all", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["goals"].as_array().map(Vec::len), Some(2));
    fs::write(learner.goal(1), "").expect("a file");
    assert_eq!(learner.run(&["check", "--lesson", "tale"]).status.code(), Some(0));
    refused(&learner.run(&["check", "--lesson", "tale", "--step", "7"]), 2, "no step `7`");
}

/// Plays a lab with this command to its end; everything that it printed.
fn played(learner: &Learner, mut command: Command, rows: u16, columns: u16) -> Vec<u8> {
    command.current_dir(learner.place("home"));
    let mut lab = Terminal::start(command, rows, columns);
    let prompt = r"here> $";
    lab.wait(prompt, PATIENCE);
    for line in [":help", ":hint", "echo a && \\", "echo b", ":why", ":chek", ":solution", ":status"] {
        lab.line(line);
        lab.wait(if line.ends_with('\\') { r"&& \\\s*\n(> )?$" } else { prompt }, PATIENCE);
    }
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait(r"(?i)step 2 of 2", PATIENCE);
    lab.wait(prompt, PATIENCE);
    lab.keys("half a line\x03");
    lab.wait(prompt, PATIENCE);
    lab.keys("\x04");
    assert!(lab.end(PATIENCE).success(), "{}", lab.all());
    assert!(lab.all().contains(":check"), "{}", lab.all());
    lab.raw()
}

#[test]
fn plain_and_a_dumb_terminal_get_no_escape_sequence_at_all() {
    for (plain, term) in [(true, "xterm-256color"), (false, "dumb"), (false, "emacs"), (true, "")] {
        let learner = learner();
        let mut command =
            learner.command(if plain { &["--plain", "start", "--here", "tale"] } else { &["start", "--here", "tale"] });
        command.env("TERM", term);
        let raw = played(&learner, command, 24, 80);
        let text = String::from_utf8_lossy(&raw);
        assert!(!text.contains('\x1b'), "{term}: {text:?}");
        assert!(
            !text.replace("\r\n", "\n").contains('\r'),
            "{term}: a lone carriage return moves the cursor: {text:?}"
        );
        assert!(!text.chars().any(|c| ('\u{2500}'..='\u{25ff}').contains(&c)), "{term}: no boxes: {text}");
    }
}

#[test]
fn no_color_means_no_colour() {
    let learner = learner();
    let mut command = learner.command(&["start", "--here", "tale"]);
    command.env("NO_COLOR", "1");
    let raw = played(&learner, command, 24, 80);
    let colour = regex::bytes::Regex::new(r"\x1b\[[0-9;]*m").expect("a regular expression");
    let found = colour
        .find(&raw)
        .map(|found| String::from_utf8_lossy(&raw[found.start().saturating_sub(80)..found.end()]).into_owned());
    assert_eq!(found, None);
}

#[test]
fn a_terminal_of_twenty_columns_and_one_of_five_can_be_played_in() {
    for (rows, columns) in [(10, 20), (3, 5), (1, 1)] {
        let learner = learner();
        let command = learner.command(&["start", "--here", "tale"]);
        if columns == 20 {
            played(&learner, command, rows, columns);
        } else {
            let mut lab = Terminal::start(command, rows, columns);
            lab.wait(r"h\s*e\s*r\s*e\s*>", PATIENCE);
            lab.line(":quit");
            assert!(lab.end(PATIENCE).success());
        }
    }
}

#[test]
fn a_window_that_changes_its_size_under_the_lab_is_followed() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    for (rows, columns) in [(40, 132), (10, 30), (24, 80)] {
        lab.resize(rows, columns);
        lab.line("stty size");
        lab.wait(&format!("{rows} {columns}"), PATIENCE);
        lab.wait(PROMPT, PATIENCE);
    }
}

#[test]
fn without_a_manual_the_labs_own_words_are_shown_and_marked() {
    let learner = Learner::new();
    let step = one_step(1, &[("file", &file("/nowhere/at/all"), "")])
        + "    manual:\n      - {page: mkdir, section: 1, entry: -p, otherwise: Makes what is missing on the way., package: coreutils}\n";
    learner.lesson("tale", lesson(&step));
    let bin = learner.place("bin");
    fs::create_dir(&bin).expect("a folder");
    for program in ["bash", "sh", "true"] {
        std::os::unix::fs::symlink(format!("/bin/{program}"), bin.join(program)).expect("a link");
    }
    let mut command = learner.command(&["start", "--here", "tale"]);
    command.env("PATH", &bin);
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":man");
    let said = lab.wait(PROMPT, PATIENCE);
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat.contains("Makes what is missing on the way") && flat.contains("our own words")
            || flat.contains("own words"),
        "{said}"
    );
    lab.line(":man systemctl daemon-reload");
    lab.wait("systemctl", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":man nothing-like-this \\e[2J -x");
    lab.wait(PROMPT, PATIENCE);
}

#[test]
fn without_bash_a_lab_says_so() {
    let learner = learner();
    let mut command = learner.command(&["start", "--here", "tale"]);
    command.env("PATH", "/nowhere").env_remove("SHELL");
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait("no bash in PATH", PATIENCE);
    lab.wait("→", PATIENCE);
    assert_eq!(lab.end(PATIENCE).code(), Some(4));
}

#[test]
fn without_sudo_goals_about_other_accounts_are_unknown_and_what_to_grant_is_said_once() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let goals =
        [("theirs", "{path: {path: ~/x, as: games}}", ""), ("file", &file(&learner.goal(1).display().to_string()), "")];
    learner.lesson("tale", lesson(&one_step(1, &goals)));
    let bin = learner.place("bin");
    fs::create_dir(&bin).expect("a folder");
    for program in ["bash", "touch", "cat"] {
        std::os::unix::fs::symlink(format!("/bin/{program}"), bin.join(program)).expect("a link");
    }
    let mut command = as_nobody(&learner, &["start", "--here", "tale"]);
    command.env("PATH", &bin);
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait("sudo is not installed", PATIENCE);
    lab.wait(r"(?s)NOPASSWD", PATIENCE);
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait("The file of 1 is there", PATIENCE);
    lab.line(":why");
    lab.wait(r"(?s)unknown.*The theirs of 1", PATIENCE);
    lab.line("cat /dev/null");
    lab.wait(PROMPT, PATIENCE);
    lab.line("cat /dev/null");
    lab.wait(PROMPT, PATIENCE);
    assert_eq!(lab.all().matches("NOPASSWD").count(), 1, "said once: {}", lab.all());
    let mut check = as_nobody(&learner, &["check", "--lesson", "tale"]);
    check.env("PATH", &bin);
    assert_eq!(finish(check).status.code(), Some(7), "nothing failed, and something could not be looked at");
}

/// The program as an account without rights, to whom everything of the learner's belongs.
fn as_nobody(learner: &Learner, arguments: &[&str]) -> Command {
    as_account(learner, 65_534, arguments)
}

fn as_account(learner: &Learner, uid: u32, arguments: &[&str]) -> Command {
    learner.belongs_to(uid);
    let mut command = Command::new("/usr/bin/sh");
    learner.dress(&mut command);
    // By its descriptor: the account may not come by the path of a checkout.
    let ids = format!("/usr/bin/setpriv --reuid={uid} --regid={uid} --clear-groups");
    command.args(["-c", &format!(r#"exec 9<"$0"; exec {ids} -- /proc/self/fd/9 "$@""#), PROGRAM]).args(arguments);
    command
}

#[test]
fn a_home_that_cannot_be_written_to_is_said_and_the_lesson_goes_on() {
    if !have_root() {
        return;
    }
    let learner = learner();
    let mut command = as_nobody(&learner, &["start", "--here", "tale"]);
    for place in ["home", "state"] {
        std::os::unix::fs::chown(learner.place(place), Some(0), Some(0)).expect("root's");
    }
    fs::set_permissions(learner.place("state"), Permissions::from_mode(0o555)).expect("a folder");
    command.env("TERM", "xterm");
    goes_on_unsaved(&learner, command, "Permission denied");
    refused(
        &finish(as_reader(&learner, &["reset", "--lesson", "tale", "--all"])),
        4,
        "Permission denied.*XDG_STATE_HOME",
    );
}

/// The same account, without taking everything first.
fn as_reader(learner: &Learner, arguments: &[&str]) -> Command {
    let mut command = as_nobody(learner, arguments);
    for place in ["home", "state"] {
        std::os::unix::fs::chown(learner.place(place), Some(0), Some(0)).expect("root's");
    }
    command.env("TERM", "xterm");
    command
}

#[track_caller]
fn goes_on_unsaved(learner: &Learner, command: Command, why: &str) {
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(r"cannot\s+be\s+saved", PATIENCE);
    lab.wait(&why.replace(' ', r"\s+"), PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait("Step 2 of", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success(), "{}", lab.all());
    assert_eq!(lab.all().matches("cannot be saved").count(), 1, "said once: {}", lab.all());
    assert!(!lab.all().contains("Saved at step"), "nothing was saved: {}", lab.all());
}

/// Mounts a tiny file system on the state folder before the program starts. `fill` says whether nothing fits on it.
fn on_a_small_disk(learner: &Learner, command: &mut Command, options: &'static str) {
    let state = learner.place("state");
    let prepare = move || {
        mount(Some("tmpfs"), state.as_path(), Some("tmpfs"), MsFlags::empty(), Some(options))?;
        Ok(())
    };
    // SAFETY: between fork and exec it makes one system call; nix copies such short paths to the stack.
    unsafe { command.pre_exec(prepare) };
}

#[test]
fn a_full_disk_is_said_and_the_lesson_goes_on() {
    if !have_root() {
        return;
    }
    // Nothing fits from the beginning: the root of the file system is the only inode.
    let first = learner();
    let mut command = first.command(&["start", "--here", "tale"]);
    on_a_small_disk(&first, &mut command, "size=4k,nr_inodes=1");
    goes_on_unsaved(&first, command, "No space left");

    // It is filled while the lab runs, and there is room again later.
    let second = learner();
    let mut command = second.command(&["start", "--here", "tale"]);
    on_a_small_disk(&second, &mut command, "size=256k");
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(PROMPT, PATIENCE);
    lab.line("head -c 1M /dev/zero > $XDG_STATE_HOME/filler");
    lab.wait(PROMPT, PATIENCE);
    lab.line(&format!("touch {}", second.goal(1).display()));
    lab.wait("Step 2 of", PATIENCE);
    lab.wait(r"cannot\s+be\s+saved", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line("grep -c step-1 $XDG_STATE_HOME/rootless-lab/tale/record.json; rm $XDG_STATE_HOME/filler");
    lab.wait("[1-9]", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":hint");
    lab.wait(PROMPT, PATIENCE);
    lab.line("grep step $XDG_STATE_HOME/rootless-lab/tale/record.json");
    lab.wait("step-2", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    lab.wait("Saved at step 2", PATIENCE);
    assert!(lab.end(PATIENCE).success());
}

#[test]
fn an_answer_that_cannot_be_written_is_told_and_a_reader_that_goes_away_is_no_mistake() {
    let learner = learner();
    for arguments in
        [&["checks"][..], &["doctor", "--json"], &["status", "--lesson", "tale"], &["--help"], &["check", "--all"]]
    {
        let mut child = learner
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("a child");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!said.contains("panicked") && ended.status.signal() != Some(6), "{arguments:?}: {said}");
    }
    for arguments in [&["checks"][..], &["status", "--lesson", "tale", "--json"]] {
        let mut command = learner.command(arguments);
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let output = command
            .stdin(Stdio::null())
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts")
            .wait_with_output();
        refused(&output.expect("a child"), 6, "cannot be written.*No space left");
    }
}

#[test]
fn a_wrong_command_line_ends_with_two_and_names_the_nearest() {
    let learner = learner();
    for (arguments, wanted) in [
        (&["strat"][..], "'start'"),
        (&["chekc"], "'check"),
        (&["start", "--heer"], "'--here'"),
        (&["practice", "creat"], "'create'"),
        (&["start", "a", "b"], "unexpected argument"),
        (&["start", "--here", "--practice"], "cannot be used with"),
        (&["start", "--release", "sid"], "trixie"),
        (&["reset"], "--all"),
        (&[], "Usage"),
    ] {
        let output = learner.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(wanted), "{arguments:?}: {said}");
    }
    refused(&learner.run(&["checks", "contaner"]), 2, "no check `contaner`.*`container`");
    for fine in [&["--version"][..], &["--help"], &["start", "--help"]] {
        assert_eq!(learner.run(fine).status.code(), Some(0));
    }
    let mut odd = learner.command(&["start"]);
    odd.arg(std::ffi::OsStr::from_bytes(b"le\xffson"));
    assert_eq!(finish(odd).status.code(), Some(2));
}

#[test]
fn every_exit_code_is_in_the_help_and_in_the_book() {
    let learner = learner();
    let help = String::from_utf8(learner.run(&["--help"]).stdout).expect("text");
    let book = include_str!("../../book/src/reference/exit-codes.md");
    for code in 0..=7 {
        assert!(help.contains(&format!("\n  {code}  ")) && book.contains(&format!("| {code} |")), "{code}");
    }
    let meaning = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    for row in book.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()) {
        let words = row.trim_matches(['|', ' ']).split('|').nth(1).expect("a meaning");
        assert!(meaning(&help).contains(&meaning(words)), "the help does not say: {words}");
    }
}

#[test]
fn words_that_are_none_and_steps_that_are_not_there_never_reach_bash() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    for (line, wanted) in [
        (":hnit", r"Is\s+:hint\s+meant"),
        (":xyzzyplugh", "not a word of the lab"),
        (":step 99", ":step 1 … :step 2"),
        (":step 0", ":step 1 … :step 2"),
        (":step -1", "not a word|:step"),
        (":step 99999999999999999999999", "not a word|:step"),
        (":back", "first step"),
        (":h\u{301}int", "not a word"),
    ] {
        lab.line(line);
        lab.wait(wanted, PATIENCE);
        lab.wait(PROMPT, PATIENCE);
    }
    assert!(!lab.all().contains("command not found"), "{}", lab.all());
    lab.line(": ${ours:=1}; echo $ours");
    lab.wait("\n1\n", PATIENCE);
}

#[test]
fn whatever_is_typed_or_pasted_the_lab_stays_itself() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    // Ten lines at once, as from a pointer, without and with the terminal's brackets around them.
    let lines: String = (0..10).map(|number| format!("echo row $(({number} + 100))\r")).collect();
    lab.keys(&lines);
    for number in 0..10 {
        lab.wait(&format!("\nrow {}\n", number + 100), PATIENCE);
    }
    lab.wait(PROMPT, PATIENCE);
    let lines: String = (0..10).map(|number| format!("echo row $(({number} + 200))\n")).collect();
    lab.keys(&format!("\x1b[200~{lines}\x1b[201~\r"));
    for number in 0..10 {
        lab.wait(&format!("row {}\n", number + 200), PATIENCE);
    }
    lab.wait(PROMPT, PATIENCE);
    // NUL, bytes that are no UTF-8, and keys that mean nothing.
    lab.bytes(b"echo st\0ill\xff\xfe he\x1b[99~re\r");
    lab.wait(PROMPT, PATIENCE);
    lab.line("echo al''ive");
    lab.wait("\nalive\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    let long = "x".repeat(20_000);
    lab.keys(&format!("\x1b[200~echo {long} | wc -c\x1b[201~"));
    lab.keys("\r");
    lab.wait("\n20001\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(&format!("\x1b[200~:hint {}\x1b[201~", "y".repeat(3000)));
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
}

#[test]
fn odd_surroundings_do_not_stop_a_lab() {
    let learner = learner();
    let odd = learner.place("home").join(std::ffi::OsStr::from_bytes(b"caf\xe9 \x1b[2J\ttab"));
    fs::create_dir(&odd).expect("a folder");
    fs::write(odd.join(std::ffi::OsStr::from_bytes(b"fi\xffle")), "").expect("a file");
    learner.bashrc("PS1='\\w here> '\n");
    let mut command = learner.command(&["start", "--here", "tale"]);
    command.current_dir(&odd);
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait("here> $", PATIENCE);
    assert!(!String::from_utf8_lossy(&lab.raw()).contains("\x1b[2J"), "a folder's name is text");
    lab.line("ls | wc -l; pwd | wc -c; ls fi\t");
    lab.wait("\n1\n", PATIENCE);
    lab.wait("here> $", PATIENCE);
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait("Step 2 of", PATIENCE);
    lab.wait("here> $", PATIENCE);
    lab.line("mkdir gone; cd gone; rmdir ../gone");
    lab.wait("here> $", PATIENCE);
    lab.line("echo st''ill; cd /");
    lab.wait("\nstill\n", PATIENCE);
    lab.wait("here> $", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
}

#[test]
fn a_lab_starts_in_a_folder_that_is_gone_and_without_home() {
    let learner = learner();
    let mut command = Command::new("bash");
    learner.dress(&mut command);
    command.args(["-c", r#"mkdir gone; cd gone; rmdir ../gone; exec "$0" start --here tale"#, PROGRAM]);
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());

    // Without HOME the account's own home counts; an account that is none has nowhere.
    let mut command = learner.command(&["start", "--here", "tale"]);
    command.env_remove("HOME");
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(r"\[1/2 [^\]]*\] ", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    if !have_root() {
        return;
    }
    let mut command = as_account(&learner, 54_321, &["start", "--here", "tale"]);
    command.env_remove("HOME").env_remove("XDG_STATE_HOME").env("PS1", "here> ");
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(r"(?s)cannot\s+be\s+saved.*HOME", PATIENCE);
    lab.wait(r"\[1/2 [^\]]*\] ", PATIENCE);
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait("Step 2 of", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    let mut status = as_account(&learner, 54_321, &["status", "--lesson", "tale"]);
    status.env_remove("HOME").env_remove("XDG_STATE_HOME");
    refused(&finish(status), 4, "set HOME");
}

#[test]
fn a_huge_or_hostile_prompt_of_the_learners_own_does_no_harm() {
    let learner = learner();
    for ps1 in [
        "$(printf 'x%.0s' {1..5000}) here> ",
        "\\e]0;title\\a\\e[2J\\e[31m\\[\\e[0m\\] here> ",
        "$(printf '\\377\\000\\t') here> ",
        "a\\nb\\nc here> ",
    ] {
        learner.bashrc(format!("PS1='{ps1}'\n"));
        let mut lab = learner.start("tale");
        lab.wait("here> $", PATIENCE);
        assert!(!String::from_utf8_lossy(&lab.raw()).contains("\x1b[2J"), "{ps1}");
        lab.line("echo al''ive");
        lab.wait("\nalive\n", PATIENCE);
        lab.wait("here> $", PATIENCE);
        lab.line(":quit");
        assert!(lab.end(PATIENCE).success());
    }
    // What the learner's own file does when it is read must not stop the lab.
    for rc in
        ["exit 3\n", "exec false\n", "set -e; false\n", "if\n", "while :; do break; done; return 1\n", "kill -9 $$\n"]
    {
        learner.bashrc(rc);
        let mut lab = learner.start("tale");
        lab.wait(r"(?s)rootless-lab:.*→|\[1/2 [^\]]*\] ", PATIENCE);
        lab.line(":quit");
        lab.end(PATIENCE);
    }
}

#[test]
fn a_check_program_that_misbehaves_is_unknown_and_killed_with_its_children_while_the_lab_stays_at_hand() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let folder = learner.lesson("tale", "");
    let folder = folder.parent().expect("a folder");
    let mark = learner.place("alive");
    let hangs =
        format!("#!/bin/sh\nsh -c 'exec sleep 7{0}' &\nsetsid sleep 7{0} &\nexec sleep 7{0}\n", std::process::id());
    for (name, text) in [
        ("hangs", hangs.as_str()),
        (
            "paints",
            "#!/bin/sh\nprintf '{\"verdict\":\"fail\",\"wanted\":\"\\\\u001b[2Jred\",\"found\":\"\\\\u202egnol\"}'\n",
        ),
        ("floods", "#!/bin/sh\nexec cat /dev/zero\n"),
        ("prints", "#!/bin/sh\nprintf '\\033[2J'; printf '\\033[2J' >&2; printf '\\033[2J' > /dev/tty\n"),
        ("root", "#!/bin/sh\nid -u\n"),
    ] {
        fs::write(folder.join(name), text).expect("a file");
        fs::set_permissions(folder.join(name), Permissions::from_mode(0o755)).expect("a file");
    }
    let checks: Vec<(&str, String)> = ["hangs", "paints", "floods", "prints"]
        .map(|name| (name, format!("{{program: {{file: {name}, as: games, time: 1s}}}}")))
        .into();
    let goals: Vec<(&str, &str, &str)> = checks.iter().map(|(name, check)| (*name, check.as_str(), "")).collect();
    learner.lesson("tale", lesson(&one_step(1, &goals)));
    let mut lab = learner.at_prompt("tale");
    lab.line(&format!("touch {}", mark.display()));
    lab.wait(PROMPT, PATIENCE);
    let begun = Instant::now();
    lab.line(":check");
    lab.wait(PROMPT, PATIENCE);
    assert!(begun.elapsed() < Duration::from_secs(8), "four programs of one second each: {:?}", begun.elapsed());
    lab.line(":why");
    let said = lab.wait(PROMPT, PATIENCE).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("hangs did not end within 1s"), "{said}");
    assert!(said.contains("floods printed too much"), "{said}");
    assert!(said.contains("prints") && said.contains("gave no verdict"), "{said}");
    assert!(!String::from_utf8_lossy(&lab.raw()).contains("\x1b[2J"), "nothing but text came through");
    // Nothing is judged any more; what is left now would stay.
    lab.line(":play");
    lab.wait(PROMPT, PATIENCE);
    let until = Instant::now() + PATIENCE;
    loop {
        let left =
            Command::new("pgrep").args(["-f", &format!("^sleep 7{}$", std::process::id())]).output().expect("pgrep");
        if left.stdout.is_empty() {
            break;
        }
        assert!(Instant::now() < until, "the children go with the program: {}", String::from_utf8_lossy(&left.stdout));
    }
}

#[test]
fn the_lab_is_at_its_prompt_while_a_slow_check_is_looked_at() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let file = learner.lesson("tale", "");
    let program = file.with_file_name("slow");
    fs::write(&program, "#!/bin/sh\nexec sleep 30\n").expect("a file");
    fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("a file");
    let check = "{program: {file: slow, as: games, time: 3s}}";
    learner.lesson("tale", lesson(&one_step(1, &[("slow", check, "")])));
    let begun = Instant::now();
    let mut lab = learner.at_prompt("tale");
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "the first prompt does not wait for the survey: {:?}",
        begun.elapsed()
    );
    let begun = Instant::now();
    lab.line("echo at''hand");
    lab.wait("athand", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    assert_eq!(last_step(&lab.all()), Some(1));
}
