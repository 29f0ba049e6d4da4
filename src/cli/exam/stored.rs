//! An attempt as it lies on the disk, with its exam: all that a report is made from.

use super::collected::{self, Open};
use crate::cli::Failure;
use crate::exam::Exam;
use crate::exam::report::{Basis, Report};
use crate::screen::Look;

/// An attempt with its exam.
pub(super) struct Stored {
    pub(super) open: Open,
    pub(super) exam: Exam,
}

impl Stored {
    /// The attempt of that name, or the newest. Anything with a slash is the path of an attempt's folder: of one that was collected, say.
    pub(super) fn find(name: Option<&str>, look: &Look) -> Result<Self, Failure> {
        let open = collected::open(name)?;
        let exam = open.exam(look)?;
        Ok(Self { open, exam })
    }

    /// What came of it.
    pub(super) fn report(&self) -> Report {
        report(&self.open, &self.exam)
    }
}

/// What came of an attempt.
pub(super) fn report(open: &Open, exam: &Exam) -> Report {
    let (head, breaks) = (open.found.chain.head(), open.found.breaks());
    // One that was collected is told by its own name, wherever it lies.
    let id = open.folder.path().file_name().map_or_else(|| open.name.clone().into(), std::ffi::OsStr::to_string_lossy);
    Basis { id: &id, exam, attempt: &open.attempt, head: &head, breaks: &breaks }.report()
}
