//! Why an attempt or an exam is not there, with the way out and the number that the program ends with.

use std::io::ErrorKind;

use super::{Exit, Failure};
use crate::exam::{ChainError, FolderError, NoAttempt, ShelfError};

const LIST: &str = "`rootless-lab exam history` lists the attempts there are";

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        let what = error.to_string();
        match error {
            FolderError::NoHome => Self::new(Exit::Machine, what, "set HOME"),
            FolderError::NoId(_) => Self::new(Exit::Usage, what, LIST),
            FolderError::Disk { source, path } if source.kind() == ErrorKind::NotFound => {
                let what = format!("there is no attempt at {}", path.parent().unwrap_or(&path).display());
                Self::new(Exit::Usage, what, LIST)
            }
            FolderError::Disk { .. } | FolderError::Full { .. } => {
                Self::new(Exit::Machine, what, "make room, or set XDG_STATE_HOME to a folder you may write to")
            }
            FolderError::OtherExam { .. } => {
                Self::new(Exit::Lesson, what, "somebody changed it: its points would mean nothing")
            }
            FolderError::TooLarge { .. } => Self::new(Exit::Machine, what, "this is no attempt"),
            FolderError::Busy(_) => Self::new(Exit::Busy, what, "go on in its terminal, or end it there"),
            FolderError::Chain(ChainError::Newer { .. }) => {
                Self::new(Exit::Machine, what, "use a rootless-lab as new as the one that wrote it")
            }
            FolderError::Chain(_) => Self { what, way_out: None, exit: Exit::Failed },
        }
    }
}

impl From<NoAttempt> for Failure {
    fn from(error: NoAttempt) -> Self {
        Self::new(Exit::Machine, error.to_string(), "its first lines are lost; nothing can be said of it")
    }
}

impl From<ShelfError> for Failure {
    fn from(error: ShelfError) -> Self {
        let what = error.to_string();
        let way_out = match error {
            ShelfError::Unknown { nearest: Some(nearest), .. } => format!("is `{nearest}` meant?"),
            ShelfError::Unknown { known, .. } => format!("there are: {}", known.join(", ")),
            ShelfError::File(_) => "`rootless-lab lesson lint` shows every mistake in it".to_owned(),
        };
        Self::new(Exit::Lesson, what, way_out)
    }
}
