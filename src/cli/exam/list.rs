//! The exams there are, and the attempts there were.

use clap::Args;

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::exam::Reading;
use crate::screen::{self, Look, Tried};

/// The exams there are, and the attempts there were.
#[derive(Debug, Args)]
pub(in crate::cli) struct List {}

impl List {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let shelf = attempt::shelf();
        let exams: Vec<(String, Result<crate::exam::Exam, String>)> = shelf
            .names()
            .into_iter()
            .map(|name| {
                // Any seed will do: a list tells nothing that is drawn.
                let exam = shelf
                    .find(&name)
                    .and_then(|(source, _)| shelf.drawn(&source, 0))
                    .map_err(|error| error.to_string());
                (name, exam)
            })
            .collect();
        let now = Reading::now()?;
        let kept = attempt::all()?;
        let tried: Vec<Tried<'_>> = kept
            .iter()
            .map(|kept| Tried { id: kept.name.clone(), attempt: &kept.attempt, time: kept.attempt.time_at(&now) })
            .collect();
        say!("{}", screen::exams(&exams, &tried, look));
        Ok(Exit::Fine)
    }
}
