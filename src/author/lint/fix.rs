//! Mends what needs no thought, by replacing bytes: comments and layout stay as they are. Never writes a file, never re-writes YAML.

use std::ops::Range;

use super::finding::{Finding, Fix};
use crate::lesson::ProblemKind;
use crate::lesson::reading::{Key, Node, Value};

/// One mended name may uncover the next; more rounds than this are not needed by any file made by hand.
const ROUNDS: usize = 8;

/// How a problem of the reader is mended: a wrong name whose nearest right one is near.
pub(super) fn of_problem(tree: &Node, text: &str, span: &Range<usize>, kind: &ProblemKind) -> Option<Fix> {
    let (name, nearest) = match kind {
        ProblemKind::UnknownKey { key, nearest: Some(nearest), .. } => {
            let taken = siblings(tree, span).iter().any(|other| other == nearest);
            if taken {
                return None;
            }
            (key.clone(), nearest.clone())
        }
        ProblemKind::UnknownName { name, nearest: Some(nearest), .. } => (name.clone(), nearest.clone()),
        ProblemKind::UnknownParameter { name, nearest: Some(nearest), .. } => {
            (format!("{{{{{name}}}}}"), format!("{{{{{nearest}}}}}"))
        }
        _ => return None,
    };
    let stands = text.get(span.clone())?;
    let at = stands.find(&name).filter(|_| stands.trim_matches(['"', '\'']) == name)?;
    Some(Fix { span: span.start + at..span.start + at + name.len(), text: nearest })
}

/// Whether a missing key is there under a slip of its name: then the slip is all there is to say.
pub(super) fn is_misspelt(tree: &Node, at: usize, key: &str, slips: &[(Range<usize>, String)]) -> bool {
    let keys = map_around(tree, at);
    slips.iter().any(|(span, meant)| meant == key && keys.iter().any(|key| key.span == *span))
}

/// The keys of the innermost map that these bytes belong to.
fn map_around(tree: &Node, at: usize) -> Vec<&Key> {
    let mut node = Some(tree);
    let mut keys = Vec::new();
    while let Some(inner) = node {
        let (around, below): (Vec<&Key>, Vec<&Node>) = match &inner.value {
            Value::List(list) => (Vec::new(), list.iter().collect()),
            Value::Map(entries) => {
                (entries.iter().map(|(key, _)| key).collect(), entries.iter().map(|(_, value)| value).collect())
            }
            _ => break,
        };
        if !around.is_empty() {
            keys = around;
        }
        node = below.into_iter().find(|node| node.span.start <= at && at < node.end().max(node.span.start + 1));
    }
    keys
}

/// The names of the keys of the map that has a key at these bytes.
fn siblings(node: &Node, span: &Range<usize>) -> Vec<String> {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::List(list) => open.extend(list),
            Value::Map(entries) if entries.iter().any(|(key, _)| key.span == *span) => {
                return entries.iter().map(|(key, _)| key.name.clone()).collect();
            }
            Value::Map(entries) => open.extend(entries.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    Vec::new()
}

/// The text with everything mended that can be, and how many places that were. `look` is asked again after each round.
pub fn fixed(text: &str, look: &dyn Fn(&str) -> Vec<Finding>) -> (String, usize) {
    let mut text = text.to_owned();
    let mut places = 0;
    for _ in 0..ROUNDS {
        let mut fixes: Vec<Fix> = look(&text).into_iter().filter_map(|finding| finding.fix).collect();
        fixes.sort_by_key(|fix| std::cmp::Reverse((fix.span.start, fix.span.end)));
        let mut end = text.len();
        let mut mended = 0;
        for fix in fixes {
            if fix.span.end <= end && text.get(fix.span.clone()).is_some_and(|old| old != fix.text) {
                text.replace_range(fix.span.clone(), &fix.text);
                end = fix.span.start;
                mended += 1;
            }
        }
        if mended == 0 {
            break;
        }
        places += mended;
    }
    (text, places)
}
