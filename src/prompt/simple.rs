//! Asks for a line on a terminal that nothing moves the cursor of: the terminal itself edits the line, and no sequence is ever sent.
//! For screen readers, logs and dumb terminals. Keeps no history and completes nothing.

use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use super::editor::Read;

/// What stands in front of the line that is being typed, so that news can put it there again.
#[derive(Debug, Clone, Default)]
pub(super) struct Head(Arc<Mutex<Standing>>);

#[derive(Debug, Default)]
struct Standing {
    /// As it was asked for.
    asked: String,
    /// As it is put there again.
    shown: String,
}

impl Head {
    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, text: &str) {
        *self.lock() = Standing { asked: text.to_owned(), shown: text.to_owned() };
    }

    /// The prompt `stood` reads `now` when it is put there again; another (of a line that goes on) stays.
    pub(super) fn renew(&self, stood: &str, now: &str) {
        let mut head = self.lock();
        if head.asked == last_line(stood) {
            last_line(now).clone_into(&mut head.shown);
        }
    }

    /// Prints `text` in lines of its own, and the prompt again.
    pub(super) fn print(&self, text: &str) -> io::Result<()> {
        let head = self.lock();
        let mut out = io::stdout().lock();
        write!(out, "\n{text}{}", head.shown)?;
        out.flush()
    }
}

fn last_line(prompt: &str) -> &str {
    prompt.rsplit('\n').next().unwrap_or(prompt)
}

static PIPE: AtomicI32 = AtomicI32::new(-1);

extern "C" fn interrupted(_: libc::c_int) {
    // SAFETY: write is async-signal-safe; on a descriptor that is closed already it does nothing.
    unsafe { libc::write(PIPE.load(Ordering::Relaxed), c"^".as_ptr().cast(), 1) };
}

/// ^C ends the waiting for a line and not the lab, until this is dropped. A pipe tells of it, so that none is missed before a read.
struct Interruptible {
    was: SigAction,
    read: OwnedFd,
    _write: OwnedFd,
}

impl Interruptible {
    fn begin() -> io::Result<Self> {
        let (read, write) = nix::unistd::pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        PIPE.store(write.as_raw_fd(), Ordering::Relaxed);
        let ours = SigAction::new(SigHandler::Handler(interrupted), SaFlags::SA_RESTART, SigSet::empty());
        // SAFETY: the handler only writes to a pipe.
        let was = unsafe { sigaction(Signal::SIGINT, &ours) }?;
        Ok(Self { was, read, _write: write })
    }

    /// Waits for the terminal; true when ^C came instead.
    fn came(&self) -> io::Result<bool> {
        let input = io::stdin();
        let mut fds =
            [PollFd::new(self.read.as_fd(), PollFlags::POLLIN), PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        loop {
            match poll(&mut fds, PollTimeout::NONE) {
                Ok(_) => return Ok(fds[0].any().unwrap_or(false)),
                Err(nix::Error::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for Interruptible {
    fn drop(&mut self) {
        // SAFETY: puts back what stood before, ahead of the pipe's end.
        let _ = unsafe { sigaction(Signal::SIGINT, &self.was) };
        PIPE.store(-1, Ordering::Relaxed);
    }
}

/// Asks for a line; `initial` was typed already. `is_open` says whether more has to follow.
pub(super) fn read(head: &Head, prompt: &str, initial: &str, is_open: impl Fn(&str) -> bool) -> io::Result<Read> {
    let interruptible = Interruptible::begin()?;
    // A prompt of several lines shows its last one again.
    head.set(last_line(prompt));
    let mut out = io::stdout().lock();
    write!(out, "{prompt}{initial}")?;
    out.flush()?;
    drop(out);
    let mut bytes = initial.as_bytes().to_vec();
    let mut buffer = [0; 4096];
    loop {
        if interruptible.came()? {
            io::stdout().write_all(b"\n")?;
            return Ok(Read::Interrupted);
        }
        let count = match nix::unistd::read(io::stdin().as_fd(), &mut buffer) {
            Ok(count) => count,
            Err(nix::Error::EINTR) => continue,
            Err(error) => return Err(error.into()),
        };
        bytes.extend_from_slice(&buffer[..count]);
        let typed = String::from_utf8_lossy(&bytes);
        match typed.strip_suffix('\n') {
            Some(line) if !is_open(line) => return Ok(Read::Line(line.to_owned())),
            Some(_) => {
                head.set("> ");
                io::stdout().write_all(b"> ").and_then(|()| io::stdout().flush())?;
            }
            None if count == 0 && bytes.is_empty() => return Ok(Read::EndOfInput),
            // ^D behind a half line hands over what is typed, and no more; twice ends what is open.
            None if count == 0 => return Ok(Read::Line(typed.into_owned())),
            None => {}
        }
    }
}
