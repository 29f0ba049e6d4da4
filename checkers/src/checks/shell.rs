//! What the shell in front of the learner really is: whose it is, how it was entered, and whether its environment belongs to it.

use serde::{Deserialize, Serialize};

/// What is wished of the shell in front of the learner. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shell {
    /// The account it runs as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How that account was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered: Option<Entered>,
    /// XDG_RUNTIME_DIR is set and belongs to the account of the shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_runtime_dir: Option<bool>,
    /// The bus that programs started here would use belongs to the account of the shell and can be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_bus: Option<bool>,
}

/// How a shell's account was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entered {
    /// A real login: logind has a session of this very account, and the shell is in it.
    Login,
    /// `su` without a login session of its own.
    Su,
    /// `sudo`, likewise.
    Sudo,
}
