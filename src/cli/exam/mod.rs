//! `exam`: one subcommand a file.

mod abandon;
mod attempt;
mod finish;
mod list;
mod start;
mod status;
mod tasks;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// Sit an exam: timed, without hints, judged by what the machine is like in the end.
#[derive(Debug, Subcommand)]
pub(super) enum Exam {
    Abandon(abandon::Abandon),
    Finish(finish::Finish),
    List(list::List),
    Start(start::Start),
    Status(status::Status),
    Tasks(tasks::Tasks),
}

impl Exam {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Abandon(abandon) => abandon.run(look),
            Self::Finish(finish) => finish.run(look),
            Self::List(list) => list.run(look),
            Self::Start(start) => start.run(look),
            Self::Status(status) => status.run(look),
            Self::Tasks(tasks) => tasks.run(look),
        }
    }
}
