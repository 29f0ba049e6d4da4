//! Gives the learner's terminal back as it was when the lab is told to end, or breaks. Installed once; it never changes how the lab ends.

use std::os::fd::BorrowedFd;
use std::sync::OnceLock;

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::termios;

/// The modes to give back, and what is written then.
static WAS: OnceLock<(libc::termios, &[u8])> = OnceLock::new();

/// What the lab's line editor and programs in the learner's bash may have turned on: pasting in brackets, the mouse, the other
/// screen, a hidden cursor, colours.
const OFF: &[u8] = b"\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1049l\x1b[?25h\x1b[0m\r\n";

extern "C" fn end(signal: libc::c_int) {
    give_back();
    // SAFETY: both calls are async-signal-safe.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

/// Gives it back now.
pub(super) fn give_back() {
    if let Some((was, off)) = WAS.get() {
        // SAFETY: tcsetattr and write are async-signal-safe; `was` lives for ever.
        unsafe {
            libc::tcsetattr(0, libc::TCSANOW, was);
            libc::write(1, off.as_ptr().cast(), off.len());
        }
    }
}

/// From now on SIGTERM, SIGHUP and a panic leave the terminal as it is at this moment; a plain one without any escape sequence.
pub(super) fn install(terminal: BorrowedFd<'_>, plain: bool) {
    let Ok(modes) = termios::tcgetattr(terminal) else { return };
    let off: &[u8] = if plain { b"\r\n" } else { OFF };
    if WAS.set((modes.into(), off)).is_err() {
        return;
    }
    let ours = SigAction::new(SigHandler::Handler(end), SaFlags::empty(), SigSet::empty());
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the handler makes async-signal-safe calls only.
        let _ = unsafe { sigaction(signal, &ours) };
    }
    let said = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        give_back();
        said(panic);
    }));
}
