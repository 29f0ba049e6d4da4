//! Asks the lab that is open on this machine: `hint`, `step`, `why`, `status`, `check` from a nested shell or another terminal.

use std::io::IsTerminal;

use super::{Exit, Failure};
use crate::driver::{self, Ask, DeskError, Stand};
use crate::screen::Look;
use crate::session::{Note, Show};

/// Asks, and shows the answer.
pub(super) fn run(word: &str, look: &Look) -> Result<Exit, Failure> {
    Ok(answer(word, look)?)
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        match &error {
            DeskError::NoLab => Self::new(Exit::Machine, error.to_string(), "open one with `rootless-lab start`"),
            DeskError::NotYou(owner) => {
                let way_out = format!("ask as {owner}, or as an account that the lesson names");
                Self::new(Exit::Machine, error.to_string(), way_out)
            }
            DeskError::Broken(_) => Self::new(Exit::Failed, error.to_string(), "try again"),
        }
    }
}

/// The same, leaving it to the caller what no answer means.
pub(super) fn answer(word: &str, look: &Look) -> Result<Exit, DeskError> {
    let waits = || {
        // Whoever reads the answer from a pipe waits for nothing else.
        if std::io::stderr().is_terminal() {
            let note = crate::screen::text(&Show::Note(Note::Waits { way_on: false }), &look.elsewhere());
            tell!("{}", note.trim_end());
        }
    };
    let answer = driver::ask(&Ask { word: word.into(), look: look.elsewhere() }, waits)?;
    say!("{}", crate::screen::clean_lines(&answer.text));
    Ok(match answer.stand {
        _ if word != ":check" => Exit::Fine,
        Stand::Green => Exit::Fine,
        Stand::Red => Exit::Red,
        Stand::Unknown => Exit::Unknown,
    })
}
