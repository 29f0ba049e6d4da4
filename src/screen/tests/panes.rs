//! The lab in one pane: the step and the keys always in sight, the rest as far as there is room, with a mark where it is cut.

use insta::assert_snapshot;

use super::*;
use crate::screen::{Drawn, Frame, logged, news, pane};
use crate::session::{Diagnosed, Left, Pane};

fn watched() -> Pane {
    Pane {
        lesson: "A rootless container that outlives you".into(),
        progress: Some(Progress { step: 3, of: 20 }),
        title: "A password for conuser1".into(),
        text: "Until a password is set, nobody can log in as conuser1 with one.\n\nType:\n\n    echo conuser1:conuser1 | sudo chpasswd\n"
            .into(),
        goals: vec![
            goal("The account conuser1 has a password.", Some(fail())),
            goal("You have seen it asked for.", Some(unknown())),
        ],
        hints: vec!["One command prints the password, a second one reads it.".into()],
        hints_in_all: 3,
        left: Some(Left {
            step: 2,
            title: "An account for the container".into(),
            goals: vec!["The account conuser1 exists.".into()],
            skipped: false,
        }),
        ..Pane::default()
    }
}

fn drawn(state: &Pane, rows: usize, look: &Look) -> Drawn {
    pane(state, Frame { rows, ..Frame::default() }, look)
}

fn shown(state: &Pane, rows: usize, look: &Look) -> String {
    drawn(state, rows, look).lines.join("\n")
}

#[test]
fn a_pane_of_24_rows_and_80_columns() {
    assert_snapshot!(shown(&watched(), 24, &at(80)), @r"
    Step 3 of 20 · A password for conuser1                      ━━──────────────────
    ✓ Done: An account for the container

    ✗ red      The account conuser1 has a password.
    ? unknown  You have seen it asked for.
               Nobody could look: sudo asks for a password
               to look: sudo -v, then :check

    Until a password is set, nobody can log in as conuser1 with one.

    Type:

        echo conuser1:conuser1 | sudo chpasswd

    Hint 1 of 3
      One command prints the password, a second one reads it.







    n next · h hint 1/3 · m manual · w why · q quit
    ");
}

#[test]
fn at_40_columns_and_in_12_rows_the_goals_come_first_and_a_mark_says_what_is_cut() {
    assert_snapshot!(shown(&watched(), 12, &at(40)), @r"
    Step 3 of 20 · A password for conuser1
    ✓ Done: An account for the container

    ✗ red      The account conuser1 has a
               password.
    ? unknown  You have seen it asked for.
               Nobody could look: sudo asks
               for a password
               to look: sudo -v, then :check

    ↓ 11 more  (space b j k)
    n next  h hint 1/3  m man  w why  q quit
    ");
}

#[test]
fn without_symbols_and_with_a_message_and_a_diagnosis() {
    let cause = "podman keeps its state in XDG_RUNTIME_DIR, which is lisa's.".into();
    let diagnosis = Diagnosed {
        id: "runtime-dir".into(),
        title: "The runtime directory is lisa's".into(),
        cause,
        fix: vec!["exit".into()],
    };
    let state = Pane { diagnoses: vec![diagnosis], hints: vec![], left: None, ..watched() };
    let ascii = Look { unicode: false, ..at(80) };
    let frame = Frame { rows: 24, message: Some("n once more leaves this step out."), ..Frame::default() };
    assert_snapshot!(pane(&state, frame, &ascii).lines.join("\n"), @r"
    Step 3 of 20 - A password for conuser1
    [no] The account conuser1 has a password.
    [??] You have seen it asked for.
         Nobody could look: sudo asks for a password
         to look: sudo -v, then :check

    Until a password is set, nobody can log in as conuser1 with one.

    Type:

        echo conuser1:conuser1 | sudo chpasswd

    The runtime directory is lisa's
      podman keeps its state in XDG_RUNTIME_DIR, which is lisa's.
        exit







    n once more leaves this step out.
    n next - h hint 0/3 - m manual - w why - q quit
    ");
}

#[test]
fn a_lesson_that_is_done_says_so() {
    let state =
        Pane { progress: None, goals: vec![], proven: Some(false), skipped: 2, text: String::new(), ..watched() };
    assert_snapshot!(shown(&state, 8, &at(80)), @r"
    A rootless container that outlives you
    ✓ Done: An account for the container

    ✓ The lesson is done: A rootless container that outlives you
    Not proven: the reboot was not seen.
    2 steps were skipped.

    n next · h hint 1/3 · m manual · w why · q quit
    ");
}

#[test]
fn the_middle_scrolls_and_nothing_is_lost_on_the_way() {
    let state = Pane { text: (1..60).map(|number| format!("Row {number}.\n\n")).collect(), ..watched() };
    let first = drawn(&state, 12, &at(40));
    let mut seen = std::collections::BTreeSet::new();
    for scroll in 0..=first.furthest {
        let drawn = pane(&state, Frame { rows: 12, scroll, ..Frame::default() }, &at(40));
        assert_eq!(drawn.lines.len(), 12);
        assert!(drawn.lines[0].starts_with("Step 3 of 20"), "{:?}", drawn.lines);
        seen.extend(drawn.lines);
    }
    assert!((1..60).all(|number| seen.contains(&format!("Row {number}."))));
}

#[test]
fn no_pane_is_larger_than_its_terminal_whatever_stands_in_it() {
    let foreign = "\x1b[2J\x07 wide 漢字漢字漢字漢字 and \u{202e}turned ".repeat(9);
    let word = || foreign.clone();
    let hostile = Pane {
        lesson: word(),
        progress: Some(Progress { step: 1, of: 2 }),
        title: word(),
        text: word(),
        goals: vec![
            goal(&foreign, Some(fail())),
            goal(&foreign, Some(Verdict::Unknown { why: word(), grant: Some(word()) })),
        ],
        hints: vec![word()],
        hints_in_all: 3,
        left: Some(Left { step: 1, title: word(), goals: vec![word()], skipped: false }),
        notes: notes(&foreign),
        diagnoses: vec![Diagnosed { id: word(), title: word(), cause: word(), fix: vec![word()] }],
        ..Pane::default()
    };
    for (rows, columns) in [(1, 20), (2, 30), (5, 20), (12, 40), (24, 80), (60, 200)] {
        for state in [&hostile, &watched(), &Pane { progress: None, ..hostile.clone() }] {
            for over in [None, Some(foreign.as_str())] {
                let over = over.map(crate::screen::clean_lines);
                let frame = Frame { rows, scroll: 3, message: Some(&foreign), over: over.as_deref() };
                let drawn = pane(state, frame, &at(columns));
                assert!(drawn.lines.len() <= rows, "{rows} {columns}");
                for line in &drawn.lines {
                    assert!(unicode_width::UnicodeWidthStr::width(line.as_str()) <= columns, "{columns}: {line}");
                    assert!(!line.chars().any(char::is_control), "{line:?}");
                }
            }
        }
    }
    for line in news(None, &hostile, &at(80)) {
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

#[test]
fn a_log_says_only_what_is_new() {
    let first = Pane { left: None, hints: vec![], ..watched() };
    assert_snapshot!(news(None, &first, &at(80)).join("\n"), @r"
    Step 3 of 20: A password for conuser1
    Until a password is set, nobody can log in as conuser1 with one.
    Type:
        echo conuser1:conuser1 | sudo chpasswd
    red: The account conuser1 has a password.
    unknown: You have seen it asked for. (sudo asks for a password)
    ");
    assert!(news(Some(&first), &first, &at(80)).is_empty());
    let mut second = Pane { hints: watched().hints, ..first.clone() };
    second.goals[0].state = GoalState::Judged(pass());
    assert_snapshot!(news(Some(&first), &second, &at(80)).join("\n"), @r"
    green: The account conuser1 has a password.
    hint 1 of 3: One command prints the password, a second one reads it.
    ");
    let third = Pane {
        progress: Some(Progress { step: 4, of: 20 }),
        title: "The wrong way in".into(),
        text: "Now become conuser1.".into(),
        goals: vec![goal("Your shell runs as conuser1.", None)],
        left: Some(Left {
            step: 3,
            title: "A password for conuser1".into(),
            goals: vec!["The account conuser1 has a password.".into(), "You have seen it asked for.".into()],
            skipped: false,
        }),
        hints: vec![],
        ..first
    };
    assert_snapshot!(news(Some(&second), &third, &at(80)).join("\n"), @r"
    green: You have seen it asked for.
    done: A password for conuser1
    Step 4 of 20: The wrong way in
    Now become conuser1.
    open: Your shell runs as conuser1.
    ");
}

#[test]
fn a_log_says_why_a_goal_is_unknown_and_again_where_the_reason_is_another() {
    let why = |why: &str| GoalState::Judged(Verdict::unknown(why));
    let mut first = Pane { left: None, hints: vec![], text: String::new(), ..watched() };
    first.goals[1].state = why("no sudo");
    let said = news(None, &first, &at(80));
    assert_eq!(said.last().map(String::as_str), Some("unknown: You have seen it asked for. (no sudo)"));
    let mut second = first.clone();
    second.goals[1].state = why("no bus");
    assert_eq!(news(Some(&first), &second, &at(80)), ["unknown: You have seen it asked for. (no bus)"]);
}

#[test]
fn a_line_of_the_log_is_folded_at_words_behind_its_time() {
    assert_snapshot!(logged("11:22:33", "green: ~/.config/systemd/user is a directory of conuser1.", &at(40)), @r"
    11:22:33 green: ~/.config/systemd/user
             is a directory of conuser1.
    ");
    assert_eq!(logged("11:22:33", "done: all", &at(40)), "11:22:33 done: all\n");
}
