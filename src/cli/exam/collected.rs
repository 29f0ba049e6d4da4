//! The attempt that a subcommand is about, and the exam that it was.

use std::path::{Path, PathBuf};

use crate::cli::{Exit, Failure, start};
use crate::exam::{Attempt, AttemptId, Attempts, Exam, Folder, FolderError, Found, Shelf, ShelfError, Started};
use crate::screen::Look;
use crate::{exam, lesson};

/// An attempt as it was found.
pub(super) struct Open {
    /// Its name, or its folder where it was named by that.
    pub(super) name: String,
    pub(super) folder: Folder,
    pub(super) found: Found,
    pub(super) attempt: Attempt,
}

/// The folder of an attempt: by its name, or by its path (anything with a `/`); the newest where none is said.
pub(super) fn folder(name: Option<&str>) -> Result<(String, PathBuf), Failure> {
    if let Some(path) = name.filter(|name| name.contains('/')) {
        return Ok((path.to_owned(), Path::new(path).to_owned()));
    }
    let attempts = Attempts::of_candidate()?;
    let id = match name {
        Some(name) => name.parse::<AttemptId>()?,
        None => newest(&attempts)?,
    };
    Ok((id.to_string(), attempts.folder(&id).path().to_owned()))
}

/// Opens it and reads its record.
pub(super) fn open(name: Option<&str>) -> Result<Open, Failure> {
    let (name, path) = folder(name)?;
    let folder = Folder::at(&path);
    let found = folder.read().map_err(|error| {
        if path.exists() { Failure::from(error) } else { no_attempt(format!("there is no attempt `{name}`")) }
    })?;
    let attempt = Attempt::of(&found.chain.entries).map_err(|why| damaged(&name, &why.to_string()))?;
    Ok(Open { name, folder, found, attempt })
}

fn newest(attempts: &Attempts) -> Result<AttemptId, Failure> {
    let began = |id: &AttemptId| {
        let chain = attempts.folder(id).read().ok()?.chain;
        chain.entries.first().map(|entry| entry.at.wall)
    };
    let ids = attempts.ids()?.into_iter();
    let newest = ids.filter_map(|id| Some((began(&id)?, id))).max_by(|a, b| a.0.cmp(&b.0));
    newest.map(|(_, id)| id).ok_or_else(|| no_attempt("there is no attempt at an exam here".into()))
}

fn no_attempt(what: String) -> Failure {
    Failure::new(Exit::Lesson, what, "name one, or the folder of one that was collected, with a `/` in it")
}

fn damaged(name: &str, why: &str) -> Failure {
    Failure::new(Exit::Failed, format!("{name}: {why}"), format!("`rootless-lab exam verify {name}` says what is wrong"))
}

/// The exam as it was sat.
pub(super) fn sat(folder: &Folder, started: &Started) -> Result<Exam, String> {
    let source = folder.exam(started).map_err(|error| error.to_string())?;
    shelf().kept(&source, &started.parameters).map_err(|error| error.to_string())
}

/// The same, with all of its problems shown.
pub(super) fn exam_of(open: &Open, look: &Look) -> Result<Exam, Failure> {
    let source = open.folder.exam(&open.attempt.started)?;
    shelf().kept(&source, &open.attempt.started.parameters).map_err(|error| not_found(error, look))
}

/// Where exams are looked for.
pub(super) fn shelf() -> Shelf {
    Shelf::new(lesson::Shelf::of_this_process())
}

/// Why there is no exam; all problems of one with mistakes are shown.
pub(super) fn not_found(error: ShelfError, look: &Look) -> Failure {
    let what = error.to_string();
    match error {
        ShelfError::File(error) => start::not_found(error, look),
        ShelfError::Unknown { nearest: Some(nearest), .. } => {
            Failure::new(Exit::Lesson, what, format!("is `{nearest}` meant?"))
        }
        ShelfError::Unknown { known, .. } => Failure::new(Exit::Lesson, what, format!("there are: {}", known.join(", "))),
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        let what = error.to_string();
        match error {
            FolderError::NoId(_) => Self::new(Exit::Lesson, what, "a name is that of the exam and a number: `rootless-sprint-1`"),
            FolderError::NoHome => Self::new(Exit::Machine, what, "set HOME"),
            FolderError::Full { .. } => {
                Self::new(Exit::Machine, what, "make room and say it again: nothing that was written before is lost")
            }
            FolderError::Disk { .. } => Self::new(Exit::Machine, what, "look at the folder's owner and rights"),
            FolderError::Busy(_) => Self::new(Exit::Busy, what, "go on in its terminal"),
            FolderError::OtherExam { .. } => {
                Self::new(Exit::Failed, what, "`rootless-lab exam verify` says what else is not as it was written")
            }
            FolderError::TooLarge { .. } => Self::new(Exit::Failed, what, "it is no file of an attempt"),
            FolderError::Chain(exam::ChainError::Newer { .. }) => {
                Self::new(Exit::Failed, what, "use the rootless-lab that wrote it, or a later one")
            }
            FolderError::Chain(_) => Self { what, way_out: None, exit: Exit::Failed },
        }
    }
}
