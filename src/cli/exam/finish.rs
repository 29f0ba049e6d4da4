//! Hands in.

use clap::Args;

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::exam::{Event, Phase, Reading, Time};
use crate::screen::{self, Look};

/// Hand in: the clock stops, and the machine can be graded.
#[derive(Debug, Args)]
pub(in crate::cli) struct Finish {}

impl Finish {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let mut kept = attempt::open(None)?;
        match kept.attempt.phase {
            Phase::Finished { by_clock } => {
                say!("{}", screen::handed_in(by_clock, look));
                return Ok(Exit::Fine);
            }
            Phase::Abandoned => {
                let way_out = format!("`rootless-lab exam start {}` begins another one", kept.attempt.started.exam);
                return Err(Failure::new(Exit::Machine, "the last attempt was given up", way_out));
            }
            Phase::Running => {}
        }
        let now = Reading::now()?;
        let by_clock = matches!(kept.attempt.time_at(&now), Time::Over { certain: true, .. });
        kept.folder.append(&now, &Event::Finished { by_clock })?;
        kept.show(&now);
        say!("{}", screen::handed_in(by_clock, look));
        Ok(Exit::Fine)
    }
}
