//! An attempt's report, from its record.

use clap::Args;

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::screen::{self, Format, Look};

/// What came of an attempt: every goal with what was wanted, found and seen, and its points. Looks at no machine.
#[derive(Debug, Args)]
pub(in crate::cli) struct Report {
    /// The attempt, by name or by folder. [default: the newest]
    attempt: Option<String>,
    /// For whom.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Report {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let kept = attempt::open(self.attempt.as_deref())?;
        attempt::is_over(&kept)?;
        let text = screen::report(&kept.report(&kept.exam(look)?), self.format, look);
        say!("{}", text.map_err(std::io::Error::other)?);
        Ok(Exit::Fine)
    }
}
