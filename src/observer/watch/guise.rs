//! Does one thing with the rights of an account, and is itself again afterwards. Runs nothing, logs nobody in. For a process with
//! one thread.

use std::ffi::CString;
use std::io;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::unistd::{Gid, Uid, User, getgrouplist, getgroups, setgroups, setresgid, setresuid};

use crate::observer::rights::stay_small;

/// Leaves an id as it is (setresuid(2)).
const SAME: u32 = u32::MAX;

/// An account with whose rights something may be done: never root's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: Uid,
    pub(super) gid: Gid,
    pub(super) home: PathBuf,
    groups: Vec<Gid>,
}

impl Account {
    /// The account of this name; none where there is none.
    pub(super) fn find(name: &str) -> Result<Option<Self>, String> {
        let told = |error: nix::Error| format!("{name}: {error}");
        let user = match User::from_name(name) {
            Ok(Some(user)) if user.uid.is_root() || user.gid == Gid::from_raw(0) => {
                return Err(format!("{name} is root, as whom no lesson looks"));
            }
            Ok(Some(user)) => user,
            Ok(None) | Err(Errno::ENOENT | Errno::ESRCH) => return Ok(None),
            Err(error) => return Err(told(error)),
        };
        let in_c = CString::new(name).map_err(|error| error.to_string())?;
        let groups = getgrouplist(&in_c, user.gid).map_err(told)?;
        Ok(Some(Self { name: user.name, uid: user.uid, gid: user.gid, home: user.dir, groups }))
    }

    /// Does it with this account's rights: its files, and its name where another process asks who connects.
    pub(super) fn lends<T>(&self, act: impl FnOnce() -> T) -> io::Result<T> {
        let back = Back { groups: getgroups()? };
        setgroups(&self.groups)?;
        setresgid(SAME.into(), self.gid, SAME.into())?;
        setresuid(SAME.into(), self.uid, SAME.into())?;
        let done = act();
        drop(back);
        Ok(done)
    }
}

/// The way back. A process that does not find it may not go on.
struct Back {
    groups: Vec<Gid>,
}

impl Drop for Back {
    fn drop(&mut self) {
        let root = (Uid::from_raw(0), Gid::from_raw(0));
        let back = setresuid(SAME.into(), root.0, SAME.into())
            .and_then(|()| setresgid(SAME.into(), root.1, SAME.into()))
            .and_then(|()| setgroups(&self.groups));
        // Another account takes both of its promises away: not to be read out of, and to end with its parent.
        if back.is_err() || stay_small().is_err() {
            std::process::abort();
        }
    }
}
