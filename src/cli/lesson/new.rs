//! Begins a lesson.

use std::path::Path;

use clap::Args;

use crate::author::{self, BeginError};
use crate::cli::{Exit, Failure};

/// Begin a lesson: a folder with one step, two solutions and a wrong answer, commented, and proven as it is.
#[derive(Debug, Args)]
pub(in crate::cli) struct New {
    /// The track it serves and its own name, which become its folder: `rhcsa/my-lesson`.
    #[arg(value_name = "TRACK/SLUG")]
    name: String,
}

impl New {
    pub(in crate::cli) fn run(self) -> Result<Exit, Failure> {
        let folder = author::begin(Path::new(""), &self.name).map_err(|error| {
            let (exit, way_out) = match &error {
                BeginError::Name(_) => (
                    Exit::Usage,
                    "two words with a slash between them, of lower-case letters, digits and dashes, a letter first: rhcsa/my-lesson",
                ),
                BeginError::Exists(_) => (Exit::Usage, "take another name, or go on with the one that is there"),
                BeginError::Disk { .. } => (Exit::Machine, "go to a folder in which you may write"),
            };
            Failure::new(exit, error.to_string(), way_out)
        })?;
        let folder = folder.display();
        sayln!("{folder} is a lesson now. Open {folder}/lesson.yaml in an editor.");
        sayln!("See how it looks:  rootless-lab lesson preview {folder}");
        sayln!("Prove it:          rootless-lab lesson prove {folder}");
        Ok(Exit::Fine)
    }
}
