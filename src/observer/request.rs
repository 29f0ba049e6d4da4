//! What can be asked of the observer, and what it answers: one JSON value a line. Nothing that is not written here is understood.

use std::path::PathBuf;

use checkers::facts::front::Front;
use checkers::{Check, Context, Verdict};
use serde::{Deserialize, Serialize};

/// The folder for the lab's own socket.
pub(super) const ROOM: &str = "/run/rootless-lab";

/// A question.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Request {
    /// Judge these, in this order.
    Judge { checks: Vec<Check>, context: Box<Context> },
    /// Which shell stands in front of this process's terminal?
    Front(i32),
    /// Make the folder for the lab's socket.
    Room(bool),
}

/// An answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Answer {
    /// One verdict a check, in their order.
    Verdicts(Vec<Verdict>),
    /// The shell in front.
    Front(Box<Front>),
    /// The folder stands there.
    Room(PathBuf),
    /// The question was not understood, or is none that is answered here.
    Refused(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_down_is_not_understood() {
        let read = |json: &str| super::super::line::read::<Request>(json.as_bytes());
        assert!(read(r#"{"judge":{"checks":[],"context":{}}}"#).is_ok());
        for odd in [
            r#"{"run":"id"}"#,
            r#"{"judge":{"checks":[],"context":{},"as":"root"}}"#,
            "{}",
            "judge",
            r#"{"room":"/etc"}"#,
        ] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }
}
