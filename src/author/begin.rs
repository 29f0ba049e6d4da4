//! Begins a lesson: a folder with a lesson that is whole, commented, and proven as it is. Writes into no folder that is there already.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::lesson::reading::is_name;

/// The files of a new lesson. `@TRACK@` is filled in.
const FILES: &[(&str, &str)] = &[
    ("lesson.yaml", include_str!("begin/lesson.yaml")),
    ("solutions/typed.txt", include_str!("begin/typed.txt")),
    ("solutions/umask.txt", include_str!("begin/umask.txt")),
    ("wrong/others-may-read.txt", include_str!("begin/others-may-read.txt")),
];

/// Why no lesson was begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The name is none.
    #[error("`{0}` is no name for a lesson")]
    Name(String),
    /// Something stands there.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// It cannot be written.
    #[error("{}: {source}", path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Begins the lesson `TRACK/SLUG` in a folder of that name below `at`; its folder.
pub fn begin(at: &Path, name: &str) -> Result<PathBuf, BeginError> {
    let parts = name.split_once('/').filter(|(track, slug)| is_name(track) && is_name(slug));
    let Some((track, _)) = parts else { return Err(BeginError::Name(name.to_owned())) };
    let folder = at.join(name);
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |source| BeginError::Disk { path, source }
    };
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above).map_err(disk(above))?;
    }
    match fs::create_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(BeginError::Exists(folder)),
        made => made.map_err(disk(&folder))?,
    }
    for (file, text) in FILES {
        let path = folder.join(file);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(disk(above))?;
        }
        fs::write(&path, text.replace("@TRACK@", track)).map_err(disk(&path))?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::author::Folder;

    #[test]
    fn a_new_lesson_reads_with_its_solutions_and_its_wrong_answer() {
        let place = tempfile::tempdir().unwrap();
        let path = begin(place.path(), "rhcsa/my-note").unwrap();
        let text = fs::read_to_string(path.join("lesson.yaml")).unwrap();
        let (lesson, problems) = crate::lesson::read(path.join("lesson.yaml").to_str().unwrap(), &text);
        assert!(problems.is_empty(), "{problems:?}");
        let folder = Folder::read(&path, lesson.unwrap()).unwrap();
        assert_eq!((folder.lesson.id.as_str(), folder.lesson.tracks[0].as_str()), ("my-note", "rhcsa"));
        assert_eq!((folder.lesson.steps.len(), folder.solutions.len(), folder.wrong.len()), (1, 2, 1));
    }

    #[test]
    fn nothing_that_is_there_is_touched_and_no_other_name_is_taken() {
        let place = tempfile::tempdir().unwrap();
        let path = begin(place.path(), "rhcsa/mine").unwrap();
        fs::write(path.join("lesson.yaml"), "mine").unwrap();
        assert!(matches!(begin(place.path(), "rhcsa/mine"), Err(BeginError::Exists(_))));
        assert_eq!(fs::read_to_string(path.join("lesson.yaml")).unwrap(), "mine");
        for name in ["", "slug", "a/", "/a", "../a", "a/..", "a/b/c", "A/b", "a/b c", "rhcsa/2-note", "2/note"] {
            assert!(matches!(begin(place.path(), name), Err(BeginError::Name(_))), "{name}");
        }
    }
}
