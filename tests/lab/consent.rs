//! Who is asked before a lesson from elsewhere runs, what is shown, and what is asked again after a change.

// A test's support may fail a test.
#![allow(clippy::expect_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

use rootless_lab::store::Agreed;
use terminal::Terminal;

use crate::bad_input::file;
use crate::changes::Changes;
use crate::rig::{Learner, PATIENCE, PROGRAM, PROMPT, finish, have_root, lesson, one_step, refused};

/// A learner with the lesson `tale`, which brings a program and clean-up lines, and to which nobody has agreed.
fn learner() -> Learner {
    let learner = Learner::new();
    let goals = [("file", "{path: {path: /nowhere}}", ""), ("own", "{program: {file: programs/look, as: games}}", "")];
    let head = "accounts:\n  - {name: games, role: member}\nclean-up: [\"sudo rm -f /tmp/x\"]\n";
    let text = lesson(&one_step(1, &goals)).replace("accounts:\n  - {name: games, role: member}\n", head);
    let file = learner.lesson("tale", text);
    let program = file.with_file_name("programs").join("look");
    fs::create_dir(program.parent().expect("a folder")).expect("a folder");
    fs::write(&program, "#!/bin/sh\necho '{\"verdict\":\"fail\"}'\n").expect("a file");
    fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("a file");
    learner
}

/// The program as it comes to somebody who has agreed to nothing.
fn unasked(learner: &Learner, arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(PROGRAM);
    command.args(arguments);
    learner.dress(&mut command);
    command
}

#[test]
fn a_lesson_from_elsewhere_is_shown_once_with_what_it_may_do_and_a_change_asks_again() {
    let learner = learner();
    let start = || Terminal::start(unasked(&learner, &["start", "--here", "tale"]), 24, 80);
    let mut lab = start();
    let said = lab.wait(r"May it run here\? \[y/N\] $", PATIENCE).split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in [
        "A lesson from /",
        "games (is there from the start)",
        "with the eyes of games, and changes nothing",
        "runs programs/look as games, without new privileges, at most 5s",
        "sudo rm -f /tmp/x",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    lab.line("");
    lab.wait("was not run", PATIENCE);
    assert_eq!(lab.end(PATIENCE).code(), Some(8));

    let mut lab = start();
    lab.wait(r"\[y/N\] $", PATIENCE);
    lab.line("y");
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());

    let mut lab = start();
    lab.wait(PROMPT, PATIENCE);
    assert!(!lab.all().contains("[y/N]"), "asked once: {}", lab.all());
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());

    fs::write(learner.place("lessons/tale/programs/look"), "#!/bin/sh\nexit 1\n").expect("a file");
    let mut lab = start();
    let said = lab.wait(r"\[y/N\] $", PATIENCE).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("Its files are not the ones that you agreed to."), "{said}");
    lab.keys("\x04");
    lab.wait("was not run", PATIENCE);
    assert_eq!(lab.end(PATIENCE).code(), Some(8));
}

#[test]
fn a_program_that_changes_while_the_lab_is_open_is_run_no_more() {
    if !have_root() {
        return;
    }
    let learner = learner();
    let program = learner.place("lessons/tale/programs/look");
    let runs = learner.place("runs");
    fs::write(&runs, "").expect("a file");
    fs::set_permissions(&runs, Permissions::from_mode(0o666)).expect("a file");
    let says = |found: &str| {
        let line = format!("echo {found} >>{}", runs.display());
        let text = format!("#!/bin/sh\n{line}\necho '{{\"verdict\":\"fail\",\"found\":\"{found}\"}}'\n");
        fs::write(&program, text).expect("a file");
    };
    let ran = || fs::read_to_string(&runs).expect("a file");
    says("what was agreed to");
    let mut lab = Terminal::start(unasked(&learner, &["start", "--here", "--yes", "tale"]), 24, 80);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":check");
    lab.wait("what was agreed to", PATIENCE);
    assert!(ran().contains("what was agreed to"));
    // A look that is under way has compared the files already: it is let come to its end.
    // It says nothing when it is over, so what is waited for is that nothing more comes.
    let running = Changes::of(&runs);
    while running.come(Duration::from_secs(1)) > 0 {}

    says("another one");
    lab.line(":check");
    lab.wait(r"no\s+longer\s+those\s+that\s+you\s+agreed\s+to", PATIENCE);
    assert!(!ran().contains("another one"), "{}", ran());

    says("what was agreed to");
    let before = ran().len();
    lab.line(":check");
    lab.wait(r"found:\s+what was agreed to", PATIENCE);
    assert!(ran().len() > before, "the same files may run again");
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
}

#[test]
fn without_a_terminal_a_lesson_from_elsewhere_is_refused_in_one_line_unless_yes_is_said() {
    let learner = learner();
    for command in ["start --here tale", "check --lesson tale", "watch --here tale"] {
        let words: Vec<&str> = command.split(' ').collect();
        let said = refused(&finish(unasked(&learner, &words)), 8, "lesson `tale` is new here.*`--yes` agrees");
        assert_eq!(said.lines().filter(|line| line.starts_with("rootless-lab:")).count(), 1, "{said}");
    }
    let check = |more: &[&str]| finish(unasked(&learner, &[&["check", "--lesson", "tale"], more].concat()));
    assert_eq!(check(&["--yes"]).status.code(), Some(1), "it looked, and a goal is red");
    assert_eq!(check(&[]).status.code(), Some(1), "the yes is kept");
    let record = learner.place("state/rootless-lab/agreed.json");
    assert_eq!(fs::metadata(&record).expect("a record").permissions().mode() & 0o777, 0o600);
    fs::write(learner.place("lessons/tale/more"), "").expect("a file");
    refused(&check(&[]), 8, "lesson `tale` has changed since");
    // What runs nothing asks nothing.
    assert!(finish(unasked(&learner, &["status", "--lesson", "tale"])).status.success());
    assert!(finish(unasked(&learner, &["check", "--lesson", "rootless-containers"])).status.code() != Some(8));
}

#[test]
fn a_folder_with_links_or_a_program_among_gits_files_is_refused_whoever_says_yes() {
    let learner = learner();
    let check = || finish(unasked(&learner, &["check", "--lesson", "tale", "--yes"]));
    let link = learner.place("lessons/tale/programs/link");
    symlink("/bin/true", &link).expect("a link");
    refused(&check(), 3, "programs/link is a link.*a folder of its own");
    fs::remove_file(&link).expect("a file");
    let step = one_step(1, &[("file", &file("/x"), ""), ("own", "{program: {file: .git/look, as: games}}", "")]);
    learner.lesson("tale", lesson(&step));
    refused(&check(), 3, r"\.git/look lies where git keeps its own");
    let agreed = Agreed::new(&learner.place("state"));
    let folder = learner.place("lessons/tale").canonicalize().expect("a folder");
    assert_eq!(agreed.standing(&folder, ""), rootless_lab::store::Standing::New);
}
