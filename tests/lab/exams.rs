//! Sitting an exam on this host: what is asked, what the login is, what is kept, and what nobody can break.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rootless_lab::exam::{Answer, Attempt, Attempts, Event, Leaving, Phase, Shelf, Source};
use terminal::Terminal;

use crate::changes::Changes;
use crate::exam_seat::{Alive, CLOCK, DONE, leave, lines, text};
use crate::rig::{Learner, PATIENCE, PROGRAM, finish, have_root, refused};

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
    leave(&mut learner.sit(&["trial"]).at(CLOCK));
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
                if !places.iter().any(|(known, _)| *known == entry) && entry.is_dir() {
                    places.push((entry.clone(), Changes::of(&entry)));
                    points += 1;
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

/// A terminal that was waited for.
trait At {
    fn at(self, prompt: &str) -> Terminal;
}

impl At for Terminal {
    fn at(mut self, prompt: &str) -> Terminal {
        self.wait(prompt, PATIENCE);
        self
    }
}

#[test]
fn start_up_files_can_neither_take_the_clock_away_nor_break_the_login() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    for (what, profile) in [
        ("it prints", "echo hello; printf 'no end of line'"),
        ("it sets its own prompt each time", "PROMPT_COMMAND='PS1=\"here> \"'"),
        ("it ends at the first mistake", "set -eu; trap 'echo a mistake' ERR"),
        ("it shows every command", "set -x; PS4='+ '"),
        ("its prompt cannot be set by others", "readonly PROMPT_COMMAND"),
        (
            "no file is written over, no word is split, none is found",
            "set -o noclobber -f; IFS=0; shopt -s nocasematch",
        ),
        (
            "commands have other names",
            "alias printf=false read=false if=false history=false; history() { false; }; set -o posix",
        ),
        ("a trap stands before every command", "trap 'true debug' DEBUG; set -T"),
        ("no history is kept", "set +o history; HISTCONTROL=ignoreboth; HISTTIMEFORMAT='%F '"),
    ] {
        learner.profile(profile);
        let mut login = learner.sit(&["trial", "--yes"]);
        if profile.contains("readonly") {
            login.wait("here> $", PATIENCE);
        } else {
            login.wait(CLOCK, PATIENCE);
        }
        login.line("echo w'or'ks");
        login.wait("works\n", PATIENCE);
        login.wait("here> $", PATIENCE);
        assert!(!login.all().contains("__lab"), "{what}: nothing of ours is seen\n{}", login.all());
        if !profile.contains("readonly") && !profile.contains("history") {
            learner.recorded(what, |attempt| lines(attempt).last() == Some(&("echo w'or'ks", Some(0))));
        }
        leave(&mut login);
        assert!(learner.run(&["exam", "abandon", "--yes"]).status.success());
    }
}

#[test]
fn start_up_files_that_hang_or_end_are_left_out_and_the_terminal_is_whole() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    learner.profile("sleep 1000");
    let mut login = learner.sit(&["trial", "--yes"]);
    login.wait(r"their time\. Ctrl-C breaks them off", PATIENCE);
    login.keys("\x03");
    login.wait(CLOCK, PATIENCE);
    leave(&mut login);
    // That one does not listen to ^C, and has the terminal's echo off.
    learner.profile("trap '' INT HUP TERM; stty -echo -icanon; sleep 1000");
    let mut login = learner.sit(&["trial"]);
    login.wait("Your start-up files did not come to an end: this login is without them.", PATIENCE);
    login.wait(r"\[\d+ min\] [^\n]*[$#] $", PATIENCE);
    login.line("stty -a | grep -o ' echo '; echo r'eady'");
    login.wait("echo\\s+ready", PATIENCE);
    leave(&mut login);
    learner.profile("exit 3");
    let mut login = learner.sit(&["trial"]);
    login.wait("this login is without them", PATIENCE);
    login.wait(r"\[\d+ min\] [^\n]*[$#] $", PATIENCE);
    leave(&mut login);
    learner.profile("exec sh -i");
    let mut login = learner.sit(&["trial"]);
    login.wait("turn this login into sh: no clock", PATIENCE);
    login.line("echo st'ill' there");
    login.wait("still there", PATIENCE);
    leave(&mut login);
    assert_eq!((learner.found().breaks(), learner.attempt().logins), (vec![], 4));
}

#[test]
fn a_login_whose_hook_cannot_be_hung_ends_with_its_exit_like_any_other() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    learner.profile("unset PROMPT_COMMAND; readonly PROMPT_COMMAND");
    let mut login = learner.sit(&["trial", "--yes"]);
    login.wait("here> $", PATIENCE);
    let said = leave(&mut login);
    assert!(!login.all().contains("start-up files"), "they came to their end: {said}");
    assert_eq!(learner.attempt().logins, 1);
}

#[test]
fn the_words_of_the_lab_are_no_words_here_and_no_mistake_is_explained() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    let shown = |login: &mut Terminal, line: &str| {
        login.line(line);
        login.wait(CLOCK, PATIENCE)
    };
    for word in [":hint", ":why", ":help", ":check", ":step", ":where"] {
        let said = shown(&mut login, &format!("{word}; echo $?."));
        assert!(said.contains(&format!("{word}: command not found")) && said.contains("127."), "{word}: {said}");
    }
    // A message that a lab explains, with its cause and its way out; here it stands alone.
    let message = "Failed to connect to bus: No medium found";
    let said = shown(&mut login, &format!("echo '{message}' >&2; false"));
    let after = said.rsplit_once(message).map(|(_, after)| after.trim()).unwrap_or_default();
    assert!(regex::Regex::new(r"^\[\d+ min\] here>$").expect("a pattern").is_match(after), "{said}");
    for words in [&["hint"][..], &["why"], &["step"], &["check"]] {
        let said = text(&learner.run(words));
        assert!(!said.contains("It is there."), "{words:?} says nothing of a goal: {said}");
    }
    leave(&mut login);
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
fn no_name_in_the_surroundings_is_more_than_a_name() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    let odd = learner.place("a 'b' \"c\" $(touch pwned) `touch pwned`\n\x1b[31m;touch pwned");
    fs::create_dir_all(odd.join("home")).expect("a folder");
    fs::write(odd.join("home/.profile"), "PS1='here> '\n").expect("a file");
    let odd_command = |arguments: &[&str]| {
        let mut command = learner.command(arguments);
        command.env("HOME", odd.join("home")).env("XDG_STATE_HOME", odd.join("state")).current_dir(odd.join("home"));
        command
            .env("LANG", "$(touch pwned)\n'\"")
            .env("ENV", "$(touch pwned)")
            .env("TERM", "dumb")
            .env("LC_ALL", "xx_YY.UTF-8");
        command.env("PROMPT_COMMAND", "touch pwned-by-no-login-file 2>/dev/null; :").env("POSIXLY_CORRECT", "1");
        command
    };
    let mut login = Terminal::start(odd_command(&["exam", "start", "--here", "trial", "--yes"]), 40, 80);
    login.wait(CLOCK, PATIENCE);
    login.line("pwd -P >/dev/null; echo it'works'");
    login.wait("itworks\n", PATIENCE);
    login.wait(CLOCK, PATIENCE);
    assert!(!String::from_utf8_lossy(&login.raw()).contains("\x1b[31m"), "a path brings no colour");
    leave(&mut login);
    for folder in [odd.join("home"), learner.place("home"), odd.clone()] {
        assert!(!folder.join("pwned").exists(), "{folder:?}");
    }
    assert!(finish(odd_command(&["exam", "status"])).status.success());
    let attempts = Attempts::new(&odd.join("state"));
    let ids = attempts.ids().expect("attempts");
    let found = attempts.folder(&ids[0]).read().expect("a record");
    assert_eq!(found.breaks(), []);
    assert!(lines(&Attempt::of(&found.chain.entries).expect("an attempt"))[0].0.ends_with("echo it'works'"));
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
fn a_narrow_plain_terminal_gets_short_plain_lines() {
    for (plain, no_colour) in [(true, false), (false, true)] {
        let learner = Learner::new();
        learner.exam("trial", 15);
        learner.profile("");
        let arguments: &[&str] = if plain { &["--plain"] } else { &[] };
        let mut command = learner.command(&[&["exam", "start", "--here", "trial"], arguments].concat());
        if no_colour {
            command.env("NO_COLOR", "1");
        }
        let mut login = Terminal::start(command, 24, 40);
        login.wait(r"\[y/N\] $", PATIENCE);
        login.line("y");
        login.wait(r"1\. Number 1[^$]*2\. Number 2[^$]*\] here> $", PATIENCE);
        let raw = String::from_utf8_lossy(&login.raw()).replace("\x1b[?2004h", "");
        assert!(!raw.contains('\x1b'), "{raw:?}");
        let wide: Vec<&str> = raw.lines().filter(|line| line.trim_end().chars().count() > 40).collect();
        // A path has no place to be folded at.
        assert!(wide.iter().all(|line| line.contains('/')), "{wide:?}");
        leave(&mut login);
    }
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

#[test]
fn no_word_of_the_lab_helps_while_an_exam_is_sat() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    let words = [
        &["start", "--here"][..],
        &["check"],
        &["hint"],
        &["step"],
        &["why"],
        &["watch"],
        &["explain", "podman: command not found"],
    ];
    for words in words {
        let said = learner.run(words);
        assert!(said.status.code() == Some(5) && text(&said).contains("an attempt is under way"), "{}", text(&said));
    }
    login.line(&format!("'{PROGRAM}' exam finish"));
    login.wait(DONE, PATIENCE);
    leave(&mut login);
    assert!(!text(&learner.run(&["explain", "podman: command not found"])).contains("under way"));
}
