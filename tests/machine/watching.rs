//! Goals that turn green by themselves: the machine is changed from outside, nobody presses a key, and the lab says so.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::rich::{login, put, rich, root};
use crate::rig::{self, Rig};
use terminal::Terminal;

const PATIENCE: Duration = Duration::from_secs(30);
/// No look of the clock's comes so soon after another that it could be taken for the watch.
const SOON: Duration = Duration::from_millis(900);
const PROMPT: &str = r"\[1/1[^\]]*\] [^\n]*\$ $";

/// A lesson of one step with these goals, and one that is never green, so that the step stays.
fn lesson(goals: &[(&str, Value)]) -> String {
    let never = ("never", json!({"path": {"path": "/run/never-there"}}));
    let goal = |(id, check): &(&str, Value)| json!({"id": id, "say": format!("Now {id} is so."), "check": check});
    let goals: Vec<Value> = goals.iter().chain([&never]).map(goal).collect();
    let step = json!({"id": "facts", "title": "Facts", "text": "What is so.", "goals": goals,
        "hints": ["Look.", "Look again.", "Look there."], "solution": [{"lines": ["true"]}]});
    let accounts = json!([{"name": "lisa", "role": "administrator", "password": "lisa"},
        {"name": "conuser1", "role": "created"}, {"name": "lingers", "role": "created"}, {"name": "never", "role": "created"}]);
    json!({"format": 1, "title": "Facts", "summary": "What is so.", "accounts": accounts, "steps": [step]}).to_string()
}

/// A lab of lisa's at its prompt, with its eyes open and all that was red at the opening said.
fn lab(rig: &Rig, goals: &[(&str, Value)]) -> Terminal {
    put(rig, "/opt/watched.yaml", &lesson(goals));
    let words = ["rootless-lab", "start", "--here", "/opt/watched.yaml"].map(str::to_owned);
    let mut lab = Terminal::start(rig.enter_command("lisa", &words).unwrap(), 50, 100);
    lab.wait(PROMPT, PATIENCE);
    // The first look at everything, and the one when the watch begins.
    lab.line("sleep 1");
    lab.wait(PROMPT, PATIENCE);
    lab
}

#[test]
fn a_file_that_is_written_turns_its_goal_green_while_nobody_types() {
    let Some(rig) = rig::have(rich()) else { return };
    let file = json!({"path": {"path": "~/notes/deep/file", "as": "conuser1", "contains": ["hello"]}});
    let mut lab = lab(&rig, &[("file", file)]);
    root(&rig, "runuser -u conuser1 -- mkdir -p /home/conuser1/notes/deep");
    let begun = Instant::now();
    root(&rig, "runuser -u conuser1 -- sh -c 'echo hello >/home/conuser1/notes/deep/file'");
    lab.wait("green +Now file is so", SOON);
    eprintln!("noticed in {:?}", begun.elapsed());
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
}
