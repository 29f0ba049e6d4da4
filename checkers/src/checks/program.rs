//! A check program that a lesson's author brings: JSON on its standard input, a verdict on its standard output. Runs as an account, never as root.

use serde::{Deserialize, Serialize};

use crate::time::Span;

/// An author's own check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Program {
    /// The program's file, in the lesson's folder (the reader of the lesson makes it a full path).
    pub file: std::path::PathBuf,
    /// Arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// The account to run it as. Never root.
    #[serde(rename = "as")]
    pub account: String,
    /// It is killed with its children after this time. `5s` unless said.
    #[serde(default = "default_time")]
    pub time: Span,
}

fn default_time() -> Span {
    Span(std::time::Duration::from_secs(5))
}
