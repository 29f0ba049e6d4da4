//! Clocks that jump under an exam: a laptop that was suspended, a machine that was put back to an earlier state, a wall clock that was set
//! forth and back, a reboot. Each jump is told, and none hands in. A suspended machine is a real one to the program: in a time namespace
//! the boot-time clock is ahead, and the clock of the time awake is not. (Nor is the wall clock, which is told as one that was set back.)

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::process::{Command, Output};

use regex::Regex;
use rootless_lab::exam::{Event, Jump, Phase, Reading};
use serde_json::Value;
use terminal::Terminal;

use crate::exam_seat::{CLOCK, DONE, leave, lines, text};
use crate::rig::{Learner, PATIENCE, PROGRAM, finish, have_root};

const S: u64 = 1_000_000;

/// The program on a machine that ran, and slept, for so many seconds more.
fn later(learner: &Learner, awake: i64, up: i64, arguments: &[&str]) -> Command {
    learner.command(&[]);
    let mut command = Command::new("unshare");
    command.args(["--time", "--fork", "--kill-child"]);
    command.arg(format!("--monotonic={awake}")).arg(format!("--boottime={up}")).arg("--").arg(PROGRAM).args(arguments);
    learner.dress(&mut command);
    command
}

fn status(said: &Output) -> Value {
    serde_json::from_slice(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(said)))
}

/// The seconds of the newest jump of this kind in a status.
fn newest(status: &Value, kind: &str) -> Option<i64> {
    let jumps = status["jumps"].as_array().unwrap();
    let by = jumps.iter().rev().find_map(|jump| jump["jump"][kind]["by"].as_i64())?;
    Some((by + by.signum() * 500_000) / 1_000_000)
}

/// What is said, in one line.
fn flat(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_laptop_that_was_suspended_is_told_so_and_its_time_hands_nothing_in() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let mut login = learner.sitting();
    login.line("true before");
    login.wait(CLOCK, PATIENCE);
    // The lid was closed for ten minutes: whoever asks is told, and nothing is written for asking.
    learner.recorded("all is written down", |attempt| (attempt.turns.len(), attempt.commands.len()) == (2, 1));
    let before = learner.found();
    let asked = finish(later(&learner, 0, 600, &["exam", "status", "--json"]));
    let told = status(&asked);
    assert!(newest(&told, "suspended").is_some_and(|by| (598..=602).contains(&by)), "{told}");
    assert!(told["left"].as_u64().is_some_and(|left| (200..=300).contains(&left)), "{told}");
    assert_eq!((&told["phase"], &told["certain"], learner.found()), (&"running".into(), &true.into(), before));
    let said = flat(&text(&finish(later(&learner, 0, 600, &["exam", "status"]))));
    assert!(Regex::new(r"the machine was suspended for (9:5|10:0)\d;").unwrap().is_match(&said), "{said}");
    leave(&mut login);

    // A login after that says it above its first prompt, once, and tells the time that is left.
    let mut login = Terminal::start(later(&learner, 0, 600, &["exam", "start", "--here", "trial"]), 40, 80);
    let said = flat(&login.wait(CLOCK, PATIENCE));
    assert!(
        Regex::new(r"A clock jumped\. After \d+:\d\d: the machine was suspended for").unwrap().is_match(&said),
        "{said}"
    );
    assert!(
        said.contains("goes on: 4 min left") && Regex::new(r"\[[45] min\] here>").unwrap().is_match(&said),
        "{said}"
    );
    login.line("true meanwhile");
    let said = login.wait(CLOCK, PATIENCE);
    assert!(!said.contains("suspended"), "{said}");
    leave(&mut login);

    // Asleep for longer than the exam takes.
    let mut login = Terminal::start(later(&learner, 0, 3600, &["exam", "start", "--here", "trial"]), 40, 80);
    let said = flat(&login.wait(r"\[time over\] here> $", PATIENCE));
    assert!(said.contains("By the clock the time is over, but the clock jumped"), "{said}");
    login.line("true late");
    login.wait(r"\[time over\] here> $", PATIENCE);
    let told = status(&finish(later(&learner, 0, 3600, &["exam", "status", "--json"])));
    assert_eq!((&told["phase"], &told["certain"]), (&"running".into(), &false.into()), "{told}");
    login.line(&format!("'{PROGRAM}' exam finish"));
    login.wait(DONE, PATIENCE);
    leave(&mut login);
    let attempt = learner.attempt();
    assert_eq!((attempt.phase, learner.found().breaks()), (Phase::Finished { by_clock: false }, vec![]));
    let commands: Vec<&str> = lines(&attempt).into_iter().map(|(line, _)| line).collect();
    assert_eq!(commands, ["true before", "true meanwhile", "true late"]);
    let said = flat(&text(&learner.run(&["exam", "report"])));
    assert!(said.contains("the machine was suspended for") && said.contains("passed while it was suspended"), "{said}");
}

#[test]
fn what_is_said_above_a_prompt_is_said_once_however_fast_the_next_one_comes() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    leave(&mut learner.sitting());
    for nth in 1..=5 {
        // Typed before bash is up: one prompt follows the other at once.
        let mut login = Terminal::start(later(&learner, 0, 30 * nth, &["exam", "start", "--here", "trial"]), 40, 80);
        login.keys("true\rtrue\rtrue\recho al''l\r");
        let said = flat(&login.wait(r"\nall\n", PATIENCE));
        assert_eq!(said.matches("the machine was suspended for").count(), 1, "{said}");
        leave(&mut login);
    }
}

#[test]
fn a_machine_that_was_put_back_to_an_earlier_state_goes_on_from_what_was_used() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    leave(&mut learner.sitting());
    // It ran on for five minutes, and then its snapshot of before came back, twice.
    for _ in 0..2 {
        let mut login = Terminal::start(later(&learner, 300, 300, &["exam", "start", "--here", "trial"]), 40, 80);
        login.wait(CLOCK, PATIENCE);
        leave(&mut login);
        let told = learner.status();
        assert!(newest(&told, "returned").is_some_and(|by| (290..=301).contains(&by)), "{told}");
        let said = flat(&leave_again(&learner));
        assert!(
            said.contains("the machine was put back to a state of") && said.contains("nothing is counted for that"),
            "{said}"
        );
    }
    let told = learner.status();
    // Twice five minutes were used, whatever the clock says now.
    assert!(told["left"].as_u64().is_some_and(|left| (200..=300).contains(&left)), "{told}");
    assert_eq!((&told["phase"], &told["certain"]), (&"running".into(), &true.into()), "{told}");
}

/// What a login says until it is left again.
fn leave_again(learner: &Learner) -> String {
    let mut login = learner.again();
    leave(&mut login);
    login.all()
}

#[test]
fn a_wall_clock_that_is_set_back_and_forth_takes_and_gives_no_time() {
    let learner = Learner::new();
    learner.profile("");
    learner.began(15, 120, None);
    let mut folder = learner.folder();
    let began = learner.attempt().began;
    // Nobody's clock is set for this: the record has the readings that such a clock gives, an hour forth, two back, a day forth.
    for (second, wall) in [(20, 3600), (40, -7200), (60, 86_430)] {
        let at = Reading {
            wall: began.wall + (second + wall) * 1_000_000,
            up: began.up + second as u64 * S,
            awake: began.awake + second as u64 * S,
            boot: began.boot.clone(),
        };
        folder.append(&at, &Event::Looked).unwrap();
    }
    let sets = |jumps: &[(u64, Jump)]| -> Vec<i64> {
        jumps
            .iter()
            .filter_map(|(_, jump)| if let Jump::Set { by } = jump { Some(by / 1_000_000) } else { None })
            .collect()
    };
    assert_eq!(sets(learner.attempt().clock.jumps()), [3600, -10_800, 93_630], "and no other jump");
    let told = learner.status();
    // The last one is that of this test's own clock, which is right.
    assert_eq!(newest(&told, "set"), Some(-86_430), "{told}");
    assert!(told["left"].as_u64().is_some_and(|left| (740..=780).contains(&left)), "{told}");
    assert_eq!((&told["phase"], &told["certain"]), (&"running".into(), &true.into()), "{told}");
    let mut login = learner.sit(&["trial"]);
    let said = flat(&login.wait(CLOCK, PATIENCE));
    let set =
        Regex::new(r"the machine's clock was set back by 24:00:\d\d; the time left is not touched by it").unwrap();
    assert!(set.is_match(&said), "{said}");
    leave(&mut login);
    let said = flat(&text(&learner.run(&["exam", "status"])));
    let both = Regex::new(r"set forth by (1:00:0|59:5)\d; .* set back by (3:00:0|2:59:5)\d;").unwrap();
    assert!(both.is_match(&said), "{said}");
    assert!(learner.run(&["exam", "finish"]).status.success());
    assert_eq!((learner.attempt().phase, learner.found().breaks()), (Phase::Finished { by_clock: false }, vec![]));
}

#[test]
fn a_reboot_and_a_clock_that_went_back_meanwhile_hand_nothing_in() {
    for (ago, wanted) in [(3600, "the machine was rebooted"), (-3600, "its clock set back meanwhile")] {
        let learner = Learner::new();
        learner.profile("");
        learner.began_at(10, ago, Some("another-boot"));
        let status = learner.status();
        assert_eq!((&status["certain"], &status["phase"]), (&(ago < 0).into(), &"running".into()), "{status}");
        assert!(status["jumps"].to_string().contains("rebooted"), "{status}");
        let said = flat(&text(&learner.run(&["exam", "status"])));
        assert!(said.contains(wanted), "{said}");
        let mut login = learner.sit(&["trial"]);
        if ago > 0 {
            login.wait("By the clock the time is over, but the clock jumped", PATIENCE);
            login.wait(r"\[time over\] here> $", PATIENCE);
        } else {
            // It may be folded anywhere.
            login.wait(&wanted.replace(' ', r"\s+"), PATIENCE);
            login.wait(CLOCK, PATIENCE);
        }
        login.line("true");
        login.wait(r"\] here> $", PATIENCE);
        leave(&mut login);
        let attempt = learner.attempt();
        assert_eq!((attempt.phase, lines(&attempt)), (Phase::Running, vec![("true", Some(0))]));
    }
}
