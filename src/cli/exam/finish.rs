//! Hands in.

use clap::Args;

use super::{attempt, looking};
use crate::cli::{Exit, Failure};
use crate::exam::{Event, Phase, Reading};
use crate::screen::{self, Look};

/// Hand in: the clock stops, and the machine can be graded.
#[derive(Debug, Args)]
pub(in crate::cli) struct Finish {}

impl Finish {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let mut kept = attempt::open(None)?;
        if kept.attempt.phase == Phase::Abandoned {
            let way_out = format!("`rootless-lab exam start {}` begins another one", kept.attempt.started.exam);
            return Err(Failure::new(Exit::Machine, "the last attempt was given up", way_out));
        }
        looking::is_its_machine(&kept.name, &kept.attempt)?;
        // Whoever hands in while the clock does, or from two terminals, hands in once.
        kept.folder.append_now(|attempt, now| {
            let running = attempt.phase == Phase::Running;
            attempt.by_clock(now).or_else(|| running.then_some(Event::Finished { by_clock: false }))
        })?;
        let mut kept = attempt::open(Some(&kept.name))?;
        kept.show(&Reading::now()?);
        if let Phase::Finished { by_clock } = kept.attempt.phase {
            say!("{}", screen::handed_in(by_clock, look));
        }
        let exam = kept.exam(look)?;
        looking::at_hand_in(&mut kept.folder, &exam, &kept.attempt)?;
        Ok(Exit::Fine)
    }
}
