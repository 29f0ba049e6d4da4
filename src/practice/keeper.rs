//! The process that keeps a started machine: a shell loop round systemd-nspawn, in a session, mount namespace and control group of its own.
//! Never outlives its machine and never waits for anything else.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::groups::{self, Groups};
use super::{Error, Machine};

/// nspawn ends with 133 when the machine reboots and it may not restart it itself (`--keep-unit`). All else is an end.
const LOOP: &str = "while \"$@\"; [ $? -eq 133 ]; do :; done";

/// System calls that nspawn keeps from a machine and the lessons need: crun gives each container a kernel keyring of its own.
const ALSO_ALLOWED: &str = "add_key keyctl";

/// Capabilities that nspawn gives a machine and nothing in it needs: neither systemd and logins nor anything that a lesson is about.
const NOT_NEEDED: &str = "CAP_IPC_OWNER,CAP_LEASE,CAP_NET_BROADCAST";

/// The command that keeps the machine; to be spawned where its root is mounted.
pub(crate) fn command(machine: &Machine) -> Command {
    let mut command = Command::new("setsid");
    let groups = groups(machine);
    if groups.first().is_none() {
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
    let joins = groups.command();
    command.arg(joins.get_program()).args(joins.get_args());
    command.args(["sh", "-c", LOOP, "rootless-lab-keeper", "systemd-nspawn"]).args(arguments(machine));
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

fn group_name(machine: &Machine) -> String {
    groups::name(machine.name(), &machine.place("seed"))
}

/// The machine's control groups, where they are ours to make.
pub(crate) fn groups(machine: &Machine) -> Groups {
    Groups::of(machine.name(), &machine.place("seed"))
}

/// Whether nothing of the machine is left; what is left is told to end.
pub(crate) fn ended(machine: &Machine) -> Result<bool, Error> {
    let groups = groups(machine);
    let scope = || groups::hierarchy().join("machine.slice").join(format!("{}.scope", group_name(machine)));
    let group = groups.first().map_or_else(scope, Path::to_owned);
    let Ok(events) = fs::read_to_string(group.join("cgroup.events")) else { return Ok(true) };
    if events.lines().any(|line| line == "populated 1") {
        let end = group.join("cgroup.kill");
        groups::gone_is_fine(fs::write(&end, "1")).map_err(Error::io("end the processes of", &group))?;
        return Ok(false);
    }
    groups.remove()?;
    groups::remove(&group)?;
    Ok(true)
}
