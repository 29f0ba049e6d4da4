//! The lab at its prompt, as lisa in a true login, beside a plain bash with the same settings: lines, starts, memory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::figures::Figures;
use super::lessons::shelf;
use super::terminal::Terminal;

fn place(name: &str) -> PathBuf {
    Path::new("/home/lisa/measure").join(name)
}

fn bash() -> Command {
    let mut command = Command::new("bash");
    command.arg("-i").current_dir("/home/lisa");
    command
}

/// A lab of its own, with its own record.
fn lab(record: &str, shelf: &str) -> Command {
    let mut command = Command::new("rootless-lab");
    command.args(["start", "--here", "--yes", "open"]).current_dir("/home/lisa");
    command.env("ROOTLESS_LAB_PATH", place(shelf)).env("XDG_STATE_HOME", place(record));
    command
}

/// A lab that has opened its eyes.
fn settled(record: &str) -> Terminal {
    let (mut terminal, _) = Terminal::start(lab(record, "shelf"));
    terminal.quiet(Duration::from_secs(2));
    for _ in 0..20 {
        terminal.line("true");
    }
    terminal
}

pub fn lines() -> Figures {
    shelf(&place("shelf"), 0);
    let mut figures = Figures::default();
    let (mut plain, _) = Terminal::start(bash());
    let mut idle = settled("idle");
    idle.word(":play");
    let mut judged = settled("judged");
    for (line, rounds) in [("true", 1000), ("/bin/true", 300), ("seq 300000", 12)] {
        for _ in 0..rounds {
            figures.add(&format!("bash {line}"), plain.line(line));
            figures.add(&format!("lab {line}"), idle.line(line));
            if line == "true" {
                figures.add("judged true", judged.line(line));
            }
        }
    }
    for (name, terminal) in [("bash", &mut plain), ("lab", &mut idle), ("judged", &mut judged)] {
        let before = last_process();
        for _ in 0..200 {
            terminal.line("true");
        }
        figures.add(&format!("{name}: processes of 200 prompts"), (last_process() - before) as f64);
    }
    figures
}

/// The number that the newest process or thread of this machine got.
pub fn last_process() -> i64 {
    let load = std::fs::read_to_string("/proc/loadavg").expect("the kernel says");
    load.split_whitespace().last().and_then(|last| last.parse().ok()).expect("a number")
}

pub fn starts() -> Figures {
    shelf(&place("shelf"), 0);
    shelf(&place("long-shelf"), 1000);
    let (first, _) = Terminal::start(lab("starts", "shelf"));
    first.leave(":quit");
    let mut figures = Figures::default();
    for _ in 0..25 {
        let (plain, time) = Terminal::start(bash());
        figures.add("bash start", time);
        plain.leave("exit");
        for (name, shelf) in [("lab start", "shelf"), ("lab start, long shelf", "long-shelf")] {
            let (lab, time) = Terminal::start(lab("starts", shelf));
            figures.add(name, time);
            lab.leave(":quit");
        }
    }
    figures
}

pub fn memory() -> Figures {
    shelf(&place("shelf"), 0);
    let mut figures = Figures::default();
    let mut lab = settled("memory");
    // It has just looked: the observer's children for the accounts are there for another second.
    lab.word(":check");
    weigh(&lab, "looking", &mut figures);
    commands(&mut lab, 200);
    weigh(&lab, "before", &mut figures);
    commands(&mut lab, 1000);
    weigh(&lab, "after", &mut figures);
    figures
}

/// Runs so many commands, and waits until nobody has anything to do any more.
fn commands(lab: &mut Terminal, count: usize) {
    for number in 0..count {
        lab.line(["true", "/bin/true", "echo $RANDOM", "seq 30"][number % 4]);
    }
    lab.quiet(Duration::from_secs(5));
}

/// The memory of a lab and all that it started but the learner's bash, in KiB. All are weighed in one breath: who looks as an account goes soon.
fn weigh(lab: &Terminal, when: &str, figures: &mut Figures) {
    for _ in 0..5 {
        let family = family(lab);
        let files = family.iter().map(|pid| format!("/proc/{pid}/smaps_rollup"));
        let asked = Command::new("sudo").args(["-n", "cat"]).args(files).output().expect("sudo runs");
        if !asked.status.success() {
            continue;
        }
        let said = String::from_utf8_lossy(&asked.stdout);
        for (name, key) in [("PSS", "Pss:"), ("RSS", "Rss:")] {
            let lines: Vec<&str> = said.lines().filter(|line| line.starts_with(key)).collect();
            assert_eq!(lines.len(), family.len(), "{said}");
            for line in lines {
                let kib = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
                figures.add(&format!("{name} {when}"), kib);
            }
        }
        return;
    }
    panic!("a lab whose processes come and go cannot be weighed");
}

/// The lab and what it started, each once.
fn family(lab: &Terminal) -> Vec<u32> {
    // The observer goes on alone once sudo has started it, so it is nobody's child here.
    let observers = Command::new("pgrep").args(["-f", "rootless-lab observer"]).output().expect("pgrep runs").stdout;
    let mut family = numbers(&String::from_utf8_lossy(&observers));
    family.insert(0, lab.child.id());
    let mut nth = 0;
    while let Some(pid) = family.get(nth).copied() {
        nth += 1;
        let children = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children = children.map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
        let is_bash =
            |pid: &u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "bash");
        let children: Vec<u32> = children.flat_map(|line| numbers(&line)).collect();
        family.extend(
            children.iter().filter(|child| !family.contains(child) && !is_bash(child)).copied().collect::<Vec<_>>(),
        );
    }
    family
}

fn numbers(line: &str) -> Vec<u32> {
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}
