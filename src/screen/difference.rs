//! What was typed beside the lesson's own way, as an inline diff that is readable without colour. Information, never a verdict.

use similar::{ChangeTag, TextDiff};

use super::clean::clean;
use super::ink::Ink;
use super::page::Page;
use crate::session::OtherWay;

/// Shows both ways in one line: `podman run {--detach --tty → -dt} ubi8`. `of` is the step's title, where it is not the one that is in sight.
pub(super) fn show(page: &mut Page<'_>, other: &OtherWay, of: Option<&str>) {
    let (typed, solution) = (clean(&other.typed, page.look), clean(&other.solution, page.look));
    if typed.trim() == solution.trim() {
        page.say("", "What you typed is the lesson's own way.");
        return;
    }
    let arrow = page.look.either("→", "=>");
    let of = of.map(|title| format!(" in the step before, {}", clean(title, page.look))).unwrap_or_default();
    page.say("", &format!("Another way than the lesson's{of}, {{yours {arrow} the lesson's}}:"));
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

/// Writes what was collected, yours before the arrow; the space both ends share stays outside.
fn marked(page: &Page<'_>, old: &mut String, new: &mut String, out: &mut String) {
    let ends = |side: &str| side.is_empty() || side.ends_with(' ');
    let space = old.len() + new.len() > 0 && ends(old) && ends(new);
    // `ps -a` beside `ps`: the space before the word is of the change, and stays outside of it too.
    let leads = |side: &str| side.is_empty() || side.starts_with(' ');
    let is_apart = out.is_empty() || out.ends_with(' ');
    if old.len() + new.len() > 0 && leads(old) && leads(new) && !is_apart {
        out.push(' ');
    }
    let (typed, solution) = (old.trim(), new.trim());
    if !typed.is_empty() || !solution.is_empty() {
        let arrow = page.look.either("→", "=>");
        let typed = Ink::Unsure.on(typed, page.look);
        let solution = Ink::Good.on(solution, page.look);
        let both = [typed.as_str(), arrow, solution.as_str()];
        out.push_str(&format!(
            "{{{}}}",
            both.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
        ));
    }
    if space {
        out.push(' ');
    }
    old.clear();
    new.clear();
}
