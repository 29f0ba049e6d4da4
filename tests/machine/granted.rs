//! What is seen without root: by who has no sudo, and by who has a rule in sudoers that grants the observer and nothing else: it lets its
//! holder see, and not become another.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use serde_json::{Value, json};

use crate::rich::{lesson, put, question, root};
use crate::rig::{self, Rig};

/// Tells as whom it ran.
const PROGRAM: &str = r#"#!/bin/sh
printf '{"verdict":"pass","evidence":["%s"]}' "$(id -un)"
"#;

/// The answers of an observer that this account starts through sudo.
fn asked(rig: &Rig, name: &str, checks: &[Value]) -> Vec<Value> {
    put(rig, "/opt/questions", &format!("{}\n", question(checks, None)));
    let program = root(rig, "realpath \"$(command -v rootless-lab)\"");
    let become_one = format!("setpriv --reuid {name} --regid {name} --init-groups env -i PATH=$PATH");
    let said = root(rig, &format!("{become_one} sudo -n {} observer </opt/questions", program.trim()));
    serde_json::from_str::<Value>(&said).unwrap()["verdicts"].as_array().unwrap().clone()
}

#[test]
fn whoever_may_only_start_the_observer_does_not_become_another_by_it() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    put(&rig, "/opt/look", PROGRAM);
    root(
        &rig,
        "chmod 755 /opt /opt/look; useradd u1; useradd -G sudo u2; echo u2:u2 | chpasswd
        echo \"u1 ALL=(root) NOPASSWD: $(realpath \"$(command -v rootless-lab)\") observer\" >/etc/sudoers.d/u1",
    );
    let program = |name: &str| json!({"program": {"file": "/opt/look", "as": name}});
    let password = json!({"password": {"account": "u2", "is": "u2"}});
    let wishes = [
        program("u1"),
        program("u2"),
        json!({"not": {"any": [program("u2")]}}),
        password.clone(),
        json!({"password": {"account": "u2", "set": true}}),
    ];
    let said = asked(&rig, "u1", &wishes);
    let answers = ["pass", "unknown", "unknown", "unknown", "pass"];
    for (verdict, answer) in said.iter().zip(answers) {
        assert!(verdict.get(answer).is_some(), "{said:#?}");
    }
    assert!(said[0].to_string().contains("u1"), "{}", said[0]);
    assert!(said[1].to_string().contains("u1, who may not become u2 through sudo"), "{}", said[1]);
    // The administrator of the machine could do all of it by sudo itself.
    let said = asked(&rig, "lisa", &[program("u2"), password]);
    assert!(said.iter().all(|verdict| verdict.get("pass").is_some()), "{said:#?}");
}

/// Who waits for something asks anew each time, whatever it was told before.
#[test]
fn an_account_that_is_made_while_somebody_without_root_waits_for_it_is_seen() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    let late = json!({"within": {"time": "15s", "check": {"account": {"name": "no-such"}}}});
    put(&rig, "/usr/share/rootless-lab/lessons/late/lesson.yaml", &lesson(&[late]));
    root(&rig, "useradd u1");
    let said = root(
        &rig,
        "(sleep 2; useradd no-such) >/dev/null 2>&1 &
        setpriv --reuid u1 --regid u1 --init-groups env -i PATH=$PATH rootless-lab check --lesson late --all --json",
    );
    let said: Value = serde_json::from_str(&said).unwrap();
    assert!(said["goals"][0]["verdict"].get("pass").is_some(), "{said:#}");
}
