//! An attempt wherever it lies: the candidate's own, by its name, or one that was collected, by its folder.

use std::path::{Path, PathBuf};

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::exam::{Attempt, AttemptId, Attempts, Exam, Folder, Found};
use crate::screen::Look;

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
        None => attempt::chosen(None)?.id,
    };
    Ok((id.to_string(), attempts.folder(&id).path().to_owned()))
}

/// Opens it and reads its record.
pub(super) fn open(name: Option<&str>) -> Result<Open, Failure> {
    let (name, path) = folder(name)?;
    if !path.is_dir() {
        return Err(missing(&name));
    }
    let folder = Folder::at(&path);
    let found = folder.read()?;
    let attempt = Attempt::of(&found.chain.entries).map_err(|why| {
        let way_out = format!("`rootless-lab exam verify {name}` says what is wrong");
        Failure::new(Exit::Failed, format!("{name}: {why}"), way_out)
    })?;
    Ok(Open { name, folder, found, attempt })
}

/// There is no such attempt.
pub(super) fn missing(name: &str) -> Failure {
    let way_out = "name one, or the folder of one that was collected, with a `/` in it";
    Failure::new(Exit::Machine, format!("there is no attempt `{name}`"), way_out)
}

impl Open {
    /// The exam as it was sat.
    pub(super) fn exam(&self, look: &Look) -> Result<Exam, Failure> {
        attempt::exam_of(&self.folder, &self.attempt, look)
    }
}
