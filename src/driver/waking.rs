//! What takes its time when a lab opens and needs no lesson: bash comes up, and the eyes open, while the lesson is read.

use std::sync::{Arc, Mutex, PoisonError};

use super::ending;
use super::run::Error;
use super::sight::Sight;
use crate::bash::{self, Bash};
use crate::screen::Look;

/// A bash and eyes on their way. Dropped, they end without having shown anything.
pub struct Waking {
    pub(super) bash: Bash,
    pub(super) sight: Arc<Mutex<Sight>>,
}

impl Waking {
    /// Wakes both, at this very terminal.
    pub fn begin(look: &Look) -> Result<Self, Error> {
        let bash = new_bash(look)?;
        let sight: Arc<Mutex<Sight>> = Arc::default();
        let eyes = Arc::clone(&sight);
        std::thread::spawn(move || {
            let _ = eyes.lock().unwrap_or_else(PoisonError::into_inner).blind();
        });
        Ok(Self { bash, sight })
    }
}

/// A bash at this very terminal, on its way.
pub(super) fn new_bash(look: &Look) -> Result<Bash, Error> {
    let here =
        bash::Settings::here(look.plain).map_err(|source| bash::Error::Io { doing: "use the terminal", source })?;
    let bash = Bash::begin(here)?;
    ending::leave_nothing_of(bash.directory().to_owned());
    Ok(bash)
}
