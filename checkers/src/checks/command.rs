//! A command that the learner ran in the lab's terminal, for steps whose very subject is its outcome.

use serde::{Deserialize, Serialize};

/// What is wished of a command run during this step. The newest one that fits `run` is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// The program and the words that name what it does: `podman run`, `systemctl daemon-reload`, `ls`.
    pub run: String,
    /// Flags that it must have, by long name or letter as the program's own `--help` knows them: `[detach, tty, user]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Words that must be among its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// The account whose shell ran it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// It succeeded (status 0), or failed. In a nested shell the status cannot be seen: prefer `output` there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<bool>,
    /// The exit status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// Regular expressions; at least one matches somewhere in what it printed (`^` and `$` are lines).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<String>,
}
