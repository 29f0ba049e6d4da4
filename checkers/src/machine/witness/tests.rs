//! Cases of writing down and judging again. That each check says the same on record is tried by that check's own cases.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::machine::Recorded;
use crate::{CommandFact, judge};

fn wish(json: serde_json::Value) -> Check {
    serde_json::from_value(json).unwrap()
}

/// The verdict of the day, and the one on record after a round trip.
fn both(check: &Check, machine: &Recorded, context: &Context) -> (Verdict, Rejudged) {
    let (mut verdicts, testimony) = testify(std::slice::from_ref(check), machine, context);
    let testimony = Testimony::read(&serde_json::to_vec(&testimony).unwrap()).unwrap();
    (verdicts.pop().unwrap(), Replay::new(&testimony).judge(Some(0), check))
}

fn is_running(active: &str) -> Recorded {
    let state = Value::Text(active.into());
    Recorded::new().account("a", 1001).unit(Bus::System, "x.service", &[("ActiveState", state)])
}

#[test]
fn what_changes_while_somebody_waits_changes_on_record_too() {
    let machine = || is_running("activating").later(Duration::from_millis(350), is_running("active"));
    let unit = json!({"unit": {"name": "x.service", "active": "active"}});
    let context = Context { patience: crate::time::Span(Duration::from_secs(5)), ..Context::default() };
    for check in [
        wish(json!({"within": {"time": "2s", "check": unit}})),
        // The look that passes is the last for which there is time.
        wish(json!({"within": {"time": "400ms", "check": unit}})),
        wish(json!({"within": {"time": "200ms", "check": unit}})),
        wish(json!({"for": {"time": "200ms", "check": {"not": unit}}})),
        wish(json!({"for": {"time": "600ms", "check": {"not": unit}}})),
        wish(
            json!({"any": [{"for": {"time": "1s", "check": {"not": unit}}}, {"within": {"time": "1s", "check": unit}}]}),
        ),
        wish(json!({"all": [unit, {"within": {"time": "1s", "check": unit}}, {"account": {"name": "a"}}]})),
    ] {
        let plain = judge(&check, &machine(), &context);
        let (verdict, again) = both(&check, &machine(), &context);
        assert_eq!(verdict, plain);
        assert_eq!(again, Rejudged { verdict, gaps: vec![] }, "{check:?}");
    }
}

#[test]
fn a_wall_clock_that_was_set_back_is_read_again_as_it_was() {
    /// Each reading of the clock is 0.4 s after the one before, and the third is long ago. From the second look on it is active.
    struct Leaping(u64, bool);
    impl Testify for Leaping {
        fn look(&mut self, check: &Check, context: &Context) -> (Verdict, Seen) {
            let machine = is_running(if self.1 { "active" } else { "failed" });
            self.1 = true;
            depose(check, &machine, context, &Cell::new(MOST))
        }
        fn now(&mut self) -> u64 {
            self.0 += 1;
            if self.0 == 3 { 5 } else { 10_000_000 + self.0 * 400_000 }
        }
        fn pause(&mut self, _: Duration) {}
    }
    let unit = json!({"unit": {"name": "x.service", "active": "active"}});
    let context = Context { patience: crate::time::Span(Duration::from_secs(5)), ..Context::default() };
    for (time, passes) in [("450ms", true), ("400ms", false)] {
        let check = wish(json!({"within": {"time": time, "check": unit}}));
        let mut testimony = Testimony::new(std::slice::from_ref(&check), &context);
        let verdict = testify_with(&check, &mut Leaping(0, false), &context, &mut testimony, 0);
        assert_eq!(verdict.is_pass(), passes);
        assert_eq!(Replay::new(&testimony).judge(Some(0), &check), Rejudged { verdict, gaps: vec![] });
    }
}

#[test]
fn what_nobody_asked_for_is_a_gap_and_what_another_look_saw_is_none() {
    let machine = is_running("active").file("/srv/x", "hello\n");
    let day = [
        wish(json!({"unit": {"name": "x.service", "active": "active"}})),
        wish(json!({"account": {"name": "a"}})),
        wish(json!({"path": {"path": "/srv/x", "kind": "file"}})),
    ];
    let (_, testimony) = testify(&day, &machine, &Context::default());
    let replay = Replay::new(&testimony);
    let again = |nth, json| replay.judge(Some(nth), &wish(json));
    let mended = again(0, json!({"unit": {"name": "x.service", "active": "failed"}}));
    assert!(mended.gaps.is_empty() && mended.verdict.is_fail(), "{mended:?}");
    let moved = again(0, json!({"path": {"path": "/srv/x", "kind": "directory"}}));
    assert!(moved.gaps.is_empty() && moved.verdict.is_fail(), "{moved:?}");
    let wider = again(0, json!({"unit": {"name": "x.service", "sub": "running"}}));
    assert_eq!(wider.gaps, [Gap::NotOnRecord("x.service SubState".into())]);
    let text = again(2, json!({"path": {"path": "/srv/x", "contains": ["hello"]}}));
    assert_eq!(text.gaps, [Gap::NotOnRecord("what stands in /srv/x".into())]);
    let nowhere = replay.judge(None, &day[1]);
    assert!(nowhere.gaps.is_empty() && nowhere.verdict.is_pass(), "{nowhere:?}");
    let new = replay.judge(None, &wish(json!({"account": {"name": "b"}})));
    assert_eq!(new.gaps, [Gap::NotOnRecord("account b".into())]);
}

#[test]
fn one_account_s_eyes_do_not_answer_for_another_s() {
    let machine = Recorded::new().account("a", 1001).account("b", 1002).directory("/srv/x");
    let path = |account: &str| wish(json!({"path": {"path": "/srv/x", "as": account}}));
    let (_, testimony) = testify(&[path("a")], &machine, &Context::default());
    let replay = Replay::new(&testimony);
    assert!(replay.judge(Some(0), &path("a")).gaps.is_empty());
    assert_eq!(replay.judge(Some(0), &path("b")).gaps, [Gap::NotOnRecord("/srv/x".into())]);
    assert!(
        replay.judge(None, &wish(json!({"account": {"name": "a"}}))).gaps.len() == 1,
        "its account was not asked for"
    );
}

#[test]
fn a_password_is_judged_and_never_written() {
    let hash = "$y$j9T$abcdefghijklmnop$Qnqnb9TM8w/vo9ztBoRDg09Zl4x.Iindhg/.zM6DI//";
    let machine = Recorded::new().account("a", 1001).file("/etc/shadow", format!("a:{hash}:20780:0:99999:7:::\n"));
    let check = wish(json!({"password": {"account": "a", "is": "conuser1"}}));
    let (verdicts, testimony) = testify(std::slice::from_ref(&check), &machine, &Context::default());
    assert!(verdicts[0].is_pass());
    let json = serde_json::to_string(&testimony).unwrap();
    assert!(!json.contains("$y$") && !json.contains("conuser1") && json.contains("secret"), "{json}");
    let again = Replay::new(&testimony).judge(Some(0), &check);
    assert_eq!(again.gaps, [Gap::Left(Left::Secret, "what stands in /etc/shadow".into())]);
}

#[test]
fn of_what_was_typed_only_what_a_wish_is_about_is_kept() {
    let fact = |line: &str, output: &str| CommandFact {
        line: line.into(),
        status: Some(0),
        output: output.into(),
        account: None,
    };
    let commands = vec![fact("echo a:pw | chpasswd", ""), fact("ls -l", "file"), fact("cat notes", "private")];
    let context = Context { commands, ..Context::default() };
    let machine = Recorded::new().account("a", 1001);
    let written = |check: &Check, context: &Context| {
        let (_, testimony) = testify(std::slice::from_ref(check), &machine, context);
        serde_json::to_string(&testimony).unwrap()
    };
    let state = written(&wish(json!({"account": {"name": "a"}})), &context);
    assert!(!state.contains("ls -l") && !state.contains("notes"), "{state}");
    let ls = wish(json!({"command": {"run": "ls", "output": ["^file$"]}}));
    let about = written(&ls, &context);
    assert!(about.contains("ls -l") && about.contains("cat notes"), "{about}");
    assert!(!about.contains("private") && !about.contains("chpasswd"), "{about}");
    let (verdict, again) = both(&ls, &machine, &context);
    assert_eq!(again, Rejudged { verdict, gaps: vec![] });
    let hash = "$6$saltsaltsalt$x49rFN6fV2xUyay4m9XNEOQijhFg17mWn4UOeK7EKX8";
    let shadow = Context { commands: vec![fact("cat /etc/shadow", hash)], ..Context::default() };
    let cat = wish(json!({"command": {"run": "cat"}}));
    assert!(!written(&cat, &shadow).contains("$6$"));
    assert_eq!(both(&cat, &machine, &shadow).1.gaps, [Gap::Left(Left::Secret, "what commands printed".into())]);
}

#[test]
fn what_is_written_has_a_limit_and_what_is_beyond_it_is_a_gap() {
    let mut machine = Recorded::new();
    let names: Vec<String> = (0..20).map(|nth| format!("/srv/{nth}")).collect();
    for name in &names {
        machine = machine.file(name, "x".repeat(200 << 10));
    }
    let machine = machine.file("/srv/large", "x".repeat(300 << 10));
    let check = |name: &str| wish(json!({"path": {"path": name, "contains": ["x"]}}));
    let checks: Vec<Check> = ["/srv/large"].into_iter().chain(names.iter().map(String::as_str)).map(check).collect();
    let (verdicts, testimony) = testify(&checks, &machine, &Context::default());
    assert!(verdicts.iter().all(Verdict::is_pass));
    assert!(serde_json::to_vec(&testimony).unwrap().len() < MOST + (64 << 10));
    let replay = Replay::new(&testimony);
    let gaps = |nth: usize| replay.judge(Some(nth), &checks[nth]).gaps;
    assert_eq!(gaps(1), []);
    for nth in [0, 20] {
        assert!(matches!(gaps(nth).as_slice(), [Gap::Left(Left::TooLarge, _)]), "{:?}", gaps(nth));
    }
}

#[test]
fn names_and_places_that_are_no_text_can_be_written() {
    use std::os::unix::ffi::OsStrExt;
    let odd = Path::new(std::ffi::OsStr::from_bytes(b"/srv/\xff"));
    let machine = Recorded::new().file(odd, "x").link("/srv/link", odd);
    let (check, room) = (wish(json!({"path": {"path": "/srv"}})), Cell::new(MOST));
    let single = check.single().unwrap();
    let witness = Witness { machine: &machine, single, seen: RefCell::default(), room: &room };
    assert_eq!(witness.list(Path::new("/srv")).unwrap().len(), 2);
    assert_eq!(witness.read_link(Path::new("/srv/link")).unwrap(), odd);
    assert_eq!(witness.read(odd, 9).unwrap(), b"x");
    let seen = witness.seen.into_inner();
    let again: Seen = serde_json::from_str(&serde_json::to_string(&seen).unwrap()).unwrap();
    assert_eq!(again, seen);
    let (_, Answer::Target(target)) = &again.facts[1] else { panic!("{again:?}") };
    assert_eq!(target.path(), odd);
}

#[test]
fn another_version_is_refused_and_a_broken_one_named() {
    let (_, testimony) = testify(&[], &Recorded::new(), &Context::default());
    let mut json = serde_json::to_value(&testimony).unwrap();
    let read = |json: &serde_json::Value| Testimony::read(json.to_string().as_bytes());
    assert!(read(&json).is_ok());
    json["looks"] = json!([{"wish": 0, "eyes": "root", "facts": [7]}]);
    assert!(matches!(read(&json), Err(Unreadable::Broken(_))));
    json["version"] = json!(2);
    json["new-in-two"] = json!(true);
    assert_eq!(read(&json), Err(Unreadable::Newer(2)));
    assert!(matches!(Testimony::read(b"{"), Err(Unreadable::Broken(_))));
}

#[test]
fn the_text_of_a_file_and_the_facts_in_it_are_two_things() {
    const LIST: &str = "/home/a/.local/share/containers/storage/overlay-containers/containers.json";
    let machine = Recorded::new().account("a", 1001).file(LIST, r#"[ {"id": "aa", "names": ["web"], "flags": {}} ]"#);
    let container = wish(json!({"container": {"account": "a", "name": "web"}}));
    let text = |part: &str| wish(json!({"path": {"path": LIST, "as": "a", "contains": [part]}}));
    let (verdicts, testimony) = testify(&[container.clone(), text("flags")], &machine, &Context::default());
    let replay = Replay::new(&testimony);
    for (nth, check) in [(0, container.clone()), (1, text("flags"))] {
        assert_eq!(replay.judge(Some(nth), &check), Rejudged { verdict: verdicts[nth].clone(), gaps: vec![] });
    }
    let (_, facts) = testify(&[container], &machine, &Context::default());
    let again = Replay::new(&facts).judge(Some(0), &text("flags"));
    assert!(!again.gaps.is_empty(), "{again:?}");
}
