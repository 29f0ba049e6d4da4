//! Every lesson of the program on a freshly made machine, typed as a person types it: through the program itself, in a terminal, with
//! the failing commands, the logins, the logouts and the reboot. And the same machine for somebody who does nothing.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::book;
use crate::rig::{self as machines, Rig};
use rootless_lab::lesson::{Goal, Lesson, Prompt, Shelf, Step, Turn, TypedStep, read_typed};
use rootless_lab::practice::Release;
use terminal::Terminal;

const ROOTLESS: &str = "rootless-containers";
const STORAGE: &str = "rootless-storage-and-ids";
const QUADLET: &str = "quadlet-containers";
const ASKED: &str = "Are you sure you want to continue connecting (yes/no/[fingerprint])? yes";
const PATIENCE: Duration = Duration::from_secs(90);
/// The lab's own prompt, and the prompt of a shell inside it, at the end of what is shown.
const LAB: &str = r"\[(\d+/\d+|done)[^\]]*\] *[^\n]*\$ $";
const INSIDE: &str = r"(?m)^conuser1@[^\n]*\$ \z";

fn lesson(name: &str) -> Lesson {
    Shelf::default().find(name).expect("a built-in lesson").0
}

/// A way through a lesson, by its file's name.
fn solution(lesson: &str, name: &str) -> Vec<TypedStep> {
    let file = format!("{}/lessons/{lesson}/solutions/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    read_typed(&text).unwrap_or_else(|line| panic!("{file}: line {line}"))
}

/// The releases to try that a lesson can be played on: Quadlet came with podman 4.4.
fn releases(lesson: &str) -> Vec<Release> {
    let fits = |release: &Release| lesson != QUADLET || matches!(release, Release::Trixie | Release::Forky);
    machines::releases().into_iter().filter(fits).collect()
}

/// A lab on this machine, opened as a person would open it.
fn open(rig: &Rig, lesson: &str) -> Terminal {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["start", lesson, "--machine", rig.name()]).env("ROOTLESS_LAB_STATE", machines::state());
    Terminal::start(command, 24, 80)
}

/// Does this on a fresh machine of each release, and tells how long it took.
fn on_each_release(what: &str, lesson: &str, act: impl Fn(&Rig, Release)) {
    for release in releases(lesson) {
        let Some(rig) = machines::have(machines::started(release)) else { return };
        let begun = Instant::now();
        act(&rig, release);
        let took = begun.elapsed();
        let versions =
            rig.run_root(&["sh", "-c", "podman --version; systemctl --version | head -n1"]).expect("it runs");
        let versions = String::from_utf8_lossy(&versions.stdout).trim_end().replace('\n', ", ");
        eprintln!("{what}: {release} ({versions}), {:.0} s", took.as_secs_f64());
    }
}

#[test]
fn a_learner_plays_all_twenty_steps_and_reads_what_the_book_shows_of_them() {
    let book = book::shown(include_str!("../../book/src/learner/first-half-hour.md"));
    assert!(book.concat().len() > 80, "{book:#?}");
    a_learner_plays(ROOTLESS, "typed", |release, all| {
        // The page says of which release it is.
        if release == Release::Trixie {
            let not_read = book::missing(&book, all);
            // ssh asks that on a machine of one's own only, as the page says.
            let asked = ["The authenticity of host 'localhost (::1)' can't be established.", ASKED];
            assert_eq!(not_read, asked, "the book shows what nobody read\n{all}");
        }
    });
}

#[test]
fn a_learner_plays_the_lesson_about_quadlet() {
    a_learner_plays(QUADLET, "typed", |_, _| ());
}

#[test]
fn a_learner_plays_the_lesson_about_quadlet_in_other_ways() {
    a_learner_plays(QUADLET, "other-ways", |_, _| ());
}

#[test]
fn a_learner_plays_the_lesson_about_storage_and_ids() {
    a_learner_plays(STORAGE, "typed", |_, _| ());
}

#[test]
fn a_learner_plays_the_lesson_about_storage_and_ids_in_other_ways() {
    a_learner_plays(STORAGE, "other-ways", |_, _| ());
}

/// `reads` has all that the learner was shown in the end.
fn a_learner_plays(name: &str, way: &str, reads: impl Fn(Release, &str)) {
    on_each_release(&format!("a learner plays {name}, {way}"), name, |rig, release| {
        let lesson = lesson(name);
        let story = solution(name, way);
        let mut lab = open(rig, name);
        for (number, step) in story.iter().enumerate() {
            lab.wait(&format!(r"Step {} of {}", number + 1, story.len()), PATIENCE);
            begins_red(&mut lab, number + 1, step, &lesson.steps[number]);
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
        reads(release, &all);
    });
}

/// Looks once more before anything is typed in a step: whatever the steps before it left behind, none of its own goals is green. What a
/// reboot has to prove may be predicted.
fn begins_red(lab: &mut Terminal, number: usize, typed: &TypedStep, step: &Step) {
    let here = typed.turns.iter().find_map(|turn| match turn {
        Turn::Line { at, .. } => Some(*at),
        _ => None,
    });
    let (prompt, check) = match here.expect("a step has a line") {
        Prompt::Lab => (LAB, ":check"),
        _ => (INSIDE, "rootless-lab check"),
    };
    lab.wait(prompt, PATIENCE);
    lab.line(check);
    lab.line(&format!("echo be''gins-{number}"));
    let said = lab.wait(&format!("\nbegins-{number}\r?\n"), PATIENCE);
    let judged = ["✗ red", "? unknown"].iter().any(|word| said.contains(word));
    assert!(judged || step.reboot && said.contains("Predicted:"), "step {number}: nothing was judged\n{said}");
    assert!(!said.contains("✓"), "step {number}, {}: green before anything was typed in it\n{said}", step.id);
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
    doing_nothing_leaves_all_red(ROOTLESS);
}

#[test]
fn nobody_gets_a_green_goal_about_quadlet_by_doing_nothing() {
    doing_nothing_leaves_all_red(QUADLET);
}

#[test]
fn nobody_gets_a_green_goal_about_storage_and_ids_by_doing_nothing() {
    doing_nothing_leaves_all_red(STORAGE);
}

fn doing_nothing_leaves_all_red(name: &str) {
    on_each_release(&format!("nobody gets a green goal of {name} by doing nothing"), name, |rig, _| {
        let lesson = lesson(name);
        let mut lab = open(rig, name);
        for step in 1..=lesson.steps.len() {
            lab.wait(LAB, PATIENCE);
            lab.line(&format!(":step {step}"));
            lab.wait(&format!("Step {step} of {}", lesson.steps.len()), PATIENCE);
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

#[test]
fn a_machine_that_is_too_old_for_a_lesson_says_so_and_is_left_alone() {
    let Some(rig) = machines::have(machines::started(Release::Bookworm)) else { return };
    let mut lab = open(&rig, QUADLET);
    let said = lab.wait(r"--release\s+trixie", PATIENCE);
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("it needs podman 4.4, and this machine has 4.3.1"), "{said}");
    assert_eq!(lab.end(PATIENCE).code(), Some(4), "the machine lacks something");
    // Which podman does for its version alone, in a home and in /tmp.
    let left = ["find", "/home/lisa", "/tmp", "-name", "*containers*", "-o", "-name", "podman-run-*"];
    let touched = rig.run_root(&left).expect("it runs");
    assert_eq!(String::from_utf8_lossy(&touched.stdout), "", "asking podman for its version left something");
}
