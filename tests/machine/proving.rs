//! Lessons proven by the program itself, as an author proves them: a new one, the house's own, and one in which much is not so.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::rig;

/// What came of `lesson prove`: whether it ended well, and every case as `TRIAL: PLACE: WHAT: OUTCOME`.
fn prove(path: &Path, more: &[&str]) -> Option<(bool, Vec<String>)> {
    // Whether machines can be had here at all.
    rig::have(rig::machines())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["lesson", "prove", "--format", "json", "--jobs", "4", "--release", rig::release().name()]);
    let output = command.args(more).arg(path).env("ROOTLESS_LAB_STATE", rig::state()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    assert!(matches!(output.status.code(), Some(0 | 1)), "{errors}");
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut told = Vec::new();
    for trial in list(&report["proofs"][0]["trials"]) {
        for case in list(&trial["cases"]) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let outcome = match &case["outcome"] {
                Value::Object(outcome) => {
                    let (kind, why) = outcome.iter().next().unwrap();
                    let why = why.as_object().and_then(|why| why.keys().next().cloned()).unwrap_or_else(|| text(why));
                    format!("{kind} {why}")
                }
                outcome => text(outcome),
            };
            let line =
                format!("{}: {}: {}: {outcome}", text(&trial["name"]), text(&case["place"]), text(&case["what"]));
            if !line.ends_with(": held") {
                eprintln!("{line} {}", case["outcome"]);
            }
            told.push(line);
        }
    }
    Some((output.status.success(), told))
}

fn begin(place: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    let output = command.args(["lesson", "new", "rhcsa/note"]).current_dir(place).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Changes a file, which has to hold what is replaced.
fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from}\n{text}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// The commands of the book's page for authors, in its order, without their `rootless-lab`.
fn page() -> Vec<Vec<String>> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/author/prove.md")).unwrap();
    let lines = page.lines().filter_map(|line| line.strip_prefix("$ rootless-lab "));
    lines.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn whoever_follows_the_page_for_authors_has_a_lesson_that_is_proven() {
    let place = tempfile::tempdir().unwrap();
    let mut proven = None;
    for words in page() {
        if words[1] == "prove" {
            proven = prove(&place.path().join(&words[2]), &[]);
            continue;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
        let output = command.args(&words).current_dir(place.path()).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{words:?}: {output:?}");
    }
    assert!(place.path().join("my-note.html").exists());
    let Some((well, told)) = proven else { return };
    assert!(well && told.iter().all(|line| line.ends_with(": held")), "{told:#?}");
    for wanted in [
        "folder: : two-solutions: held",
        "untouched: write/private: red-untouched: held",
        "untouched: : looking-touches-nothing: held",
        "solution typed: write/private: green-when-solved: held",
        "solution typed: write/looked: other-wishes-fail: held",
        "solution umask: write/looked: other-wishes-fail: held",
        "solution umask: write/private: lasts: held",
        "solution umask: : cleaned-up: held",
        "wrong others-may-read: write/private: red-when-wrong: held",
        "wrong others-may-read: write/looked: green-despite-wrong: held",
    ] {
        assert!(told.iter().any(|line| line == wanted), "{wanted}\n{told:#?}");
    }
}

#[test]
fn a_machine_is_thrown_back_between_trials_and_the_last_one_is_kept_where_something_is_not_so() {
    if rig::have(rig::machines()).is_none() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    begin(place.path());
    let folder = place.path().join("rhcsa/note");
    change(&folder.join("wrong/others-may-read.txt"), "fails write/private", "fails write/looked");
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["lesson", "prove", "--format", "json", "--jobs", "1", "--keep", "--release", rig::release().name()]);
    let output = command.arg(&folder).env("ROOTLESS_LAB_STATE", rig::state()).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let trials = report["proofs"][0]["trials"].as_array().unwrap();
    let kept: Vec<&str> = trials.iter().filter_map(|trial| trial["kept"].as_str()).collect();
    let [kept] = kept.as_slice() else { panic!("one is kept: {report:#}") };
    let machine = rig::machines().ok().unwrap().find(kept).unwrap();
    machine.cut_power().and_then(|()| machine.remove()).unwrap();
    assert!(kept.ends_with("-0"), "the fourth trial has the first one's machine: {kept}");
    let broken = |trial: &&Value| trial["cases"].to_string().contains("\"broken\"");
    let names: Vec<&str> = trials.iter().filter(broken).filter_map(|trial| trial["name"].as_str()).collect();
    assert_eq!(names, ["wrong others-may-read"], "what one trial did is gone before the next");
}

#[test]
fn what_does_not_hold_is_named_with_its_place() {
    let place = tempfile::tempdir().unwrap();
    begin(place.path());
    let folder = place.path().join("rhcsa/note");
    // A goal that is green from the start, by a program that heeds nothing and leaves a file behind.
    let careless =
        "#!/bin/sh\nmktemp -p /tmp careless-XXXXXX >/dev/null\necho '{\"verdict\":\"pass\",\"evidence\":[\"yes\"]}'\n";
    fs::write(folder.join("careless.sh"), careless).unwrap();
    fs::set_permissions(folder.join("careless.sh"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let goal =
        "      - {id: careless, say: It is so., check: {program: {file: careless.sh, as: lisa, arguments: [a]}}}\n";
    let lesson = folder.join("lesson.yaml");
    change(&lesson, "      # Only where the subject", &format!("{goal}      # Only where the subject"));
    // A goal that is to last and does not, and a clean-up that forgets the file.
    change(&lesson, "~/{{file}}\", as:", "/run/user/{uid}/{{file}}\", as:");
    change(&lesson, "rm -f ~/{{file}}", "\"true\"");
    for solution in ["typed", "umask"] {
        let file = folder.join(format!("solutions/{solution}.txt"));
        change(&file, "\nlab ls", "\nlab cp -p ~/note.txt $XDG_RUNTIME_DIR\nlab ls");
    }
    // A wrong answer that names a goal which is green, not the one that is red, and a mistake that was not made.
    let wrong = folder.join("wrong/others-may-read.txt");
    change(&wrong, "fails write/private", "fails write/looked\nmistake mkdir-without-parents");
    let Some((well, told)) = prove(&folder, &[]) else { return };
    assert!(!well);
    for wanted in [
        "untouched: write/careless: red-untouched: broken green",
        "untouched: : looking-touches-nothing: broken changed",
        "solution typed: write/careless: other-wishes-fail: broken still-passes",
        "solution typed: write/private: other-wishes-fail: held",
        "solution typed: write/private: lasts: broken red",
        "solution typed: : cleaned-up: broken changed",
        "wrong others-may-read: write/looked: red-when-wrong: broken green",
        "wrong others-may-read: write/private: green-despite-wrong: broken red",
        "wrong others-may-read: write: mistake-recognised: broken instead",
    ] {
        assert!(told.iter().any(|line| line == wanted), "{wanted}\n{told:#?}");
    }
}

/// A lesson of the house, by trials whose names hold one of these texts, with what is to be among what was told of it.
fn is_proven(lesson: &str, trials: &[&str], told_too: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons").join(lesson);
    let mut all = Vec::new();
    for only in trials {
        let Some((well, told)) = prove(&folder, &["--only", only]) else { return };
        let broken: Vec<&String> = told.iter().filter(|line| line.contains(": broken ")).collect();
        assert!(well && broken.is_empty(), "{broken:#?}");
        all.extend(told);
    }
    for wanted in told_too {
        assert!(all.iter().any(|line| line == wanted), "{wanted}\n{all:#?}");
    }
}

#[test]
fn the_lesson_of_the_house_is_proven() {
    is_proven(
        "rootless-containers",
        // All of them.
        &[""],
        &[
            "solution long-options: reboot/back: lasts: held",
            "solution typed: : cleaned-up: held",
            "wrong mkdir-without-parents: unit-directory: mistake-recognised: held",
            "wrong without-new: generate: mistake-recognised: held",
        ],
    );
}

// Of the other two lessons what nobody else tries: their stories play the other ways, and do nothing.

#[test]
fn the_lesson_about_quadlet_is_proven_whose_service_writes_while_it_is_looked_at() {
    is_proven(
        "quadlet-containers",
        &["solution typed", "wrong ends-at-once", "wrong wants-the-other-way-round"],
        &[
            "solution typed: : looking-touches-nothing: held",
            "wrong ends-at-once: start/running: red-when-wrong: held",
            "wrong wants-the-other-way-round: online: mistake-recognised: held",
        ],
    );
}

#[test]
fn the_lesson_about_storage_and_ids_is_proven() {
    is_proven(
        "rootless-storage-and-ids",
        &["solution typed", "wrong ends-at-once"],
        &["solution typed: : cleaned-up: held", "wrong ends-at-once: high-port/running: red-when-wrong: held"],
    );
}
