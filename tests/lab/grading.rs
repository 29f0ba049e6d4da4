//! Grading by the program itself: what is kept, and what a fault at any point costs.

// the functions beside the tests are tests too
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::inotify::AddWatchFlags;
use rootless_lab::exam::{
    Answer, Attempt, Attempts, Break, Candidate, Event, Folder, Machine, Reading, Started, Typed,
};
use serde_json::Value;

use crate::changes::Changes;
use crate::rig::{Learner, finish, have_root, refused};

/// Two files, each a task of ten points.
pub fn exam(learner: &Learner) -> String {
    let task = |nth: usize| {
        format!(
            "  - id: t{nth}\n    title: Number {nth}\n    text: There is a file.\n    objective: Files\n    points: 10\n    goals:\n      \
             - {{id: file, say: The file is there., check: {{path: {{path: '{}'}}}}}}\n",
            learner.goal(nth).display()
        )
    };
    format!(
        "format: 1\ntitle: Files\nabout: Files.\ntracks: [None]\nminutes: 15\npass-mark: 100\nlasting: true\naccounts:\n  \
         - {{name: games, role: administrator}}\ntasks:\n{}{}",
        task(1),
        task(2)
    )
}

fn started() -> Started {
    Started {
        exam: "files".into(),
        exam_digest: String::new(),
        lessons: BTreeMap::new(),
        seed: 7,
        parameters: BTreeMap::new(),
        minutes: 15,
        candidate: Candidate { account: "games".into(), uid: 5, name: None },
        machine: Machine::Here("host".into()),
        identity: rootless_lab::host::identity(),
        versions: BTreeMap::new(),
    }
}

/// An attempt with these events after its start.
fn attempt(learner: &Learner, events: &[Event]) -> Folder {
    let now = || Reading::now().unwrap();
    let (_, mut folder) = Attempts::new(&learner.place("state")).begin(&exam(learner), &now(), started()).unwrap();
    events.iter().for_each(|event| drop(folder.append(&now(), event).unwrap()));
    folder
}

pub fn handed_in(learner: &Learner) -> Folder {
    let typed = Typed { line: "touch it".into(), status: Some(0), cwd: None, account: None, took: None, inside: None };
    attempt(learner, &[Event::Command(Box::new(typed)), Event::Finished { by_clock: false }])
}

pub fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

/// Each grade's answers, in the order of the goals.
pub fn grades(folder: &Folder) -> Vec<Vec<Answer>> {
    let attempt = Attempt::of(&folder.read().unwrap().chain.entries).unwrap();
    attempt.grades.iter().map(|grade| grade.graded.verdicts.values().map(Answer::from).collect()).collect()
}

#[test]
fn a_grade_says_what_was_found_keeps_it_and_ends_with_what_it_came_to() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    fs::write(learner.goal(1), "").unwrap();
    let output = learner.run(&["exam", "grade"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&output.stderr));
    for wanted in [
        "1. Number 1\n   Files\n   10 of 10",
        "2. Number 2\n   Files\n   0 of 10",
        "wanted",
        "Predicted, without a reboot: 10 of 20 points",
        "Not passed",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    fs::write(learner.goal(2), "").unwrap();
    let again = handed_in(&learner);
    let output = learner.run(&["exam", "grade", "files-2", "--format", "json", "--output", "result.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let file = learner.place("home/result.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let result: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let predicted = &result["predicted"];
    assert_eq!((&predicted["verdict"], &predicted["total"]["had"]["lowest"]), (&"passed".into(), &20.into()));
    assert_eq!(
        (grades(&folder), grades(&again)),
        (vec![vec![Answer::Pass, Answer::Fail]], vec![vec![Answer::Pass; 2]])
    );
    assert_eq!(learner.run(&["exam", "verify", "files-1"]).status.code(), Some(0));
}

/// An attempt whose fifteen minutes were over so many seconds ago.
fn over(learner: &Learner, seconds: u64) -> Folder {
    let ago = (15 * 60 + seconds) * 1_000_000;
    let mut at = Reading::now().unwrap();
    (at.wall, at.up, at.awake) = (at.wall - ago as i64, at.up - ago, at.awake - ago);
    Attempts::new(&learner.place("state")).begin(&exam(learner), &at, started()).unwrap().1
}

#[test]
fn what_is_made_after_the_hand_in_earns_nothing_and_every_form_of_the_report_says_so() {
    let learner = Learner::new();
    let folder = over(&learner, 1);
    fs::write(learner.goal(1), "").unwrap();
    let handed_in = learner.run(&["exam", "finish"]);
    assert_eq!(handed_in.status.code(), Some(0), "{handed_in:?}");
    assert_eq!(grades(&folder), [[Answer::Pass, Answer::Fail]], "it is looked at there and then");
    fs::write(learner.goal(2), "").unwrap();
    for (format, wanted) in [
        (
            "human",
            &[
                "10 of 20 points",
                "t2/file was fail when it was first looked at",
                "after the hand-in, and earns nothing",
            ][..],
        ),
        ("json", &["\"first\": \"fail\"", "\"now\": \"pass\"", "\"lowest\": 10"]),
        ("junit", &["10 of 20 points", "Looked at 0:0", "after the hand-in"]),
        ("html", &["10 of 20 points", "earns nothing", "Looked at 0:0"]),
        ("csv", &["Looked at 0:0"]),
    ] {
        let output = learner.run(&["exam", "grade", "--format", format]);
        let said = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.status.code(), Some(1), "{said}{}", String::from_utf8_lossy(&output.stderr));
        for wanted in wanted {
            assert!(said.contains(wanted), "{format}: {wanted}: {said}");
        }
    }
    assert_eq!(grades(&folder)[1], [Answer::Pass, Answer::Pass]);
    // What was there is had, whatever becomes of it.
    fs::remove_file(learner.goal(1)).unwrap();
    let output = learner.run(&["exam", "grade"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("without a reboot: 10 of 20 points"), "{output:?}");
    let verified = learner.run(&["exam", "verify", "files-1"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
}

#[test]
fn where_nobody_looked_at_the_hand_in_the_report_says_for_how_long() {
    let learner = Learner::new();
    let ago = 300 * 1_000_000;
    let mut at = Reading::now().unwrap();
    (at.wall, at.up, at.awake) = (at.wall - ago as i64, at.up - ago, at.awake - ago);
    let (_, mut folder) = Attempts::new(&learner.place("state")).begin(&exam(&learner), &at, started()).unwrap();
    folder.append(&at, &Event::Finished { by_clock: false }).unwrap();
    for goal in [1, 2] {
        fs::write(learner.goal(goal), "").unwrap();
    }
    let output = learner.run(&["exam", "grade"]);
    let said = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(output.status.code(), Some(0), "{said}");
    for wanted in ["Looked at 5:0", "Nobody looked before 5:0", "cannot be told from what was handed in"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}

#[test]
fn what_is_not_handed_in_given_up_or_not_there_is_not_graded() {
    let learner = Learner::new();
    refused(&learner.run(&["exam", "grade"]), 4, "no attempt");
    let running = attempt(&learner, &[]);
    refused(&learner.run(&["exam", "grade"]), 5, "still under way");
    let given_up = attempt(&learner, &[Event::Abandoned]);
    refused(&learner.run(&["exam", "grade", "files-2"]), 5, "an attempt is under way .files-1");
    assert!(learner.run(&["exam", "abandon", "--yes"]).status.success());
    refused(&learner.run(&["exam", "grade", "files-2"]), 2, "given up");
    refused(&learner.run(&["exam", "grade", "files-3"]), 4, "there is no attempt `files-3`");
    refused(&learner.run(&["exam", "grade", "files"]), 2, "not the name of an attempt");
    for folder in [running, given_up] {
        assert_eq!(grades(&folder).len(), 0);
    }
}

#[test]
fn nobody_is_rebooted_without_being_asked() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    refused(&learner.run(&["exam", "grade", "--reboot"]), 8, "was not rebooted");
    assert_eq!((grades(&folder).len(), folder.read().unwrap().chain.entries.len()), (0, 3));
}

#[test]
fn a_grader_that_is_killed_at_any_point_leaves_a_whole_record_and_awards_nothing_wrong() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    fs::write(learner.goal(1), "").unwrap();
    assert_eq!(learner.run(&["exam", "grade"]).status.code(), Some(1));
    // Each thing that a grade does to a file of the attempt or of a goal is a point, and it is killed at each of them.
    let places = [folder.path().to_owned(), folder.path().join("testimony"), learner.place("")];
    let (mut killed, mut all) = (0, false);
    for most in 0.. {
        let done = places.each_ref().map(|place| Changes::when(place, AddWatchFlags::IN_ALL_EVENTS));
        let mut command = learner.command(&["exam", "grade"]);
        let mut grader = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut points = 0;
        while points < most && grader.try_wait().unwrap().is_none() {
            points += done.iter().map(|place| place.come(Duration::from_micros(50))).sum::<usize>();
        }
        all = points < most;
        let _ = grader.kill();
        killed += i32::from(grader.wait().unwrap().code().is_none());
        let breaks = folder.read().unwrap().breaks();
        assert!(breaks.iter().all(|one| matches!(one, Break::Torn { .. })), "{breaks:?}");
        if all || most > 300 {
            break;
        }
    }
    assert!(all && killed > 20, "{killed} were killed in the middle");
    assert_eq!(learner.run(&["exam", "grade"]).status.code(), Some(1));
    let all = grades(&folder);
    assert!(!all.is_empty() && all.iter().all(|one| *one == [Answer::Pass, Answer::Fail]), "{all:?}");
    let verified = learner.run(&["exam", "verify", "files-1"]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn a_disk_that_is_full_is_said_and_the_grade_is_made_once_there_is_room() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    fs::write(learner.goal(1), "").unwrap();
    let before = fs::read(folder.path().join("record.jsonl")).unwrap();
    for blocks in 0..12 {
        let mut command = Command::new("bash");
        learner.dress(&mut command);
        command.args([
            "-c",
            "trap '' XFSZ; ulimit -f \"$1\"; exec \"$0\" exam grade",
            crate::rig::PROGRAM,
            &blocks.to_string(),
        ]);
        let output = finish(command);
        let record = fs::read(folder.path().join("record.jsonl")).unwrap();
        if record == before {
            refused(&output, 4, "make room");
            continue;
        }
        assert!(blocks > 0, "nothing fits into no room");
        assert_eq!(grades(&folder), [[Answer::Pass, Answer::Fail]]);
        assert_eq!(folder.read().unwrap().breaks(), []);
        return;
    }
    panic!("twelve kilobytes are not enough");
}

#[test]
fn a_file_system_without_a_byte_left_loses_nothing() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let folder = handed_in(&learner);
    copy(&learner.place("state"), &learner.place("kept"));
    fs::create_dir(learner.place("after")).unwrap();
    let script = "mount -t tmpfs -o size=128k tmpfs \"$1\" && cp -a \"$2/.\" \"$1\" && { head -c 1M /dev/zero >\"$1/full\"; } 2>/dev/null
        \"$0\" exam grade; said=$?; rm \"$1/full\"; cp -a \"$1/.\" \"$3\"; exit $said";
    let mut command = Command::new("bash");
    learner.dress(&mut command);
    command.args(["-c", script, crate::rig::PROGRAM]);
    command.args(["state", "kept", "after"].map(|name| learner.place(name)));
    refused(&finish(command), 4, "make room");
    let after = Folder::at(learner.place("after/rootless-lab/exams/files-1"));
    assert_eq!((after.read().unwrap(), grades(&after).len()), (folder.read().unwrap(), 0));
}

fn spoil(folder: &Folder, name: &str, change: impl FnOnce(&str) -> String) {
    let path = folder.path().join(name);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, change(&text)).unwrap();
}

#[test]
fn a_record_that_was_cut_edited_or_comes_from_a_newer_program_is_named() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    let whole = fs::read_to_string(folder.path().join("record.jsonl")).unwrap();
    let verify = || {
        let output = learner.run(&["exam", "verify", "files-1"]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let put = |text: &str| fs::write(folder.path().join("record.jsonl"), text).unwrap();
    assert_eq!(verify().0, Some(0));
    put(&whole.replace("touch it", "touch IT"));
    let (code, said) = verify();
    assert!(code == Some(1) && said.contains("line 2 was changed") && said.contains("What it cannot show"), "{said}");
    // A grade goes on all the same, and says so.
    let graded = learner.run(&["exam", "grade"]);
    assert!(String::from_utf8_lossy(&graded.stderr).contains("exam verify files-1"), "{graded:?}");
    assert!(verify().1.contains("line 2 was changed"));
    put(whole.split_inclusive('\n').next().unwrap());
    assert!(verify().1.contains("line 4 is not the one that was known elsewhere"));
    put(&whole[..whole.len() - 20]);
    assert!(verify().1.contains("line 3 is cut off"));
    // Written by a newer program, and rightly so.
    let body =
        whole.lines().next().unwrap().rsplit_once(",\"hash\"").unwrap().0.replacen("\"version\":2", "\"version\":9", 1);
    let newer = format!("{body},\"hash\":\"{}\"}}\n", rootless_lab::exam::digest(body.as_bytes()));
    put(&newer);
    refused(&learner.run(&["exam", "grade", "files-1"]), 6, "newer rootless-lab.*the rootless-lab that wrote it");
    assert!(verify().1.contains("newer"));
    assert_eq!(fs::read_to_string(folder.path().join("record.jsonl")).unwrap(), newer, "nothing was appended");
}

#[test]
fn an_exam_that_was_made_easier_is_not_the_one_that_was_sat() {
    let learner = Learner::new();
    let folder = handed_in(&learner);
    spoil(&folder, "exam.yaml", |text| text.replace("pass-mark: 100", "pass-mark: 1"));
    refused(&learner.run(&["exam", "grade"]), 6, "is not the exam that this attempt began with");
    assert_eq!(grades(&folder).len(), 0);
}
