//! The hidden subcommand that the lab starts through sudo: the process that looks with the right eyes.

use clap::Args;

use super::{Exit, Failure};

/// Judge typed checks from standard input (started by the lab itself).
#[derive(Debug, Args)]
pub(super) struct Observer {
    /// Look as this account only.
    #[arg(long)]
    account: Option<String>,
}

impl Observer {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        crate::observer::serve(self.account.as_deref())?;
        Ok(Exit::Fine)
    }
}
