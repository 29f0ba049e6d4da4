//! How the program ends, in numbers that scripts can rely on.

use std::process::{ExitCode, ExitStatus};

/// The exit codes, for the end of the help.
pub(super) const HELP: &str = "Exit codes:
  0  done; for `check`, every goal is green; for `exam grade`, the exam is passed
  1  for `check` and `doctor`: at least one answer is no; for `explain`: nothing is known; for `lesson prove`: something is not so;
     for `exam grade`: the exam is not passed; for `exam verify`: something is not as it was written
  2  the command line is wrong
  3  a lesson has a mistake (for `lesson lint`: an error, not a warning), or there is no such lesson or exam
  4  this machine lacks something (a terminal, a program, a permission)
  5  another lab or another attempt at an exam is in the way, or an exam is still under way
  6  something failed that should not have; for `watch`, the lab is gone without a word
  7  for `check`: no goal failed, and at least one could not be looked at; for `exam grade`: that decides
  8  nobody agreed: a lesson from elsewhere was not run, an exam not begun or given up, a machine not rebooted,
     nothing installed or made for practice";

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// As asked.
    Fine = 0,
    /// A goal is not true.
    Red = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A lesson has a mistake, or does not exist.
    Lesson = 3,
    /// The machine lacks something.
    Machine = 4,
    /// Another lab or attempt is in the way.
    Busy = 5,
    /// Something failed that should not have.
    Failed = 6,
    /// A goal could not be looked at, and none failed.
    Unknown = 7,
    /// Nobody agreed to what a lesson or an exam may do.
    NotAgreed = 8,
}

impl Exit {
    /// All of them, by their numbers.
    const ALL: [Self; 9] = [
        Self::Fine,
        Self::Red,
        Self::Usage,
        Self::Lesson,
        Self::Machine,
        Self::Busy,
        Self::Failed,
        Self::Unknown,
        Self::NotAgreed,
    ];

    /// How a lab on a machine ended, by the status of its process; none for a number that is none of ours.
    pub(super) fn of(status: ExitStatus) -> Option<Self> {
        let code = status.code()?;
        Self::ALL.into_iter().find(|exit| *exit as i32 == code)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// One clear line, the way out, and how to end.
#[derive(Debug)]
pub struct Failure {
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub way_out: Option<String>,
    /// How the program ends.
    pub exit: Exit,
}

impl Failure {
    /// A failure with a way out.
    pub fn new(exit: Exit, what: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self { what: what.into(), way_out: Some(way_out.into()), exit }
    }
}

impl From<crate::store::Error> for Failure {
    fn from(error: crate::store::Error) -> Self {
        use crate::store::Error;
        match &error {
            Error::Busy(_) => Self::new(
                Exit::Busy,
                error.to_string(),
                "go on in its terminal, or end it there with :quit; `rootless-lab check` and `hint` work from here",
            ),
            Error::Disk { .. } => Self::new(
                Exit::Machine,
                error.to_string(),
                "make room, or set XDG_STATE_HOME to a folder you may write to",
            ),
            Error::NoHome => Self::new(Exit::Machine, error.to_string(), "set HOME"),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self { what: error.to_string(), way_out: None, exit: Exit::Failed }
    }
}

impl From<crate::practice::Error> for Failure {
    fn from(error: crate::practice::Error) -> Self {
        Self { what: error.to_string(), way_out: error.way_out(), exit: Exit::Machine }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn each_documented_number_comes_back_as_itself_and_no_other_is_taken_for_one() {
        for (number, exit) in Exit::ALL.into_iter().enumerate() {
            assert!(HELP.contains(&format!("\n  {number}  ")), "{number} is said in the help");
            assert_eq!(format!("{:?}", ExitCode::from(exit)), format!("{:?}", ExitCode::from(number as u8)));
            assert_eq!(Exit::of(ExitStatus::from_raw((number as i32) << 8)), Some(exit));
        }
        for other in [9 << 8, 127 << 8, 255 << 8, 9] {
            assert_eq!(Exit::of(ExitStatus::from_raw(other)), None, "{other:#x}");
        }
    }
}
