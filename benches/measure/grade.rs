//! An attempt at an exam of twenty tasks and sixty goals, graded by the program itself: start, eyes, verdicts, what was seen on the disk, the
//! record's line, the result. And a thousand of them judged again by it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use checkers::Check;
use rootless_lab::exam::{Attempts, Candidate, Event, Machine, Reading, Started};
use serde_json::{Value, json};

use super::figures::{Figures, time};
use super::lessons::facts;

const PROGRAM: &str = "/usr/local/bin/rootless-lab";
const TASKS: usize = 20;
const GOALS: usize = 3;
const ROUNDS: usize = 30;
const ATTEMPTS: usize = 1000;

pub fn measure() -> Figures {
    let state = Path::new("/var/tmp/measure-grade");
    let now = || Reading::now().expect("the clocks");
    let begun = Attempts::new(state).begin(&exam(), &now(), started());
    let (_, mut folder) = begun.expect("an attempt can be kept");
    folder.append(&now(), &Event::Finished { by_clock: false }).expect("it can go on");
    let program = |words: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.args(["exam"]).args(words).env("XDG_STATE_HOME", state).stdin(Stdio::null()).stdout(Stdio::null());
        command.status().expect("it can be started")
    };
    let mut figures = Figures::default();
    for _ in 0..ROUNDS {
        figures.add("exam grade", time(|| assert!(program(&["grade"]).success(), "all of it is so")));
    }
    let folders: Vec<String> = (0..ATTEMPTS).map(|nth| format!("{}/{nth}", state.display())).collect();
    for copy in &folders {
        let copied = Command::new("cp").arg("-a").arg(folder.path()).arg(copy).status();
        assert!(copied.expect("cp").success());
    }
    let file = folder.path().join("exam.yaml");
    let mended = state.join("measured/exam.yaml");
    fs::create_dir_all(state.join("measured")).expect("a folder");
    let text = fs::read_to_string(file).expect("the exam").replace("\"pass-mark\":70", "\"pass-mark\":71");
    fs::write(&mended, text).expect("another exam");
    let mut words = vec!["regrade", "--exam", mended.to_str().expect("a name")];
    words.extend(folders.iter().map(String::as_str));
    for _ in 0..3 {
        figures.add("exam regrade", time(|| assert!(program(&words).success(), "all are judged again")));
    }
    fs::remove_dir_all(state).expect("it can be removed");
    figures
}

fn exam() -> String {
    let wishes: Vec<Check> = facts().into_iter().cycle().take(TASKS * GOALS).collect();
    let task = |(nth, wishes): (usize, &[Check])| {
        let goal = |(nth, wish): (usize, &Check)| json!({"id": format!("g{nth}"), "say": "It is so.", "check": wish});
        let goals: Vec<Value> = wishes.iter().enumerate().map(goal).collect();
        json!({"id": format!("t{nth}"), "title": "A task", "text": "It is so.", "objective": "All", "points": 10, "goals": goals})
    };
    let tasks: Vec<Value> = wishes.chunks(GOALS).enumerate().map(task).collect();
    let accounts =
        json!([{"name": "lisa", "role": "administrator", "password": "lisa"}, {"name": "conuser1", "role": "created"}]);
    json!({"format": 1, "title": "Measured", "about": "Measured.", "tracks": ["None"], "minutes": 60, "pass-mark": 70,
        "lasting": true, "accounts": accounts, "tasks": tasks})
    .to_string()
}

fn started() -> Started {
    Started {
        exam: "measured".into(),
        exam_digest: String::new(),
        lessons: BTreeMap::new(),
        seed: 7,
        parameters: BTreeMap::new(),
        minutes: 60,
        candidate: Candidate { account: "lisa".into(), uid: 1000, name: None },
        machine: Machine::Practice("measure".into()),
        identity: rootless_lab::host::identity(),
        versions: BTreeMap::new(),
    }
}
