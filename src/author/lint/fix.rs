//! Mends what needs no thought, by replacing bytes: comments and layout stay as they are. Never writes a file, never re-writes YAML.

use std::ops::Range;

use super::finding::{Finding, Fix};
use super::layout;
use crate::lesson::ProblemKind;
use crate::lesson::reading::{Key, Node, Value};

/// One mended name may uncover the next; more rounds than this are not needed by any file made by hand.
const ROUNDS: usize = 8;

/// How a problem of the reader is mended: a wrong name whose nearest right one is near.
pub(super) fn of_problem(tree: &Node, text: &str, span: &Range<usize>, kind: &ProblemKind) -> Option<Fix> {
    let (name, nearest) = match kind {
        ProblemKind::UnknownKey { key, nearest: Some(nearest), .. } => {
            if siblings(tree, span).iter().any(|(key, _)| key.name == *nearest) {
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

/// The entries of the map that has a key at these bytes.
fn siblings<'n>(node: &'n Node, span: &Range<usize>) -> &'n [(Key, Node)] {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::List(list) => open.extend(list),
            Value::Map(entries) if entries.iter().any(|(key, _)| key.span == *span) => {
                return entries;
            }
            Value::Map(entries) => open.extend(entries.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    &[]
}

/// The text with everything mended that can be, and how many places that were. `look` is asked again after each round.
pub fn fixed(text: &str, look: &dyn Fn(&str) -> Vec<Finding>) -> (String, usize) {
    let mut text = text.to_owned();
    // However many lines have spaces at their ends: no more than a hundred findings are told, but all are mended.
    let spaces = layout::lines(&text).filter_map(|(_, _, fix)| fix).collect();
    let mut places = mend(&mut text, spaces);
    for _ in 0..ROUNDS {
        let fixes = look(&text).into_iter().filter_map(|finding| finding.fix).collect();
        match mend(&mut text, fixes) {
            0 => break,
            mended => places += mended,
        }
    }
    (text, places)
}

/// Puts the new texts in, the last one first so that the places before it stay where they are; of two that overlap, one.
fn mend(text: &mut String, mut fixes: Vec<Fix>) -> usize {
    fixes.sort_by_key(|fix| std::cmp::Reverse((fix.span.start, fix.span.end)));
    let mut rest = text.as_str();
    let mut pieces = Vec::new();
    let mut mended = 0;
    for fix in &fixes {
        let (Some(old), Some(after)) = (rest.get(fix.span.clone()), rest.get(fix.span.end..)) else { continue };
        if old != fix.text {
            pieces.push(after);
            pieces.push(&fix.text);
            rest = &rest[..fix.span.start];
            mended += 1;
        }
    }
    pieces.push(rest);
    let new = pieces.into_iter().rev().collect();
    *text = new;
    mended
}
