//! A file, directory or link: its kind, mode, owner, who may write to it, and what stands in it.

use serde::{Deserialize, Serialize};

/// What is wished of a path. Only what is named is judged; a path and nothing else wishes that it exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Path {
    /// The path. `~` and `~name` stand for a home directory, `{uid}` for the uid of `as`.
    pub path: String,
    /// The account with whose eyes to look, and whose home `~` is. Otherwise anyone's.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// False wishes that there is nothing at this path. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The permission bits, in octal with a leading zero: `"0700"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The owner's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Accounts that may write to it (by owner, group and mode).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writable_by: Vec<String>,
    /// Accounts that may not write to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_writable_by: Vec<String>,
    /// Every one of these texts stands in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Every one of these regular expressions matches somewhere in the file (`^` and `$` are lines).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<String>,
    /// The file is exactly this text; a fail shows the difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What kind of thing a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link (the link itself, not what it points to).
    Link,
    /// A socket.
    Socket,
    /// A named pipe.
    Pipe,
    /// A device.
    Device,
}
