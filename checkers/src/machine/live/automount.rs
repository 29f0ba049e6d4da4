//! Places where the kernel mounts something as soon as somebody goes there (autofs(5), systemd's automount units): a look must not be what
//! mounts it. Each part of a path is reached with O_PATH, which mounts nothing; nothing is looked up in a folder of autofs but what is
//! mounted there already.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, readlinkat};
use nix::libc;
use nix::sys::stat::Mode;
use nix::sys::statfs::{AUTOFS_SUPER_MAGIC, fstatfs};

use super::files;
use crate::machine::CouldNot;

/// No path has more links in it, as in the kernel.
const MOST_LINKS: usize = 40;

/// What is done with the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is asked what it is, itself.
    Asked,
    /// The same, of what it leads to where it is a link.
    Followed,
    /// It is opened.
    Entered,
}

/// The ways that are known in one round of looking.
#[derive(Default)]
pub(super) struct Ways {
    mounts: OnceCell<Mounts>,
    folders: RefCell<HashMap<PathBuf, Option<Known>>>,
}

/// The mounts by their places: whether the topmost there is autofs.
#[derive(Default)]
struct Mounts(HashMap<PathBuf, bool>);

/// A folder that was reached.
#[derive(Debug, Clone)]
struct Known {
    /// Its path without links.
    real: PathBuf,
    is_autofs: bool,
    /// It was not reached: something waits on the way for somebody to go on.
    waits: bool,
}

impl Ways {
    /// The path, to be used from here on: one with a slash at its end would be entered. Refuses one on whose way, or at whose end,
    /// something would be mounted.
    pub(super) fn check<'p>(&self, path: &'p Path, end: End) -> Result<&'p Path, CouldNot> {
        let path = path.components().as_path();
        let mounts = self.mounts.get_or_init(Mounts::now);
        if !mounts.0.values().any(|is_autofs| *is_autofs) {
            return Ok(path);
        }
        let waits = match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => match self.known(mounts, folder) {
                // What cannot be reached mounts nothing.
                None => false,
                Some(folder) if folder.waits => true,
                Some(folder) => {
                    let place = folder.real.join(name);
                    (folder.is_autofs && !mounts.0.contains_key(&place)) || self.end_waits(mounts, path, &place, end)
                }
            },
            _ => self.known(mounts, path).is_some_and(|at| at.waits || at.is_autofs),
        };
        if waits {
            return Err(CouldNot::Failed("a look would mount what waits to be mounted there".into()));
        }
        Ok(path)
    }

    fn end_waits(&self, mounts: &Mounts, path: &Path, place: &Path, end: End) -> bool {
        let is_link = || files::what(path, false).is_ok_and(|what| what.st_mode & libc::S_IFMT == libc::S_IFLNK);
        match end {
            End::Asked => false,
            End::Followed | End::Entered if is_link() => {
                self.known(mounts, path).is_some_and(|at| at.waits || (end == End::Entered && at.is_autofs))
            }
            End::Followed => false,
            End::Entered => mounts.0.get(place) == Some(&true),
        }
    }

    fn known(&self, mounts: &Mounts, folder: &Path) -> Option<Known> {
        if let Some(known) = self.folders.borrow().get(folder) {
            return known.clone();
        }
        let known = mounts.walk(folder).ok();
        self.folders.borrow_mut().insert(folder.to_owned(), known.clone());
        known
    }
}

impl Mounts {
    fn now() -> Self {
        let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        // proc(5): the fifth field is the place; behind ` - ` comes the kind. What is mounted over another comes later.
        let mount = |line: &str| {
            let place = unescaped(line.split(' ').nth(4)?);
            Some((place, line.split_once(" - ")?.1.starts_with("autofs ")))
        };
        Self(table.lines().filter_map(mount).collect())
    }

    fn walk(&self, path: &Path) -> nix::Result<Known> {
        let (mut left, mut links) = (parts(path), MOST_LINKS);
        let mut way = vec![root()?];
        while let Some(part) = left.pop() {
            let (fd, at) = way.last().ok_or(Errno::ENOENT)?;
            if part == ".." {
                way.truncate((way.len() - 1).max(1));
                continue;
            }
            let real = at.real.join(&part);
            if at.is_autofs && !self.0.contains_key(&real) {
                return Ok(Known { waits: true, ..at.clone() });
            }
            let next = openat(fd, part.as_os_str(), O_PATH, Mode::empty())?;
            if nix::sys::stat::fstat(&next)?.st_mode & libc::S_IFMT == libc::S_IFLNK {
                links = links.checked_sub(1).ok_or(Errno::ELOOP)?;
                let target = PathBuf::from(readlinkat(fd, part.as_os_str())?);
                if target.is_absolute() {
                    way.truncate(1);
                }
                left.extend(parts(&target));
                continue;
            }
            let is_autofs = fstatfs(&next)?.filesystem_type() == AUTOFS_SUPER_MAGIC;
            way.push((next, Known { real, is_autofs, waits: false }));
        }
        way.pop().map(|(_, at)| at).ok_or(Errno::ENOENT)
    }
}

fn root() -> nix::Result<(OwnedFd, Known)> {
    let fd = nix::fcntl::open("/", O_PATH, Mode::empty())?;
    Ok((fd, Known { real: "/".into(), is_autofs: false, waits: false }))
}

const O_PATH: OFlag = OFlag::O_PATH.union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

/// The parts of a path, the last first.
fn parts(path: &Path) -> Vec<OsString> {
    let named = |part: Component<'_>| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    path.components().rev().filter_map(named).collect()
}

/// `\040` is a blank, and so on.
fn unescaped(text: &str) -> PathBuf {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, behind)) = rest.split_first() {
        let number = behind.get(..3).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match number.filter(|_| first == b'\\') {
            Some(byte) => (rest, _) = (behind.get(3..).unwrap_or_default(), bytes.push(byte)),
            None => (rest, _) = (behind, bytes.push(first)),
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::symlink;
    use std::process::{Command, Stdio};

    use nix::mount::{MntFlags, MsFlags, mount, umount2};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    use super::*;
    use crate::machine::{Live, Machine};

    #[test]
    fn a_place_in_the_table_of_mounts_is_read_with_its_blanks() {
        assert_eq!(unescaped(r"/mnt/a\040b\134c"), PathBuf::from(r"/mnt/a b\c"));
        assert_eq!(unescaped(r"/x\04"), PathBuf::from(r"/x\04"));
    }

    /// Every way to look there, at what waits and at what does not.
    fn look_around(place: &Path, point: &Path, below: &str) {
        let live = Live::new();
        let waiting = point.join(below);
        let refused =
            |said: Result<(), CouldNot>| matches!(said, Err(CouldNot::Failed(why)) if why.contains("would mount"));
        for path in [waiting.join("x/y"), waiting.join("x"), place.join("link/x"), place.join("link/../link/x")] {
            assert!(refused(live.read(&path, 9).map(drop)), "{}", path.display());
            assert!(refused(live.stat(&path, false).map(drop)), "{}", path.display());
            assert!(refused(live.has_acl(&path).map(drop)) && refused(live.label(&path).map(drop)));
            assert!(refused(live.read_link(&path).map(drop)));
        }
        for path in [&waiting, &place.join("link")] {
            assert!(refused(live.list(path).map(drop)) && refused(live.read(path, 9).map(drop)), "{}", path.display());
        }
        assert!(
            live.stat(point, true).is_ok_and(|what| what.mode & 0o170_000 == 0o040_000),
            "it may be asked what it is"
        );
        assert_eq!(live.read(&place.join("none/x"), 9), Err(CouldNot::Absent));
    }

    /// The kernel writes into the pipe when it wants something mounted, and whoever went there waits: no look may come back late, or not
    /// at all.
    #[test]
    fn no_look_mounts_what_waits_to_be_mounted() {
        if !nix::unistd::geteuid().is_root() {
            return terminal::skipped("this test mounts, and needs root");
        }
        let place = std::env::temp_dir().join(format!("checkers-autofs-{}", std::process::id()));
        for (kind, below) in [("direct", ""), ("indirect", "wanted")] {
            let point = place.join(kind);
            fs::create_dir_all(&point).unwrap();
            let _ = fs::remove_file(place.join("link"));
            symlink(point.join(below), place.join("link")).unwrap();
            // Whoever is of the daemon's process group mounts nothing by going there.
            let mut daemon = Command::new("sleep");
            std::os::unix::process::CommandExt::process_group(&mut daemon, 0);
            let mut daemon = daemon.arg("60").stdout(Stdio::null()).spawn().unwrap();
            let (asked, asks) = std::io::pipe().unwrap();
            let options = format!("fd={},pgrp={},minproto=5,maxproto=5,{kind}", asks.as_raw_fd(), daemon.id());
            mount(Some("checkers"), &point, Some("autofs"), MsFlags::empty(), Some(options.as_str())).unwrap();

            let (looked, done) = std::sync::mpsc::channel();
            let (of_looks, point_of_looks) = (place.clone(), point.clone());
            std::thread::spawn(move || {
                look_around(&of_looks, &point_of_looks, below);
                looked.send(()).unwrap();
            });
            let came_back = done.recv_timeout(std::time::Duration::from_secs(20));
            let mut polled = [PollFd::new(std::os::fd::AsFd::as_fd(&asked), PollFlags::POLLIN)];
            assert_eq!(poll(&mut polled, PollTimeout::ZERO).unwrap(), 0, "a look asked for the mount: {kind}");
            assert!(came_back.is_ok(), "{kind}");

            // What is mounted there is looked at like everything else.
            fs::create_dir_all(place.join("real")).unwrap();
            fs::write(place.join("real/x"), "here").unwrap();
            if kind == "direct" {
                mount(Some(&place.join("real")), &point, None::<&str>, MsFlags::MS_BIND, None::<&str>).unwrap();
                assert_eq!(Live::new().read(&place.join("link/x"), 9), Ok(b"here".to_vec()));
                umount2(&point, MntFlags::MNT_DETACH).unwrap();
            }
            drop((asks, asked));
            umount2(&point, MntFlags::MNT_DETACH).unwrap();
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
        fs::remove_dir_all(place).unwrap();
    }
}
