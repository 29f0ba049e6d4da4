//! What a practice machine has, what it has not, and what `doctor` finds on it.

// the functions beside the tests are tests too
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::process::Stdio;

use rootless_lab::practice::{Error, Machine, Recipe, Release};
use serde_json::Value;

use crate::rig::{self, Rig};

/// What a login of this account says on standard output, with its exit status.
fn login(machine: &Machine, user: &str, script: &str) -> (String, Option<i32>) {
    let words = ["bash", "-c", script].map(str::to_owned);
    let output = machine.enter_command(user, &words).unwrap().stdin(Stdio::null()).output().unwrap();
    (String::from_utf8_lossy(&output.stdout).replace('\r', ""), output.status.code())
}

/// The answer, and the way out.
type Found = (String, Option<String>);

/// What `doctor --json` finds, by name, and its exit status.
fn doctor(machine: &Machine, user: &str) -> (BTreeMap<String, Found>, Option<i32>) {
    let (said, status) = login(machine, user, "rootless-lab doctor --json");
    let report: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(report["version"], 1, "{report:#}");
    let text = |finding: &Value, field: &str| finding[field].as_str().map(str::to_owned);
    let findings = report["findings"].as_array().unwrap().iter().map(|finding| {
        assert!(!text(finding, "found").unwrap_or_default().is_empty(), "what was seen is said: {finding}");
        (text(finding, "name").unwrap(), (text(finding, "answer").unwrap(), text(finding, "fix")))
    });
    (findings.collect(), status)
}

#[test]
fn doctor_finds_all_that_lessons_need_and_names_the_way_out_of_what_is_taken_away() {
    let Some(machine) = rig::have(rig::started(rig::release())) else { return };
    let all = [
        "systemd",
        "user-bus",
        "cgroup",
        "controllers",
        "podman",
        "sub-ids",
        "linger",
        "tun",
        "fuse",
        "sudo",
        "manual",
        "image",
        "terminal",
    ];
    // A host with control groups of version 1 as well keeps these two to itself.
    let (controllers, _) = login(&machine, "lisa", "cat /sys/fs/cgroup/cgroup.controllers");
    let controlled = ["memory", "pids"].iter().all(|name| controllers.split_whitespace().any(|one| one == *name));
    let (found, status) = doctor(&machine, "lisa");
    assert_eq!(status, Some(i32::from(!controlled)), "{found:#?}");
    let mut names: Vec<&str> = found.keys().map(String::as_str).collect();
    names.sort_unstable_by_key(|name| all.iter().position(|known| known == name));
    assert_eq!(names, all);
    for (name, (answer, fix)) in &found {
        let expected = match name.as_str() {
            // Its output is a pipe here, and no terminal; who may use sudo stands in a file that lisa cannot read.
            "terminal" | "sudo" => "unknown",
            "controllers" if !controlled => "fail",
            _ => "pass",
        };
        assert_eq!(answer, expected, "{name}: {found:#?}");
        assert_eq!(fix.is_some(), answer != "pass", "{name}: {fix:?}");
    }

    let taken = "set -e; umount /dev/fuse; rm -f /dev/fuse; mv /usr/bin/podman /usr/bin/podman.off; \
                 sed -i /^lisa:/d /etc/subuid; mv /usr/bin/man /usr/bin/man.off; systemctl stop practice-registry";
    assert_eq!(login(&machine, "lisa", &format!("sudo sh -c '{taken}'")).1, Some(0));
    let (less, status) = doctor(&machine, "lisa");
    assert_eq!(status, Some(1), "{less:#?}");
    for (name, (answer, fix)) in &less {
        if name == "controllers" {
            continue;
        }
        let taken = ["fuse", "podman", "sub-ids", "manual", "image"].contains(&name.as_str());
        assert_eq!(answer == "fail", taken, "{name}: {less:#?}");
        assert!(!taken || fix.is_some(), "{name}: {less:#?}");
    }
}

#[test]
fn nothing_of_a_machine_listens_beyond_loopback() {
    let Some(machine) = rig::have(rig::started(rig::release())) else { return };
    assert_eq!(login(&machine, "lisa", "ls /sys/class/net").0, "lo\n");
    let (said, _) = login(&machine, "lisa", "ss -Hltn | awk '{print $4}'");
    let ends: Vec<&str> = said.lines().collect();
    for port in [":22", ":5000"] {
        assert!(ends.iter().any(|end| end.ends_with(port)), "nobody listens on {port}: {said}");
    }
    assert!(ends.iter().all(|end| end.starts_with("127.") || end.starts_with("[::1]")), "{said}");
}

#[test]
fn a_machine_has_the_capabilities_that_the_book_names_and_no_more() {
    let Some(machine) = rig::have(rig::started(rig::release())) else { return };
    let (said, _) = login(&machine, "lisa", "grep CapBnd /proc/1/status");
    let bits = u64::from_str_radix(said.split_whitespace().last().unwrap_or_default(), 16).unwrap();
    let book = include_str!("../../book/src/inside/practice-machine.md");
    let listed = book.split("<!-- capabilities -->").nth(1).expect("the list in the book");
    let named: BTreeSet<_> = listed.split('`').skip(1).step_by(2).collect();
    let has = CAPABILITIES.split(' ').enumerate().filter(|(bit, _)| bits & (1 << bit) != 0).map(|(_, name)| name);
    let has: BTreeSet<_> = has.collect();
    // A host that is a guest itself may lack one and so cannot give it.
    assert!(has.is_subset(&named), "{:?}", has.difference(&named));
    assert!(has.contains("CAP_SYS_ADMIN") && has.contains("CAP_NET_ADMIN"), "{has:?}");
    assert_eq!(bits >> CAPABILITIES.split(' ').count(), 0, "{bits:x} has one that no name is known of here");
}

/// In the order of their numbers (capabilities(7), linux/capability.h).
const CAPABILITIES: &str = "CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID \
    CAP_SETPCAP CAP_LINUX_IMMUTABLE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_ADMIN CAP_NET_RAW CAP_IPC_LOCK \
    CAP_IPC_OWNER CAP_SYS_MODULE CAP_SYS_RAWIO CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_PACCT CAP_SYS_ADMIN \
    CAP_SYS_BOOT CAP_SYS_NICE CAP_SYS_RESOURCE CAP_SYS_TIME CAP_SYS_TTY_CONFIG CAP_MKNOD CAP_LEASE CAP_AUDIT_WRITE \
    CAP_AUDIT_CONTROL CAP_SETFCAP CAP_MAC_OVERRIDE CAP_MAC_ADMIN CAP_SYSLOG CAP_WAKE_ALARM CAP_BLOCK_SUSPEND \
    CAP_AUDIT_READ CAP_PERFMON CAP_BPF CAP_CHECKPOINT_RESTORE";

#[test]
fn a_port_that_another_program_holds_keeps_a_machine_on_the_hosts_network_down_and_nothing_is_left_behind() {
    let Some(machines) = rig::have(rig::machines()) else { return };
    // The base tree is there from now on.
    let Some(_base) = rig::have(rig::machine(Release::Trixie)) else { return };
    let name = format!("rig-{}-online", std::process::id());
    let recipe = Recipe { online: true, ..Recipe::new(&name, Release::Trixie) };
    let machine = Rig::of(machines.create(&recipe, &mut |_| ()).unwrap());
    let made = std::fs::read_to_string(rig::state().join("machines").join(&name).join("machine.json")).unwrap();
    let port = serde_json::from_str::<Value>(&made).unwrap()["ssh_port"].as_u64().unwrap().try_into().unwrap();
    assert_ne!(port, 22, "the host's own sshd is in nobody's way");
    let holder = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let refused = machine.start().unwrap_err();
    assert!(matches!(refused, Error::PortTaken(taken) if taken == port), "{refused}");
    assert!(refused.to_string().contains(&port.to_string()) && refused.way_out().is_some(), "{refused}");
    assert!(!machine.is_running());
    drop(holder);
    machine.start().unwrap();
    assert_eq!(login(&machine, "lisa", "systemctl is-system-running").0, "running\n");
    // Its network is the host's, and so are the settings of that: they are no machine's to change. Should it be one's, nothing changes.
    let write = "f=/proc/sys/net/ipv4/ip_default_ttl; sudo sh -c \"cat $f | tee $f\" 2>&1";
    let said = login(&machine, "lisa", write).0;
    assert!(said.contains("Read-only file system"), "{said}");
}
