//! `rootless-lab exam`: one subcommand a file.

mod attempt;
mod history;
mod report;
mod review;
mod schema;
mod stored;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// Sit a timed exam without hints, and see afterwards why each point was given or not.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Exam {
    History(history::History),
    Report(report::Report),
    Review(review::Review),
    Schema(schema::Schema),
}

impl Exam {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::History(history) => history.run(look),
            Self::Report(report) => report.run(look),
            Self::Review(review) => review.run(look),
            Self::Schema(schema) => schema.run(),
        }
    }
}
