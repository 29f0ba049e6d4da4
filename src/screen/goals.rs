//! How goals are written: a mark, a sentence, and for what is not green what was wanted, found, and how to see it oneself.

use checkers::{Evidence, Source, Verdict};

use super::clean::clean_line;
use super::fold;
use super::ink::Ink;
use super::page::Page;
use crate::session::{Change, GoalLine, GoalState};

/// The goals of a step, one sentence each.
pub(super) fn list(page: &mut Page<'_>, goals: &[GoalLine]) {
    for goal in goals {
        let mark = state_mark(page, &goal.state);
        page.say(&mark, &goal.say);
    }
}

/// The same, with the reason why nobody could look: who watches has no word to ask with.
pub(super) fn watched(page: &mut Page<'_>, goals: &[GoalLine]) {
    let mut said = None;
    for goal in goals {
        let mark = state_mark(page, &goal.state);
        page.say(&mark, &goal.say);
        if let GoalState::Judged(verdict @ Verdict::Unknown { .. }) = &goal.state {
            reasons(page, verdict, &mut said, true);
        }
    }
}

/// Every goal; in full with everything that was seen of what is not green.
pub(super) fn why(page: &mut Page<'_>, goals: &[GoalLine], in_full: bool) {
    let mut said = None;
    for goal in goals {
        let mark = state_mark(page, &goal.state);
        page.say(&mark, &goal.say);
        match &goal.state {
            GoalState::Open => detail(page, "", "Not looked at yet."),
            GoalState::Settling { time, .. } => {
                detail(page, "", &format!("It is so now, and has to stay so for {time}."))
            }
            GoalState::Judged(verdict) => {
                reasons(page, verdict, &mut said, !in_full);
                if in_full && !verdict.is_pass() {
                    seen(page, verdict.evidence());
                }
            }
        }
    }
}

/// What changed.
pub(super) fn changed(page: &mut Page<'_>, changes: &[Change], green: usize, of: usize) {
    let mut said = None;
    for change in changes {
        let mark = verdict_mark(page, &change.now);
        page.say(&mark, &change.say);
        if change.lost {
            detail(page, "", "This was green before.");
        }
        reasons(page, &change.now, &mut said, true);
    }
    if green < of {
        let line = format!("{green} of {of} goals green.");
        page.inked("", &line, Ink::Faint);
    }
}

/// All that there is to say of a verdict, under its sentence.
pub(super) fn in_full(page: &mut Page<'_>, verdict: &Verdict) {
    reasons(page, verdict, &mut None, false);
    seen(page, verdict.evidence());
}

/// A sentence under a goal's own.
pub(super) fn note(page: &mut Page<'_>, text: &str) {
    detail(page, "", text);
}

/// What was wanted and found. A reason why nobody could look is `said` once for goals that follow each other; where the
/// evidence is not listed behind it, it may stand in for a way to see.
fn reasons<'a>(page: &mut Page<'_>, verdict: &'a Verdict, said: &mut Option<&'a str>, alone: bool) {
    match verdict {
        Verdict::Pass { .. } => {}
        Verdict::Fail { wanted, found, evidence, see } => {
            detail(page, "wanted", wanted);
            detail(page, "found", found);
            match (see, evidence.first()) {
                (Some(command), _) => command_detail(page, "see", command),
                // The learner's own line is on the screen already.
                (None, Some(Evidence { source: Source::Command(_) | Source::Lab, .. })) => {}
                // A place is no command, so it is not called one.
                (None, Some(evidence)) if alone => detail(page, "seen in", &place(&evidence.source)),
                (None, _) => {}
            }
        }
        Verdict::Unknown { why, .. } if *said == Some(why) => {}
        Verdict::Unknown { why, grant } => {
            *said = Some(why);
            detail(page, "", &format!("Nobody could look: {why}"));
            if let Some(grant) = grant {
                detail(page, "to look", grant);
            }
        }
    }
}

fn seen(page: &mut Page<'_>, evidence: &[Evidence]) {
    // A combination sees the same place more than once.
    let first = |at: &usize| !evidence[..*at].contains(&evidence[*at]);
    for evidence in (0..evidence.len()).filter(first).map(|at| &evidence[at]) {
        detail(page, "seen in", &format!("{}: {}", place(&evidence.source), evidence.said.trim()));
    }
}

/// Where something can be seen, in words.
pub fn place(source: &Source) -> String {
    match source {
        Source::File(path) => path.display().to_string(),
        Source::Bus { bus, object, property } => format!("{property} of {object} (bus {bus})"),
        Source::Process(id) => format!("process {id}"),
        Source::Kernel(file) => file.clone(),
        Source::Command(line) if line.is_empty() => "this terminal".into(),
        Source::Command(line) => format!("the command {line}"),
        Source::Lab => "the lab itself".into(),
        Source::Plain(line) => format!("the program {line}"),
        Source::Program(name) => format!("the check program {name}"),
    }
}

/// A sentence with its mark and its reasons.
pub(super) fn one(page: &mut Page<'_>, sentence: &str, verdict: &Verdict) {
    let mark = verdict_mark(page, verdict);
    page.say(&mark, sentence);
    reasons(page, verdict, &mut None, true);
}

fn detail(page: &mut Page<'_>, label: &str, text: &str) {
    let (indent, first) = lead(page, label);
    page.hanging(&first, &indent, text, None);
}

pub(super) fn command_detail(page: &mut Page<'_>, label: &str, command: &str) {
    let (indent, first) = lead(page, label);
    let columns = page.look.columns();
    if fold::width(&first) + fold::width(command) <= columns || columns < 60 {
        return page.hanging(&first, &indent, command, Some(Ink::Strong));
    }
    // A line of its own, so that a long path can be copied in one piece.
    detail(page, label, "");
    page.hanging("    ", "    ", command, Some(Ink::Strong));
}

/// What stands before the lines that follow, and before the first.
fn lead(page: &Page<'_>, label: &str) -> (String, String) {
    let label = if label.is_empty() { String::new() } else { format!("{label}:") };
    if page.look.columns() < 40 {
        let space = if label.is_empty() { "" } else { " " };
        return ("    ".to_owned(), format!("  {label}{space}"));
    }
    let indent = " ".repeat(if page.look.symbols() { 11 } else { 5 });
    if label.is_empty() {
        (indent.clone(), indent)
    } else {
        (indent.clone() + &" ".repeat(9), format!("{indent}{label:<9}"))
    }
}

/// The mark of a verdict, or of none.
pub(super) fn mark_of(page: &Page<'_>, verdict: Option<&Verdict>) -> String {
    verdict.map_or_else(|| mark(page, Ink::Faint, "·", "open", "[  ]"), |verdict| verdict_mark(page, verdict))
}

fn state_mark(page: &Page<'_>, state: &GoalState) -> String {
    match state {
        GoalState::Open | GoalState::Settling { .. } => mark_of(page, None),
        GoalState::Judged(verdict) => mark_of(page, Some(verdict)),
    }
}

fn verdict_mark(page: &Page<'_>, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Pass { .. } => mark(page, Ink::Good, "✓", "green", "[ok]"),
        Verdict::Fail { .. } => mark(page, Ink::Bad, "✗", "red", "[no]"),
        Verdict::Unknown { .. } => mark(page, Ink::Unsure, "?", "unknown", "[??]"),
    }
}

/// A mark in a column of its own: eleven columns with its word, or as narrow as it can be.
fn mark(page: &Page<'_>, ink: Ink, symbol: &str, word: &str, ascii: &str) -> String {
    let look = page.look;
    if !look.symbols() {
        return format!("{ascii} ");
    }
    if look.columns() < 40 {
        return format!("{} ", ink.on(symbol, look));
    }
    let spaces = " ".repeat(9 - word.len().min(8));
    format!("{}{spaces}", ink.on(&format!("{symbol} {word}"), look))
}

/// A green mark with a sentence of ours about a foreign name.
pub(super) fn good(page: &mut Page<'_>, text: &str) {
    let text = clean_line(text, page.look);
    let first = format!("{} ", Ink::Good.on(page.look.either("✓", "[ok]"), page.look));
    page.ours(&first, &text);
}
