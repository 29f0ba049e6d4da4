//! Files of a folder that may have come from somebody else: no link is followed, no pipe waited at, nothing read that has no end.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A record of a day's work has a megabyte, and no other file of an attempt is larger; what is larger than this is none.
pub(super) const MOST: u64 = 256 << 20;

/// With these flags a link is an error, and opening a pipe returns at once.
pub(super) const FLAGS: i32 = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK;

/// Opens a file to read it; what is a pipe, a device or a folder is refused.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(FLAGS).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

/// All of an open file; [`io::ErrorKind::FileTooLarge`] for one that is too large.
pub(super) fn content(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // What says how large it is need not be read to know that it is too large.
    if file.metadata()?.len() <= MOST {
        file.take(MOST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= MOST {
            return Ok(bytes);
        }
    }
    Err(io::ErrorKind::FileTooLarge.into())
}

/// Reads a file whole.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    content(&open(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_regular_file_of_its_own_with_an_end_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::write(place("file"), "text").unwrap();
        std::os::unix::fs::symlink(place("file"), place("link")).unwrap();
        nix::unistd::mkfifo(&place("pipe"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        File::create(place("hole")).unwrap().set_len(40 << 30).unwrap();
        std::fs::create_dir(place("folder")).unwrap();
        assert_eq!(read(&place("file")).unwrap(), b"text");
        for odd in ["link", "pipe", "folder", "hole", "none"] {
            assert!(read(&place(odd)).is_err(), "{odd}");
        }
        assert!(read(Path::new("/dev/zero")).is_err());
        assert_eq!(read(&place("hole")).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
