//! Terminal bytes as a person reads them: for facts about what was printed, and for what was meant by it. Pure; nothing that is shown
//! goes through it.

use std::borrow::Cow;

/// Terminal bytes as plain text: no control sequences, nothing invalid. A line ends in a newline, and what is written over a line
/// begins a new one.
pub(crate) fn plain(bytes: &[u8]) -> String {
    let mut plain = Plain { text: String::with_capacity(bytes.len()), returned: false };
    // The parser is slow over bytes that are no UTF-8.
    vte::Parser::new().advance(&mut plain, closed(&String::from_utf8_lossy(bytes)).as_bytes());
    plain.text
}

struct Plain {
    text: String,
    /// The cursor went back to the line's beginning.
    returned: bool,
}

impl Plain {
    fn put(&mut self, c: char) {
        if std::mem::take(&mut self.returned) && c != '\n' && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push(c);
    }
}

impl vte::Perform for Plain {
    fn print(&mut self, c: char) {
        self.put(c);
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' | b'\t' => self.put(char::from(byte)),
            b'\r' => self.returned = true,
            8 => drop(self.text.pop()),
            _ => {}
        }
    }
}

/// The text with every title or link closed where its line ends: systemctl cuts long lines within a link, and an open one would
/// swallow what comes after it.
fn closed(text: &str) -> Cow<'_, str> {
    const OPEN: &str = "\x1b]";
    if !text.contains(OPEN) {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        let is_open = line.rfind(OPEN).is_some_and(|at| !line[at + OPEN.len()..].contains(['\x07', '\x1b']));
        match line.strip_suffix('\n').filter(|_| is_open) {
            Some(line) => {
                whole.push_str(line);
                whole.push_str("\x1b\\\n");
            }
            None => whole.push_str(line),
        }
    }
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn control_sequences_of_any_kind_are_no_text() {
        assert_eq!(plain(b"\x1b[1mb\x1b[0m\r\n\x1b]0;title\x07t\tu\r\r\n\n"), "b\nt\tu\n\n");
        assert_eq!(plain(b"\x1b=\x1b>\x1b[0;1;38:5:185mc\x1b]8;;x\x1b\\d\x1b]3008;end=1\x1b\\"), "cd");
        assert_eq!(plain(b"a\xff\xfe lx\x08s\0"), "a\u{fffd}\u{fffd} ls");
    }

    #[test]
    fn what_is_written_over_a_line_begins_a_new_one() {
        assert_eq!(plain(b"10%\r20%\r\r\nend\r"), "10%\n20%\nend");
        assert_eq!(plain(b"\rone\n\rtwo"), "one\ntwo");
    }

    #[test]
    fn a_link_that_was_cut_off_swallows_nothing() {
        let said = b"\xe2\x97\x8b web.service\r\n  Loaded: loaded (\x1b]8;;file://vm/us\xe2\x80\xa6\r\n  Active: \x1b[1mfailed\x1b[0m\r\n\
                     a \x1b]8;;file://vm/x\x07link\x1b]8;;\x07\r\nlast";
        assert_eq!(plain(said), "\u{25cb} web.service\n  Loaded: loaded (\n  Active: failed\na link\nlast");
    }
}
