//! The house itself: which room may open which, and what never stands in the source.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may import. What is not named here may import nothing of the house.
const EDGES: &[(&str, &[&str])] = &[
    ("lesson", &[]),
    ("manual", &["lesson"]),
    ("plain", &[]),
    ("mistakes", &["lesson", "plain"]),
    ("session", &["lesson", "manual", "mistakes"]),
    ("bash", &["plain"]),
    ("prompt", &["bash"]),
    ("observer", &["host", "lesson"]),
    ("store", &["session"]),
    ("exam", &["lesson", "store"]),
    ("grading", &["driver", "exam", "lesson", "screen", "store"]),
    ("host", &[]),
    ("doctor", &[]),
    ("author", &["lesson", "manual", "mistakes", "practice", "prompt", "session"]),
    ("screen", &["author", "exam", "lesson", "manual", "mistakes", "session", "doctor"]),
    ("practice", &["host"]),
    ("driver", &["bash", "host", "lesson", "manual", "mistakes", "observer", "prompt", "screen", "session", "store"]),
    ("sitting", &["bash", "driver", "exam", "grading", "lesson", "observer", "screen"]),
    (
        "cli",
        &[
            "author", "bash", "doctor", "driver", "exam", "grading", "host", "lesson", "manual", "mistakes",
            "observer", "practice", "prompt", "screen", "session", "sitting", "store",
        ],
    ),
];

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push((path.clone(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

fn house() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_room_imports_only_rooms_below_it() {
    let src = house().join("src");
    let edges: BTreeMap<_, _> = EDGES.iter().copied().collect();
    let import = regex::Regex::new(r"crate::([a-z_]+)").unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (path, text) in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap().to_str().unwrap();
        let room = inside.split('/').next().unwrap().trim_end_matches(".rs");
        if ["main", "lib"].contains(&room) {
            continue;
        }
        let allowed = edges.get(room).unwrap_or_else(|| panic!("the room {room} has no edges here"));
        // Tests of a room may borrow from anywhere.
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        if inside.ends_with("tests.rs") || inside.ends_with("stories.rs") {
            continue;
        }
        for found in import.captures_iter(code) {
            seen += 1;
            let other = &found[1];
            if other != room && !allowed.contains(&other) {
                wrong.push(format!("{inside} imports {other}"));
            }
        }
    }
    assert!(seen > 20, "the imports are not seen any more: {seen}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_pure_room_touches_no_file_process_terminal_or_clock() {
    let mut wrong = Vec::new();
    for room in [
        "src/session",
        "src/mistakes",
        "src/lesson/model.rs",
        "src/exam/attempt.rs",
        "src/exam/chain.rs",
        "src/exam/clock.rs",
        "src/exam/counting.rs",
        "src/exam/discretion.rs",
        "src/exam/draw.rs",
        "src/exam/history.rs",
        "src/exam/read.rs",
        "src/exam/report.rs",
        "src/exam/report",
        "src/exam/review.rs",
        "src/exam/rules.rs",
        "src/exam/score.rs",
        "src/exam/sheet.rs",
        "src/exam/transcript.rs",
        "src/grading/copies.rs",
        "checkers/src/facts",
        "checkers/src/combine.rs",
        "checkers/src/machine/witness",
    ] {
        let path = house().join(room);
        let files =
            if path.is_dir() { sources(&path) } else { vec![(path.clone(), fs::read_to_string(&path).unwrap())] };
        for (path, text) in files {
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            for never in [
                "std::fs",
                "std::process",
                "std::os::unix::net",
                "TcpStream",
                "TcpListener",
                "UdpSocket",
                "SystemTime",
                "Instant::now",
                "println!",
                "std::env",
                "std::thread",
            ] {
                if code.contains(never) {
                    wrong.push(format!("{}: {never}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// systemd and logind are asked over D-Bus: nothing in the checks starts a program but the room that runs those of an author, and the plain
/// ones that only tell.
#[test]
fn no_check_starts_a_program_of_its_own() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&house().join("checkers/src")) {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        if code.contains("Command::new(") && !path.ends_with("machine/live/proc.rs") {
            wrong.push(path);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let plain = fs::read_to_string(house().join("checkers/src/machine/plain.rs")).unwrap();
    let programs = regex::Regex::new(r#"Self::\w+[^=\n]*=> "(\w+)","#).unwrap();
    let programs: Vec<_> = programs.captures_iter(&plain).map(|found| found[1].to_owned()).collect();
    assert_eq!(programs, ["rpm", "nft", "journalctl"]);
}

#[test]
fn nothing_is_left_open_in_the_source() {
    let left = regex::Regex::new(r"\b(todo!|unimplemented!|TODO|FIXME|XXX)\b|#\[ignore|allow\(dead_code").unwrap();
    let mut wrong = Vec::new();
    for folder in ["src", "checkers/src"] {
        for (path, text) in sources(&house().join(folder)) {
            if let Some(found) = left.find(&text) {
                wrong.push(format!("{}: {}", path.display(), found.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_says_what_it_holds() {
    let mut wrong = Vec::new();
    for folder in ["src", "checkers/src"] {
        for (path, text) in sources(&house().join(folder)) {
            if !text.starts_with("//!") && !text.starts_with("#![doc") {
                wrong.push(path);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
