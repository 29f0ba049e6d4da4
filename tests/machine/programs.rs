//! The check programs that the book shows, brought by a lesson to a real machine and run there as the learner's account.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::rich::root;
use crate::rig;

const PAGE: &str = include_str!("../../book/src/author/programs.md");

const LESSON: &str = r#"
format: 1
title: Programs
summary: Check programs of a lesson's own.
accounts: [{name: conuser1, role: created}]
steps:
  - id: one
    title: One
    text: Do it.
    goals:
      - {id: bash, say: So many., check: {program: {file: programs/count-files, arguments: [inbox, "3"], as: conuser1}}}
      - {id: python, say: It is red., check: {program: {file: programs/json-value, arguments: [a, b, c], as: conuser1}}}
      - {id: who, say: It is small., check: {program: {file: programs/who, as: conuser1}}}
    hints: [a nudge, a push, the command]
    solution: [{lines: [do it]}]
"#;

/// Says who runs it and what it may do, in evidence.
const WHO: &str = r#"#!/bin/sh
privileges=$(sed -n 's/^NoNewPrivs:[^0-9]*//p' /proc/self/status)
printf '{"verdict":"pass","evidence":["%s in %s with %s, %s"]}' "$(id -un)" "$PWD" "$privileges" "$(sudo -n true 2>&1 | tr -d '"\n' | head -c 60)"
"#;

fn block(language: &str) -> &'static str {
    PAGE.split_once(&format!("```{language}\n")).unwrap().1.split_once("```").unwrap().0
}

#[test]
fn the_books_programs_run_as_the_learners_account_with_no_new_privileges_and_tell_pass_fail_and_unknown() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    root(&rig, "useradd -m conuser1; echo 'conuser1 ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/conuser1");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lesson.yaml"), LESSON).unwrap();
    fs::create_dir(folder.path().join("programs")).unwrap();
    for (name, text) in [("count-files", block("bash")), ("json-value", block("python")), ("who", WHO)] {
        let file = folder.path().join("programs").join(name);
        fs::write(&file, text).unwrap();
        // Whoever wrote it kept it to himself.
        fs::set_permissions(&file, Permissions::from_mode(0o700)).unwrap();
    }
    rig.give(folder.path(), "/usr/share/rootless-lab/lessons/own").unwrap();
    let verdict = |goal: &str| {
        let output = rig.run_root(&["rootless-lab", "check", "--lesson", "own", "--all", "--json"]).unwrap();
        let said: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        let goals = said["goals"].as_array().unwrap();
        goals.iter().find(|one| one["goal"] == goal).unwrap()["verdict"].to_string()
    };
    for (prepare, kind, says) in [
        ("true", "fail", "no such directory"),
        ("cd ~conuser1; mkdir inbox; touch inbox/a 'inbox/b\nc'; chown -R conuser1: inbox", "fail", "2 files"),
        ("touch ~conuser1/inbox/.hidden", "pass", "count-files"),
        ("chmod 0 ~conuser1/inbox", "unknown", "inbox cannot be listed"),
    ] {
        root(&rig, prepare);
        let verdict = verdict("bash");
        assert!(verdict.starts_with(&format!("{{\"{kind}\"")) && verdict.contains(says), "{prepare}: {verdict}");
    }
    let who = verdict("who");
    assert!(who.contains("conuser1 in / with 1, ") && who.contains("no new privileges"), "{who}");
    let python = verdict("python");
    assert!(python.starts_with("{\"unknown\"") && python.contains("python3"), "{python}");
}
