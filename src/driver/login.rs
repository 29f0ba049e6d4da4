//! By which way this host opens a true login session of an account. Finds it out without touching anything: the kernel's table of
//! sockets, the programs' files. Never runs what it finds.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use checkers::facts::nearest::nearest;
use checkers::facts::ports::listeners;
use nix::unistd::{Uid, User};

use crate::host;
use crate::session::Note;

/// What the host offers.
#[derive(Debug, Clone, Copy, Default)]
struct Offers {
    /// sshd listens where `ssh localhost` arrives, and the client is installed.
    ssh: bool,
    machinectl: bool,
    run0: bool,
    /// Other ways than ssh need root.
    root: bool,
}

/// The line that logs `account` in; or why there is none. The lesson has these accounts, each with whether the learner makes it.
pub(super) fn way_in(account: &str, of_lesson: &[(String, bool)]) -> Result<String, Note> {
    let names = || of_lesson.iter().map(|(name, _)| name.as_str());
    let none = || Note::NoAccount {
        name: account.to_owned(),
        made_here: of_lesson.iter().any(|(name, made)| *made && name == account),
        nearest: nearest(account, names().filter(|name| *name != account)).map(str::to_owned),
    };
    if !is_a_word(account) || !matches!(User::from_name(account), Ok(Some(_))) {
        return Err(none());
    }
    line(account, look()).ok_or_else(|| Note::NoWayIn { account: account.to_owned() })
}

fn line(account: &str, offers: Offers) -> Option<String> {
    let sudo = if offers.root { "" } else { "sudo " };
    if offers.ssh {
        Some(format!("ssh {account}@localhost"))
    } else if offers.machinectl {
        Some(format!("{sudo}machinectl shell {account}@"))
    } else if offers.run0 {
        Some(format!("{sudo}run0 --user={account}"))
    } else {
        None
    }
}

/// A name that stands for itself in a line for bash, and is no option.
fn is_a_word(name: &str) -> bool {
    !name.starts_with('-') && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn look() -> Offers {
    // machinectl's `shell` is as old as systemd 225, and run0 is there from 256 on only: the programs' presence is answer enough.
    let systemd = Path::new("/run/systemd/system").is_dir();
    Offers {
        ssh: host::installed("ssh") && sshd_listens(),
        machinectl: systemd && host::installed("machinectl"),
        run0: systemd && host::installed("run0"),
        root: Uid::effective().is_root(),
    }
}

fn sshd_listens() -> bool {
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let six = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().any(|table| {
        let table = std::fs::read_to_string(table).unwrap_or_default();
        listeners(&table, true).iter().any(|one| one.port == 22 && (one.serves(here) || one.serves(six)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_comes_first_and_what_needs_root_goes_through_sudo() {
        let all = Offers { ssh: true, machinectl: true, run0: true, root: false };
        assert_eq!(line("ada", all).as_deref(), Some("ssh ada@localhost"));
        let no_sshd = Offers { ssh: false, ..all };
        assert_eq!(line("ada", no_sshd).as_deref(), Some("sudo machinectl shell ada@"));
        let run0 = Offers { machinectl: false, root: true, ..no_sshd };
        assert_eq!(line("ada", run0).as_deref(), Some("run0 --user=ada"));
        assert_eq!(line("ada", Offers::default()), None);
    }

    #[test]
    fn a_name_that_bash_would_read_as_more_is_no_account() {
        for name in ["", "-oProxyCommand=x", "a;b", "a b", "$x", "nobody-has-this-name"] {
            assert!(matches!(way_in(name, &[]), Err(Note::NoAccount { .. })), "{name}");
        }
    }

    #[test]
    fn a_mistyped_account_is_answered_with_the_nearest_of_the_lesson() {
        let of_lesson = [("lisa".to_owned(), false), ("conuser1".to_owned(), true)];
        let answer = |account: &str| match way_in(account, &of_lesson) {
            Err(Note::NoAccount { made_here, nearest, .. }) => (made_here, nearest),
            other => panic!("{account}: {other:?}"),
        };
        assert_eq!(answer("conusr1"), (false, Some("conuser1".to_owned())));
        assert_eq!(answer("conuser1"), (true, None));
        assert_eq!(answer("nobody-has-this-name"), (false, None));
    }
}
