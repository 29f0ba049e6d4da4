//! The form of a file of `lessons/mistakes`, as serde reads it. What is missing is empty here; `read` says so.

use checkers::Check;
use serde::Deserialize;

use super::model::Asks;
use crate::lesson::reading::{EntryForm as ManualForm, Placed, Text};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Document {
    pub(super) mistakes: Option<Placed<Vec<Placed<EntryForm>>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EntryForm {
    pub(super) id: Text,
    pub(super) title: Text,
    pub(super) programs: Vec<String>,
    pub(super) status: Vec<i32>,
    pub(super) messages: Vec<Placed<String>>,
    pub(super) when: Vec<Placed<Check>>,
    pub(super) unless: Vec<Placed<Check>>,
    pub(super) why: Text,
    pub(super) fix: Vec<Placed<String>>,
    pub(super) manual: Option<Placed<ManualForm>>,
    pub(super) link: Text,
    pub(super) asks: Vec<Placed<Asks>>,
    #[serde(rename = "half-done")]
    pub(super) half_done: bool,
    pub(super) provoke: Option<Placed<ProvokeForm>>,
    pub(super) documented: Text,
    pub(super) samples: Vec<Placed<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ProvokeForm {
    pub(super) given: Vec<String>,
    pub(super) typed: Text,
    pub(super) after: Vec<String>,
    pub(super) on: Vec<Placed<ReleaseName>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ReleaseName {
    Bullseye,
    Bookworm,
    Trixie,
    Forky,
}

impl ReleaseName {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bullseye => "bullseye",
            Self::Bookworm => "bookworm",
            Self::Trixie => "trixie",
            Self::Forky => "forky",
        }
    }
}
