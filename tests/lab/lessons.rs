//! Lessons that are wrong, hostile or not there, and check programs that misbehave.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bad_input::*;
use crate::rig::{Learner, PATIENCE, PROGRAM, PROMPT, finish, have_root, lesson, one_step, refused, steps_shown};

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
    refused(
        &learner.run(&["start", "--here", "something-else"]),
        3,
        "there are: quadlet-containers, rootless-containers, rootless-storage-and-ids, tale",
    );
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
    learner.lesson("tale", lesson(&one_step(1, &[("file", "{path: {path: /x, knd: file}}", "")])));
    refused(&learner.run(&["start", "--here", "tale"]), 3, "has 1 problem .*mend");
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
    assert_eq!(steps_shown(&lab.all()).last(), Some(&1));
}

#[test]
fn a_check_that_hangs_ends_with_its_children_when_nobody_waits_for_it_any_more() {
    if !have_root() {
        return;
    }
    // A lab of root's asks the account's eyes itself; that of somebody with sudo asks root's, and these ask the account's.
    for through_root in [false, true] {
        let learner = Learner::new();
        let program = learner.lesson("tale", "").with_file_name("hangs");
        let begun = learner.place("begun");
        fs::write(&begun, "").expect("a file");
        fs::set_permissions(&begun, Permissions::from_mode(0o666)).expect("a file");
        let text = format!(
            "#!/bin/sh\nsetsid sleep 300 & away=$!; sleep 300 & echo $$ $away $! > {}; wait\n",
            begun.display()
        );
        fs::write(&program, text).expect("a file");
        fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("a file");
        learner
            .lesson("tale", lesson(&one_step(1, &[("hangs", "{program: {file: hangs, as: games, time: 60s}}", "")])));
        let mut command = learner.command(if through_root { &["observer"] } else { &["check", "--lesson", "tale"] });
        let mut asker = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
        if through_root {
            let check = serde_json::json!({"program": {"file": program, "as": "games", "time": "60s"}});
            let question = serde_json::json!({"judge": {"checks": [check], "context": {}}});
            writeln!(asker.stdin.as_mut().expect("a pipe"), "{question}").expect("it is asked");
        }
        let until = Instant::now() + PATIENCE / 2;
        let mut pids = String::new();
        while !pids.ends_with('\n') {
            assert!(Instant::now() < until, "it begins");
            std::thread::yield_now();
            pids = fs::read_to_string(&begun).expect("a file");
        }
        if through_root {
            drop(asker.stdin.take());
        } else {
            asker.kill().expect("a process");
        }
        let until = Instant::now() + PATIENCE / 2;
        let is_there = |pid: &str| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            status.contains("Uid:") && !status.contains("State:\tZ")
        };
        while pids.split_whitespace().any(is_there) {
            assert!(Instant::now() < until, "through root's eyes: {through_root}; it goes on: {pids}");
            std::thread::yield_now();
        }
        asker.wait().expect("a process");
    }
}

#[test]
fn what_was_typed_in_another_way_is_shown_beside_the_lessons_where_it_is_near() {
    for (typed, shown) in
        [("touch -a GOAL", true), ("touch GOAL", false), (": >>GOAL; echo this line is like no other at all", false)]
    {
        let learner = Learner::new();
        let goal = learner.goal(1).display().to_string();
        let step = one_step(1, &[("file", &format!("{{path: {{path: {goal}}}}}"), "")]);
        let steps = step.replace("lines: [touch it]", &format!("lines: [touch {goal}]"));
        learner.lesson("tale", lesson(&(steps + &one_step(2, &[("never", "{path: {path: /no/such}}", "")]))));
        let mut lab = learner.at_prompt("tale");
        lab.line(":check");
        lab.wait("red +The file of 1", PATIENCE);
        lab.wait(PROMPT, PATIENCE);
        lab.line(&typed.replace("GOAL", &goal));
        let said = lab.wait("Done: Number 1(?s:.*)Step 2 of 2", PATIENCE);
        assert_eq!(said.contains("Another way than the lesson's"), shown, "{typed}: {said}");
        assert_eq!(said.contains("touch {-a →} "), shown, "{said}");
    }
}

#[test]
fn in_a_shell_inside_the_other_way_is_shown_as_soon_as_that_shell_is_done_with_the_line() {
    let learner = Learner::new();
    let goal = learner.goal(1).display().to_string();
    let step = one_step(1, &[("file", &format!("{{path: {{path: {goal}}}}}"), "")]);
    let steps = step.replace("lines: [touch it]", &format!("lines: [touch {goal}]"));
    learner.lesson("tale", lesson(&(steps + &one_step(2, &[("never", "{path: {path: /no/such}}", "")]))));
    let mut lab = learner.at_prompt("tale");
    lab.line(":check");
    lab.wait("red +The file of 1", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line("PS1='inside> ' bash --norc");
    lab.wait("inside> $", PATIENCE);
    lab.line(&format!("touch -a {goal}"));
    lab.wait("Done: Number 1", PATIENCE);
    lab.wait("Another way than the lesson's(?s:.*)touch \\{-a →\\} ", PATIENCE);
    lab.wait("inside> $", PATIENCE);
}

#[test]
fn a_question_typed_right_behind_a_command_in_a_shell_inside_knows_of_that_command() {
    for both in ["id\r", "id\rCHECK check\r"] {
        let learner = Learner::new();
        let steps = one_step(1, &[("typed", "{command: {run: id}}", "once: true")]);
        learner.lesson("tale", lesson(&(steps + &one_step(2, &[("never", "{path: {path: /no/such}}", "")]))));
        let mut lab = learner.at_prompt("tale");
        lab.line("PS1='inside> ' bash --norc");
        lab.wait("inside> $", PATIENCE);
        lab.keys(&both.replace("CHECK", PROGRAM));
        if both == "id\r" {
            lab.wait("uid=.*\ninside> ", PATIENCE);
            lab.line(&format!("{PROGRAM} check"));
        }
        lab.wait("The never of 2 is there", PATIENCE);
        lab.wait("inside> $", PATIENCE);
        assert!(!lab.all().contains("red      The typed of 1"), "{both:?}: {}", lab.all());
    }
}

#[test]
fn a_parameter_that_is_set_is_the_lessons_own_word_until_it_is_begun_anew() {
    let learner = Learner::new();
    let words = ["start", "--here", "--yes", "rootless-containers"];
    let started = |set: &[&str]| {
        let mut command = learner.command(&words);
        command.args(set);
        let mut lab = terminal::Terminal::start(command, 24, 80);
        lab.wait(r"\[[12]/20[^\]]*\] ", PATIENCE);
        lab.line(":step 2");
        let said = lab.wait(r"Step 2 of 20(?s:.*)\[2/20[^\]]*\] ", PATIENCE);
        lab.line(":quit");
        assert!(lab.end(PATIENCE).success());
        said
    };
    let said = started(&["--set", "account=webadmin"]);
    assert!(said.contains("webadmin") && !said.contains("conuser1"), "{said}");
    let said = started(&[]);
    assert!(said.contains("webadmin") && !said.contains("conuser1"), "it goes on with what it was begun with: {said}");
    let wrong = learner.run(&["start", "--here", "--set", "acount=web", "rootless-containers"]);
    refused(&wrong, 2, "`acount=web` sets no parameter.*this lesson has: account, administrator, container, image");
}
