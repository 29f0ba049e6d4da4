//! Many attempts at once: what goes wrong with one is told, and the others are gone on with. It ends with the worst.

use crate::cli::{Exit, Failure};
use crate::screen::{self, Look};

/// What came of those that were named.
#[derive(Debug, Default)]
pub(super) struct Batch {
    failed: Vec<Exit>,
}

impl Batch {
    /// One of them could not be worked on.
    pub(super) fn failed(&mut self, failure: Failure, look: &Look) {
        // Standard error may be no terminal where standard output is one.
        let look = Look { colour: false, ..*look };
        tell!("{}", screen::error(&failure.what, failure.way_out.as_deref(), &look).trim_end());
        self.failed.push(failure.exit);
    }

    /// How the command ends, where nothing else is wrong.
    pub(super) fn exit(self) -> Exit {
        self.failed.into_iter().max_by_key(|exit| *exit as u8).unwrap_or(Exit::Fine)
    }
}
