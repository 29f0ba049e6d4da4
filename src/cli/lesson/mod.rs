//! What authors do with lessons: one subcommand a file.

mod lint;
mod schema;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// Write, check and prove lessons of your own.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Lesson {
    Lint(lint::Lint),
    /// The JSON Schema of `lesson.yaml`, for editors that complete and check.
    Schema,
}

impl Lesson {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Lint(lint) => lint.run(look),
            Self::Schema => schema::run(),
        }
    }
}
