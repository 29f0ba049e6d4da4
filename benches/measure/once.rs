//! The eighteen facts judged once, from exec to exit, as root: the lab and its peers in turn. Nobody is measured who does not find all of them.

use std::process::{Command, Stdio};

use super::bed::ROOM;
use super::figures::{Figures, time};

const ROUNDS: usize = 20;

pub fn measure() -> Figures {
    let facts = format!("{ROOM}/facts/lesson.yaml");
    let script = |name: &str| vec!["bash".to_owned(), format!("{ROOM}/peers/{name}")];
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let lab = words(&format!("rootless-lab check --all --yes --lesson {facts}"));
    let goss = words(&format!("goss -g {ROOM}/peers/goss.yaml validate"));
    let testinfra = words(&format!("python3 -m pytest -q -p no:cacheprovider {ROOM}/peers/test_typical.py"));
    let all = [
        ("check", &lab, ""),
        ("typical.sh", &script("typical.sh"), "18/18"),
        ("tuned.sh", &script("tuned.sh"), "18/18"),
        ("goss", &goss, "Failed: 0"),
        ("testinfra", &testinfra, "18 passed"),
    ];
    for (name, words, wanted) in &all {
        finds_all(name, words, wanted);
    }
    let json = [lab.as_slice(), &["--json".to_owned()]].concat();
    let said: serde_json::Value = serde_json::from_slice(&run(&json).output().expect("it runs").stdout).expect("JSON");
    let passed = said["goals"].as_array().expect("goals").iter().filter(|goal| goal["verdict"].get("pass").is_some());
    assert_eq!(passed.count(), 18, "all facts are found by the lab: {said:#}");

    let mut figures = Figures::default();
    figures.add("podman started", programs_of(&lab).iter().filter(|program| program.contains("podman")).count() as f64);
    figures.add("programs started", programs_of(&lab).len() as f64);
    for _ in 0..ROUNDS {
        for (name, words, _) in &all {
            figures.add(name, timed(words));
        }
    }
    for _ in 0..10 * ROUNDS {
        figures.add("--version", timed(&words("rootless-lab --version")));
        figures.add("/bin/true alone", timed(&words("/bin/true")));
    }
    figures
}

fn run(words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir("/").stdin(Stdio::null());
    command
}

fn timed(words: &[String]) -> f64 {
    let mut command = run(words);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    time(|| assert!(command.status().expect("it runs").success(), "{words:?}"))
}

fn finds_all(name: &str, words: &[String], wanted: &str) {
    let output = run(words).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains(wanted), "{name} does not find all facts:\n{said}{complaint}");
}

/// Every program that this command executes, itself and its children's included.
fn programs_of(words: &[String]) -> Vec<String> {
    let log = "/var/tmp/measure-exec.log";
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-e", "trace=execve", "-e", "signal=none", "-o", log]).args(words);
    let status = traced.stdin(Stdio::null()).stdout(Stdio::null()).status().expect("strace runs");
    assert!(status.success(), "the check passes under strace too");
    let log = std::fs::read_to_string(log).expect("strace wrote");
    let programs = log.lines().filter(|line| line.ends_with("= 0")).filter_map(|line| line.split('"').nth(1));
    programs.map(str::to_owned).collect()
}
