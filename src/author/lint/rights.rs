//! Who may do what: root's rights that no account has, and account names that are slips of declared ones. Pure.

use std::collections::BTreeSet;

use checkers::{Check, Eyes};

use super::doubt::Doubt;
use super::finding::{Loose, What, doubt, is_enough};
use super::rules::{Page, checks};
use super::words::{Near, words};
use crate::lesson::ProblemKind;
use crate::lesson::reading::{Role, expected};

pub(super) fn look(page: &Page<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    let is_administrator = |role: Option<Role>| matches!(role, Some(Role::Administrator));
    if !page.document.accounts.iter().any(|account| is_administrator(account.value.role)) {
        // Once: it is one line that is missing in the head.
        found.extend(first_need(page));
    }
    let declared: BTreeSet<&str> = page.accounts().into_iter().collect();
    let mut near = Near::default();
    for goal in page.steps().iter().flat_map(|step| &step.value.goals) {
        if is_enough(&found) {
            break;
        }
        for check in checks(&goal.value) {
            for (name, must_be_declared) in named(&check.value) {
                if name == "root" || name.contains("{{") || declared.contains(name.as_str()) {
                    continue;
                }
                let meant = near.to(&name, declared.iter().copied());
                if must_be_declared {
                    let place = page.place(check, &name);
                    let expected = expected(declared.iter().copied());
                    let what = ProblemKind::UnknownAccount { name, expected, nearest: meant };
                    found.push((place, What::Problem(what), None));
                } else if let Some(meant) = meant {
                    found.push(doubt(page.place(check, &name), Doubt::AccountDiffers { name, meant }));
                }
            }
        }
    }
    found
}

/// The first thing that only root can do or see.
fn first_need(page: &Page<'_>) -> Option<Loose> {
    for step in page.steps() {
        for goal in &step.value.goals {
            for check in goal.value.check.iter() {
                // A shell is looked at with root's eyes where there are any, and otherwise as its own account.
                let needs = |single: &&Check| {
                    !matches!(single, Check::Shell(_)) && single.single().is_some_and(|it| it.eyes() == Eyes::Root)
                };
                if let Some(single) = check.value.singles().into_iter().find(needs) {
                    let name = single.name();
                    let what = format!("`{name}`");
                    return Some(doubt(page.place(check, name), Doubt::NoPrivilege { what }));
                }
            }
        }
        let lines = step.value.solution.iter().flat_map(|way| &way.value.lines);
        if let Some(line) =
            lines.chain(&page.document.clean_up).find(|line| words(&line.value).any(|word| word == "sudo"))
        {
            return Some(doubt(line.span(), Doubt::NoPrivilege { what: "sudo".to_owned() }));
        }
    }
    None
}

/// Accounts that a check names beside the one whose eyes it needs, and whether they have to be declared.
fn named(check: &Check) -> Vec<(String, bool)> {
    let mut named = Vec::new();
    for single in check.singles() {
        let Ok(serde_json::Value::Object(map)) = serde_json::to_value(single) else { continue };
        let Some(serde_json::Value::Object(wish)) = map.values().next() else { continue };
        for (key, value) in wish {
            let texts: Vec<&str> = match value {
                serde_json::Value::String(text) => vec![text],
                serde_json::Value::Array(list) => list.iter().filter_map(|item| item.as_str()).collect(),
                _ => continue,
            };
            match key.as_str() {
                "owner" | "writable-by" | "not-writable-by" => {
                    named.extend(texts.iter().map(|text| ((*text).to_owned(), false)));
                }
                "path" => {
                    named.extend(texts.iter().filter_map(|text| home_of(text)).map(|name| (name.to_owned(), true)))
                }
                _ => {}
            }
        }
    }
    named
}

/// The account in `~name/…`.
fn home_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('~')?;
    let name = rest.split('/').next().unwrap_or(rest);
    (!name.is_empty()).then_some(name)
}
