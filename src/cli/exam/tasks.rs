//! The sheet again.

use clap::Args;

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::screen::{self, Look};

/// Show the sheet again.
#[derive(Debug, Args)]
pub(in crate::cli) struct Tasks {
    /// The attempt, by name or by folder. [default: the newest]
    attempt: Option<String>,
}

impl Tasks {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let kept = attempt::open(self.attempt.as_deref())?;
        say!("{}", screen::sheet(&kept.exam(look)?, look));
        Ok(Exit::Fine)
    }
}
