//! `rootless-lab exam report`: an attempt's report, from its record.

use clap::Args;

use super::stored::{Stored, last};
use super::{Exit, Failure};
use crate::screen::{self, Format, Look};

/// What came of an attempt: every goal with what was wanted, found and seen, and its points. Judges nothing anew.
#[derive(Debug, Args)]
pub(in crate::cli) struct Report {
    /// The attempt by its name, or by the path of its folder (anything with a slash); otherwise your last one.
    attempt: Option<String>,
    /// For whom.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Report {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let stored = match &self.attempt {
            Some(name) => Stored::find(name)?,
            None => last(look)?,
        };
        let text = screen::report(&stored.report(), self.format, look);
        say!("{}", text.map_err(std::io::Error::other)?);
        Ok(Exit::Fine)
    }
}
