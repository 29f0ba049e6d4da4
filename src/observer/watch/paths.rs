//! Watches paths: what stands there, the way there, and where nothing stands yet, the last directory on the way. Sees no more than
//! the account with whose rights it looks, and never reads a file.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::sys::inotify::{AddWatchFlags as On, InitFlags, Inotify, InotifyEvent, WatchDescriptor};

use super::guise::Account;

/// No lesson needs more watches, or deeper paths; and no path more links.
const MOST: usize = 512;
const DEEPEST: usize = 64;
const MOST_LINKS: usize = 16;
/// Two interests may meet in one directory: the second does not throw out the first.
const MASK_ADD: On = On::from_bits_retain(nix::libc::IN_MASK_ADD);
/// So many times events are read before others have their turn.
const READS: usize = 64;

/// A path to be watched for a ground.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) ground: usize,
    pub(super) path: PathBuf,
    /// With whose rights; this process's own where none is given.
    pub(super) account: Option<Account>,
    pub(super) inside: Inside,
}

/// What matters of what stands in a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    Nothing,
    All,
    Ending(&'static str),
    Named(&'static [&'static str]),
}

impl Inside {
    fn matters(self, name: &OsStr) -> bool {
        match self {
            Self::Nothing => false,
            // Programs that write in one step write beside it first.
            Self::All => !name.as_encoded_bytes().starts_with(b".#"),
            Self::Ending(end) => name.as_encoded_bytes().ends_with(end.as_bytes()),
            Self::Named(names) => names.iter().any(|one| name == *one),
        }
    }
}

#[derive(Debug)]
enum What {
    /// The watched thing itself.
    Itself,
    /// What has this name in it. When it is on the way, the way is another one after each change.
    Entry { name: OsString, on_the_way: bool },
    /// What matters in it.
    Entries(Inside),
}

/// The watches of one plan. A new plan has new ones.
pub(super) struct Paths {
    inotify: Inotify,
    interests: HashMap<WatchDescriptor, Vec<(usize, What)>>,
    /// Grounds of which something cannot be watched, and why.
    pub(super) lost: Vec<(usize, String)>,
}

/// What the watches told.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) grounds: BTreeSet<usize>,
    /// The way to something is another one: a new plan is needed.
    pub(super) moved: bool,
    /// Something came at all.
    pub(super) any: bool,
}

impl Paths {
    /// Watches all these.
    pub(super) fn new(wanted: &[Wanted]) -> Result<Self, String> {
        let inotify = Inotify::init(InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK);
        let inotify = inotify.map_err(|error| why(&error.into()))?;
        let mut paths = Self { inotify, interests: HashMap::new(), lost: Vec::new() };
        for one in wanted {
            let walked = match &one.account {
                Some(account) => account.lends(|| paths.walk(one)),
                None => Ok(paths.walk(one)),
            };
            if let Err(error) = walked.and_then(|walked| walked) {
                paths.lost.push((one.ground, why(&error)));
            }
        }
        Ok(paths)
    }

    /// What to wait for.
    pub(super) fn events(&self) -> BorrowedFd<'_> {
        self.inotify.as_fd()
    }

    /// Takes in what came.
    pub(super) fn take_in(&self, seen: &mut Seen) {
        for _ in 0..READS {
            let Ok(events) = self.inotify.read_events() else { return };
            seen.any = true;
            for event in events {
                self.heed(&event, seen);
            }
        }
    }

    fn heed(&self, event: &InotifyEvent, seen: &mut Seen) {
        if event.mask.contains(On::IN_Q_OVERFLOW) {
            seen.grounds.extend(self.interests.values().flatten().map(|(ground, _)| *ground));
            seen.moved = true;
        }
        let of_itself = event.name.is_none();
        let gone = On::IN_DELETE_SELF | On::IN_MOVE_SELF | On::IN_UNMOUNT | On::IN_IGNORED;
        let new_directory = event.mask.contains(On::IN_ISDIR) && event.mask.intersects(On::IN_CREATE | On::IN_MOVED_TO);
        for (ground, what) in self.interests.get(&event.wd).into_iter().flatten() {
            let (matters, moved) = match (what, &event.name) {
                (What::Itself, None) => (true, true),
                (What::Itself, Some(_)) => (false, false),
                (What::Entry { name, on_the_way }, Some(found)) => (name == found, *on_the_way || new_directory),
                (What::Entries(inside), Some(found)) => (inside.matters(found), new_directory),
                (_, None) => (of_itself && event.mask.intersects(gone), true),
            };
            if matters {
                seen.grounds.insert(*ground);
                seen.moved |= moved;
            }
        }
    }

    /// From the root to the path, one name after the other. Each directory is watched before it is looked whether the next name
    /// stands in it, so that nothing can come in between unseen.
    fn walk(&mut self, wanted: &Wanted) -> io::Result<()> {
        let ground = wanted.ground;
        let mut here = PathBuf::from("/");
        let mut rest = names(&wanted.path)?;
        let (mut steps, mut links) = (0, 0);
        while let Some(name) = rest.pop_front() {
            steps += 1;
            if steps > DEEPEST {
                return Err(io::Error::other("the path is too deep"));
            }
            if name == ".." {
                here.pop();
                continue;
            }
            let at = here.join(&name);
            let last = rest.is_empty();
            let mut found = at.symlink_metadata();
            let is_plain_way = found.as_ref().is_ok_and(|found| found.is_dir()) && !last;
            if !is_plain_way {
                self.entry(&here, &at, &name, ground, !last)?;
                found = at.symlink_metadata();
            }
            match found {
                Ok(link) if link.is_symlink() => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(io::Error::other("too many links"));
                    }
                    self.on_the_way(&here, &name, ground);
                    let target = at.read_link()?;
                    if target.is_absolute() {
                        here = PathBuf::from("/");
                    }
                    for name in names(&target)?.into_iter().rev() {
                        rest.push_front(name);
                    }
                    if rest.is_empty() {
                        return self.inside(&here, wanted);
                    }
                }
                Ok(found) if found.is_dir() && last => return self.inside(&at, wanted),
                Ok(found) if found.is_dir() => {
                    self.watch(&at, On::IN_MOVE_SELF | On::IN_DELETE_SELF | On::IN_ATTRIB, ground, What::Itself)?;
                    here = at;
                }
                Ok(_) if last => return Ok(()),
                // Where a directory should be stands something else, or nothing: it is seen when that changes.
                _ => {
                    self.on_the_way(&here, &name, ground);
                    return Ok(());
                }
            }
        }
        self.inside(&here, wanted)
    }

    /// Watches a name in a directory; where that may not be read, what stands there.
    fn entry(&mut self, here: &Path, at: &Path, name: &OsStr, ground: usize, on_the_way: bool) -> io::Result<()> {
        let entry = What::Entry { name: name.to_owned(), on_the_way };
        match self.watch(here, entries(), ground, entry) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                match self.watch(at, entries() | On::IN_DONT_FOLLOW, ground, What::Itself) {
                    // These eyes see no change there, and so none is told.
                    Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => Ok(()),
                    watched => watched,
                }
            }
            watched => watched,
        }
    }

    /// What has this name in this directory leads on to what is watched.
    fn on_the_way(&mut self, here: &Path, name: &OsStr, ground: usize) {
        let Ok(watch) = self.inotify.add_watch(here, entries() | MASK_ADD) else { return };
        let entry = What::Entry { name: name.to_owned(), on_the_way: true };
        self.interests.entry(watch).or_default().push((ground, entry));
    }

    fn inside(&mut self, directory: &Path, wanted: &Wanted) -> io::Result<()> {
        if wanted.inside == Inside::Nothing {
            return Ok(());
        }
        match self.watch(directory, entries(), wanted.ground, What::Entries(wanted.inside)) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(()),
            watched => watched,
        }
    }

    fn watch(&mut self, path: &Path, on: On, ground: usize, what: What) -> io::Result<()> {
        if self.interests.len() >= MOST {
            return Err(io::Error::other("more paths than anybody should watch"));
        }
        let watch = self.inotify.add_watch(path, on | MASK_ADD)?;
        self.interests.entry(watch).or_default().push((ground, what));
        Ok(())
    }
}

/// What may happen in a directory, and to it. Not that a file was closed: writes in a row are one event then, however many there are.
fn entries() -> On {
    On::IN_CREATE
        | On::IN_DELETE
        | On::IN_MOVED_FROM
        | On::IN_MOVED_TO
        | On::IN_MODIFY
        | On::IN_ATTRIB
        | On::IN_DELETE_SELF
        | On::IN_MOVE_SELF
}

fn names(path: &Path) -> io::Result<VecDeque<OsString>> {
    let names: VecDeque<OsString> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect();
    if names.len() > DEEPEST { Err(io::Error::other("the path is too deep")) } else { Ok(names) }
}

fn why(error: &io::Error) -> String {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOSPC) => "no more files can be watched here (fs.inotify.max_user_watches)".into(),
        Some(Errno::EMFILE | Errno::ENFILE) => {
            "nobody more can watch files here (fs.inotify.max_user_instances, or open files)".into()
        }
        _ => format!("files cannot be watched: {error}"),
    }
}
