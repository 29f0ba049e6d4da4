//! The lab's side of the live watch: takes in what stirs, in a thread of its own, and hands it on. Decides nothing.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, pipe};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::line::{self, Lines};
use super::request::{Answer, Request, Stir};
use super::serve::serve_watch;

/// No stir is longer.
const MOST: usize = 64 * 1024;
const HOUR: Duration = Duration::from_secs(3600);
/// How long a watch may take to be set.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the watch tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Something stirred, or cannot be watched any more, or can be again.
    Stir(Stir),
    /// Whoever watched is gone.
    Gone,
}

/// Who wants to be told.
pub(super) type Ears = Arc<dyn Fn(Told) + Send + Sync>;

/// Hands on what comes from here until it ends. What is no stir (a program between may say what it likes) is passed over.
pub(super) fn listen(from: impl AsFd + Send + 'static, ears: Ears) {
    std::thread::spawn(move || {
        let mut lines = Lines::new(from, MOST);
        loop {
            match lines.next(Instant::now() + HOUR) {
                Ok(Some(line)) => {
                    if let Ok(stir) = line::read::<Stir>(&line) {
                        ears(Told::Stir(stir));
                    }
                }
                Err(error) if error.kind() == ErrorKind::TimedOut => {}
                Ok(None) | Err(_) => return ears(Told::Gone),
            }
        }
    });
}

/// A watcher in a thread of this process, with this process's own rights. It ends when this is dropped.
pub(super) struct Thread {
    ask: PipeWriter,
    answers: Lines<PipeReader>,
}

impl Thread {
    pub(super) fn start(ears: Ears) -> io::Result<Self> {
        let (from, ask) = pipe()?;
        let (answers, out) = pipe()?;
        let (told, stirs) = pipe()?;
        listen(told, ears);
        // When it breaks off, its end of the stirs is closed, and that is told.
        std::thread::spawn(move || serve_watch(from, out, stirs));
        Ok(Self { ask, answers: Lines::new(answers, MOST) })
    }

    pub(super) fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        let until = Instant::now() + PATIENCE;
        line::write(&self.ask, request, until)?;
        let line = self.answers.next(until)?.ok_or(ErrorKind::UnexpectedEof)?;
        line::read(&line).map_err(io::Error::other)
    }
}
