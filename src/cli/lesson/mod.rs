//! `rootless-lab lesson`: one subcommand a file.

mod add;
mod list;
mod remove;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// The lessons there are, and lessons of your own.
#[derive(Debug, Subcommand)]
pub(super) enum Lesson {
    Add(add::Add),
    List(list::List),
    Remove(remove::Remove),
}

impl Lesson {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => add.run(look),
            Self::List(list) => list.run(look),
            Self::Remove(remove) => remove.run(look),
        }
    }
}
