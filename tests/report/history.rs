//! Attempts over time, and what to practise next.

use checkers::Verdict;
use insta::assert_snapshot;
use rootless_lab::exam::history::{History, Past, history};
use rootless_lab::exam::report::{Basis, Report};
use rootless_lab::exam::{Event, Exam, GradeKind};
use rootless_lab::screen::{self, Look};

use crate::sample::{self, at, attempt, graded, started};

const DAY: u64 = 86_400;
const LOOK: Look = Look { width: 80, colour: false, plain: false, unicode: true, elsewhere: false };

/// An attempt on that day: a letter a goal, `p`ass, `f`ail, `u`nknown; none where it was given up.
fn on(exam: &Exam, number: u32, day: u64, letters: &str) -> Report {
    let verdict = |letter| match letter {
        'p' => sample::pass("/a", "b"),
        'f' => sample::fail("a", "b"),
        _ => Verdict::unknown("no sudo"),
    };
    let second = day * DAY;
    let mut events = vec![(at(second), Event::Started(Box::new(started(exam))))];
    if letters.is_empty() {
        events.push((at(second + 60), Event::Abandoned));
    } else {
        events.push((at(second + 600), Event::Finished { by_clock: false }));
        let verdicts = letters.chars().map(|letter| Some(verdict(letter))).collect();
        events.push((at(second + 601), graded(exam, GradeKind::Predicted, verdicts)));
    }
    let (attempt, head) = attempt(&events);
    Basis { id: &format!("trial-{number}"), exam, attempt: &attempt, head: &head, breaks: &[] }.report()
}

fn of(exam: &Exam, attempts: &[(u64, &str)]) -> History {
    let reports: Vec<Report> =
        (1..).zip(attempts).map(|(number, (day, letters))| on(exam, number, *day, letters)).collect();
    let past: Vec<Past<'_>> = reports.iter().map(|report| Past { report, exam }).collect();
    history(&past)
}

/// The day on which an objective is due; days count from the first attempt's.
fn due(history: &History, objective: &str) -> i64 {
    let found = history.objectives.iter().find(|one| one.objective == objective).unwrap();
    (found.due - at(0).wall) / (DAY as i64 * 1_000_000)
}

#[test]
fn what_is_right_when_it_is_due_waits_twice_as_long_and_what_is_missed_is_due_at_once() {
    let exam = sample::sheet();
    // The goals of `Containers as services` are the third and the fourth.
    for (attempts, wanted) in [
        (vec![(0, "ffppf")], 1),
        (vec![(0, "ffppf"), (1, "ffppf")], 3),
        (vec![(0, "ffppf"), (1, "ffppf"), (3, "ffppf")], 7),
        (vec![(0, "ffppf"), (1, "ffppf"), (2, "ffppf")], 4),
        (vec![(0, "ffppf"), (0, "ffppf"), (0, "ffppf")], 1),
        (vec![(0, "ffppf"), (1, "ffppf"), (3, "fffpf")], 3),
        (vec![(0, "ffppf"), (1, "ffppf"), (3, "fffpf"), (4, "ffppf")], 5),
        (vec![(0, "ffppf"), (9, "ffupf")], 1),
        (vec![(0, "ffppf"), (9, "")], 1),
    ] {
        assert_eq!(due(&of(&exam, &attempts), "Containers as services"), wanted, "{attempts:?}");
    }
    let long: Vec<(u64, &str)> = [0, 1, 3, 7, 15, 31, 63, 127, 191, 255].map(|day| (day, "ffppf")).to_vec();
    assert_eq!(due(&of(&exam, &long), "Containers as services"), 255 + 64);
}

#[test]
fn what_nobody_could_look_at_counts_neither_as_right_nor_as_missed() {
    let exam = sample::sheet();
    let history = of(&exam, &[(0, "pppup"), (1, "uuuuu")]);
    let told: Vec<(&str, u32, u32)> =
        history.objectives.iter().map(|one| (one.objective.as_str(), one.times, one.right)).collect();
    assert_eq!(told, [("Accounts", 1, 1)]);
    // A goal that failed for certain leaves nothing open in a task that counts whole or not at all.
    assert_eq!(of(&exam, &[(0, "pppuf"), (1, "ppfup")]).objectives.len(), 2);
}

fn tale() -> History {
    let attempts = [(0, "fffff"), (2, "pfffp"), (3, ""), (5, "ppfup"), (9, "pppup"), (12, "ppppp")];
    of(&sample::sheet(), &attempts)
}

#[test]
fn the_history_is_a_table_a_plot_and_advice() {
    let now = at(13 * DAY).wall;
    assert_snapshot!(screen::history(&tale(), now, &LOOK), @r"
    Attempts
      trial-1  2023-11-14  0 %          0 of 35         not passed
      trial-2  2023-11-16  31 %         11 of 35        not passed
      trial-3  2023-11-17                               given up
      trial-4  2023-11-19  42 %         15 of 35        not passed
      trial-5  2023-11-23  42 to 100 %  15 to 35 of 35  open
      trial-6  2023-11-26  100 %        35 of 35        passed

    Per cent of all points:
      100 ┤      ░ █
          ┤      ░ █
          ┤    ▁ ▁ █
          ┤  ▄ █ █ █
        0 ┤  █ █ █ █
           ✗ ✗ ✗ ? ✓

    Objectives
      ✓ Containers as services: right 1 of 4 times, 100 % the last time, last right
        2023-11-26
      ✓ Accounts: right 3 of 5 times, 100 % the last time, last right 2023-11-26

    To practise next
      1. Containers as services: now
         lesson rootless-containers, step linger
      2. Accounts: in 3 days
         lesson rootless-containers, step make-account
    ");
}

#[test]
fn it_reads_on_a_narrow_and_plain_terminal() {
    let now = at(13 * DAY).wall;
    let look = Look { width: 40, plain: true, ..LOOK };
    let text = screen::history(&tale(), now, &look);
    assert!(text.is_ascii() && text.lines().all(|line| line.len() <= 40), "{text}");
    assert_snapshot!(text, @r"
    Attempts
      trial-1
        2023-11-14, 0 %, 0 of 35, not passed
      trial-2
        2023-11-16, 31 %, 11 of 35, not
        passed
      trial-3
        2023-11-17, given up
      trial-4
        2023-11-19, 42 %, 15 of 35, not
        passed
      trial-5
        2023-11-23, 42 to 100 %, 15 to 35 of
        35, open
      trial-6
        2023-11-26, 100 %, 35 of 35, passed

    Per cent of all points:
      100 |      . #
          |      . #
          |      . #
          |  # # # #
        0 |  # # # #
           x x x ? +

    Objectives
      [ok] Containers as services: right 1
           of 4 times, 100 % the last time,
           last right 2023-11-26
      [ok] Accounts: right 3 of 5 times, 100
           % the last time, last right
           2023-11-26

    To practise next
      1. Containers as services: now
         lesson rootless-containers, step
         linger
      2. Accounts: in 3 days
         lesson rootless-containers, step
         make-account
    ");
}

#[test]
fn a_long_history_shows_its_end_in_the_plot_and_none_is_said_to_be_none() {
    let exam = sample::sheet();
    let many: Vec<(u64, &str)> = (0..200).map(|day| (day, if day < 150 { "fffff" } else { "ppppp" })).collect();
    let text = screen::history(&of(&exam, &many), 0, &LOOK);
    let top = text.lines().find(|line| line.contains("100 ┤")).unwrap();
    assert_eq!(top.trim_start(), format!("100 ┤{}", ["█"; 36].join(" ")));
    assert_eq!(screen::history(&History::default(), 0, &LOOK), "No attempt yet.\n");
}
