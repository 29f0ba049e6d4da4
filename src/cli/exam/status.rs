//! The clock, the tasks, and what there is to say about the time. Never how a task stands.

use clap::Args;
use serde_json::json;

use super::attempt::{self, Kept};
use crate::cli::{Exit, Failure};
use crate::exam::{Exam, Phase, Reading, Time};
use crate::screen::{self, Look};

/// How much time is left, the tasks, and what there is to say about the clock.
#[derive(Debug, Args)]
pub(in crate::cli) struct Status {
    /// The attempt, by name or by folder. [default: the newest]
    attempt: Option<String>,
    /// As JSON: attempt, exam, seed, phase, minutes, time in seconds, jumps of the clock in microseconds, tasks.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let kept = attempt::open(self.attempt.as_deref())?;
        let exam = kept.exam(look)?;
        let now = Reading::now()?;
        if self.json {
            say!("{}", screen::json(&as_json(&kept, &exam, &now)).map_err(std::io::Error::from)?);
            return Ok(Exit::Fine);
        }
        let (id, attempt) = (&kept.name, &kept.attempt);
        let mut clock = attempt.clone();
        if attempt.phase == Phase::Running {
            clock.clock.read(&now);
        }
        let stand = screen::Stand { id, exam: &exam, attempt: &clock, time: attempt.time_at(&now) };
        say!("{}", screen::stand(&stand, look));
        Ok(Exit::Fine)
    }
}

fn as_json(kept: &Kept, exam: &Exam, now: &Reading) -> serde_json::Value {
    let attempt = &kept.attempt;
    let mut clock = attempt.clock.clone();
    if attempt.phase == Phase::Running {
        clock.read(now);
    }
    let phase = match attempt.phase {
        Phase::Running => "running",
        Phase::Finished { by_clock: false } => "finished",
        Phase::Finished { by_clock: true } => "finished-by-clock",
        Phase::Abandoned => "abandoned",
    };
    let (left, over, certain) = match attempt.time_at(now) {
        Time::Left(left) => (left / 1_000_000, 0, true),
        Time::Over { by, certain } => (0, by / 1_000_000, certain),
    };
    let tasks: Vec<_> = exam
        .tasks
        .iter()
        .map(|task| json!({"id": task.id, "title": task.title, "objective": task.objective, "points": task.points}))
        .collect();
    let jumps: Vec<_> =
        clock.jumps().iter().map(|(used, jump)| json!({"used": used / 1_000_000, "jump": jump})).collect();
    json!({
        "version": 1, "attempt": kept.name, "exam": attempt.started.exam, "title": exam.title,
        "seed": attempt.started.seed, "machine": attempt.started.machine, "phase": phase, "minutes": attempt.started.minutes,
        "used": clock.used() / 1_000_000, "left": left, "over": over, "certain": certain, "open": attempt.open,
        "logins": attempt.logins, "jumps": jumps, "points": exam.points(), "tasks": tasks,
    })
}
