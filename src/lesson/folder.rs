//! The files of a lesson's folder, within bounds, and one digest over all of them. Follows no link and writes nothing.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A lesson has not more files than this.
pub const MOST_FILES: usize = 1000;
/// All files of a lesson together are not larger, in bytes.
pub const MOST_SIZE: u64 = 16 << 20;
/// No folder of a lesson lies deeper.
pub const MOST_DEPTH: usize = 8;
/// What git keeps beside a lesson changes with every look of it, and is no part of the lesson.
pub(crate) const OF_GIT: &str = ".git";

/// Why a folder is none that a lesson may have. Paths begin at the folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something that is neither a plain file nor a folder: what is at its other end may change unseen.
    #[error("{} is {kind}; a lesson has plain files and folders only", path.display())]
    NotPlain {
        /// What.
        path: PathBuf,
        /// `a link`, `a device` …
        kind: &'static str,
    },
    /// More files than a lesson may have.
    #[error("more than {MOST_FILES} files")]
    TooMany,
    /// More bytes than a lesson may have.
    #[error("larger than {} MiB", MOST_SIZE >> 20)]
    TooLarge,
    /// Folders in folders without end.
    #[error("folders more than {MOST_DEPTH} deep")]
    TooDeep,
}

/// One file of a lesson's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonFile {
    /// Its path, beginning at the folder.
    pub path: PathBuf,
    /// Whether its owner may run it.
    pub runs: bool,
    /// Its size in bytes.
    pub size: u64,
}

/// All files of a folder and of those below it, sorted by their paths. What is under the folder's own `.git` is left out.
pub fn files(folder: &Path) -> Result<Vec<LessonFile>, FolderError> {
    let mut found = Vec::new();
    walk(folder, Path::new(""), 0, &mut found)?;
    if found.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.size)).is_none_or(|sum| sum > MOST_SIZE) {
        return Err(FolderError::TooLarge);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(folder: &Path, below: &Path, depth: usize, found: &mut Vec<LessonFile>) -> Result<(), FolderError> {
    if depth > MOST_DEPTH {
        return Err(FolderError::TooDeep);
    }
    let unreadable = |path: &Path, source| FolderError::Unreadable { path: path.to_owned(), source };
    for entry in fs::read_dir(folder.join(below)).map_err(|error| unreadable(below, error))? {
        let entry = entry.map_err(|error| unreadable(below, error))?;
        let path = below.join(entry.file_name());
        let meta = entry.metadata().map_err(|error| unreadable(&path, error))?;
        if meta.is_dir() {
            if path != Path::new(OF_GIT) {
                walk(folder, &path, depth + 1, found)?;
            }
        } else if meta.is_file() {
            if found.len() == MOST_FILES {
                return Err(FolderError::TooMany);
            }
            found.push(LessonFile { path, runs: meta.mode() & 0o100 != 0, size: meta.len() });
        } else {
            let kind = if meta.is_symlink() { "a link" } else { "a device, a pipe or a socket" };
            return Err(FolderError::NotPlain { path, kind });
        }
    }
    Ok(())
}

/// The content of one file of the folder, opened without following a link or waiting at a pipe.
pub(crate) fn content(folder: &Path, file: &LessonFile) -> Result<Vec<u8>, FolderError> {
    let unreadable = |source| FolderError::Unreadable { path: file.path.clone(), source };
    let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK;
    let opened: File =
        OpenOptions::new().read(true).custom_flags(flags).open(folder.join(&file.path)).map_err(unreadable)?;
    let mut bytes = Vec::new();
    opened.take(MOST_SIZE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MOST_SIZE { Err(FolderError::TooLarge) } else { Ok(bytes) }
}

/// One SHA-256 over the paths, contents and modes of all files, in hexadecimal digits: another file, name, byte or right to run
/// makes another digest. Folders without files count for nothing.
pub fn digest(folder: &Path) -> Result<String, FolderError> {
    let mut all = Sha256::new();
    all.update(b"rootless-lab lesson folder 1\0");
    for file in files(folder)? {
        let path = file.path.as_os_str().as_bytes();
        all.update((path.len() as u64).to_be_bytes());
        all.update(path);
        all.update([u8::from(file.runs)]);
        all.update(Sha256::digest(content(folder, &file)?));
    }
    Ok(hex(&all.finalize()))
}

/// The SHA-256 of some bytes, as sha256sum prints it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("lesson.yaml"), "format: 1\n").unwrap();
        fs::create_dir(folder.path().join("programs")).unwrap();
        fs::write(folder.path().join("programs/look"), "#!/bin/sh\n").unwrap();
        folder
    }

    #[test]
    fn another_byte_name_file_or_right_to_run_makes_another_digest_and_nothing_else_does() {
        let (folder, other) = (folder(), folder());
        let (here, there) = (folder.path(), other.path());
        let first = digest(here).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(digest(there).unwrap(), first, "the place does not count");
        fs::create_dir(here.join("empty")).unwrap();
        fs::create_dir(here.join(".git")).unwrap();
        fs::write(here.join(".git/HEAD"), "x").unwrap();
        assert_eq!(digest(here).unwrap(), first, "what git keeps does not count");
        let mut seen = vec![first];
        let mut another = |what: &str| {
            let now = digest(here).unwrap();
            assert!(!seen.contains(&now), "{what}");
            seen.push(now);
        };
        fs::write(here.join("programs/look"), "#!/bin/bash\n").unwrap();
        another("a byte");
        fs::set_permissions(here.join("programs/look"), fs::Permissions::from_mode(0o755)).unwrap();
        another("a right to run");
        fs::rename(here.join("programs/look"), here.join("look")).unwrap();
        another("a place");
        fs::write(here.join("more"), "").unwrap();
        another("an empty file");
    }

    #[test]
    fn links_pipes_floods_and_wells_are_refused() {
        let refused = |make: &dyn Fn(&Path)| {
            let folder = folder();
            make(folder.path());
            digest(folder.path()).unwrap_err().to_string()
        };
        let said = refused(&|here| symlink("/bin/true", here.join("programs/true")).unwrap());
        assert_eq!(said, "programs/true is a link; a lesson has plain files and folders only");
        let said = refused(&|here| nix::unistd::mkfifo(&here.join("p"), nix::sys::stat::Mode::S_IRWXU).unwrap());
        assert!(said.starts_with("p is a device, a pipe"), "{said}");
        let said = refused(&|here| File::create(here.join("big")).unwrap().set_len(MOST_SIZE + 1).unwrap());
        assert_eq!(said, "larger than 16 MiB");
        let said = refused(&|here| (0..MOST_FILES).for_each(|n| fs::write(here.join(n.to_string()), "").unwrap()));
        assert_eq!(said, "more than 1000 files");
        let said = refused(&|here| fs::create_dir_all(here.join("a/".repeat(MOST_DEPTH + 1))).unwrap());
        assert_eq!(said, "folders more than 8 deep");
    }
}
