//! A machine from a root file system of somebody's own: it boots and lets its people in, and neither its links nor its programs reach the host.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use rootless_lab::practice::{From, Machines, Recipe};
use terminal::Terminal;

use crate::rich::{login, root};
use crate::rig::{self, Rig};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);

/// The base tree that machines of this release stand on.
fn base() -> PathBuf {
    let release = rig::release().name();
    let entries = fs::read_dir(rig::state().join("base")).unwrap().flatten().map(|entry| entry.path());
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(release));
    entries.filter(|path| path.is_dir()).find(named).unwrap()
}

#[test]
fn a_machine_from_a_tree_of_one_s_own_boots_and_nothing_in_it_reaches_the_host() {
    let Some(_) = rig::have(rig::machine(rig::release())) else { return };
    let place = tempfile::tempdir_in(rig::state()).unwrap();
    let tree = place.path().join("tree");
    assert!(Command::new("cp").arg("-a").arg(base()).arg(&tree).status().unwrap().success());
    // Its sshd is not started by itself, and kept from it.
    fs::remove_file(tree.join("etc/systemd/system/multi-user.target.wants/ssh.service")).unwrap();
    symlink("/dev/null", tree.join("etc/systemd/system/ssh.service")).unwrap();
    let secret = place.path().join("secret");
    fs::write(&secret, "PASS_OF_THE_HOST 1\n").unwrap();
    fs::remove_file(tree.join("etc/login.defs")).unwrap();
    symlink(&secret, tree.join("etc/login.defs")).unwrap();
    // A program of the tree that looks for a process of the host.
    fs::rename(tree.join("usr/sbin/useradd"), tree.join("usr/sbin/useradd.real")).unwrap();
    let look = format!(
        "#!/bin/sh\nkill -0 {} && echo seen >/home/host\nls /proc >/home/processes\nexec useradd.real \"$@\"\n",
        std::process::id()
    );
    fs::write(tree.join("usr/sbin/useradd"), look).unwrap();
    fs::set_permissions(tree.join("usr/sbin/useradd"), fs::Permissions::from_mode(0o755)).unwrap();

    let machines = rig::machines().unwrap();
    let name = format!("rig-{}-tree", std::process::id());
    let recipe = Recipe { from: From::Tree(tree), ..Recipe::new(&name, rig::release()) };
    let rig = Rig::of(machines.create(&recipe, &mut |_| ()).unwrap_or_else(|error| panic!("{error}")));
    rig.start().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(root(&rig, "id -un lisa; grep -c HOST /etc/login.defs || :"), "lisa\n0\n");
    assert_eq!(
        root(&rig, "ls /home/host 2>&1 || :; grep -c '^1$' /home/processes"),
        "ls: cannot access '/home/host': No such file or directory\n1\n"
    );
    drop(rig);
    // Its base is nobody else's; those of the releases are kept for the next run.
    for entry in fs::read_dir(rig::state().join("base")).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("own-") {
            let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
        }
    }
}

#[test]
fn a_tree_without_an_ssh_server_and_podman_is_entered_all_the_same_and_a_lesson_says_what_it_lacks() {
    if rig::have(rig::machines()).is_none() {
        return;
    }
    let state = tempfile::tempdir_in(rig::state()).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_rootless-lab"));
    let machines = Machines::at(state.path(), program).unwrap();
    let recipe = Recipe { from: From::Tree(crate::fresh::debian()), ..Recipe::new("bare", rig::release()) };
    let rig = Rig::of(machines.create(&recipe, &mut |_| ()).unwrap_or_else(|error| panic!("{error}")));
    rig.start().unwrap_or_else(|error| panic!("{error}"));
    let said = login(&rig, "lisa", "id -un; sudo -n id -un; systemctl --user is-system-running; echo $XDG_RUNTIME_DIR");
    assert_eq!(said, "lisa\nroot\nrunning\n/run/user/1000\n");
    let mut lesson = Command::new(program);
    lesson.args(["start", "--machine", "bare"]).env("ROOTLESS_LAB_STATE", state.path());
    let mut lesson = Terminal::start(lesson, 24, 80);
    lesson.wait("This host has no podman: goals about that cannot be reached here.", PATIENCE);
    lesson.wait(r"\[1/20[^\]]*\] lisa@bare:~\$ $", PATIENCE);
    lesson.line(":quit");
    assert!(lesson.end(PATIENCE).success(), "{}", lesson.all());
}
