//! What came with a line that was submitted, and was read with it already: the line editor reads up to a kilobyte at once and keeps
//! what is behind the first Enter for its next line. Whoever has read later keys has to have these first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::signal::{Signal, raise};
use rustyline::{Cmd, ConditionalEventHandler, Event, EventContext, KeyCode, KeyEvent, Modifiers, RepeatCount};

/// Takes the keys out of the line editor.
#[derive(Debug, Clone, Default)]
pub(super) struct Behind {
    keys: Arc<Mutex<Vec<u8>>>,
    /// The editor is asked for keys and not for a line.
    asked: Arc<AtomicBool>,
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

    /// All keys it had, as a terminal sends them.
    pub(super) fn take(&self) -> Vec<u8> {
        self.asked.store(false, Ordering::Relaxed);
        std::mem::take(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ConditionalEventHandler for Behind {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.extend(event.get(0).and_then(text).map(String::from).unwrap_or_default().bytes());
        Some(Cmd::Noop)
    }
}

/// The text that a key stands for; arrows and their like are none.
fn text(key: &KeyEvent) -> Option<char> {
    match key {
        KeyEvent(KeyCode::Char(text), Modifiers::NONE) => Some(*text),
        KeyEvent(KeyCode::Enter, Modifiers::NONE) => Some('\r'),
        KeyEvent(KeyCode::Char('J'), Modifiers::CTRL) => Some('\n'),
        KeyEvent(KeyCode::Tab, Modifiers::NONE) | KeyEvent(KeyCode::Char('I'), Modifiers::CTRL) => Some('\t'),
        KeyEvent(KeyCode::Backspace, Modifiers::NONE) | KeyEvent(KeyCode::Char('H'), Modifiers::CTRL) => Some('\x7f'),
        _ => None,
    }
}
