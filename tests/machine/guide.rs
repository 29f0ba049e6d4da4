//! The author's guide, followed as a newcomer follows it: every file that it shows is written, every command is typed, in a clean
//! folder with an empty home.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::rig;

const GUIDE: &str = include_str!("../../book/src/author/guide.md");

/// What the guide has the reader do.
#[derive(Debug)]
enum Act {
    /// Write this file.
    Write(String, String),
    /// Type this line.
    Type(String),
}

/// The guide's blocks in order: `console` is typed; any other is the file that the line before it names, as `` `PATH`: ``.
fn acts() -> Vec<Act> {
    let mut acts = Vec::new();
    let mut lines = GUIDE.lines();
    let mut named = None;
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match (kind, named.take()) {
                ("console", None) => {
                    acts.extend(
                        block.iter().filter_map(|line| line.strip_prefix("$ ")).map(|l| Act::Type(l.to_owned())),
                    );
                }
                (_, Some(path)) => acts.push(Act::Write(path, block.join("\n") + "\n")),
                (kind, None) => panic!("a block of {kind} that is neither typed nor a file"),
            }
        } else if !line.is_empty() {
            let path = line.strip_prefix('`').and_then(|line| line.strip_suffix("`:"));
            named = path.map(str::to_owned);
        }
    }
    acts
}

fn type_line(line: &str, home: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_rootless-lab"));
    let path =
        format!("{}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", program.parent().unwrap().display());
    let begun = Instant::now();
    let mut command = Command::new("bash");
    command.args(["-c", line]).current_dir(home).env_clear().env("PATH", path).env("HOME", home).env("LANG", "C.UTF-8");
    let done = command.env("ROOTLESS_LAB_STATE", rig::state()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    eprintln!("$ {line}   ({:.0} s)\n{said}", begun.elapsed().as_secs_f64());
    assert!(done.status.success(), "{line}: {}\n{said}", done.status);
}

#[test]
fn a_newcomer_who_copies_every_line_of_the_guide_has_a_proven_lesson_in_the_end() {
    let Some(_machines) = rig::have(rig::machines()) else { return };
    let home = tempfile::tempdir().unwrap();
    let acts = acts();
    let typed = acts.iter().filter(|act| matches!(act, Act::Type(_))).count();
    assert!(typed >= 9 && acts.len() - typed == 4, "{acts:?}");
    for act in &acts {
        match act {
            Act::Write(path, text) => fs::write(home.path().join(path), text).unwrap(),
            Act::Type(line) => type_line(line, home.path()),
        }
    }
}
