//! Fills `{{parameter}}` into every text of a tree. Anything else between braces (`{{.Names}}` for podman) stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::fit::{Found, MOST_PROBLEMS};
use super::problem::{ProblemKind, expected, line_and_column, nearest};
use super::tree::{Key, Node, Value};

/// The key under which the parameters stand.
const KEY: &str = "parameters";
/// The longest value, in bytes: a value stands in many texts, and their sum must stay small.
const MOST_VALUE: usize = 128;
/// The longest name, in bytes.
const MOST_NAME: usize = 64;
const TOO_LONG: &str = "a parameter's value has at most 128 bytes";

/// Fills the parameters in: those of the file, with the given ones in their place.
pub(super) fn fill(tree: &mut Node, text: &str, given: &BTreeMap<String, String>) -> Vec<Found> {
    let mut words = OpenWords::of(tree, text);
    words.give(given);
    words.fill(tree, text, &[])
}

/// The words that a file leaves open: what is filled in for each of them, and where it is declared.
#[derive(Debug, Default)]
pub(crate) struct OpenWords {
    values: BTreeMap<String, String>,
    places: BTreeMap<String, Range<usize>>,
    found: Vec<Found>,
}

impl OpenWords {
    /// The parameters of the file, with their own values.
    pub(crate) fn of(tree: &Node, text: &str) -> Self {
        let mut words = Self::default();
        let Value::Map(entries) = &tree.value else { return words };
        for (_, node) in entries.iter().filter(|(key, _)| key.name == KEY) {
            let Value::Map(parameters) = &node.value else { continue };
            for (key, parameter) in parameters {
                words.places.insert(key.name.clone(), key.span.clone());
                let value = value_of(parameter, text);
                if value.len() > MOST_VALUE {
                    let why = TOO_LONG.to_owned();
                    words.found.push((parameter.span.clone(), ProblemKind::WrongValue { why }));
                } else {
                    words.values.insert(key.name.clone(), value);
                }
            }
        }
        words
    }

    /// Puts these values in the place of those there are. Names that the file does not have are passed over.
    pub(crate) fn give(&mut self, given: &BTreeMap<String, String>) {
        for (name, value) in given {
            if let Some(old) = self.values.get_mut(name) {
                old.clone_from(value);
            }
        }
    }

    /// One more word, which is declared at `place` in another way than a parameter.
    pub(crate) fn declare(&mut self, text: &str, name: &str, place: Range<usize>, value: String) {
        if let Some(first) = self.places.get(name) {
            let first_line = line_and_column(text, first.start).0;
            self.found.push((place, ProblemKind::NotUnique { id: name.to_owned(), first_line }));
            return;
        }
        self.places.insert(name.to_owned(), place);
        self.values.insert(name.to_owned(), value);
    }

    /// What is filled in, by name.
    pub(crate) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Fills the words into every text of the tree, but not below the parameters and these keys.
    pub(crate) fn fill(self, tree: &mut Node, text: &str, but: &[&str]) -> Vec<Found> {
        let Value::Map(entries) = &mut tree.value else { return Vec::new() };
        let Self { values, places, found } = self;
        let mut filling = Filling { text, names: &values, used: BTreeSet::new(), found };
        let is_filled = |key: &Key| key.name != KEY && !but.contains(&key.name.as_str());
        for (_, node) in entries.iter_mut().filter(|(key, _)| is_filled(key)) {
            filling.node(node);
        }
        let Filling { used, mut found, .. } = filling;
        for (name, place) in places.iter().filter(|(name, _)| !used.contains(*name)) {
            found.push((place.clone(), ProblemKind::UnusedParameter { name: name.clone() }));
        }
        for (name, place) in places.into_iter().filter(|(name, _)| !is_name(name)) {
            found.push((place, ProblemKind::BadId { id: name }));
        }
        found
    }
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
    name.len() <= MOST_NAME
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

    fn filled(&mut self, value: &str, span: Range<usize>) -> String {
        let mut out = String::with_capacity(value.len());
        let mut rest = value;
        while let Some(open) = rest.find("{{") {
            out.push_str(&rest[..open]);
            rest = &rest[open..];
            // No name is longer: whatever is left open is not looked through again and again.
            let within = &rest.as_bytes()[2..rest.len().min(2 + MOST_NAME + 2)];
            let close = memchr::memmem::find(within, b"}}").map_or(2, |end| 2 + end);
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

    fn unknown(&mut self, name: &str, span: Range<usize>) {
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
