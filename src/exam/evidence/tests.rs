//! Cases of keeping evidence and judging on it.

use std::os::unix::fs::PermissionsExt;

use checkers::Context;
use checkers::machine::Recorded;
use checkers::machine::witness::{Left, testify};
use serde_json::json;

use super::*;

const HASH: &str = "$y$j9T$abcdefghijklmnop$Qnqnb9TM8w/vo9ztBoRDg09Zl4x.Iindhg/.zM6DI//";

fn name(goal: &str) -> GoalId {
    GoalId { task: "task".into(), goal: goal.into() }
}

fn wish(json: serde_json::Value) -> Check {
    serde_json::from_value(json).unwrap()
}

fn day() -> Vec<(GoalId, Check)> {
    vec![
        (name("account"), wish(json!({"account": {"name": "ada"}}))),
        (name("notes"), wish(json!({"path": {"path": "/srv/notes", "contains": ["helo"]}}))),
        (name("password"), wish(json!({"password": {"account": "ada", "is": "conuser1"}}))),
        (name("old"), wish(json!({"account": {"name": "bob", "exists": false}}))),
    ]
}

fn evidence() -> Evidence {
    let machine = Recorded::new()
        .account("ada", 1001)
        .file("/srv/notes", "hello\n")
        .file("/etc/shadow", format!("ada:{HASH}:20780:0:99999:7:::\n"));
    let (goals, checks): (Vec<_>, Vec<_>) = day().into_iter().unzip();
    let (verdicts, testimony) = testify(&checks, &machine, &Context::default());
    Evidence::new(goals, verdicts, testimony)
}

fn regraded(goals: &[(GoalId, Check)]) -> Vec<Change> {
    let evidence = evidence();
    let again = regrade(&evidence, goals.iter().map(|(name, check)| (name.clone(), check)));
    compare(evidence.judged(), &again)
}

#[test]
fn with_the_same_checks_nothing_changes_and_what_rests_on_secrets_is_kept() {
    let changes = regraded(&day());
    let [Change { goal, what: What::Kept { verdict: Some(verdict), because } }] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(goal, &name("password"));
    assert!(verdict.is_pass());
    assert_eq!(because, &[Gap::Left(Left::Secret, "what stands in /etc/shadow".into())]);
}

#[test]
fn a_mended_check_turns_its_goal_and_no_other() {
    let mut goals = day();
    goals.retain(|(name, _)| !["old", "password"].contains(&name.goal.as_str()));
    goals[1].1 = wish(json!({"path": {"path": "/srv/notes", "contains": ["hello"]}}));
    goals.push((name("new"), wish(json!({"account": {"name": "ada", "uid": 7}}))));
    goals.push((name("unasked"), wish(json!({"linger": {"account": "ada"}}))));
    let changes = regraded(&goals);
    let told: Vec<_> = changes
        .iter()
        .map(|change| {
            let what = match &change.what {
                What::Turned { from, to } => format!("{} {}", from.is_fail(), to.is_pass()),
                What::New(verdict) => format!("new {}", verdict.is_fail()),
                What::Kept { verdict, because } => format!("kept {} {}", verdict.is_none(), because.len() == 1),
                What::Gone(verdict) => format!("gone {}", verdict.is_pass()),
                What::Reworded { .. } => "reworded".into(),
            };
            (change.goal.goal.as_str(), what)
        })
        .collect();
    let told: Vec<_> = told.iter().map(|(goal, what)| (*goal, what.as_str())).collect();
    assert_eq!(
        told,
        [
            ("notes", "true true"),
            ("new", "new true"),
            ("unasked", "kept true true"),
            ("password", "gone true"),
            ("old", "gone true"),
        ]
    );
}

#[test]
fn the_same_answer_in_other_words_is_told_apart_from_another_answer() {
    let mut goals = day();
    goals.truncate(2);
    goals[1].1 = wish(json!({"path": {"path": "/srv/notes", "contains": ["helllo"]}}));
    let changes = regraded(&goals);
    assert!(
        matches!(&changes[0], Change { goal, what: What::Reworded { .. } } if goal == &name("notes")),
        "{changes:?}"
    );
}

#[test]
fn evidence_is_kept_whole_for_its_owner_and_found_by_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let within = folder.path().join("testimony");
    let evidence = evidence();
    let digest = evidence.keep(&within).unwrap();
    assert_eq!(evidence.keep(&within).unwrap(), digest, "it may be kept twice");
    let read = Evidence::read(&within, &digest).unwrap();
    assert_eq!(read, evidence);
    let path = within.join(format!("{digest}.json"));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(&within).unwrap().count(), 1);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("$y$") && !text.contains("conuser1"), "{text}");
    for altered in [text.replace("hello", "helo!"), String::new(), format!("{text} ")] {
        fs::write(&path, altered).unwrap();
        assert!(matches!(Evidence::read(&within, &digest), Err(Error::Altered(_))));
    }
    assert!(matches!(Evidence::read(&within, "../../etc/passwd"), Err(Error::File(..))));
}

#[test]
fn evidence_of_another_version_is_refused_and_what_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |json: &serde_json::Value| {
        let json = json.to_string();
        let digest = digest(json.as_bytes());
        fs::write(place(folder.path(), &digest), json).unwrap();
        Evidence::read(folder.path(), &digest)
    };
    let good = serde_json::to_value(evidence()).unwrap();
    assert!(write(&good).is_ok());
    let mut newer = good.clone();
    newer["version"] = json!(2);
    assert!(matches!(write(&newer), Err(Error::Newer(_, 2))));
    newer["shape"] = json!("round");
    assert!(matches!(write(&newer), Err(Error::Newer(_, 2))));
    let mut within = good.clone();
    within["testimony"]["version"] = json!(3);
    assert!(matches!(write(&within), Err(Error::Newer(_, 3))));
    let mut broken = good;
    broken["testimony"]["facts"] = json!([]);
    assert!(matches!(write(&broken), Err(Error::Broken(..))));
    assert!(matches!(write(&json!([])), Err(Error::Broken(..))));
}
