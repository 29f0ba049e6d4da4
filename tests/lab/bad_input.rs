//! What bad input comes to: one clear line, the way out, a documented exit code, and a terminal that is left as it was.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use nix::mount::{MsFlags, mount};
use terminal::Terminal;

use crate::rig::{Learner, PATIENCE, PROGRAM, PROMPT, finish, have_root, lesson, one_step, refused};

/// A learner with a lesson of two steps, `tale`.
pub fn learner() -> Learner {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    learner
}

/// A file goal.
pub fn file(path: &str) -> String {
    format!("{{path: {{path: {path}}}}}")
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
    let mut command = as_nobody(&learner, &["start", "--here", "tale", "--yes"]);
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
    let mut check = as_nobody(&learner, &["check", "--lesson", "tale", "--yes"]);
    check.env("PATH", &bin);
    assert_eq!(finish(check).status.code(), Some(7), "nothing failed, and something could not be looked at");
}

#[test]
fn machines_that_only_root_may_see_are_not_denied_to_others() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let state = learner.place("state");
    fs::create_dir_all(state.join("machines/exam")).expect("a folder");
    fs::write(state.join("machines/exam/machine.json"), "{}").expect("a file");
    let list = |learner: &Learner| {
        let mut command = as_nobody(learner, &["practice", "list"]);
        // Where there is a sudo, it is asked, as for every other word.
        command.env("ROOTLESS_LAB_STATE", &state).env("PATH", "/var/empty");
        finish(command)
    };
    fs::set_permissions(state.join("machines/exam"), Permissions::from_mode(0o000)).expect("a closed folder");
    let said = list(&learner);
    let errors = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.code() == Some(4) && errors.contains("practice machines need root"), "{said:?}");
    assert!(said.stdout.is_empty(), "{said:?}");
}

#[test]
fn a_list_of_machines_that_cannot_be_written_is_an_error() {
    let learner = Learner::new();
    let mut command = learner.command(&["practice", "list"]);
    command.env("ROOTLESS_LAB_STATE", learner.place("none"));
    let full = fs::File::options().write(true).open("/dev/full").expect("a full device");
    let ended = command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).output().expect("it runs");
    assert_eq!(ended.status.code(), Some(6), "{}", String::from_utf8_lossy(&ended.stderr));
}

/// The program as an account without rights, to whom everything of the learner's belongs.
pub fn as_nobody(learner: &Learner, arguments: &[&str]) -> Command {
    as_account(learner, 65_534, arguments)
}

pub fn as_account(learner: &Learner, uid: u32, arguments: &[&str]) -> Command {
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
    let mut command = as_nobody(&learner, &["start", "--here", "tale", "--yes"]);
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
    let mut command = first.command(&["start", "--here", "tale", "--yes"]);
    on_a_small_disk(&first, &mut command, "size=4k,nr_inodes=1");
    goes_on_unsaved(&first, command, "No space left");

    // It is filled while the lab runs, and there is room again later.
    let second = learner();
    let mut command = second.command(&["start", "--here", "tale", "--yes"]);
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
        (":step 99", "There is no step 99: the lesson has steps 1 to 2"),
        (":step 0", "There is no step 0"),
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
    command.args(["-c", r#"mkdir gone; cd gone; rmdir ../gone; exec "$0" start --here tale --yes"#, PROGRAM]);
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());

    // Without HOME the account's own home counts; an account that is none has nowhere.
    let mut command = learner.command(&["start", "--here", "tale"]);
    command.env_remove("HOME");
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(r"\[1/2[^\]]*\] ", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    if !have_root() {
        return;
    }
    let mut command = as_account(&learner, 54_321, &["start", "--here", "tale", "--yes"]);
    command.env_remove("HOME").env_remove("XDG_STATE_HOME").env("PS1", "here> ");
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(r"(?s)cannot\s+be\s+saved.*HOME", PATIENCE);
    lab.wait(r"\[1/2[^\]]*\] ", PATIENCE);
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait("Step 2 of", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    let mut status = as_account(&learner, 54_321, &["status", "--lesson", "tale"]);
    status.env_remove("HOME").env_remove("XDG_STATE_HOME");
    refused(&finish(status), 4, "set HOME");
}

#[test]
fn where_root_may_not_mount_anything_no_machine_is_begun() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let state = learner.place("machines");
    let mut command = Command::new("setpriv");
    command.args(["--bounding-set", "-sys_admin", PROGRAM, "practice", "create", "one", "--yes"]);
    command.env("ROOTLESS_LAB_STATE", &state);
    refused(&finish(command), 4, "does not let root mount anything.*CAP_SYS_ADMIN");
    assert!(!state.join("machines").exists() && !state.join("base").exists(), "nothing was made");
}
