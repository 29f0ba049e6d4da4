//! The whole lesson on a freshly made machine, typed as a person types it: through the program itself, in a terminal, with the
//! failing commands, the logins, the logouts and the reboot. And the same machine for somebody who does nothing.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::rig::{self as machines, Rig};
use rootless_lab::lesson::{Goal, Lesson, Prompt, Shelf, Step, Turn, read_typed};
use terminal::Terminal;

const TYPED: &str = include_str!("../../lessons/rootless-containers/solutions/typed.txt");
const PATIENCE: Duration = Duration::from_secs(90);
/// The lab's own prompt, and the prompt of a shell inside it, at the end of what is shown.
const LAB: &str = r"\[(\d+/\d+|done)[^\]]*\] *[^\n]*\$ $";
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

/// Does this on a fresh machine of each release, and tells how long it took.
fn on_each_release(what: &str, act: impl Fn(&Rig)) {
    for release in machines::releases() {
        let Some(rig) = machines::have(machines::started(release)) else { return };
        let begun = Instant::now();
        act(&rig);
        let took = begun.elapsed();
        let versions =
            rig.run_root(&["sh", "-c", "podman --version; systemctl --version | head -n1"]).expect("it runs");
        let versions = String::from_utf8_lossy(&versions.stdout).trim_end().replace('\n', ", ");
        eprintln!("{what}: {release} ({versions}), {:.0} s", took.as_secs_f64());
    }
}

#[test]
fn a_learner_plays_all_twenty_steps() {
    on_each_release("a learner plays all twenty steps", |rig| {
        let lesson = lesson();
        let story = read_typed(TYPED).expect("the story reads");
        let ids = |ids: Vec<&String>| ids.into_iter().cloned().collect::<Vec<_>>();
        assert_eq!(
            ids(story.iter().map(|step| &step.id).collect()),
            ids(lesson.steps.iter().map(|step| &step.id).collect())
        );
        let mut lab = open(rig);
        for (number, step) in story.iter().enumerate() {
            lab.wait(&format!(r"Step {} of {}", number + 1, story.len()), PATIENCE);
            for turn in &step.turns {
                play(&mut lab, turn, &lesson.steps[number]);
            }
        }
        lab.wait(LAB, PATIENCE);
        lab.line(":quit");
        assert!(lab.end(PATIENCE).success(), "the lab leaves in peace");
        let all = lab.all();
        for (number, step) in lesson.steps.iter().enumerate() {
            let (_, told) = all.split_once(&format!("Step {} of", number + 1)).expect("the step was shown");
            let told = told.split(&format!("Step {} of", number + 2)).next().unwrap_or(told);
            for goal in &step.goals {
                assert!(
                    regex::Regex::new(&turned_green(goal)).expect("a pattern").is_match(told),
                    "step {}, {}: done without having turned green\n{told}",
                    step.id,
                    goal.id
                );
            }
        }
    });
}

/// How a goal is said to have turned green, wherever the line is broken.
fn turned_green(goal: &Goal) -> String {
    let words: Vec<String> = goal.say.split_whitespace().map(regex::escape).collect();
    format!("green +{}", words.join(r"\s+"))
}

fn play(lab: &mut Terminal, turn: &Turn, step: &Step) {
    match turn {
        Turn::Line { at, line } => {
            lab.wait(if *at == Prompt::Lab { LAB } else { INSIDE }, PATIENCE);
            lab.line(line);
        }
        Turn::Answer { question, answer, perhaps: false } => {
            lab.wait(&regex::escape(question), PATIENCE);
            lab.line(answer);
        }
        Turn::Answer { question, answer, perhaps: true } => {
            // Either the question comes, or the one that always comes after it.
            if lab.wait(&format!("{}|password:", regex::escape(question)), PATIENCE).ends_with("password:") {
                lab.step_back("password:");
            } else {
                lab.line(answer);
            }
        }
        Turn::Sees(texts) => {
            let texts: Vec<String> = texts.iter().map(|text| regex::escape(text)).collect();
            lab.wait(&texts.join("|"), PATIENCE);
        }
        Turn::Goal { id, otherwise } => {
            let goal = step.goals.iter().find(|goal| &goal.id == id).expect("a goal of the step");
            let green = turned_green(goal);
            match otherwise {
                Some(line) if !lab.sees(&green, Duration::from_secs(40)) => {
                    lab.line(line);
                    lab.wait(&green, PATIENCE);
                }
                Some(_) => {}
                None => drop(lab.wait(&green, PATIENCE)),
            }
        }
        Turn::Reboot => {
            lab.wait("has rebooted", PATIENCE);
            lab.wait("Proven", PATIENCE);
        }
    }
}

#[test]
fn nobody_gets_a_green_goal_by_doing_nothing() {
    on_each_release("nobody gets a green goal by doing nothing", |rig| {
        let lesson = lesson();
        let mut lab = open(rig);
        for step in 1..=lesson.steps.len() {
            lab.wait(LAB, PATIENCE);
            lab.line(&format!(":step {step}"));
            lab.wait(&format!("Step {step} of 20"), PATIENCE);
            lab.wait(LAB, PATIENCE);
            lab.line("");
            lab.wait(LAB, PATIENCE);
            // News may draw the prompt anew at any time: all that comes until the next line has run is the answer.
            lab.line(":why");
            lab.line(&format!("echo an''swered-{step}"));
            let said = lab.wait(&format!("\nanswered-{step}\n"), PATIENCE);
            assert!(
                !said.contains("✓"),
                "step {step}, {}: green on an untouched machine\n{said}",
                lesson.steps[step - 1].id
            );
            assert!(said.contains("✗ red") || said.contains("? unknown"), "step {step}: nothing was judged\n{said}");
            lab.line("");
        }
        lab.wait(LAB, PATIENCE);
        lab.line(":quit");
        assert!(lab.end(PATIENCE).success());
    });
}
