//! What `rootless-lab man` takes.

use clap::Args;

use super::{Exit, Failure, ask};
use crate::screen::Look;

/// The entry of the manual that belongs to this step, or any other of this machine.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// A command and what is sought of it: mkdir -p, systemctl daemon-reload. The step's own entry where nothing is said.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORD")]
    words: Vec<String>,
}

impl Man {
    pub(super) fn run(&self, look: &Look) -> Result<Exit, Failure> {
        ask::run(&format!(":man {}", self.words.join(" ")), look)
    }
}
