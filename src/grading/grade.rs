//! What an attempt's grades come to: foretold and proven, each with its score, and where they differ. Pure.

use std::collections::BTreeMap;

use checkers::Verdict;

use super::look::answers;
use crate::exam::{Answer, Attempt, Exam, GoalId, Grade, GradeKind, Score, counting, score};

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The number of its line in the record.
    pub line: u64,
    /// The verdicts that count.
    pub verdicts: BTreeMap<GoalId, Verdict>,
    /// What they are worth.
    pub score: Score,
    /// Goals whose answer is another one than in the first grade of this kind: somebody was at the machine after the hand-in, or it was
    /// looked at too early.
    pub turned: Vec<Difference>,
}

/// A goal with two answers; none where one of the grades has no verdict on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub goal: GoalId,
    /// The earlier answer.
    pub from: Option<Answer>,
    /// The later one.
    pub to: Option<Answer>,
}

/// The last grade of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grades {
    /// Before a reboot.
    pub predicted: Option<Side>,
    /// After one.
    pub proven: Option<Side>,
}

/// What the attempt's grades come to.
pub fn grades(exam: &Exam, attempt: &Attempt) -> Grades {
    let predicted = attempt.grade(GradeKind::Predicted);
    let side = |grade: &Grade, verdicts: BTreeMap<GoalId, Verdict>| {
        let kind = grade.graded.kind;
        let first = attempt.grades.iter().find(|one| one.graded.kind == kind);
        let first = first.map(|first| answers(&first.graded.verdicts)).unwrap_or_default();
        let turned = differences(&first, &answers(&grade.graded.verdicts));
        let score = score(exam, kind, &verdicts);
        Side { line: grade.n, verdicts, score, turned }
    };
    Grades {
        predicted: predicted.map(|grade| side(grade, grade.graded.verdicts.clone())),
        proven: attempt.grade(GradeKind::Proven).map(|grade| {
            let before = predicted.map(|grade| &grade.graded.verdicts);
            side(grade, counting(exam, before, &grade.graded.verdicts))
        }),
    }
}

impl Grades {
    /// The grade that counts: what is proven, where it is.
    pub fn counts(&self) -> Option<&Side> {
        self.proven.as_ref().or(self.predicted.as_ref())
    }

    /// Where what was foretold did not come true, or came true unforetold.
    pub fn differ(&self) -> Vec<Difference> {
        match (&self.predicted, &self.proven) {
            (Some(before), Some(after)) => differences(&answers(&before.verdicts), &answers(&after.verdicts)),
            _ => Vec::new(),
        }
    }
}

fn differences(from: &BTreeMap<GoalId, Answer>, to: &BTreeMap<GoalId, Answer>) -> Vec<Difference> {
    let mut goals: Vec<&GoalId> = from.keys().chain(to.keys()).collect();
    goals.sort();
    goals.dedup();
    let of =
        |goal: &GoalId| Difference { goal: goal.clone(), from: from.get(goal).copied(), to: to.get(goal).copied() };
    goals.into_iter().map(of).filter(|one| one.from != one.to).collect()
}

#[cfg(test)]
mod tests {
    use super::super::stand_in::{exam, finished, verdict};
    use super::*;

    fn verdicts(all: &[(&str, &str)]) -> BTreeMap<GoalId, Verdict> {
        all.iter().map(|(goal, what)| (goal.parse().unwrap(), verdict(what))).collect()
    }

    #[test]
    fn what_was_foretold_and_what_was_proven_stand_side_by_side_and_the_proof_counts() {
        let exam = exam();
        let mut attempt = finished();
        attempt.grades.push(grade(3, GradeKind::Predicted, &[("one/lasts", "yes"), ("two/now", "yes")]));
        let before = grades(&exam, &attempt);
        assert_eq!(before.counts().unwrap().score.total.points(), Some((20, 20)));
        assert_eq!(before.differ(), []);
        attempt.grades.push(grade(5, GradeKind::Proven, &[("one/lasts", "no")]));
        let after = grades(&exam, &attempt);
        assert_eq!(after.counts().unwrap().score.total.points(), Some((10, 10)), "what need not last counts as before");
        let differ = after.differ();
        assert_eq!((differ.len(), differ[0].goal.to_string()), (1, "one/lasts".into()));
        assert_eq!((differ[0].from, differ[0].to), (Some(Answer::Pass), Some(Answer::Fail)));
    }

    #[test]
    fn without_a_look_beforehand_what_need_not_last_is_unknown_and_never_lost() {
        let exam = exam();
        let mut attempt = finished();
        attempt.grades.push(grade(3, GradeKind::Proven, &[("one/lasts", "yes"), ("two/now", "no")]));
        let score = grades(&exam, &attempt).counts().unwrap().score.clone();
        assert_eq!((score.total.points(), score.total.unknown), (Some((10, 20)), 1));
    }

    #[test]
    fn a_goal_that_turned_between_two_grades_of_a_kind_is_named() {
        let mut attempt = finished();
        attempt.grades.push(grade(3, GradeKind::Predicted, &[("one/lasts", "no"), ("two/now", "yes")]));
        assert_eq!(grades(&exam(), &attempt).predicted.unwrap().turned, []);
        attempt.grades.push(grade(4, GradeKind::Predicted, &[("one/lasts", "yes"), ("two/now", "yes")]));
        let turned = grades(&exam(), &attempt).predicted.unwrap().turned;
        assert_eq!((turned.len(), turned[0].from, turned[0].to), (1, Some(Answer::Fail), Some(Answer::Pass)));
    }

    fn grade(n: u64, kind: GradeKind, all: &[(&str, &str)]) -> Grade {
        let graded = crate::exam::Graded { kind, verdicts: verdicts(all), testimonies: Vec::new() };
        Grade { n, at: finished().began, graded }
    }
}
