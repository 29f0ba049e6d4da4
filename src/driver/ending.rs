//! How a lab ends when it is told to from outside (SIGTERM, SIGHUP) while it waits at its prompt: the terminal is put back first.
//! While a command runs, the room `bash` sees these signals itself. Progress is on disk already; nothing is saved here.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};

static PIPE: AtomicI32 = AtomicI32::new(-1);
/// What lies about while a lab runs, and goes with it.
static LITTER: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

extern "C" fn note(signal: libc::c_int) {
    let byte = signal as u8;
    // SAFETY: write is async-signal-safe; the pipe is never closed.
    unsafe { libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1) };
}

/// From now on the lab ends in order when it is told to. `plain`: the prompt sends the terminal no sequences.
pub(super) fn watch(plain: bool) -> io::Result<()> {
    let was = tcgetattr(io::stdin().as_fd())?;
    let (read, write): (OwnedFd, OwnedFd) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    PIPE.store(write.as_raw_fd(), Ordering::Relaxed);
    // The handler uses it as long as the process lives.
    std::mem::forget(write);
    std::thread::spawn(move || {
        let mut signal = [0];
        if std::fs::File::from(read).read_exact(&mut signal).is_err() {
            return;
        }
        let _ = tcsetattr(io::stdin().as_fd(), SetArg::TCSANOW, &was);
        if !plain {
            // The line editor asked for pastes in brackets.
            let _ = io::stdout().write_all(b"\x1b[?2004l");
        }
        let _ = io::stdout().write_all(b"\n").and_then(|()| io::stdout().flush());
        end_by(i32::from(signal[0]))
    });
    let ours = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the handler only writes to a pipe.
        unsafe { sigaction(signal, &ours) }?;
    }
    Ok(())
}

/// A file or folder that is to go when the lab is ended from outside.
pub(super) fn leave_nothing_of(path: PathBuf) {
    LITTER.lock().unwrap_or_else(PoisonError::into_inner).push(path);
}

/// Ends by this signal, as a process that does not handle it does, so that whoever waits for the lab sees why.
pub fn end_by(signal: i32) -> ! {
    for path in LITTER.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
    if let Ok(signal) = Signal::try_from(signal) {
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: puts back what every process begins with.
        if unsafe { sigaction(signal, &default) }.is_ok() {
            let _ = raise(signal);
        }
    }
    std::process::exit(128 + signal)
}
