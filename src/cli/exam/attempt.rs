//! An attempt wherever it lies: the candidate's own by its name, or one that was collected by its folder; with its exam as it was begun.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::cli::{Exit, Failure, start};
use crate::exam::report::{Basis, Report};
use crate::exam::{
    Attempt, AttemptId, Attempts, Exam, Folder, FolderError, Found, Phase, Reading, Shelf, ShelfError, Source,
};
use crate::lesson;
use crate::screen::{self, Look};
use crate::sitting;

/// An attempt that is kept.
pub(in crate::cli) struct Kept {
    /// Its name, or its folder where it was named by that.
    pub(in crate::cli) name: String,
    pub(in crate::cli) folder: Folder,
    pub(in crate::cli) found: Found,
    pub(in crate::cli) attempt: Attempt,
}

/// The attempts of whoever runs this that can be read, in the order in which they were begun: that of their numbers, because a clock may have
/// been wrong.
pub(in crate::cli) fn all() -> Result<Vec<Kept>, Failure> {
    let mut all = Vec::new();
    let mut ids = Attempts::of_candidate()?.ids()?;
    ids.sort_by_key(AttemptId::number);
    for id in ids {
        match open(Some(&id.to_string())) {
            Ok(kept) => all.push(kept),
            Err(failure) => tell!("The attempt {id} is left out: {}.", screen::clean_line(&failure.what, &Look::FILE)),
        }
    }
    Ok(all)
}

/// The one that is under way.
pub(in crate::cli) fn running() -> Result<Option<Kept>, Failure> {
    Ok(all()?.into_iter().rev().find(|kept| kept.attempt.phase == Phase::Running))
}

/// Refuses to tell how goals stand or stood as long as the candidate still sits: in this attempt, or in another one of whoever runs this.
pub(super) fn is_over(kept: &Kept) -> Result<(), Failure> {
    let way_out = "`rootless-lab exam finish` hands it in, then `rootless-lab exam grade` judges it";
    if kept.attempt.phase == Phase::Running {
        return Err(Failure::new(Exit::Busy, format!("{} is still under way", kept.name), way_out));
    }
    nobody_sits()
}

/// The same of no attempt in particular.
pub(in crate::cli) fn nobody_sits() -> Result<(), Failure> {
    // Where this account cannot read there is no attempt of its own.
    let Some(sits) = Attempts::of_candidate().ok().and_then(|_| running().ok()).flatten() else { return Ok(()) };
    let what = format!(
        "an attempt is under way ({}), and as long as it is, nothing helps or tells how goals stand",
        sits.name
    );
    Err(Failure::new(Exit::Busy, what, "`rootless-lab exam finish` hands it in"))
}

/// Where the folder of an attempt is: by its name, or by its path (anything with a `/`).
pub(in crate::cli) fn place(name: &str) -> Result<PathBuf, Failure> {
    if name.contains('/') {
        return Ok(Path::new(name).to_owned());
    }
    Ok(Attempts::of_candidate()?.folder(&name.parse::<AttemptId>()?).path().to_owned())
}

/// The same, of one that is there.
pub(in crate::cli) fn folder(name: &str) -> Result<PathBuf, Failure> {
    let path = place(name)?;
    if path.is_dir() {
        return Ok(path);
    }
    let way_out = "name one, or the folder of one that was collected, with a `/` in it";
    Err(Failure::new(Exit::Machine, format!("there is no attempt `{name}`"), way_out))
}

/// Opens the one of that name or path and reads its record; where none is said, the one that is under way, or else the newest.
pub(in crate::cli) fn open(name: Option<&str>) -> Result<Kept, Failure> {
    let Some(name) = name else {
        let mut all = all()?;
        let sits = all.iter().rposition(|kept| kept.attempt.phase == Phase::Running);
        let one = sits.map(|sits| all.swap_remove(sits)).or_else(|| all.pop());
        return one.ok_or_else(|| {
            let way_out = "`rootless-lab exam start NAME` begins one, `rootless-lab exam list` names the exams; an attempt on a \
                           practice machine is kept there: `rootless-lab practice enter` goes in";
            Failure::new(Exit::Machine, "there is no attempt at an exam here", way_out)
        });
    };
    let folder = Folder::at(&folder(name)?);
    let found = folder.read()?;
    let attempt = Attempt::of(&found.chain.entries).map_err(|why| {
        let way_out = format!("`rootless-lab exam verify {name}` says what is wrong");
        Failure::new(Exit::Failed, format!("{name}: {why}"), way_out)
    })?;
    Ok(Kept { name: name.to_owned(), folder, found, attempt })
}

impl Kept {
    /// The exam as it was begun, whatever became of its file; all problems of one that cannot be read are shown.
    pub(in crate::cli) fn exam(&self, look: &Look) -> Result<Exam, Failure> {
        let started = &self.attempt.started;
        let (source, lessons) = (self.folder.exam(started)?, self.folder.lessons(started)?);
        let kept = shelf().with_lessons(lessons).kept(&source.form(), &started.parameters);
        kept.map_err(|error| not_found(error, look))
    }

    /// What came of it.
    pub(in crate::cli) fn report(&self, exam: &Exam) -> Report {
        let (head, breaks) = (self.found.chain.head(), self.found.breaks());
        // One that was collected is told by its own name, wherever it lies.
        let id = self.folder.path().file_name().map_or_else(|| self.name.clone().into(), OsStr::to_string_lossy);
        Basis { id: &id, exam, attempt: &self.attempt, head: &head, breaks: &breaks }.report()
    }

    /// Shows in a login that may be open how the attempt stands now.
    pub(in crate::cli) fn show(&self, now: &Reading) {
        // A login that cannot be told notes it by itself a little later.
        if let Ok(found) = self.folder.read()
            && let Ok(attempt) = Attempt::of(&found.chain.entries)
        {
            let _ = sitting::show(self.folder.path(), &attempt, now);
        }
    }
}

/// The exams that can be sat.
pub(in crate::cli) fn shelf() -> Shelf {
    Shelf::new(lesson::Shelf::of_this_process())
}

/// The text of an exam at a path, with a `/` in it or not.
pub(super) fn shelf_at(path: &Path, look: &Look) -> Result<Source, Failure> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Ok(shelf().find(&path.to_string_lossy()).map_err(|error| not_found(error, look))?.0)
}

/// Why there is no exam.
pub(in crate::cli) fn not_found(error: ShelfError, look: &Look) -> Failure {
    match error {
        ShelfError::Unknown { ref nearest, ref known, .. } => {
            let way_out = match nearest {
                Some(nearest) => format!("is `{nearest}` meant?"),
                None => format!("there are: {}", known.join(", ")),
            };
            Failure::new(Exit::Lesson, error.to_string(), way_out)
        }
        ShelfError::File(error) => start::not_found(error, look),
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        let what = error.to_string();
        match error {
            FolderError::NoHome => Self::new(Exit::Machine, what, "set HOME"),
            FolderError::NoId(_) => Self::new(Exit::Usage, what, "`rootless-lab exam list` names the attempts"),
            FolderError::Full { .. } => Self::new(Exit::Machine, what, "make room; nothing that was written is lost"),
            FolderError::Disk { .. } => {
                Self::new(Exit::Machine, what, "`rootless-lab exam list` names the attempts; mend that and try again")
            }
            FolderError::Busy(_) => Self::new(
                Exit::Busy,
                what,
                "go on in its terminal, or end the login there; `rootless-lab exam status`, `tasks` and `finish` work from here",
            ),
            FolderError::OtherExam { .. } | FolderError::OtherLesson { .. } | FolderError::TooLarge { .. } => {
                Self::new(Exit::Failed, what, "`rootless-lab exam abandon` gives the attempt up")
            }
            FolderError::Clock(_) => Self { what, way_out: None, exit: Exit::Failed },
            FolderError::NoAttempt(_) => {
                Self::new(Exit::Failed, what, "`rootless-lab exam verify` says what is wrong with it")
            }
            FolderError::Chain(_) => {
                Self::new(Exit::Failed, what, "use the rootless-lab that wrote it; nothing was changed")
            }
        }
    }
}
