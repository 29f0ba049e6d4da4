//! The process that keeps a started machine: a shell loop round systemd-nspawn, in a session, mount namespace and control group of its own.
//! Never outlives its machine and never waits for anything else.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Error, Machine};

/// nspawn ends with 133 when the machine reboots and it may not restart it itself (`--keep-unit`). All else is an end.
const LOOP: &str =
    "[ -z \"$1\" ] || echo $$ > \"$1/cgroup.procs\" || exit 1; shift; while \"$@\"; [ $? -eq 133 ]; do :; done";

/// System calls that nspawn keeps from a machine and the lessons need: crun gives each container a kernel keyring of its own.
const ALSO_ALLOWED: &str = "add_key keyctl";

/// Capabilities that nspawn gives a machine and nothing in it needs: neither systemd and logins nor anything that a lesson is about.
const NOT_NEEDED: &str = "CAP_IPC_OWNER,CAP_LEASE,CAP_NET_BROADCAST";

/// The command that keeps the machine; to be spawned where its root is mounted.
pub(crate) fn command(machine: &Machine, cgroup: Option<&Path>) -> Command {
    let mut command = Command::new("setsid");
    if cgroup.is_none() {
        // the host's systemd owns the control groups: a scope of its own, delegated
        command.args([
            "systemd-run",
            "--quiet",
            "--scope",
            "--collect",
            "--slice=machine.slice",
            "--property=Delegate=yes",
        ]);
        command.arg(format!("--unit={}", group_name(machine)));
        command.arg(format!("--description=rootless-lab practice machine {}", machine.name())).arg("--");
    }
    command.args(["sh", "-c", LOOP, "rootless-lab-keeper"]);
    command.arg(cgroup.unwrap_or(Path::new("")));
    command.arg("systemd-nspawn").args(arguments(machine));
    // The unified control groups are what systemd and podman inside work with.
    command.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1").env_remove("SYSTEMD_NSPAWN_API_VFS_WRITABLE");
    if !machine.online() {
        // Of a network of its own /proc/sys/net is its own to change; else it is the host's.
        command.env("SYSTEMD_NSPAWN_API_VFS_WRITABLE", "network");
    }
    // what the caller's environment says is not the machine's business
    for name in ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "CREDENTIALS_DIRECTORY"] {
        command.env_remove(name);
    }
    command
}

/// Has a program that lives on without us close what our caller has open besides its three streams: a lock, a pipe, a terminal.
pub(crate) fn holding_nothing(command: &mut Command) {
    let mark = nix::libc::CLOSE_RANGE_CLOEXEC as nix::libc::c_int;
    // SAFETY: between fork and exec only close_range(2) is called. A kernel older than 5.11 does not know it so, and leaves them open.
    unsafe {
        command.pre_exec(move || {
            nix::libc::close_range(3, nix::libc::c_uint::MAX, mark);
            Ok(())
        })
    };
}

fn arguments(machine: &Machine) -> Vec<String> {
    let place = |name: &str| machine.place(name).display().to_string();
    let mut arguments: Vec<String> = [
        "--quiet",
        "--boot",
        "--register=no",
        "--keep-unit",
        "--settings=no",
        "--console=read-only",
        "--link-journal=no",
        "--timezone=off",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--directory={}", place("root")));
    arguments.push(format!("--machine={}", machine.name()));
    arguments.push(format!("--system-call-filter={ALSO_ALLOWED}"));
    arguments.push(format!("--drop-capability={NOT_NEEDED}"));
    // podman's storage cannot be an overlay on an overlay: plain directories
    arguments.push(format!("--bind={}:/home", place("home")));
    arguments.push(format!("--bind={}:/var/lib/containers", place("containers")));
    arguments.push(format!("--bind={}:/dev/net/tun", place("dev/tun")));
    arguments.push(format!("--bind={}:/dev/fuse", place("dev/fuse")));
    arguments.push(format!("--bind-ro={}:{}", place("program"), super::program::INSIDE));
    if machine.online() {
        arguments.push("--resolv-conf=copy-host".into());
    } else {
        arguments.extend(["--private-network".into(), "--resolv-conf=off".into()]);
    }
    arguments
}

/// A name that two machines never share, not even ones of the same name in two state directories.
fn group_name(machine: &Machine) -> String {
    let inode = fs::metadata(machine.place("seed")).map(|meta| meta.ino()).unwrap_or_default();
    format!("rootless-lab-{}-{inode}", machine.name())
}

/// The machine's control group where no systemd runs on the host: two machines in one group would end each other's processes.
fn own_group(machine: &Machine) -> Option<PathBuf> {
    if Path::new("/run/systemd/system").is_dir() {
        return None;
    }
    Some(hierarchy().join(group_name(machine)))
}

/// Where the host has its control groups of version 2.
fn hierarchy() -> &'static Path {
    let unified = Path::new("/sys/fs/cgroup/unified");
    if unified.is_dir() { unified } else { Path::new("/sys/fs/cgroup") }
}

/// Makes the machine's control group, where it is ours to make.
pub(crate) fn cgroup(machine: &Machine) -> Result<Option<PathBuf>, Error> {
    let Some(group) = own_group(machine) else { return Ok(None) };
    fs::create_dir_all(&group).map_err(Error::io("make the control group", &group))?;
    Ok(Some(group))
}

/// Whether nothing of the machine is left; what is left is told to end.
pub(crate) fn ended(machine: &Machine) -> Result<bool, Error> {
    let scope = || hierarchy().join("machine.slice").join(format!("{}.scope", group_name(machine)));
    let group = own_group(machine).unwrap_or_else(scope);
    let Ok(events) = fs::read_to_string(group.join("cgroup.events")) else { return Ok(true) };
    if events.lines().any(|line| line == "populated 1") {
        let end = group.join("cgroup.kill");
        gone_is_fine(fs::write(&end, "1")).map_err(Error::io("end the processes of", &group))?;
        return Ok(false);
    }
    // On a host with control groups of both kinds nspawn makes a group of the same name for itself in systemd's old hierarchy.
    let twin = own_group(machine).map(|_| Path::new("/sys/fs/cgroup/systemd").join(group_name(machine)));
    // The machine's own comes last: as long as it is there, whoever is cut short here is tried again.
    for group in twin.filter(|twin| twin.is_dir()).into_iter().chain([group]) {
        remove_groups(&group).map_err(Error::io("remove the control group", &group))?;
    }
    Ok(true)
}

/// Removes a control group with those below it. The host's systemd may be doing so in the same moment.
fn remove_groups(group: &Path) -> io::Result<()> {
    let below = match fs::read_dir(group) {
        Err(error) => return gone_is_fine(Err(error)),
        Ok(below) => below.flatten(),
    };
    for entry in below {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_groups(&entry.path())?;
        }
    }
    gone_is_fine(fs::remove_dir(group))
}

/// A file of a group that went meanwhile is not found, or has no device any more.
fn gone_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.raw_os_error() == Some(nix::libc::ENODEV) => Ok(()),
        done => done,
    }
}
