//! Cases of the combinators: how verdicts combine, wait and stay. Looks at recorded machines only.

use super::*;
use crate::catalogue::Timed;
use crate::checks::path::Path;
use crate::time::Span;
use crate::verdict::Evidence;

/// Answers each look from a script by the path asked for: `p`, `f`, `u`; the last letter stays. Time moves only by pauses.
#[derive(Default)]
struct Script {
    looks: BTreeMap<String, usize>,
    clock: u64,
}

impl Ask for Script {
    fn look(&mut self, check: &Check, _: &Context) -> Verdict {
        let Check::Path(Path { path, .. }) = check else { panic!("only paths here") };
        let turn = self.looks.entry(path.clone()).or_default();
        let letter = path.chars().nth(*turn).or(path.chars().last()).unwrap();
        *turn += 1;
        let evidence = Evidence::file("/x", format!("saw {letter}"));
        match letter {
            'p' => Verdict::Pass {
                evidence: vec![evidence],
                remember: BTreeMap::from([("id".to_owned(), "1".to_owned())]),
            },
            'f' => Verdict::fail("good", "bad", evidence),
            _ => Verdict::unknown("closed"),
        }
    }
    fn now(&mut self) -> u64 {
        self.clock
    }
    fn pause(&mut self, time: Duration) {
        self.clock += u64::try_from(time.as_micros()).unwrap();
    }
}

fn one(path: &str) -> Check {
    Check::Path(Path { path: path.into(), exists: true, ..Path::default() })
}
fn timed(time: &str, check: Check) -> Timed {
    Timed { time: time.parse().unwrap(), check: Box::new(check) }
}
fn judged(check: &Check, patience: u64) -> (char, u64) {
    let mut script = Script::default();
    let context = Context { patience: Span(Duration::from_millis(patience)), ..Context::default() };
    let verdict = judge_with(check, &mut script, &context);
    (letter(&verdict), script.clock / 1000)
}
fn letter(verdict: &Verdict) -> char {
    match verdict {
        Verdict::Pass { evidence, .. } => {
            assert!(!evidence.is_empty(), "a pass that rests on nothing");
            'p'
        }
        Verdict::Fail { .. } => 'f',
        Verdict::Unknown { .. } => 'u',
    }
}

#[test]
fn the_table_of_all_any_and_not() {
    for (members, all, any) in [
        ("", 'u', 'u'),
        ("p", 'p', 'p'),
        ("f", 'f', 'f'),
        ("u", 'u', 'u'),
        ("pp", 'p', 'p'),
        ("pf", 'f', 'p'),
        ("fp", 'f', 'p'),
        ("ff", 'f', 'f'),
        ("pu", 'u', 'p'),
        ("up", 'u', 'p'),
        ("uf", 'f', 'u'),
        ("fu", 'f', 'u'),
        ("uu", 'u', 'u'),
    ] {
        let checks: Vec<Check> = members.chars().map(|c| one(&c.to_string())).collect();
        let flipped = |c| match c {
            'p' => 'f',
            'f' => 'p',
            _ => 'u',
        };
        assert_eq!(judged(&Check::All(checks.clone()), 0).0, all, "all {members}");
        assert_eq!(judged(&Check::Any(checks.clone()), 0).0, any, "any {members}");
        assert_eq!(judged(&Check::Not(Box::new(Check::All(checks.clone()))), 0).0, flipped(all), "not all {members}");
        assert_eq!(judged(&Check::Not(Box::new(Check::Any(checks))), 0).0, flipped(any), "not any {members}");
    }
}

#[test]
fn within_looks_again_every_100_ms_until_the_time_or_the_patience_is_over() {
    for (looks, time, patience, verdict, clock) in [
        ("p", "10s", 0, 'p', 0),
        ("f", "10s", 0, 'f', 0),
        ("ffp", "10s", 20_000, 'p', 200),
        ("uup", "10s", 20_000, 'p', 200),
        ("f", "1s", 20_000, 'f', 1000),
        ("f", "10s", 250, 'f', 250),
        ("u", "1s", 20_000, 'u', 1000),
        ("fffp", "250ms", 9_000, 'p', 250),
    ] {
        let check = Check::Within(timed(time, one(looks)));
        assert_eq!(judged(&check, patience), (verdict, clock), "{looks} within {time}, patience {patience}");
    }
}

#[test]
fn for_is_green_only_when_it_was_so_all_the_time() {
    for (looks, time, patience, verdict, clock) in [
        ("p", "500ms", 1000, 'p', 500),
        ("p", "500ms", 500, 'p', 500),
        ("p", "500ms", 499, 'u', 0),
        ("p", "5s", 0, 'u', 0),
        ("p", "0ms", 0, 'p', 0),
        ("f", "5s", 0, 'f', 0),
        ("u", "5s", 0, 'u', 0),
        ("pppf", "500ms", 1000, 'f', 300),
        ("ppu", "500ms", 1000, 'u', 200),
    ] {
        let check = Check::For(timed(time, one(looks)));
        assert_eq!(judged(&check, patience), (verdict, clock), "{looks} for {time}, patience {patience}");
    }
}

#[test]
fn the_patience_is_shared_by_all_that_waits() {
    let slow = || Check::Within(timed("10s", one("f")));
    assert_eq!(judged(&Check::All(vec![slow(), slow(), slow()]), 2000), ('f', 2000));
    let nested = Check::Within(timed("5s", Check::For(timed("300ms", one("pfp")))));
    assert_eq!(judged(&nested, 9000), ('p', 500));
}

#[test]
fn a_pass_keeps_what_is_to_be_remembered_and_not_drops_it() {
    let mut script = Script::default();
    let context = Context::default();
    let all = judge_with(&Check::All(vec![one("p")]), &mut script, &context);
    assert!(matches!(&all, Verdict::Pass { remember, .. } if remember["id"] == "1"));
    let twice = Check::Not(Box::new(Check::Not(Box::new(one("p")))));
    let twice = judge_with(&twice, &mut script, &context);
    assert!(matches!(&twice, Verdict::Pass { remember, evidence } if remember.is_empty() && evidence.len() == 1));
}

#[test]
fn a_fail_says_wanted_and_found_of_each_and_keeps_all_evidence() {
    let all = all(vec![
        Verdict::pass(Evidence::file("/p", "fine")),
        Verdict::fail("a", "b", Evidence::file("/a", "b")).see("ls /a"),
        Verdict::fail("c", "d", Evidence::file("/c", "d")).see("ls /c"),
        Verdict::unknown("closed"),
    ]);
    assert_eq!(all.evidence().len(), 3);
    let Verdict::Fail { wanted, found, see, .. } = all else { panic!() };
    assert_eq!((wanted.as_str(), found.as_str(), see.as_deref()), ("a; c", "b; d", Some("ls /a")));
    // The evidence says how it was seen; the words are those of the wish.
    let wish: Check = serde_json::from_str(r#"{"path":{"path":"/p","kind":"file"}}"#).unwrap();
    let Verdict::Fail { wanted, found, .. } = not(&wish, Verdict::pass(Evidence::file("/p", "seen"))) else { panic!() };
    assert_eq!((wanted.as_str(), found.as_str()), ("not: path /p, kind file", "path /p, kind file"));
}

/// Writes down the order of looks, all of which find the same.
struct Order(Vec<String>, char);

impl Ask for Order {
    fn look(&mut self, check: &Check, context: &Context) -> Verdict {
        let Check::Path(Path { path, .. }) = check else { panic!("only paths here") };
        self.0.push(path.clone());
        Script::default().look(&one(&self.1.to_string()), context)
    }
    fn now(&mut self) -> u64 {
        0
    }
    fn pause(&mut self, _: Duration) {
        self.0.push("later".into());
    }
}

#[test]
fn the_looks_that_are_sure_come_first_whatever_they_find() {
    let parts = || {
        [
            one("a"),
            Check::Not(Box::new(one("b"))),
            Check::All(vec![one("c"), one("d")]),
            Check::Any(vec![one("e"), one("f")]),
            Check::Within(timed("200ms", one("g"))),
            Check::For(timed("200ms", one("h"))),
            Check::All(vec![]),
        ]
    };
    let pairs = parts().into_iter().flat_map(|left| parts().map(|right| (left.clone(), right)));
    let whole = pairs.flat_map(|(left, right)| {
        let both = vec![left, right];
        let within = Check::Within(timed("300ms", Check::All(both.clone())));
        [Check::All(both.clone()), Check::Any(both.clone()), Check::Not(Box::new(Check::All(both))), within]
    });
    let context = Context { patience: Span(Duration::from_secs(1)), ..Context::default() };
    for check in whole.chain(parts()) {
        let names = sure_looks(&check).into_iter().map(|look| match look {
            Check::Path(Path { path, .. }) => path.clone(),
            _ => panic!("{look:?} is no single look"),
        });
        let sure: Vec<String> = names.collect();
        for found in ['p', 'f', 'u'] {
            let mut order = Order(Vec::new(), found);
            judge_with(&check, &mut order, &context);
            assert!(order.0.starts_with(&sure), "{check:?}: {sure:?} and {:?}", order.0);
        }
    }
    let sure = |check| sure_looks(&check).len();
    assert_eq!(parts().map(sure), [1, 1, 2, 1, 1, 1, 0]);
    assert_eq!(sure(Check::All(vec![one("a"), Check::Not(Box::new(one("b"))), one("c")])), 3);
    assert_eq!(sure(Check::All(vec![Check::Within(timed("1s", one("a"))), one("b")])), 1);
}
