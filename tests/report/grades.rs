//! Which grades a report tells, and what they are worth.

use checkers::Verdict;
use rootless_lab::exam::GradeKind::{self, Predicted, Proven};
use rootless_lab::exam::report::{Range, Report, Standing};
use rootless_lab::exam::{Event, Exam, Reading};
use rootless_lab::screen::{Format, Look, report};

use crate::sample::{self, at, graded, started};

/// A grade: a letter a goal, `p`ass, `f`ail, `u`nknown, or `-` for not asked.
fn grade(exam: &Exam, kind: GradeKind, letters: &str) -> Event {
    let verdict = |letter| match letter {
        'p' => Some(sample::pass("/a", "b")),
        'f' => Some(sample::fail("a", "b")),
        'u' => Some(Verdict::unknown("no sudo")),
        _ => None,
    };
    graded(exam, kind, letters.chars().map(verdict).collect())
}

fn of(exam: &Exam, end: Event, grades: &[(GradeKind, &str)]) -> Report {
    let mut events: Vec<(Reading, Event)> = vec![(at(0), Event::Started(Box::new(started(exam))))];
    // A look on the way counts for nothing.
    events.push((at(1), grade(exam, Predicted, "ppppp")));
    events.push((at(9), end));
    events.extend((10..).zip(grades).map(|(second, (kind, letters))| (at(second), grade(exam, *kind, letters))));
    sample::report_of(exam, &events)
}

fn handed_in(grades: &[(GradeKind, &str)]) -> Report {
    of(&sample::sheet(), Event::Finished { by_clock: false }, grades)
}

fn total(report: &Report, proven: bool) -> Option<(u32, u32)> {
    let marks = if proven { &report.proven } else { &report.predicted };
    marks.as_ref()?.total.had.map(|had| (had.lowest, had.highest))
}

#[test]
fn what_nobody_could_look_at_leaves_a_range_for_the_goal_the_task_the_objective_and_the_whole() {
    let told = handed_in(&[(Predicted, "pupup")]);
    assert_eq!(total(&told, false), Some((11, 35)));
    let marks = told.predicted.as_ref().unwrap();
    assert_eq!(marks.verdict, Standing::Open);
    assert_eq!(marks.total.per_cent, Some(Range { lowest: 31, highest: 100 }));
    let objectives: Vec<_> =
        marks.objectives.iter().map(|it| it.points.had.map(|had| (had.lowest, had.highest))).collect();
    assert_eq!(objectives, [Some((11, 15)), Some((0, 20))]);
    let adds: Vec<_> = told.tasks.iter().flat_map(|task| &task.goals).map(|goal| goal.counts().unwrap().adds).collect();
    let range = |lowest, highest| Range { lowest, highest };
    assert_eq!(adds, [range(6, 6), range(0, 4), range(0, 10), range(0, 10), range(5, 5)]);
    let look = Look { width: 80, colour: false, plain: true, unicode: false, elsewhere: false };
    let text = report(&told, Format::Human, &look).unwrap();
    for line in [
        "Open: 70 per cent are needed, and what nobody could look at decides.",
        "Predicted, without a reboot: 11 to 35 of 35 points, 31 to 100 per cent",
        "belongs to it. (0 to 4 of 4)",
        "2 of 5 goals could not be looked at.",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_proof_is_told_with_the_prediction_before_it_and_the_first_of_each_counts() {
    let both = |report: &Report| (total(report, false), total(report, true));
    assert_eq!(both(&handed_in(&[])), (None, None));
    assert_eq!(both(&handed_in(&[(Predicted, "pffff"), (Predicted, "ppfff")])), (Some((6, 6)), None));
    // The last goal need not last: before the reboot it was right, and after it nobody asked.
    assert_eq!(both(&handed_in(&[(Predicted, "ppppp"), (Proven, "pppf-")])), (Some((35, 35)), Some((15, 15))));
    let again = handed_in(&[(Predicted, "ppppp"), (Proven, "pppp-"), (Predicted, "fffff")]);
    assert_eq!(both(&again), (Some((35, 35)), Some((35, 35))));
    let twice = handed_in(&[(Predicted, "ppppp"), (Proven, "pppp-"), (Predicted, "fffff"), (Proven, "pffff")]);
    assert_eq!(both(&twice), (Some((35, 35)), Some((35, 35))), "a second round takes nothing");
}

#[test]
fn without_a_look_before_the_reboot_what_need_not_last_is_taken_as_it_is_and_never_lost() {
    let only = |letters| {
        let exam = sample::sheet();
        let events = [
            (at(0), Event::Started(Box::new(started(&exam)))),
            (at(9), Event::Finished { by_clock: false }),
            (at(10), grade(&exam, Proven, letters)),
        ];
        sample::report_of(&exam, &events)
    };
    assert_eq!((total(&only("ppppp"), true), total(&only("ppppf"), true)), (Some((35, 35)), Some((30, 35))));
    assert_eq!(total(&only("ppppp"), false), None);
}

#[test]
fn what_is_another_way_than_when_it_was_first_looked_at_is_said() {
    let told = handed_in(&[(Predicted, "fffff"), (Predicted, "pffff")]);
    let said: Vec<(&str, bool)> = told.turned.iter().map(|it| (it.goal.as_str(), it.proven)).collect();
    assert_eq!((said, total(&told, false)), (vec![("account/exists", false)], Some((0, 0))));
    let look = Look { width: 80, colour: false, plain: true, unicode: false, elsewhere: false };
    let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = "account/exists was fail when it was first looked at (0:01 after the hand-in), then pass (0:02). It was made after the \
                 hand-in, and earns nothing.";
    let human = flat(report(&told, Format::Human, &look).unwrap());
    assert!(human.contains(words) && human.contains("Looked at 0:01 after the hand-in; 0:02."), "{human}");
    let html = flat(report(&told, Format::Html, &look).unwrap().replace("&#x2f;", "/"));
    assert!(html.contains(words), "{html}");
    assert_eq!(handed_in(&[(Predicted, "fffff"), (Predicted, "fffff")]).turned, []);
}

#[test]
fn what_came_true_unforetold_leaves_a_range_with_its_reason() {
    let told = handed_in(&[(Predicted, "pffff"), (Proven, "ppff-")]);
    assert_eq!(total(&told, true), Some((6, 10)));
    let goal = told.tasks[0].goals[1].proven.as_ref().unwrap();
    assert!(goal.why.as_ref().is_some_and(|why| why.contains("not so at the hand-in")), "{goal:?}");
}

#[test]
fn where_nobody_could_look_nothing_turned() {
    assert_eq!(handed_in(&[(Predicted, "uufff")]).turned, []);
    assert_eq!(handed_in(&[(Proven, "uuuu-"), (Proven, "pfuu-"), (Proven, "pfpf-")]).turned, []);
    let turned = handed_in(&[(Proven, "uuuu-"), (Proven, "pfuu-"), (Proven, "fuuu-")]).turned;
    let said: Vec<(&str, bool)> = turned.iter().map(|it| (it.goal.as_str(), it.proven)).collect();
    assert_eq!(said, [("account/exists", true)]);
}

#[test]
fn what_is_given_up_has_no_score_though_somebody_looked_on_the_way() {
    let told = of(&sample::sheet(), Event::Abandoned, &[(Predicted, "ppppp")]);
    assert_eq!((told.counts(), told.record.misplaced.as_slice()), (None, &[2_u64, 4][..]));
}
