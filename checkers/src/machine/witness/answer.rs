//! Questions and answers as they are written down. Every path and every text that a machine can have can be written.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::keep::Left;
use crate::machine::{AccountEntry, Bus, CouldNot, GroupEntry, LoginSession, Plain, Ran, Run, Stat, Value, Visit};

/// A question to a machine. How much of a file is read at the most is no part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Question {
    /// What stands in a file, in this form.
    Read(Bytes, Form),
    /// What a path is; the link itself unless true.
    Stat(Bytes, bool),
    /// The names in a directory.
    List(Bytes),
    /// Where a link points.
    ReadLink(Bytes),
    /// Whether a path has an access control list.
    HasAcl(Bytes),
    /// A path's label.
    Label(Bytes),
    /// An account by name.
    Account(String),
    /// An account by uid.
    AccountByUid(u32),
    /// The groups of an account, by its name and its own group.
    GroupsOf(String, u32),
    /// A group by name.
    Group(String),
    /// A group's name.
    GroupByGid(u32),
    /// One property of a unit; an empty name where only the unit was asked for.
    Unit(Bus, String, String),
    /// A property of a service manager.
    Manager(Bus, String),
    /// A property of an account as logind knows it.
    Login(u32, String),
    /// The sessions of an account.
    Sessions(u32),
    /// What a program prints.
    Run {
        /// The program.
        program: Bytes,
        /// Its arguments.
        arguments: Vec<String>,
        /// What it reads.
        input: Bytes,
        /// How long it may take.
        time: Duration,
    },
    /// What a plain program tells.
    Plain(Plain),
    /// What a server sends.
    Visit(Visit),
}

/// What of a file's contents is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The very text.
    Text,
    /// The facts in it.
    Facts,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The question could not be answered.
    CouldNot(CouldNot),
    /// It was answered, and the answer is not written down.
    Left(Left),
    /// What stands in a file, or what a server sent.
    Contents {
        /// It, or as much of it as a judgement may rest on.
        bytes: Bytes,
        /// Not more than so many bytes of it were read, and there may be more; none where this is the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most: Option<u64>,
    },
    /// What a path is.
    Stat(Stat),
    /// Names in a directory.
    Names(Vec<Bytes>),
    /// Where a link points.
    Target(Bytes),
    /// Yes or no.
    Has(bool),
    /// A text.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
    /// An account, or that there is none.
    Account(Option<AccountEntry>),
    /// A group, or that there is none.
    Group(Option<GroupEntry>),
    /// A name, or that there is none.
    Name(Option<String>),
    /// A property's value; none where the other side did not tell it.
    Property(Option<Value>),
    /// Sessions.
    Sessions(Vec<LoginSession>),
    /// What a program did.
    Ran {
        /// Its exit status.
        status: Option<i32>,
        /// What it printed.
        output: Bytes,
        /// What it complained.
        errors: Bytes,
    },
}

/// Bytes that are mostly text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bytes {
    /// They are UTF-8.
    Text(String),
    /// They are not: two digits a byte.
    Hex(String),
}

impl Bytes {
    /// The bytes themselves.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Hex(digits) => digits
                .as_bytes()
                .chunks(2)
                .filter_map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok())
                .collect(),
        }
    }

    pub(super) fn os_string(&self) -> OsString {
        OsString::from_vec(self.bytes())
    }

    pub(super) fn path(&self) -> PathBuf {
        self.os_string().into()
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Hex(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        }
    }
}

impl From<&OsStr> for Bytes {
    fn from(text: &OsStr) -> Self {
        text.as_bytes().into()
    }
}

impl From<&Path> for Bytes {
    fn from(path: &Path) -> Self {
        path.as_os_str().into()
    }
}

impl From<&Run> for Question {
    fn from(run: &Run) -> Self {
        Self::Run {
            program: run.program.as_path().into(),
            arguments: run.arguments.clone(),
            input: run.input.as_slice().into(),
            time: run.time,
        }
    }
}

impl From<&Ran> for Answer {
    fn from(ran: &Ran) -> Self {
        Self::Ran { status: ran.status, output: ran.output.as_slice().into(), errors: ran.errors.as_slice().into() }
    }
}

impl Question {
    /// Its answer is the same whoever asks.
    pub(super) fn is_same_for_all(&self) -> bool {
        matches!(
            self,
            Self::Account(_)
                | Self::AccountByUid(_)
                | Self::GroupsOf(..)
                | Self::Group(_)
                | Self::GroupByGid(_)
                | Self::Login(..)
                | Self::Sessions(_)
        )
    }

    /// What it is about, in few words.
    pub fn about(&self) -> String {
        let path = |path: &Bytes| path.path().display().to_string();
        match self {
            Self::Read(at, _) => format!("what stands in {}", path(at)),
            Self::Stat(at, _) | Self::HasAcl(at) | Self::Label(at) => path(at),
            Self::List(at) => format!("the names in {}", path(at)),
            Self::ReadLink(at) => format!("where {} points", path(at)),
            Self::Account(name) => format!("account {name}"),
            Self::AccountByUid(uid) => format!("uid {uid}"),
            Self::GroupsOf(name, _) => format!("the groups of {name}"),
            Self::Group(name) => format!("group {name}"),
            Self::GroupByGid(gid) => format!("gid {gid}"),
            Self::Unit(_, unit, property) => format!("{unit} {property}").trim_end().to_owned(),
            Self::Manager(_, property) => format!("the manager's {property}"),
            Self::Login(uid, property) => format!("logind's {property} of uid {uid}"),
            Self::Sessions(uid) => format!("the sessions of uid {uid}"),
            Self::Run { program, .. } => path(program),
            Self::Plain(question) => question.line(),
            Self::Visit(visit) => format!("{}{}", visit.address, visit.path),
        }
    }
}
