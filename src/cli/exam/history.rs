//! Attempts over time.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::exam::history::{Past, history};
use crate::screen::{self, Look};

/// Your attempts over time, how each objective went, and what to practise next.
///
/// An objective that was missed is due at once. One that was right is due a day later, and each time it is right again when it is due the
/// wait doubles, up to 64 days.
#[derive(Debug, Args)]
pub(in crate::cli) struct History {
    /// Of this exam only.
    exam: Option<String>,
}

impl History {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let mut all = Vec::new();
        for kept in attempt::all()? {
            if self.exam.as_ref().is_some_and(|exam| *exam != kept.attempt.started.exam) {
                continue;
            }
            match kept.exam(look) {
                Ok(exam) => all.push((kept.report(&exam), exam)),
                Err(failure) => {
                    let what = screen::clean_line(&failure.what, look);
                    tell!("The attempt {} is left out: {what}.", kept.name);
                }
            }
        }
        let past: Vec<Past<'_>> = all.iter().map(|(report, exam)| Past { report, exam }).collect();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_micros()).unwrap_or_default();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        say!("{}", screen::history(&history(&past), now, look));
        Ok(Exit::Fine)
    }
}
