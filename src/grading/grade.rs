//! What an attempt's grades come to: foretold and proven, each with its score. Pure.

use std::collections::BTreeMap;

use checkers::Verdict;

use crate::exam::{Attempt, Exam, GoalId, Grade, GradeKind, Score, counting, score};

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The number of its line in the record.
    pub line: u64,
    /// The verdicts that count.
    pub verdicts: BTreeMap<GoalId, Verdict>,
    /// What they are worth.
    pub score: Score,
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
        let score = score(exam, grade.graded.kind, &verdicts);
        Side { line: grade.n, verdicts, score }
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
        attempt.grades.push(grade(5, GradeKind::Proven, &[("one/lasts", "no")]));
        let after = grades(&exam, &attempt);
        assert_eq!(after.counts().unwrap().score.total.points(), Some((10, 10)), "what need not last counts as before");
    }

    #[test]
    fn without_a_look_beforehand_what_need_not_last_is_unknown_and_never_lost() {
        let exam = exam();
        let mut attempt = finished();
        attempt.grades.push(grade(3, GradeKind::Proven, &[("one/lasts", "yes"), ("two/now", "no")]));
        let score = grades(&exam, &attempt).counts().unwrap().score.clone();
        assert_eq!((score.total.points(), score.total.unknown), (Some((10, 20)), 1));
    }

    fn grade(n: u64, kind: GradeKind, all: &[(&str, &str)]) -> Grade {
        let graded = crate::exam::Graded { kind, verdicts: verdicts(all), testimonies: Vec::new() };
        Grade { n, at: finished().began, graded }
    }
}
