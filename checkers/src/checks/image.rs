//! An image in the storage of an account. Podman is never started.

use serde::{Deserialize, Serialize};

/// What is wished of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Image {
    /// The account in whose storage to look.
    pub account: String,
    /// The image, by its short name (`ubi8`) or in full.
    pub name: String,
    /// False wishes that it is not there. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
}
