//! What the prompt of an exam's login shows: a small file in the login's folder, and a word that is said once. Whoever changes how an
//! attempt stands (also from another terminal) writes it; the candidate's bash reads it at each prompt.

use std::io;
use std::path::{Path, PathBuf};

use crate::exam::{Attempt, Phase, Reading, Time};
use crate::store;

const FOLDER: &str = "login";
const CLOCK: &str = "clock";
const WORD: &str = "word";

/// The folder of an attempt's login.
pub(super) fn folder(attempt: &Path) -> PathBuf {
    attempt.join(FOLDER)
}

/// Shows how the attempt stands at this moment, in a login that may be open.
pub fn show(folder: &Path, attempt: &Attempt, now: &Reading) -> io::Result<()> {
    let login = self::folder(folder);
    if login.is_dir() { store::write_whole(&login.join(CLOCK), face(attempt, now).as_bytes()) } else { Ok(()) }
}

/// Leaves a word that is said above the next prompt.
pub(super) fn say(folder: &Path, word: &str) -> io::Result<()> {
    store::write_whole(&self::folder(folder).join(WORD), word.as_bytes())
}

/// It was said.
pub(super) fn said(folder: &Path) {
    // It may be gone with its folder.
    let _ = std::fs::remove_file(self::folder(folder).join(WORD));
}

/// When the exam ends, in whole seconds of the kernel's time since boot, and the phase.
fn face(attempt: &Attempt, now: &Reading) -> String {
    let end = match attempt.time_at(now) {
        Time::Left(left) => now.up.saturating_add(left),
        Time::Over { by, .. } => now.up.saturating_sub(by),
    };
    let phase = match attempt.phase {
        Phase::Running => "running",
        Phase::Finished { .. } => "finished",
        Phase::Abandoned => "abandoned",
    };
    format!("{} {phase}\n", end / 1_000_000)
}
