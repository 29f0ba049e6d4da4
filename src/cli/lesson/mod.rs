//! What authors do with lessons: one subcommand a file.

mod new;
mod prove;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// Write, check and prove lessons of your own.
#[derive(Debug, Subcommand)]
pub(super) enum Lesson {
    New(new::New),
    Prove(prove::Prove),
}

impl Lesson {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::New(new) => new.run(),
            Self::Prove(prove) => prove.run(look),
        }
    }
}
