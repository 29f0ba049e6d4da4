//! Stories of exams that were mended after they were sat.

use super::super::stand_in::{EXAM, exam, exam_of, graded, handed_in, machine, solved};
use super::*;
use crate::exam::evidence::What;

fn again(path: &Path, text: &str) -> Result<Rejudged, RejudgeError> {
    rejudge(path, &|_, _| Ok((exam(), exam_of(text))))
}

#[test]
fn with_the_same_exam_nothing_changes_and_nothing_is_written() {
    let state = tempfile::tempdir().unwrap();
    let folder = graded(state.path(), solved());
    let before = std::fs::read(folder.path().join("record.jsonl")).unwrap();
    let judged = again(folder.path(), EXAM).unwrap();
    assert_eq!(judged.grades.iter().map(|one| one.kind).collect::<Vec<_>>(), [GradeKind::Predicted, GradeKind::Proven]);
    for one in &judged.grades {
        assert_eq!((one.before.total.points(), &one.before, one.changes.len()), (Some((20, 20)), &one.after, 0));
    }
    assert_eq!(std::fs::read(folder.path().join("record.jsonl")).unwrap(), before);
    assert!(!judged.is_broken);
}

#[test]
fn a_mended_check_turns_its_goal_on_what_was_seen_that_day() {
    let state = tempfile::tempdir().unwrap();
    let folder = graded(state.path(), machine(&[("/srv/plum", "god\n")]));
    let judged = again(folder.path(), &EXAM.replace("[good]", "[go]")).unwrap();
    let proven = &judged.grades[1];
    assert_eq!((proven.before.total.points(), proven.after.total.points()), (Some((10, 10)), Some((20, 20))));
    let [Change { goal, what: What::Turned { from, to } }] = proven.changes.as_slice() else {
        panic!("{:?}", proven.changes)
    };
    assert_eq!((goal.goal.as_str(), from.is_fail(), to.is_pass()), ("lasts", true, true));
    let strict = again(folder.path(), &EXAM.replace("[good]", "[better]")).unwrap();
    assert_eq!(strict.grades[0].after.total.points(), Some((10, 10)), "it is taken away as well as given");
}

#[test]
fn a_wish_about_what_nobody_looked_at_keeps_the_verdict_of_the_day() {
    let state = tempfile::tempdir().unwrap();
    let folder = graded(state.path(), solved());
    let judged = again(folder.path(), &EXAM.replace("path: /run/now", "path: /run/never")).unwrap();
    let [Change { what: What::Kept { verdict: Some(verdict), because }, .. }] = judged.grades[0].changes.as_slice()
    else {
        panic!("{:?}", judged.grades[0].changes)
    };
    assert!(verdict.is_pass() && !because.is_empty());
    assert_eq!((judged.grades[0].after.total.points(), judged.grades[0].kept), (Some((20, 20)), 10));
}

#[test]
fn an_attempt_without_a_grade_or_with_altered_evidence_is_refused_and_the_others_are_judged() {
    let state = tempfile::tempdir().unwrap();
    let whole = graded(state.path(), solved());
    let spoilt = graded(state.path(), solved());
    let never = handed_in(state.path(), "a");
    for file in std::fs::read_dir(spoilt.path().join(TESTIMONY)).unwrap() {
        std::fs::write(file.unwrap().path(), "{}").unwrap();
    }
    let paths: Vec<_> = [&whole, &spoilt, &never].map(|folder| folder.path().to_owned()).into();
    let heard = AtomicUsize::new(0);
    let all = rejudge_all(&paths, &|_, _| Ok((exam(), exam())), 2, &|_| {
        heard.fetch_add(1, Ordering::Relaxed);
    });
    assert!(
        matches!(
            all.as_slice(),
            [Ok(_), Err(RejudgeError::Evidence(evidence::Error::Altered(_))), Err(RejudgeError::NotGraded)]
        ),
        "{all:?}"
    );
    assert_eq!(heard.into_inner(), 3);
}
