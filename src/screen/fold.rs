//! Lines measured and folded to a width, our own colour codes (`ESC [ … m`) not counted. Never looks at any other escape sequence: there are none behind `clean`.

use unicode_width::UnicodeWidthStr;

/// A piece of a line: a colour code, or a character.
enum Piece<'a> {
    Code(&'a str),
    Letter(&'a str),
}

fn pieces(mut line: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        let letter = line.chars().next()?;
        let (head, tail) = match code_length(line) {
            Some(length) => {
                let (head, tail) = line.split_at(length);
                (Piece::Code(head), tail)
            }
            None => {
                let (head, tail) = line.split_at(letter.len_utf8());
                (Piece::Letter(head), tail)
            }
        };
        line = tail;
        Some(head)
    })
}

/// The length of the colour code that the text begins with.
pub(super) fn code_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("\x1b[")?;
    let end = inner.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    inner[end..].starts_with('m').then_some(2 + end + 1)
}

/// The text without colour codes.
pub fn bare(text: &str) -> String {
    pieces(text).filter_map(|piece| if let Piece::Letter(letter) = piece { Some(letter) } else { None }).collect()
}

/// How many columns a line takes.
pub(super) fn width(line: &str) -> usize {
    if line.contains('\x1b') { bare(line).width() } else { line.width() }
}

/// Breaks a line wherever it would grow wider than `columns`: behind a slash, where one stands late enough.
fn break_hard(line: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut text, mut seen) = (String::new(), String::new());
    for piece in pieces(line) {
        match piece {
            Piece::Code(code) => text.push_str(code),
            Piece::Letter(letter) => {
                let before = seen.len();
                seen.push_str(letter);
                // The second bound is for marks without width, of which a line could hold any number.
                if (seen.width() > columns || seen.len() > columns * 16) && before > 0 {
                    let slash = text.rfind('/').map(|at| at + 1).filter(|at| width(&text[..*at]) * 2 > columns);
                    let tail = text.split_off(slash.unwrap_or(text.len()));
                    lines.push(std::mem::replace(&mut text, tail));
                    seen.replace_range(..before, &bare(&text));
                }
                text.push_str(letter);
            }
        }
    }
    lines.push(text);
    lines
}

/// Folds at spaces, and within words that are too long. The first line begins with `first`, the others with `rest`.
pub(super) fn fold(text: &str, columns: usize, first: &str, rest: &str) -> Vec<String> {
    let room = columns.saturating_sub(width(first).max(width(rest))).max(1);
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let mut current = String::new();
        for (number, word) in line.split(' ').enumerate() {
            let full = !current.trim().is_empty() && width(&current) + 1 + width(word) > room;
            if full {
                lines.push(std::mem::take(&mut current));
            } else if number > 0 {
                current.push(' ');
            }
            current.push_str(word);
            if width(&current) > room {
                let mut broken = break_hard(&current, room);
                current = broken.pop().unwrap_or_default();
                lines.append(&mut broken);
            }
        }
        lines.push(current);
    }
    let start = |number: usize| if number == 0 { first } else { rest };
    lines.iter().enumerate().map(|(number, line)| format!("{}{line}", start(number))).collect()
}

/// The last pass over everything: no line too wide, no spaces at a line's end, a newline at the end of each.
pub(super) fn settle(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let lines = if width(line) > columns { break_hard(line, columns) } else { vec![line.to_owned()] };
        for line in lines {
            out.push_str(&without_end(&line));
            out.push('\n');
        }
    }
    out
}

/// The line without the spaces at its end, colour codes kept.
fn without_end(line: &str) -> String {
    let mut text = line.to_owned();
    let mut codes = String::new();
    loop {
        if text.ends_with(' ') {
            text.truncate(text.trim_end_matches(' ').len());
        } else if let Some(start) = text.rfind('\x1b').filter(|at| code_length(&text[*at..]) == Some(text.len() - at)) {
            codes.insert_str(0, &text[start..]);
            text.truncate(start);
        } else {
            return text + &codes;
        }
    }
}
