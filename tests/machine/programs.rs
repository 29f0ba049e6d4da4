//! The check programs that the book shows, brought by a lesson to a real machine and run there as the learner's account.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::packages;
use crate::rich::{login, root};
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
      - {id: python, say: It is red., check: {program: {file: programs/json-value, arguments: [settings.json, colour, red], as: conuser1}}}
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

    packages::install(&rig, "python3");
    for (prepare, kind, says) in [
        ("true", "fail", "no such file"),
        ("echo '{\"colour\": \"red\"}' >~conuser1/settings.json", "pass", r#"colour is \"red\""#),
        ("echo '{\"colour\": \"blue\"}' >~conuser1/settings.json", "fail", "colour: blue"),
        ("echo red >~conuser1/settings.json", "fail", "something else"),
        ("chmod 0 ~conuser1/settings.json; chown root: ~conuser1/settings.json", "unknown", "may not be read"),
    ] {
        root(&rig, prepare);
        let verdict = verdict("python");
        assert!(verdict.starts_with(&format!("{{\"{kind}\"")) && verdict.contains(says), "{prepare}: {verdict}");
    }
}

#[test]
fn a_strangers_program_that_changed_is_not_run_on_a_real_machine_either() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    root(&rig, "useradd -m conuser1");
    let text = LESSON.replace("programs/count-files, arguments: [inbox, \"3\"]", "programs/look");
    let text =
        text.lines().filter(|line| !line.contains("id: python") && !line.contains("id: who")).collect::<Vec<_>>();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lesson.yaml"), text.join("\n")).unwrap();
    fs::create_dir(folder.path().join("programs")).unwrap();
    let program = folder.path().join("programs/look");
    fs::write(&program, "#!/bin/sh\ntouch /tmp/ran-$$\necho '{\"verdict\":\"pass\"}'\n").unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    let place = "/home/lisa/lessons/own";
    root(&rig, "mkdir -p /home/lisa/lessons");
    rig.give(folder.path(), place).unwrap();
    root(&rig, &format!("chown -R lisa: /home/lisa/lessons; chmod -R a+rX /home/lisa {place}"));
    let check = |more: &str| {
        let line =
            format!("cd; rootless-lab check --lesson {place}/lesson.yaml --all --json {more} 2>&1; echo ended $?");
        login(&rig, "lisa", &line)
    };
    let said = check("--yes");
    assert!(said.contains("\"pass\"") && said.contains("ended 0"), "{said}");
    root(&rig, &format!("rm -f /tmp/ran-*; echo '# more' >>{place}/programs/look"));
    let said = check("");
    assert!(said.contains("has changed since you agreed") && said.contains("ended 8"), "{said}");
    assert_eq!(root(&rig, "ls /tmp | grep -c ^ran- || :"), "0\n");
}
