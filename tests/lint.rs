//! Lint as an author meets it: broken lessons and what is said of them first, large ones, hostile ones, and the command itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use rootless_lab::author::lint::{self, Finding};
use serde::Deserialize;

const WHOLE: &str = include_str!("lessons/whole/lesson.yaml");
const BROKEN: &str = include_str!("lessons/broken.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    from: Option<String>,
    to: Option<String>,
    file: Option<String>,
    line: usize,
    column: usize,
    code: String,
}

impl Case {
    fn text(&self) -> String {
        match (&self.from, &self.to, &self.file) {
            (Some(from), Some(to), None) => {
                assert!(WHOLE.contains(from), "`{from}` is not in the whole lesson");
                WHOLE.replacen(from, to, 1)
            }
            (None, None, Some(file)) => file.clone(),
            _ => panic!("a case has `from` and `to`, or `file`"),
        }
    }
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(BROKEN).unwrap()
}

fn linted(text: &str) -> Vec<Finding> {
    lint::text("lessons/whole/lesson.yaml", text)
}

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lessons/whole/lesson.yaml")
}

/// Code that is not optimised takes some five to eight times as long as what learners run. Optimised, the limits hold as they are said.
const PATIENCE: u128 = if cfg!(debug_assertions) { 8 } else { 1 };

/// Processor time of this thread: a busy machine is not the lesson's fault.
fn spent() -> std::time::Duration {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

#[test]
fn nothing_is_said_of_the_whole_lesson() {
    assert_eq!(linted(WHOLE), []);
    assert_eq!(lint::files(&place(), WHOLE), []);
}

#[test]
fn of_each_of_a_hundred_broken_lessons_the_expected_is_said_first() {
    let cases = cases();
    assert!(cases.len() >= 100, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let text = case.text();
        let first = linted(&text).into_iter().next();
        let said = first.map(|it| (it.line, it.column, it.what.code(), it.what.to_string()));
        let (line, column, code, words) = said.unwrap_or_default();
        if (line, column, code.as_str()) != (case.line, case.column, case.code.as_str()) {
            let what = case.to.or(case.file).unwrap_or_default();
            let what: String = what.chars().take(60).collect();
            wrong.push(format!(
                "{what:?}: {line}:{column} {code} ({words}), expected {}:{} {}",
                case.line, case.column, case.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// A lesson of that many steps, each with what a step has to have.
fn long(steps: usize) -> String {
    let (head, _) = WHOLE.split_once("steps:\n").unwrap();
    let mut text = head.replace("needs: {podman: \"4.4\"}\n", "");
    text.push_str("steps:\n");
    for step in 0..steps {
        text.push_str(&format!(
            "  - id: step-{step}\n    title: Step {step}\n    text: Make the file.\n    goals:\n      - id: there\n        say: It is there.\n        \
             check: {{path: {{path: \"~{{{{who}}}}/file-{step}\", mode: \"0640\"}}}}\n    hints: [Think., Try touch., \"Say what {{{{box}}}} is.\"]\n    \
             solution:\n      - lines: [\"touch ~/file-{step}\", \"chmod 640 ~/file-{step}\"]\n"
        ));
    }
    text
}

#[test]
fn a_lesson_of_ten_thousand_steps_is_linted_within_a_second() {
    let text = long(10_000);
    let began = spent();
    let found = linted(&text);
    let took = spent() - began;
    assert_eq!(found, [], "{} bytes", text.len());
    println!("{} bytes, {took:?}", text.len());
    assert!(took.as_millis() < 1000 * PATIENCE, "{took:?}");
}

#[test]
fn a_bomb_is_refused_within_fifty_milliseconds() {
    let mut nine = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for level in 1..40 {
        let below = format!("*a{},", level - 1).repeat(9);
        nine.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let merged = "a: &a {x: 1}\n".to_owned() + &"b: {<<: *a}\n".repeat(10_000);
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(4_000), "*a,".repeat(50));
    for bomb in [nine, merged, wide] {
        let began = spent();
        let found = linted(&bomb);
        let took = spent() - began;
        assert_eq!(found[0].what.code(), "not-yaml", "{}", found[0].what);
        println!("{took:?} {}", found[0].what);
        assert!(took.as_millis() < 50 * PATIENCE, "{took:?} for {}", found[0].what);
    }
}

#[test]
fn a_flood_of_anything_ends_within_a_second() {
    let filled = WHOLE.replacen("format: 1", "format: [", 1);
    for flood in [
        "[".repeat(4 << 20),
        "- a\n".repeat(1 << 20),
        "&a ".repeat(1 << 20),
        format!("{WHOLE}{}", "nonsense: x\n".repeat(100_000)),
        format!("{WHOLE}{}", " \t \n".repeat(500_000)),
        filled,
        long(4_000).replace("mode:", "made:"),
        long(4_000).replace("path: {path:", "pth: {path:"),
        long(4_000).replace("mode: \"0640\"", "mode: [x]"),
    ] {
        let began = spent();
        let found = linted(&flood);
        let took = spent() - began;
        println!("{took:?} {} {}", found.len(), found[0].what);
        assert!(took.as_millis() < 1000 * PATIENCE, "{took:?} for {}", &flood[..40]);
    }
}
