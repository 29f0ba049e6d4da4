//! A machine's control groups where no systemd runs on the host: two machines in one group would end each other's processes. nspawn makes
//! groups of its own below them, in each hierarchy in which whoever starts it has one, and removes none.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Error;

/// Joins the groups that are named before `--`, and becomes the command behind it.
const JOIN: &str =
    "while [ \"$1\" != -- ]; do echo $$ > \"$1/cgroup.procs\" || exit 1; shift; done; shift; exec \"$@\"";

/// The first is of version 2. None where the host's systemd owns them.
pub(crate) struct Groups(Vec<PathBuf>);

impl Groups {
    /// Those of the machine with this seed.
    pub(crate) fn of(machine: &str, seed: &Path) -> Self {
        if Path::new("/run/systemd/system").is_dir() {
            return Self(Vec::new());
        }
        let old = Path::new("/sys/fs/cgroup/systemd");
        let hierarchies = [Some(hierarchy()), old.is_dir().then_some(old)];
        Self(hierarchies.into_iter().flatten().map(|place| place.join(name(machine, seed))).collect())
    }

    /// That of version 2.
    pub(crate) fn first(&self) -> Option<&Path> {
        self.0.first().map(PathBuf::as_path)
    }

    /// Makes them.
    pub(crate) fn make(&self) -> Result<(), Error> {
        for group in &self.0 {
            fs::create_dir_all(group).map_err(Error::io("make the control group", group))?;
        }
        Ok(())
    }

    /// What runs in them: the arguments that follow are a command.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", JOIN, "rootless-lab"]).args(&self.0).arg("--");
        command
    }

    /// Removes them, once nothing runs in them any more. That of version 2 comes last: as long as it is there, whoever is cut short here
    /// is tried again.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        self.0.iter().rev().try_for_each(|group| remove(group))
    }
}

/// A name that two machines never share, not even ones of the same name in two state directories.
pub(crate) fn name(machine: &str, seed: &Path) -> String {
    let inode = fs::metadata(seed).map(|meta| meta.ino()).unwrap_or_default();
    format!("rootless-lab-{machine}-{inode}")
}

/// Where the host has its control groups of version 2.
pub(crate) fn hierarchy() -> &'static Path {
    let unified = Path::new("/sys/fs/cgroup/unified");
    if unified.is_dir() { unified } else { Path::new("/sys/fs/cgroup") }
}

/// Removes a control group with those below it. The host's systemd may be doing so in the same moment.
pub(crate) fn remove(group: &Path) -> Result<(), Error> {
    remove_tree(group).map_err(Error::io("remove the control group", group))
}

fn remove_tree(group: &Path) -> io::Result<()> {
    let below = match fs::read_dir(group) {
        Err(error) => return gone_is_fine(Err(error)),
        Ok(below) => below.flatten(),
    };
    for entry in below {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&entry.path())?;
        }
    }
    gone_is_fine(fs::remove_dir(group))
}

/// A file of a group that went meanwhile is not found, or has no device any more.
pub(crate) fn gone_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.raw_os_error() == Some(nix::libc::ENODEV) => Ok(()),
        done => done,
    }
}
