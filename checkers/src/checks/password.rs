//! The password entry of an account. Needs root's eyes; never shows a hash.

use serde::{Deserialize, Serialize};

/// What is wished of an account's password. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Password {
    /// The account's name.
    pub account: String,
    /// A password is set (whether or not it is locked).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<bool>,
    /// The password is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// The password or the account is past its date, or has to be changed at the next login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<bool>,
    /// The password is this one (yescrypt, sha512 and sha256 hashes can be compared).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
}
