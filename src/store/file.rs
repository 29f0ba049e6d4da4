//! One folder a lesson under XDG state: `record.json`, and a lock that says which lab has it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::session::{Record, VERSION};

/// The place of one learner's record of one lesson.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    /// Held as long as this lab runs; the kernel frees it however the lab ends.
    lock: Option<File>,
}

/// What was found of a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// No record yet.
    Nothing,
    /// A record to go on with.
    Record(Box<Record>),
    /// There was one that cannot be used; it was kept under another name.
    SetAside {
        /// Where it is now.
        path: PathBuf,
        /// Why it cannot be used.
        why: String,
    },
}

/// Why progress cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another lab has this record open.
    #[error("another lab has this lesson open (process {0})")]
    Busy(String),
    /// The disk says no.
    #[error("{path}: {source}", path = .path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// There is no home to keep it in.
    #[error("neither XDG_STATE_HOME nor HOME says where to keep progress")]
    NoHome,
}

const RECORD: &str = "record.json";
/// A record is a few kilobytes; what is larger is not one.
const MOST: u64 = 1 << 20;

impl Store {
    /// The place of `lesson` below `state`, where a program keeps its state (`~/.local/state`).
    pub fn new(state: &Path, lesson: &str) -> Self {
        Self { folder: state.join("rootless-lab").join(lesson), lock: None }
    }

    /// The place of `lesson` of the account that runs this.
    pub fn of_learner(lesson: &str) -> Result<Self, Error> {
        let state = etcetera::choose_base_strategy().ok().and_then(|places| places.state_dir());
        Ok(Self::new(&state.ok_or(Error::NoHome)?, lesson))
    }

    /// The folder in which everything of this lesson is kept.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of what the learner typed, in whichever lesson. No lesson has a name that begins with a dot.
    pub fn history(&self) -> PathBuf {
        self.folder.with_file_name(".history")
    }

    /// Makes the folder and takes the lock, so that no other lab writes here.
    pub fn claim(&mut self) -> Result<(), Error> {
        self.lock = Some(claim(&self.folder)?);
        Ok(())
    }

    /// Looks at the record without changing anything.
    pub fn look(&self) -> Result<Option<Record>, String> {
        let path = self.folder.join(RECORD);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.to_string()),
        };
        let mut text = Vec::new();
        file.take(MOST).read_to_end(&mut text).map_err(|e| e.to_string())?;
        let version = serde_json::from_slice::<serde_json::Value>(&text)
            .map_err(|e| format!("it is damaged ({e})"))?
            .get("version")
            .and_then(serde_json::Value::as_u64);
        match version {
            Some(version) if version > u64::from(VERSION) => {
                Err(format!("a newer rootless-lab wrote it (form {version}, this one knows {VERSION})"))
            }
            Some(_) => serde_json::from_slice(&text).map(Some).map_err(|e| format!("it is damaged ({e})")),
            None => Err("it is damaged (it has no version)".into()),
        }
    }

    /// Reads the record to go on with; one that cannot be used is kept under another name.
    pub fn open(&self) -> Result<Found, Error> {
        match self.look() {
            Ok(None) => Ok(Found::Nothing),
            Ok(Some(record)) => Ok(Found::Record(Box::new(record))),
            Err(why) => {
                let from = self.folder.join(RECORD);
                let to = (1..)
                    .map(|n| self.folder.join(format!("record.set-aside-{n}.json")))
                    .find(|path| !path.exists())
                    .unwrap_or_else(|| self.folder.join("record.set-aside.json"));
                fs::rename(&from, &to).map_err(|e| self.disk(&from, e))?;
                Ok(Found::SetAside { path: to, why })
            }
        }
    }

    /// Replaces the record: a reader sees the old one or the new one, never half of one, whenever the power goes.
    pub fn save(&self, record: &Record) -> Result<(), Error> {
        let path = self.folder.join(RECORD);
        let text = serde_json::to_vec_pretty(record).map_err(|e| self.disk(&path, e.into()))?;
        write_whole(&path, &text).map_err(|e| self.disk(&path, e))
    }

    /// Throws the record away.
    pub fn forget(&self) -> Result<(), Error> {
        let path = self.folder.join(RECORD);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(self.disk(&path, e)),
            _ => Ok(()),
        }
    }

    fn disk(&self, path: &Path, source: io::Error) -> Error {
        Error::Disk { path: path.to_owned(), source }
    }
}

/// Makes the folder, for its owner alone, and takes the lock in it, so that no other lab writes here while the lock is open.
pub fn claim(folder: &Path) -> Result<File, Error> {
    let disk = |path: &Path, source| Error::Disk { path: path.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| disk(folder, e))?;
    let path = folder.join("lock");
    let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(&path);
    let mut file = open.map_err(|e| disk(&path, e))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = (&file).take(20).read_to_string(&mut holder);
            return Err(Error::Busy(holder.trim().to_owned()));
        }
        Err(TryLockError::Error(e)) => return Err(disk(&path, e)),
    }
    let said = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
    said.map_err(|e| disk(&path, e))?;
    Ok(file)
}

/// Writes a private file as a whole: beside it first, then in its place, both on the disk before this returns.
pub fn write_whole(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut file = tempfile::Builder::new().prefix(".part-").tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let state = tempfile::tempdir().unwrap();
        let mut store = Store::new(state.path(), "tale");
        store.claim().unwrap();
        (state, store)
    }

    fn record(step: &str) -> Record {
        Record { version: VERSION, lesson: "tale".into(), step: Some(step.into()), ..Record::default() }
    }

    #[test]
    fn what_was_saved_is_found_again_and_only_its_owner_may_read_it() {
        let (_state, store) = store();
        assert_eq!(store.open().unwrap(), Found::Nothing);
        store.save(&record("two")).unwrap();
        assert_eq!(store.open().unwrap(), Found::Record(Box::new(record("two"))));
        let mode = fs::metadata(store.folder().join(RECORD)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_second_lab_on_the_same_record_is_told_so() {
        let (state, first) = store();
        let mut second = Store::new(state.path(), "tale");
        assert!(matches!(second.claim(), Err(Error::Busy(pid)) if pid == std::process::id().to_string()));
        drop(first);
        second.claim().unwrap();
    }

    #[test]
    fn a_damaged_or_newer_record_is_set_aside_and_never_lost() {
        let (_state, store) = store();
        for text in ["{\"version\":1", "", "[]", "{\"version\":99,\"lesson\":\"tale\"}", "\u{0}\u{0}"] {
            fs::write(store.folder().join(RECORD), text).unwrap();
            let Found::SetAside { path, why } = store.open().unwrap() else { panic!("{text:?} was used") };
            assert_eq!(fs::read_to_string(path).unwrap(), text);
            assert!(!why.is_empty());
            assert_eq!(store.open().unwrap(), Found::Nothing);
        }
    }

    #[test]
    fn a_disk_that_says_no_leaves_the_old_record() {
        let (_state, store) = store();
        store.save(&record("one")).unwrap();
        let gone = Store { folder: store.folder().join("not-there"), lock: None };
        assert!(matches!(gone.save(&record("two")), Err(Error::Disk { .. })));
        assert_eq!(store.open().unwrap(), Found::Record(Box::new(record("one"))));
    }
}
