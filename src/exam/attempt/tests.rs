//! Stories of attempts: events in, an attempt out.

use super::*;

pub(in crate::exam) fn at(seconds: u64) -> Reading {
    let us = seconds * 1_000_000;
    Reading { wall: 1_700_000_000_000_000 + us as i64, up: us, awake: us, boot: "a".into() }
}

pub(in crate::exam) fn started() -> Started {
    Started {
        exam: "trial".into(),
        exam_digest: super::super::digest(b"format: 1\n"),
        lessons: BTreeMap::new(),
        seed: 42,
        parameters: [("user".to_owned(), "anna".to_owned())].into(),
        minutes: 15,
        candidate: Candidate { account: "lisa".into(), uid: 1000, name: None },
        machine: Machine::Practice("trixie".into()),
        identity: None,
        versions: [("podman".to_owned(), "5.4.2".to_owned())].into(),
    }
}

fn begin() -> Event {
    Event::Started(Box::new(started()))
}

fn typed(line: &str) -> Event {
    let (cwd, account) = (Some("/home/lisa".into()), Some("lisa".into()));
    Event::Command(Box::new(Typed { line: line.into(), status: Some(0), cwd, account, took: None, inside: None }))
}

fn turned(answer: Answer) -> Event {
    Event::Turned { goal: "account/exists".parse().unwrap(), answer, within: None }
}

fn graded(kind: GradeKind) -> Event {
    Event::Graded(Box::new(Graded { kind, verdicts: BTreeMap::new(), testimonies: Vec::new() }))
}

/// Each event with the second at which it happens.
fn of(events: &[(u64, Event)]) -> Attempt {
    let entry = |(n, (second, event)): (u64, &(u64, Event))| Entry {
        n,
        at: at(*second),
        event: event.clone(),
        hash: String::new(),
    };
    Attempt::of(&(1..).zip(events).map(entry).collect::<Vec<_>>()).unwrap()
}

#[test]
fn an_attempt_from_start_to_proof() {
    let attempt = of(&[
        (0, begin()),
        (1, Event::Opened),
        (10, typed("sudo useradd anna")),
        (11, turned(Answer::Pass)),
        (20, Event::Left { how: Leaving::Lost }),
        (40, Event::Opened),
        (60, Event::Finished { by_clock: false }),
        (60, Event::Left { how: Leaving::Exit }),
        (61, graded(GradeKind::Predicted)),
        (62, Event::Rebooting),
        (100, graded(GradeKind::Proven)),
    ]);
    assert_eq!(attempt.phase, Phase::Finished { by_clock: false });
    assert_eq!((attempt.logins, attempt.open, attempt.rebooting), (2, false, false));
    assert_eq!(attempt.commands[0].used, 10_000_000);
    assert_eq!(attempt.turns[0].used, 11_000_000);
    assert_eq!(attempt.clock.used(), 60_000_000, "the clock stands still after the hand-in");
    assert_eq!(attempt.time_at(&at(4000)), Time::Left(14 * 60_000_000));
    assert_eq!(attempt.grades.iter().map(|grade| grade.n).collect::<Vec<_>>(), [9, 11]);
    assert_eq!(attempt.since_hand_in(&attempt.grades[1].at), Some(40_000_000));
    assert!(attempt.misplaced.is_empty());
}

#[test]
fn a_grader_that_died_while_the_machine_rebooted_is_known_to_be_awaited() {
    let mut events = vec![
        (0, begin()),
        (1, Event::Finished { by_clock: true }),
        (2, graded(GradeKind::Predicted)),
        (3, Event::Rebooting),
    ];
    assert!(of(&events).rebooting);
    events.push((9, graded(GradeKind::Predicted)));
    assert!(of(&events).rebooting, "another look beforehand is no proof");
    events.push((9, graded(GradeKind::Proven)));
    assert!(!of(&events).rebooting);
}

#[test]
fn what_cannot_be_where_it_is_counts_for_nothing_and_is_named() {
    let attempt = of(&[
        (0, begin()),
        (1, begin()),
        (2, Event::Finished { by_clock: false }),
        (3, typed("cheat")),
        (4, turned(Answer::Pass)),
        (5, Event::Opened),
        (6, Event::Abandoned),
        (7, Event::Finished { by_clock: false }),
    ]);
    assert_eq!(attempt.misplaced, [2, 5, 6, 7, 8]);
    assert_eq!((attempt.commands.len(), attempt.turns.len(), attempt.logins), (0, 0, 0));
    assert_eq!(attempt.typed_after.len(), 1, "a line after the hand-in is no part of it, and nothing odd");
    let given_up = of(&[(0, begin()), (1, Event::Abandoned), (2, graded(GradeKind::Proven)), (3, Event::Rebooting)]);
    assert_eq!((given_up.phase, given_up.grades.len()), (Phase::Abandoned, 0));
    assert_eq!(given_up.misplaced, [3, 4]);
}

#[test]
fn a_look_before_the_hand_in_is_no_grade() {
    let attempt = of(&[
        (0, begin()),
        (1, graded(GradeKind::Predicted)),
        (2, Event::Rebooting),
        (3, Event::Finished { by_clock: false }),
        (4, graded(GradeKind::Predicted)),
    ]);
    assert_eq!((attempt.misplaced, attempt.rebooting, attempt.grades.len()), (vec![2, 3], false, 1));
}

#[test]
fn the_clock_hands_in_a_running_attempt_whose_time_is_over_for_certain_and_no_other() {
    let running = of(&[(0, begin())]);
    assert_eq!(running.by_clock(&at(15 * 60 - 1)), None);
    assert_eq!(running.by_clock(&at(15 * 60)), Some(Event::Finished { by_clock: true }));
    let jumped = Reading { boot: "b".into(), up: 1, awake: 1, ..at(15 * 60) };
    assert_eq!(running.by_clock(&jumped), None, "by the wall clock alone");
    assert_eq!(of(&[(0, begin()), (1, Event::Abandoned)]).by_clock(&at(15 * 60)), None);
}

#[test]
fn the_time_goes_on_while_nobody_is_there() {
    let attempt = of(&[(0, begin()), (5, Event::Opened), (6, Event::Left { how: Leaving::Lost })]);
    assert_eq!(attempt.time_at(&at(15 * 60 - 1)), Time::Left(1_000_000));
    assert_eq!(attempt.time_at(&at(15 * 60 + 5)), Time::Over { by: 5_000_000, certain: true });
}

#[test]
fn a_record_without_a_start_is_no_attempt() {
    assert_eq!(Attempt::of(&[]), Err(NoAttempt::Empty));
    let entry = Entry { n: 1, at: at(0), event: Event::Opened, hash: String::new() };
    assert_eq!(Attempt::of(&[entry]), Err(NoAttempt::NoStart));
}
