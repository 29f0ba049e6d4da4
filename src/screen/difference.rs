//! What was typed beside the lesson's own way: one below the other, the words that differ in bold. Information, never a verdict.

use similar::{ChangeTag, TextDiff};

use super::clean::clean;
use super::fold;
use super::ink::Ink;
use super::page::Page;
use crate::session::OtherWay;

/// Shows both ways. Two whole lines are read more easily than marks within one, and can be pasted.
pub(super) fn show(page: &mut Page<'_>, other: &OtherWay) {
    let (typed, solution) = (clean(&other.typed, page.look), clean(&other.solution, page.look));
    let (typed, solution) = (typed.trim(), solution.trim());
    if typed == solution {
        page.say("", "What you typed is the lesson's own way.");
        return;
    }
    page.say("", "Another way than the lesson's:");
    let diff = TextDiff::from_words(typed, solution);
    side(page, "  yours   ", &diff, ChangeTag::Delete);
    side(page, "  lesson  ", &diff, ChangeTag::Insert);
}

/// One side of the difference; the words of its own stand out.
fn side(page: &mut Page<'_>, label: &str, diff: &TextDiff<'_, '_, str>, own: ChangeTag) {
    let mut out = String::new();
    for change in diff.iter_all_changes().filter(|change| [ChangeTag::Equal, own].contains(&change.tag())) {
        let text = change.value();
        if change.tag() == own && !text.trim().is_empty() {
            out.push_str(&Ink::Strong.on(text, page.look));
        } else {
            out.push_str(text);
        }
    }
    let rest = " ".repeat(fold::width(label));
    for (number, line) in out.lines().enumerate() {
        page.ours(if number == 0 { label } else { &rest }, line);
    }
}
