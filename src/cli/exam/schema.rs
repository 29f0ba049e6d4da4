//! `rootless-lab exam schema`: the JSON Schema of what is reported of an attempt.

use clap::Args;

use crate::cli::{Exit, Failure};

/// The JSON Schema of a report in JSON. That of `exam.yaml` is `rootless-lab lesson schema --exam`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {}

impl Schema {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let text = serde_json::to_string_pretty(&crate::exam::report::report_schema()).map_err(std::io::Error::from)?;
        sayln!("{text}");
        Ok(Exit::Fine)
    }
}
