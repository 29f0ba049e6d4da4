//! The form of `lesson.yaml`, as serde reads it. What is missing is empty here; `rules` says so.

use std::collections::BTreeMap;

use checkers::Check;
use serde::Deserialize;

/// A value and its bytes in the file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename = "$placed")]
pub(crate) struct Placed<T> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: T,
}

impl<T> Placed<T> {
    pub(crate) fn span(&self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

/// A text and its bytes; missing ones are empty.
pub(crate) type Text = Option<Placed<String>>;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Document {
    /// The version of this form: 1.
    pub(super) format: Option<Placed<u32>>,
    pub(super) title: Text,
    pub(super) summary: Text,
    pub(super) tracks: Vec<String>,
    pub(super) author: Option<Writer>,
    pub(super) parameters: BTreeMap<String, Parameter>,
    pub(super) accounts: Vec<Placed<Account>>,
    pub(super) needs: Option<Placed<NeedsForm>>,
    #[serde(rename = "clean-up")]
    pub(super) clean_up: Vec<Placed<String>>,
    pub(super) steps: Option<Placed<Vec<Placed<StepForm>>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Writer {
    pub(super) name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Parameter {
    pub(super) value: Text,
    /// What it is, for somebody who wants another value.
    pub(super) says: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Account {
    pub(super) name: Text,
    pub(super) role: Option<Role>,
    pub(super) password: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    Administrator,
    Member,
    Created,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct StepForm {
    pub(super) id: Text,
    pub(super) title: Text,
    pub(super) text: Text,
    pub(super) goals: Vec<Placed<GoalForm>>,
    pub(super) hints: Vec<Placed<String>>,
    pub(super) solution: Vec<Placed<WayForm>>,
    pub(super) manual: Vec<Placed<EntryForm>>,
    pub(super) reboot: bool,
    pub(super) needs: Option<Placed<NeedsForm>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NeedsForm {
    pub(super) podman: Text,
    pub(super) systemd: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GoalForm {
    pub(super) id: Text,
    pub(super) say: Text,
    pub(super) check: Option<Placed<Check>>,
    pub(super) once: bool,
    pub(super) lasting: bool,
    #[serde(rename = "predicted-by")]
    pub(super) predicted_by: Option<Placed<Check>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WayForm {
    pub(super) when: Option<Placed<EntryForm>>,
    pub(super) lines: Vec<String>,
    pub(super) because: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EntryForm {
    pub(crate) page: Text,
    pub(crate) section: Text,
    pub(crate) entry: Text,
    pub(crate) otherwise: Text,
    pub(crate) package: Option<String>,
}
