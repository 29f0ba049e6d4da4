//! What an exam is, after its seed's values were filled in: the sheet that a candidate gets, and what it is judged by.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use checkers::Check;
use serde::{Deserialize, Serialize};

use super::attempt::GradeKind;
use crate::lesson::{Author, Declared, ManualEntry, Needs};

/// An exam as one candidate gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exam {
    /// The folder's name: `rootless-sprint`.
    pub id: String,
    /// One line.
    pub title: String,
    /// The first screen: what the exam is and what it is not. Markdown.
    pub about: String,
    /// The exams or courses it is practice for: `RHCSA EX200 (RHEL 9)`.
    pub tracks: Vec<String>,
    /// Who wrote it, where it says so.
    pub author: Option<Author>,
    /// How long it takes. 1 to 480.
    pub minutes: u32,
    /// The least per cent of all points with which it is passed. 1 to 100.
    pub pass_mark: u32,
    /// What was filled into its texts, by name: drawn values and parameters.
    pub parameters: BTreeMap<String, String>,
    /// The accounts it speaks of. Members are there from the start; created ones are the candidate's work.
    pub accounts: Vec<Declared>,
    /// What the machine must have, where the exam says so.
    pub needs: Option<Needs>,
    /// What the administrator types afterwards, line by line, so that the machine is as before.
    pub clean_up: Vec<String>,
    /// In the order of the sheet. Never empty.
    pub tasks: Vec<Task>,
}

/// One task: what is required, never how.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Unique in the exam: `account`.
    pub id: String,
    /// One line.
    pub title: String,
    /// The requirement. Markdown.
    pub text: String,
    /// What the task shows that one can do; scores are told per objective.
    pub objective: String,
    /// The sum of its goals' points. At least one for each goal.
    pub points: u32,
    /// Each goal counts by itself; otherwise all goals must pass, or none counts.
    pub partial_credit: bool,
    /// What is set up when the exam starts, in this order.
    pub prepare: Vec<Preparation>,
    /// What must be true. Never empty.
    pub goals: Vec<Goal>,
    /// Where to learn what was missed.
    pub review: Review,
}

/// A check with a sentence and its worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// Unique in its task.
    pub id: String,
    /// A sentence: `The account anna exists.`
    pub say: String,
    /// The wish.
    pub check: Check,
    /// Is judged after the reboot, where there is one.
    pub lasting: bool,
    /// Judged instead of the check while the machine has not been rebooted.
    pub predicted_by: Option<Check>,
    /// What it is worth. At least 1.
    pub points: u32,
}

impl Goal {
    /// The wish that a grade of this kind looks at.
    pub fn check_for(&self, kind: GradeKind) -> &Check {
        match (kind, &self.predicted_by) {
            (GradeKind::Predicted, Some(check)) if self.lasting => check,
            _ => &self.check,
        }
    }
}

/// Something that is set up in a member's home when the exam starts, with that account's rights and no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preparation {
    /// A directory, with its parents.
    Directory {
        /// Whose home it is in.
        account: String,
        /// Its path below the home; never leads out of it.
        path: String,
    },
    /// A file, with the directories above it.
    File(PlacedFile),
}

/// A file in an account's home, and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFile {
    /// Whose home it is in.
    pub account: String,
    /// Its path below the home; never leads out of it.
    pub path: String,
    /// Its whole content.
    pub text: String,
}

/// Where to learn what was missed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// A step of a lesson, as lesson and step: `("rootless-containers", "linger")`.
    pub step: Option<(String, String)>,
    /// Places in man pages.
    pub manual: Vec<ManualEntry>,
    /// Files as a good solution has them, to compare the candidate's with.
    pub files: Vec<PlacedFile>,
}

/// Names a goal of an exam: `account/exists`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GoalId {
    /// The task's id.
    pub task: String,
    /// The goal's id in it.
    pub goal: String,
}

impl fmt::Display for GoalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.task, self.goal)
    }
}

impl FromStr for GoalId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').filter(|(task, goal)| !task.is_empty() && !goal.is_empty());
        let (task, goal) = parts.ok_or_else(|| format!("`{text}` is not TASK/GOAL"))?;
        Ok(Self { task: task.to_owned(), goal: goal.to_owned() })
    }
}

impl TryFrom<String> for GoalId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<GoalId> for String {
    fn from(id: GoalId) -> Self {
        id.to_string()
    }
}

impl Task {
    /// The name of one of its goals in the whole exam.
    pub fn id_of(&self, goal: &Goal) -> GoalId {
        GoalId { task: self.id.clone(), goal: goal.id.clone() }
    }
}

impl Exam {
    /// All points there are.
    pub fn points(&self) -> u32 {
        self.tasks.iter().map(|task| task.points).sum()
    }

    /// All goals in the order of the sheet, each with its task.
    pub fn goals(&self) -> impl Iterator<Item = (&Task, &Goal)> {
        self.tasks.iter().flat_map(|task| task.goals.iter().map(move |goal| (task, goal)))
    }

    /// The goal of that name.
    pub fn goal(&self, id: &GoalId) -> Option<(&Task, &Goal)> {
        self.goals().find(|(task, goal)| task.id == id.task && goal.id == id.goal)
    }
}
