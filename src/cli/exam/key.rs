//! `rootless-lab exam key`: an instructor's key.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Exit, Failure};
use crate::grading::{self, KeyError};

/// Make a key with which an instructor signs what was collected.
///
/// FILE is the private key, for its owner alone; FILE.pub is for everybody. Both are ed25519 in PEM, as openssl has them. Keep FILE where no
/// candidate comes by it.
#[derive(Debug, Args)]
pub(in crate::cli) struct Key {
    /// Where the private key goes. Nothing is written over.
    file: PathBuf,
}

impl Key {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let public = grading::make_key(&self.file)?;
        sayln!("{} is yours alone. {} is for everybody.", self.file.display(), public.display());
        Ok(Exit::Fine)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        let what = error.to_string();
        match error {
            KeyError::File { .. } => {
                Self::new(Exit::Machine, what, "look at the path, its owner and its rights; no file is written over")
            }
            KeyError::NoKey(..) => Self::new(
                Exit::Machine,
                what,
                "`rootless-lab exam key FILE` makes a pair: FILE signs, FILE.pub verifies",
            ),
            KeyError::Open(path) => Self::new(Exit::Machine, what, format!("chmod 600 {}", path.display())),
            KeyError::Random(_) => Self { what, way_out: None, exit: Exit::Failed },
            KeyError::Folder(error) => error.into(),
            KeyError::Broken => {
                Self::new(Exit::Failed, what, "`rootless-lab exam verify` says what is wrong; it is not signed")
            }
        }
    }
}
