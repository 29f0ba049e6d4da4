//! `rootless-lab exam`: one subcommand a file.

mod attempt;
mod dispute;
mod grade;
mod key;
mod regrade;
mod result;
mod sign;
mod verify;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// Exams: graded by the state of the machine, with all that a grade rests on.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Exam {
    Dispute(dispute::Dispute),
    Grade(grade::Grade),
    Key(key::Key),
    Regrade(regrade::Regrade),
    Sign(sign::Sign),
    Verify(verify::Verify),
}

impl Exam {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Dispute(dispute) => dispute.run(),
            Self::Grade(grade) => grade.run(look),
            Self::Key(key) => key.run(),
            Self::Regrade(regrade) => regrade.run(look),
            Self::Sign(sign) => sign.run(),
            Self::Verify(verify) => verify.run(look),
        }
    }
}
