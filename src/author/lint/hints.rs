//! A first hint that gives a whole way of the solution away. Pure.

use super::doubt::Doubt;
use super::finding::{Loose, doubt};
use super::rules::Page;

/// A longer first hint is no nudge, and gives nothing in particular away.
const MOST_HINT: usize = 4096;

pub(super) fn look(page: &Page<'_>) -> Vec<Loose> {
    let mut found = Vec::new();
    for step in page.steps() {
        let Some(hint) = step.value.hints.first().filter(|hint| hint.value.len() <= MOST_HINT) else { continue };
        let ways = step.value.solution.iter().map(|way| &way.value.lines).filter(|lines| !lines.is_empty());
        let mut given = ways.filter(|lines| lines.iter().all(|line| gives_away(&hint.value, line.value.trim())));
        let line = given.next().and_then(|lines| lines.first()).map(|line| line.value.trim().to_owned());
        found.extend(line.map(|line| doubt(hint.span(), Doubt::GivesAway { line })));
    }
    found
}

/// A single word has to stand there as code: `id` is a word of the language too.
fn gives_away(hint: &str, line: &str) -> bool {
    let as_code = hint.contains(&format!("`{line}`"));
    !line.is_empty() && (as_code || (line.contains(' ') && hint.contains(line)))
}
