//! Unpacks an archive from a stranger: plain files and folders, within bounds, and never outside of the one folder. Runs nothing.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use tar::EntryType;

use crate::lesson::folder::{MOST_FILES, MOST_SIZE};

/// An archive may bring several lessons, so this many times what one may have.
const LESSONS: usize = 4;
/// The headers and the padding of an archive, beside its files.
const AROUND: u64 = 8 << 20;
/// No path of a lesson is longer, in bytes, or has more parts.
const MOST_PATH: usize = 200;
const MOST_PARTS: usize = 12;

/// Why an archive is not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// It is no tar archive, or a damaged one.
    #[error("no tar archive, or a damaged one: {0}")]
    Damaged(io::Error),
    /// An entry that no lesson may have.
    #[error("`{path}` {why}")]
    Refused {
        /// The entry's path, as it stands there.
        path: String,
        /// What it is.
        why: &'static str,
    },
    /// More files or folders than are unpacked.
    #[error("more than {} files and folders", MOST_FILES * LESSONS)]
    TooMany,
    /// More bytes than are unpacked.
    #[error("larger than {} MiB, unpacked", (MOST_SIZE * LESSONS as u64) >> 20)]
    TooLarge,
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Unpacks a tar archive, also one that gzip has packed, into an empty folder.
pub(super) fn unpack(archive: impl Read, into: &Path) -> Result<(), UnpackError> {
    let mut archive = BufReader::new(archive);
    let packed = archive.fill_buf().map_err(UnpackError::Damaged)?.starts_with(&[0x1f, 0x8b]);
    if packed { tar(MultiGzDecoder::new(archive), into) } else { tar(archive, into) }
}

fn tar(archive: impl Read, into: &Path) -> Result<(), UnpackError> {
    // Whatever the headers say, not more than this is read or unpacked.
    let mut archive = tar::Archive::new(archive.take(MOST_SIZE * LESSONS as u64 + AROUND));
    let mut left = MOST_SIZE * LESSONS as u64;
    for (number, entry) in archive.entries().map_err(UnpackError::Damaged)?.enumerate() {
        let mut entry = entry.map_err(UnpackError::Damaged)?;
        if number == MOST_FILES * LESSONS {
            return Err(UnpackError::TooMany);
        }
        let named = entry.path_bytes().into_owned();
        let refused = |why| UnpackError::Refused { path: String::from_utf8_lossy(&named).into_owned(), why };
        let kind = entry.header().entry_type();
        let why = match kind {
            EntryType::Regular | EntryType::Continuous | EntryType::Directory => "",
            // What belongs to no file: git puts the commit there.
            EntryType::XGlobalHeader => continue,
            EntryType::Symlink | EntryType::Link => "is a link; a lesson brings plain files",
            _ => "is neither a file nor a folder",
        };
        if !why.is_empty() {
            return Err(refused(why));
        }
        let below = below(&named).map_err(refused)?;
        if below.as_os_str().is_empty() {
            continue;
        }
        let path = into.join(&below);
        let disk = |source| UnpackError::Disk { path: below.clone(), source };
        let folder = if kind == EntryType::Directory { Some(path.as_path()) } else { path.parent() };
        if let Some(folder) = folder {
            // A file in the way is in the archive as well.
            DirBuilder::new().recursive(true).mode(0o755).create(folder).map_err(disk)?;
        }
        if kind == EntryType::Directory {
            continue;
        }
        left = left.checked_sub(entry.size()).ok_or(UnpackError::TooLarge)?;
        let mode = if entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0) { 0o755 } else { 0o644 };
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
        let mut file = file.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => refused("stands there twice"),
            _ => disk(error),
        })?;
        let wanted = entry.size();
        let written = io::copy(&mut entry, &mut file).map_err(disk)?;
        if written != wanted {
            return Err(UnpackError::Damaged(ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok(())
}

/// The entry's place below the folder, or why it has none.
fn below(named: &[u8]) -> Result<PathBuf, &'static str> {
    let named = std::str::from_utf8(named).map_err(|_| "has a name that is no text")?;
    if named.chars().any(char::is_control) {
        return Err("has control characters in its name");
    }
    if named.len() > MOST_PATH {
        return Err("has too long a name");
    }
    let mut below = PathBuf::new();
    for part in Path::new(named).components() {
        match part {
            Component::Normal(part) => below.push(part),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return Err("begins at the root of the file system"),
            Component::ParentDir => return Err("leads out of the folder"),
        }
    }
    if below.components().count() > MOST_PARTS { Err("lies too deep") } else { Ok(below) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// An archive of one entry whose header says what no well-meant program would write.
    fn one(path: &[u8], kind: EntryType, link: &str, text: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path);
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_entry_type(kind);
        header.set_size(text.len() as u64);
        header.set_mode(0o6755);
        header.set_cksum();
        let mut archive = tar::Builder::new(Vec::new());
        archive.append(&header, text).unwrap();
        archive.into_inner().unwrap()
    }

    fn refused(archive: &[u8]) -> String {
        let around = tempfile::tempdir().unwrap();
        let into = around.path().join("in");
        fs::create_dir(&into).unwrap();
        let said = unpack(archive, &into).unwrap_err().to_string();
        let names: Vec<_> = fs::read_dir(around.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["in"], "nothing is written outside: {said}");
        said
    }

    #[test]
    fn plain_files_are_unpacked_also_out_of_gzip_and_lose_their_set_ids() {
        let archive = one(b"./tale/programs/look", EntryType::Regular, "", b"#!/bin/sh\n");
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&archive).unwrap();
        for bytes in [archive, gz.finish().unwrap()] {
            let into = tempfile::tempdir().unwrap();
            unpack(bytes.as_slice(), into.path()).unwrap();
            let file = into.path().join("tale/programs/look");
            assert_eq!(fs::read(&file).unwrap(), b"#!/bin/sh\n");
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o755);
        }
    }

    #[test]
    fn no_entry_leads_out_is_a_link_or_a_device_or_comes_twice() {
        let file = |path: &[u8]| one(path, EntryType::Regular, "", b"x");
        for (archive, why) in [
            (file(b"../out"), "`../out` leads out of the folder"),
            (file(b"a/../../out"), "leads out"),
            (file(b"/etc/passwd"), "begins at the root"),
            (file(b"a\x1b[2J"), "control characters"),
            (file(b"\xff\xfe"), "no text"),
            (file("a/".repeat(14).as_bytes()), "lies too deep"),
            (one(b"l", EntryType::Symlink, "../../etc", b""), "`l` is a link"),
            (one(b"l", EntryType::Link, "/etc/shadow", b""), "is a link"),
            (one(b"d", EntryType::Char, "", b""), "neither a file nor a folder"),
            (one(b"d", EntryType::Block, "", b""), "neither"),
            (one(b"d", EntryType::Fifo, "", b""), "neither"),
            (one(b"d", EntryType::GNUSparse, "", b""), ""),
            (b"no archive at all".repeat(100), "no tar archive"),
            (file(b"a")[..513].to_vec(), "damaged"),
        ] {
            let said = refused(&archive);
            assert!(said.contains(why), "{why}: {said}");
        }
        let twice = [&file(b"a")[..1024], &file(b"./a")].concat();
        assert_eq!(refused(&twice), "`./a` stands there twice");
        let through = [&file(b"a")[..1024], &file(b"a/b")].concat();
        assert!(refused(&through).starts_with("cannot write a/b"));
    }

    #[test]
    fn a_flood_of_bytes_or_files_is_refused_before_it_fills_the_disk() {
        let mut header = tar::Header::new_gnu();
        header.set_path("big").unwrap();
        header.set_size(u64::MAX / 2);
        header.set_cksum();
        let said = refused(&[header.as_bytes().as_slice(), &[0; 4096]].concat());
        assert_eq!(said, "larger than 64 MiB, unpacked");

        // Two hundred thousand bytes that would become two hundred million.
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let half = vec![0; 40 << 20];
        for name in ["one", "two"] {
            bomb.write_all(&one(name.as_bytes(), EntryType::Regular, "", &half)[..512 + half.len()]).unwrap();
        }
        let said = refused(&bomb.finish().unwrap());
        assert!(said.starts_with("larger than") || said.contains("damaged"), "{said}");

        let many: Vec<u8> = (0..=MOST_FILES * LESSONS)
            .flat_map(|n| one(format!("f{n}").as_bytes(), EntryType::Regular, "", b"")[..512].to_vec())
            .collect();
        assert_eq!(refused(&many), "more than 4000 files and folders");
    }
}
