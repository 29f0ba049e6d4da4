//! `rootless-lab exam sign`: an instructor's signature over what was collected.

use std::path::PathBuf;

use clap::Args;

use super::attempt;
use super::batch::Batch;
use crate::cli::{Exit, Failure};
use crate::grading;
use crate::screen::{self, Look};

/// Sign attempts as they lie there: from then on any change shows.
///
/// One that is not as it was written is not signed; the others are all the same.
#[derive(Debug, Args)]
pub(in crate::cli) struct Sign {
    /// The attempts, by name or by folder.
    #[arg(required = true, value_name = "ATTEMPT")]
    attempts: Vec<String>,
    /// The private key that `exam key` made.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

impl Sign {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        // A key that cannot be had is no fault of any attempt.
        grading::Key::read(&self.key)?;
        let mut batch = Batch::default();
        for name in &self.attempts {
            let signed = attempt::folder(name).and_then(|path| Ok(grading::sign(&path, &self.key)?));
            match signed {
                Ok(head) => {
                    let name = screen::clean_line(name, look);
                    sayln!("{name}: signed, {} lines, head {}", head.n, head.hash);
                }
                Err(failure) => batch.failed(Failure { what: format!("{name}: {}", failure.what), ..failure }, look),
            }
        }
        Ok(batch.exit())
    }
}
