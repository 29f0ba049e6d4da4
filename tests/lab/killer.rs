//! Finds the observers of a program, and kills them. Tests on this host and on machines share it.

// A test's support may fail a test.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// The observers that a program has, and those that these have.
pub fn observers(of: i32) -> Vec<i32> {
    let tasks = fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().flatten();
    let children = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default());
    let mut found = Vec::new();
    for child in children.collect::<String>().split_whitespace().filter_map(|pid| pid.parse().ok()) {
        let words = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
        if words.split(|byte| *byte == 0).nth(1) == Some(b"observer") {
            found.push(child);
        }
        found.extend(observers(child));
    }
    found
}

/// Kills a process.
pub fn end(pid: i32) {
    // One that ended by itself meanwhile cannot be killed, and is not killed.
    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
}

/// Kills every observer of a program as soon as it is there.
pub struct Killer {
    off: Arc<AtomicBool>,
    thread: JoinHandle<BTreeSet<i32>>,
}

impl Killer {
    /// Begins.
    pub fn of(program: i32) -> Self {
        let off = Arc::new(AtomicBool::new(false));
        let is_off = Arc::clone(&off);
        let thread = std::thread::spawn(move || {
            let mut killed = BTreeSet::new();
            while !is_off.load(Ordering::Relaxed) {
                for pid in observers(program) {
                    end(pid);
                    killed.insert(pid);
                }
                std::thread::yield_now();
            }
            killed
        });
        Self { off, thread }
    }

    /// Lets the next one live; how many were killed.
    pub fn rest(self) -> usize {
        self.off.store(true, Ordering::Relaxed);
        self.thread.join().unwrap().len()
    }
}
