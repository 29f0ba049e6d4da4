//! Signals as bytes in a pipe. One handler from the first Bash on: while a command runs, SIGTERM and SIGHUP are told there too; at other
//! times they go on to whoever handled them before.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

static PIPE: AtomicI32 = AtomicI32::new(-1);
const WATCHED: [Signal; 3] = [Signal::SIGWINCH, Signal::SIGTERM, Signal::SIGHUP];
/// Somebody reads the pipe.
static READ: AtomicBool = AtomicBool::new(false);
/// What stood before ours, in the order of `WATCHED`.
static STOOD: OnceLock<[Option<SigAction>; 3]> = OnceLock::new();

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
    if signal != libc::SIGWINCH && !READ.load(Ordering::SeqCst) {
        return go_on(signal);
    }
    let byte = signal as u8;
    // SAFETY: errno and write are async-signal-safe; the pipe is never closed.
    unsafe {
        let errno = *libc::__errno_location();
        libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1);
        *libc::__errno_location() = errno;
    }
}

/// To the handler that stood before ours. Makes async-signal-safe calls only.
fn go_on(signal: libc::c_int) {
    let stood = STOOD.get().and_then(|stood| {
        WATCHED.iter().zip(stood).find_map(|(one, stood)| stood.filter(|_| *one as libc::c_int == signal))
    });
    match stood.map(|stood| stood.handler()) {
        Some(SigHandler::Handler(handler)) => handler(signal),
        Some(SigHandler::SigIgn) => {}
        // SAFETY: both calls are async-signal-safe.
        _ => unsafe {
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        },
    }
}

fn install() {
    let ours = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler makes async-signal-safe calls only.
    STOOD.get_or_init(|| WATCHED.map(|signal| unsafe { sigaction(signal, &ours) }.ok()));
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
        install();
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

/// Whoever has this reads the pipe, until it is dropped.
pub(super) struct Watch;

impl Watch {
    pub(super) fn begin() -> Watch {
        READ.store(true, Ordering::SeqCst);
        Watch
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        READ.store(false, Ordering::SeqCst);
    }
}
