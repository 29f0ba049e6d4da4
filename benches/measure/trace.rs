//! What a thousand looks leave behind on the machine: everything is compared before and after.

use std::collections::BTreeSet;
use std::process::Command;

use checkers::{Context, Verdict};
use rootless_lab::observer::{Observer, Route};

use super::figures::Figures;
use super::lessons::facts;
use super::prompts::last_process;

pub fn measure() -> Figures {
    let wishes = facts();
    let mut observer = Observer::start(Route::Root).unwrap_or_else(|error| panic!("{error}"));
    let verdicts = observer.judge(&wishes, &Context::default());
    assert!(verdicts.iter().all(Verdict::is_pass), "{verdicts:#?}");

    let before = snapshot();
    let newest = last_process();
    for _ in 0..1000 {
        observer.judge(&wishes, &Context::default());
    }
    let started = last_process() - newest;
    let after = snapshot();

    let mut figures = Figures::default();
    figures.add("trace: processes started", started as f64);
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        let new: Vec<&String> = after.difference(before).collect();
        new.iter().for_each(|line| eprintln!("trace: {name}: {line}"));
        figures.add(&format!("trace: {name}"), new.len() as f64);
    }
    figures
}

/// Everything that a look could leave behind, one line each.
fn snapshot() -> Vec<(&'static str, BTreeSet<String>)> {
    let files = r"find / \( -fstype proc -o -path /proc -o -path /sys -o -path /var/log -o -path /run/log -o -path /dev \) -prune \
        -o -printf '%p %y %s %m %u %T@\n'";
    let said = [
        ("journal lines", "journalctl -q --no-pager -o short-monotonic"),
        ("sessions", "ls /run/systemd/sessions /run/systemd/users"),
        ("units and scopes", "find /sys/fs/cgroup -type d"),
        ("files", files),
    ]
    .map(|(name, script)| {
        let output = Command::new("sh").args(["-c", script]).output().expect("sh runs");
        let text = String::from_utf8_lossy(&output.stdout);
        (name, text.lines().map(str::to_owned).collect())
    });
    std::iter::once(("processes", processes())).chain(said).collect()
}

fn processes() -> BTreeSet<String> {
    let names = std::fs::read_dir("/proc").expect("the kernel says").flatten().map(|entry| entry.path());
    let comm =
        |path: std::path::PathBuf| Some(format!("{path:?} {}", std::fs::read_to_string(path.join("comm")).ok()?));
    names.filter_map(comm).collect()
}
