//! What is kept of a learner's way through a lesson. The room `store` writes it; nothing here touches a file.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The version of the record's form that this program writes.
pub const VERSION: u32 = 1;

/// One learner's way through one lesson.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The form's version.
    pub version: u32,
    /// The lesson's id.
    pub lesson: String,
    /// The id of the step the learner is at; none when the lesson is done.
    pub step: Option<String>,
    /// Ids of the steps that were done.
    #[serde(default)]
    pub done: BTreeSet<String>,
    /// Ids of the steps that were left out.
    #[serde(default)]
    pub skipped: BTreeSet<String>,
    /// Ids of goals of the current step that were seen once and stay green.
    #[serde(default)]
    pub seen: BTreeSet<String>,
    /// Hints shown in the current step.
    #[serde(default)]
    pub hints: usize,
    /// When the current step began, microseconds since 1970.
    #[serde(default)]
    pub step_began: u64,
    /// In which boot of the machine the current step began.
    #[serde(default)]
    pub boot: String,
    /// The lesson's parameters as it was begun with them.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Values that goals asked to be remembered.
    #[serde(default)]
    pub remembered: BTreeMap<String, String>,
    /// The last step was finished in a later boot than it began: the machine was really rebooted.
    #[serde(default)]
    pub proven: bool,
}
