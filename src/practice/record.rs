//! What is written down about a machine: how it was made, and which process keeps it. Never the leader inside, which a reboot replaces.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Account, Error, From};

/// `machine.json`: how a machine was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The version of this record.
    pub(crate) version: u32,
    /// Where its base tree came from.
    pub(crate) from: From,
    /// The base tree's name.
    pub(crate) base: String,
    /// Who has an account from the start.
    pub(crate) accounts: Vec<Account>,
    /// On the host's own network.
    pub(crate) online: bool,
    /// Where its sshd listens on loopback.
    pub(crate) ssh_port: u16,
}

/// `keeper.json`: the process that keeps a started machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Its process id on the host.
    pub(crate) pid: i32,
    /// Its start time in clock ticks since the host's boot, so that a later process of the same id is not taken for it.
    pub(crate) started: u64,
}

/// Reads a record; none when there is none.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|bad| Error::io("read", path)(bad.into())),
        Err(gone) if gone.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
}

/// Writes a record, whole or not at all, readable by root only (it holds the practice passwords).
pub(crate) fn write<T: Serialize>(path: &Path, record: &T) -> Result<(), Error> {
    let directory = path.parent().unwrap_or(path);
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(Error::io("write", path))?;
    let bytes = serde_json::to_vec_pretty(record).map_err(|bad| Error::io("write", path)(bad.into()))?;
    file.write_all(&bytes).map_err(Error::io("write", path))?;
    file.persist(path).map_err(|bad| Error::io("write", path)(bad.error))?;
    Ok(())
}

/// The start time of a process, from `/proc/PID/stat`; none when there is no such process or it is a zombie.
pub(crate) fn started(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the second field is the program's name in brackets and may hold anything
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    if fields.next()? == "Z" { None } else { fields.nth(18)?.parse().ok() }
}

/// The children of a process, oldest first.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|line| line.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>())
        .collect()
}

/// The name of a process's program, as the kernel has it (15 letters).
pub(crate) fn program_of(pid: i32) -> Option<String> {
    Some(fs::read_to_string(format!("/proc/{pid}/comm")).ok()?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_start_time_is_found_and_a_missing_process_has_none() {
        assert!(started(std::process::id() as i32).is_some_and(|ticks| ticks > 0));
        assert_eq!(started(i32::MAX), None);
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keeper.json");
        assert_eq!(read::<Kept>(&path).unwrap(), None);
        write(&path, &Kept { pid: 7, started: 9 }).unwrap();
        assert_eq!(read::<Kept>(&path).unwrap(), Some(Kept { pid: 7, started: 9 }));
    }
}
