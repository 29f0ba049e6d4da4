//! An exam on a real machine: begun from outside, a task done, the machine rebooted in the middle, gone on with, handed in.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use terminal::Terminal;

use crate::changes::Changes;
use crate::rig::{self, Rig};

const PATIENCE: Duration = Duration::from_secs(90);
const SPRINT: &str = "rootless-sprint-1";
const CLOCK: &str = r"\[\d+ min\] lisa@[^\n]*\$ $";

/// Where lisa's attempt of this name is kept, as the host reaches it until the machine's next boot.
pub fn folder(rig: &Rig, attempt: &str) -> PathBuf {
    let leader = rig.leader().unwrap();
    PathBuf::from(format!("/proc/{leader}/root/home/lisa/.local/state/rootless-lab/exams/{attempt}"))
}

/// The record's events of lisa's attempt of this name, a line each.
pub fn record(rig: &Rig, attempt: &str) -> String {
    fs::read_to_string(folder(rig, attempt).join("record.jsonl")).unwrap()
}

/// Waits until its record is so: looks when it changes.
#[track_caller]
pub fn recorded(rig: &Rig, attempt: &str, what: &str, is: impl Fn(&str) -> bool) {
    Changes::of(&folder(rig, attempt)).until(what, PATIENCE, || is(&record(rig, attempt)));
}

#[test]
fn an_exam_goes_on_over_a_reboot_in_its_middle() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["exam", "start", "rootless-sprint", "--machine", rig.name(), "--seed", "7"]);
    command.env("ROOTLESS_LAB_STATE", rig::state());
    let mut exam = Terminal::start(command, 40, 80);
    let cover = exam.wait(r"\[y/N\] $", PATIENCE);
    assert!(cover.contains("the practice machine") && cover.contains("lisa sits the exam"), "{cover}");
    exam.line("y");
    let sheet = exam.wait(CLOCK, PATIENCE);
    let drawn = regex::Regex::new(r"There is an account (\S+) with the user id (\d+)").unwrap();
    let found = drawn.captures(&sheet).unwrap_or_else(|| panic!("no account on the sheet: {sheet}"));
    let (user, uid) = (found[1].to_owned(), found[2].to_owned());
    let before = record(&rig, SPRINT);
    assert!(before.contains(r#""machine":{"practice":"#) && before.contains(r#""podman":""#), "{before}");
    exam.line(&format!("sudo useradd -m -s /bin/bash -u {uid} {user} && echo {user}:{user} | sudo chpasswd"));
    exam.wait(CLOCK, PATIENCE);
    recorded(&rig, SPRINT, "what was done is seen", |record| {
        record.contains(r#"{"turned":{"goal":"account/exists","answer":"pass"}}"#)
    });
    exam.line("sudo systemctl reboot");
    exam.wait("has rebooted", PATIENCE);
    exam.wait("The attempt rootless-sprint-1 .seed 7. goes on", PATIENCE);
    exam.wait(CLOCK, PATIENCE);
    exam.line("rootless-lab exam status");
    let status = exam.wait("5. With nobody there", PATIENCE);
    assert!(status.contains("the machine was rebooted"), "{status}");
    exam.wait(CLOCK, PATIENCE);
    exam.line("id -un");
    exam.wait("lisa\n", PATIENCE);
    exam.wait(CLOCK, PATIENCE);
    exam.line("rootless-lab exam finish");
    exam.wait(r"\[handed in\] lisa@[^\n]*\$ $", PATIENCE);
    // From the very login: the machine is entered again, the grade goes on, and no other exam is begun.
    exam.line("rootless-lab exam grade --reboot --yes");
    exam.wait("Rebooting", PATIENCE);
    exam.wait("has rebooted", PATIENCE);
    let graded = exam.wait("Record: Whole", PATIENCE);
    assert!(graded.contains("Proven by a reboot: 15 of 100 points"), "{graded}");
    assert_eq!(exam.end(PATIENCE).code(), Some(1), "not passed");
    assert_eq!(exam.all().matches("Begin now?").count(), 1, "{}", exam.all());
    let after = record(&rig, SPRINT);
    assert!(after.starts_with(&before), "nothing that was written is written anew");
    for wanted in [
        r#""command":{"line":"sudo useradd"#,
        r#"{"line":"id -un","status":0"#,
        r#"{"finished":{"by-clock":false}}"#,
        r#"{"left":{"how":"down"}}"#,
    ] {
        assert!(after.contains(wanted), "{wanted}\n{after}");
    }
    assert_eq!(after.matches(r#""event":"opened""#).count(), 2, "{after}");
}

/// The shell prompts of whoever was let in, at the end of what is shown.
fn at(account: &str) -> String {
    format!(r"{account}@[^\n]*[$#] $")
}

#[test]
fn what_is_typed_behind_ssh_su_and_sudo_is_on_record_and_no_password_is() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["exam", "start", "rootless-sprint", "--machine", rig.name(), "--seed", "7", "--yes"]);
    command.env("ROOTLESS_LAB_STATE", rig::state());
    let mut exam = Terminal::start(command, 40, 80);
    let sheet = exam.wait(CLOCK, PATIENCE);
    let drawn = regex::Regex::new(r"There is an account (\S+) with the user id (\d+)").unwrap();
    let found = drawn.captures(&sheet).unwrap_or_else(|| panic!("no account on the sheet: {sheet}"));
    let user = found[1].to_owned();
    let mut says = |line: &str, wanted: &str| {
        exam.line(line);
        exam.wait(wanted, PATIENCE)
    };
    says(&format!("sudo useradd -m -s /bin/bash {user} && sudo passwd {user}"), "New password: $");
    says("geheim-1", "Retype new password: $");
    says("geheim-1", CLOCK);
    says(&format!("ssh {user}@localhost"), "password: $");
    says("geheim-1", &at(&user));
    says("loginctl show-user --property=Linger $USER", &at(&user));
    says("su - lisa", "Password: $");
    // Refused, and never seen.
    says("geheim-2", &at(&user));
    says("mkdir -p ~/.config/containers", &at(&user));
    says("exit", CLOCK);
    says("sudo -i", &at("root"));
    says(&format!("su - {user}"), &at(&user));
    says("true as the account", &at(&user));
    says("exit", &at("root"));
    says("exit", CLOCK);
    says("exit", "exam finish");
    let record = record(&rig, SPRINT);
    assert!(!record.contains("geheim"), "{record}");
    let commands: Vec<serde_json::Value> = record
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].get("command").cloned())
        .collect();
    let told = |command: &serde_json::Value| {
        let through: Vec<&str> =
            command["inside"]["through"].as_array().into_iter().flatten().filter_map(|one| one.as_str()).collect();
        let account = command["account"].as_str().unwrap_or("?");
        format!("{account} [{}] {}", through.join(", "), command["line"].as_str().unwrap_or_default())
    };
    let ssh = format!("? [ssh {user}@localhost]");
    let wanted = [
        format!("lisa [] sudo useradd -m -s /bin/bash {user} && sudo passwd {user}"),
        format!("{ssh} loginctl show-user --property=Linger $USER"),
        format!("{ssh} su - lisa"),
        format!("{ssh} mkdir -p ~/.config/containers"),
        format!("{ssh} exit"),
        format!("lisa [] ssh {user}@localhost"),
        format!("root [sudo, bash] su - {user}"),
        format!("{user} [sudo, bash, su, bash] true as the account"),
        format!("{user} [sudo, bash, su, bash] exit"),
        "root [sudo, bash] exit".to_owned(),
        "lisa [] sudo -i".to_owned(),
    ];
    let found: Vec<String> = commands.iter().map(told).collect();
    assert_eq!(found[..wanted.len()], wanted, "{found:#?}");
    assert!(commands[1]["inside"]["prompt"].as_str().is_some_and(|prompt| prompt.starts_with(&format!("{user}@"))));
}
