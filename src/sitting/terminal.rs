//! The candidate's terminal: lent to a bash in the foreground, and ours again afterwards, with the modes that it had.

use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::termios::{self, SetArg, Termios};
use nix::unistd::{getpgrp, tcgetpgrp, tcsetpgrp};

/// What is left to bash while it has the terminal.
const BASHS: [Signal; 5] = [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU];

/// What a program that was killed may have left turned on: pasting in brackets, the mouse, the other screen, a hidden cursor, colours.
const OFF: &[u8] = b"\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1049l\x1b[?25h\x1b[0m";

/// A terminal that is lent.
pub(super) struct Lent {
    modes: Option<Termios>,
    plain: bool,
}

impl Lent {
    /// From now on keys that mean something are for whoever is in front.
    pub(super) fn begin(plain: bool) -> Self {
        for one in BASHS {
            // SAFETY: no handler is set, only that nothing happens.
            let _ = unsafe { signal(one, SigHandler::SigIgn) };
        }
        Self { modes: termios::tcgetattr(io::stdin()).ok(), plain }
    }

    /// In the child, between fork and exec: the keys mean again what they mean to a login.
    pub(super) fn as_it_was() -> io::Result<()> {
        for one in BASHS {
            // SAFETY: system calls only.
            unsafe { signal(one, SigHandler::SigDfl) }?;
        }
        Ok(())
    }

    /// The process group in front.
    pub(super) fn front() -> Option<i32> {
        tcgetpgrp(io::stdin().as_fd()).ok().map(nix::unistd::Pid::as_raw).filter(|group| *group > 0)
    }

    /// Takes it back. Whoever was in front and was killed may have left something turned on.
    pub(super) fn back(&self, killed: bool) {
        // A terminal that is gone is nobody's, and there is nobody to tell.
        let _ = tcsetpgrp(io::stdin().as_fd(), getpgrp());
        if let Some(modes) = &self.modes {
            let _ = termios::tcsetattr(io::stdin(), SetArg::TCSADRAIN, modes);
        }
        if killed {
            let off = if self.plain { &b"\r\n"[..] } else { OFF };
            let _ = io::stdout().write_all(off).and_then(|()| io::stdout().flush());
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.back(false);
        for one in BASHS {
            // SAFETY: puts back what a program begins with.
            let _ = unsafe { signal(one, SigHandler::SigDfl) };
        }
    }
}
