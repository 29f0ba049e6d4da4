//! An attempt as it lies on the disk, with its exam and the state of its record: all that a report is made from.

use std::path::Path;

use super::attempt::{self, Kept};
use crate::cli::{Exit, Failure};
use crate::exam::report::{Basis, Report};
use crate::exam::{Attempt, Break, Exam, Folder, Head};
use crate::screen::Look;

/// An attempt with all that a report is made from.
pub(super) struct Stored {
    pub(super) kept: Kept,
    pub(super) exam: Exam,
    head: Head,
    breaks: Vec<Break>,
}

impl Stored {
    /// The attempt of that name, or the newest. Anything with a slash is the path of an attempt's folder: of one that was collected, say.
    pub(super) fn find(name: Option<&str>, look: &Look) -> Result<Self, Failure> {
        let kept = match name {
            Some(path) if path.contains('/') => collected(Path::new(path))?,
            name => attempt::chosen(name)?,
        };
        Self::of(kept, look)
    }

    /// The same of one that was found already.
    pub(super) fn of(kept: Kept, look: &Look) -> Result<Self, Failure> {
        let found = kept.folder.read()?;
        let exam = kept.exam(look)?;
        Ok(Self { kept, exam, head: found.chain.head(), breaks: found.breaks() })
    }

    /// What came of it.
    pub(super) fn report(&self) -> Report {
        let Self { kept, exam, head, breaks } = self;
        Basis { id: &kept.id.to_string(), exam, attempt: &kept.attempt, head, breaks }.report()
    }
}

fn collected(path: &Path) -> Result<Kept, Failure> {
    let missing = |why: std::io::Error| {
        Failure::new(Exit::Usage, format!("{}: {why}", path.display()), "name the folder of an attempt")
    };
    let full = path.canonicalize().map_err(missing)?;
    let id = full.file_name().unwrap_or_default().to_string_lossy().parse()?;
    let folder = Folder::at(full);
    let attempt = Attempt::of(&folder.read()?.chain.entries).map_err(|why| {
        Failure::new(Exit::Failed, format!("{}: {why}", path.display()), "name the folder of an attempt")
    })?;
    Ok(Kept { id, folder, attempt })
}
