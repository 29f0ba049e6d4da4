//! `exam`: one subcommand a file.

mod abandon;
mod attempt;
mod batch;
mod dispute;
mod finish;
mod grade;
mod history;
mod key;
mod list;
mod looking;
mod regrade;
mod report;
mod result;
mod review;
mod schema;
mod sign;
mod start;
mod status;
mod tasks;
mod verify;

pub(super) use attempt::nobody_sits;

use clap::Subcommand;

use super::{Exit, Failure};
use crate::screen::Look;

/// Sit an exam: timed, without hints, judged by what the machine is like in the end. Grade it, and look into what was graded.
#[derive(Debug, Subcommand)]
pub(super) enum Exam {
    Abandon(abandon::Abandon),
    Dispute(dispute::Dispute),
    Finish(finish::Finish),
    Grade(grade::Grade),
    History(history::History),
    Key(key::Key),
    List(list::List),
    Regrade(regrade::Regrade),
    Report(report::Report),
    Review(review::Review),
    Schema(schema::Schema),
    Sign(sign::Sign),
    Start(start::Start),
    Status(status::Status),
    Tasks(tasks::Tasks),
    Verify(verify::Verify),
}

impl Exam {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match self {
            Self::Abandon(abandon) => abandon.run(look),
            Self::Dispute(dispute) => dispute.run(look),
            Self::Finish(finish) => finish.run(look),
            Self::Grade(grade) => grade.run(look),
            Self::History(history) => history.run(look),
            Self::Key(key) => key.run(),
            Self::List(list) => list.run(look),
            Self::Regrade(regrade) => regrade.run(look),
            Self::Report(report) => report.run(look),
            Self::Review(review) => review.run(look),
            Self::Schema(schema) => schema.run(),
            Self::Sign(sign) => sign.run(look),
            Self::Start(start) => start.run(look),
            Self::Status(status) => status.run(look),
            Self::Tasks(tasks) => tasks.run(look),
            Self::Verify(verify) => verify.run(look),
        }
    }
}
