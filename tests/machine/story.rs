//! The whole lesson on a freshly made machine, typed as a person types it: through the program itself, in a terminal, with the
//! failing commands, the logins, the logouts and the reboot. And the same machine for somebody who does nothing.

use std::process::Command;
use std::time::Duration;

use crate::rig::{self as machines, Rig};
use rootless_lab::lesson::{Lesson, Shelf};
use rootless_lab::practice::Release;
use crate::terminal::Terminal;

const TYPED: &str = include_str!("../../lessons/rootless-containers/solutions/typed.txt");
const PATIENCE: Duration = Duration::from_secs(90);
/// The lab's own prompt, and the prompt of a shell inside it, at the end of what is shown.
const LAB: &str = r"\[(\d+/\d+|done) [^\]]*\] [^\n]*\$ $";
const INSIDE: &str = r"(?m)^conuser1@[^\n]*\$ \z";

fn lesson() -> Lesson {
    Shelf::default().find("rootless-containers").expect("the built-in lesson").0
}

/// A lab on this machine, opened as a person would open it.
fn open(rig: &Rig) -> Terminal {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["start", "--machine", rig.name()]).env("ROOTLESS_LAB_STATE", machines::state());
    Terminal::start(command, 24, 80)
}

fn release() -> Release {
    let name = std::env::var("ROOTLESS_LAB_RELEASE").unwrap_or_else(|_| "trixie".into());
    clap::ValueEnum::from_str(&name, false).expect("ROOTLESS_LAB_RELEASE names a release")
}

#[test]
fn a_learner_plays_all_twenty_steps() {
    let Some(rig) = machines::have(machines::started(release())) else { return };
    let lesson = lesson();
    let mut lab = open(&rig);
    lab.wait("Step 1 of 20", PATIENCE);
    let mut step = 0;
    for line in TYPED.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "step" => {
                assert_eq!(lesson.steps[step].id, rest, "the story follows the lesson");
                if step > 0 {
                    lab.wait(&format!(r"Step {} of 20", step + 1), PATIENCE);
                }
                step += 1;
            }
            "lab" => {
                lab.wait(LAB, PATIENCE);
                lab.line(rest);
            }
            "su" | "ssh" => {
                lab.wait(INSIDE, PATIENCE);
                lab.line(rest);
            }
            "asks" | "may-ask" => {
                let (text, answer) = rest.split_once(" = ").expect("a text and an answer");
                if word == "asks" {
                    lab.wait(&regex::escape(text), PATIENCE);
                    lab.line(answer);
                } else if lab.wait(&format!("{}|password:", regex::escape(text)), PATIENCE).ends_with(text) {
                    lab.line(answer);
                } else {
                    lab.step_back("password:");
                }
            }
            "sees" => {
                let texts: Vec<String> = rest.split(" | ").map(regex::escape).collect();
                lab.wait(&texts.join("|"), PATIENCE);
            }
            "goal" => {
                let goal = lesson.steps[step - 1].goals.iter().find(|goal| goal.id == rest).expect("a goal of the step");
                let words: Vec<String> = goal.say.split_whitespace().map(regex::escape).collect();
                lab.wait(&words.join(r"\s+"), PATIENCE);
            }
            "reboot" => {
                lab.wait("has rebooted", PATIENCE);
                lab.wait("(?i)proven", PATIENCE);
            }
            other => panic!("the story has no word `{other}`"),
        }
    }
    assert_eq!(step, 20);
    lab.wait(LAB, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success(), "the lab leaves in peace");
}

#[test]
fn nobody_gets_a_green_goal_by_doing_nothing() {
    let Some(rig) = machines::have(machines::started(release())) else { return };
    let lesson = lesson();
    let mut lab = open(&rig);
    for step in 1..=lesson.steps.len() {
        lab.wait(LAB, PATIENCE);
        lab.line(&format!(":step {step}"));
        lab.wait(&format!("Step {step} of 20"), PATIENCE);
        lab.wait(LAB, PATIENCE);
        lab.line("");
        lab.wait(LAB, PATIENCE);
        lab.line(":why");
        let said = lab.wait(LAB, PATIENCE);
        assert!(!said.contains("✓"), "step {step}, {}: green on an untouched machine\n{said}", lesson.steps[step - 1].id);
        assert!(said.contains("✗") || said.contains('?'), "step {step}: nothing was judged\n{said}");
        lab.line("");
    }
    lab.wait(LAB, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
}
