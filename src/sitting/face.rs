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

/// Leaves a word of this number that is said above the next prompt.
pub(super) fn say(folder: &Path, number: u64, word: &str) -> io::Result<()> {
    over(&self::folder(folder).join(WORD), &format!("{number}\n{word}"))
}

/// The word of that number was said. False for one in whose place another stands by now: that one is still to be said.
pub(super) fn said(folder: &Path, number: u64) -> bool {
    let path = self::folder(folder).join(WORD);
    // It may be gone with its folder.
    let there = fs::read(&path).unwrap_or_default();
    let is_it = there.starts_with(format!("{number}\n").as_bytes());
    is_it && over(&path, "").is_ok()
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
        assert!(say(folder.path(), 1, "no login is open").is_err());
        fs::create_dir(&login).unwrap();
        make(&login).unwrap();
        let there = || fs::read(login.join(WORD)).unwrap();
        for word in ["The time is over.\n", "", "x"] {
            say(folder.path(), 7, word).unwrap();
            let wanted = format!("7\n{word}");
            assert_eq!((there().split(|byte| *byte == 0).next(), there().len()), (Some(wanted.as_bytes()), SIZE));
        }
    }

    #[test]
    fn a_word_that_was_told_takes_away_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let login = self::folder(folder.path());
        fs::create_dir(&login).unwrap();
        make(&login).unwrap();
        say(folder.path(), 1, "no room").unwrap();
        say(folder.path(), 12, "room again").unwrap();
        assert!(!said(folder.path(), 1));
        assert!(fs::read(login.join(WORD)).unwrap().starts_with(b"12\nroom again\0"));
        assert!(said(folder.path(), 12));
        assert!(fs::read(login.join(WORD)).unwrap().starts_with(b"\0"));
        assert!(!said(folder.path(), 12));
    }
}
