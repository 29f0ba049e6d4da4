//! The three answers, and what was seen that led to them. Never a sentence for the screen as a whole: `wanted` and `found` are short noun phrases.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What looking at the machine led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The wish is true.
    Pass {
        /// What was seen. Never empty: a pass that rests on nothing is a defect.
        evidence: Vec<Evidence>,
        /// Values that the wish asked to be remembered, by name (a container's id, say).
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        remember: BTreeMap<String, String>,
    },
    /// The machine answered, and the wish is not true.
    Fail {
        /// What was wanted, as a short phrase: `mode 0755`.
        wanted: String,
        /// What was found instead, in the same terms: `mode 0700`.
        found: String,
        /// What was seen.
        evidence: Vec<Evidence>,
        /// A command with which the learner can see it too, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        see: Option<String>,
    },
    /// Nobody could look, so this is neither a yes nor a no.
    Unknown {
        /// Why it could not be looked at.
        why: String,
        /// What would make looking possible, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grant: Option<String>,
    },
}

/// One thing that was seen, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where it was seen.
    pub source: Source,
    /// What was seen there, at most a few lines.
    pub said: String,
}

/// A place at which a fact can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A file, directory or link.
    File(PathBuf),
    /// A property of an object on a bus: `user@1001: rootless-container.service NeedDaemonReload`.
    Bus {
        /// `system`, or `user@UID`.
        bus: String,
        /// A unit's name, or a login's (`user conuser1`, `session 4`).
        object: String,
        /// The property's name as systemd spells it.
        property: String,
    },
    /// A process, by its id.
    Process(i32),
    /// The kernel's table of sockets, mounts or similar, by the file under /proc.
    Kernel(String),
    /// A command line that the learner ran in the lab's terminal.
    Command(String),
    /// The lab itself, which saw it earlier.
    Lab,
    /// A plain program of the system that was asked, by its command line.
    Plain(String),
    /// A check program of a lesson's author, by its name.
    Program(String),
}

impl Evidence {
    /// Something seen at `source`.
    pub fn new(source: Source, said: impl Into<String>) -> Self {
        Self { source, said: said.into() }
    }
    /// Something seen in a file.
    pub fn file(path: impl Into<PathBuf>, said: impl Into<String>) -> Self {
        Self::new(Source::File(path.into()), said)
    }
}

impl Verdict {
    /// A pass that rests on one thing seen.
    pub fn pass(evidence: Evidence) -> Self {
        Self::Pass { evidence: vec![evidence], remember: BTreeMap::new() }
    }
    /// A fail that rests on one thing seen.
    pub fn fail(wanted: impl Into<String>, found: impl Into<String>, evidence: Evidence) -> Self {
        Self::Fail { wanted: wanted.into(), found: found.into(), evidence: vec![evidence], see: None }
    }
    /// Nobody could look, and nothing is known that would change it.
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into(), grant: None }
    }
    /// The same fail, with a command that shows it.
    #[must_use]
    pub fn see(self, command: impl Into<String>) -> Self {
        match self {
            Self::Fail { wanted, found, evidence, .. } => {
                Self::Fail { wanted, found, evidence, see: Some(command.into()) }
            }
            other => other,
        }
    }
    /// True for a pass.
    pub fn is_pass(&self) -> bool {
        matches!(self, Self::Pass { .. })
    }
    /// True for a fail.
    pub fn is_fail(&self) -> bool {
        matches!(self, Self::Fail { .. })
    }
    /// True when nobody could look.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
    /// What was seen, whatever came of it.
    pub fn evidence(&self) -> &[Evidence] {
        match self {
            Self::Pass { evidence, .. } | Self::Fail { evidence, .. } => evidence,
            Self::Unknown { .. } => &[],
        }
    }
}
