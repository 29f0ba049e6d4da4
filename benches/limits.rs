//! Measures what a lesson may cost that is too large or hostile, and writes the table. `cargo bench --bench limits`; needs no machine.
//! Each text is linted by a process of its own, so that its memory is its own too.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::process::Command;
use std::time::{Duration, Instant};

use rootless_lab::author::lint;

#[path = "../tests/lessons/large.rs"]
mod large;

const WHOLE: &str = include_str!("../tests/lessons/whole/lesson.yaml");
const ROUNDS: usize = 11;

/// What is measured: a name, its text, and the most that it may take.
fn texts() -> Vec<(&'static str, String, Duration)> {
    let [aliases, merged, wide] = large::bombs();
    vec![
        ("a lesson of 10,000 steps", large::lesson(WHOLE, 10_000), Duration::from_secs(1)),
        ("a bomb of aliases of aliases", aliases, Duration::from_millis(50)),
        ("a bomb of merged keys", merged, Duration::from_millis(50)),
        ("a bomb of one list many times", wide, Duration::from_millis(50)),
    ]
}

/// The most memory that this process had, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1.024e-3
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.first() {
        Some(nth) => one(&texts().swap_remove(nth.parse().unwrap()).1),
        None => table(),
    }
}

/// Lints one text and says how long that took, in seconds, and the memory before and after.
fn one(text: &str) {
    let before = peak();
    let began = Instant::now();
    let found = lint::text("lessons/whole/lesson.yaml", text);
    let took = began.elapsed();
    println!("{} {before} {} {}", took.as_secs_f64(), peak(), found.len());
}

fn table() {
    let own = std::env::current_exe().unwrap();
    println!(
        "| text | bytes | aim | found, median of {ROUNDS} (least–most) | memory | met |\n|---|---|---|---|---|---|"
    );
    for (nth, (name, text, aim)) in texts().into_iter().enumerate() {
        let mut took = Vec::new();
        let mut memory: f64 = 0.0;
        for _ in 0..ROUNDS {
            let output = Command::new(&own).arg(nth.to_string()).output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            let figures: Vec<f64> = said.split_whitespace().map(|figure| figure.parse().unwrap()).collect();
            took.push(figures[0] * 1e3);
            memory = memory.max(figures[2]);
        }
        took.sort_by(f64::total_cmp);
        let met = took[ROUNDS / 2] < aim.as_secs_f64() * 1e3 && memory < 200.0;
        println!(
            "| {name} | {} | < {aim:?}, < 200 MB | {:.1} ms ({:.1}–{:.1}) | {memory:.0} MB | {} |",
            text.len(),
            took[ROUNDS / 2],
            took[0],
            took[ROUNDS - 1],
            if met { "yes" } else { "**no**" }
        );
    }
}
