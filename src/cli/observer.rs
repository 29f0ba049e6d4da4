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
        let served = match &self.account {
            Some(name) => crate::observer::serve_as(name),
            None => crate::observer::serve(),
        };
        served.map(|()| Exit::Fine).map_err(|what| Failure { what, way_out: None, exit: Exit::Failed })
    }
}
