//! What the login of an exam is: the candidate's own start-up files and surroundings, whatever they are, a plain terminal, and no help.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;

use rootless_lab::exam::{Attempt, Attempts};
use terminal::Terminal;

use crate::exam_seat::{CLOCK, DONE, leave, lines, text};
use crate::rig::{Learner, PATIENCE, PROGRAM, finish};

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
fn no_word_of_the_lab_helps_while_an_exam_is_sat() {
    let learner = Learner::new();
    let mut login = learner.sitting();
    let words = [
        &["start", "--here"][..],
        &["check"],
        &["hint"],
        &["solution"],
        &["man", "mkdir"],
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
