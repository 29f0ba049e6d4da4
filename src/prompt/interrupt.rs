//! ^C at a prompt that waits: it ends the waiting and not the lab. It reads no key.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

static WRITE: AtomicI32 = AtomicI32::new(-1);
/// Never closed, for the handler may be about to write.
static PIPE: OnceLock<(OwnedFd, OwnedFd)> = OnceLock::new();

extern "C" fn interrupted(_: libc::c_int) {
    // SAFETY: write is async-signal-safe, and the pipe is never closed.
    unsafe { libc::write(WRITE.load(Ordering::Relaxed), c"^".as_ptr().cast(), 1) };
}

/// Until this is dropped. A pipe tells of it, so that none is missed before a read.
pub(super) struct Interruptible {
    was: SigAction,
    pipe: &'static OwnedFd,
}

impl Interruptible {
    pub(super) fn begin() -> io::Result<Self> {
        if PIPE.get().is_none() {
            let _ = PIPE.set(nix::unistd::pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?);
        }
        let Some((read, write)) = PIPE.get() else { return Err(io::ErrorKind::Other.into()) };
        WRITE.store(write.as_raw_fd(), Ordering::Relaxed);
        let ours = SigAction::new(SigHandler::Handler(interrupted), SaFlags::SA_RESTART, SigSet::empty());
        // SAFETY: the handler only writes to a pipe.
        let was = unsafe { sigaction(Signal::SIGINT, &ours) }?;
        Ok(Self { was, pipe: read })
    }

    /// Waits for the terminal; true when ^C came instead.
    pub(super) fn came(&self) -> io::Result<bool> {
        let input = io::stdin();
        let mut fds =
            [PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN), PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        loop {
            match poll(&mut fds, PollTimeout::NONE) {
                Ok(_) => break,
                Err(nix::Error::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let came = fds[0].any().unwrap_or(false);
        if came {
            let _ = nix::unistd::read(self.pipe, &mut [0; 64]);
        }
        Ok(came)
    }
}

impl Drop for Interruptible {
    fn drop(&mut self) {
        // SAFETY: puts back what stood before.
        let _ = unsafe { sigaction(Signal::SIGINT, &self.was) };
    }
}
