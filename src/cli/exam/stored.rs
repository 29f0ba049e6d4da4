//! An attempt as it lies on the disk, with the exam that was sat.

use std::path::Path;

use super::{Exit, Failure};
use crate::exam::report::{Basis, Report};
use crate::exam::{Attempt, AttemptId, Attempts, Break, Exam, Folder, Head, Shelf};
use crate::lesson;
use crate::screen::{self, Look};

/// What an attempt's folder holds.
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) exam: Exam,
    pub(super) attempt: Attempt,
    head: Head,
    breaks: Vec<Break>,
}

impl Stored {
    /// An attempt by its name, or by the path of its folder: anything with a slash.
    pub(super) fn find(name: &str) -> Result<Self, Failure> {
        if name.contains('/') {
            let path = Path::new(name);
            let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            let id = full.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Self::read(id, &Folder::at(full));
        }
        let id: AttemptId = name.parse()?;
        Self::read(id.to_string(), &Attempts::of_candidate()?.folder(&id))
    }

    fn read(id: String, folder: &Folder) -> Result<Self, Failure> {
        let found = folder.read()?;
        let attempt = Attempt::of(&found.chain.entries)?;
        let source = folder.exam(&attempt.started)?;
        let exam = Shelf::new(lesson::Shelf::of_this_process()).kept(&source, &attempt.started.parameters)?;
        Ok(Self { id, exam, attempt, head: found.chain.head(), breaks: found.breaks() })
    }

    /// What came of it.
    pub(super) fn report(&self) -> Report {
        let Self { id, exam, attempt, head, breaks } = self;
        Basis { id, exam, attempt, head, breaks }.report()
    }
}

/// The attempt of this account that was begun last. Those that cannot be read are named.
pub(super) fn last(look: &Look) -> Result<Stored, Failure> {
    let mut all = all()?;
    all.name_unread(look);
    all.stored
        .pop()
        .ok_or_else(|| Failure::new(Exit::Usage, "there is no attempt yet", "name one by the path of its folder"))
}

/// The attempts of an account.
pub(super) struct All {
    /// The oldest first.
    pub(super) stored: Vec<Stored>,
    /// Those that cannot be read, and why.
    pub(super) unread: Vec<(String, Failure)>,
}

impl All {
    /// Says which cannot be read, and why, on standard error.
    pub(super) fn name_unread(&self, look: &Look) {
        for (id, why) in &self.unread {
            let what = format!("{id}: {}", why.what);
            super::super::say::err(format_args!("{}", screen::error(&what, why.way_out.as_deref(), look)));
        }
    }
}

/// All attempts of this account.
pub(super) fn all() -> Result<All, Failure> {
    let attempts = Attempts::of_candidate()?;
    let mut all = All { stored: Vec::new(), unread: Vec::new() };
    for id in attempts.ids()? {
        match Stored::read(id.to_string(), &attempts.folder(&id)) {
            Ok(stored) => all.stored.push(stored),
            Err(why) => all.unread.push((id.to_string(), why)),
        }
    }
    all.stored.sort_by_key(|stored| stored.attempt.began.wall);
    Ok(all)
}
