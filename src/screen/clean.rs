//! Foreign text made harmless: what a terminal would obey is spelled out. Never drops a visible character.

use super::fold::code_length;
use super::look::Look;

/// The text with everything that a terminal would obey, or a reader could not see, spelled out as text.
///
/// Newlines stay; a carriage return before one goes; a tab becomes spaces. Escape sequences lose their power with
/// their first byte: `ESC [ 2 J` is shown as `␛[2J`, or `\x1b[2J` where the look has no symbols. Marks that turn the
/// writing direction, invisible characters and private-use characters are shown by number.
pub fn clean(text: &str, look: &Look) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => {
                out.push('\n');
                column = 0;
                continue;
            }
            '\r' if letters.peek() == Some(&'\n') => continue,
            '\t' => {
                let spaces = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
                continue;
            }
            '\0'..='\x1f' if look.symbols() => out.push(char::from_u32(0x2400 + letter as u32).unwrap_or('?')),
            '\x7f' if look.symbols() => out.push('\u{2421}'),
            '\0'..='\x1f' | '\x7f'..='\u{9f}' => out.push_str(&format!("\\x{:02x}", letter as u32)),
            letter if is_hidden(letter) => out.push_str(&format!("\\u{{{:x}}}", letter as u32)),
            letter => out.push(letter),
        }
        column += 1;
    }
    out
}

/// The same for a text that another lab has laid out: its colours stay, and nothing else that a terminal obeys.
pub fn clean_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (colour, tail) = rest.split_at(code_length(rest).unwrap_or(0));
        out.push_str(colour);
        let end = tail.match_indices('\x1b').find(|(at, _)| code_length(&tail[*at..]).is_some());
        let (words, next) = tail.split_at(end.map_or(tail.len(), |(at, _)| at));
        out.push_str(&clean(words, &Look::FILE));
        rest = next;
    }
    out
}

/// The same for a text that has to stay on one line: a newline becomes a space.
pub fn clean_line(text: &str, look: &Look) -> String {
    clean(text.trim_end(), look).replace('\n', " ")
}

/// Characters that show nothing and change how others are shown or read, and those that [`markdown`](super::markdown)
/// uses as placeholders.
pub(super) fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e0fff}')
}
