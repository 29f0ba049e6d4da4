//! A solution that cannot satisfy its own goals, seen by comparing names, modes and programs: the most common fault in the field. Pure.

use std::collections::BTreeSet;

use checkers::Check;
use serde_json::Value;

use super::doubt::Doubt;
use super::finding::{Loose, doubt, is_enough};
use super::rules::Page;
use super::words::{Near, names, stem, words};
use crate::lesson::reading::{Placed, StepForm};

/// Commands whose last word names what they make.
const MAKERS: &[(&str, &str)] = &[("useradd", "account"), ("adduser", "account"), ("groupadd", "group")];

/// The names of a step that nobody writes by hand are not compared: goals times words.
const MOST_PAIRS: usize = 100_000;
/// No file has a longer name.
const MOST_NAME: usize = 255;

pub(super) fn look(page: &Page<'_>) -> Vec<Loose> {
    let mut known: BTreeSet<String> = page.accounts().into_iter().map(str::to_owned).collect();
    let wished: Vec<Vec<Wished<'_>>> = page.steps().iter().map(|step| wished(&step.value)).collect();
    for wish in wished.iter().flatten().flat_map(|wished| &wished.wishes) {
        known.insert(stem(&wish.name).to_owned());
        known.insert(wish.name.clone());
    }
    let mut said = BTreeSet::new();
    let mut found = Vec::new();
    let mut near = Near::default();
    for (step, wished) in page.steps().iter().zip(&wished) {
        let lines = step.value.solution.iter().flat_map(|way| &way.value.lines);
        let lines: Vec<Vec<&str>> = lines.map(|line| words(&line.value).collect()).collect();
        let here: Vec<&str> = lines.iter().flatten().flat_map(|word| names(word)).collect();
        said.extend(here.iter().map(|name| stem(name).to_owned()));
        said.extend(here.iter().map(|name| (*name).to_owned()));
        let wishes: usize = wished.iter().map(|wished| wished.wishes.len() + wished.programs.len()).sum();
        if is_enough(&found) || wishes.saturating_mul(here.len() + lines.len()) > MOST_PAIRS {
            continue;
        }
        if !lines.is_empty() {
            found.extend(of_step(page, wished, &lines, &here, &Names { known: &known, said: &said }, &mut near));
        }
    }
    found
}

/// A check of a step, and what it wants to be there or to be run.
struct Wished<'a> {
    check: &'a Placed<Check>,
    wishes: Vec<Wish>,
    programs: Vec<&'a str>,
}

fn wished(step: &StepForm) -> Vec<Wished<'_>> {
    let checks = step.goals.iter().filter_map(|goal| goal.value.check.as_ref());
    checks.map(|check| Wished { check, wishes: wishes(&check.value), programs: programs(&check.value) }).collect()
}

/// The names of the lesson so far.
struct Names<'a> {
    /// Declared, or wished somewhere.
    known: &'a BTreeSet<String>,
    /// Said by this solution or one before it.
    said: &'a BTreeSet<String>,
}

fn of_step(
    page: &Page<'_>,
    wished: &[Wished<'_>],
    lines: &[Vec<&str>],
    here: &[&str],
    all: &Names<'_>,
    near: &mut Near,
) -> Vec<Loose> {
    let mut found = Vec::new();
    for Wished { check, wishes, programs } in wished {
        for wish in wishes {
            let differ = |said: String| Doubt::NamesDiffer { wanted: wish.name.clone(), said };
            if !is_said(&wish.name, all.said) {
                let other = |name: &&str| !all.known.contains(*name) && !all.known.contains(stem(name));
                let mut near = || near.to(stem(&wish.name), here.iter().copied().filter(other).map(stem));
                if let Some(said) = made(lines, &wish.kind).or_else(&mut near) {
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
        found.extend(programs.iter().filter_map(|program| {
            let runs = lines.iter().flatten().any(|word| word.rsplit('/').next() == Some(program));
            (!runs).then(|| doubt(page.place(check, program), Doubt::NeverRun { program: (*program).to_owned() }))
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
        let usable = name.chars().count() > 1 && name.len() <= MOST_NAME && !name.contains(['{', '*']);
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
fn made(lines: &[Vec<&str>], kind: &str) -> Option<String> {
    let mut made = BTreeSet::new();
    for words in lines {
        match kind {
            "container" if words.contains(&"podman") && (words.contains(&"run") || words.contains(&"create")) => {
                made.extend(words.windows(2).filter(|pair| pair[0] == "--name").map(|pair| pair[1]));
            }
            _ => {
                let makes = |(command, makes): &(&str, &str)| *makes == kind && words.contains(command);
                made.extend(words.last().copied().filter(|last| MAKERS.iter().any(makes) && !last.starts_with('-')));
            }
        }
    }
    let mut made = made.into_iter();
    made.next().filter(|_| made.next().is_none()).map(str::to_owned)
}

/// The last octal mode that the lines give to a file of that name.
fn mode_given(lines: &[Vec<&str>], file: &str) -> Option<String> {
    let mut modes = lines.iter().filter_map(|words| {
        let at = words.iter().position(|word| *word == "chmod")?;
        let mode = words[at + 1..].iter().find(|word| !word.starts_with('-'))?;
        let names_it = words[at + 1..].iter().any(|word| word.rsplit('/').next() == Some(file));
        let octal = !mode.is_empty() && mode.bytes().all(|byte| (b'0'..b'8').contains(&byte));
        (names_it && octal).then(|| (*mode).to_owned())
    });
    modes.next_back()
}

fn same_mode(one: &str, other: &str) -> bool {
    one.trim_start_matches('0') == other.trim_start_matches('0')
}

/// The programs that a goal wants to see run.
fn programs(check: &Check) -> Vec<&str> {
    let runs = needed(check).into_iter().filter_map(|check| match check {
        Check::Command(command) => command.run.split_whitespace().next(),
        _ => None,
    });
    runs.collect()
}
