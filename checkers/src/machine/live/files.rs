//! Files, directories and links, read so that nothing planted there can hang the reader or be changed by it.

use std::ffi::{CString, OsString};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::libc;
use nix::sys::stat::fstatat;

use crate::machine::{CouldNot, Stat};

const MOST_NAMES: usize = 100_000;

/// An error of the system as a reason.
pub(super) fn could_not(error: &std::io::Error) -> CouldNot {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOENT | Errno::ENOTDIR) => CouldNot::Absent,
        Some(Errno::EACCES | Errno::EPERM) => CouldNot::Denied,
        Some(other) => CouldNot::Failed(other.desc().into()),
        None => CouldNot::Failed(error.to_string()),
    }
}

/// The first bytes of a regular file. Anything else is refused before it is opened: opening a pipe lets its writer go on, opening a
/// device may move it, opening a place of autofs mounts. What was looked at is what is opened, whatever stands at the path by then.
pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>, CouldNot> {
    let place = OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(path).map_err(|e| could_not(&e))?;
    let what = place.metadata().map_err(|e| could_not(&e))?;
    if !what.is_file() {
        return Err(CouldNot::Failed("it is not a regular file".into()));
    }
    let file = open(Path::new(&format!("/proc/self/fd/{}", place.as_raw_fd()))).map_err(|e| could_not(&e))?;
    let mut bytes = Vec::with_capacity(usize::try_from(what.len().min(most)).unwrap_or(0).min(1 << 20));
    file.take(most).read_to_end(&mut bytes).map_err(|e| could_not(&e))?;
    Ok(bytes)
}

/// Opens without waiting, and without a new access time where the file is ours.
fn open(path: &Path) -> std::io::Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    match OpenOptions::new().read(true).custom_flags(flags | libc::O_NOATIME).open(path) {
        Err(e) if e.raw_os_error() == Some(libc::EPERM) => OpenOptions::new().read(true).custom_flags(flags).open(path),
        opened => opened,
    }
}

/// What stands at a path. The standard library's own would mount what waits there to be mounted.
pub(super) fn what(path: &Path, follow: bool) -> nix::Result<libc::stat> {
    let link = if follow { AtFlags::empty() } else { AtFlags::AT_SYMLINK_NOFOLLOW };
    fstatat(AT_FDCWD, path, link | AtFlags::AT_NO_AUTOMOUNT)
}

/// What a path is.
pub(super) fn stat(path: &Path, follow: bool) -> Result<Stat, CouldNot> {
    let what = what(path, follow).map_err(|e| could_not(&e.into()))?;
    Ok(Stat { mode: what.st_mode, uid: what.st_uid, gid: what.st_gid, inode: (what.st_dev, what.st_ino) })
}

/// The names in a directory, sorted.
pub(super) fn list(directory: &Path) -> Result<Vec<OsString>, CouldNot> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(|e| could_not(&e))? {
        if names.len() == MOST_NAMES {
            return Err(CouldNot::TooLarge);
        }
        names.push(entry.map_err(|e| could_not(&e))?.file_name());
    }
    names.sort();
    Ok(names)
}

/// Whether the path has a POSIX access list.
pub(super) fn has_acl(path: &Path) -> Result<bool, CouldNot> {
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|e| CouldNot::Failed(e.to_string()))?;
    // SAFETY: both names are NUL-terminated and outlive the call; with size 0 nothing is written, so no buffer is needed.
    let size = unsafe { libc::getxattr(path.as_ptr(), c"system.posix_acl_access".as_ptr(), std::ptr::null_mut(), 0) };
    if size >= 0 {
        return Ok(true);
    }
    match Errno::last() {
        Errno::ENODATA | Errno::EOPNOTSUPP => Ok(false),
        other => Err(could_not(&std::io::Error::from_raw_os_error(other as i32))),
    }
}

/// SELinux's label of a path.
pub(super) fn label(path: &Path) -> Result<String, CouldNot> {
    let path = CString::new(path.as_os_str().as_bytes()).map_err(|e| CouldNot::Failed(e.to_string()))?;
    let mut label = [0_u8; 4096];
    let name = c"security.selinux".as_ptr();
    // SAFETY: both names are NUL-terminated and outlive the call, which writes at most the buffer's length into it.
    let size = unsafe { libc::lgetxattr(path.as_ptr(), name, label.as_mut_ptr().cast(), label.len()) };
    match usize::try_from(size) {
        Ok(size) => {
            let label = label.get(..size).unwrap_or_default();
            Ok(String::from_utf8_lossy(label).trim_end_matches('\0').to_owned())
        }
        Err(_) => match Errno::last() {
            Errno::ENODATA | Errno::EOPNOTSUPP => Err(CouldNot::Absent),
            Errno::ERANGE => Err(CouldNot::TooLarge),
            other => Err(could_not(&std::io::Error::from_raw_os_error(other as i32))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Live, Machine};

    fn scratch(name: &str) -> std::path::PathBuf {
        let dir = std::env::temp_dir().join(format!("checkers-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        dir
    }

    #[test]
    fn a_pipe_is_refused_and_does_not_hang() {
        let dir = scratch("pipe");
        let pipe = dir.join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(read(&pipe, 10), Err(CouldNot::Failed("it is not a regular file".into())));
        assert_eq!(read(Path::new("/dev/zero"), 10), Err(CouldNot::Failed("it is not a regular file".into())));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn only_the_first_bytes_are_read_and_absence_is_an_answer() {
        let dir = scratch("read");
        std::fs::write(dir.join("f"), "0123456789").unwrap();
        assert_eq!(read(&dir.join("f"), 4).unwrap(), b"0123");
        assert_eq!(read(&dir.join("g"), 4), Err(CouldNot::Absent));
        assert_eq!(read(&dir.join("f/g"), 4), Err(CouldNot::Absent));
        assert_eq!(list(&dir).unwrap(), [OsString::from("f")]);
        assert_eq!(has_acl(&dir.join("f")), Ok(false));
        assert!(matches!(label(&dir.join("g")), Err(CouldNot::Absent)));
        assert!(!read(Path::new("/proc/self/status"), 100).unwrap().is_empty());
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn root_is_an_account_with_its_own_group_first() {
        let live = Live::new();
        let root = live.account("root").unwrap().unwrap();
        assert_eq!((root.uid, live.groups_of(&root).unwrap()[0].as_str()), (0, "root"));
        assert_eq!(live.account("no-such-account-here").unwrap(), None);
        assert_eq!(live.account_by_uid(0).unwrap().unwrap().name, "root");
    }
}
