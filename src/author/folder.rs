//! A lesson's folder as a proof needs it: the lesson, its solutions, its wrong answers. Reads only.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::lesson::{Lesson, TypedStep, WrongAnswer, read_typed, read_wrong};

/// More than any solution needs.
const MOST_BYTES: u64 = 1 << 20;

/// A lesson's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The folder, a full path.
    pub path: PathBuf,
    /// The lesson.
    pub lesson: Lesson,
    /// The ways to solve it, by name.
    pub solutions: Vec<Answer<Vec<TypedStep>>>,
    /// The ways not to, by name.
    pub wrong: Vec<Answer<WrongAnswer>>,
}

/// Something that is typed from beginning to end.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// The file's name without its ending.
    pub name: String,
    /// What is typed.
    pub typed: T,
}

/// Why a folder cannot be proven.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line has another form than it may have.
    #[error("{}:{line}: this line has no form that is known", path.display())]
    Line {
        /// In which file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// A step or goal that the lesson does not have, or steps out of order.
    #[error("{}: the lesson has no {what}, or not at this place", path.display())]
    Unknown {
        /// In which file.
        path: PathBuf,
        /// `step refused`, `goal list/seen`.
        what: String,
    },
}

impl Folder {
    /// Reads what stands beside a lesson that was read from `path/lesson.yaml`.
    pub fn read(path: &Path, lesson: Lesson) -> Result<Self, FolderError> {
        let solutions = answers(&path.join("solutions"), read_typed)?;
        for (file, answer) in &solutions {
            in_order(file, &lesson, &answer.typed, true)?;
        }
        let wrong = answers(&path.join("wrong"), read_wrong)?;
        for (file, answer) in &wrong {
            in_order(file, &lesson, &answer.typed.steps, false)?;
            for (step, goal) in &answer.typed.fails {
                let last = answer.typed.steps.last().is_some_and(|last| &last.id == step);
                let is_goal =
                    |one: &&crate::lesson::Step| &one.id == step && one.goals.iter().any(|one| &one.id == goal);
                if !last || !lesson.steps.iter().any(|one| is_goal(&one)) {
                    return Err(unknown(file, format!("goal {step}/{goal} in the last step that is played")));
                }
            }
        }
        let own = |(_, answer)| answer;
        Ok(Self {
            path: path.to_owned(),
            lesson,
            solutions: solutions.into_iter().map(own).collect(),
            wrong: wrong.into_iter().map(|(_, answer)| answer).collect(),
        })
    }
}

/// The steps are the lesson's first ones, in its order; all of them where `whole`.
fn in_order(file: &Path, lesson: &Lesson, typed: &[TypedStep], whole: bool) -> Result<(), FolderError> {
    let mut wanted = lesson.steps.iter();
    for step in typed {
        if wanted.next().is_none_or(|wanted| wanted.id != step.id) {
            return Err(unknown(file, format!("step {}", step.id)));
        }
        for turn in &step.turns {
            if let crate::lesson::Turn::Goal { id, .. } = turn
                && !lesson.steps.iter().any(|one| one.id == step.id && one.goals.iter().any(|goal| &goal.id == id))
            {
                return Err(unknown(file, format!("goal {}/{id}", step.id)));
            }
        }
    }
    match wanted.next() {
        Some(missing) if whole => Err(unknown(file, format!("end before step {}", missing.id))),
        _ => Ok(()),
    }
}

fn unknown(file: &Path, what: String) -> FolderError {
    FolderError::Unknown { path: file.to_owned(), what }
}

type Found<T> = Vec<(PathBuf, Answer<T>)>;

/// Reads every `NAME.txt` of a folder, by name; none where there is no folder.
fn answers<T>(folder: &Path, read: impl Fn(&str) -> Result<T, usize>) -> Result<Found<T>, FolderError> {
    let unreadable = |path: &Path, source| FolderError::Unreadable { path: path.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, error)),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension() == Some(OsStr::new("txt")) && path.is_file());
    paths.sort();
    let mut found = Vec::with_capacity(paths.len());
    for path in paths {
        let large = path.metadata().map_or(0, |meta| meta.len()) > MOST_BYTES;
        let text = if large { Err(std::io::ErrorKind::FileTooLarge.into()) } else { std::fs::read_to_string(&path) };
        let typed = read(&text.map_err(|error| unreadable(&path, error))?);
        let typed = typed.map_err(|line| FolderError::Line { path: path.clone(), line })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.push((path, Answer { name, typed }));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESSON: &str = include_str!("../../lessons/rootless-containers/lesson.yaml");

    fn read_folder(files: &[(&str, &str)]) -> Result<Folder, String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let lesson = crate::lesson::read("tale/lesson.yaml", LESSON).0.unwrap();
        let read = Folder::read(folder.path(), lesson);
        read.map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
    }

    #[test]
    fn answers_are_read_by_name_and_other_files_are_left_alone() {
        let wrong = "fails rootless/podman-here\nstep rootless\nlab id\n";
        let whole = include_str!("../../lessons/rootless-containers/solutions/typed.txt");
        let files =
            [("wrong/b.txt", wrong), ("wrong/a.txt", wrong), ("wrong/notes.md", "x"), ("solutions/x.txt", whole)];
        let folder = read_folder(&files).unwrap();
        let names: Vec<&str> = folder.wrong.iter().map(|answer| answer.name.as_str()).collect();
        assert_eq!((names, folder.solutions.len()), (vec!["a", "b"], 1));
    }

    #[test]
    fn what_does_not_fit_the_lesson_is_named() {
        for (file, text, said) in [
            ("wrong/a.txt", "fails rootless/x\nstep rootless\nlab id\n", "goal rootless/x"),
            (
                "wrong/a.txt",
                "fails rootless/not-root\nstep rootless\nlab id\nstep make-account\n",
                "goal rootless/not-root",
            ),
            ("wrong/a.txt", "fails su/x\nstep su\nlab id\n", "step su"),
            ("solutions/a.txt", "step rootless\nlab id\n", "end before step make-account"),
            ("solutions/a.txt", "step rootless\ngoal x\n", "goal rootless/x"),
            ("solutions/a.txt", "step rootless\nlab\n", "solutions/a.txt:2"),
        ] {
            let error = read_folder(&[(file, text)]).unwrap_err();
            assert!(error.starts_with(file) && error.contains(said), "{error}");
        }
    }
}
