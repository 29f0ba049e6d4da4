//! Colours for a line that is being typed: command names, quotes, variables, operators, comments, lab words. Pure, and only a hint:
//! it never decides anything, and it keeps every byte of the text in place.

use std::borrow::Cow;

const COMMAND: &str = "\x1b[1m";
const QUOTE: &str = "\x1b[32m";
const VARIABLE: &str = "\x1b[36m";
const OPERATOR: &str = "\x1b[35m";
const COMMENT: &str = "\x1b[2m";
const WORD: &str = "\x1b[1;34m";
const OFF: &str = "\x1b[0m";

/// The line with colours around its parts.
pub(super) fn paint(line: &str) -> Cow<'_, str> {
    if super::open::is_word(line) {
        return Cow::Owned(format!("{WORD}{line}{OFF}"));
    }
    let mut painted = String::with_capacity(line.len() * 2);
    let mut rest = line;
    let mut command = true;
    while let Some(first) = rest.chars().next() {
        let (length, colour) = piece(rest, first, command);
        let (text, after) = rest.split_at(length);
        match colour {
            Some(colour) => painted.extend([colour, text, OFF]),
            None => painted.push_str(text),
        }
        if colour == Some(OPERATOR) {
            command = !matches!(first, '<' | '>');
        } else if !text.trim().is_empty() {
            command = command
                && (text.contains('=')
                    || matches!(text, "sudo" | "if" | "then" | "do" | "while" | "else" | "!" | "time"));
        }
        rest = after;
    }
    Cow::Owned(painted)
}

/// Whether the letter before `pos`, just typed, is shown in another way than as itself behind what was there.
pub(super) fn changes(line: &str, pos: usize) -> bool {
    let Some((before, last)) = line.get(..pos).and_then(|typed| typed.char_indices().next_back()) else {
        return !line.is_empty();
    };
    pos < line.len() || paint(line) != format!("{}{last}", paint(&line[..before]))
}

fn piece(rest: &str, first: char, command: bool) -> (usize, Option<&'static str>) {
    let until = |stop: &dyn Fn(char) -> bool| {
        rest[first.len_utf8()..].find(stop).map_or(rest.len(), |at| at + first.len_utf8())
    };
    match first {
        c if c.is_whitespace() => (until(&|c| !c.is_whitespace()), None),
        '#' => (until(&|c| c == '\n'), Some(COMMENT)),
        '\'' => (rest[1..].find('\'').map_or(rest.len(), |at| at + 2), Some(QUOTE)),
        '"' => (closing(rest), Some(QUOTE)),
        '\\' => (1 + rest[1..].chars().next().map_or(0, char::len_utf8), None),
        '$' => (until(&|c| !(c.is_alphanumeric() || c == '_')), Some(VARIABLE)),
        '|' | '&' | ';' | '<' | '>' | '(' | ')' => (1, Some(OPERATOR)),
        _ => {
            let end = until(&|c| c.is_whitespace() || "'\"\\$|&;<>()".contains(c));
            // A command's name is bold when it is whole: until then each letter would paint the line again.
            (end, (command && end < rest.len() && !rest[..end].contains('=')).then_some(COMMAND))
        }
    }
}

fn closing(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The text without its colour codes (`ESC [ … m`).
pub(super) fn bare(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        let inner = &rest[at + 2..];
        let code = inner.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == ':'));
        let Some(end) = code.filter(|end| inner[*end..].starts_with('m')) else {
            bare.push_str(&rest[..at + 2]);
            rest = inner;
            continue;
        };
        bare.push_str(&rest[..at]);
        rest = &inner[end + 1..];
    }
    bare + rest
}

#[cfg(test)]
mod tests {
    use super::{OFF, bare, paint};

    #[test]
    fn a_prompt_without_its_colours_has_the_width_that_is_seen() {
        assert_eq!(bare("\x1b[1;32mlisa\x1b[0m:\x1b[38:5:185m~\x1b[m$ "), "lisa:~$ ");
        assert_eq!(bare("a\x1b[2Kb"), "a\x1b[2Kb");
    }

    #[test]
    fn each_part_of_a_line_has_its_colour() {
        let named = |line: &str| {
            [("B", super::COMMAND), ("Q", super::QUOTE), ("V", super::VARIABLE), ("O", super::OPERATOR)]
                .into_iter()
                .chain([("C", super::COMMENT), ("W", super::WORD)])
                .fold(paint(line).into_owned(), |text, (name, colour)| text.replace(colour, &format!("{name}<")))
                .replace(OFF, ">")
        };
        for (line, painted) in [
            ("echo 'a' \"$x\" | cat # c", "B<echo> Q<'a'> Q<\"$x\"> O<|> B<cat> C<# c>"),
            ("A=1 sudo ls $HOME>out", "A=1 B<sudo> B<ls> V<$HOME>O<>>out"),
            (":hint 2", "W<:hint 2>"),
            ("echo 'open", "B<echo> Q<'open>"),
            ("(cd /; pwd)", "O<(>B<cd> /O<;> B<pwd>O<)>"),
        ] {
            assert_eq!(named(line), painted, "{line}");
        }
    }

    #[test]
    fn colours_never_change_the_text() {
        for line in [
            "echo 'a b' \"$x\" | cat # c",
            ":hint 2",
            "a=1 sudo ls -l >x",
            "echo \\",
            "'",
            "\"\\",
            "ä € $",
            "if true; then f; fi",
            "",
        ] {
            let painted = paint(line);
            let plain =
                [super::COMMAND, super::QUOTE, super::VARIABLE, super::OPERATOR, super::COMMENT, super::WORD, OFF]
                    .iter()
                    .fold(painted.to_string(), |text, colour| text.replace(colour, ""));
            assert_eq!(plain, line);
            assert!(!painted.contains('\x1b') || painted.ends_with(OFF) || painted.contains(OFF));
        }
    }
}
