//! What the bytes from a watcher's keyboard mean. Pure.

/// A key, as far as a watcher needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Next,
    Hint,
    Manual,
    Why,
    Quit,
    Up,
    Down,
    PageUp,
    PageDown,
    Other,
}

/// The keys in what came from the keyboard at once.
pub(super) fn keys(mut bytes: &[u8]) -> Vec<Key> {
    let mut found = Vec::new();
    while let Some((first, rest)) = bytes.split_first() {
        let (key, rest) = match (first, rest) {
            (0x1b, [b'[' | b'O', rest @ ..]) => {
                let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)).unwrap_or(rest.len());
                let key = match rest.get(..=end).unwrap_or(rest) {
                    b"A" => Key::Up,
                    b"B" => Key::Down,
                    b"5~" => Key::PageUp,
                    b"6~" => Key::PageDown,
                    _ => Key::Other,
                };
                (key, rest.get(end + 1..).unwrap_or_default())
            }
            (byte, rest) => {
                let key = match byte.to_ascii_lowercase() {
                    b'n' => Key::Next,
                    b'h' | b'?' => Key::Hint,
                    b'm' => Key::Manual,
                    b'w' => Key::Why,
                    // ^C where it is no signal, and ^D.
                    b'q' | 0x03 | 0x04 => Key::Quit,
                    b'k' => Key::Up,
                    b'j' => Key::Down,
                    b'b' => Key::PageUp,
                    b' ' => Key::PageDown,
                    _ => Key::Other,
                };
                (key, rest)
            }
        };
        found.push(key);
        bytes = rest;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Key, keys};

    #[test]
    fn letters_and_the_keys_that_scroll_are_told_from_all_others() {
        assert_eq!(keys(b"nHmwq"), [Key::Next, Key::Hint, Key::Manual, Key::Why, Key::Quit]);
        assert_eq!(keys(b"\x1b[A\x1bOB\x1b[5~\x1b[6~j"), [Key::Up, Key::Down, Key::PageUp, Key::PageDown, Key::Down]);
        assert_eq!(keys(b"\x04\x1b\x1b[1;5C\x1b[200~x"), [Key::Quit, Key::Other, Key::Other, Key::Other, Key::Other]);
        assert_eq!(keys(b"\x1b["), [Key::Other]);
    }
}
