//! The real login sessions of an account, as logind knows them. Sessions of the class `manager` do not count.

use serde::{Deserialize, Serialize};

/// What is wished of an account's login sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Session {
    /// The account's name.
    pub account: String,
    /// True: at least one real login session is open. False: none. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub open: bool,
    /// The PAM service that opened it: `sshd`, `login`. Any unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}
