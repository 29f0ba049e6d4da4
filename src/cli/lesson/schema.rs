//! `rootless-lab lesson schema`: the JSON Schema of `lesson.yaml` and of `exam.yaml`.

use clap::Args;

use super::super::{Exit, Failure};

/// The JSON Schema of `lesson.yaml`, for editors that complete and check.
#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {
    /// That of `exam.yaml` instead.
    #[arg(long)]
    exam: bool,
}

impl Schema {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let schema = if self.exam { crate::exam::form_schema() } else { crate::lesson::schema() };
        let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::from)?;
        sayln!("{text}");
        Ok(Exit::Fine)
    }
}
