//! A process of our own binary that answers questions, held by its pipes; it ends when this is dropped.

use std::io::{self, ErrorKind};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::line::{self, Lines};
use super::request::{Answer, Request};

/// The longest that an answer may take: an author's program may run for long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A helper process.
#[derive(Debug)]
pub(super) struct Helper {
    child: Child,
    ask: Option<ChildStdin>,
    answers: Lines<ChildStdout>,
    /// When it was asked last.
    pub(super) used: Instant,
}

impl Helper {
    /// Starts it with pipes of its own.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (ask, answers) = (child.stdin.take(), child.stdout.take());
        let answers = Lines::new(answers.ok_or(ErrorKind::BrokenPipe)?);
        Ok(Self { child, ask, answers, used: Instant::now() })
    }
    /// Sends a question.
    pub(super) fn ask(&mut self, request: &Request) -> io::Result<()> {
        self.used = Instant::now();
        line::write(self.ask.as_mut().ok_or(ErrorKind::BrokenPipe)?, request)
    }
    /// Waits for the answer to it, so much longer than usual.
    pub(super) fn answer(&mut self, more: Duration) -> io::Result<Answer> {
        let line = self.answers.next(Instant::now() + PATIENCE + more)?.ok_or(ErrorKind::UnexpectedEof)?;
        line::read(&line).map_err(io::Error::other)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // It ends by itself when its input ends; one that hangs, or sudo before it, is not waited for for long.
        self.ask.take();
        let until = Instant::now() + Duration::from_millis(500);
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() > until {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }
}
