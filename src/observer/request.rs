//! What can be asked of the observer, and what it answers: one JSON value a line. Nothing that is not written here is understood.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use checkers::checks::program::LONGEST_TIME;
use checkers::facts::{chain::Link, front::Front};
use checkers::machine::witness::{Seen, Testimony};
use checkers::{Check, Context, Ground, Verdict};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// The folder for the lab's own socket.
pub(super) const ROOM: &str = "/run/rootless-lab";

/// A question.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Request {
    /// Judge these, in this order.
    Judge { checks: Vec<Check>, context: Box<Context> },
    /// Judge these, in this order, and tell what was asked of the machine for that.
    Testify { checks: Vec<Check>, context: Box<Context> },
    /// Which shell stands in front of this process's terminal?
    Front(i32),
    /// Which way led to this process?
    Chain(i32),
    /// Make the folder for the lab's socket.
    Room(bool),
    /// Let go of whoever started this process: nobody is needed between it and the one who asks.
    Alone(bool),
    /// From now on tell when one of these stirs, and no other.
    Watch {
        /// Told again with each stir, so that one of an earlier watch is known.
        round: u64,
        /// At most [`MOST_GROUNDS`]. None: nothing is watched any more.
        grounds: Vec<Ground>,
    },
}

/// No step rests on more.
pub(super) const MOST_GROUNDS: usize = 256;

/// What is told unasked, a line each, beside the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stir {
    /// The watch that it belongs to.
    pub round: u64,
    /// The grounds that stirred, by their places in the watch.
    pub grounds: Vec<usize>,
    /// What cannot be watched at this time, and why. All of it, each time.
    pub lost: BTreeMap<usize, String>,
}

/// An answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Answer {
    /// One verdict a check, in their order.
    Verdicts(Vec<Verdict>),
    /// The same, with all that was seen.
    Testimony { verdicts: Vec<Verdict>, testimony: Box<Testimony> },
    /// The same from one account's eyes, each check's by itself.
    Seen(Vec<(Verdict, Seen)>),
    /// The shell in front.
    Front(Box<Front>),
    /// The way that led to a process, the outermost link first.
    Chain(Vec<Link>),
    /// The folder stands there.
    Room(PathBuf),
    /// Nobody is between.
    Alone,
    /// It is watched.
    Watching,
    /// The question was not understood, or is none that is answered here.
    Refused(String),
}

/// How long the programs of a lesson's author in this wish may run together: at most a minute each.
pub(super) fn running_time(check: &Check) -> Duration {
    let time = |single: &Check| match single {
        Check::Program(program) => program.time.0.min(LONGEST_TIME.0),
        _ => Duration::ZERO,
    };
    check.singles().into_iter().map(time).sum()
}

impl Request {
    /// How many times as long as another one its answer may be.
    pub(super) fn length(&self) -> usize {
        if matches!(self, Self::Testify { .. }) { 4 } else { 1 }
    }
}
