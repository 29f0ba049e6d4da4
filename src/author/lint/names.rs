//! A solution that cannot satisfy its own goals, seen by comparing names, modes and programs: the most common fault in the field. Pure.

use std::collections::BTreeSet;

use checkers::Check;
use serde_json::Value;

use super::doubt::Doubt;
use super::finding::{Loose, doubt};
use super::rules::Page;
use super::words::{names, stem, words};
use crate::lesson::reading::{StepForm, nearest};

/// Commands whose last word names what they make.
const MAKERS: &[(&str, &str)] = &[("useradd", "account"), ("adduser", "account"), ("groupadd", "group")];

pub(super) fn look(page: &Page<'_>) -> Vec<Loose> {
    let goals = || page.steps().iter().flat_map(|step| &step.value.goals).filter_map(|goal| goal.value.check.as_ref());
    let mut known: BTreeSet<String> = page.accounts().into_iter().map(str::to_owned).collect();
    for wish in goals().flat_map(|check| wishes(&check.value)) {
        known.insert(stem(&wish.name).to_owned());
        known.insert(wish.name);
    }
    let mut said = BTreeSet::new();
    let mut found = Vec::new();
    for step in page.steps() {
        let lines: Vec<&str> =
            step.value.solution.iter().flat_map(|way| &way.value.lines).map(|line| line.value.as_str()).collect();
        let here: Vec<&str> = lines.iter().flat_map(|line| words(line)).flat_map(names).collect();
        said.extend(here.iter().map(|name| stem(name).to_owned()));
        said.extend(here.iter().map(|name| (*name).to_owned()));
        if !lines.is_empty() {
            found.extend(of_step(page, &step.value, &lines, &here, &Names { known: &known, said: &said }));
        }
    }
    found
}

/// The names of the lesson so far.
struct Names<'a> {
    /// Declared, or wished somewhere.
    known: &'a BTreeSet<String>,
    /// Said by this solution or one before it.
    said: &'a BTreeSet<String>,
}

fn of_step(page: &Page<'_>, step: &StepForm, lines: &[&str], here: &[&str], all: &Names<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    for check in step.goals.iter().filter_map(|goal| goal.value.check.as_ref()) {
        for wish in wishes(&check.value) {
            let differ = |said: String| Doubt::NamesDiffer { wanted: wish.name.clone(), said };
            if !is_said(&wish.name, all.said) {
                let other = |name: &&str| !all.known.contains(*name) && !all.known.contains(stem(name));
                let near = || nearest(stem(&wish.name), here.iter().copied().filter(other).map(stem));
                if let Some(said) = made(lines, &wish.kind).or_else(near) {
                    found.push(doubt(page.place(check, &wish.name), differ(said)));
                }
            }
            if let Some(mode) = &wish.mode
                && let Some(said) = mode_given(lines, &wish.name).filter(|said| !same_mode(said, mode))
            {
                let differs = Doubt::NamesDiffer { wanted: mode.clone(), said };
                found.push(doubt(page.place(check, mode), differs));
            }
        }
        found.extend(programs(&check.value).into_iter().filter_map(|program| {
            let runs = lines.iter().flat_map(|line| words(line)).any(|word| word.rsplit('/').next() == Some(&program));
            (!runs).then(|| doubt(page.place(check, &program), Doubt::NeverRun { program }))
        }));
    }
    found
}

/// A thing that a check wants to be there under a name.
struct Wish {
    kind: String,
    name: String,
    mode: Option<String>,
}

/// The single checks that have to hold: nothing below `any` and `not`.
fn needed(check: &Check) -> Vec<&Check> {
    match check {
        Check::All(parts) => parts.iter().flat_map(needed).collect(),
        Check::Within(timed) | Check::For(timed) => needed(&timed.check),
        Check::Any(_) | Check::Not(_) => Vec::new(),
        single => vec![single],
    }
}

fn wishes(check: &Check) -> Vec<Wish> {
    needed(check).into_iter().filter_map(wish).flatten().collect()
}

fn wish(check: &Check) -> Option<Vec<Wish>> {
    let Ok(Value::Object(map)) = serde_json::to_value(check) else { return None };
    let (kind, Value::Object(keys)) = map.into_iter().next()? else { return None };
    if keys.get("exists") == Some(&Value::Bool(false)) {
        return None;
    }
    let mode = keys.get("mode").and_then(Value::as_str).map(str::to_owned);
    let texts = ["name", "path", "container", "unit"].iter().filter_map(|key| Some((*key, keys.get(*key)?.as_str()?)));
    let wishes = texts.filter_map(|(key, text)| {
        let name = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text).trim_start_matches('~');
        let name = name.split(':').next().unwrap_or(name);
        let usable = name.chars().count() > 1 && !name.contains(['{', '*']);
        let kind = if key == "container" { "container" } else { kind.as_str() };
        usable.then(|| Wish { kind: kind.to_owned(), name: name.to_owned(), mode: mode.clone() })
    });
    Some(wishes.collect())
}

/// Whether a solution says the name, or what a generated name is made of: `web` for `container-web.service`.
fn is_said(name: &str, said: &BTreeSet<String>) -> bool {
    let whole = stem(name);
    let parts = whole.match_indices('-').flat_map(|(at, _)| [&whole[..at], &whole[at + 1..]]);
    [name, whole].into_iter().chain(parts).any(|part| said.contains(part))
}

/// The name that the lines give to a new thing of that kind, where they give exactly one.
fn made(lines: &[&str], kind: &str) -> Option<String> {
    let mut made = BTreeSet::new();
    for line in lines {
        let words: Vec<&str> = words(line).collect();
        match kind {
            "container" if words.contains(&"podman") && (words.contains(&"run") || words.contains(&"create")) => {
                made.extend(words.windows(2).filter(|pair| pair[0] == "--name").map(|pair| pair[1]));
            }
            _ => {
                let makes = |(command, makes): &(&str, &str)| *makes == kind && words.contains(command);
                made.extend(words.last().filter(|last| MAKERS.iter().any(makes) && !last.starts_with('-')));
            }
        }
    }
    let mut made = made.into_iter();
    made.next().filter(|_| made.next().is_none()).map(str::to_owned)
}

/// The last octal mode that the lines give to a file of that name.
fn mode_given(lines: &[&str], file: &str) -> Option<String> {
    let modes = lines.iter().filter_map(|line| {
        let words: Vec<&str> = words(line).collect();
        let at = words.iter().position(|word| *word == "chmod")?;
        let mode = words[at + 1..].iter().find(|word| !word.starts_with('-'))?;
        let names_it = words[at + 1..].iter().any(|word| word.rsplit('/').next() == Some(file));
        let octal = !mode.is_empty() && mode.bytes().all(|byte| (b'0'..b'8').contains(&byte));
        (names_it && octal).then(|| (*mode).to_owned())
    });
    modes.last()
}

fn same_mode(one: &str, other: &str) -> bool {
    one.trim_start_matches('0') == other.trim_start_matches('0')
}

/// The programs that a goal wants to see run.
fn programs(check: &Check) -> Vec<String> {
    let runs = needed(check).into_iter().filter_map(|check| match check {
        Check::Command(command) => command.run.split_whitespace().next().map(str::to_owned),
        _ => None,
    });
    runs.collect()
}
