//! One entry cut out of a page: its head and all that is indented below it. Pure; takes any page.

use super::glyph::{Glyph, Line, Mark, lines};
use super::markdown;

/// An entry of a page as Markdown: the head, an empty line, its text. None where the page has no such entry.
pub(super) fn entry(page: &str, token: &str) -> Option<String> {
    let lines = lines(page);
    let at = place(&lines, token)?;
    let heads = heads(&lines, at);
    let indent = lines[at].indent;
    let body = below(&lines[heads.end..], indent);
    let heads = &lines[heads];
    if body.iter().all(Line::is_blank)
        && let [only] = heads
        && let Some(gap) = gap(only)
    {
        let (head, rest) = only.glyphs.split_at(gap);
        let head = trimmed_end(head);
        let rest = Line { indent: 0, glyphs: rest.to_vec() };
        return Some(markdown::entry(&[head], &[rest]));
    }
    let heads: Vec<Vec<Glyph>> = heads.iter().map(|line| line.glyphs.clone()).collect();
    Some(markdown::entry(&heads, body))
}

/// What a page says first: its NAME and SYNOPSIS.
pub(super) fn beginning(page: &str) -> Option<String> {
    let lines = lines(page);
    let section = |name: &str| {
        let start = lines.iter().position(|line| line.indent == 0 && line.text() == name)?;
        Some(below(&lines[start + 1..], 0))
    };
    let name = section("NAME")?;
    let heads: Vec<Vec<Glyph>> = name.iter().filter(|line| !line.is_blank()).map(|line| line.glyphs.clone()).collect();
    Some(markdown::entry(&heads, &joined(section("SYNOPSIS").unwrap_or_default())))
}

/// A synopsis with what is indented below a line put at that line's end.
fn joined(lines: &[Line]) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for line in lines {
        match out.last_mut() {
            Some(last) if !line.is_blank() && !last.is_blank() && line.indent > last.indent => {
                last.glyphs.push(Glyph { letter: ' ', mark: Mark::None });
                last.glyphs.extend_from_slice(&line.glyphs);
            }
            _ => out.push(line.clone()),
        }
    }
    out
}

/// The section that a page names in its first line: `SYSTEMCTL(1)` → `1`.
pub(super) fn section(page: &str) -> Option<String> {
    let first = lines(page).into_iter().find(|line| !line.is_blank())?.text();
    let inner = first.split_once('(')?.1.split_once(')')?.0;
    (!inner.is_empty() && inner.len() < 9 && inner.chars().all(|c| c.is_ascii_alphanumeric())).then(|| inner.to_owned())
}

/// Every word by which an entry of the page can be asked for, in the page's order.
pub(super) fn names(page: &str) -> Vec<String> {
    let lines = lines(page);
    let mut names: Vec<String> = Vec::new();
    let lines = lines.iter().zip(in_question(&lines)).filter(|(_, in_question)| *in_question);
    for (line, _) in lines {
        for word in marked_words(line) {
            if !word.starts_with(char::is_uppercase) && !names.contains(&word) {
                names.push(word);
            }
        }
    }
    names
}

/// The line at which the entry begins: one whose first letter is marked and which holds the token as a whole marked
/// word. A line where only marked words stand before the token is a head for certain, and goes first: prose may begin
/// with a marked word too.
fn place(lines: &[Line], token: &str) -> Option<usize> {
    let in_question = in_question(lines);
    let candidates = || {
        (0..lines.len()).filter(|at| in_question[*at]).filter_map(|at| {
            let start = whole_word(&lines[at].glyphs, token)?;
            Some((at, lines[at].glyphs[..start].iter().all(belongs_to_head)))
        })
    };
    let has_text =
        |at: usize| !below(&lines[heads(lines, at).end..], lines[at].indent).is_empty() || gap(&lines[at]).is_some();
    let certain = candidates().find(|(at, certain)| *certain && has_text(*at));
    certain.or_else(|| candidates().next()).map(|(at, _)| at)
}

/// For each line: it is indented, begins marked, and stands in a section other than NAME and SYNOPSIS.
fn in_question(lines: &[Line]) -> Vec<bool> {
    let mut wanted = false;
    let judge = |line: &Line| {
        if line.indent == 0 && !line.is_blank() {
            wanted = !["NAME", "SYNOPSIS"].contains(&line.text().as_str());
        }
        wanted && line.indent > 0 && line.begins_marked()
    };
    lines.iter().map(judge).collect()
}

fn belongs_to_head(glyph: &Glyph) -> bool {
    glyph.mark != Mark::None || !glyph.letter.is_alphanumeric()
}

/// Where the token stands as a whole word with every letter marked.
fn whole_word(glyphs: &[Glyph], token: &str) -> Option<usize> {
    let token: Vec<char> = token.chars().collect();
    if token.is_empty() {
        return None;
    }
    let joins = |glyph: Option<&Glyph>| {
        glyph.is_some_and(|glyph| glyph.letter.is_alphanumeric() || "-_".contains(glyph.letter))
    };
    (0..(glyphs.len() + 1).saturating_sub(token.len())).find(|start| {
        let word = &glyphs[*start..start + token.len()];
        let same = word.iter().zip(&token).all(|(glyph, letter)| glyph.letter == *letter && glyph.mark != Mark::None);
        let before = start.checked_sub(1).and_then(|before| glyphs.get(before));
        same && !joins(before) && !joins(glyphs.get(start + token.len()))
    })
}

/// The line and its neighbours that share its text: lines with the same indent, marked, and no empty line between.
fn heads(lines: &[Line], at: usize) -> std::ops::Range<usize> {
    let alike = |other: &Line| other.indent == lines[at].indent && other.begins_marked() && gap(other).is_none();
    let mut range = at..at + 1;
    while range.start > 0 && alike(&lines[range.start - 1]) && gap(&lines[at]).is_none() {
        range.start -= 1;
    }
    while lines.get(range.end).is_some_and(alike) && gap(&lines[at]).is_none() {
        range.end += 1;
    }
    range
}

/// The lines that are indented deeper, without empty ones at the ends.
fn below(lines: &[Line], indent: usize) -> &[Line] {
    let end = lines.iter().position(|line| !line.is_blank() && line.indent <= indent).unwrap_or(lines.len());
    let lines = &lines[..end];
    let Some(start) = lines.iter().position(|line| !line.is_blank()) else { return &[] };
    let end = lines.iter().rposition(|line| !line.is_blank()).map_or(start, |last| last + 1);
    &lines[start..end]
}

/// Where the text begins on a line that holds both head and text: at the first unmarked word outside brackets.
fn gap(line: &Line) -> Option<usize> {
    let mut depth = 0usize;
    for (at, glyph) in line.glyphs.iter().enumerate() {
        match glyph.letter {
            '[' | '<' | '{' | '(' => depth += 1,
            ']' | '>' | '}' | ')' => depth = depth.saturating_sub(1),
            letter if depth == 0 && at > 0 && letter.is_alphabetic() && glyph.mark == Mark::None => {
                return (line.glyphs[at - 1].letter == ' ').then_some(at);
            }
            _ => {}
        }
    }
    None
}

fn trimmed_end(glyphs: &[Glyph]) -> Vec<Glyph> {
    let end = glyphs.iter().rposition(|glyph| glyph.letter != ' ').map_or(0, |last| last + 1);
    glyphs[..end].to_vec()
}

/// The marked words at a head: `-p`, `--parents`, `daemon-reload`.
fn marked_words(line: &Line) -> Vec<String> {
    let head = &line.glyphs[..gap(line).unwrap_or(line.glyphs.len())];
    let bold: String = head.iter().map(|glyph| if glyph.mark == Mark::Bold { glyph.letter } else { ' ' }).collect();
    let words = bold.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'));
    words.filter(|word| word.len() > 1).map(str::to_owned).collect()
}
