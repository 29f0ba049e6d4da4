//! `rootless-lab lesson`: one subcommand a file.

mod add;
mod lint;
mod list;
mod remove;
mod schema;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// The lessons there are, and lessons of your own: put them on your shelf, write, check and prove them.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Lesson {
    Add(add::Add),
    Lint(lint::Lint),
    List(list::List),
    Remove(remove::Remove),
    /// The JSON Schema of `lesson.yaml`, for editors that complete and check.
    Schema,
}

impl Lesson {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => add.run(look),
            Self::Lint(lint) => lint.run(look),
            Self::List(list) => list.run(look),
            Self::Remove(remove) => remove.run(look),
            Self::Schema => schema::run(),
        }
    }
}
