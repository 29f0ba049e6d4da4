//! Whether a stored container lives, and which unit owns its monitor: from pid files, /proc and control groups, which are truer than podman's own record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::process;
use crate::machine::{AccountEntry, CouldNot, Machine};

/// The living part of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Life {
    /// Its first process.
    pub first: Option<i32>,
    /// conmon, which watches it.
    pub monitor: Option<i32>,
}

/// What its OCI bundle says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Bundle {
    /// The process in it.
    pub process: BundleProcess,
    /// The host name inside, where it has one of its own.
    #[serde(default)]
    pub hostname: String,
    /// What podman noted beside it.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// What is mounted in it.
    #[serde(default)]
    pub mounts: Vec<BundleMount>,
}

/// A mount of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BundleMount {
    /// Where, inside.
    pub destination: String,
    /// What: a path outside, or the name of a kind of file system.
    #[serde(default)]
    pub source: String,
}

/// The process of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BundleProcess {
    /// It has a terminal.
    #[serde(default)]
    pub terminal: bool,
    /// The command.
    #[serde(default)]
    pub args: Vec<String>,
    /// Its variables, each as `NAME=VALUE`.
    #[serde(default)]
    pub env: Vec<String>,
}

impl BundleProcess {
    /// The value of a variable.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut known = self.env.iter().filter_map(|one| one.split_once('='));
        known.find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// The bundle of a container, written when it is started first; `CouldNot::Absent` before.
pub fn bundle(machine: &dyn Machine, shelf: &Path, id: &str) -> Result<(Bundle, PathBuf), CouldNot> {
    let path = shelf.join(id).join("userdata/config.json");
    let bytes = machine.read(&path, 4 << 20)?;
    let bundle =
        serde_json::from_slice(&bytes).map_err(|error| CouldNot::Failed(format!("{}: {error}", path.display())))?;
    Ok((bundle, path))
}

/// Looks for its processes: by the pid files, and where those do not lead to it, among all processes.
pub fn life(machine: &dyn Machine, account: &AccountEntry, shelf: &Path, id: &str) -> Result<Life, CouldNot> {
    let kind = shelf.file_name().unwrap_or_default();
    let uid = account.uid;
    // Without a login session podman puts its runtime files below /tmp.
    for place in [
        format!("/run/user/{uid}/containers"),
        format!("/tmp/storage-run-{uid}/containers"),
        format!("/tmp/podman-run-{uid}/containers"),
    ] {
        let userdata = Path::new(&place).join(kind).join(id).join("userdata");
        let pid = |file: &str| -> Option<i32> {
            String::from_utf8_lossy(&machine.read(&userdata.join(file), 32).ok()?).trim().parse().ok()
        };
        let (Some(first), Some(monitor)) = (pid("pidfile"), pid("conmon.pid")) else { continue };
        if monitors(machine, monitor, id) && alive(machine, first).is_some_and(|parent| parent == monitor) {
            return Ok(Life { first: Some(first), monitor: Some(monitor) });
        }
    }
    let mut life = Life::default();
    for pid in process::all(machine)? {
        if process::uid(machine, pid).is_ok_and(|owner| owner == uid) && monitors(machine, pid, id) {
            life.monitor = Some(pid);
        } else if in_group_of(machine, pid, id) && alive(machine, pid).is_some() {
            life.first.get_or_insert(pid);
        }
    }
    if let (None, Some(monitor)) = (life.first, life.monitor) {
        let child = |pid: &i32| alive(machine, *pid) == Some(monitor);
        life.first = process::all(machine)?.into_iter().find(child);
    }
    Ok(life)
}

/// The parent of a process that is not a zombie.
fn alive(machine: &dyn Machine, pid: i32) -> Option<i32> {
    let found = process::process(machine, pid).ok()?;
    (!matches!(found.state, 'Z' | 'X')).then_some(found.parent)
}

/// True for the conmon of this container, not for that of a `podman exec` in it.
fn monitors(machine: &dyn Machine, pid: i32, id: &str) -> bool {
    let Ok(words) = process::words(machine, pid) else { return false };
    let program = words.first().map_or("", String::as_str);
    program.ends_with("conmon")
        && words.windows(2).any(|pair| pair[0] == "-c" && pair[1] == id)
        && !words.iter().any(|word| word == "-e" || word == "--exec")
}

/// The runtime puts the container into a group that carries its id; the monitor's own group may carry it too.
fn in_group_of(machine: &dyn Machine, pid: i32, id: &str) -> bool {
    process::cgroup(machine, pid).is_ok_and(|group| {
        group.split('/').any(|part| part.contains(id) && !part.contains("conmon")) && !group.ends_with("/conmon")
    })
}

/// The unit of the account's user manager that a control group belongs to.
pub fn unit_of(cgroup: &str, uid: u32) -> Option<String> {
    let (_, below) = cgroup.split_once(&format!("/user@{uid}.service/"))?;
    below.split('/').find(|part| !part.ends_with(".slice")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::unit_of;

    #[test]
    fn the_owner_is_the_first_unit_below_the_account_s_manager() {
        let group = "/user.slice/user-1001.slice/user@1001.service/app.slice/web1.service/sub";
        assert_eq!(unit_of(group, 1001).as_deref(), Some("web1.service"));
        assert_eq!(unit_of(group, 1002), None);
        assert_eq!(unit_of("/user.slice/user-1001.slice/session-4.scope", 1001), None);
    }
}
