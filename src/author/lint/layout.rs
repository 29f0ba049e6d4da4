//! How the file is laid out: tabs, spaces at the ends of lines, modes without quotes, code that is too wide. Pure.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::doubt::Doubt;
use super::finding::{Fix, Loose, What, doubt, is_enough};
use super::rules::Page;
use crate::lesson::reading::{MOST_PROBLEMS, Node, Placed, Value, place_of};

/// Columns that code may have.
const MOST_COLUMNS: usize = 100;

/// Tabs and spaces that nobody sees, line by line.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Loose> {
    let mut start = 0;
    text.split_inclusive('\n').flat_map(move |line| {
        let mut found = [None, None];
        let content = line.trim_end_matches(['\n', '\r']);
        let kept = content.trim_end_matches([' ', '\t']);
        if kept.len() < content.len() {
            let span = start + kept.len()..start + content.len();
            let fix = Fix { span: span.clone(), text: String::new() };
            found[0] = Some((span, What::Doubt(Doubt::TrailingSpace), Some(fix)));
        }
        if let Some(at) = kept.find('\t') {
            let span = start + at..start + at + 1;
            let indent = kept.len() - kept.trim_start_matches([' ', '\t']).len();
            // Beyond the indentation a tab may be meant; there only the author knows.
            let fix =
                (at < indent).then(|| Fix { span: start..start + indent, text: kept[..indent].replace('\t', "  ") });
            found[1] = Some((span, What::Doubt(Doubt::Tab), fix));
        }
        start += line.len();
        found.into_iter().flatten()
    })
}

/// Modes that stand there as numbers.
pub(super) fn modes(tree: &Node, text: &str) -> Vec<Loose> {
    let mut found = Vec::new();
    let mut open = vec![tree];
    // In the file's order: the first are told.
    while let Some(node) = open.pop().filter(|_| !is_enough(&found)) {
        match &node.value {
            Value::List(list) => open.extend(list.iter().rev()),
            Value::Map(entries) => {
                for (key, value) in entries.iter().rev() {
                    if key.name == "mode" && matches!(value.value, Value::Whole(_) | Value::Float(_)) {
                        let mode = text.get(value.span.clone()).unwrap_or_default().to_owned();
                        let fix = Fix { span: value.span.clone(), text: format!("\"{mode}\"") };
                        found.push((value.span.clone(), What::Doubt(Doubt::BareMode { mode }), Some(fix)));
                    }
                    open.push(value);
                }
            }
            _ => {}
        }
    }
    found
}

/// Code that is wider than a screen, in texts and in lines that are typed.
pub(super) fn widths(page: &Page<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    for line in &page.document.clean_up {
        found.extend(wide(page.text, line.span(), &line.value));
    }
    for step in page.steps() {
        if is_enough(&found) {
            break;
        }
        let step = &step.value;
        for line in step.solution.iter().flat_map(|way| &way.value.lines) {
            found.extend(wide(page.text, line.span(), &line.value));
        }
        let summaries = step.manual.iter().filter_map(|entry| entry.value.otherwise.as_ref());
        for text in step.text.iter().chain(&step.hints).chain(summaries) {
            let wide = code(&text.value).filter_map(|line| wide(page.text, around(page.text, text), line));
            found.extend(wide.take(MOST_PROBLEMS + 1));
        }
    }
    found
}

/// The bytes of a text: a block's own span may begin only at its first line.
fn around(text: &str, placed: &Placed<String>) -> Range<usize> {
    placed.start..text.floor_char_boundary(placed.end.max(placed.start))
}

fn wide(text: &str, span: Range<usize>, code: &str) -> Option<Loose> {
    // No character is wider than its bytes are many.
    let columns = if code.len() > MOST_COLUMNS { code.width() } else { 0 };
    let place = || place_of(text, span, code.trim());
    (columns > MOST_COLUMNS).then(|| doubt(place(), Doubt::Wide { columns, most: MOST_COLUMNS }))
}

/// The lines of code in a Markdown text: fenced, indented, and spans within a line.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().flat_map(move |line| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return Vec::new();
        }
        match line.strip_prefix("    ") {
            _ if fenced => vec![line],
            Some(code) => vec![code],
            None => line.split('`').skip(1).step_by(2).collect(),
        }
    })
}
