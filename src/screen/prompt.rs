//! The prompt: where in the lesson and what the shell is, then the learner's own prompt as bash would draw it.

use super::fold::code_length;
use super::ink::Ink;
use super::look::Look;
use crate::session::{Badge, PromptFacts};

/// The learner's own prompt (expanded by bash) behind the step and the badge: `[3/20 su] lisa@host:~$ `.
///
/// Colour codes stay where the look paints; everything else that a line editor could not measure goes: titles, cursor
/// movements and bash's own \x01 and \x02 marks. rustyline wants the text without colour too: [`bare`](super::bare).
pub fn prompt(facts: &PromptFacts, own_prompt: &str, look: &Look) -> String {
    let ink = if facts.play { Ink::Unsure } else { Ink::Here };
    let own = measurable(own_prompt, look);
    let (newlines, own) = own.split_at(own.len() - own.trim_start_matches('\n').len());
    format!("{newlines}{} {own}", ink.on(&head(facts), look))
}

/// The prompt that stands there already with newer facts, exactly as wide as it was; none where it does not fit.
pub fn prompt_again(now: &PromptFacts, stood: &PromptFacts, own_prompt: &str, look: &Look) -> Option<String> {
    let (before, after) = (head(stood), head(now));
    // From `[9/20]` to `[10/20]` it takes the space behind it.
    let room = (before.len() + 1).checked_sub(after.len())?;
    let again = prompt(now, own_prompt, look);
    let end = again.find(&after)? + after.len();
    let space = again[end..].find(' ')? + end;
    Some(format!("{}{}{}", &again[..space], " ".repeat(room), &again[space + 1..]))
}

fn head(facts: &PromptFacts) -> String {
    let mut words = Vec::new();
    match facts.progress {
        Some(progress) => words.push(format!("{}/{}", progress.step, progress.of)),
        None => words.push("done".to_owned()),
    }
    words.extend(badge(facts.badge).map(str::to_owned));
    if facts.play {
        words.push("play".to_owned());
    }
    format!("[{}]", words.join(" "))
}

/// Nothing where it could not be told, or not yet: a question mark would only puzzle.
fn badge(badge: Badge) -> Option<&'static str> {
    match badge {
        Badge::Login => Some("login"),
        Badge::Su => Some("su"),
        Badge::Sudo => Some("sudo"),
        Badge::Unknown => None,
    }
}

fn measurable(text: &str, look: &Look) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if letter == '\x1b' {
            let (sequence, tail) = rest.split_at(code_length(rest).unwrap_or_else(|| escape_length(rest)));
            if look.paints() && code_length(sequence).is_some() {
                out.push_str(sequence);
            }
            rest = tail;
            continue;
        }
        if letter == '\n' || !letter.is_control() {
            out.push(letter);
        }
        rest = &rest[letter.len_utf8()..];
    }
    out
}

/// The length of the escape sequence that the text begins with.
fn escape_length(text: &str) -> usize {
    let inner = &text[1..];
    let length = match inner.chars().next() {
        // A title and its like: up to BEL or ESC \.
        Some(']' | 'P' | '_' | '^' | 'X' | 'k') => {
            let bell = inner.find('\x07').map(|at| at + 1);
            let end = inner.find("\x1b\\").map(|at| at + 2);
            bell.into_iter().chain(end).min().unwrap_or(inner.len())
        }
        Some('[') => {
            let last = inner.char_indices().skip(1).find(|(_, letter)| !('\x20'..='\x3f').contains(letter));
            last.map_or(inner.len(), |(at, letter)| if ('\x40'..='\x7e').contains(&letter) { at + 1 } else { at })
        }
        Some('(' | ')' | '#' | ' ' | '%') => inner.chars().take(2).map(char::len_utf8).sum(),
        Some(other) => other.len_utf8(),
        None => 0,
    };
    1 + length
}
