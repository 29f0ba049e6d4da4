//! What came with a line that was submitted, and was read with it already: the line editor reads up to a kilobyte at once and keeps
//! what is behind the first Enter for its next line. Whoever has read later keys has to have these first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::signal::{Signal, raise};
use rustyline::{Cmd, ConditionalEventHandler, Event, EventContext, KeyCode, KeyEvent, Modifiers, RepeatCount};

/// ^C.
pub(super) const INTERRUPT: KeyEvent = KeyEvent(KeyCode::Char('C'), Modifiers::CTRL);

/// Takes the keys out of the line editor.
#[derive(Debug, Clone, Default)]
pub(super) struct Behind {
    keys: Arc<Mutex<Vec<u8>>>,
    /// The editor is asked for keys and not for a line.
    asked: Arc<AtomicBool>,
    interrupted: Arc<AtomicBool>,
}

impl Behind {
    /// From now on, until [`Behind::take`], the editor's reading ends as soon as it has no key any more.
    pub(super) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// The editor is about to read. It looks for an interrupt when it would have to wait for a key, and not before.
    pub(super) fn begins(&self) {
        if self.asked.load(Ordering::Relaxed) {
            // Its handler stands while it reads; a signal that is not sent is like a key that it waits for.
            let _ = raise(Signal::SIGINT);
        }
    }

    /// The line that is submitted was thrown away by ^C.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// The same, told once.
    pub(super) fn was_interrupted(&self) -> bool {
        self.interrupted.swap(false, Ordering::Relaxed)
    }

    /// All keys it had, as a terminal sends them.
    pub(super) fn take(&self) -> Vec<u8> {
        self.asked.store(false, Ordering::Relaxed);
        std::mem::take(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ConditionalEventHandler for Behind {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        let key = event.get(0)?;
        if self.asked.load(Ordering::Relaxed) {
            press(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner), key);
            return Some(Cmd::Noop);
        }
        if *key != INTERRUPT {
            return None;
        }
        // The editor's own command for it loses what is behind; a line that is submitted does not.
        self.interrupted.store(true, Ordering::Relaxed);
        Some(Cmd::AcceptLine)
    }
}

/// Adds a key as a terminal sends it. A backspace takes back what it stands behind, as a terminal does with a line that nobody has read.
fn press(keys: &mut Vec<u8>, KeyEvent(code, modifiers): &KeyEvent) {
    if modifiers.contains(Modifiers::ALT) && !matches!(code, KeyCode::Backspace) {
        keys.push(0x1b);
    }
    let letter = match code {
        KeyCode::Char(key @ '@'..='_') if modifiers.contains(Modifiers::CTRL) => return keys.push(*key as u8 & 0x1f),
        KeyCode::Char(key) => return keys.extend(key.encode_utf8(&mut [0; 4]).bytes()),
        KeyCode::Enter => return keys.push(b'\r'),
        KeyCode::Tab => return keys.push(b'\t'),
        KeyCode::Esc => return keys.push(0x1b),
        KeyCode::Backspace => {
            let text = keys.utf8_chunks().last().map_or("", |chunk| chunk.valid());
            let last = text.chars().next_back().filter(|last| !last.is_control());
            return keys.truncate(keys.len() - last.map_or(0, char::len_utf8));
        }
        KeyCode::Up => "A",
        KeyCode::Down => "B",
        KeyCode::Right => "C",
        KeyCode::Left => "D",
        KeyCode::Home => "H",
        KeyCode::End => "F",
        KeyCode::BackTab => "Z",
        KeyCode::Insert => "2~",
        KeyCode::Delete => "3~",
        KeyCode::PageUp => "5~",
        KeyCode::PageDown => "6~",
        KeyCode::F(number @ 1..=4) => return keys.extend([0x1b, b'O', b'O' + number]),
        KeyCode::F(number @ 5..=12) => {
            ["15~", "17~", "18~", "19~", "20~", "21~", "23~", "24~"][usize::from(number - 5)]
        }
        // What is left stands for nothing that a command could be waiting for.
        _ => return,
    };
    keys.extend(b"\x1b[");
    keys.extend(letter.bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(events: &[KeyEvent]) -> String {
        let mut keys = Vec::new();
        events.iter().for_each(|key| press(&mut keys, key));
        String::from_utf8(keys).unwrap()
    }

    #[test]
    fn a_key_is_what_the_terminal_sent_for_it() {
        for sent in ["a", "\u{e9}", "\r", "\n", "\t", "\x01", "\x03", "\x04", "\x1a", "\x1b", "\x1c", "\x1f"] {
            assert_eq!(pressed(&[KeyEvent::from(sent.chars().next().unwrap())]), sent, "{sent:?}");
        }
        let key = |code| KeyEvent(code, Modifiers::NONE);
        for (code, sent) in [(KeyCode::Up, "\x1b[A"), (KeyCode::Home, "\x1b[H"), (KeyCode::PageDown, "\x1b[6~")] {
            assert_eq!(pressed(&[key(code)]), sent);
        }
        assert_eq!(pressed(&[KeyEvent::alt('f')]), "\x1bf");
        assert_eq!(pressed(&[key(KeyCode::Null), key(KeyCode::UnknownEscSeq)]), "");
        assert_eq!(pressed(&[key(KeyCode::F(1)), key(KeyCode::F(4))]), "\x1bOP\x1bOS");
        assert_eq!(pressed(&[key(KeyCode::F(5)), key(KeyCode::F(12))]), "\x1b[15~\x1b[24~");
    }

    #[test]
    fn a_backspace_takes_back_a_letter_and_no_line() {
        let events = |text: &str| text.chars().map(KeyEvent::from).collect::<Vec<_>>();
        assert_eq!(pressed(&events("\x7fa\u{e9}\x7fb\r\x7f\x08\x03\x7fc")), "ab\r\x03c");
    }
}
