//! Stored evidence judged again by the exam as it is now. Looks at no machine and writes nothing: the record stays that of the day.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

use checkers::Check;

use super::TESTIMONY;
use crate::exam::evidence::{self, Change, Evidence, Regraded, What, compare, regrade};
use crate::exam::{
    Attempt, Exam, Folder, FolderError, GoalId, GradeKind, Graded, Look, NoAttempt, Score, Started, Verdicts, counting,
    is_settled, score,
};

/// Where exams come from: what an attempt began with and its folder → the exam as it was sat, and as it is now.
pub type Source<'s> = dyn Fn(&Started, &Folder) -> Result<(Exam, Exam), String> + Sync + 's;

/// An attempt that was judged again.
#[derive(Debug)]
pub struct Rejudged {
    /// Its folder.
    pub path: PathBuf,
    /// Each kind of grade that it has, in the order in which they are made.
    pub grades: Vec<Again>,
    /// The record is not what was written: `verify` says where.
    pub is_broken: bool,
}

/// One grade, that day and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// Before or after a reboot.
    pub kind: GradeKind,
    /// That day's score, by that day's exam.
    pub before: Score,
    /// Today's.
    pub after: Score,
    /// What became of which goal, and why.
    pub changes: Vec<Change>,
    /// The points of today's score that rest on verdicts of the day: what they ask for is not on record.
    pub kept: u32,
}

/// Why an attempt cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum RejudgeError {
    /// Its folder cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// What was seen cannot be read.
    #[error(transparent)]
    Evidence(#[from] evidence::Error),
    /// It is no attempt.
    #[error(transparent)]
    NoAttempt(#[from] NoAttempt),
    /// There is no exam to judge it by.
    #[error("{0}")]
    Exam(String),
    /// It was never graded.
    #[error("it was never graded")]
    NotGraded,
}

/// Judges one attempt again.
pub fn rejudge(path: &Path, exams: &Source<'_>) -> Result<Rejudged, RejudgeError> {
    let folder = Folder::at(path);
    let found = folder.read()?;
    let attempt = Attempt::of(&found.chain.entries)?;
    let (then, now) = exams(&attempt.started, &folder).map_err(RejudgeError::Exam)?;
    let mut looks: Vec<Read> = Vec::new();
    for grade in &attempt.grades {
        // Who grades again and again has many looks; those that change nothing are not read.
        if !is_settled(&now, &as_looks(&looks), grade.graded.kind) {
            looks.push(Read::of(path, &grade.graded, &now)?);
        }
    }
    let that_day = counting(&then, &attempt.looks());
    let today = counting(&now, &as_looks(&looks));
    let sides = [
        (GradeKind::Predicted, that_day.predicted, today.predicted),
        (GradeKind::Proven, that_day.proven, today.proven),
    ];
    let mut grades = Vec::new();
    for (kind, before, after) in sides {
        let (Some(before), Some(after)) = (before, after) else { continue };
        let mut changes = Vec::new();
        for change in looks.iter().filter(|look| look.kind == kind).flat_map(|look| &look.changes) {
            // Several looks of a kind mostly say the same.
            if !changes.contains(change) {
                changes.push(change.clone());
            }
        }
        let (before, after) = (score(&then, kind, &before), score(&now, kind, &after));
        let is_kept = |id: &GoalId| {
            let is_it = |change: &&Change| matches!(change.what, What::Kept { .. }) && change.goal == *id;
            changes.iter().any(|change| is_it(&change))
        };
        let goals = after.tasks.iter().flat_map(|task| &task.goals);
        let kept = goals.filter(|(id, ..)| is_kept(id)).map(|(_, lowest, _)| lowest).sum();
        grades.push(Again { kind, before, after, changes, kept });
    }
    if grades.is_empty() {
        return Err(RejudgeError::NotGraded);
    }
    Ok(Rejudged { path: path.to_owned(), grades, is_broken: !found.breaks().is_empty() })
}

/// Judges all of them, on as many threads; answers in their order. `done` hears how many are, from any thread.
pub fn rejudge_all(
    paths: &[PathBuf],
    exams: &Source<'_>,
    threads: usize,
    done: &(dyn Fn(usize) + Sync),
) -> Vec<Result<Rejudged, RejudgeError>> {
    let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut mine = Vec::new();
        while let Some((nth, path)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, paths.get(n)?)))
        {
            mine.push((nth, rejudge(path, exams)));
            done(finished.fetch_add(1, Ordering::Relaxed) + 1);
        }
        mine
    };
    let mut all = Vec::with_capacity(paths.len());
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.clamp(1, paths.len().max(1))).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join() {
                Ok(mine) => all.extend(mine),
                Err(broke) => panic::resume_unwind(broke),
            }
        }
    });
    all.sort_by_key(|(nth, _)| *nth);
    all.into_iter().map(|(_, one)| one).collect()
}

/// One look, and what its evidence comes to now.
struct Read {
    kind: GradeKind,
    verdicts: Verdicts,
    changes: Vec<Change>,
}

fn as_looks(looks: &[Read]) -> Vec<Look<'_>> {
    looks.iter().map(|read| Look { kind: read.kind, verdicts: &read.verdicts }).collect()
}

impl Read {
    fn of(path: &Path, graded: &Graded, exam: &Exam) -> Result<Self, RejudgeError> {
        let wishes: Vec<(GoalId, Check, bool)> = exam
            .goals()
            .map(|(task, goal)| (task.id_of(goal), goal.check_for(graded.kind).clone(), goal.lasting))
            .collect();
        let (mut before, mut again) = (Vec::new(), Vec::new());
        for digest in &graded.testimonies {
            let evidence = Evidence::read(&path.join(TESTIMONY), digest)?;
            let asked = |name: &GoalId| evidence.judged().iter().any(|judged| judged.goal == *name);
            // A goal that is not asked in such a grade is none of its business; a new one may be answered by what was seen all the same.
            let goals = wishes
                .iter()
                .filter(|(name, _, lasting)| graded.kind == GradeKind::Predicted || *lasting || asked(name));
            again.extend(regrade(&evidence, goals.map(|(name, check, _)| (name.clone(), check))));
            before.extend_from_slice(evidence.judged());
        }
        let verdict = |one: &Regraded| Some((one.goal.clone(), one.outcome.verdict()?.clone()));
        let verdicts = again.iter().filter_map(verdict).collect();
        Ok(Self { kind: graded.kind, verdicts, changes: compare(&before, &again) })
    }
}

#[cfg(test)]
mod tests;
