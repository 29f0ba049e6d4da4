//! `rootless-lab exam`: one subcommand a file.

mod failure;
mod report;
mod schema;
mod stored;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// Sit a timed exam without hints, and see afterwards why each point was given or not.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Exam {
    Report(report::Report),
    Schema(schema::Schema),
}

impl Exam {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Report(report) => report.run(look),
            Self::Schema(schema) => schema.run(),
        }
    }
}
