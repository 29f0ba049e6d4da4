//! The form of `exam.yaml`, as serde reads it. What is missing is empty here; `rules` says so. The words are the schema's.

use std::collections::BTreeMap;

use checkers::Check;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::lesson::reading::{Account, EntryForm, ID, LINE, NeedsForm, Parameter, Placed, SOME, Text, Writer};

/// An exam for rootless-lab.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(rename = "Exam", extend("required" = ["format", "title", "about", "minutes", "pass-mark", "tasks"]))]
pub(super) struct Document {
    /// The version of this form: 1.
    #[schemars(extend("const" = 1))]
    pub(super) format: Option<Placed<u32>>,
    /// The exam's name for people, one line.
    #[schemars(extend("pattern" = LINE))]
    pub(super) title: Text,
    /// The first screen: what the exam is and what it is not. Markdown.
    #[schemars(extend("pattern" = SOME))]
    pub(super) about: Text,
    /// The exams or courses that it is practice for: `RHCSA EX200 (RHEL 9)`.
    pub(super) tracks: Vec<String>,
    /// Who wrote it.
    pub(super) author: Option<Writer>,
    /// How long it takes: 1 to 480 minutes.
    #[schemars(extend("minimum" = 1, "maximum" = 480))]
    pub(super) minutes: Option<Placed<u32>>,
    /// The least per cent of all points with which it is passed: 1 to 100.
    #[schemars(extend("minimum" = 1, "maximum" = 100))]
    pub(super) pass_mark: Option<Placed<u32>>,
    /// Each goal counts by itself. Otherwise all goals of a task must pass, or none counts. A task may say otherwise.
    pub(super) partial_credit: bool,
    /// Goals are to be true after a reboot. A task or a goal may say otherwise.
    pub(super) lasting: bool,
    /// Words that are the machine's, the administrator's name say: `{{name}}` is filled in wherever a text stands.
    #[schemars(extend("propertyNames" = {"pattern": ID}))]
    pub(super) parameters: BTreeMap<String, Parameter>,
    /// Words that each seed gives a value of its own. No two of them are the same.
    #[schemars(extend("propertyNames" = {"pattern": ID}))]
    pub(super) draw: BTreeMap<String, Placed<RuleForm>>,
    /// All accounts that a check may speak of. `root` is on every machine and needs no line.
    pub(super) accounts: Vec<Placed<Account>>,
    /// The oldest versions with which the exam can be sat.
    pub(super) needs: Option<Placed<NeedsForm>>,
    /// What the administrator types in a login shell after the exam, line by line; then the machine is as before.
    #[schemars(inner(regex(pattern = LINE)))]
    pub(super) clean_up: Vec<Placed<String>>,
    /// The tasks, in the order of the sheet.
    #[schemars(extend("minItems" = 1))]
    pub(super) tasks: Option<Placed<Vec<Placed<TaskForm>>>>,
}

/// What a drawn word may be.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Rule")]
pub(super) enum RuleForm {
    /// One of these names: letters, digits and single dashes, a letter first, at most 31.
    From(Vec<String>),
    /// A whole number; the lowest and the highest one.
    Between(Vec<u32>),
    /// So many words of the list with dashes between them: 1 to 3.
    Words(u32),
}

/// One task: what is required, never how. It has goals of its own, or those of a lesson's step.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(rename = "Task", extend("required" = ["objective", "points"]))]
pub(super) struct TaskForm {
    /// The task's id, unique in the exam. With `lesson` it may be left out, and is the step's.
    #[schemars(extend("type" = "string", "pattern" = ID))]
    pub(super) id: Text,
    /// The task's name for people, one line. With `lesson` it may be left out, and is the step's.
    #[schemars(extend("pattern" = LINE))]
    pub(super) title: Text,
    /// The requirement, Markdown. With `lesson` it may be left out, and is what the goals say: a step's text teaches the way.
    #[schemars(extend("pattern" = SOME))]
    pub(super) text: Text,
    /// What the task shows that one can do, one line. Scores are told per objective.
    #[schemars(extend("pattern" = LINE))]
    pub(super) objective: Text,
    /// What it is worth: at least one point for each goal, at most 1000.
    #[schemars(extend("minimum" = 1, "maximum" = 1000))]
    pub(super) points: Option<Placed<u32>>,
    /// Each goal counts by itself. What the exam says, where this is missing.
    pub(super) partial_credit: Option<bool>,
    /// Its goals are to be true after a reboot. What the exam says, where this is missing.
    pub(super) lasting: Option<bool>,
    /// What is set up in members' homes when the exam starts, in this order.
    pub(super) prepare: Vec<Placed<PreparationForm>>,
    /// What must be true. Every goal is red when the exam starts.
    pub(super) goals: Vec<Placed<GoalForm>>,
    /// A step of a lesson whose goals are taken: `LESSON/STEP`. Those about what was typed or seen on the way are left out.
    pub(super) lesson: Text,
    /// Values for the lesson's parameters. One that the exam has under the same name needs no line.
    #[serde(rename = "with")]
    #[schemars(extend("propertyNames" = {"pattern": ID}))]
    pub(super) values: BTreeMap<String, Placed<String>>,
    /// Where to learn what was missed.
    pub(super) review: Option<ReviewForm>,
}

/// A check with a sentence for the candidate.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(rename = "ExamGoal", extend("required" = ["id", "say", "check"]))]
pub(super) struct GoalForm {
    /// The goal's id, unique in its task.
    #[schemars(extend("type" = "string", "pattern" = ID))]
    pub(super) id: Text,
    /// A sentence, one line: `The account anna exists.`
    #[schemars(extend("pattern" = LINE))]
    pub(super) say: Text,
    /// What must be true: one check. `rootless-lab checks` lists them.
    pub(super) check: Option<Placed<Check>>,
    /// Is to be true after a reboot. What the task says, where this is missing.
    pub(super) lasting: Option<bool>,
    /// A check that is looked at instead while the machine has not been rebooted.
    pub(super) predicted_by: Option<Placed<Check>>,
    /// Its part of the task's points. All goals of a task say theirs, or none does: then they share evenly, the first ones get what is over.
    #[schemars(extend("minimum" = 1, "maximum" = 1000))]
    pub(super) points: Option<Placed<u32>>,
}

/// One thing that is set up, with the rights of the account whose home it is in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Preparation")]
pub(super) enum PreparationForm {
    /// A directory, with its parents.
    Directory(DirectoryForm),
    /// A file, with the directories above it.
    File(FileForm),
}

/// A directory in a member's home.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "HomeDirectory", extend("required" = ["account", "path"]))]
pub(super) struct DirectoryForm {
    /// Whose home: an account that is there from the start.
    #[schemars(extend("pattern" = SOME))]
    pub(super) account: Text,
    /// The path below the home: `.config/systemd/user`.
    #[schemars(extend("pattern" = LINE))]
    pub(super) path: Text,
}

/// A file in an account's home.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "HomeFile", extend("required" = ["account", "path", "text"]))]
pub(super) struct FileForm {
    /// Whose home.
    #[schemars(extend("pattern" = SOME))]
    pub(super) account: Text,
    /// The path below the home: `.config/systemd/user/web.service`.
    #[schemars(extend("pattern" = LINE))]
    pub(super) path: Text,
    /// All that stands in it.
    #[schemars(extend("pattern" = SOME))]
    pub(super) text: Text,
}

/// Where to learn what was missed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Review")]
pub(super) struct ReviewForm {
    /// A step of a lesson, as `LESSON/STEP`. With the task's own `lesson` it may be left out, and is that one.
    pub(super) lesson: Text,
    /// Places in man pages. With the task's own `lesson` those of the step follow.
    pub(super) manual: Vec<Placed<EntryForm>>,
    /// Files as a good solution has them; the candidate's are compared with them.
    pub(super) files: Vec<Placed<FileForm>>,
}
