//! The candidate's terminal: out of the way while a login has one like it, and ours again afterwards, with the modes that it had.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

use nix::sys::termios::{self, SetArg, Termios};

use crate::bash;

/// What a program that was killed may have left turned on: pasting in brackets, the mouse, the other screen (without moving the cursor of
/// this one), a hidden cursor, colours.
const OFF: &[u8] = b"\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1047l\x1b[?25h\x1b[0m";

/// A terminal that is lent.
pub(super) struct Lent {
    modes: Option<Termios>,
    plain: bool,
}

impl Lent {
    /// Notes how it is.
    pub(super) fn begin(plain: bool) -> Self {
        Self { modes: termios::tcgetattr(io::stdin()).ok(), plain }
    }

    /// A terminal with the same modes and size, and out of its way this one: from now on no key means anything here. Both ends.
    pub(super) fn twin(&self) -> io::Result<(File, File)> {
        let ends = bash::open_terminal(self.modes.as_ref(), bash::size_of(io::stdin().as_fd()))?;
        if let Some(mut raw) = self.modes.clone() {
            termios::cfmakeraw(&mut raw);
            // At once: what was typed already must not be lost.
            termios::tcsetattr(io::stdin(), SetArg::TCSANOW, &raw)?;
        }
        Ok(ends)
    }

    /// Takes it back. Whoever had the other one and was killed may have left something turned on.
    pub(super) fn back(&self, killed: bool) {
        // A terminal that is gone is nobody's, and there is nobody to tell.
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
    }
}
