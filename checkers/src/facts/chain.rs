//! The whole way that led to a shell: from the login, through each su and sudo, to the process that asks; and at each turn whose
//! surroundings it stands in. Needs root's eyes for other accounts; what cannot be seen is said so.

use serde::{Deserialize, Serialize};

use super::front::{self, By, Place, SHELLS, name_of, session_of};
use super::process::{self, Process};
use crate::machine::{CouldNot, Machine};

/// No way is longer.
const MOST: usize = 256;

/// One shell on the way, or what stands there instead of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Link {
    /// What led here from the link before, in order; none where that cannot be told.
    pub by: Vec<By>,
    /// The account it runs as; its uid where no account has that.
    pub account: String,
    /// The process.
    pub pid: i32,
    /// The process's name: `bash`.
    pub program: String,
    /// logind's session, or the account's own service manager, that it belongs to.
    pub session: Told,
    /// XDG_RUNTIME_DIR as it was given it.
    pub runtime_dir: Told,
    /// The bus that programs started there would use.
    pub bus: Told,
}

/// Something of the surroundings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Told {
    /// There is none.
    Unset,
    /// It is this.
    Is {
        /// The session's id, or the path.
        what: String,
        /// Whose it is; none when the account finds nothing there.
        whose: Option<String>,
        /// It is the account's own.
        own: bool,
    },
    /// Nobody could look.
    Unknown(String),
}

/// Looks from a process outwards. The outermost link comes first, the asker's own shell last; there is at least one.
pub fn look(machine: &dyn Machine, pid: i32) -> Result<Vec<Link>, CouldNot> {
    let mut outwards = vec![process::process(machine, pid)?];
    while let Some(last) = outwards.last()
        && last.parent > 0
        && outwards.len() < MOST
    {
        match process::process(machine, last.parent) {
            Ok(above) => outwards.push(above),
            Err(CouldNot::Absent) => break,
            Err(why) => return Err(why),
        }
    }
    let mut stages: Vec<Stage> = Vec::new();
    let mut between: Vec<By> = Vec::new();
    for one in outwards.into_iter().rev() {
        match front::changes(&one.name) {
            // sudo and sshd have several processes of their own above one another: one change.
            Some(by) if between.last() == Some(&by) => continue,
            Some(by) => {
                between.push(by);
                continue;
            }
            None => {}
        }
        let uid = process::uid(machine, one.pid)?;
        match stages.last_mut() {
            Some(stage) if between.is_empty() && stage.uid == uid => stage.all.push(one),
            // Without a turn between them that is known: setpriv, say.
            _ => stages.push(Stage { by: std::mem::take(&mut between), uid, all: vec![one] }),
        }
    }
    // The machine's own processes, before anybody logged in.
    while stages.len() > 1 && stages[0].by.is_empty() && stages[0].shell().is_none() {
        stages.remove(0);
    }
    stages
        .into_iter()
        .filter_map(|stage| Some(link(machine, stage.shell().or(stage.all.last())?.clone(), stage)))
        .collect()
}

/// Processes of one account, one within the other, between two turns.
struct Stage {
    by: Vec<By>,
    uid: u32,
    all: Vec<Process>,
}

impl Stage {
    fn shell(&self) -> Option<&Process> {
        self.all.iter().rfind(|one| SHELLS.contains(&one.name.as_str()))
    }
}

fn link(machine: &dyn Machine, one: Process, Stage { by, uid, .. }: Stage) -> Result<Link, CouldNot> {
    let account = name_of(machine, uid)?;
    let variable = |name| process::variable(machine, one.pid, name);
    let whose = |place: Place| -> Result<Told, CouldNot> {
        let whose = place.owner.map(|owner| name_of(machine, owner)).transpose()?;
        Ok(Told::Is { what: place.path, whose, own: place.own })
    };
    let directory = variable("XDG_RUNTIME_DIR");
    let runtime_dir = directory.clone().and_then(|path| match path {
        Some(path) => whose(front::place(machine, path, uid)?),
        None => Ok(Told::Unset),
    });
    let address = variable("DBUS_SESSION_BUS_ADDRESS").and_then(|address| match address {
        Some(address) => Ok(Some(address)),
        None => Ok(directory?.map(|path| format!("unix:path={path}/bus"))),
    });
    let bus = address.and_then(|address| match address {
        Some(address) => whose(front::bus_place(machine, address, uid)?),
        None => Ok(Told::Unset),
    });
    let told = |what: Result<Told, CouldNot>| {
        what.unwrap_or_else(|why| match why {
            CouldNot::Denied => Told::Unknown(format!("only {account} and root can look")),
            why => Told::Unknown(why.to_string()),
        })
    };
    let (session, runtime_dir, bus) = (told(session(machine, one.pid, uid)), told(runtime_dir), told(bus));
    Ok(Link { by, account, pid: one.pid, program: one.name, session, runtime_dir, bus })
}

fn session(machine: &dyn Machine, pid: i32, uid: u32) -> Result<Told, CouldNot> {
    let group = process::cgroup(machine, pid).or_else(front::absent_is(String::new()))?;
    let (what, owner) = match session_of(&group) {
        Some(found) => found,
        // A terminal of a desktop is a unit of its account's own manager.
        None => match group.split('/').find_map(|part| part.strip_prefix("user@")?.strip_suffix(".service")) {
            Some(owner) => {
                let owner = owner.parse().map_err(|_| CouldNot::Failed(format!("the control group {group}")))?;
                (format!("user@{owner}.service"), owner)
            }
            None => return Ok(Told::Unset),
        },
    };
    Ok(Told::Is { what, whose: Some(name_of(machine, owner)?), own: owner == uid })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Recorded;

    /// sshd, lisa's login shell 10 with sudo and su in it, in which conuser1's shell 14 runs the program 15 that asks.
    fn machine() -> Recorded {
        let lisa = "XDG_RUNTIME_DIR=/run/user/1000\0DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus\0";
        let mut machine = Recorded::new().account("root", 0).account("lisa", 1000).account("conuser1", 1001);
        for (pid, name, parent, uid) in [
            (1, "systemd", 0, 0),
            (8, "sshd", 1, 0),
            (9, "sshd-session", 8, 1000),
            (10, "bash", 9, 1000),
            (11, "rootless-lab", 10, 1000),
            (12, "bash", 11, 1000),
            (13, "su", 12, 0),
            (14, "bash", 13, 1001),
            (15, "rootless-lab", 14, 1001),
        ] {
            machine = machine
                .file(format!("/proc/{pid}/stat"), format!("{pid} ({name}) S {parent} {pid} 10 34817 12 0"))
                .file(format!("/proc/{pid}/status"), format!("Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"))
                .file(format!("/proc/{pid}/cgroup"), "0::/user.slice/user-1000.slice/session-4.scope\n")
                .file(format!("/proc/{pid}/environ"), lisa);
        }
        machine
            .directory("/run/user/1000")
            .owned("/run/user/1000", 1000, 1000, 0o700)
            .thing("/run/user/1000/bus", 0o140_666, "", None)
            .owned("/run/user/1000/bus", 1000, 1000, 0o666)
    }

    fn is(what: &str, whose: Option<&str>, own: bool) -> Told {
        Told::Is { what: what.into(), whose: whose.map(str::to_owned), own }
    }

    #[test]
    fn the_way_leads_from_the_login_through_su_to_the_shell_that_asks() {
        let way = look(&machine(), 15).unwrap();
        let named: Vec<_> = way.iter().map(|link| (link.by.as_slice(), link.account.as_str(), link.pid)).collect();
        assert_eq!(named, [(&[By::Ssh][..], "lisa", 12), (&[By::Su][..], "conuser1", 14)]);
        assert_eq!(way[0].session, is("4", Some("lisa"), true));
        assert_eq!(way[0].runtime_dir, is("/run/user/1000", Some("lisa"), true));
        assert_eq!(way[0].bus, is("/run/user/1000/bus", Some("lisa"), true));
        assert_eq!(way[1].session, is("4", Some("lisa"), false));
        assert_eq!(way[1].runtime_dir, is("/run/user/1000", Some("lisa"), false));
        // conuser1 may not pass /run/user/1000.
        assert_eq!(way[1].bus, is("/run/user/1000/bus", None, false));
    }

    #[test]
    fn sudo_before_su_is_told_in_order_and_several_processes_of_sudo_are_one_turn() {
        let mut machine = machine();
        for (pid, name, parent) in [(20, "sudo", 12), (21, "sudo", 20), (22, "su", 21), (23, "bash", 22)] {
            machine = machine
                .file(format!("/proc/{pid}/stat"), format!("{pid} ({name}) S {parent} {pid} 10 34817 12 0"))
                .file(format!("/proc/{pid}/status"), "Uid:\t1001\t1001\t1001\t1001\n")
                .file(format!("/proc/{pid}/environ"), "HOME=/home/conuser1\0");
        }
        let way = look(&machine, 23).unwrap();
        assert_eq!(way[1].by, [By::Sudo, By::Su]);
        assert_eq!((&way[1].session, &way[1].runtime_dir, &way[1].bus), (&Told::Unset, &Told::Unset, &Told::Unset));
    }

    #[test]
    fn another_account_behind_no_known_turn_is_a_link_of_its_own() {
        let machine = machine()
            .file("/proc/40/stat", "40 (rootless-lab) S 12 40 10 34817 12 0")
            .file("/proc/40/status", "Uid:\t5\t5\t5\t5\n")
            .file("/proc/40/environ", "");
        let way = look(&machine, 40).unwrap();
        let named: Vec<_> = way.iter().map(|link| (link.by.as_slice(), link.account.as_str(), link.pid)).collect();
        assert_eq!(named, [(&[By::Ssh][..], "lisa", 12), (&[][..], "5", 40)]);
    }

    #[test]
    fn a_desktop_terminal_belongs_to_its_accounts_own_manager() {
        let group = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-foot.scope\n";
        let machine = machine()
            .file("/proc/30/stat", "30 (systemd) S 1 30 30 0 -1 0")
            .file("/proc/30/status", "Uid:\t1000\t1000\t1000\t1000\n")
            .file("/proc/31/stat", "31 (bash) S 30 31 31 34820 31 0")
            .file("/proc/31/status", "Uid:\t1000\t1000\t1000\t1000\n")
            .file("/proc/31/cgroup", group)
            .file("/proc/31/environ", "XDG_RUNTIME_DIR=/run/user/1000\0");
        let way = look(&machine, 31).unwrap();
        assert_eq!(way.len(), 1);
        assert_eq!((way[0].by.as_slice(), &way[0].session), (&[][..], &is("user@1000.service", Some("lisa"), true)));
        assert_eq!(way[0].bus, is("/run/user/1000/bus", Some("lisa"), true), "where no address is set");
    }

    #[test]
    fn what_cannot_be_seen_is_unknown_and_the_rest_is_told() {
        let way = look(&machine().closed("/proc/14/environ", CouldNot::Denied), 15).unwrap();
        assert_eq!(way[1].runtime_dir, Told::Unknown("only conuser1 and root can look".into()));
        assert_eq!(way[1].session, is("4", Some("lisa"), false));
        assert_eq!(look(&machine(), 99), Err(CouldNot::Absent));
    }
}
