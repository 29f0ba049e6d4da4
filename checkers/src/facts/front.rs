//! What stands in front of the learner: which shell, whose, how it was entered, and whether its environment belongs to it. Needs root's eyes for other accounts.
//!
//! A shell is judged by the environment it was started with (`/proc/PID/environ`); what is exported in it later is not seen.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::process::{self, Process};
use super::remote;
use crate::checks::shell::Entered;
use crate::machine::{CouldNot, Machine};

/// The shell in front.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Front {
    /// The process in front: the shell itself, or what runs in it.
    pub pid: i32,
    /// The shell.
    pub shell: i32,
    /// The name of the account it runs as; its uid where no account has that.
    pub account: String,
    /// The uid it runs as.
    pub uid: u32,
    /// How that account was entered, where that can be told.
    pub entered: Option<Entered>,
    /// Every change on the way here, the outermost first.
    pub hops: Vec<Hop>,
    /// logind's session that the shell is in: its id and the uid it belongs to.
    pub session: Option<(String, u32)>,
    /// XDG_RUNTIME_DIR as the shell was given it.
    pub runtime_dir: Option<Place>,
    /// The bus that programs started here would use.
    pub bus: Option<Place>,
}

/// A change of account or machine on the way to a shell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hop {
    /// What made it.
    pub by: By,
    /// The account behind it.
    pub account: String,
}

/// What changes an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// login, or a display manager.
    Login,
    /// A login over ssh.
    Ssh,
    /// su or runuser.
    Su,
    /// sudo.
    Sudo,
    /// `podman exec` and its like: inside a container.
    Container,
    /// ssh to another machine, into which nobody can look from here.
    Elsewhere,
}

/// A place that the environment names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Place {
    /// The path, or the address where it is no path.
    pub path: String,
    /// Who owns it; none when the shell's account finds nothing there.
    pub owner: Option<u32>,
    /// It is the shell's own account's, and that account can reach it.
    pub own: bool,
}

pub(super) const SHELLS: [&str; 12] =
    ["bash", "sh", "dash", "zsh", "fish", "ksh", "mksh", "ash", "rbash", "tcsh", "csh", "busybox"];

/// Looks from the leader of a terminal's foreground process group to the shell that the learner types into.
pub fn look(machine: &dyn Machine, pid: i32) -> Result<Front, CouldNot> {
    let mut at = process::process(machine, pid)?;
    let mut hops = Vec::new();
    let mut last = None;
    // Each turn goes through one ssh or one terminal of sudo's own.
    for _ in 0..16 {
        let next = match at.name.as_str() {
            "ssh" => match remote::server_side(machine, at.pid)? {
                remote::Side::Here(next) => Some(next),
                remote::Side::NotYet => None,
                remote::Side::Elsewhere => {
                    last = Some(By::Elsewhere);
                    None
                }
            },
            "su" | "sudo" | "runuser" | "sudo-rs" => own_terminal(machine, &at)?,
            "run0" | "machinectl" | "systemd-run" => handed_terminal(machine, &at)?,
            _ => None,
        };
        let Some(next) = next.filter(|next| *next != at.pid) else { break };
        if at.name == "ssh" {
            hops.extend(hops_to(machine, at.pid)?);
        }
        at = process::process(machine, next)?;
    }
    hops.extend(hops_to(machine, at.pid)?);
    if at.name == "podman" {
        let words = process::words(machine, at.pid)?;
        if words.iter().any(|word| matches!(word.as_str(), "exec" | "attach" | "run" | "start")) {
            last = Some(By::Container);
        }
    }
    let shell = shell_of(machine, &at)?;
    let uid = process::uid(machine, shell)?;
    let account = name_of(machine, uid)?;
    hops.extend(last.map(|by| Hop { by, account: account.clone() }));
    let session = session_of(&process::cgroup(machine, shell).or_else(absent_is(String::new()))?);
    let entered = entered(machine, shell, uid, session.as_ref(), &hops)?;
    let runtime_dir = process::variable(machine, shell, "XDG_RUNTIME_DIR")?;
    let bus = match process::variable(machine, shell, "DBUS_SESSION_BUS_ADDRESS")? {
        Some(address) => Some(address),
        None => runtime_dir.as_ref().map(|dir| format!("unix:path={dir}/bus")),
    };
    let runtime_dir = runtime_dir.map(|path| place(machine, path, uid)).transpose()?;
    let bus = bus.map(|address| bus_place(machine, address, uid)).transpose()?;
    Ok(Front { pid: at.pid, shell, account, uid, entered, hops, session, runtime_dir, bus })
}

/// The process in front on the terminal that `sudo` (with use_pty) or `su --pty` made for its command.
fn own_terminal(machine: &dyn Machine, at: &Process) -> Result<Option<i32>, CouldNot> {
    let found = process::all(machine)?.into_iter().filter_map(|pid| process::process(machine, pid).ok());
    let mut below = found.filter(|one| one.parent == at.pid && one.terminal != 0 && one.terminal != at.terminal);
    Ok(below.find_map(|one| (one.foreground > 0).then_some(one.foreground)))
}

/// The process in front on the terminal that systemd's programs made and handed to a unit: nothing above that process tells of
/// them. The number of the terminal stands beside the descriptor (since Linux 4.14).
fn handed_terminal(machine: &dyn Machine, at: &Process) -> Result<Option<i32>, CouldNot> {
    let held = |name: &std::ffi::OsString| {
        let info = format!("fdinfo/{}", name.to_str()?);
        let link = machine.read_link(&process::path(at.pid, "fd").join(name)).ok()?;
        let info = process::read(machine, at.pid, &info, 4096).ok().filter(|_| link.ends_with("ptmx"))?;
        info.lines().find_map(|line| line.strip_prefix("tty-index:")?.trim().parse::<i32>().ok())
    };
    let Some(number) = machine.list(&process::path(at.pid, "fd"))?.iter().find_map(held) else { return Ok(None) };
    // The first of the majors of pseudo terminals, and 256 terminals each.
    let device = ((136 + (number >> 8)) << 8) | (number & 0xff);
    let found = process::all(machine)?.into_iter().filter_map(|pid| process::process(machine, pid).ok());
    Ok(found.filter(|one| one.terminal == device && one.foreground > 0).map(|one| one.foreground).next())
}

/// The nearest shell, from this process outwards; the process itself where there is none.
fn shell_of(machine: &dyn Machine, at: &Process) -> Result<i32, CouldNot> {
    let mut one = at.clone();
    while !SHELLS.contains(&one.name.as_str()) {
        if one.parent <= 1 {
            return Ok(at.pid);
        }
        one = process::process(machine, one.parent)?;
    }
    Ok(one.pid)
}

/// What happened between the machine's first process and this one, the outermost first.
fn hops_to(machine: &dyn Machine, pid: i32) -> Result<Vec<Hop>, CouldNot> {
    let mut hops: Vec<Hop> = Vec::new();
    let mut below = process::process(machine, pid)?;
    while below.parent > 0 {
        let above = match process::process(machine, below.parent) {
            Err(CouldNot::Absent) => break,
            above => above?,
        };
        // sudo and sshd have several processes of their own above one another: one change.
        if let Some(by) = changes(&above.name)
            && changes(&below.name) != Some(by)
        {
            hops.push(Hop { by, account: name_of(machine, process::uid(machine, below.pid)?)? });
        }
        below = above;
    }
    hops.reverse();
    Ok(hops)
}

pub(super) fn changes(name: &str) -> Option<By> {
    match name {
        "su" | "runuser" => Some(By::Su),
        "sudo" | "sudo-rs" => Some(By::Sudo),
        "login" | "gdm-session-wor" | "sddm-helper" | "lightdm" => Some(By::Login),
        "sshd-session" | "sshd" => Some(By::Ssh),
        _ => None,
    }
}

fn entered(
    machine: &dyn Machine,
    shell: i32,
    uid: u32,
    session: Option<&(String, u32)>,
    hops: &[Hop],
) -> Result<Option<Entered>, CouldNot> {
    if session.is_some_and(|(_, whose)| *whose == uid) {
        return Ok(Some(Entered::Login));
    }
    let nearest = hops.iter().rev().find_map(|hop| match hop.by {
        By::Su => Some(Entered::Su),
        By::Sudo => Some(Entered::Sudo),
        _ => None,
    });
    if nearest.is_some() {
        return Ok(nearest);
    }
    // A terminal of a desktop is a unit of the account's own manager.
    let group = process::cgroup(machine, shell).or_else(absent_is(String::new()))?;
    Ok(group.contains(&format!("/user@{uid}.service/")).then_some(Entered::Login))
}

/// The session that a control group belongs to, and the uid whose it is.
pub(super) fn session_of(cgroup: &str) -> Option<(String, u32)> {
    let mut parts = cgroup.split('/').skip_while(|part| !part.starts_with("user-"));
    let uid = parts.next()?.strip_prefix("user-")?.strip_suffix(".slice")?.parse().ok()?;
    let id = parts.find_map(|part| part.strip_prefix("session-")?.strip_suffix(".scope"))?;
    Some((id.to_owned(), uid))
}

pub(super) fn bus_place(machine: &dyn Machine, address: String, uid: u32) -> Result<Place, CouldNot> {
    let path = address.split(';').find_map(|one| {
        one.strip_prefix("unix:")?.split(',').find_map(|key| key.strip_prefix("path=")).map(str::to_owned)
    });
    match path {
        Some(path) => place(machine, path, uid),
        None => Err(CouldNot::Failed(format!("the bus address {address} names no socket in the file system"))),
    }
}

/// A place that the environment names, which is the account's to choose: looked at only as far as that account itself could look,
/// by the first and the last bits of each folder's mode and through no link but root's.
pub(super) fn place(machine: &dyn Machine, path: String, uid: u32) -> Result<Place, CouldNot> {
    let below: Vec<&Path> = Path::new(&path).ancestors().skip(1).collect();
    let passes = |folder: &Path| -> Result<bool, CouldNot> {
        let found = machine.stat(folder, false)?;
        let found = match found.mode & 0o170_000 {
            0o120_000 if found.uid == 0 => machine.stat(folder, true)?,
            _ => found,
        };
        // Root needs no permission to pass.
        let bit = if found.uid == uid { 0o100 } else { 0o001 };
        Ok(found.mode & 0o170_000 == 0o040_000 && (uid == 0 || found.mode & bit != 0))
    };
    for folder in below.into_iter().rev() {
        match passes(folder) {
            Ok(true) => {}
            Ok(false) | Err(CouldNot::Absent) => return Ok(Place { path, owner: None, own: false }),
            Err(why) => return Err(why),
        }
    }
    let owner = match machine.stat(Path::new(&path), false) {
        Err(CouldNot::Absent) => None,
        stat => Some(stat?.uid),
    };
    Ok(Place { path, owner, own: owner == Some(uid) })
}

pub(super) fn name_of(machine: &dyn Machine, uid: u32) -> Result<String, CouldNot> {
    Ok(machine.account_by_uid(uid)?.map_or_else(|| uid.to_string(), |entry| entry.name))
}

pub(super) fn absent_is<T>(value: T) -> impl FnOnce(CouldNot) -> Result<T, CouldNot> {
    |why| if why == CouldNot::Absent { Ok(value) } else { Err(why) }
}
