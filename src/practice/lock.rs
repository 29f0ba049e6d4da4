//! A lock file that frees itself when its last holder dies. Never waits.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::Error;

/// Takes the lock at `path`, making the file; none when someone else holds it.
/// Whoever inherits the file holds it too: the machine's keeper has it as its standard input.
pub(crate) fn take(path: &Path) -> Result<Option<File>, Error> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(Error::io("open", path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_until_its_last_file_closes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let first = take(&path).unwrap().unwrap();
        let inherited = first.try_clone().unwrap();
        assert!(take(&path).unwrap().is_none());
        drop(first);
        assert!(take(&path).unwrap().is_none());
        drop(inherited);
        assert!(take(&path).unwrap().is_some());
    }
}
