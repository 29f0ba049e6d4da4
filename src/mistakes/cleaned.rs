//! What a program printed, as words: no control sequences, no chatter of sudo, nothing invalid. Never drops a word of a message.

use std::borrow::Cow;

/// No more than this is looked at: the last of it.
const MOST: usize = 1 << 20;

/// The words of an output of any bytes.
pub fn cleaned(output: &[u8]) -> String {
    let last = &output[output.len().saturating_sub(MOST)..];
    let plain = plain(last);
    let lines = plain.lines().filter_map(without_chatter);
    let mut text = String::with_capacity(plain.len());
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn plain(bytes: &[u8]) -> String {
    struct Plain(String);
    impl vte::Perform for Plain {
        fn print(&mut self, c: char) {
            self.0.push(c);
        }
        fn execute(&mut self, byte: u8) {
            match byte {
                b'\n' => self.0.push('\n'),
                b'\t' => self.0.push(' '),
                // What is written over a line begins a new one here.
                b'\r' if !self.0.ends_with('\n') => self.0.push('\n'),
                8 => drop(self.0.pop()),
                _ => {}
            }
        }
    }
    let mut plain = Plain(String::with_capacity(bytes.len()));
    // The parser is slow over bytes that are no UTF-8, and both ends of a line are one.
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    vte::Parser::new().advance(&mut plain, closed(&text).as_bytes());
    plain.0
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

/// A line without what sudo says of itself; none where nothing else stands there.
fn without_chatter(line: &str) -> Option<&str> {
    let told = line.trim_start();
    if told.starts_with("sudo: unable to resolve host") {
        return None;
    }
    match told.strip_prefix("[sudo]").and_then(|rest| rest.split_once(':')) {
        Some((_, rest)) if rest.trim().is_empty() => None,
        Some((_, rest)) => Some(rest.trim_start()),
        None => Some(line),
    }
}

/// The text with lines joined that a narrow terminal broke: those of exactly the greatest width. None where there are none.
pub(super) fn unbroken(text: &str) -> Option<String> {
    let width = text.lines().map(|line| line.chars().count()).max().filter(|width| (20..=300).contains(width))?;
    let mut joined = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    let mut any = false;
    while let Some(line) = lines.next() {
        joined.push_str(line);
        if line.chars().count() == width && lines.peek().is_some() {
            any = true;
        } else {
            joined.push('\n');
        }
    }
    any.then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_sequences_chatter_and_invalid_bytes_are_no_words() {
        let said =
            b"\x1b]0;t\x07sudo: unable to resolve host vm: Name or service not known\r\n[sudo] password for lisa: \r\n\
                     \x1b[31mError:\x1b[0m a\0b \xff\xfe c\r\n10%\r20%\r\n";
        assert_eq!(cleaned(said), "Error: ab \u{fffd}\u{fffd} c\n10%\n20%\n");
    }

    #[test]
    fn a_link_that_was_cut_off_swallows_nothing() {
        let said = b"\xe2\x97\x8b web.service\r\n  Loaded: loaded (\x1b]8;;file://vm/us\xe2\x80\xa6\r\n  Active: \x1b[1mfailed\x1b[0m\r\n\
                     a \x1b]8;;file://vm/x\x07link\x1b]8;;\x07\r\nlast";
        assert_eq!(cleaned(said), "○ web.service\n  Loaded: loaded (\n  Active: failed\na link\nlast\n");
    }

    #[test]
    fn only_the_last_mebibyte_is_read() {
        let mut said = vec![b'x'; 3 << 20];
        said.extend(b"\nlast words");
        let text = cleaned(&said);
        assert!(text.len() <= MOST + 1 && text.ends_with("last words\n"));
    }

    #[test]
    fn a_word_broken_at_the_edge_is_whole_again() {
        let broken = "mkdir /run/user/1000/li\nbpod: permission denied\n";
        assert_eq!(unbroken(broken).unwrap(), "mkdir /run/user/1000/libpod: permission denied\n");
        assert_eq!(unbroken("short\nlines\n"), None);
    }
}
