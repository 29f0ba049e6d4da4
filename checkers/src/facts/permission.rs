//! Who may write by owner, group and mode (inode(7)). Pure. Access lists and read-only mounts are not looked at here.

use crate::machine::{AccountEntry, Stat};

/// What the bits say about one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// It may write.
    pub may: bool,
    /// Which bits decide.
    pub because: &'static str,
}

/// Whether `account`, a member of the group of `stat` or not, may write. Links have no mode of their own.
pub fn may_write(stat: &Stat, account: &AccountEntry, in_group: bool) -> Write {
    let (bit, because) = match () {
        () if account.uid == 0 => return Write { may: true, because: "root may write anywhere" },
        () if account.uid == stat.uid => (0o200, "the owner's bits decide"),
        () if in_group => (0o020, "the group's bits decide"),
        () => (0o002, "the bits of others decide"),
    };
    Write { may: stat.mode & bit != 0, because }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_class_that_fits_decides() {
        let account = |uid| AccountEntry { name: String::new(), uid, gid: uid, home: "/".into(), shell: "/".into() };
        for (mode, uid, in_group, may) in [
            (0o700, 1000, false, true),
            (0o700, 1001, false, false),
            (0o077, 1000, true, false),
            (0o070, 1001, true, true),
            (0o707, 1001, true, false),
            (0o702, 1001, false, true),
            (0o000, 0, false, true),
        ] {
            let stat = Stat { mode, uid: 1000, gid: 1000, inode: (0, 0) };
            assert_eq!(may_write(&stat, &account(uid), in_group).may, may, "{mode:o} {uid} {in_group}");
        }
    }
}
