//! A diagnosis: in a few lines under a command's output, or with all that was seen. Never sounds surer than it is.

use super::command;
use super::excerpt::{self, Extent};
use super::fold;
use super::goals::place;
use super::ink::Ink;
use super::page::Page;
use crate::mistakes::{Confidence, Diagnosis};
use crate::session::{Explained, Unexplained};

/// Lines of the short form, at any width from 40 columns on; the cause takes what the others leave.
const LINES: usize = 5;
/// And no more than this.
const CAUSE: usize = 2;

/// Shows what a mistake is.
pub(super) fn show(page: &mut Page<'_>, explained: &Explained) {
    if explained.in_full { in_full(page, explained) } else { in_short(page, &explained.diagnoses) }
}

fn in_short(page: &mut Page<'_>, diagnoses: &[Diagnosis]) {
    let Some(first) = diagnoses.first() else { return };
    title(page, first);
    let others: Vec<&Diagnosis> = diagnoses[1..].iter().filter(|_| first.confidence == Confidence::Possible).collect();
    if let Some(other) = others.first() {
        page.hanging("  or: ", "      ", &other.title, None);
        let why = page.look.word("why");
        page.inked("  ", &format!("{why} says what tells them apart."), Ink::Faint);
        return;
    }
    let columns = page.look.columns().saturating_sub(2);
    let is_remark = |line: &&String| line.trim_start().starts_with('#');
    // What stands behind a second remark holds on its condition only ("or throw it away"), which has no room here.
    let commands: Vec<&String> = first.fix.iter().skip_while(is_remark).take_while(|line| !is_remark(line)).collect();
    let all_commands = first.fix.iter().filter(|line| !is_remark(line)).count();
    let arrow = page.look.either("  → ", "  > ");
    let why = page.look.word("why");
    // One after the other on one line, where that is narrow enough; never as one command.
    let words: Vec<&str> = commands.iter().map(|command| command.as_str()).collect();
    let all = words.join(page.look.either(" → ", ", then "));
    let whole = words.len() < 2 || fold::width(&all) + 4 <= page.look.columns();
    let command = words.first().map(|first| if whole { all.as_str() } else { first });
    let count = |text: &str, lead: usize| {
        fold::fold(&super::clean::clean_line(text, page.look), (columns + 2).saturating_sub(lead).max(8), "", "").len()
    };
    let taken = count(&titled(first).1, 2) + command.map_or(0, |command| count(command, 4)) + 1;
    let most = CAUSE.min(LINES.saturating_sub(taken));
    let cause = super::clean::clean_line(&sentences(&first.cause), page.look);
    for line in beginning(&cause, columns, most, page.look.either("…", "...")) {
        page.line(&format!("  {line}"));
    }
    if let Some(command) = command {
        page.hanging(arrow, "    ", command, Some(Ink::Strong));
    }
    let more = if whole && words.len() == all_commands { "says more" } else { "has the whole way out" };
    page.inked("  ", &format!("{why} {more}."), Ink::Faint);
}

/// What of a cause fits these lines: whole sentences where they are most of that, else whole words and a mark. Half a word is read
/// twice, and behind a full stop nothing is missing.
fn beginning(cause: &str, columns: usize, most: usize, mark: &str) -> Vec<String> {
    let folded = |text: &str| fold::fold(text, columns, "", "");
    let whole = folded(cause);
    if whole.len() <= most || most == 0 {
        return whole.into_iter().take(most).collect();
    }
    let words: Vec<&str> = cause.split(' ').collect();
    let first = |count: usize| words[..count].join(" ");
    let fits = |text: &str| folded(text).len() <= most;
    let marked =
        |count: usize| first(count).trim_end_matches([',', ';', ':', '.', '-', '(']).trim_end().to_owned() + mark;
    let ends = |count: &usize| words[count - 1].ends_with(['.', '!', '?']);
    let room = (1..words.len()).take_while(|count| fits(&first(*count))).last().unwrap_or(0);
    let sentences = (1..=room).rfind(ends).map(first);
    let cut = (1..=room).rev().map(marked).find(|text| fits(text));
    match (sentences, cut) {
        (Some(sentences), Some(cut)) if sentences.len() * 2 >= cut.len() => folded(&sentences),
        (_, Some(cut)) => folded(&cut),
        // One word that is longer than there is room.
        _ => whole.into_iter().take(most).collect(),
    }
}

fn title(page: &mut Page<'_>, diagnosis: &Diagnosis) {
    let (sure, text) = titled(diagnosis);
    page.inked(if sure { page.look.either("✗ ", "! ") } else { "? " }, &text, Ink::Strong);
}

/// Whether it is sure, and the title that sounds as sure as it is.
fn titled(diagnosis: &Diagnosis) -> (bool, String) {
    let title = &diagnosis.title;
    match diagnosis.confidence {
        Confidence::Certain => (true, title.clone()),
        Confidence::Likely => (false, format!("Likely: {title}")),
        Confidence::Possible => (false, format!("Perhaps: {title}")),
    }
}

fn in_full(page: &mut Page<'_>, explained: &Explained) {
    for (number, diagnosis) in explained.diagnoses.iter().enumerate() {
        page.gap();
        title(page, diagnosis);
        page.markdown("  ", &diagnosis.cause);
        for evidence in &diagnosis.evidence {
            let said = format!("{}: {}", place(&evidence.source), evidence.said.trim());
            page.hanging("  seen: ", "        ", &said, None);
        }
        for why in &diagnosis.unseen {
            page.hanging("  not seen: ", "        ", why, None);
        }
        for way in &diagnosis.tell_apart {
            page.hanging("  to tell: ", "        ", way, None);
        }
        if let (0, Some(manual)) = (number, &explained.manual) {
            excerpt::show(page, manual, Extent::Beside { lines: 12 });
        }
        if let Some(link) = &diagnosis.link {
            page.hanging("  see: ", "       ", link, None);
        }
        // Last, so that it stands right above the prompt however much was seen.
        if !diagnosis.fix.is_empty() {
            page.inked("  ", "The way out:", Ink::Strong);
        }
        for line in &diagnosis.fix {
            match line.trim_start().starts_with('#') {
                true => page.hanging("    ", "    ", line, Some(Ink::Faint)),
                false => command::show(page, &super::clean::clean_line(line, page.look)),
            }
        }
    }
}

/// Says that nobody knows, with what the manual has.
pub(super) fn unexplained(page: &mut Page<'_>, unexplained: &Unexplained) {
    let Unexplained { program, status, sudo_refused, manual, in_full } = unexplained;
    let said = match (status, sudo_refused) {
        (Some(status), false) => format!("{program} failed with status {status}: no known mistake."),
        (Some(status), true) => format!("sudo refused (status {status}), {program} did not run: no known mistake."),
        (None, false) => format!("{program} complains: no known mistake."),
        (None, true) => format!("sudo refused, {program} did not run: no known mistake."),
    };
    page.hanging("? ", "  ", &said, Some(Ink::Strong));
    match manual {
        Some(manual) if *in_full => excerpt::show(page, manual, Extent::All),
        Some(manual) => excerpt::show(page, manual, Extent::Beside { lines: 5 }),
        None => {}
    }
}

/// A text as one line.
fn sentences(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
