//! What a lesson is, after its parameters were filled in.

use checkers::{Check, Seal};

/// A lesson, ready to be played.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// The folder's name: `rootless-containers`.
    pub id: String,
    /// One line.
    pub title: String,
    /// Two or three sentences, Markdown.
    pub summary: String,
    /// The exams or courses it serves: `RHCSA EX200 (RHEL 8, 9)`.
    pub tracks: Vec<String>,
    /// The accounts it speaks of, and what they may do.
    pub accounts: Vec<Declared>,
    /// Who wrote it, where it says so.
    pub author: Option<Author>,
    /// What was filled into its texts, by name: `account` is `conuser1`.
    pub parameters: Vec<Parameter>,
    /// What the machine must have for this lesson, where it says so.
    pub needs: Option<Needs>,
    /// What the administrator types in a login shell, line by line, so that the machine is as before the lesson.
    pub clean_up: Vec<String>,
    /// The steps, in order. Never empty.
    pub steps: Vec<Step>,
    /// The very files that somebody agreed to, where the lesson is a stranger's. The reader knows of none.
    pub seal: Option<Seal>,
}

/// Who wrote a lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// A name.
    pub name: String,
}

/// A word that a lesson leaves open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name: `account`.
    pub name: String,
    /// What was filled in.
    pub value: String,
    /// What it is, for somebody who wants another value.
    pub says: String,
}

/// An account that a lesson speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The account's name.
    pub name: String,
    /// What it is in the lesson.
    pub role: AccountRole,
    /// The password it starts with, where the practice machine makes it.
    pub password: Option<String>,
}

/// What an account is in a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountRole {
    /// Is there from the start, sits at the lab and may use sudo.
    Administrator,
    /// Is there from the start, without sudo.
    Member,
    /// Is made by the learner during the lesson.
    Created,
}

/// One step of a lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Unique in the lesson: `make-account`.
    pub id: String,
    /// One line.
    pub title: String,
    /// What to know and to do, Markdown.
    pub text: String,
    /// What must be true. Never empty.
    pub goals: Vec<Goal>,
    /// From nudge to command. At least three.
    pub hints: Vec<String>,
    /// Ways to solve it; the first whose condition holds is shown.
    pub solution: Vec<Way>,
    /// The manual entries that belong to it.
    pub manual: Vec<ManualEntry>,
    /// The machine is rebooted in this step; its lasting goals are to be true before anyone logs in.
    pub reboot: bool,
    /// What the machine must have for this step; on another one it is left out.
    pub needs: Option<Needs>,
}

/// The versions that a lesson or a step needs: at least these, digits with dots between them. Never all empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Of podman: `4.4`.
    pub podman: Option<String>,
    /// Of systemd: `250`.
    pub systemd: Option<String>,
}

/// A check with a sentence for the learner.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// Unique in its step: `account-exists`.
    pub id: String,
    /// A sentence: `The account conuser1 exists.`
    pub say: String,
    /// The wish.
    pub check: Check,
    /// Once green in this step it stays green (something that was seen and need not last: a refused command, say).
    pub once: bool,
    /// Is to be true after a reboot too.
    pub lasting: bool,
    /// What makes the goal certain enough where the machine cannot be rebooted: green by this it is *predicted*, not *proven*.
    pub predicted_by: Option<Check>,
}

/// A way to solve a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Only where the machine's own manual has this entry.
    pub when: Option<ManualEntry>,
    /// What to type, line by line, in the lab's terminal.
    pub lines: Vec<String>,
    /// Why so, where it is not the usual way.
    pub because: Option<String>,
}

/// A place in a man page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualEntry {
    /// The page: `podman-generate-systemd`.
    pub page: String,
    /// The section: `1`.
    pub section: String,
    /// The option or command whose paragraph is meant: `--new`, `daemon-reload`.
    pub entry: String,
    /// A summary in our own words, for machines without the page.
    pub otherwise: String,
    /// The package that brings the page, by family (`debian`, `fedora`): `man-db`.
    pub package: Option<String>,
}
