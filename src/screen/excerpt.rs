//! A man page excerpt: where it comes from, its head, its text behind a frame. Never hides that it is our own words.

use super::fold;
use super::ink::Ink;
use super::page::Page;
use crate::manual::{Excerpt, From, Missing};

/// How much of an excerpt is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// That many lines beside a step, the last of them saying where the rest is.
    Beside {
        /// At least two.
        lines: usize,
    },
    /// All that was asked for, up to a few screens.
    All,
}

impl Extent {
    fn lines(self) -> usize {
        match self {
            Self::Beside { lines } => lines,
            Self::All => 120,
        }
    }
}

/// Shows an excerpt.
pub(super) fn show(page: &mut Page<'_>, excerpt: &Excerpt, extent: Extent) {
    let name = match excerpt.section.as_str() {
        "" => excerpt.page.clone(),
        section => format!("{}({section})", excerpt.page),
    };
    let frame = page.look.either("│ ", "    ");
    match &excerpt.from {
        From::Machine(text) => {
            page.inked("", &format!("{name}, this machine's own page"), Ink::Faint);
            machine(page, excerpt, text, frame, extent);
        }
        From::Ourselves { text, why, package } => {
            let why = missing(*why, &name, &excerpt.entry);
            let package = package.as_ref().map_or_else(String::new, |package| format!(" (package {package})"));
            page.inked("", &format!("In our own words: {why}{package}"), Ink::Faint);
            body(page, &page.markdown_lines(fold::width(frame), text), frame, excerpt, extent);
        }
        From::Nothing { why, nearest } => {
            page.say("", &format!("There is no excerpt: {}.", missing(*why, &name, &excerpt.entry)));
            match (nearest, why) {
                (Some(near), _) => page.say("", &format!("The nearest entry is {near}: :man {} {near}", excerpt.page)),
                (None, Missing::NoPage) => page.say("", "man -k WORD finds pages by what they are about."),
                (None, _) => {}
            }
        }
    }
}

fn missing(why: Missing, name: &str, entry: &str) -> String {
    match why {
        Missing::NoMan => "this machine has no man pages".to_owned(),
        Missing::NoPage => format!("the page {name} is not installed"),
        Missing::Unreadable => format!("man does not give the page {name}"),
        Missing::NoEntry => format!("this machine's {name} has no entry {entry}"),
    }
}

fn machine(page: &mut Page<'_>, excerpt: &Excerpt, text: &str, frame: &str, extent: Extent) {
    let (head, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    for line in page.markdown_lines(fold::width(frame), head) {
        let line = Ink::Here.on(&fold::bare(&line), page.look);
        page.line(&format!("{frame}{line}"));
    }
    let indent = if page.look.columns() < 40 { "  " } else { "    " };
    let lines = page.markdown_lines(fold::width(frame) + indent.len(), rest);
    let lines: Vec<String> = lines.iter().map(|line| format!("{indent}{line}")).collect();
    body(page, &lines, frame, excerpt, extent);
}

fn body(page: &mut Page<'_>, lines: &[String], frame: &str, excerpt: &Excerpt, extent: Extent) {
    let all = lines.len() <= extent.lines();
    let mut shown = if all { lines } else { &lines[..extent.lines() - 1] };
    while let [before @ .., last] = shown
        && last.trim().is_empty()
    {
        shown = before;
    }
    for line in shown {
        page.line(&format!("{frame}{line}"));
    }
    if !all {
        let words = format!("{} {}", excerpt.page, excerpt.entry);
        let way = match extent {
            Extent::Beside { .. } => page.look.word(&format!("man {words}")),
            _ => format!("man {} {}", excerpt.section, excerpt.page),
        };
        let more = page.look.either("…", "...");
        page.framed(frame, &format!("{more} {way} shows all."), Ink::Faint);
    }
}
