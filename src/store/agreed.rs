//! Which lessons this learner has agreed to run, each by its folder and the digest of all its files. Never decides who has to agree.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::file::{Error, write_whole};

/// The form of the record that is written.
const VERSION: u32 = 1;
const RECORD: &str = "agreed.json";
/// A line of a hundred bytes for each lesson.
const MOST: u64 = 1 << 20;

/// The record of what was agreed to.
#[derive(Debug)]
pub struct Agreed {
    folder: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    version: u32,
    /// The digest that was agreed to, by the lesson's folder.
    lessons: BTreeMap<String, String>,
}

/// What was agreed to of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing yet.
    New,
    /// Files that were others than those of now.
    Changed,
    /// Just these files.
    Agreed,
}

impl Agreed {
    /// The record below `state`, where a program keeps its state (`~/.local/state`).
    pub fn new(state: &Path) -> Self {
        Self { folder: state.join("rootless-lab") }
    }

    /// The record of the account that runs this.
    pub fn of_learner() -> Result<Self, Error> {
        let state = etcetera::choose_base_strategy().ok().and_then(|places| places.state_dir());
        Ok(Self::new(&state.ok_or(Error::NoHome)?))
    }

    /// How that folder with that digest stands. Where the record is not readable nothing was agreed to.
    pub fn standing(&self, folder: &Path, digest: &str) -> Standing {
        match self.read().unwrap_or_default().get(&*folder.to_string_lossy()) {
            None => Standing::New,
            Some(agreed) if agreed == digest => Standing::Agreed,
            Some(_) => Standing::Changed,
        }
    }

    /// Keeps that this folder with this digest was agreed to.
    pub fn keep(&self, folder: &Path, digest: &str) -> Result<(), Error> {
        self.change(|lessons| drop(lessons.insert(folder.to_string_lossy().into_owned(), digest.to_owned())))
    }

    /// Forgets what was agreed to of this folder.
    pub fn forget(&self, folder: &Path) -> Result<(), Error> {
        if self.read().is_ok_and(|lessons| !lessons.contains_key(&*folder.to_string_lossy())) {
            return Ok(());
        }
        self.change(|lessons| drop(lessons.remove(&*folder.to_string_lossy())))
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), Error> {
        let path = self.folder.join(RECORD);
        let disk = |source| Error::Disk { path: path.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(disk)?;
        let gate = self.folder.join("agreed.lock");
        let gate = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(gate).map_err(disk)?;
        gate.lock().map_err(disk)?;
        let mut lessons = match self.read() {
            Ok(lessons) => lessons,
            Err(_) => {
                // What cannot be read, a newer form say, is kept under another name.
                let aside = (1..).map(|n| self.folder.join(format!("agreed.set-aside-{n}.json")));
                let aside = aside.take(1000).find(|path| !path.exists());
                aside.map_or(Ok(()), |aside| fs::rename(&path, aside)).map_err(disk)?;
                BTreeMap::new()
            }
        };
        change(&mut lessons);
        let text = serde_json::to_vec_pretty(&Record { version: VERSION, lessons }).map_err(|e| disk(e.into()))?;
        write_whole(&path, &text).map_err(disk)
    }

    fn read(&self) -> io::Result<BTreeMap<String, String>> {
        let mut text = Vec::new();
        match File::open(self.folder.join(RECORD)) {
            Ok(file) => file.take(MOST).read_to_end(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(error),
        };
        let record: Record = serde_json::from_slice(&text)?;
        if record.version == VERSION { Ok(record.lessons) } else { Err(io::ErrorKind::InvalidData.into()) }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_was_agreed_to_is_known_again_until_a_file_changes() {
        let state = tempfile::tempdir().unwrap();
        let (agreed, tale) = (Agreed::new(state.path()), Path::new("/lessons/tale"));
        assert_eq!(agreed.standing(tale, "a"), Standing::New);
        agreed.keep(tale, "a").unwrap();
        agreed.keep(Path::new("/lessons/other"), "b").unwrap();
        assert_eq!(agreed.standing(tale, "a"), Standing::Agreed);
        assert_eq!(agreed.standing(tale, "c"), Standing::Changed);
        agreed.forget(tale).unwrap();
        assert_eq!(agreed.standing(tale, "a"), Standing::New);
        assert_eq!(agreed.standing(Path::new("/lessons/other"), "b"), Standing::Agreed);
        let mode = fs::metadata(state.path().join("rootless-lab").join(RECORD)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_or_newer_record_agrees_to_nothing_and_is_kept() {
        for text in ["{", "[]", r#"{"version":2,"lessons":{"/lessons/tale":"a"}}"#] {
            let state = tempfile::tempdir().unwrap();
            let (agreed, tale) = (Agreed::new(state.path()), Path::new("/lessons/tale"));
            let folder = state.path().join("rootless-lab");
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(RECORD), text).unwrap();
            assert_eq!(agreed.standing(tale, "a"), Standing::New, "{text}");
            agreed.keep(tale, "a").unwrap();
            assert_eq!(agreed.standing(tale, "a"), Standing::Agreed);
            assert_eq!(fs::read_to_string(folder.join("agreed.set-aside-1.json")).unwrap(), text);
        }
    }
}
