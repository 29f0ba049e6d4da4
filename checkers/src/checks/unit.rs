//! A unit, as the manager itself sees it: the system's, or the user manager of an account.

use serde::{Deserialize, Serialize};

/// What is wished of a unit. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Unit {
    /// The unit's full name, with its ending.
    pub name: String,
    /// The account whose user manager is asked; the system manager when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The load state: `loaded`, `not-found`, `masked`, `error`, `bad-setting` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<String>,
    /// The active state: `active`, `inactive`, `failed`, `activating` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
    /// The sub state: `running`, `exited`, `dead`, `auto-restart` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The unit-file state: `enabled`, `disabled`, `static`, `masked`, `linked`, `generated`, `transient` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_state: Option<String>,
    /// The files changed since the manager read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_daemon_reload: Option<bool>,
    /// `systemctl reload` applies to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can_reload: Option<bool>,
    /// The file the manager read it from. `~` is the home of `user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragment: Option<String>,
    /// Started, or started again, since the step began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarted: Option<bool>,
}
