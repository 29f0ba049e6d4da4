//! What is in a bundle, and what is not.

use std::io::Read;

use super::super::stand_in::{EXAM, at, attempt, exam, finished, graded, handed_in, solved, started, typed};
use super::*;
use crate::exam::Graded;

fn files(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut tar = tar::Archive::new(bytes);
    tar.entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap(), header.mode().unwrap()), (0, 0, 0o644));
            let name = entry.path().unwrap().display().to_string();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            (name, text)
        })
        .collect()
}

fn bundle(path: &Path, goal: &str) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    dispute(path, &exam(), &goal.parse().unwrap(), &mut bytes).map(|()| bytes)
}

#[test]
fn a_bundle_has_all_about_its_goal_and_nothing_about_another_and_is_always_the_same() {
    let state = tempfile::tempdir().unwrap();
    let folder = graded(state.path(), solved());
    let bytes = bundle(folder.path(), "one/lasts").unwrap();
    assert_eq!(bytes, bundle(folder.path(), "one/lasts").unwrap());
    let files = files(&bytes);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "README.txt",
            "facts-line-6.json",
            "facts-line-8.json",
            "goal.json",
            "record.json",
            "transcript.txt",
            "verdicts.json",
            "versions.json"
        ]
    );
    assert!(files["facts-line-6.json"].contains("/srv/plum") && files["goal.json"].contains("contains"));
    assert!(files["verdicts.json"].contains("predicted") && files["verdicts.json"].contains("proven"));
    assert!(files["README.txt"].contains("one/lasts: The file plum is there."));
    for (name, text) in &files {
        assert!(!text.contains("/run/now"), "{name} speaks of another goal: {text}");
    }
    assert!(files["record.json"].contains(&folder.read().unwrap().chain.head().hash));
}

#[test]
fn the_transcript_has_the_tasks_commands_and_leaves_out_what_may_hold_a_password() {
    let state = tempfile::tempdir().unwrap();
    let folder = graded(state.path(), solved());
    let files = files(&bundle(folder.path(), "one/lasts").unwrap());
    let transcript = &files["transcript.txt"];
    assert!(transcript.contains("echo good >/srv/plum") && !transcript.contains("lisa$ id"), "{transcript}");
    assert!(transcript.contains(LEFT_OUT), "{transcript}");
    assert!(files.values().all(|text| !text.contains("--stdin")), "{files:#?}");
}

#[test]
fn what_a_candidate_named_is_only_text_in_a_bundle() {
    let state = tempfile::tempdir().unwrap();
    let (_, mut folder) = crate::exam::Attempts::new(state.path()).begin(EXAM, &at(0, "a"), started()).unwrap();
    let odd = "\x1b]0;owned\x07\u{9b}2J\u{202e}";
    let typed = match typed(&format!("echo plum {odd}")) {
        Event::Command(typed) => Event::Command(Box::new(Typed { account: Some(odd.into()), ..*typed })),
        other => other,
    };
    let turned = GoalId { task: "one".into(), goal: odd.into() };
    let kind = GradeKind::Predicted;
    for (second, event) in [
        (1, typed),
        (2, Event::Turned { goal: turned, answer: Answer::Pass, within: None }),
        (3, Event::Mended { aside: odd.into() }),
        (4, Event::Finished { by_clock: false }),
        (5, Event::Graded(Box::new(Graded { kind, verdicts: BTreeMap::new(), testimonies: Vec::new() }))),
    ] {
        folder.append(&at(second, "a"), &event).unwrap();
    }
    let files = files(&bundle(folder.path(), "one/lasts").unwrap());
    let transcript = &files["transcript.txt"];
    assert_eq!(transcript.matches("owned").count(), 3, "{transcript}");
    assert!(files["record.json"].contains("owned"), "{files:#?}");
    for (name, text) in &files {
        assert!(!text.contains(['\x1b', '\x07', '\u{9b}', '\u{202e}']), "{name}: {text:?}");
    }
}

#[test]
fn the_transcript_says_what_ran_when_a_goal_turned_and_what_is_only_guessed() {
    let state = tempfile::tempdir().unwrap();
    let (_, mut folder) = crate::exam::Attempts::new(state.path()).begin(EXAM, &at(0, "a"), started()).unwrap();
    let own = |line: &str| match typed(line) {
        Event::Command(typed) => Event::Command(Box::new(Typed { took: Some(1_000_000), ..*typed })),
        other => other,
    };
    let turned = |goal: &str, answer, within: Option<u64>| {
        let within = within.map(|seconds| seconds * 1_000_000);
        Event::Turned { goal: goal.parse().unwrap(), answer, within }
    };
    for (second, event) in [
        (1, turned("one/lasts", Answer::Fail, None)),
        (5, own("id plum")),
        (10, own("touch /run/now")),
        (12, turned("two/now", Answer::Pass, Some(4))),
        (20, own("cd /srv")),
        (61, own("echo good >pl*")),
        (62, turned("one/lasts", Answer::Pass, Some(3))),
        (70, turned("one/lasts", Answer::Fail, Some(5))),
        (80, own("ls")),
        (99, Event::Finished { by_clock: false }),
    ] {
        folder.append(&at(second, "a"), &event).unwrap();
    }
    let attempt = attempt(&folder);
    let task = exam().tasks[0].clone();
    let transcript = transcript(&attempt, &task);
    let lines: Vec<&str> = transcript.lines().skip_while(|line| !line.is_empty()).skip(1).collect();
    assert_eq!(
        lines,
        [
            "     2     0:01   # one/lasts is seen to be not true; since when is not known",
            "     3     0:04 ? lisa$ id plum   (exit status 0)",
            "     6     0:19 | lisa$ cd /srv   (exit status 0)",
            "     7     1:00 * lisa$ echo good >pl*   (exit status 0)",
            "     8     1:02   # one/lasts is seen to be true; at 0:59 it was not yet, and only line 7 ran since then",
            "     9     1:10   # one/lasts is seen to be not true; at 1:05 it was not yet, and no line ran since then",
        ]
    );
    assert!(transcript.contains("?  a guess"), "{transcript}");
}

#[test]
fn there_is_no_bundle_of_what_is_no_goal_or_was_never_graded() {
    let state = tempfile::tempdir().unwrap();
    let folder = graded(state.path(), solved());
    assert!(matches!(bundle(folder.path(), "one/other"), Err(BundleError::NoGoal(_))));
    assert!(matches!(bundle(handed_in(state.path(), "a").path(), "one/lasts"), Err(BundleError::NotGraded)));
    assert_eq!(finished().grades, []);
}
