//! Sitting an exam on this host: what is asked, what the login is, what is kept, and what nobody can break.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rootless_lab::exam::{Answer, Event, Leaving, Phase, Shelf, Source};
use terminal::Terminal;

use crate::changes::Changes;
use crate::exam_seat::{Alive, CLOCK, DONE, leave, lines, text};
use crate::rig::{Learner, PATIENCE, PROGRAM, have_root, refused};

#[test]
fn an_exam_says_everything_asks_once_and_a_no_begins_nothing() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    let mut cover = learner.sit(&["trial", "--seed", "7"]);
    let said = cover.wait(r"\[y/N\] $", PATIENCE);
    for wanted in [
        "A trial, and no real exam.",
        "2 tasks, 4 points, 15 minutes",
        "50 per cent",
        "yours to make",
        "records",
        "seed",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    cover.line("n");
    cover.wait("the exam was not begun", PATIENCE);
    assert_eq!(cover.end(PATIENCE).code(), Some(8));
    assert_eq!(learner.attempts().ids().expect("no attempts"), []);
}

#[test]
fn an_exam_from_its_start_to_the_hand_in() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    let sheet = login.all();
    assert!(sheet.contains("1. Number 1") && sheet.contains("There is a file of"), "{sheet}");
    assert!(!sheet.contains("It is there."), "the goals are not the candidate's: {sheet}");
    login.line(&format!("touch '{}' | cat", learner.goal(1).display()));
    login.wait(CLOCK, PATIENCE);
    login.line("false");
    login.wait(CLOCK, PATIENCE);
    login.line("shopt -q login_shell && echo a login: $0; env | grep -ci rootless_lab_[lfe]; echo $?${ENV-}");
    login.wait("a login: -bash\n0\n1\n", PATIENCE);
    login.wait(CLOCK, PATIENCE);
    learner.recorded("the goal turns", |attempt| attempt.turns.iter().any(|turn| turn.answer == Answer::Pass));
    let status = learner.status();
    assert_eq!((&status["phase"], &status["open"], &status["seed"]), (&"running".into(), &true.into(), &7.into()));
    assert!(status["left"].as_u64().is_some_and(|left| left > 700 && left <= 900), "{status}");
    assert!(!status.to_string().contains("pass\""), "how a task stands is not told: {status}");
    let shown = text(&learner.run(&["exam", "tasks"]));
    assert!(sheet.replace('\n', " ").contains(&shown.lines().nth(2).unwrap_or_default().trim().to_owned()), "{shown}");
    let said = leave(&mut login);
    assert!(said.contains("The exam goes on: 14 min left."), "{said}");
    let mut again = learner.sit(&["trial"]);
    again.wait("The attempt trial-1 .seed 7. goes on: 14 min left", PATIENCE);
    again.wait(CLOCK, PATIENCE);
    again.line(&format!("'{PROGRAM}' exam finish"));
    let said = again.wait(DONE, PATIENCE);
    assert!(said.contains("exam grade --reboot"), "{said}");
    leave(&mut again);
    let (found, attempt) = (learner.found(), learner.attempt());
    assert_eq!(found.breaks(), []);
    assert_eq!((attempt.phase, attempt.logins, attempt.open), (Phase::Finished { by_clock: false }, 2, false));
    let lines = lines(&attempt);
    assert_eq!(lines[1], ("false", Some(1)));
    assert!(lines[0].0.starts_with("touch") && lines.len() == 3, "{lines:?}");
    let first = &attempt.commands[0].typed;
    assert_eq!(first.cwd.as_deref().map(Path::new), Some(learner.place("home").as_path()));
    for entry in fs::read_dir(learner.folder().path()).expect("a folder").flatten() {
        assert_eq!(entry.metadata().expect("a file").permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
    let listed = text(&learner.run(&["exam", "list"]));
    assert!(
        listed.contains("trial-1: handed in, no reboot has proven it") && listed.contains("rootless-sprint"),
        "{listed}"
    );
}

#[test]
fn the_same_seed_is_the_same_sheet_and_a_name_that_is_taken_is_refused() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    let first = learner.attempt().started.parameters;
    leave(&mut login);
    let given_up = text(&learner.run(&["exam", "abandon", "--yes"]));
    assert!(given_up.contains(&format!("sudo userdel {}", first["user"])), "{given_up}");
    for (seed, same) in [("7", true), ("8", false)] {
        let mut login = learner.sit(&["trial", "--yes", "--seed", seed]);
        login.wait(CLOCK, PATIENCE);
        assert_eq!(learner.attempt().started.parameters == first, same, "seed {seed}");
        leave(&mut login);
        assert!(learner.run(&["exam", "abandon", "--yes"]).status.success());
    }
    let file = learner.exam("trial", 15).join("exam.yaml");
    let taken = fs::read_to_string(&file).expect("a file").replace("user: {words: 2}", "user: {from: [daemon, bin]}");
    fs::write(&file, taken).expect("a file");
    let mut refused = learner.sit(&["trial", "--yes", "--seed", "1"]);
    refused.wait("the account (daemon|bin) is there already", PATIENCE);
    assert_eq!(refused.end(PATIENCE).code(), Some(4));
    assert_eq!(learner.attempts().ids().expect("attempts").len(), 3, "nothing was begun");
    // What the one outside of a practice machine proposes is a beginning: nobody asked for it.
    let text = fs::read_to_string(&file).expect("a file").replace("[daemon, bin]", "[daemon, bin, nobody-yet]");
    fs::write(&file, &text).expect("a file");
    let source = Source { file: "exams/trial/exam.yaml".into(), text };
    let user = |seed: &u64| Shelf::default().drawn(&source, *seed).expect("an exam").parameters["user"].clone();
    let seed = (0..).find(|seed| user(seed) == "bin").expect("a seed").to_string();
    let mut login = learner.sit(&["trial", "--yes", "--proposed", &seed]);
    login.wait(CLOCK, PATIENCE);
    assert_eq!(learner.attempt().started.parameters["user"], "nobody-yet");
    leave(&mut login);
}

#[test]
fn when_the_time_is_over_what_runs_is_let_alone_and_the_next_prompt_says_it() {
    let learner = Learner::new();
    learner.profile("");
    learner.began(1, 52, None);
    let mut login = learner.sit(&["trial"]);
    login.wait(r"\[\d s\] here> $", PATIENCE);
    login.line("sleep 10; echo it ran on");
    login.wait("it ran on\n", PATIENCE);
    login.wait("The time is over: what is there now is handed in.", PATIENCE);
    login.wait(r"\] here> $", PATIENCE);
    learner.recorded("it is handed in", |attempt| attempt.phase == Phase::Finished { by_clock: true });
    login.line("true late");
    login.wait(r"\] here> $", PATIENCE);
    // The prompt learns of it from a file beside the record, a moment later.
    let soon = Instant::now() + PATIENCE;
    while !login.screen().trim_end().ends_with("[handed in] here>") {
        assert!(Instant::now() < soon, "{}", login.screen());
        login.line("");
        login.wait(r"\] here> $", PATIENCE);
    }
    learner.recorded("what is done afterwards is written down too", |attempt| {
        attempt.typed_after.iter().any(|typed| typed.line == "true late")
    });
    let attempt = learner.attempt();
    let late = &attempt.commands[0];
    assert!(late.used > 60_000_000 && late.typed.line.starts_with("sleep 10"), "{attempt:?}");
    let (typed, after) = (attempt.commands.len(), attempt.typed_after.len());
    assert_eq!((typed, after, attempt.misplaced.len()), (1, 1, 0), "it counts for nothing");
    learner.recorded("what is handed in is looked at, though the login stays", |attempt| attempt.grades.len() == 1);
    leave(&mut login);
    assert_eq!(learner.attempt().grades.len(), 1, "once");
    // Gone on with by nobody: the clock hands it in all the same.
    learner.began(1, 90, None);
    let mut login = learner.sit(&["trial"]);
    login.wait("The time is over, and the exam is handed in.", PATIENCE);
    assert!(login.end(PATIENCE).success());
    let attempt = learner.attempt();
    assert_eq!((attempt.phase, attempt.grades.len()), (Phase::Finished { by_clock: true }, 1));
}

#[test]
fn whatever_kills_it_the_record_is_whole_and_the_same_command_goes_on() {
    let learner = Learner::new();
    leave(&mut learner.sitting());
    let mut acknowledged = 0;
    for round in 0..8_u64 {
        let mut login = learner.sit(&["trial"]);
        login.wait(CLOCK, PATIENCE);
        // Asked as the very login, to see that it is gone afterwards.
        login.line("echo pid=$$.");
        let said = login.wait(r"pid=(\d+)\.\n", PATIENCE);
        login.wait(CLOCK, PATIENCE);
        let bash: i32 = said
            .rsplit_once("pid=")
            .and_then(|(_, rest)| rest.split_once('.'))
            .map_or(0, |(pid, _)| pid.parse().unwrap_or(0));
        let bash = Alive::now(bash);
        learner.recorded("the line is written down", |attempt| attempt.commands.len() > acknowledged);
        acknowledged = learner.attempt().commands.len();
        login.line(&format!("true {round}; sleep 0.0{round}"));
        login.pass(Duration::from_millis(round * 37 % 150));
        let signal = if round % 2 == 0 { Signal::SIGKILL } else { Signal::SIGHUP };
        kill(Pid::from_raw(login.pid()), signal).expect("it runs");
        login.end(PATIENCE);
        // The login is gone too.
        bash.ends();
        let attempt = learner.attempt();
        assert!(attempt.commands.len() >= acknowledged, "round {round}");
        assert_eq!(attempt.phase, Phase::Running);
        acknowledged = attempt.commands.len();
    }
    leave(&mut learner.again());
    let (found, attempt) = (learner.found(), learner.attempt());
    assert_eq!((found.breaks(), attempt.logins, attempt.misplaced.len()), (vec![], 10, 0));
    let left = |how: Leaving| found.chain.entries.iter().filter(|entry| entry.event == Event::Left { how }).count();
    assert_eq!((left(Leaving::Unknown), left(Leaving::Lost), left(Leaving::Exit)), (4, 4, 2));
}

#[test]
fn a_start_that_is_killed_at_any_point_has_begun_an_attempt_or_none() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    learner.profile("");
    let exams = learner.attempts().place().to_owned();
    let (mut none, mut whole, mut all) = (0, 0, false);
    for most in 0.. {
        let _ = fs::remove_dir_all(&exams);
        fs::create_dir_all(&exams).expect("a folder");
        // Each thing that is done to a file of the attempt is a point; its folder has a name of its own each time.
        let mut places = vec![(exams.clone(), Changes::of(&exams))];
        let mut start = learner.sit(&["trial", "--yes"]);
        let mut points = 0;
        while points < most && !all {
            points += places.iter().map(|(_, place)| place.come(Duration::from_micros(50))).sum::<usize>();
            for entry in fs::read_dir(&exams).expect("a folder").flatten().map(|entry| entry.path()) {
                if places.iter().any(|(known, _)| *known == entry) || !entry.is_dir() {
                    continue;
                }
                // The start gives its folder another name under way: one that is gone has it the next time round.
                match Changes::asked(&entry) {
                    Err(Errno::ENOENT) => {}
                    place => {
                        places.push((entry, place.expect("it can be watched")));
                        points += 1;
                    }
                }
            }
            all = start.all().ends_with("min] here> ");
        }
        kill(Pid::from_raw(start.pid()), Signal::SIGKILL).expect("it runs");
        start.end(PATIENCE);
        let said = learner.run(&["exam", "status"]);
        assert!(!text(&said).contains("left out"), "after {most}: {}", text(&said));
        match learner.attempts().ids().expect("attempts").len() {
            0 => none += 1,
            1 => {
                assert!(said.status.success() && learner.found().breaks().is_empty(), "after {most}: {}", text(&said));
                whole += 1;
            }
            more => panic!("{more} attempts"),
        }
        if all || most > 200 {
            break;
        }
    }
    assert!(all && none > 2 && whole > 2, "{none} {whole}");
    leave(&mut learner.again());
    assert_eq!(learner.attempts().ids().expect("attempts").len(), 1);
}

#[test]
fn the_first_screen_of_the_containers_exam_says_what_became_of_that_section() {
    let learner = Learner::new();
    let mut cover = learner.sit(&["ex200-containers", "--seed", "7"]);
    let said = cover.wait(r"\[y/N\] $", PATIENCE);
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("for RHEL 8 and RHEL 9 have a section on managing containers"), "{said}");
    assert!(flat.contains("Those for RHEL 10, as published when this was written, no longer have it."), "{said}");
    cover.line("n");
    cover.wait("the exam was not begun", PATIENCE);
    assert_eq!(cover.end(PATIENCE).code(), Some(8));
}

#[test]
fn a_hash_or_a_key_that_was_typed_is_left_out_of_the_record() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    let hash = "$6$rounds=5000$saltsalt$Qnqnb9TM8w/vo9ztBoRDg09Zl4x.Iindhg/zM6DIabcdefghijklmnopqrstuv0";
    for line in [
        format!(": useradd -p '{hash}' bob"),
        format!(": useradd -p'{hash}' eve; : one more"),
        format!(" : not kept by the history {}", hash.replace('$', "\\$")),
        ": '-----BEGIN OPENSSH PRIVATE KEY-----' b3BlbnNzaC1rZXktdjEAAAAA".to_owned(),
        ": no secret".to_owned(),
    ] {
        login.line(&line);
        login.wait(CLOCK, PATIENCE);
    }
    learner
        .recorded("the last line is written down", |attempt| lines(attempt).last() == Some(&(": no secret", Some(0))));
    let record = fs::read_to_string(learner.folder().path().join("record.jsonl")).expect("a record");
    for secret in ["saltsalt", "Qnqnb9TM8w", "b3BlbnNzaC1rZXk"] {
        assert!(!record.contains(secret), "{secret}: {record}");
    }
    let attempt = learner.attempt();
    let kept: Vec<&str> = lines(&attempt).iter().map(|(line, _)| *line).collect();
    assert_eq!(kept[0], ": useradd -p (hidden) bob", "the rest of the line is evidence");
    assert_eq!(kept[1], ": useradd -p(hidden) eve; : one more");
    assert!(kept[3].contains("(hidden)"), "{kept:?}");
    leave(&mut login);
}

#[test]
fn without_a_terminal_or_an_attempt_it_says_what_to_do() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    refused(&learner.run(&["exam", "start", "--here", "trial", "--yes"]), 4, "needs a terminal");
    for words in [&["exam", "status"][..], &["exam", "tasks"], &["exam", "finish"]] {
        refused(&learner.run(words), 4, "there is no attempt at an exam here.*exam start NAME");
    }
    refused(&learner.run(&["exam", "abandon", "--yes"]), 4, "no attempt is under way");
    refused(&learner.run(&["exam", "status", "nonsense"]), 2, "not the name of an attempt");
    assert!(learner.run(&["exam", "list"]).status.success());
    learner.began(5, 1, None);
    refused(&learner.run(&["exam", "abandon"]), 8, "nobody was asked");
    assert_eq!(learner.attempt().phase, Phase::Running);
    let mut other = learner.sit(&["rootless-sprint", "--yes"]);
    other.wait("an attempt at trial is under way .trial-1.", PATIENCE);
    other.wait(r"`rootless-lab exam abandon`\s+gives it up", PATIENCE);
    assert_eq!(other.end(PATIENCE).code(), Some(5));
    let mut unknown = learner.sit(&["trail"]);
    unknown.wait("is under way", PATIENCE);
    assert_eq!(unknown.end(PATIENCE).code(), Some(5));
    assert!(learner.run(&["exam", "abandon", "--yes"]).status.success());
    let mut unknown = learner.sit(&["trail"]);
    unknown.wait("is `trial` meant", PATIENCE);
    assert_eq!(unknown.end(PATIENCE).code(), Some(3));
}

#[test]
fn one_login_at_a_time_and_a_hand_in_from_elsewhere_is_seen_at_the_next_prompt() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    let mut second = learner.sit(&["trial"]);
    second.wait("this attempt is open already", PATIENCE);
    assert_eq!(second.end(PATIENCE).code(), Some(5));
    assert!(text(&learner.run(&["exam", "finish"])).contains("The exam is handed in."));
    login.line("true");
    login.wait(DONE, PATIENCE);
    leave(&mut login);
    refused(&learner.run(&["exam", "abandon", "--yes"]), 4, "no attempt is under way");
}

#[test]
fn a_full_disk_loses_nothing_and_says_so_at_the_prompt() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    learner.exam("trial", 15);
    learner.profile("");
    let state = learner.place("state");
    let mut command = Command::new("sh");
    command.args(["-c", r#"mount -t tmpfs -o size=300k none "$1" && exec "$2" exam start --here trial --yes"#, "sh"]);
    command.arg(&state).arg(PROGRAM);
    learner.dress(&mut command);
    let mut login = Terminal::start(command, 40, 80);
    login.wait(CLOCK, PATIENCE);
    login.line(&format!("dd if=/dev/zero of='{}/fill' bs=1k 2>/dev/null; echo f'ull'", state.display()));
    login.wait("full\n", PATIENCE);
    login.wait(CLOCK, PATIENCE);
    // Longer than what is left of the record's last page.
    let long = "x".repeat(3000);
    for word in ["one", "two"] {
        login.line(&format!(": {word} {long}"));
        login.wait(CLOCK, PATIENCE);
    }
    // The record is written beside the login: what became of it is said at the next prompt that knows.
    let said = |login: &mut Terminal, wanted: &str| {
        let until = Instant::now() + PATIENCE;
        while !login.all().split_whitespace().collect::<Vec<_>>().join(" ").contains(wanted) {
            assert!(Instant::now() < until, "{wanted}: {}", login.screen());
            login.line("");
            login.wait(CLOCK, PATIENCE);
        }
    };
    said(&mut login, "The exam's record cannot be written: no room left for");
    login.line(&format!("rm '{}/fill'", state.display()));
    login.wait(CLOCK, PATIENCE);
    login.line(": three");
    login.wait(CLOCK, PATIENCE);
    said(&mut login, "is written again, and nothing of it was lost");
    // What waits is written by itself, and not at the very prompt that saw the room.
    let record = state.join("rootless-lab/exams/trial-1/record.jsonl");
    login.line(&format!("until grep -q three '{}'; do sleep 0.1; done", record.display()));
    login.wait(CLOCK, PATIENCE);
    login.line(&format!("grep -o '\": [a-z]*' '{}' | tr -d '\n\": '; echo .", record.display()));
    login.wait(r"onetwothree\.", PATIENCE);
    leave(&mut login);
}
