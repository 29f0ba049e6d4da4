//! A process of our own binary that answers questions, held by its pipes; it ends when this is dropped.

use std::io::{self, ErrorKind};
use std::os::fd::BorrowedFd;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

use super::line::{self, Lines};
use super::request::{Answer, Request};

/// The longest that taking a question, or answering it, may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A helper process.
#[derive(Debug)]
pub(super) struct Helper {
    child: Child,
    ask: Option<ChildStdin>,
    answers: Lines<ChildStdout>,
    most: usize,
    /// What it tells unasked, until somebody takes it to listen.
    pub(super) news: Option<ChildStderr>,
}

impl Helper {
    /// Starts it with pipes of its own. No answer of its is longer than `most`, but for one with a testimony.
    pub(super) fn start(command: &mut Command, most: usize) -> io::Result<Self> {
        Self::start_with(command.stderr(Stdio::null()), most)
    }
    /// The same, of one that tells what stirs.
    pub(super) fn start_telling(command: &mut Command, most: usize) -> io::Result<Self> {
        Self::start_with(command.stderr(Stdio::piped()), most)
    }
    fn start_with(command: &mut Command, most: usize) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (ask, answers) = (child.stdin.take(), child.stdout.take());
        let answers = Lines::new(answers.ok_or(ErrorKind::BrokenPipe)?, most);
        if let Some(ask) = &ask {
            // One that does not read must not hold us.
            fcntl(ask, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let news = child.stderr.take();
        Ok(Self { child, ask, answers, most, news })
    }
    /// Waits a moment for the process that was started to end; how it did. Another one may have taken its place at the pipes.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + Duration::from_millis(500);
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => self.answers.end_comes(Duration::from_micros(200)),
                _ => return None,
            }
        }
    }
    /// Sends a question.
    pub(super) fn ask(&mut self, request: &Request) -> io::Result<()> {
        self.answers.allow(self.most.saturating_mul(request.length()));
        line::write(self.ask.as_ref().ok_or(ErrorKind::BrokenPipe)?, request, Instant::now() + PATIENCE)
    }
    /// Asks nothing more: with its input it ends.
    pub(super) fn close(&mut self) {
        self.ask.take();
    }
    /// Waits for the answer to it, so much longer than usual.
    pub(super) fn answer(&mut self, more: Duration) -> io::Result<Answer> {
        self.answer_for(None, more)
    }
    /// The same for somebody, and no longer than there is somebody at the other end of this pipe.
    pub(super) fn answer_for(&mut self, asker: Option<BorrowedFd<'_>>, more: Duration) -> io::Result<Answer> {
        let line = self.answers.next_for(asker, Instant::now() + PATIENCE + more)?.ok_or(ErrorKind::UnexpectedEof)?;
        line::read(&line).map_err(io::Error::other)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // It ends by itself when its input ends. One that hangs is killed; one that cannot be killed (sudo) is not waited for.
        self.close();
        for end in [|_: &mut Child| Ok(()), Child::kill] {
            let _ = end(&mut self.child);
            if self.ended().is_some() {
                return;
            }
        }
    }
}
