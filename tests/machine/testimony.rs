//! What is kept of a judging on a real machine: enough to judge again, and no password's hash, whoever's eyes saw it.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use checkers::machine::witness::{Gap, Left, Replay, Testimony, without_secrets};
use checkers::{Check, Verdict};
use rootless_lab::lesson::Shelf;
use serde_json::{Value, json};

use crate::rich::{login, observer, put, root};
use crate::rig::{self, Rig, Skip};

const SETUP: &str = include_str!("../../benches/setup.sh");
/// It stands nowhere else, neither in a name nor in a wish.
const PASSWORD: &str = "Quittengelee-77";

/// The end of the first lesson, with another password than the account's name.
fn finished() -> Result<Rig, Skip> {
    let rig = rig::started(rig::release())?;
    put(&rig, "/opt/setup.sh", SETUP);
    login(&rig, "lisa", &format!("sudo sh /opt/setup.sh accounts; echo 'conuser1:{PASSWORD}' | sudo chpasswd"));
    login(&rig, "conuser1", "sh /opt/setup.sh service");
    Ok(rig)
}

fn facts() -> Vec<Check> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/facts");
    let (lesson, _) = Shelf::default().find(folder).unwrap();
    lesson.steps.into_iter().flat_map(|step| step.goals).map(|goal| goal.check).collect()
}

/// The verdicts and what was seen for them; the answer as it came.
fn testify(rig: &Rig, checks: &[Check], context: &Value) -> (Vec<Verdict>, Testimony, String) {
    let asked = json!({"testify": {"checks": checks, "context": context}});
    let mut said = observer(rig, &[asked]).remove(0);
    let text = said.to_string();
    let mut told = said["testimony"].take();
    let testimony =
        Testimony::read(told["testimony"].to_string().as_bytes()).unwrap_or_else(|why| panic!("{why}: {text}"));
    (serde_json::from_value(told["verdicts"].take()).unwrap(), testimony, text)
}

fn hashes(rig: &Rig) -> Vec<String> {
    let hashes = root(rig, "cut -d: -f2 /etc/shadow | grep '^[^!*]'");
    let hashes: Vec<String> = hashes.lines().map(str::to_owned).collect();
    assert!(!hashes.is_empty() && hashes.iter().all(|hash| hash.starts_with('$')), "{hashes:?}");
    hashes
}

#[test]
fn all_eighteen_facts_are_judged_again_elsewhere_and_no_hash_leaves_the_machine() {
    let Some(rig) = rig::have(finished()) else { return };
    let facts = facts();
    assert_eq!(facts.len(), 18);
    // Somebody is logged in while it is looked at.
    let mut staying = rig.enter_command("conuser1", &["sh", "-c", "echo in; sleep 60"].map(str::to_owned)).unwrap();
    let mut staying = staying.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut said = [0; 2];
    std::io::Read::read_exact(staying.stdout.as_mut().unwrap(), &mut said).unwrap();
    let (verdicts, testimony, text) = testify(&rig, &facts, &json!({}));
    let _ = staying.kill();
    let _ = staying.wait();
    assert!(verdicts.iter().all(Verdict::is_pass), "{verdicts:#?}");
    for never in hashes(&rig).iter().map(String::as_str).chain(["$y$", "$6$", PASSWORD]) {
        assert!(!text.contains(never), "{never} in {text}");
    }
    let replay = Replay::new(&testimony);
    let (mut kept, mut judged) = (Vec::new(), 0);
    for (nth, (check, verdict)) in facts.iter().zip(&verdicts).enumerate() {
        let again = replay.judge(Some(nth), check);
        if again.gaps.is_empty() {
            assert_eq!(&again.verdict, verdict);
            judged += 1;
        }
        kept.extend(again.gaps);
    }
    assert_eq!((judged, kept), (17, vec![Gap::Left(Left::Secret, "what stands in /etc/shadow".into())]));
    assert!(text.len() < 200_000, "{} bytes", text.len());
}

#[test]
fn a_hash_that_somebody_copied_printed_or_linked_to_stays_on_the_machine() {
    let Some(rig) = rig::have(rig::started(rig::release())) else { return };
    root(
        &rig,
        "cd /home/lisa; install -m 644 -o lisa /etc/shadow copy; ln -s copy link; grep lisa /etc/shadow | logger -t leak
        grep lisa: /etc/shadow | cut -d: -f2 | sed 's/^/# /' >>/etc/sudoers
        printf '1 1 1 1 1 echo %s\\n' \"$(grep lisa: /etc/shadow | cut -d: -f2)\" | crontab -u lisa - 2>/dev/null ||
            { mkdir -p /var/spool/cron/crontabs; grep lisa: /etc/shadow | cut -d: -f2 | sed 's/^/1 1 1 1 1 echo /' >/var/spool/cron/crontabs/lisa; }
        ssh-keygen -q -t ed25519 -N '' -f /home/lisa/key; chown lisa /home/lisa/key",
    );
    let hashes = hashes(&rig);
    let checks = [
        json!({"path": {"path": "~/copy", "as": "lisa", "contains": ["lisa"]}}),
        json!({"path": {"path": "~/link", "as": "lisa", "contains": ["lisa"]}}),
        json!({"path": {"path": "~/copy", "as": "lisa", "text": "something else"}}),
        json!({"path": {"path": "~/key", "as": "lisa", "contains": ["KEY"]}}),
        json!({"journal": {"identifier": "leak"}}),
        json!({"sudo-rule": {"account": "lisa", "runs": "/usr/bin/id"}}),
        json!({"cron": {"account": "lisa", "matches": "echo"}}),
        json!({"password": {"account": "lisa", "is": "lisa"}}),
        json!({"command": {"run": "cat", "output": ["lisa"]}}),
    ];
    let checks: Vec<Check> = checks.into_iter().map(|one| serde_json::from_value(one).unwrap()).collect();
    let printed = json!([{"line": "cat copy", "status": 0, "output": format!("lisa:{}:1::::::\n", hashes[0])}]);
    let (verdicts, testimony, _) = testify(&rig, &checks, &json!({"commands": printed}));
    let passed: Vec<bool> = verdicts.iter().map(Verdict::is_pass).collect();
    assert_eq!(passed, [true, true, false, true, true, true, true, true, true], "{verdicts:#?}");
    let kept: Vec<Verdict> = verdicts.into_iter().map(without_secrets).collect();
    let text = serde_json::to_string(&(kept, &testimony)).unwrap();
    for never in hashes.iter().map(String::as_str).chain(["PRIVATE KEY", "$y$"]) {
        assert!(!text.contains(never), "{never} in {text}");
    }
    let replay = Replay::new(&testimony);
    for (nth, check) in checks.iter().enumerate() {
        let gaps = replay.judge(Some(nth), check).gaps;
        assert!(gaps.iter().any(|gap| matches!(gap, Gap::Left(Left::Secret, _))), "{check:?}: {gaps:?}");
    }
}
