//! The check program in Python that the book shows, run here as another account.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::rig::{Learner, have_root, lesson, one_step};

const PAGE: &str = include_str!("../../book/src/author/programs.md");

/// The page's block in a language.
fn block(language: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("```").expect("its end").0
}

#[test]
fn the_program_in_python_that_the_book_shows_passes_fails_and_says_when_it_cannot_look() {
    if !have_root() {
        return;
    }
    if !Path::new("/usr/bin/python3").exists() {
        terminal::skipped("no python3 here");
        return;
    }
    let learner = Learner::new();
    let settings = learner.place("settings.json");
    let check = format!(
        "{{program: {{file: programs/json-value, arguments: [\"{}\", colour, red], as: games}}}}",
        settings.display()
    );
    let file = learner.lesson("tale", lesson(&one_step(1, &[("red", &check, "")])));
    let program = file.with_file_name("programs").join("json-value");
    fs::create_dir(program.parent().expect("a folder")).expect("a folder");
    fs::write(&program, block("python")).expect("a file");
    fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("a file");
    let verdict = || {
        let output = learner.run(&["check", "--lesson", "tale", "--json"]);
        let said: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        said["goals"][0]["verdict"].to_string()
    };
    for (text, mode, kind, says) in [
        (None, 0, "fail", "no such file"),
        (Some(r#"{"colour": "red"}"#), 0o644, "pass", r#"colour is \"red\""#),
        (Some(r#"{"colour": "blue"}"#), 0o644, "fail", "colour: blue"),
        (Some("red"), 0o644, "fail", "something else"),
        (Some(r#"{"colour": "red"}"#), 0o600, "unknown", "may not be read"),
    ] {
        if let Some(text) = text {
            fs::write(&settings, text).expect("a file");
            fs::set_permissions(&settings, Permissions::from_mode(mode)).expect("a file");
        }
        let verdict = verdict();
        assert!(verdict.starts_with(&format!("{{\"{kind}\"")) && verdict.contains(says), "{text:?}: {verdict}");
    }
}
