//! `rootless-lab exam sign`: an instructor's signature over what was collected.

use std::path::PathBuf;

use clap::Args;

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::grading;

/// Sign attempts as they lie there: from then on any change shows.
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
    pub(super) fn run(self) -> Result<Exit, Failure> {
        for name in &self.attempts {
            let path = attempt::folder(name)?;
            let head = grading::sign(&path, &self.key)
                .map_err(Failure::from)
                .map_err(|failure| Failure { what: format!("{name}: {}", failure.what), ..failure })?;
            sayln!("{name}: signed, {} lines, head {}", head.n, head.hash);
        }
        Ok(Exit::Fine)
    }
}
