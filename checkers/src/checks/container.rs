//! A rootless container of an account, read from containers/storage, /proc and cgroups. Podman is never started.

use serde::{Deserialize, Serialize};

/// What is wished of a container. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Container {
    /// The account whose container it is.
    pub account: String,
    /// The container's name.
    pub name: String,
    /// False wishes that there is no such container. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// Its first process is alive (true), or it is there but stopped (false).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// The image, by its short name (`ubi8`) or in full (`registry.access.redhat.com/ubi8:latest`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// It has a terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tty: Option<bool>,
    /// The command and its arguments, as the container runs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// It was created after the step began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// Its id is another than the one remembered under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_differs_from: Option<String>,
    /// The unit of the account's user manager that owns its monitor process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Remember its id under this name when all of the above is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember_id: Option<String>,
}
