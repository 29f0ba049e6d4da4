//! What a judgement needs beside the machine: what the lab itself has observed. Never anything that the machine can answer.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// What the lab has observed since the step began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// When the step began: microseconds since 1970, by the machine's wall clock.
    #[serde(default)]
    pub step_began: u64,
    /// The commands seen in the lab's terminal during this step, oldest first.
    #[serde(default)]
    pub commands: Vec<CommandFact>,
    /// Values that earlier passes asked to be remembered, by name.
    #[serde(default)]
    pub remembered: BTreeMap<String, String>,
    /// The leader of the terminal's foreground process group (a process id), where a lab holds a terminal.
    #[serde(default)]
    pub front: Option<i32>,
    /// How long `within` and `for` may wait at the most. Zero at a prompt: look once.
    #[serde(default)]
    pub patience: Span,
    /// What was agreed to, where the check programs are a stranger's: whoever looks runs none of them once it is otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
}

/// The files that check programs come with, as they were when somebody agreed to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Their folder, a full path.
    pub folder: PathBuf,
    /// The digest over all of them.
    pub digest: String,
}

/// One command line that ended in the lab's terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandFact {
    /// The line as it was typed.
    pub line: String,
    /// Its exit status; none where the lab could not see it (in a nested shell).
    pub status: Option<i32>,
    /// What it printed, without control sequences; the last 64 KiB at the most.
    pub output: String,
    /// The account whose shell ran it, where that is known.
    #[serde(default)]
    pub account: Option<String>,
}
