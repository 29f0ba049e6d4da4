//! What authors type beside a proof: a lesson begun, looked at, drawn; and what bad input comes to.

// A test's support may fail a test.
#![allow(clippy::expect_used)]

use std::fs;
use std::process::{Command, Output};

use crate::rig::{PROGRAM, refused};

fn run(place: &std::path::Path, words: &[&str]) -> Output {
    Command::new(PROGRAM).args(words).current_dir(place).output().expect("the program")
}

fn begun() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a folder");
    assert!(run(place.path(), &["lesson", "new", "rhcsa/note"]).status.success());
    place
}

#[test]
fn a_lesson_is_shown_as_its_learners_will_see_it_at_any_width() {
    let place = begun();
    let said = |words: &[&str]| {
        let output = run(place.path(), &[&["lesson", "preview", "rhcsa/note"], words].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let whole = said(&[]);
    for text in ["A note that only your group may read", "Step 1 of 1", "Hint 3 of 3", "chmod 640 ~/note.txt"] {
        assert!(whole.contains(text), "{text}\n{whole}");
    }
    let narrow = said(&["--step", "write", "--width", "30"]);
    assert!(narrow.lines().all(|line| line.chars().count() <= 30), "{narrow}");
    assert!(!narrow.contains("only your group may read\n"), "the welcome is not part of a step");
    said(&["--html", "page.html"]);
    let page = fs::read_to_string(place.path().join("page.html")).expect("a page");
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("Hints and solutions"));
}

#[test]
fn an_exam_is_looked_at_and_mended_like_a_lesson() {
    let place = tempfile::tempdir().expect("a folder");
    let text = include_str!("../../lessons/exams/rootless-sprint/exam.yaml");
    let file = place.path().join("trial/exam.yaml");
    fs::create_dir(place.path().join("trial")).expect("a folder");
    fs::write(&file, text.replacen("minutes: 15", "minuts: 15 ", 1)).expect("a file");
    let output = run(place.path(), &["lesson", "lint", "."]);
    let said = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(3), "{said}");
    for part in ["unknown key `minuts`", "./trial/exam.yaml:17:1", "spaces at the end of the line"] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    fs::write(&file, text.replacen("minutes: 15", "minutes: 15 ", 1)).expect("a file");
    let output = run(place.path(), &["lesson", "lint", "--fix", "trial/exam.yaml"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read_to_string(&file).expect("a file"), text);
}

#[test]
fn nothing_is_said_of_the_exams_of_the_house() {
    for name in ["ex200-containers", "quadlet", "rootless-sprint"] {
        let folder = format!("{}/lessons/exams/{name}", env!("CARGO_MANIFEST_DIR"));
        let output = run(std::path::Path::new("/"), &["lesson", "lint", &folder]);
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8(output.stdout).expect("text").contains("nothing to say"), "{name}");
    }
}

#[test]
fn a_name_of_a_built_in_lesson_is_drawn_too() {
    let output = run(std::path::Path::new("/"), &["lesson", "graph", "rootless-containers", "--dot"]);
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(
        said.starts_with("digraph lesson {") && said.contains(r#""restart/new-id" -> "linger/seen" [style=dashed];"#)
    );
}

#[test]
fn bad_input_is_one_clear_line_with_the_way_out() {
    let place = begun();
    let at = place.path();
    refused(&run(at, &["lesson", "new", "rhcsa/note"]), 2, "rhcsa/note is there already.*another name");
    refused(&run(at, &["lesson", "new", "Note"]), 2, "`Note` is no name for a lesson.*rhcsa/my-lesson");
    refused(&run(at, &["lesson", "preview", "rhcsa/note", "--step", "9"]), 2, "no step `9`.*write");
    refused(&run(at, &["lesson", "preview", "rhcsa/note", "--html", "/proc/x/y"]), 4, "/proc/x/y");
    refused(&run(at, &["lesson", "preview", "rhcsa/not"]), 3, "rhcsa/not");
    refused(&run(at, &["lesson", "prove", "rootless-containers"]), 3, "is no folder here.*name its folder");
    let wrong = at.join("rhcsa/note/wrong/others-may-read.txt");
    fs::write(&wrong, "fails write/nothing\nstep write\nlab id\n").expect("a file");
    refused(
        &run(at, &["lesson", "prove", "rhcsa/note"]),
        3,
        "others-may-read.txt: the lesson has no goal write/nothing",
    );
    fs::write(&wrong, "step write\nlab\n").expect("a file");
    refused(&run(at, &["lesson", "prove", "rhcsa/note"]), 3, "others-may-read.txt:2: this line has no form");
}
