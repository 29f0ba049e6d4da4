//! `rootless-lab exam dispute`: what a report about a verdict needs.

use std::path::PathBuf;

use clap::Args;

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::exam::GoalId;
use crate::grading::{self, BundleError};
use crate::screen::{self, Look};

/// Bundle what belongs to one goal's verdict, to attach to a report.
///
/// The goal and its wish, every verdict on it, what was seen for that, the lines of the record, the versions, and the command lines of that
/// task; nothing about other goals, no password's hash, and no output of commands.
#[derive(Debug, Args)]
pub(in crate::cli) struct Dispute {
    /// The attempt, by name or by folder.
    attempt: String,
    /// The goal, as the result names it: TASK/GOAL.
    goal: GoalId,
    /// Where the bundle goes. [default: dispute-ATTEMPT-TASK-GOAL.tar here]
    #[arg(long, short, value_name = "FILE.tar")]
    output: Option<PathBuf>,
}

impl Dispute {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let kept = attempt::open(Some(&self.attempt))?;
        attempt::is_over(&kept)?;
        let exam = kept.exam(look)?;
        let mut bundle = Vec::new();
        grading::dispute(kept.folder.path(), &exam, &self.goal, &mut bundle).map_err(|error| {
            let goals: Vec<String> = exam.goals().map(|(task, goal)| task.id_of(goal).to_string()).collect();
            let what = error.to_string();
            match error {
                BundleError::NoGoal(_) => Failure::new(Exit::Usage, what, format!("there are: {}", goals.join(", "))),
                BundleError::NotGraded => Failure::new(Exit::Usage, what, "`rootless-lab exam grade` grades it"),
                BundleError::Folder(error) => error.into(),
                _ => Failure::new(Exit::Failed, what, "`rootless-lab exam verify` says what is wrong with the attempt"),
            }
        })?;
        let attempt = kept.folder.path().file_name().unwrap_or_default().to_string_lossy();
        let path = self
            .output
            .unwrap_or_else(|| PathBuf::from(format!("dispute-{attempt}-{}-{}.tar", self.goal.task, self.goal.goal)));
        super::result::write(&path, &bundle)?;
        let path = screen::clean_line(&path.display().to_string(), look);
        sayln!("{path}: look through it, and attach it to your report.");
        Ok(Exit::Fine)
    }
}
