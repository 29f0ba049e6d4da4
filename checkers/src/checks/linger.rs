//! Whether logind keeps an account's user manager from boot on and past logout.

use serde::{Deserialize, Serialize};

/// What is wished of an account's lingering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Linger {
    /// The account's name.
    pub account: String,
    /// Lingering is on. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub enabled: bool,
}
