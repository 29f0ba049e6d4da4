//! An exam sat from its first line to its grade, through the program as it is built, at a terminal: by somebody who hands in an untouched
//! machine, and by somebody who runs the exam's solution at the login's prompt. Graded from outside, over a real reboot.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rootless_lab::exam::Exam;
use serde_json::Value;
use terminal::Terminal;

use crate::exams::{drawn, folder, is_too_old};
use crate::rich::{login, put};
use crate::rig::{self, Rig};

const PATIENCE: Duration = Duration::from_secs(120);
const CLOCK: &str = r"\[\d+ min\] lisa@[^\n]*\$ $";

fn program(rig: &Rig, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.arg("exam").args(words).args(["--machine", rig.name()]).env("ROOTLESS_LAB_STATE", rig::state());
    command
}

/// Sits it: these lines are typed at the prompt, and then it is handed in.
fn sit(rig: &Rig, exam: &Exam, seed: u64, lines: &[String]) {
    let mut candidate = Terminal::start(program(rig, &["start", &exam.id, "--seed", &seed.to_string()]), 50, 120);
    let cover = candidate.wait(r"\[y/N\] $", PATIENCE);
    assert!(cover.contains("lisa sits the exam"), "{cover}");
    candidate.line("y");
    let sheet = candidate.wait(CLOCK, PATIENCE);
    assert!(exam.tasks.iter().all(|task| sheet.contains(&task.title)), "{sheet}");
    for line in lines {
        candidate.line(line);
        candidate.wait(CLOCK, PATIENCE);
    }
    candidate.line("rootless-lab exam finish");
    candidate.wait(r"\[handed in\] lisa@[^\n]*\$ $", PATIENCE);
    candidate.line("exit");
    assert!(candidate.end(PATIENCE).success());
}

/// What the grade from outside says, and its exit code.
fn graded(rig: &Rig, more: &[&str]) -> (Value, Option<i32>) {
    let words = [&["grade", "--format", "json"], more].concat();
    let output = program(rig, &words).stdin(Stdio::null()).output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let result = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said} {errors}"));
    (result, output.status.code())
}

/// The points had, of how many: lowest and highest are one.
#[track_caller]
fn points(what: &str, result: &Value, side: &str) -> (u64, u64) {
    let total = &result[side]["total"];
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{what}: {side}: {result}"));
    let (lowest, highest) = (number(&total["had"]["lowest"]), number(&total["had"]["highest"]));
    assert_eq!(lowest, highest, "{what}: {side}: something could not be looked at: {result}");
    (lowest, number(&total["of"]))
}

/// On each release: nothing done is nothing, the solution is everything, and the reboot changes neither.
fn sat(name: &str) {
    let named = std::env::var_os("ROOTLESS_LAB_RELEASE").is_some();
    for release in rig::releases() {
        let Some(rig) = rig::have(rig::started(release)) else { return };
        let (nothing, exam) = (drawn(name, 8), drawn(name, 9));
        if is_too_old(&rig, &exam) {
            eprintln!("{release}: {name} cannot be sat here");
            continue;
        }
        let begun = Instant::now();
        sit(&rig, &nothing, 8, &[]);
        // A reboot of a machine with nothing to come back is waited for in full: only where releases are asked for.
        let (result, code) = graded(&rig, if named { &["--reboot"] } else { &[] });
        let what = format!("{release}: {name}: nothing done");
        let whole = u64::from(exam.points());
        for side in if named { &["predicted", "proven"][..] } else { &["predicted"] } {
            assert_eq!((points(&what, &result, side), code), ((0, whole), Some(1)), "{what}: {side}: {result}");
        }
        eprintln!("{what}: 0 of {whole}, {:.0} s", begun.elapsed().as_secs_f64());

        let begun = Instant::now();
        put(&rig, "/opt/exam/solution.sh", &std::fs::read_to_string(folder(name).join("solution.sh")).unwrap());
        let values = exam.parameters.iter().map(|(name, value)| format!("export {}='{value}'", name.replace('-', "_")));
        let lines: Vec<String> = values.chain(["bash /opt/exam/solution.sh".to_owned()]).collect();
        sit(&rig, &exam, 9, &lines);
        let boot = rig.boot_id().unwrap();
        let (result, code) = graded(&rig, &["--reboot"]);
        assert!(rig.rebooted_since(&boot));
        let what = format!("{release}: {name}: its solution");
        for side in ["predicted", "proven"] {
            assert_eq!(points(&what, &result, side), (whole, whole), "{what}: {side}: {result}");
        }
        assert_eq!((code, &result["turned"]), (Some(0), &serde_json::json!([])), "{what}: {result}");
        let verified = login(&rig, "lisa", &format!("rootless-lab exam verify {name}-1 {name}-2"));
        assert_eq!(verified.matches("is as it was written").count(), 2, "{verified}");
        eprintln!("{what}: {whole} of {whole}, proven too, {:.0} s", begun.elapsed().as_secs_f64());
    }
}

#[test]
fn an_exam_is_sat_from_its_first_line_to_its_grade() {
    // What differs between them is their tasks alone, so one of them does where no releases are named.
    let named = std::env::var_os("ROOTLESS_LAB_RELEASE").is_some();
    let names = ["rootless-sprint", "ex200-containers", "quadlet"];
    names.into_iter().take(if named { names.len() } else { 1 }).for_each(sat);
}
