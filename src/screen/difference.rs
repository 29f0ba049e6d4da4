//! What was typed beside the lesson's own way, as an inline diff that is readable without colour. Information, never a verdict.

use similar::{ChangeTag, TextDiff};

use super::clean::clean;
use super::ink::Ink;
use super::page::Page;
use crate::session::OtherWay;

/// Shows both ways in one text: `[-typed-]{+the lesson's+}`.
pub(super) fn show(page: &mut Page<'_>, other: &OtherWay) {
    let (typed, solution) = (clean(&other.typed, page.look), clean(&other.solution, page.look));
    if typed.trim() == solution.trim() {
        page.say("", "What you typed is the lesson's own way.");
        return;
    }
    page.say("", "Another way than the lesson's. [-yours-] {+the lesson's+}");
    for line in inline(page, typed.trim(), solution.trim()).lines() {
        page.ours("    ", line);
    }
}

fn inline(page: &Page<'_>, typed: &str, solution: &str) -> String {
    let diff = TextDiff::from_words(typed, solution);
    let mut out = String::new();
    let (mut old, mut new) = (String::new(), String::new());
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Delete => old.push_str(change.value()),
            ChangeTag::Insert => new.push_str(change.value()),
            // A single space between two changes would cut one change into many.
            ChangeTag::Equal if change.value() == " " && !(old.is_empty() && new.is_empty()) => {
                old.push(' ');
                new.push(' ');
            }
            ChangeTag::Equal => {
                marked(page, &mut old, &mut new, &mut out);
                out.push_str(change.value());
            }
        }
    }
    marked(page, &mut old, &mut new, &mut out);
    out
}

/// Writes what was collected; the space both ends share stays outside of the marks.
fn marked(page: &Page<'_>, old: &mut String, new: &mut String, out: &mut String) {
    let space = old.ends_with(' ') && new.ends_with(' ');
    for (text, open, close, ink) in [(&*old, "[-", "-]", Ink::Bad), (&*new, "{+", "+}", Ink::Good)] {
        let text = if space { text.trim_end_matches(' ') } else { text };
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                out.push('\n');
            }
            if !line.is_empty() {
                out.push_str(&ink.on(&format!("{open}{line}{close}"), page.look));
            }
        }
    }
    if space {
        out.push(' ');
    }
    old.clear();
    new.clear();
}
