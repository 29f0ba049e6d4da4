//! Finds exams: those built in, those beside the learner's and the machine's lessons, one at a path. An exam is read when it is drawn.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::attempt::Started;
use super::chain::digest;
use super::read::{Form, Source};
use super::sheet::Exam;
use crate::lesson::reading::{is_name, nearest, read_file};
use crate::lesson::{self, Lesson, Origin, Problem};

/// The name of an exam's file in its folder.
const FILE: &str = "exam.yaml";
/// The folder of exams in a folder of lessons.
const FOLDER: &str = "exams";

/// The exams that are part of the program, each with its text.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/exams.rs"));

/// Exams and lessons that an attempt names and this program has with another text, by name: whoever sat it brought texts of their own, or
/// sat it with another version of the program.
pub fn foreign(started: &Started) -> Vec<String> {
    let exam = BUILT_IN.iter().find(|(name, _)| *name == started.exam).map(|(_, text)| *text);
    let exam = exam.filter(|text| digest(text.as_bytes()) != started.exam_digest).map(|_| started.exam.clone());
    let is_other = |(name, kept): &(&String, &String)| {
        lesson::Shelf::built_in(name).is_some_and(|text| digest(text.as_bytes()) != **kept)
    };
    exam.into_iter().chain(started.lessons.iter().filter(is_other).map(|(name, _)| name.clone())).collect()
}

/// Whether the program has an exam of that name itself.
pub fn is_built_in(name: &str) -> bool {
    BUILT_IN.iter().any(|(known, _)| *known == name)
}

/// Why there is no exam.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// No exam of that name.
    #[error("there is no exam `{name}`")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The nearest one there is.
        nearest: Option<String>,
        /// Those there are, at most twenty.
        known: Vec<String>,
    },
    /// Its file cannot be read, or is no exam: as with lessons.
    #[error(transparent)]
    File(#[from] lesson::ShelfError),
}

/// The places where exams are looked for, and the lessons that their tasks may take goals from.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    folders: Vec<PathBuf>,
    lessons: lesson::Shelf,
    given: BTreeMap<String, String>,
}

impl Shelf {
    /// `exams` in each folder in which lessons are looked for. What is built in comes last.
    pub fn new(lessons: lesson::Shelf) -> Self {
        let folders = lessons.folders().map(|folder| folder.join(FOLDER)).collect();
        Self { folders, lessons, given: BTreeMap::new() }
    }

    /// The same shelf, with other values for parameters of the exams (the administrator's name on this machine, say).
    #[must_use]
    pub fn with_parameters(self, given: BTreeMap<String, String>) -> Self {
        Self { given, ..self }
    }

    /// The names of all exams, sorted. Opens none.
    pub fn names(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
        for folder in &self.folders {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let folders = entries.filter(|entry| entry.path().join(FILE).is_file());
            names.extend(folders.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| is_name(name)));
        }
        names.into_iter().collect()
    }

    /// An exam's text by its name, or by the path of its folder or file (anything with a `/`).
    pub fn find(&self, name: &str) -> Result<(Source, Origin), ShelfError> {
        if name.contains('/') {
            let path = PathBuf::from(name);
            return open(if path.is_dir() { path.join(FILE) } else { path });
        }
        if is_name(name) {
            for folder in &self.folders {
                let file = folder.join(name).join(FILE);
                if file.exists() {
                    return open(file);
                }
            }
            if let Some((name, text)) = BUILT_IN.iter().find(|(built_in, _)| *built_in == name) {
                let file = Path::new("lessons").join(FOLDER).join(name).join(FILE);
                let source = Source { file: file.to_string_lossy().into_owned(), text: (*text).to_owned() };
                return Ok((source, Origin::BuiltIn));
            }
        }
        let mut known = self.names();
        let nearest = nearest(name, known.iter().map(String::as_str));
        known.truncate(20);
        Err(ShelfError::Unknown { name: name.to_owned(), nearest, known })
    }

    /// The exam of a seed, with this shelf's lessons and parameters.
    pub fn drawn(&self, source: &Source, seed: u64) -> Result<Exam, ShelfError> {
        let read = Lookup::of(self);
        source
            .drawn(seed, &self.given, &|name, values| read.lesson(name, values))
            .map_err(|found| broken(source, found))
    }

    /// The same shelf, where tasks take their goals from these lessons and no others: those that an attempt keeps.
    #[must_use]
    pub fn with_lessons(self, texts: BTreeMap<String, String>) -> Self {
        Self { lessons: lesson::Shelf::of_texts(texts), ..self }
    }

    /// The texts of the lessons that the tasks of an exam take goals from, by name.
    pub fn lessons_of(
        &self,
        source: &Source,
        parameters: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, ShelfError> {
        let read = Lookup::of(self);
        source
            .form()
            .kept(parameters, &|name, values| read.lesson(name, values))
            .map_err(|found| broken(source, found))?;
        let names: BTreeSet<String> = read.read.into_inner().into_keys().map(|(name, _)| name).collect();
        let text = |name: String| Ok((name.clone(), self.lessons.source(&name)?.1));
        names.into_iter().map(text).collect()
    }

    /// The exam of an attempt, with the values that its record has.
    pub fn kept(&self, form: &Form, parameters: &BTreeMap<String, String>) -> Result<Exam, ShelfError> {
        let read = Lookup::of(self);
        form.kept(parameters, &|name, values| read.lesson(name, values)).map_err(|found| broken(form.source(), found))
    }
}

/// A lesson is read once for each set of values, however many tasks take a step of it.
struct Lookup<'s> {
    shelf: &'s lesson::Shelf,
    read: RefCell<BTreeMap<Asked, Option<Lesson>>>,
}

/// A lesson's name, and the values for its parameters.
type Asked = (String, BTreeMap<String, String>);

impl<'s> Lookup<'s> {
    fn of(shelf: &'s Shelf) -> Self {
        Self { shelf: &shelf.lessons, read: RefCell::default() }
    }

    fn lesson(&self, name: &str, values: &BTreeMap<String, String>) -> Option<Lesson> {
        let find = || Some(self.shelf.clone().with_parameters(values.clone()).find(name).ok()?.0);
        self.read.borrow_mut().entry((name.to_owned(), values.clone())).or_insert_with(find).clone()
    }
}

fn open(file: PathBuf) -> Result<(Source, Origin), ShelfError> {
    let unreadable = |source| lesson::ShelfError::Unreadable { file: file.clone(), source };
    // A full path, so that `exam.yaml` alone has a folder with a name.
    let full = file.canonicalize().map_err(unreadable)?;
    if !full.is_file() {
        return Err(unreadable(std::io::ErrorKind::InvalidInput.into()).into());
    }
    let text = read_file(&full)?;
    Ok((Source { file: full.to_string_lossy().into_owned(), text }, Origin::File(full)))
}

fn broken(source: &Source, problems: Vec<Problem>) -> ShelfError {
    lesson::ShelfError::Broken { file: PathBuf::from(&source.file), text: source.text.clone(), problems }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exam_is_found_by_name_by_folder_and_by_file_and_the_nearest_is_offered() {
        let home = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(lesson::Shelf::new(Some(home.path().as_os_str()), None));
        assert_eq!(shelf.find("rootless-sprint").unwrap().1, Origin::BuiltIn);
        let folder = home.path().join("exams/rootless-sprint");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(FILE), "format: 1\n").unwrap();
        let file = folder.join(FILE).canonicalize().unwrap();
        for name in ["rootless-sprint", folder.to_str().unwrap(), file.to_str().unwrap()] {
            let (source, origin) = shelf.find(name).unwrap();
            assert_eq!((source.id().as_str(), origin), ("rootless-sprint", Origin::File(file.clone())));
            let Err(ShelfError::File(lesson::ShelfError::Broken { problems, .. })) = shelf.drawn(&source, 1) else {
                panic!("that is no exam")
            };
            assert!(problems.len() > 3, "{problems:?}");
        }
        match shelf.find("rootles-sprint") {
            Err(ShelfError::Unknown { nearest, .. }) => assert_eq!(nearest.as_deref(), Some("rootless-sprint")),
            other => panic!("{other:?}"),
        }
    }
}
