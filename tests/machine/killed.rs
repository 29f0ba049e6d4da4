//! The observer that sudo started for a candidate is killed: a sitting goes on and sees again what it could not see, and a grade is made by
//! a fresh one or says that nobody could look.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use terminal::Terminal;

use crate::exam::recorded;
use crate::grading::{Wish, answers, goals, hand_in};
use crate::killer::{Killer, end, observers};
use crate::rich::{login, put, root};
use crate::rig::{self, Rig, Skip};

const PATIENCE: Duration = Duration::from_secs(60);
pub const CLOCK: &str = r"\[\d+ min\] lisa@[^\n]*\$ $";

/// A machine on which conuser1 has a note that reads `good`.
fn noted() -> Result<Rig, Skip> {
    let rig = rig::started(rig::release())?;
    root(&rig, "useradd -m -s /bin/bash conuser1; echo conuser1:conuser1 | chpasswd");
    root(&rig, "echo good >/home/conuser1/note; chown conuser1: /home/conuser1/note; chmod 700 /home/conuser1");
    Ok(rig)
}

fn note(text: &str) -> Value {
    json!({"path": {"path": "~/note", "as": "conuser1", "contains": [text]}})
}

/// What root alone sees, what the account sees, and what is waited for.
fn wishes() -> Vec<Wish> {
    let password = json!({"password": {"account": "conuser1", "set": true}});
    let waits = json!({"within": {"time": "2s", "check": note("bad")}});
    vec![("bad", note("bad"), None), ("good", note("good"), None), ("password", password, None), ("waits", waits, None)]
}

const RIGHT: [(&str, &str); 4] =
    [("bad/it", "fail"), ("good/it", "pass"), ("password/it", "pass"), ("waits/it", "fail")];

fn begun(rig: &Rig) -> Child {
    let words = ["rootless-lab", "exam", "grade", "--format", "json"].map(str::to_owned);
    let mut command = rig.enter_command("lisa", &words).unwrap();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Each answer is right, or there is none and it is said why. How many there are not.
#[track_caller]
fn nothing_wrong(what: &str, said: &Output) -> usize {
    let (json, errors) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    let result: Value = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{what}: {error}: {json} {errors}"));
    for (found, right) in answers(&result, "predicted").iter().zip(RIGHT) {
        assert!(*found == right || *found == (right.0, "unknown"), "{what}: {found:?} {result}");
    }
    let unknown: Vec<&Value> =
        goals(&result).map(|goal| &goal["predicted"]).filter(|it| it["answer"] == "unknown").collect();
    for it in &unknown {
        assert!(it["why"].as_str().is_some_and(|why| why.contains("was ended before")), "{what}: {it}");
        assert!(it["grant"].as_str().is_some_and(|grant| grant.contains("again")), "{what}: {it}");
    }
    let score = &result["predicted"]["total"]["had"];
    let (lowest, highest) = (score["lowest"].as_u64(), score["highest"].as_u64());
    eprintln!("{what}: {} unknown, {lowest:?} to {highest:?}", unknown.len());
    if unknown.len() == RIGHT.len() {
        assert_eq!(result["predicted"]["verdict"], "no-score", "{what}: {result}");
    } else {
        assert!(lowest <= Some(20) && highest >= Some(20), "{what}: {result}");
    }
    unknown.len()
}

/// Kills so many observers of the machine, each as soon as it is there, and waits for the end of the grade.
fn graded(rig: &Rig, most: usize) -> (Output, usize) {
    let (mut grade, leader, mut killed) = (begun(rig), rig.leader().unwrap(), BTreeSet::new());
    while killed.len() < most && grade.try_wait().unwrap().is_none() {
        for pid in observers(leader).into_iter().take(most - killed.len()) {
            end(pid);
            killed.insert(pid);
        }
    }
    (grade.wait_with_output().unwrap(), killed.len())
}

#[test]
fn an_observer_of_root_s_that_is_killed_while_it_grades_is_followed_by_another_one_or_nothing_is_said() {
    let Some(rig) = rig::have(noted()) else { return };
    let mut all = Vec::new();
    for most in [1, 2, 3, 4, 5, usize::MAX] {
        // What an earlier look could tell counts, so each is the first of its attempt.
        hand_in(&rig, &wishes());
        let (said, killed) = graded(&rig, most);
        assert!(killed > 0 && killed <= most, "{killed} of {most}");
        all.push(nothing_wrong(&format!("{killed} killed"), &said));
    }
    assert_eq!((all.first(), all.last()), (Some(&0), Some(&RIGHT.len())), "{all:?}");
    assert_eq!(nothing_wrong("let alone", &begun(&rig).wait_with_output().unwrap()), 0);
    let verified = login(&rig, "lisa", "rootless-lab exam verify machines-1");
    assert!(verified.contains("machines-1 is as it was written: 4 lines"), "{verified}");
}

/// An exam of one task that lisa sits.
pub fn one_goal(check: &Value) -> String {
    let goal = json!({"id": "it", "say": "It is so.", "check": check});
    let task = json!({"id": "only", "title": "Only", "text": "Write it.", "objective": "Notes", "points": 10, "goals": [goal]});
    json!({"format": 1, "title": "Notes", "about": "Notes.", "tracks": ["None"], "minutes": 15, "pass-mark": 60,
        "accounts": [{"name": "lisa", "role": "administrator", "password": "lisa"},
            {"name": "conuser1", "role": "member"}], "tasks": [task]})
    .to_string()
}

/// The last answer on record.
pub fn last_answer(record: &str) -> Option<&str> {
    let last = record.lines().rev().find(|line| line.contains(r#"{"turned":"#))?;
    last.split_once(r#""answer":""#)?.1.split('"').next()
}

/// Waits until the last answer on record is this one.
#[track_caller]
fn answered(rig: &Rig, answer: &str) {
    recorded(rig, "trial-1", answer, |record| last_answer(record) == Some(answer));
}

#[test]
fn a_sitting_whose_observers_are_killed_goes_on_and_sees_again_what_happens() {
    let Some(rig) = rig::have(noted()) else { return };
    put(&rig, "/opt/exams/trial/exam.yaml", &one_goal(&note("done")));
    let words = ["rootless-lab", "exam", "start", "--here", "/opt/exams/trial", "--yes"].map(str::to_owned);
    let mut sitting = Terminal::start(rig.enter_command("lisa", &words).unwrap(), 40, 80);
    sitting.wait(CLOCK, PATIENCE);
    answered(&rig, "fail");
    let leader = rig.leader().unwrap();
    let write = |text: &str| drop(root(&rig, &format!("echo {text} >/home/conuser1/note")));

    observers(leader).into_iter().for_each(end);
    write("done");
    answered(&rig, "pass");

    let killer = Killer::of(leader);
    write("nothing");
    answered(&rig, "unknown");
    sitting.line("echo st'ill' here");
    sitting.wait("still here\n", PATIENCE);
    sitting.wait(CLOCK, PATIENCE);
    assert!(killer.rest() > 2);
    answered(&rig, "fail");
    // Nobody presses a key: it is listened to again.
    write("done");
    answered(&rig, "pass");

    sitting.line("rootless-lab exam finish");
    sitting.wait(r"\[handed in\] lisa@[^\n]*\$ $", PATIENCE);
    for never in ["observer", "Killed", "sudo:"] {
        assert!(!sitting.all().contains(never), "{}", sitting.all());
    }
    sitting.line("exit");
    assert!(sitting.end(PATIENCE).success());
    let said = login(&rig, "lisa", "rootless-lab exam grade");
    assert!(said.contains("10 of 10 points"), "{said}");
    login(&rig, "lisa", "rootless-lab exam verify trial-1");
}
