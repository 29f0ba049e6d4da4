//! What an entry of the catalogue is, and what is known of a command that went wrong.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::pattern::{Kind, Pattern};
use crate::lesson::ManualEntry;
use crate::lesson::reading::Node;

/// A known mistake.
#[derive(Debug)]
pub struct Entry {
    /// Unique in the catalogue.
    pub id: String,
    /// One line, with values in braces.
    pub title: String,
    /// The programs that say so; any, where there is none.
    pub programs: Vec<String>,
    /// The exit statuses that go with it; any, where there is none.
    pub status: Vec<i32>,
    /// The cause, with values in braces.
    pub why: String,
    /// What to type; a line that begins with `#` is a remark.
    pub fix: Vec<String>,
    /// The manual's own words on it.
    pub manual: Option<ManualEntry>,
    /// Where upstream speaks of it.
    pub link: Option<String>,
    /// For which names a silent mistake is tried.
    pub asks: Vec<Asks>,
    /// A silent mistake that may be work under way: the next command may complete it.
    pub half_done: bool,
    /// How a real machine comes to say it.
    pub provoke: Option<Provoke>,
    /// Where the message is documented, for one that cannot be provoked.
    pub documented: Option<String>,
    /// The messages of that place, literally.
    pub samples: Vec<String>,
    pub(super) messages: Vec<Pattern>,
    /// The facts, values not filled in yet.
    pub(super) when: Vec<Node>,
    pub(super) unless: Vec<Node>,
    pub(super) kinds: BTreeMap<String, Kind>,
    /// The text of its file, which its facts still point into.
    pub(super) source: Arc<str>,
}

impl Entry {
    /// Whether it has no message and is found from facts alone.
    pub fn is_silent(&self) -> bool {
        self.messages.is_empty()
    }

    /// The messages that it answers to, as they are written in its file.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().map(|message| message.text.as_str())
    }
}

/// A kind of name for which a silent mistake is tried, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// The accounts that the lesson has made, or the one that was asked about.
    Account,
    /// The administrator.
    Admin,
    /// The units that the goals name, or that are on disk.
    Unit,
    /// The containers that the goals name, or that the units start.
    Container,
    /// The images that the goals name.
    Image,
}

/// How a real machine comes to say it: lines with a prompt before each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provoke {
    /// What is done before.
    pub given: Vec<String>,
    /// The line that goes wrong; its output is the message.
    pub typed: String,
    /// What puts everything back.
    pub after: Vec<String>,
    /// The releases on which it can be provoked, by name.
    pub on: Vec<String>,
}

/// A command that ended, and what it printed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// The line as it was typed, where that is known.
    pub line: Option<&'a str>,
    /// Its exit status, where that is known.
    pub status: Option<i32>,
    /// What it printed: any bytes.
    pub output: &'a [u8],
}

/// An account of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Its name.
    pub name: String,
    /// Its user id.
    pub uid: u32,
    /// Its home.
    pub home: String,
}

/// Who and what there is on the machine, as far as names go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// Whose command it was.
    pub me: Option<Person>,
    /// The accounts of the machine.
    pub people: Vec<Person>,
    /// The units that the account has, for a name that is nearly one of them.
    pub units: Vec<String>,
    /// The programs that the machine has, for a name that is nearly one of them.
    pub programs: Vec<String>,
    /// For whom and what silent mistakes are tried.
    pub subjects: Subjects,
}

/// The names for which silent mistakes are tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Accounts whose containers they are.
    pub accounts: Vec<String>,
    /// The administrator.
    pub admin: Option<String>,
    /// Units.
    pub units: Vec<String>,
    /// Containers.
    pub containers: Vec<String>,
    /// Images.
    pub images: Vec<String>,
}
