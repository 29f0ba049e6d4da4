//! Making a machine where it cannot be made, from a tree of the user's own, and what the caretaker does about reboots and power.
//! All through the program's own command line.

// the functions beside the tests are tests too
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::rig::{self, Rig};
use rootless_lab::practice::Release;
use terminal::Terminal;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);
const PROGRAM: &str = env!("CARGO_BIN_EXE_rootless-lab");

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)).replace('\r', "")
}

/// An error and its way out, without the breaks that the width of the terminal makes.
fn error(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let begin = said.find("rootless-lab: ").unwrap_or_default();
    said[begin..].split_whitespace().collect::<Vec<_>>().join(" ")
}

fn state(why: &str) -> tempfile::TempDir {
    tempfile::Builder::new().prefix(&format!("rootless-lab-{why}-")).tempdir_in("/var/tmp").unwrap()
}

/// What a failed making left of trees and machines.
fn left(state: &Path) -> Vec<String> {
    let names = ["base", "machines"].into_iter().filter_map(|place| fs::read_dir(state.join(place)).ok());
    let names = names.flatten().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.ends_with(".lock")).collect()
}

#[test]
fn a_mirror_that_does_not_answer_is_said_in_one_line_and_nothing_is_left() {
    if rig::have(rig::machines()).is_none() {
        return;
    }
    let state = state("mirror");
    let made = Command::new(PROGRAM)
        .args(["practice", "create", "far", "--yes"])
        .env("ROOTLESS_LAB_STATE", state.path())
        .envs([("http_proxy", "http://127.0.0.1:1"), ("https_proxy", "http://127.0.0.1:1")])
        .output()
        .unwrap();
    assert_eq!(made.status.code(), Some(4), "{}", text(&made));
    let said = error(&made);
    assert!(said.starts_with("rootless-lab: the Debian mirror cannot be reached: "), "{}", text(&made));
    assert!(said.contains("check the network, then run the same command again"), "{said}");
    assert_eq!(left(state.path()), Vec::<String>::new());
}

#[test]
fn a_full_disk_is_said_in_one_line_and_nothing_is_left() {
    // a build with the packages at hand, on a disk that holds less than them; the base tree is made first where it is not there yet
    if rig::have(rig::machine(Release::Trixie)).is_none() {
        return;
    }
    let state = state("full");
    let script = "mount -t tmpfs -o size=200m none \"$1\" && mkdir \"$1/packages\" && mount --bind \"$3\" \"$1/packages\" || exit 99
        ROOTLESS_LAB_STATE=$1 \"$2\" practice create full --yes; status=$?
        find \"$1/base\" \"$1/machines\" -mindepth 1 ! -name '*.lock'; exit $status";
    let made = Command::new("unshare")
        .args(["--mount", "sh", "-c", script, "sh"])
        .args([state.path(), Path::new(PROGRAM), &rig::state().join("packages")])
        .output()
        .unwrap();
    assert_eq!(made.status.code(), Some(4), "{}", text(&made));
    let said = error(&made);
    assert!(said.starts_with("rootless-lab: no space left on the disk of "), "{}", text(&made));
    assert!(said.contains("free some space"), "{said}");
    assert_eq!(String::from_utf8_lossy(&made.stdout), "", "left behind");
}

#[test]
fn a_tar_file_of_a_system_becomes_a_machine_one_can_log_in_to() {
    let Some(made) = rig::have(rig::started(Release::Trixie)) else { return };
    let bases = fs::read_dir(rig::state().join("base")).unwrap().map(|entry| entry.unwrap().path());
    let base = bases.filter(|path| path.is_dir()).find(|path| path.to_string_lossy().contains("/trixie-")).unwrap();
    drop(made);
    let state = state("tar");
    let tar = state.path().join("own.tar");
    let packed = Command::new("tar")
        .arg("-C")
        .arg(base)
        .args(["--xattrs", "--acls", "--numeric-owner", "-cf"])
        .arg(&tar)
        .arg(".")
        .status();
    assert!(packed.unwrap().success());
    let practice = |words: &[&str]| {
        // Whatever its maker keeps from others, the machine is for all of its accounts.
        let mut command = Command::new("sh");
        command.args(["-c", "umask 077; exec \"$@\"", "sh", PROGRAM, "practice"]).args(words);
        command.env("ROOTLESS_LAB_STATE", state.path()).stdin(Stdio::null());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", text(&output));
        text(&output)
    };
    practice(&["create", "own", "--from", &tar.to_string_lossy()]);
    practice(&["start", "own"]);
    let look = "hostname; systemctl is-system-running; systemctl --user is-system-running; podman run --rm ubi8 bash -c 'echo it runs'; rootless-lab --version";
    let said = practice(&["enter", "own", "--", "sh", "-c", look]);
    practice(&["stop", "own"]);
    practice(&["remove", "own", "--bases"]);
    assert!(said.starts_with("own\nrunning\nrunning\n") && said.contains("it runs\nrootless-lab "), "{said}");
    assert_eq!(left(state.path()), Vec::<String>::new());
}

#[test]
fn the_whole_life_of_a_machine_goes_by_the_program_s_own_words() {
    let Some(rig) = rig::have(rig::machine(Release::Trixie)) else { return };
    let practice = |words: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.arg("practice").args(words).env("ROOTLESS_LAB_STATE", rig::state()).stdin(Stdio::null());
        command.output().unwrap()
    };
    let name = rig.name();
    let listed = || text(&practice(&["list"])).lines().find(|line| line.starts_with(name)).map(str::to_owned);
    assert!(listed().is_some_and(|line| line.contains("trixie") && line.ends_with("stopped")), "{:?}", listed());
    let refused = practice(&["enter", name]);
    assert_eq!(refused.status.code(), Some(4));
    let way_out = format!("is not running → start it: `rootless-lab practice start {name}`");
    assert!(error(&refused).ends_with(&way_out), "{}", text(&refused));

    assert!(text(&practice(&["start", name])).starts_with(&format!("{name} is up.\n")));
    assert!(text(&practice(&["start", name])).starts_with(&format!("{name} was running already.\n")));
    assert!(listed().is_some_and(|line| line.ends_with("running")), "{:?}", listed());
    let touched = practice(&["enter", name, "--", "sh", "-c", "touch ~/mine; ls ~; id -un; exit 7"]);
    assert_eq!((text(&touched).trim_end(), touched.status.code()), ("mine\nlisa", Some(7)));
    assert_eq!(text(&practice(&["enter", name, "--user", "root", "--", "id", "-un"])).trim_end(), "root");
    let nobody = practice(&["enter", name, "-u", "nosuch", "--", "id"]);
    assert_eq!(nobody.status.code(), Some(4));
    assert_eq!(
        error(&nobody),
        format!(
            "rootless-lab: practice machine `{name}` has no account `nosuch` → `rootless-lab practice enter {name}` logs in as one that it has"
        )
    );

    assert_eq!(text(&practice(&["reset", name])), format!("{name} is as it was made.\n"));
    assert!(listed().is_some_and(|line| line.ends_with("running")), "{:?}", listed());
    assert_eq!(text(&practice(&["enter", name, "--", "sh", "-c", "ls ~"])), "");
    assert_eq!(practice(&["remove", name]).status.code(), Some(4), "it runs");
    assert_eq!(text(&practice(&["stop", name])), format!("{name} is shut down.\n"));
    assert_eq!(text(&practice(&["stop", name])), format!("{name} was not running.\n"));
    let again = format!("{name}-again");
    assert!(practice(&["create", &again]).status.success());
    assert_eq!(practice(&["create", &again]).status.code(), Some(4), "the name is taken");
    assert_eq!(text(&practice(&["remove", &again])), format!("{again} is removed.\n"));
    assert!(error(&practice(&["start", &again])).contains(&format!("practice create {again}` makes it")));
}

#[test]
fn a_file_that_holds_no_system_is_refused_with_what_is_wrong_with_it() {
    if rig::have(rig::machines()).is_none() {
        return;
    }
    let state = state("bad");
    let file = state.path().join("bad.tar");
    let create = || {
        let mut command = Command::new(PROGRAM);
        command.args(["practice", "create", "bad", "--from"]).arg(&file).env("ROOTLESS_LAB_STATE", state.path());
        let made = command.stdin(Stdio::null()).output().unwrap();
        assert_eq!(made.status.code(), Some(4), "{}", text(&made));
        error(&made)
    };
    fs::write(&file, "no archive at all, and longer than nothing\n".repeat(40)).unwrap();
    assert!(create().contains("bad.tar failed: tar: This does not look like a tar archive"), "{}", create());
    fs::create_dir(state.path().join("empty")).unwrap();
    let packed = Command::new("tar").arg("-C").arg(state.path()).arg("-cf").arg(&file).arg("empty").status();
    assert!(packed.unwrap().success());
    assert!(create().contains("it has no systemd → give a root file system with systemd in it"), "{}", create());
    fs::remove_file(&file).unwrap();
    assert!(create().contains("bad.tar: No such file or directory"), "{}", create());
    assert_eq!(left(state.path()), Vec::<String>::new());
}

const OF_OTHERS: &str = "format: 1
title: Theirs
summary: Anna and bob.
accounts:
  - {name: anna, role: administrator, password: anna}
  - {name: bob, role: member, password: bob}
steps:
  - id: one
    title: One
    text: Make it.
    goals:
      - {id: file, say: It is there., check: {path: {path: /opt/file}}}
    hints: [Look., Think., Touch it.]
    solution: [{lines: [touch it]}]
";

#[test]
fn a_machine_has_the_accounts_that_its_lesson_declares_and_one_that_lacks_them_is_not_taken_for_it() {
    let Some(rig) = rig::have(rig::started(Release::Trixie)) else { return };
    let place = state("others");
    let file = place.path().join("theirs/lesson.yaml");
    fs::create_dir(place.path().join("theirs")).unwrap();
    fs::write(&file, OF_OTHERS).unwrap();
    let started = |machine: &str| {
        let mut command = Command::new(PROGRAM);
        command.arg("start").arg(&file).args(["--practice", "--yes", "--machine", machine]);
        Terminal::start(
            {
                command.env("ROOTLESS_LAB_STATE", rig::state());
                command
            },
            24,
            80,
        )
    };
    let mut refused = started(rig.name());
    refused.wait(&format!("{}` has no account anna, bob(?s:.*)--machine", rig.name()), PATIENCE);
    assert_eq!(refused.end(PATIENCE).code(), Some(4));

    let name = format!("{}-others", rig.name());
    let mut lab = started(&name);
    lab.wait(&format!(r"anna@{name}:~\$ $"), PATIENCE);
    lab.line("sudo -n id -un; id -un bob; sudo -n -l -U bob");
    lab.wait("root\nbob\nUser bob is not allowed to run sudo", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    drop(Rig::of(rig::machines().unwrap().find(&name).unwrap()));
}

fn enter(rig: &Rig, words: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(["practice", "enter", rig.name(), "--"]).args(words).stdin(Stdio::null());
    command.env("ROOTLESS_LAB_STATE", rig::state()).output().unwrap()
}

#[test]
fn a_command_that_reboots_the_machine_is_entered_once_only() {
    let Some(rig) = rig::have(rig::started(Release::Trixie)) else { return };
    let boot = rig.boot_id().unwrap();
    enter(&rig, &["sh", "-c", "echo once >> ~/runs; sync; sudo systemctl reboot; sleep 60"]);
    crate::practice::until("the machine comes back", || rig.rebooted_since(&boot));
    rig.wait_for_login(std::time::Duration::from_secs(60)).unwrap();
    let boot = rig.boot_id();
    assert_eq!(text(&enter(&rig, &["cat", "runs"])).trim(), "once");
    assert_eq!(rig.boot_id(), boot, "it was rebooted once");
}

#[test]
fn a_machine_that_is_powered_off_from_inside_says_how_to_start_it() {
    let Some(rig) = rig::have(rig::started(Release::Trixie)) else { return };
    let mut command = Command::new(PROGRAM);
    command.args(["practice", "enter", rig.name()]).env("ROOTLESS_LAB_STATE", rig::state());
    let mut terminal = terminal::Terminal::start(command, 24, 80);
    let time = std::time::Duration::from_secs(60);
    terminal.wait(r"lisa@[^\n]*\$ $", time);
    terminal.line("sudo systemctl poweroff");
    terminal.wait(&format!("{0} was powered off. Start it with: rootless-lab practice start {0}", rig.name()), time);
    assert!(terminal.end(time).success());
    assert!(!rig.is_running());
}

/// As a machine does to all its processes when it goes down. The program that reached inside stops with what it ran.
#[test]
fn what_runs_inside_and_is_stopped_and_killed_holds_nobody() {
    let Some(rig) = rig::have(rig::started(Release::Trixie)) else { return };
    let script = "(until grep -q '^State:.T' /proc/$$/status; do :; done; sleep 0.2; kill -KILL $$) & kill -STOP $$";
    let ran = rig.run_root(&["sh", "-c", script]).unwrap();
    assert!(!ran.status.success(), "{}", text(&ran));
}
