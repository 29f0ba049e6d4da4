//! Prints above the line that is being edited, from any thread, and never holds whoever prints: the editor takes one text at a time, and none
//! once it has its line, while whoever prints may hold what its reader wants next.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::ExternalPrinter;

use super::error::{Error, failed};
use super::simple;

/// Prints above the line that is being edited; for another thread.
pub struct Above(Paper);

enum Paper {
    Editor(Sheet, Newer),
    Simple(simple::Head),
}

/// A prompt that stands there, and what it has become meanwhile: as wide in every line.
pub(super) type Newer = Arc<Mutex<Option<(String, String)>>>;

pub(super) fn lock(newer: &Newer) -> MutexGuard<'_, Option<(String, String)>> {
    newer.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Above {
    pub(super) fn editor(sheet: Sheet, newer: Newer) -> Self {
        Self(Paper::Editor(sheet, newer))
    }

    pub(super) fn simple(head: simple::Head) -> Self {
        Self(Paper::Simple(head))
    }

    /// Prints `text` as [`Above::print`] does; from now on the prompt `stood` reads `now`, which has to be exactly as wide.
    pub fn print_and_renew(&mut self, text: &str, stood: &str, now: &str) -> Result<(), Error> {
        match &self.0 {
            Paper::Editor(_, newer) => *lock(newer) = Some((stood.to_owned(), now.to_owned())),
            Paper::Simple(head) => head.renew(stood, now),
        }
        self.print(text)
    }

    /// Prints `text`, which ends its own lines. Where the editor is leaving its line, it comes above the next one.
    pub fn print(&mut self, text: &str) -> Result<(), Error> {
        match &mut self.0 {
            Paper::Editor(sheet, _) => sheet.print(text),
            Paper::Simple(head) => head.print(text),
        }
        .map_err(|error| failed("print above the prompt")(error.into()))
    }
}

/// What the editor is to print when it has time.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    texts: Sender<String>,
    reads: Arc<AtomicBool>,
}

impl Sheet {
    /// Of an editor that has this printer, which holds whoever prints until it has time.
    pub(super) fn of(mut printer: impl ExternalPrinter + Send + 'static) -> Self {
        let (texts, wanted) = channel();
        std::thread::spawn(move || while wanted.recv().is_ok_and(|text| printer.print(text).is_ok()) {});
        Self { texts, reads: Arc::default() }
    }

    /// The editor reads a line, until this is dropped.
    pub(super) fn reading(&self) -> Reading {
        self.reads.store(true, Ordering::SeqCst);
        Reading(Arc::clone(&self.reads))
    }

    fn print(&self, text: &str) -> std::io::Result<()> {
        if self.reads.load(Ordering::SeqCst) {
            return self.texts.send(text.to_owned()).map_err(|_| std::io::ErrorKind::BrokenPipe.into());
        }
        // No prompt stands there: it stays above the one that comes.
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush())
    }
}

pub(super) struct Reading(Arc<AtomicBool>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::time::Duration;

    /// An editor that takes a text each time it is told to, as rustyline's printer waits for its editor.
    struct Slow(Receiver<()>, SyncSender<String>);

    impl ExternalPrinter for Slow {
        fn print(&mut self, text: String) -> rustyline::Result<()> {
            let _ = self.0.recv();
            let _ = self.1.send(text);
            Ok(())
        }
    }

    #[test]
    fn whoever_prints_is_not_held_by_an_editor_that_has_no_time_and_all_of_it_comes_in_order() {
        let ((time, has_time), (out, shown)) = (sync_channel(4), sync_channel(4));
        let sheet = Sheet::of(Slow(has_time, out));
        let mut above = Above::editor(sheet.clone(), Newer::default());
        let reading = sheet.reading();
        for text in ["one", "two", "three"] {
            above.print(text).unwrap();
        }
        drop(reading);
        assert!(shown.recv_timeout(Duration::from_millis(20)).is_err());
        for text in ["one", "two", "three"] {
            time.send(()).unwrap();
            assert_eq!(shown.recv_timeout(Duration::from_secs(5)).as_deref(), Ok(text));
        }
    }
}
