//! Asks once whether a lesson from elsewhere may run here, with what it may do, and again when one of its files has changed.

use std::io::{BufRead, IsTerminal};
use std::os::fd::AsFd;
use std::path::Path;

use checkers::Seal;

use super::{Exit, Failure};
use crate::lesson::{self, FolderError, Lesson, Origin};
use crate::screen::{self, Look};
use crate::store::{Agreed, Standing};

/// What lies here only root can have put there.
const OF_ROOT: &str = "/usr";

/// Comes back when the lesson may run: it is the program's own or the machine's, or the learner has agreed to just these files, or
/// does so now (`yes`: without being asked).
///
/// A lesson from elsewhere is sealed with what was agreed to: no program of it runs once its files are others.
pub(super) fn agree(lesson: &mut Lesson, origin: &Origin, yes: bool, look: &Look) -> Result<(), Failure> {
    let Origin::File(file) = origin else { return Ok(()) };
    let Some(folder) = file.parent().filter(|folder| !folder.starts_with(OF_ROOT)) else { return Ok(()) };
    let digest = lesson::digest(folder).map_err(|error| not_fit(folder, &error))?;
    let powers = lesson::powers(lesson, folder);
    if let Some(hidden) = powers.programs.iter().find(|program| program.file.starts_with(".git")) {
        let what = format!("{}: {} lies where git keeps its own", folder.display(), hidden.file.display());
        return Err(Failure::new(Exit::Lesson, what, "put check programs into `programs/`"));
    }
    // Whoever has no place for a record is asked each time.
    lesson.seal = Some(Seal { folder: std::path::absolute(folder)?, digest: digest.clone() });
    let agreed = Agreed::of_learner();
    let standing = agreed.as_ref().map_or(Standing::New, |agreed| agreed.standing(folder, &digest));
    if standing == Standing::Agreed {
        return Ok(());
    }
    if !yes {
        let look = super::look_of(std::io::stderr().as_fd(), look.plain);
        let changed = standing == Standing::Changed;
        ask(&lesson.id, &screen::powers(&lesson.title, folder, &powers, changed, &look), changed)?;
    }
    if let Err(error) = agreed.and_then(|agreed| agreed.keep(folder, &digest)) {
        tell!("That you agree cannot be kept ({error}); the next start asks again.");
    }
    Ok(())
}

fn ask(name: &str, powers: &str, changed: bool) -> Result<(), Failure> {
    let seen = if changed { "has changed since you agreed to it" } else { "is new here, and nobody agreed to it" };
    let refused = |what: String| {
        let way_out =
            format!("`rootless-lab start {name}` in a terminal shows what it may do and asks; `--yes` agrees");
        Failure::new(Exit::NotAgreed, what, way_out)
    };
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(refused(format!("the lesson `{name}` {seen}")));
    }
    super::say::err(format_args!("{powers}\nMay it run here? [y/N] "));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer)?;
    if read > 0 && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(refused(format!("the lesson `{name}` was not run")))
}

/// Says no where the files are no longer those that were agreed to.
pub(super) fn unchanged(lesson: &Lesson) -> Result<(), Failure> {
    let Some(seal) = &lesson.seal else { return Ok(()) };
    match lesson::digest(&seal.folder) {
        Ok(digest) if digest == seal.digest => Ok(()),
        Ok(_) => {
            let what = format!("the lesson `{}` has changed since you agreed to it, a moment ago", lesson.id);
            Err(Failure::new(Exit::NotAgreed, what, "start again: it is shown anew"))
        }
        Err(error) => Err(not_fit(&seal.folder, &error)),
    }
}

/// A folder that no lesson may have.
pub(super) fn not_fit(folder: &Path, error: &FolderError) -> Failure {
    let what = format!("{}: {error}", folder.display());
    Failure::new(Exit::Lesson, what, "give the lesson a folder of its own, with its plain files and nothing else")
}
