//! What goes into a hosted bash and what comes out: settings, ends, sights, errors. It does nothing.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use super::nested::NestedCommand;

/// What a bash is started with.
#[derive(Debug)]
pub struct Settings {
    /// Where the learner types: a terminal, or in tests whatever can be polled.
    pub keyboard: OwnedFd,
    /// Where the learner reads.
    pub screen: OwnedFd,
    /// Added to the lab's own environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The screen gets no escape sequence that the learner's own programs do not print.
    pub plain: bool,
    /// The bash to run; none: `$SHELL` when that is a bash, else the first in PATH.
    pub program: Option<PathBuf>,
}

impl Settings {
    /// The lab's own terminal, nothing added. From now on SIGTERM, SIGHUP and a panic give it back as it is now; a `plain` one gets
    /// no escape sequence even then.
    pub fn here(plain: bool) -> io::Result<Settings> {
        super::guard::install(io::stdin().as_fd(), plain);
        Ok(Settings {
            keyboard: io::stdin().as_fd().try_clone_to_owned()?,
            screen: io::stdout().as_fd().try_clone_to_owned()?,
            environment: Vec::new(),
            plain,
            program: None,
        })
    }
}

/// Why bash cannot be hosted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No bash was found.
    #[error("no bash in PATH")]
    NoBash,
    /// It could not be started or talked to.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The lab was asked to end (SIGTERM, SIGHUP); the terminal is as it was.
    #[error("ended by signal {0}")]
    Signal(i32),
}

pub(super) fn failed(doing: &'static str) -> impl Fn(io::Error) -> Error {
    move |source| Error::Io { doing, source }
}

/// How a submitted line ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// The line, as submitted.
    pub line: String,
    /// `$?`; none when bash could not say (its PROMPT_COMMAND was taken away by the very line).
    pub status: Option<i32>,
    /// The last 64 KiB of what was shown, without control sequences.
    pub output: String,
    /// Whether a command began: not for an empty line, a comment or a syntax error.
    pub ran: bool,
    /// What was shown last does not end a line: a prompt would stand right behind it.
    pub open_line: bool,
    /// Commands of nested shells that the caller was not told of yet.
    pub nested: Vec<NestedCommand>,
    /// What the caller gave to be shown above a nested prompt, and that was not shown.
    pub untold: String,
}

/// What comes after a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// bash waits at its prompt.
    Prompt(Ended),
    /// bash ended: `exit`, ^D, `exec`, `set -e`.
    Gone {
        /// Its exit status, 128 + the signal when it was killed.
        status: i32,
    },
}

/// What a command's run wants of its caller.
pub trait Beside {
    /// Keys that were typed behind the line and that nobody has read yet, as a terminal sends them. The command runs for a moment already,
    /// and may wait for them.
    fn keys(&mut self) -> Vec<u8>;

    /// A shell inside the command (su, ssh, sudo -i …) waits at its prompt, quiet and not full screen, or gets its next line at once.
    /// `commands` is what was typed and printed in it since the last time, where it could be read. Text that is given back is shown above
    /// a prompt of that shell at which nothing was typed yet.
    fn nested(&mut self, commands: &[NestedCommand]) -> Option<String>;
}
