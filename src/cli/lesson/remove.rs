//! Takes a lesson off the learner's own shelf.

use clap::Args;

use super::add::refused;
use crate::cli::{Exit, Failure};
use crate::lesson::OwnShelf;
use crate::store::Agreed;

/// Take a lesson off your own shelf. Your progress in it is kept.
#[derive(Debug, Args)]
pub(in crate::cli) struct Remove {
    /// The lesson.
    name: String,
}

impl Remove {
    pub(super) fn run(self, look: &crate::screen::Look) -> Result<Exit, Failure> {
        let shelf = OwnShelf::of_this_process().map_err(|error| refused(error, look))?;
        let folder = shelf.remove(&self.name).map_err(|error| refused(error, look))?;
        // What comes to this place later is another lesson.
        Agreed::of_learner()?.forget(&folder)?;
        sayln!("{} is no longer on your shelf. Your progress in it is kept.", self.name);
        Ok(Exit::Fine)
    }
}
