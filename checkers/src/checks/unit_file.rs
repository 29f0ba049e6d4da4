//! What stands in a unit file: sections, keys, and the flags of the podman command that it runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is wished of a unit file. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnitFile {
    /// The file. `~` is the home of `as`.
    pub path: String,
    /// The account with whose eyes to look, and whose home `~` is.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Sections that must be there: `[Unit, Service, Install]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<String>,
    /// `Section.Key` → a word that must be among the key's values: `Install.WantedBy: default.target`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// How the unit comes by its container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// The name that ExecStart's `podman run` gives its container (or, tied to one, the container it starts).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The image that ExecStart's `podman run` runs, by its short or full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Flags of ExecStart's command by their long name: `[detach, tty, replace]`. `-dt` has both of its letters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

/// How a generated unit comes by its container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Made {
    /// With `--new`: each start makes a new container (`podman run`).
    New,
    /// Without: it starts one container that must exist already (`podman start`).
    Tied,
}
