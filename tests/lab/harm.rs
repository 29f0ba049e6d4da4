//! What a candidate may do to an attempt, and to the means of looking, while it is sat and graded; and what the names and lines of one who
//! means harm come to in every report. Nothing is lost that was written, nothing is awarded for it, and the terminal is whole.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs;
use std::process::Command;

use nix::sys::inotify::AddWatchFlags;
use nix::sys::termios::LocalFlags;
use rootless_lab::exam::{Answer, Event, Phase};

use crate::changes::Changes;
use crate::exam_seat::{CLOCK, DONE, leave, lines, text};
use crate::grading::{grades, handed_in};
use crate::observers;
use crate::rig::{Learner, PATIENCE, PROGRAM, finish, have_root, refused};

/// What is typed: a file's text, a directory and a line that would be more than text where they are not.
const TYPED: [&str; 3] = [
    r#"printf '%s' "<script>alert('1')</script> \"q\" & ]]> --> =1+1" >"$GOAL""#,
    r#"mkdir -p $'x\n\e[31m<script>y' && cd $'x\n\e[31m<script>y'"#,
    r#": '</pre><img src=x onerror=alert(1)>' "&lt;" `true` $'\e]0;title\a' {{ seed }}"#,
];

#[test]
fn whatever_a_candidate_names_and_types_is_text_in_every_report() {
    let learner = Learner::new();
    let file = learner.exam("trial", 15).join("exam.yaml");
    let wanted = format!("path: {}", learner.goal(1).display());
    let exam = fs::read_to_string(&file).unwrap().replace(&wanted, &format!("{wanted}, text: good"));
    fs::write(&file, exam).unwrap();
    learner.profile(&format!("GOAL='{}'", learner.goal(1).display()));
    let mut login = learner.sit(&["trial", "--yes"]);
    login.wait(CLOCK, PATIENCE);
    for line in TYPED {
        login.line(line);
        login.wait(CLOCK, PATIENCE);
    }
    login.line(&format!("'{PROGRAM}' exam finish"));
    login.wait(DONE, PATIENCE);
    leave(&mut login);
    let attempt = learner.attempt();
    assert_eq!(lines(&attempt), TYPED.map(|line| (line, Some(0))));
    assert!(attempt.commands[2].typed.cwd.as_deref().is_some_and(|cwd| cwd.ends_with("x\n\x1b[31m<script>y")));

    let said = |words: &[&str]| {
        let output = learner.run(words);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(!said.contains('\x1b') && !said.contains('\x07'), "{words:?}: {said:?}");
        said
    };
    let graded = said(&["exam", "grade"]);
    assert!(graded.contains("0 of 4 points") && graded.contains("<script>alert('1')</script>"), "{graded}");
    let json: serde_json::Value = serde_json::from_str(&said(&["exam", "report", "--format", "json"])).unwrap();
    let found = json["tasks"][0]["goals"][0]["predicted"]["found"].as_str().unwrap();
    assert!(found.contains("<script>alert('1')</script> \"q\" & ]]> --> =1+1"), "{found}");
    for format in ["html", "junit"] {
        let said = said(&["exam", "report", "--format", format]);
        assert!(!said.contains("<script") && !said.contains("<img"), "{format}: {said}");
        assert!(said.contains("&lt;script") || said.contains("&#60;script"), "{format}: {said}");
    }
    let csv = said(&["exam", "report", "--format", "csv"]);
    assert!(csv.contains(r#"<script>alert('1')</script> ""q"" "#), "{csv}");
    said(&["exam", "review"]);
    said(&["exam", "status"]);
    said(&["exam", "history"]);
    assert_eq!(learner.run(&["exam", "verify", "trial-1"]).status.code(), Some(0));
}

#[test]
fn an_attempt_of_a_newer_program_is_named_by_every_command_and_touched_by_none() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    assert_eq!(learner.run(&["exam", "grade"]).status.code(), Some(1));
    let record = folder.path().join("record.jsonl");
    let whole = fs::read_to_string(&record).unwrap();
    let first = whole.lines().next().unwrap().rsplit_once(",\"hash\"").unwrap().0;
    let body = first.replacen("\"version\":2", "\"version\":9", 1);
    let newer = format!("{body},\"hash\":\"{}\"}}\n", rootless_lab::exam::digest(body.as_bytes()));
    fs::write(&record, &newer).unwrap();
    for words in [
        &["exam", "status", "files-1"][..],
        &["exam", "tasks", "files-1"],
        &["exam", "report", "files-1"],
        &["exam", "review", "files-1"],
        &["exam", "grade", "files-1"],
        &["exam", "grade", "--reboot", "--yes", "files-1"],
        &["exam", "dispute", "files-1", "t1/file"],
    ] {
        let output = learner.run(words);
        assert!(text(&output).contains("newer rootless-lab"), "{words:?}: {}", text(&output));
        refused(&output, 6, "the rootless-lab that wrote it");
    }
    for words in
        [&["exam", "list"][..], &["exam", "history"], &["exam", "regrade", "files-1"], &["exam", "verify", "files-1"]]
    {
        assert!(text(&learner.run(words)).contains("newer"), "{words:?}: {}", text(&learner.run(words)));
    }
    // Nor does it stand in the way of another one.
    refused(&learner.run(&["exam", "abandon", "--yes"]), 4, "no attempt is under way");
    leave(&mut learner.sitting());
    assert_eq!(learner.attempts().ids().unwrap().len(), 2);
    assert_eq!(fs::read_to_string(&record).unwrap(), newer);
}

#[test]
fn a_login_whose_files_are_removed_goes_on_without_its_clock_and_what_was_written_is_handed_in() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    login.line("true before");
    login.wait(CLOCK, PATIENCE);
    learner.recorded("the line is written down", |attempt| attempt.commands.len() == 1);
    let folder = learner.folder().path().to_owned();
    let beside: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    assert!(!beside.is_empty());
    beside.iter().for_each(|path| fs::remove_dir_all(path).unwrap());
    login.line("echo st'ill' there");
    let said = login.wait(r"still there\n\[[^\]]*\] here> $", PATIENCE);
    assert!(!said.contains("time over"), "nobody knows the time: {said}");
    // The goals are looked at all the same.
    fs::write(learner.goal(1), "").unwrap();
    learner.recorded("the goal turns", |attempt| attempt.turns.iter().any(|turn| turn.answer == Answer::Pass));
    login.line(&format!("'{PROGRAM}' exam finish"));
    login.wait("The exam is handed in", PATIENCE);
    login.wait(r"\] here> $", PATIENCE);
    leave(&mut login);
    assert!(login.modes().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
    let attempt = learner.attempt();
    assert_eq!((attempt.phase, learner.found().breaks()), (Phase::Finished { by_clock: false }, vec![]));
    assert_eq!(learner.run(&["exam", "grade"]).status.code(), Some(0));
}

#[test]
fn an_attempt_that_is_removed_while_it_is_sat_is_gone_and_said_so_and_the_terminal_is_whole() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    learner.recorded("both are looked at", |attempt| attempt.turns.len() == 2);
    fs::remove_dir_all(learner.folder().path()).unwrap();
    login.line("echo st'ill' there");
    login.wait(r"still there\n\[[^\]]*\] here> $", PATIENCE);
    login.line("exit");
    let said = login.wait("the last of the record could not be written[\\s\\S]*(->|→)", PATIENCE);
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(login.end(PATIENCE).code(), Some(6));
    assert!(login.modes().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
    assert_eq!(learner.attempts().ids().unwrap(), []);
    refused(&learner.run(&["exam", "grade"]), 4, "no attempt");
}

#[test]
fn an_attempt_that_is_removed_while_it_is_graded_is_not_begun_anew() {
    let learner = Learner::new();
    let folder = observers::handed_in(&learner);
    // It is looked at for two seconds.
    let looked = Changes::when(&learner.goal(3), AddWatchFlags::IN_OPEN);
    let program = learner.command(&["exam", "grade"]);
    let grading = std::thread::spawn(move || finish(program));
    assert!(looked.come(PATIENCE) > 0, "nobody looks");
    fs::remove_dir_all(folder.path()).unwrap();
    let output = grading.join().unwrap();
    assert!(output.status.code().is_some_and(|code| code > 1), "{}", text(&output));
    assert_eq!(learner.attempts().ids().unwrap(), [], "{}", text(&output));
}

#[test]
fn without_the_account_that_looks_for_everybody_no_goal_is_right_or_wrong() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let folder = handed_in(&learner);
    fs::write(learner.goal(1), "").unwrap();
    // systemd's part of the names knows it even then.
    let removed = "grep -v ^nobody: /etc/passwd >passwd && echo passwd: files >switch && mount --bind passwd /etc/passwd && \
        mount --bind switch /etc/nsswitch.conf && exec \"$0\" exam grade";
    let mut command = Command::new("bash");
    learner.dress(&mut command);
    command.args(["-c", removed, PROGRAM]);
    let output = finish(command);
    assert_eq!(output.status.code(), Some(7), "{}", text(&output));
    assert!(text(&output).contains("there is no such account"), "{}", text(&output));
    assert_eq!(learner.run(&["exam", "grade"]).status.code(), Some(1));
    let (nobody, all) = ([Answer::Unknown, Answer::Unknown], [Answer::Pass, Answer::Fail]);
    assert_eq!(grades(&folder), [nobody, all]);
    let entries = folder.read().unwrap().chain.entries;
    assert!(entries.iter().all(|entry| !matches!(entry.event, Event::Mended { .. })));
}
