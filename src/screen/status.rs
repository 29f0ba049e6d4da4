//! Where the learner is, and the lab's words.

use super::clean::clean_line;
use super::fold;
use super::ink::Ink;
use super::page::Page;
use crate::session::{StepState, WordHelp};

/// Every step and how it stands, and what cannot be looked at.
pub(super) fn status(page: &mut Page<'_>, title: &str, steps: &[(String, StepState)], blind: &[String]) {
    page.inked("", title, Ink::Here);
    let look = page.look;
    for (number, (title, state)) in steps.iter().enumerate() {
        let (ink, symbol, ascii, word) = match state {
            StepState::Done => (Ink::Good, "✓", "[done]", ""),
            StepState::Skipped => (Ink::Unsure, "-", "[skip]", " (skipped)"),
            StepState::Current => (Ink::Here, ">", "[here]", " (you are here)"),
            StepState::Ahead => (Ink::Faint, " ", "[    ]", ""),
        };
        let first = format!("{} {:>2} ", ink.on(look.either(symbol, ascii), look), number + 1);
        let word = if look.symbols() { word } else { "" };
        page.say(&first, &format!("{title}{word}"));
    }
    let done = steps.iter().filter(|(_, state)| *state == StepState::Done).count();
    page.inked("", &format!("{done} of {} steps done.", steps.len()), Ink::Faint);
    if !blind.is_empty() {
        page.gap();
        page.say("", "What the lab cannot look at:");
        for why in blind {
            page.say(look.either("? ", "[??] "), why);
        }
    }
}

/// What is not watched.
pub(super) fn polled(page: &mut Page<'_>, polled: &[String]) {
    if !polled.is_empty() {
        page.gap();
        page.say("", "What the lab cannot watch, and looks at every ten seconds:");
        for why in polled {
            page.say(page.look.either("? ", "[??] "), why);
        }
    }
}

/// The lab words in two columns, or one under the other where it is narrow.
pub(super) fn help(page: &mut Page<'_>, words: &[WordHelp]) {
    page.say("", "Everything you type runs in your own bash, except the lab's words:");
    let widest = words.iter().map(|help| fold::width(&help.word)).max().unwrap_or(0).min(16);
    for help in words {
        let word = clean_line(&help.word, page.look);
        if page.look.columns() < 40 || fold::width(&word) > widest {
            page.inked("", &word, Ink::Strong);
            page.say("  ", &help.says);
        } else {
            let spaces = " ".repeat(widest - fold::width(&word) + 2);
            let first = format!("  {}{spaces}", Ink::Strong.on(&word, page.look));
            page.say(&first, &help.says);
        }
    }
    page.say(
        "",
        "In a shell that su, sudo or ssh opened, and in other terminals, the lab does not read what you type. There:",
    );
    page.inked("  ", "rootless-lab step | check | hint | solution | man | why | where | status", Ink::Strong);
}
