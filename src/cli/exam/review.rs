//! What was missed in an attempt, and where to learn it.

use std::path::Path;

use clap::Args;

use super::attempt::{self, Kept};
use crate::cli::{Exit, Failure};
use crate::exam::evidence::Evidence;
use crate::exam::review::{Missed, missed};
use crate::exam::{Exam, PlacedFile};
use crate::grading::TESTIMONY;
use crate::lesson::{Lesson, ManualEntry, Shelf};
use crate::manual::Manuals;
use crate::screen::{self, Look, Reviewed, Taught};

/// No more excerpts of man pages beside a task.
const MOST_EXCERPTS: usize = 3;

/// What was missed in an attempt: the step that teaches it, this machine's man page, what was typed for it and what that changed, and your
/// file beside a good one.
#[derive(Debug, Args)]
pub(in crate::cli) struct Review {
    /// The attempt, by name or by folder. [default: the newest]
    attempt: Option<String>,
}

impl Review {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let kept = attempt::open(self.attempt.as_deref())?;
        let exam = kept.exam(look)?;
        // A review tells the way, and whoever still sits there is to find it alone.
        attempt::is_over(&kept)?;
        let report = kept.report(&exam);
        if report.counts().is_none() {
            let way_out = "`rootless-lab exam grade` judges it, unless it was given up";
            return Err(Failure::new(Exit::Usage, "this attempt has not been graded", way_out));
        }
        let seen = seen(&kept);
        let file =
            |good: &PlacedFile| seen.iter().rev().find_map(|one| one.file_of(&good.account, Path::new(&good.path)));
        let missed = missed(&exam, &kept.attempt, &report, &file);
        let manuals = Manuals::default();
        let reviewed: Vec<Reviewed> = missed.into_iter().map(|missed| looked_up(missed, &exam, &manuals)).collect();
        // The lab's words are typed in a lab, and this is none.
        say!("{}", screen::review(&report, &reviewed, &look.elsewhere()));
        Ok(Exit::Fine)
    }
}

/// What was seen for the grades, as far as it can still be read. A diff is worth no failure.
fn seen(kept: &Kept) -> Vec<Evidence> {
    let folder = kept.folder.path().join(TESTIMONY);
    let digests = kept.attempt.grades.iter().flat_map(|grade| &grade.graded.testimonies);
    digests.filter_map(|digest| Evidence::read(&folder, digest).ok()).collect()
}

fn looked_up(missed: Missed, exam: &Exam, manuals: &Manuals) -> Reviewed {
    let lesson = missed.step.as_ref().and_then(|(lesson, _)| {
        let shelf = Shelf::of_this_process().with_parameters(exam.parameters.clone());
        shelf.find(lesson).ok().map(|found| found.0)
    });
    let place =
        |lesson: &Lesson| lesson.steps.iter().position(|step| missed.step.as_ref().is_some_and(|it| it.1 == step.id));
    let step = lesson.as_ref().and_then(|lesson| Some((place(lesson)?, lesson)));
    let taught = missed.step.as_ref().map(|(lesson, _)| Taught {
        lesson: lesson.clone(),
        step: step.map(|(at, lesson)| (at + 1, lesson.steps[at].title.clone())),
    });
    let of_step = step.map(|(at, lesson)| lesson.steps[at].manual.as_slice()).unwrap_or_default();
    let mut entries: Vec<&ManualEntry> = Vec::new();
    for entry in missed.manual.iter().chain(of_step) {
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    let excerpts = entries.into_iter().take(MOST_EXCERPTS).map(|entry| manuals.excerpt(entry)).collect();
    Reviewed { missed, taught, excerpts }
}
