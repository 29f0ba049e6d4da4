//! Goals that hold on every machine or on none, and goals that were asked before. Folds what is certain by inspection; pure.

use std::collections::BTreeMap;

use checkers::Check;
use serde_json::Value;

use super::doubt::Doubt;
use super::finding::{Loose, doubt, is_enough};
use super::rules::{Page, checks};
use crate::lesson::reading::Lines;

/// Keys that say what is looked at, and wish nothing of it.
const NAMING: &[&str] = &["name", "path", "account", "as", "user", "exists"];
/// What is on every machine.
const EVERYWHERE: &[&str] = &[
    "/",
    "/etc",
    "/etc/passwd",
    "/etc/group",
    "/home",
    "/root",
    "/tmp",
    "/usr",
    "/var",
    "/proc",
    "/sys",
    "/dev",
    "/dev/null",
];
/// Checks whose answer stays as it is when nobody undoes it.
const LASTING: &[&str] = &["account", "group", "image", "package", "password", "path", "unit-file"];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ever {
    Always(String),
    Never(String),
    Open,
}

pub(super) fn look(page: &Page<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    let mut before: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines = None;
    for goal in page.steps().iter().flat_map(|step| &step.value.goals) {
        if is_enough(&found) {
            break;
        }
        for check in checks(&goal.value) {
            match ever(&check.value) {
                Ever::Always(why) => {
                    found.push(doubt(page.place(check, check.value.name()), Doubt::CannotFail { why }))
                }
                Ever::Never(why) => found.push(doubt(page.place(check, check.value.name()), Doubt::CannotPass { why })),
                Ever::Open => {}
            }
            for pattern in check.value.singles().into_iter().flat_map(patterns) {
                if matches_all(pattern) {
                    let place = page.place(check, pattern);
                    found.push(doubt(place, Doubt::MatchesAll { pattern: pattern.clone() }));
                }
            }
            if let Some(pattern) = check.value.singles().into_iter().find_map(without_words) {
                found.push(doubt(page.place(check, pattern), Doubt::NoWords { pattern: pattern.clone() }));
            }
        }
        let Some(check) = goal.value.check.as_ref().filter(|check| LASTING.contains(&check.value.name())) else {
            continue;
        };
        let Ok(wish) = serde_json::to_string(&check.value) else { continue };
        if let Some(start) = before.get(&wish) {
            let line = lines.get_or_insert_with(|| Lines::of(page.text)).place(*start).0;
            found.push(doubt(page.place(check, check.value.name()), Doubt::AskedBefore { line }));
        } else {
            before.insert(wish, check.start);
        }
    }
    found
}

/// Texts that no pattern with a meaning of its own matches all of.
fn matches_all(pattern: &str) -> bool {
    let built = regex::RegexBuilder::new(pattern).multi_line(true).size_limit(1 << 20).build();
    built.is_ok_and(|built| ["", "q", "7 #", "\n\u{e9}\n"].iter().all(|text| built.is_match(text)))
}

/// The first pattern of a command's output that nobody has said in words, and that is none itself.
fn without_words(check: &Check) -> Option<&String> {
    let Check::Command(command) = check else { return None };
    let is_code = |pattern: &&String| pattern.contains(['\\', '[', '(', '|', '^', '$', '*', '+', '?']);
    command.output.iter().find(is_code).filter(|_| command.shows.is_none())
}

fn patterns(check: &Check) -> &[String] {
    match check {
        Check::Command(command) => &command.output,
        Check::Path(path) => &path.matches,
        _ => &[],
    }
}

fn ever(check: &Check) -> Ever {
    match check {
        Check::Not(inner) => match ever(inner) {
            Ever::Always(why) => Ever::Never(why),
            Ever::Never(why) => Ever::Always(why),
            Ever::Open => Ever::Open,
        },
        Check::Within(timed) | Check::For(timed) => ever(&timed.check),
        Check::All(parts) => together(parts, |ever| matches!(ever, Ever::Never(_)), Ever::Never),
        Check::Any(parts) => together(parts, |ever| matches!(ever, Ever::Always(_)), Ever::Always),
        single => alone(single),
    }
}

/// `decides` is the answer of one part that decides the whole; a part beside its own opposite decides it too.
fn together(parts: &[Check], decides: fn(&Ever) -> bool, opposites: fn(String) -> Ever) -> Ever {
    let each: Vec<Ever> = parts.iter().map(ever).collect();
    if let Some(decided) = each.iter().find(|ever| decides(ever)) {
        return decided.clone();
    }
    let opposed = |part: &Check| matches!(part, Check::Not(inner) if parts.contains(inner));
    if parts.len() <= 100 && parts.iter().any(opposed) {
        return opposites("a check stands beside its own opposite".to_owned());
    }
    match each.first() {
        Some(first) if each.iter().all(|ever| *ever != Ever::Open) => first.clone(),
        _ => Ever::Open,
    }
}

fn alone(check: &Check) -> Ever {
    let Ok(Value::Object(map)) = serde_json::to_value(check) else { return Ever::Open };
    let Some((name, Value::Object(wish))) = map.iter().next() else { return Ever::Open };
    let more = wish.keys().find(|key| !NAMING.contains(&key.as_str()));
    let exists = wish.get("exists").and_then(Value::as_bool);
    let text = |key: &str| wish.get(key).and_then(Value::as_str).unwrap_or_default();
    match (exists, more) {
        (Some(false), Some(more)) => Ever::Never(format!("what is not there has no `{more}`")),
        (Some(exists), None) => {
            let there = match name.as_str() {
                "account" => text("name") == "root",
                "path" => EVERYWHERE.contains(&text("path")),
                _ => false,
            };
            let thing = if name == "path" { text("path") } else { text("name") };
            match (there, exists) {
                (true, true) => Ever::Always(format!("every machine has {thing}")),
                (true, false) => Ever::Never(format!("every machine has {thing}")),
                _ => Ever::Open,
            }
        }
        _ => Ever::Open,
    }
}
