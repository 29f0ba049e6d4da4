//! `rootless-lab exam schema`: the JSON Schema of what exams are written in, and of what is reported of them.

use clap::Args;

use crate::cli::{Exit, Failure};

/// The JSON Schema of `exam.yaml`, for editors that complete and check.
#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {
    /// That of a report in JSON instead.
    #[arg(long)]
    report: bool,
}

impl Schema {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let schema = if self.report { crate::exam::report::report_schema() } else { crate::exam::form_schema() };
        let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::from)?;
        sayln!("{text}");
        Ok(Exit::Fine)
    }
}
