//! Signals as bytes in a pipe, while a command runs. Outside of `Watch` the process's own handlers stand.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

static PIPE: AtomicI32 = AtomicI32::new(-1);
const WATCHED: [Signal; 3] = [Signal::SIGWINCH, Signal::SIGTERM, Signal::SIGHUP];

/// No signal: another thread has something to tell.
pub(super) const NUDGE: u8 = 0;

/// From any thread: a nested shell that waits at its prompt is seen once more, as if it had just fallen quiet.
/// When no command runs, nothing comes of it.
pub fn nudge() {
    // SAFETY: one byte of a static is written to a pipe that is never closed; before there is one, to no file at all.
    unsafe { libc::write(PIPE.load(Ordering::Relaxed), (&raw const NUDGED).cast(), 1) };
}

static NUDGED: u8 = NUDGE;

extern "C" fn note(signal: libc::c_int) {
    let byte = signal as u8;
    // SAFETY: errno and write are async-signal-safe; the pipe is never closed.
    unsafe {
        let errno = *libc::__errno_location();
        libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1);
        *libc::__errno_location() = errno;
    }
}

/// The reading end of the pipe, made once for a Bash.
pub(super) struct Pipe(std::fs::File);

impl Pipe {
    pub(super) fn new() -> io::Result<Pipe> {
        let (read, write) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC | nix::fcntl::OFlag::O_NONBLOCK)
            .map_err(io::Error::from)?;
        let write: RawFd = write.into_raw_fd();
        // An older writing end stays open: a handler may be using it this instant. There is one Bash at a time.
        PIPE.store(write, Ordering::Relaxed);
        Ok(Pipe(std::fs::File::from(read)))
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// The signals that came.
    pub(super) fn take(&self) -> Vec<u8> {
        let mut signals = [0; 64];
        let read = (&self.0).read(&mut signals).unwrap_or(0);
        signals[..read].to_vec()
    }
}

/// Our handlers stand until this is dropped; then those that stood before.
pub(super) struct Watch(Vec<(Signal, SigAction)>);

impl Watch {
    pub(super) fn begin() -> Watch {
        let ours = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
        let stood = WATCHED.iter().filter_map(|signal| {
            // SAFETY: the handler only writes to a pipe.
            unsafe { sigaction(*signal, &ours) }.ok().map(|was| (*signal, was))
        });
        Watch(stood.collect())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        for (signal, was) in &self.0 {
            // SAFETY: puts back what stood before.
            let _ = unsafe { sigaction(*signal, was) };
        }
    }
}
