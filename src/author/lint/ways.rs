//! Conditions that decide nothing: ways that are never shown, versions that no or every machine has. Pure.

use std::collections::BTreeSet;

use super::doubt::Doubt;
use super::finding::{Loose, doubt};
use super::rules::Page;
use crate::lesson::reading::{NeedsForm, Placed, StepForm};

/// No podman has this major version in the years of this format, and no systemd that one.
const BEYOND: [(&str, u64); 2] = [("podman", 10), ("systemd", 1000)];
/// What the oldest machine has on which a lesson is played (Debian 11).
const OLDEST: [(&str, &str); 2] = [("podman", "3.0"), ("systemd", "247")];

pub(super) fn look(page: &Page<'_>) -> Vec<Loose> {
    let head = page.document.needs.as_ref();
    let mut found = versions(head, None);
    for step in page.steps() {
        found.extend(versions(step.value.needs.as_ref(), head));
        found.extend(ways(&step.value));
    }
    found
}

fn versions(needs: Option<&Placed<NeedsForm>>, head: Option<&Placed<NeedsForm>>) -> Vec<Loose> {
    let mut found = Vec::new();
    for at in 0..BEYOND.len() {
        let (program, beyond) = BEYOND[at];
        let Some(wanted) = needs.and_then(|needs| version(&needs.value, program)) else { continue };
        let Some(numbers) = numbers(&wanted.value) else { continue };
        let (name, version_text) = (program.to_owned(), wanted.value.clone());
        let oldest = OLDEST[at].1;
        let of_head = head.and_then(|head| version(&head.value, program));
        if numbers.first().is_some_and(|major| *major >= beyond) {
            found.push(doubt(wanted.span(), Doubt::NeverHolds { program: name, version: version_text }));
        } else if of_head.and_then(|head| self::numbers(&head.value)).is_some_and(|head| head >= numbers) {
            let why = "the lesson as a whole needs it".to_owned();
            found.push(doubt(wanted.span(), Doubt::AlwaysHolds { program: name, version: version_text, why }));
        } else if self::numbers(oldest).is_some_and(|oldest| oldest >= numbers) {
            let why = format!("the oldest machine has {oldest}");
            found.push(doubt(wanted.span(), Doubt::AlwaysHolds { program: name, version: version_text, why }));
        }
    }
    found
}

fn version<'a>(needs: &'a NeedsForm, program: &str) -> Option<&'a Placed<String>> {
    if program == "podman" { needs.podman.as_ref() } else { needs.systemd.as_ref() }
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

fn ways(step: &StepForm) -> Vec<Loose> {
    let mut found = Vec::new();
    let mut asked = BTreeSet::new();
    let mut always = false;
    for way in &step.solution {
        let when = way.value.when.as_ref().map(|when| {
            let word = |text: &crate::lesson::reading::Text| text.as_ref().map(|text| text.value.clone());
            (word(&when.value.page), word(&when.value.section), word(&when.value.entry))
        });
        let why = match &when {
            _ if always => Some("one before it has no condition"),
            Some(when) if asked.contains(when) => Some("one before it has the same condition"),
            _ => None,
        };
        found.extend(why.map(|why| doubt(way.span(), Doubt::NeverShown { why: why.to_owned() })));
        always |= when.is_none();
        asked.extend(when);
    }
    match step.solution.first() {
        Some(first) if !always => found.push(doubt(first.span(), Doubt::NoWayLeft)),
        _ => {}
    }
    found
}
