//! How types of other rooms look in a report, for its schema alone: those rooms know nothing of schemas. A test holds them against what
//! is really written.
#![expect(dead_code, reason = "never built: only their schema is used")]

use std::path::PathBuf;

use schemars::JsonSchema;

/// The three answers.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum Answer {
    /// The goal is true.
    Pass,
    /// It is not.
    Fail,
    /// Nobody could look: neither a yes nor a no.
    Unknown,
}

/// Something that was seen.
#[derive(JsonSchema)]
pub(super) struct Evidence {
    /// Where.
    source: Source,
    /// What, in a few lines at the most.
    said: String,
}

/// A place at which a fact can be seen.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(super) enum Source {
    /// A file, directory or link.
    File(PathBuf),
    /// A property of an object on a bus.
    Bus {
        /// `system`, or `user@UID`.
        bus: String,
        /// The object's name.
        object: String,
        /// The property's name.
        property: String,
    },
    /// A process, by its id.
    Process(i32),
    /// A table of the kernel's, by its file under /proc.
    Kernel(String),
    /// A command line that was typed.
    Command(String),
    /// The lab itself, which saw it earlier.
    Lab,
    /// A program of the system that was asked, by its command line.
    Plain(String),
    /// A check program of an author, by its name.
    Program(String),
}
