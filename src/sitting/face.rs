//! What the prompt of an exam's login shows: a small file in the login's folder, and a word that is said once. Whoever changes how an
//! attempt stands (also from another terminal) writes it; the candidate's bash reads it at each prompt.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::exam::{Attempt, Phase, Reading, Time};

const FOLDER: &str = "login";
const CLOCK: &str = "clock";
const WORD: &str = "word";
/// No word is longer.
const SIZE: usize = 2048;

/// The folder of an attempt's login.
pub(super) fn folder(attempt: &Path) -> PathBuf {
    attempt.join(FOLDER)
}

/// Makes both, of full size: what is written over in place needs no room on a full disk.
pub(super) fn make(login: &Path) -> io::Result<()> {
    fs::write(login.join(CLOCK), padded(""))?;
    fs::write(login.join(WORD), padded(""))
}

/// Shows how the attempt stands at this moment, in a login that may be open.
pub fn show(folder: &Path, attempt: &Attempt, now: &Reading) -> io::Result<()> {
    match over(&self::folder(folder).join(CLOCK), &face(attempt, now)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Leaves a word that is said above the next prompt.
pub(super) fn say(folder: &Path, word: &str) -> io::Result<()> {
    over(&self::folder(folder).join(WORD), word)
}

/// It was said.
pub(super) fn said(folder: &Path) {
    // It may be gone with its folder.
    let _ = say(folder, "");
}

fn over(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).custom_flags(nix::libc::O_NOFOLLOW).open(path)?.write_all_at(&padded(text), 0)
}

/// bash reads up to the first NUL.
fn padded(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(SIZE.max(text.len() + 1), 0);
    bytes
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_written_over_in_place_and_ends_where_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let login = self::folder(folder.path());
        assert!(say(folder.path(), "no login is open").is_err());
        fs::create_dir(&login).unwrap();
        make(&login).unwrap();
        for word in ["The time is over.\n", "", "x"] {
            say(folder.path(), word).unwrap();
            let bytes = fs::read(login.join(WORD)).unwrap();
            assert_eq!((bytes.split(|byte| *byte == 0).next(), bytes.len()), (Some(word.as_bytes()), SIZE));
        }
    }
}
