//! Fills `{{parameter}}` into every text of a tree. Anything else between braces (`{{.Names}}` for podman) stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::{Found, MOST_PROBLEMS};
use super::problem::{ProblemKind, expected, nearest};
use super::tree::{Node, Value};

/// The key under which the parameters stand.
const KEY: &str = "parameters";
/// The longest value, in bytes: a value stands in many texts, and their sum must stay small.
const MOST_VALUE: usize = 128;
const TOO_LONG: &str = "a parameter's value has at most 128 bytes";

/// Fills the parameters in: those of the file, with the given ones in their place.
pub(super) fn fill(tree: &mut Node, text: &str, given: &BTreeMap<String, String>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut names = BTreeMap::new();
    let mut places = BTreeMap::new();
    let Value::Map(entries) = &mut tree.value else { return Vec::new() };
    for (_, node) in entries.iter().filter(|(key, _)| key.name == KEY) {
        let Value::Map(parameters) = &node.value else { continue };
        for (key, parameter) in parameters {
            places.insert(key.name.clone(), key.span.clone());
            let value = value_of(parameter, text);
            if value.len() > MOST_VALUE {
                found.push((parameter.span.clone(), ProblemKind::WrongValue { why: TOO_LONG.to_owned() }));
            } else {
                names.insert(key.name.clone(), value);
            }
        }
    }
    for (name, value) in given {
        if let Some(old) = names.get_mut(name) {
            old.clone_from(value);
        }
    }
    let mut filling = Filling { text, names: &names, used: BTreeSet::new(), found };
    for (_, node) in entries.iter_mut().filter(|(key, _)| key.name != KEY) {
        filling.node(node);
    }
    let Filling { used, mut found, .. } = filling;
    let unused = |name: &String| ProblemKind::UnusedParameter { name: name.clone() };
    let not_used = places.iter().filter(|(name, _)| !used.contains(*name));
    found.extend(not_used.map(|(name, place)| (place.clone(), unused(name))));
    let bad = places.iter().filter(|(name, _)| !is_name(name));
    found.extend(bad.map(|(name, place)| (place.clone(), ProblemKind::BadId { id: name.clone() })));
    found
}

/// Fills these values into every text of a tree that has no parameters of its own; those that are not known are told.
pub(super) fn fill_texts(tree: &mut Node, text: &str, names: &BTreeMap<String, String>) -> Vec<Found> {
    let mut filling = Filling { text, names, used: BTreeSet::new(), found: Vec::new() };
    filling.node(tree);
    filling.found
}

fn value_of(parameter: &Node, text: &str) -> String {
    let Value::Map(entries) = &parameter.value else { return String::new() };
    match entries.iter().find(|(key, _)| key.name == "value").map(|(_, node)| node) {
        Some(Node { value: Value::Text(value), .. }) => value.clone(),
        Some(Node { value: Value::Whole(_) | Value::Float(_), span }) => {
            text.get(span.clone()).unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}

pub(crate) fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

struct Filling<'a> {
    text: &'a str,
    names: &'a BTreeMap<String, String>,
    used: BTreeSet<String>,
    found: Vec<Found>,
}

impl Filling<'_> {
    fn node(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Text(value) if value.contains("{{") => {
                let filled = self.filled(value, node.span.clone());
                *value = filled;
            }
            Value::List(list) => list.iter_mut().for_each(|item| self.node(item)),
            Value::Map(entries) => entries.iter_mut().for_each(|(_, value)| self.node(value)),
            _ => {}
        }
    }

    fn filled(&mut self, value: &str, span: std::ops::Range<usize>) -> String {
        let mut out = String::with_capacity(value.len());
        let mut rest = value;
        while let Some(open) = rest.find("{{") {
            out.push_str(&rest[..open]);
            rest = &rest[open..];
            let Some(close) = rest.find("}}") else { break };
            let name = &rest[2..close];
            if is_name(name) {
                match self.names.get(name) {
                    Some(value) => {
                        out.push_str(value);
                        self.used.insert(name.to_owned());
                    }
                    None => {
                        out.push_str(&rest[..close + 2]);
                        self.unknown(name, span.clone());
                    }
                }
                rest = &rest[close + 2..];
            } else {
                out.push_str("{{");
                rest = &rest[2..];
            }
        }
        out.push_str(rest);
        out
    }

    fn unknown(&mut self, name: &str, span: std::ops::Range<usize>) {
        if self.found.len() > MOST_PROBLEMS {
            return;
        }
        let braced = format!("{{{{{name}}}}}");
        let span = super::rules::place_of(self.text, span, &braced);
        self.found.push((
            span,
            ProblemKind::UnknownParameter {
                name: name.to_owned(),
                expected: expected(self.names.keys().map(String::as_str)),
                nearest: nearest(name, self.names.keys().map(String::as_str)),
            },
        ));
    }
}
