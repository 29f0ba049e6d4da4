//! A machine that loses its means while somebody looks: in the middle of a grade /run is filled, podman, sudo or the program is removed, the
//! account's manager is killed, the machine is rebooted under the grader. What is so is not taken for missing, and what is not is not given.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::inotify::AddWatchFlags;
use serde_json::{Value, json};
use terminal::Terminal;

use crate::changes::Changes;
use crate::exam::recorded;
use crate::grading::{Wish, answers, hand_in};
use crate::killed::{CLOCK, last_answer, one_goal};
use crate::killer::{end, observers};
use crate::rich::{login, put, rich, root};
use crate::rig::{self, Rig};

const PATIENCE: Duration = Duration::from_secs(60);

/// What is so, for as long as it is looked at: a service, its container, and a note.
fn wishes() -> Vec<Wish> {
    let stays = |check: Value| json!({"for": {"time": "1s", "check": check}});
    let note = json!({"path": {"path": "~/note", "as": "conuser1", "contains": ["hello"]}});
    let runs = json!({"container": {"account": "conuser1", "name": "web1", "running": true}});
    let active = json!({"unit": {"name": "container-web1.service", "user": "conuser1", "active": "active"}});
    vec![("a-note", stays(note), None), ("b-runs", stays(runs), None), ("c-active", stays(active), None)]
}

/// The answers of the first grade of an attempt in whose middle root does this; and how the program ended.
fn graded_while(rig: &Rig, harm: &str) -> (Vec<String>, Option<i32>) {
    hand_in(rig, &wishes());
    let note = PathBuf::from(format!("/proc/{}/root/home/conuser1/note", rig.leader().unwrap()));
    let looked = Changes::when(&note, AddWatchFlags::IN_OPEN);
    let words = ["rootless-lab", "exam", "grade", "--format", "json"].map(str::to_owned);
    let mut grade = rig.enter_command("lisa", &words).unwrap();
    let grade = grade.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert!(looked.come(PATIENCE) > 0, "{harm}: nobody looks");
    root(rig, harm);
    let output = grade.wait_with_output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{harm}: {error}: {said} {errors}"));
    let answers: Vec<String> = answers(&result, "predicted").iter().map(|one| one.1.to_owned()).collect();
    eprintln!("{harm}: {answers:?} {:?}", output.status.code());
    (answers, output.status.code())
}

#[test]
fn means_that_are_removed_in_the_middle_of_a_grade_make_nothing_wrong() {
    let Some(rig) = rig::have(rich()) else { return };
    let whole = (vec!["pass".to_owned(); 3], Some(0));
    for (harm, undo) in [
        ("dd if=/dev/zero of=/run/full bs=64k 2>/dev/null; ! touch /run/more/ 2>/dev/null", "rm /run/full"),
        ("rm -rf /run/rootless-lab", ":"),
        ("mv /usr/bin/podman /usr/bin/podman.away", "mv /usr/bin/podman.away /usr/bin/podman"),
        ("mv /usr/bin/sudo /usr/bin/sudo.away", "mv /usr/bin/sudo.away /usr/bin/sudo"),
        ("p=$(command -v rootless-lab); mv $p $p.away", "p=$(command -v rootless-lab.away); mv $p ${p%.away}"),
    ] {
        let (answers, code) = graded_while(&rig, harm);
        assert!(answers.iter().all(|one| one != "fail"), "{harm}: {answers:?}");
        assert_eq!(code, Some(if answers.iter().all(|one| one == "pass") { 0 } else { 7 }), "{harm}: {answers:?}");
        root(&rig, undo);
    }
    assert_eq!(graded_while(&rig, ":"), whole, "afterwards it is as it was");
    // Its services end with the manager, and the note stays.
    let killed =
        "systemctl kill --kill-whom=all -s KILL user@$(id -u conuser1) || :; systemctl stop user@$(id -u conuser1)";
    let (answers, code) = graded_while(&rig, killed);
    assert!(answers[0] != "fail" && answers[1] != "pass" && answers[2] != "pass" && code != Some(0), "{answers:?}");
    login(&rig, "lisa", "rootless-lab exam verify machines-1");
}

#[test]
fn a_grade_whose_outer_half_is_killed_at_the_reboot_goes_on_when_it_is_asked_for_again() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    root(&rig, "echo good >/opt/kept; echo good >/run/lost");
    let is_good = |path: &str| json!({"path": {"path": path, "contains": ["good"]}});
    hand_in(&rig, &[("kept", is_good("/opt/kept"), None), ("lost", is_good("/run/lost"), None)]);
    let boot = rig.boot_id().unwrap();
    let program = || {
        let mut grade = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
        grade.args(["exam", "grade", "--reboot", "--format", "json", "--machine", rig.name()]);
        grade.env("ROOTLESS_LAB_STATE", rig::state()).stdin(Stdio::null());
        grade
    };
    let mut killed = program().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    recorded(&rig, "machines-1", "a reboot is asked for", |record| record.contains(r#""event":"rebooting""#));
    killed.kill().unwrap();
    killed.wait().unwrap();
    let output = program().output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said} {errors}"));
    assert!(rig.rebooted_since(&boot), "{errors}");
    assert_eq!(answers(&result, "predicted"), [("kept/it", "pass"), ("lost/it", "pass")]);
    assert_eq!(answers(&result, "proven"), [("kept/it", "pass"), ("lost/it", "fail")], "{errors}");
    assert_eq!(output.status.code(), Some(1));
    let verified = login(&rig, "lisa", "rootless-lab exam verify machines-1");
    assert!(verified.contains("is as it was written"), "{verified}");
}

#[test]
fn a_sitting_on_a_machine_that_loses_its_means_goes_on_and_sees_again_when_they_are_back() {
    let Some(rig) = rig::have(rich()) else { return };
    let note = json!({"path": {"path": "~/note", "as": "conuser1", "contains": ["done"]}});
    put(&rig, "/opt/exams/trial/exam.yaml", &one_goal(&note));
    let words = ["rootless-lab", "exam", "start", "--here", "/opt/exams/trial", "--yes"].map(str::to_owned);
    let mut sitting = Terminal::start(rig.enter_command("lisa", &words).unwrap(), 40, 80);
    sitting.wait(CLOCK, PATIENCE);
    let answered = |answer: &str| recorded(&rig, "trial-1", answer, |record| last_answer(record) == Some(answer));
    answered("fail");
    // All of it at once, and nobody who looks is left.
    let away = "dd if=/dev/zero of=/run/full bs=64k 2>/dev/null; rm -rf /run/rootless-lab
        for name in podman sudo rootless-lab; do p=$(command -v $name); mv $p $p.away; done";
    root(&rig, away);
    observers(rig.leader().unwrap()).into_iter().for_each(end);
    answered("unknown");
    root(&rig, "echo done >/home/conuser1/note");
    for _ in 0..2 {
        sitting.line("echo st'ill' here");
        sitting.wait("still here\n", PATIENCE);
        sitting.wait(CLOCK, PATIENCE);
    }
    root(
        &rig,
        "rm /run/full; for p in /usr/bin/*.away /usr/local/bin/*.away; do [ ! -e $p ] || mv $p ${p%.away}; done",
    );
    // The next prompt is a reason to look again.
    sitting.line("rootless-lab exam status");
    sitting.wait(CLOCK, PATIENCE);
    answered("pass");
    sitting.line("rootless-lab exam finish");
    sitting.wait(r"\[handed in\] lisa@[^\n]*\$ $", PATIENCE);
    sitting.line("exit");
    assert!(sitting.end(PATIENCE).success());
    let graded = login(&rig, "lisa", "rootless-lab exam grade && rootless-lab exam verify trial-1");
    assert!(graded.contains("10 of 10 points") && graded.contains("is as it was written"), "{graded}");
}
