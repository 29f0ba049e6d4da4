//! A machine on which there is much to see: accounts that log in, linger or do neither, a container in a service, and ways to ask
//! the program about it. Asks only through the program itself.

// A test's support may fail a test.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::process::Stdio;

use serde_json::{Value, json};

use crate::rig::{self, Rig, Skip};

/// conuser1 lingers and has a container in a service; `lingers` lingers and never logged in, so it has a manager and no bus daemon;
/// `never` has an account and nothing else. The services of root's podman are kept
/// from starting, as they end by themselves half a minute later.
const ACCOUNTS: &str = "set -e
for name in conuser1 lingers never; do sudo useradd -m -s /bin/bash $name; echo $name:$name | sudo chpasswd; done
sudo loginctl enable-linger conuser1; sudo loginctl enable-linger lingers
sudo systemctl mask --now netavark-dhcp-proxy.{socket,service} 2>/dev/null || :
sudo systemctl mask --now podman.{socket,service} 2>/dev/null";

const CONTAINER: &str = "set -e; cd; mkdir -p .config/systemd/user
podman run -dt --name web1 ubi8
podman generate systemd --new --files --name web1 2>/dev/null >/dev/null
mv container-web1.service .config/systemd/user/; podman stop -t 0 web1; podman rm web1
systemctl --user daemon-reload; systemctl --user enable --now container-web1 2>/dev/null
podman run --name done ubi8 /bin/sh -c :; podman run -dit --name loose ubi8 /bin/sh; podman create --name fresh ubi8
printf hello >note; mkfifo pipe; ln -s /etc/shadow link";

/// Makes it.
pub fn rich() -> Result<Rig, Skip> {
    let rig = rig::started(rig::release())?;
    login(&rig, "lisa", ACCOUNTS);
    login(&rig, "conuser1", CONTAINER);
    Ok(rig)
}

/// What root's shell prints.
#[track_caller]
pub fn root(rig: &Rig, script: &str) -> String {
    let output = rig.run_root(&["bash", "-c", script]).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {} {errors}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

/// What a login of this account prints.
#[track_caller]
pub fn login(rig: &Rig, user: &str, script: &str) -> String {
    let words = ["bash", "-c", script].map(str::to_owned);
    let output = rig.enter_command(user, &words).unwrap().stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert!(output.status.success(), "{user}: {script}: {text} {}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Puts a file there.
pub fn put(rig: &Rig, path: &str, text: &str) {
    let done = rig.run_root(&["sh", "-c", "mkdir -p \"${1%/*}\"; printf %s \"$2\" >\"$1\"", "sh", path, text]).unwrap();
    assert!(done.status.success(), "{path}");
}

/// A lesson with these wishes as its goals, `g0`, `g1` …
pub fn lesson(checks: &[Value]) -> String {
    let goal = |(nth, check): (usize, &Value)| json!({"id": format!("g{nth}"), "say": "It is so.", "check": check});
    let goals: Vec<Value> = checks.iter().enumerate().map(goal).collect();
    let step = json!({"id": "facts", "title": "Facts", "text": "What is so.", "goals": goals,
        "hints": ["Look.", "Look again.", "Look there."], "solution": [{"lines": ["true"]}]});
    let created = ["conuser1", "lingers", "never", "no-such"].map(|name| json!({"name": name, "role": "created"}));
    let lisa = json!({"name": "lisa", "role": "administrator", "password": "lisa"});
    let accounts: Vec<Value> = std::iter::once(lisa).chain(created).collect();
    json!({"format": 1, "title": "Facts", "summary": "What is so.", "accounts": accounts, "steps": [step]}).to_string()
}

/// The verdicts of `rootless-lab check`, asked by root.
#[track_caller]
pub fn verdicts(rig: &Rig, checks: &[Value]) -> Vec<Value> {
    put(rig, "/usr/share/rootless-lab/lessons/facts/lesson.yaml", &lesson(checks));
    let asked =
        ["rootless-lab", "check", "--lesson", "/usr/share/rootless-lab/lessons/facts/lesson.yaml", "--all", "--json"];
    let output = rig.run_root(&asked).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let said: Value = serde_json::from_str(&said)
        .unwrap_or_else(|error| panic!("{error}: {said} {}", String::from_utf8_lossy(&output.stderr)));
    said["goals"].as_array().unwrap().iter().map(|goal| goal["verdict"].clone()).collect()
}

/// One observer's answers to these questions, a line each.
pub fn observer(rig: &Rig, questions: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = questions.iter().map(|one| format!("{one}\n")).collect();
    put(rig, "/opt/questions", &lines.concat());
    let said = root(rig, "rootless-lab observer </opt/questions");
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The question for these wishes.
pub fn question(checks: &[Value], front: Option<i32>) -> Value {
    json!({"judge": {"checks": checks, "context": {"front": front}}})
}
