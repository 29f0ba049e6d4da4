//! An account of the machine: that it exists, and what it is like.

use serde::{Deserialize, Serialize};

/// What is wished of an account. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Account {
    /// The account's name.
    pub name: String,
    /// False wishes that there is no such account. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// The user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The home directory named in the account's entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// The login shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// Groups that the account is a member of, its own group included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// At least this many subordinate user ids and group ids, as rootless containers need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_ids: Option<u32>,
}
