//! Markdown → lines, by termimad. Code stays readable without colour; characters that only look like Markdown stay characters.

use std::sync::LazyLock;

use termimad::MadSkin;
use termimad::crossterm::style::{Attribute, Color};

use super::clean::clean;
use super::fold;
use super::look::Look;

/// The characters that Markdown could take for its own; each has a placeholder in the private-use area while termimad
/// works (`clean` lets none of those through).
const GUARDED: [char; 8] = ['*', '~', '`', '|', '\\', '#', '>', '_'];
const FIRST_PLACEHOLDER: u32 = 0xe000;

/// A table with more columns than fit anywhere is text: laying it out would take minutes.
const MOST_BARS: usize = 32;

/// A Markdown text as lines of at most `columns`.
pub(super) fn lines(text: &str, columns: usize, look: &Look) -> Vec<String> {
    let text = guarded(&joined(&clean(text, look)), look);
    let mut skin = if look.paints() { PAINTED.clone() } else { MadSkin::no_style() };
    if !look.symbols() {
        skin.limit_to_ascii();
    }
    skin.code_block.left_margin = if columns < 40 { 2 } else { 4 };
    if look.paints() {
        // crossterm would look at NO_COLOR itself; the look has decided already.
        termimad::crossterm::style::force_color_output(true);
    }
    let out = unguarded(&skin.text(&text, Some(columns)).to_string());
    fold::settle(&out, columns).lines().map(str::to_owned).collect()
}

static PAINTED: LazyLock<MadSkin> = LazyLock::new(|| {
    let mut skin = MadSkin::no_style();
    skin.bold.add_attr(Attribute::Bold);
    skin.italic.add_attr(Attribute::Underlined);
    skin.inline_code.set_fg(Color::DarkCyan);
    skin.code_block.set_fg(Color::DarkCyan);
    for header in &mut skin.headers {
        header.add_attr(Attribute::Bold);
    }
    skin
});

/// Makes one line of each paragraph: termimad takes every line for a paragraph of its own.
fn joined(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let (mut fenced, mut open) = (false, false);
    for line in text.lines() {
        let fence = line.starts_with("```");
        if fence {
            fenced = !fenced;
        }
        let item = is_item(line.trim_start());
        let stands_alone = fence || fenced || line.trim().is_empty() || line.starts_with(['|', '>', '#']);
        let code = line.starts_with("    ") && !open;
        match out.last_mut() {
            Some(last) if open && !stands_alone && !item => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => out.push(line.trim_end().to_owned()),
        }
        open = !stands_alone && !code;
    }
    out.join("\n")
}

fn is_item(line: &str) -> bool {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("* ")
        || line.starts_with("- ")
        || line.starts_with("+ ")
        || (number.len() < line.len() && (number.starts_with(". ") || number.starts_with(") ")))
}

/// Hides what is inside code spans, and what a backslash protects, from termimad. Without colour the backticks of a
/// code span are kept; with colour a comma behind one becomes part of it, or a line could begin with the comma.
fn guarded(text: &str, look: &Look) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            out.push_str("```");
        } else if fenced || line.starts_with("    ") {
            out.push_str(line);
        } else if line.starts_with('|') && line.matches('|').count() > MOST_BARS {
            guard_line(&line.replace('|', &guard('|').to_string()), look, &mut out);
        } else {
            guard_line(line, look, &mut out);
        }
        out.push('\n');
    }
    out
}

fn guard_line(line: &str, look: &Look, out: &mut String) {
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '\\' => match rest.chars().next().filter(|next| GUARDED.contains(next)) {
                Some(next) => {
                    out.push(guard(next));
                    rest = &rest[next.len_utf8()..];
                }
                None => out.push(guard('\\')),
            },
            '`' => match rest.find('`') {
                Some(end) => {
                    let tick = if look.paints() { '`' } else { guard('`') };
                    out.push(tick);
                    out.extend(rest[..end].chars().map(guard));
                    rest = &rest[end + 1..];
                    if look.paints() {
                        let after = rest.trim_start_matches(['.', ',', ';', ':', '!', '?', ')']);
                        out.push_str(&rest[..rest.len() - after.len()]);
                        rest = after;
                    }
                    out.push(tick);
                }
                None => out.push(guard('`')),
            },
            letter => out.push(letter),
        }
    }
}

fn guard(letter: char) -> char {
    let place = (FIRST_PLACEHOLDER..).zip(GUARDED).find(|(_, guarded)| *guarded == letter);
    place.and_then(|(number, _)| char::from_u32(number)).unwrap_or(letter)
}

fn unguarded(text: &str) -> String {
    let back = |letter: char| {
        let place = (letter as u32).checked_sub(FIRST_PLACEHOLDER).and_then(|place| usize::try_from(place).ok());
        place.and_then(|place| GUARDED.get(place).copied()).unwrap_or(letter)
    };
    text.chars().map(back).collect()
}
