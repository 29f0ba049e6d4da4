//! The attempt in question: the one that is named, or the newest; and its exam as it was begun.

use crate::cli::{Exit, Failure, start};
use crate::exam::{Attempt, AttemptId, Attempts, Exam, Folder, FolderError, Phase, Reading, Shelf, ShelfError};
use crate::lesson;
use crate::screen::Look;
use crate::sitting;

/// An attempt that is kept.
pub(in crate::cli) struct Kept {
    pub(in crate::cli) id: AttemptId,
    pub(in crate::cli) folder: Folder,
    pub(in crate::cli) attempt: Attempt,
}

/// The attempts of whoever runs this that can be read, the newest last.
pub(in crate::cli) fn all() -> Result<Vec<Kept>, Failure> {
    let attempts = Attempts::of_candidate()?;
    let mut all = Vec::new();
    for id in attempts.ids()? {
        match read(&attempts, &id) {
            Ok(kept) => all.push(kept),
            Err(failure) => tell!("The attempt {id} is left out: {}.", failure.what),
        }
    }
    all.sort_by_key(|kept| kept.attempt.began.wall);
    Ok(all)
}

/// The one of that name, or the newest.
pub(in crate::cli) fn chosen(name: Option<&str>) -> Result<Kept, Failure> {
    match name {
        Some(name) => read(&Attempts::of_candidate()?, &name.parse()?),
        None => all()?.pop().ok_or_else(|| {
            let way_out = "`rootless-lab exam start NAME` begins one, `rootless-lab exam list` names the exams; an attempt on a \
                           practice machine is kept there: `rootless-lab practice enter` goes in";
            Failure::new(Exit::Machine, "there is no attempt at an exam here", way_out)
        }),
    }
}

/// The one that is under way.
pub(in crate::cli) fn running() -> Result<Option<Kept>, Failure> {
    Ok(all()?.into_iter().rev().find(|kept| kept.attempt.phase == Phase::Running))
}

fn read(attempts: &Attempts, id: &AttemptId) -> Result<Kept, Failure> {
    let folder = attempts.folder(id);
    let attempt = Attempt::of(&folder.read()?.chain.entries).map_err(|why| {
        Failure::new(Exit::Failed, format!("the attempt {id}: {why}"), "`rootless-lab exam list` names others")
    })?;
    Ok(Kept { id: id.clone(), folder, attempt })
}

impl Kept {
    /// The exam as it was begun, whatever became of its file.
    pub(in crate::cli) fn exam(&self, look: &Look) -> Result<Exam, Failure> {
        exam_of(&self.folder, &self.attempt, look)
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

/// The exam of an attempt as it was begun; all problems of one that cannot be read are shown.
pub(in crate::cli) fn exam_of(folder: &Folder, attempt: &Attempt, look: &Look) -> Result<Exam, Failure> {
    let source = folder.exam(&attempt.started)?;
    shelf().kept(&source, &attempt.started.parameters).map_err(|error| not_found(error, look))
}

/// The exams that can be sat.
pub(in crate::cli) fn shelf() -> Shelf {
    Shelf::new(lesson::Shelf::of_this_process())
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
            FolderError::OtherExam { .. } | FolderError::TooLarge { .. } => {
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
