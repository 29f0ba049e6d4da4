//! An attempt graded on a real machine: what is foretold and what a reboot proves, and machines on which there is little left to look with.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rootless_lab::exam::{Attempts, Candidate, Event, Machine, Reading, Started};
use serde_json::{Value, json};

use crate::rich::{login, put, rich, root};
use crate::rig::{self, Rig};

/// A goal of one task each: its name, its check and what foretells it.
pub type Wish = (&'static str, Value, Option<Value>);

fn exam(wishes: &[Wish]) -> String {
    let task = |(name, check, foretold): &Wish| {
        let mut goal = json!({"id": "it", "say": format!("{name} is so."), "check": check});
        if let Some(foretold) = foretold {
            goal["predicted-by"] = foretold.clone();
        }
        json!({"id": name, "title": name, "text": "It is so.", "objective": "Machines", "points": 10, "goals": [goal]})
    };
    let tasks: Vec<Value> = wishes.iter().map(task).collect();
    json!({"format": 1, "title": "Machines", "about": "Machines.", "tracks": ["None"], "minutes": 15, "pass-mark": 60,
        "lasting": true, "tasks": tasks, "accounts": [{"name": "lisa", "role": "administrator", "password": "lisa"},
            {"name": "conuser1", "role": "created"}]})
    .to_string()
}

/// Puts an attempt of lisa's there that she handed in during this boot.
pub fn hand_in(rig: &Rig, wishes: &[Wish]) {
    let state = tempfile::tempdir().unwrap();
    let at = |second: u64| Reading {
        wall: 1_700_000_000_000_000 + second as i64 * 1_000_000,
        up: second * 1_000_000,
        awake: second * 1_000_000,
        boot: rig.boot_id().unwrap(),
    };
    let started = Started {
        exam: "machines".into(),
        exam_digest: String::new(),
        lessons: BTreeMap::new(),
        seed: 7,
        parameters: BTreeMap::new(),
        minutes: 15,
        candidate: Candidate { account: "lisa".into(), uid: 1000, name: None },
        machine: Machine::Practice(rig.name().into()),
        identity: None,
        versions: BTreeMap::new(),
    };
    let (_, mut folder) = Attempts::new(state.path()).begin(&exam(wishes), &at(1), started).unwrap();
    folder.append(&at(2), &Event::Finished { by_clock: false }).unwrap();
    let tar = Command::new("tar").arg("-C").arg(state.path()).args(["-cf", "-", "."]).output().unwrap();
    root(rig, "install -d -o lisa -g lisa /home/lisa/.local /home/lisa/.local/state");
    let given =
        rig.ask_root(&["tar", "-xf", "-", "-C", "/home/lisa/.local/state", "--no-same-owner"], &tar.stdout).unwrap();
    assert!(given.status.success(), "{given:?}");
    root(rig, "chown -R lisa: /home/lisa/.local");
}

/// One service that starts at a boot, and two that somebody only started; of one of these that is foretold.
fn services(rig: &Rig) -> Vec<Wish> {
    for name in ["kept", "lost", "seen"] {
        let unit = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n";
        put(rig, &format!("/etc/systemd/system/{name}.service"), unit);
    }
    root(rig, "systemctl daemon-reload; systemctl enable --now kept; systemctl start lost seen");
    let active = |name: &str| json!({"unit": {"name": format!("{name}.service"), "active": "active"}});
    let enabled = json!({"all": [active("seen"), {"unit": {"name": "seen.service", "file-state": "enabled"}}]});
    vec![("kept", active("kept"), None), ("lost", active("lost"), None), ("seen", active("seen"), Some(enabled))]
}

pub fn goals(result: &Value) -> impl Iterator<Item = &Value> {
    let tasks = result["tasks"].as_array().unwrap_or_else(|| panic!("{result}"));
    tasks.iter().flat_map(|task| task["goals"].as_array().unwrap())
}

pub fn answers<'r>(result: &'r Value, side: &str) -> Vec<(&'r str, &'r str)> {
    goals(result).map(|goal| (goal["id"].as_str().unwrap(), goal[side]["answer"].as_str().unwrap())).collect()
}

const FORETOLD: [(&str, &str); 3] = [("kept/it", "pass"), ("lost/it", "pass"), ("seen/it", "fail")];
const PROVEN: [(&str, &str); 3] = [("kept/it", "pass"), ("lost/it", "fail"), ("seen/it", "fail")];

#[test]
fn from_outside_a_reboot_proves_what_outlasts_it_and_what_was_only_foretold_is_named() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    let wishes = services(&rig);
    hand_in(&rig, &wishes);
    let boot = rig.boot_id().unwrap();
    let mut grade = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    grade.env("ROOTLESS_LAB_STATE", rig::state()).stdin(Stdio::null());
    let output =
        grade.args(["exam", "grade", "--machine", rig.name(), "--reboot", "--format", "json"]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(rig.rebooted_since(&boot), "{errors}");
    let said = String::from_utf8_lossy(&output.stdout);
    let result: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said} {errors}"));
    assert_eq!(answers(&result, "predicted"), FORETOLD);
    assert_eq!(answers(&result, "proven"), PROVEN);
    let points = |side: &str| result[side]["total"]["had"]["lowest"].clone();
    assert_eq!((points("predicted"), points("proven")), (20.into(), 10.into()));
    assert_eq!(
        (&result["predicted"]["verdict"], &result["proven"]["verdict"]),
        (&"passed".into(), &"not-passed".into())
    );
    assert_eq!(output.status.code(), Some(1), "what is proven counts");
}

#[test]
fn from_inside_the_grade_goes_on_when_it_is_asked_for_again_after_the_boot() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    let wishes = services(&rig);
    hand_in(&rig, &wishes);
    let boot = rig.boot_id().unwrap();
    let words = ["rootless-lab", "exam", "grade", "--reboot", "--yes"].map(str::to_owned);
    let asked = rig.enter_command("lisa", &words).unwrap().stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&asked.stderr).into_owned();
    assert!(
        said.contains("Foretold: 20 of 30") && said.contains("`rootless-lab exam grade machines-1` goes on"),
        "{said}"
    );
    let until = Instant::now() + Duration::from_secs(120);
    while !rig.rebooted_since(&boot) {
        assert!(Instant::now() < until, "it does not come back");
        // Nothing tells outside of a machine that it has booted again.
        std::thread::sleep(Duration::from_millis(50));
    }
    rig.wait_for_login(Duration::from_secs(60)).unwrap();
    let said = login(&rig, "lisa", "rootless-lab exam grade --format json; true");
    let result: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!((answers(&result, "predicted"), answers(&result, "proven")), (FORETOLD.to_vec(), PROVEN.to_vec()));
    let verified = login(&rig, "lisa", "rootless-lab exam verify machines-1");
    assert!(verified.contains("machines-1 is as it was written: 5 lines"), "{verified}");
}

#[test]
fn on_a_machine_without_the_means_to_look_nothing_is_passed_that_is_not_so() {
    let Some(rig) = rig::have(rich()) else { return };
    let active = json!({"unit": {"name": "container-web1.service", "user": "conuser1", "active": "active"}});
    let runs = json!({"container": {"account": "conuser1", "name": "web1", "running": true}});
    let wishes: Vec<Wish> = vec![("active", active, None), ("runs", runs, None)];
    let grade = |what: &str| -> (Vec<String>, i64) {
        // Each is handed in anew: what was seen once counts.
        root(&rig, "rm -rf /home/lisa/.local/state/rootless-lab");
        hand_in(&rig, &wishes);
        let said = login(&rig, "lisa", "rootless-lab exam grade --format json 2>/dev/null; echo \"code $?\"");
        let (json, code) = said.trim_end().rsplit_once("code ").unwrap();
        let result: Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{what}: {error}: {said}"));
        let goals: Vec<&Value> = goals(&result).collect();
        eprintln!("{what}: {goals:#?}");
        let mut whys = goals.iter().filter_map(|goal| goal["predicted"]["why"].as_str());
        assert!(whys.all(|why| !why.is_empty()));
        (answers(&result, "predicted").iter().map(|one| one.1.to_owned()).collect(), code.parse().unwrap())
    };
    assert_eq!(grade("whole"), (vec!["pass".to_owned(), "pass".into()], 0));
    let may_be = |(answers, _): (Vec<String>, i64)| answers.iter().all(|one| one != "fail");
    root(&rig, "dd if=/dev/zero of=/run/full bs=64k 2>/dev/null; ! touch /run/more/ 2>/dev/null");
    assert!(may_be(grade("/run is full")), "what is so does not fail for want of room");
    root(&rig, "rm /run/full; rm -rf /run/rootless-lab");
    assert!(may_be(grade("the lab's folders are gone")));
    root(&rig, "mv /usr/bin/podman /usr/bin/podman.away");
    assert!(may_be(grade("podman is gone")));
    root(
        &rig,
        "systemctl kill --kill-whom=all -s KILL user@$(id -u conuser1) || :; systemctl stop user@$(id -u conuser1); pkill -KILL -u conuser1 || :",
    );
    let (dead, code) = grade("the user manager is dead");
    assert!(dead.iter().all(|one| one != "pass") && code != 0, "{dead:?} {code}");
    root(&rig, "mv /usr/bin/sudo /usr/bin/sudo.away");
    assert_eq!(grade("sudo is gone"), (vec!["unknown".to_owned(), "unknown".into()], 7));
    root(&rig, "userdel -r conuser1 2>/dev/null; mv /usr/bin/sudo.away /usr/bin/sudo");
    let gone = grade("the account is gone");
    assert_eq!(gone, (vec!["fail".to_owned(), "fail".into()], 1), "it was the candidate's work");
    root(&rig, "rm -rf /home/lisa/.local/state/rootless-lab");
    let said = login(&rig, "lisa", "rootless-lab exam grade machines-1 2>&1; echo \"code $?\"");
    assert!(said.contains("there is no attempt `machines-1`") && said.contains("code 4"), "{said}");
}
