//! What a program printed, as words: no control sequences, no chatter of sudo, nothing invalid. Never drops a word of a message.

use crate::plain::plain;

/// No more than this is looked at: the last of it.
const MOST: usize = 1 << 20;

/// The words of an output of any bytes.
pub fn cleaned(output: &[u8]) -> String {
    let last = &output[output.len().saturating_sub(MOST)..];
    let plain = plain(last).replace('\t', " ");
    let lines = plain.lines().filter_map(without_chatter);
    let mut text = String::with_capacity(plain.len());
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
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
