//! Finds lessons: those built in, those of the learner, of the machine, of a path. Lists names only; a lesson is read when it is asked for.

mod language;
mod own;
mod repository;
mod unpack;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::model::Lesson;
use super::problem::{Problem, ProblemKind, nearest};
use super::read::read_with;
use super::translation;
use super::tree::MOST_BYTES;

pub use language::{LANGUAGE, wished as wished_language};
pub use own::{Added, OwnShelf, OwnShelfError, Parcel};
pub use repository::GitError;
pub use unpack::UnpackError;

/// The name of a lesson's file in its folder.
const FILE: &str = "lesson.yaml";
/// Where a package of the distribution puts lessons.
const SYSTEM: &str = "/usr/share/rootless-lab/lessons";

/// The lessons that are part of the program: one line each.
const BUILT_IN: &[(&str, &str)] = &[
    ("quadlet-containers", include_str!("../../lessons/quadlet-containers/lesson.yaml")),
    ("rootless-containers", include_str!("../../lessons/rootless-containers/lesson.yaml")),
    ("rootless-storage-and-ids", include_str!("../../lessons/rootless-storage-and-ids/lesson.yaml")),
];

/// The translations that are part of the program: the lesson, the language, the text.
const TRANSLATIONS: &[(&str, &str, &str)] =
    &[("rootless-containers", "de", include_str!("../../lessons/rootless-containers/lesson.de.yaml"))];

/// Where a lesson came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is part of the program.
    BuiltIn,
    /// This file.
    File(PathBuf),
}

/// Why there is no lesson.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// No lesson of that name.
    #[error("there is no lesson `{name}`")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The nearest one there is.
        nearest: Option<String>,
        /// Those there are, at most twenty.
        known: Vec<String>,
    },
    /// The file cannot be opened or read.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no lesson: everything that is wrong with it.
    #[error("{} has {} problem{}", file.display(), problems.len(), if problems.len() == 1 { "" } else { "s" })]
    Broken {
        /// The file; for a lesson that is built in, its place in the source.
        file: PathBuf,
        /// Its text, for showing the places.
        text: String,
        /// In the file's order; never empty.
        problems: Vec<Problem>,
    },
}

/// The places where lessons are looked for, the first one first.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    folders: Vec<PathBuf>,
    given: BTreeMap<String, String>,
    languages: Vec<String>,
    /// Nothing else is on the shelf then.
    kept: Option<BTreeMap<String, String>>,
}

impl Shelf {
    /// The folders of `path` (ROOTLESS_LAB_PATH, separated by colons), the learner's own, the machine's. What is built in comes last.
    pub fn new(path: Option<&OsStr>, data_home: Option<&Path>) -> Self {
        let mut folders: Vec<PathBuf> = path.map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
        folders.retain(|folder| !folder.as_os_str().is_empty());
        folders.extend(data_home.map(own_below));
        folders.push(PathBuf::from(SYSTEM));
        Self { folders, given: BTreeMap::new(), languages: Vec::new(), kept: None }
    }

    /// The places that this process's environment names.
    pub fn of_this_process() -> Self {
        Self::new(std::env::var_os("ROOTLESS_LAB_PATH").as_deref(), data_home().as_deref())
            .in_language(language::wished(|name| std::env::var(name).ok()).as_deref())
    }

    /// The same shelf, with other values for parameters of the lessons (the administrator's name on this machine, say).
    #[must_use]
    pub fn with_parameters(self, given: BTreeMap<String, String>) -> Self {
        Self { given, ..self }
    }

    /// The same shelf, with the texts of lessons in this language (`de`, `de_AT`) where they have them.
    #[must_use]
    pub fn in_language(self, language: Option<&str>) -> Self {
        Self { languages: language.map(language::and_wider).unwrap_or_default(), ..self }
    }

    /// The places on the disk, the first one first.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.folders.iter().map(PathBuf::as_path)
    }

    /// The languages into which a lesson is translated, sorted. Opens no translation.
    pub fn languages(&self, name: &str, origin: &Origin) -> Vec<String> {
        match origin {
            Origin::BuiltIn => {
                TRANSLATIONS.iter().filter(|(of, _, _)| *of == name).map(|(_, to, _)| (*to).to_owned()).collect()
            }
            Origin::File(file) => {
                let entries = std::fs::read_dir(file.parent().unwrap_or(file)).into_iter().flatten().flatten();
                let names = entries.filter_map(|entry| language::of_file(&entry.file_name().to_string_lossy()));
                let mut names: Vec<String> = names.collect();
                names.sort();
                names
            }
        }
    }

    /// The names of all lessons, sorted. Opens no lesson.
    pub fn names(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
        for folder in &self.folders {
            let Ok(entries) = std::fs::read_dir(folder) else { continue };
            // A folder of lessons holds other folders too: one of exams, one of known mistakes.
            let folders = entries.flatten().filter(|entry| entry.path().join(FILE).exists());
            names.extend(folders.filter_map(|entry| entry.file_name().into_string().ok()).filter(|name| is_name(name)));
        }
        names.into_iter().collect()
    }

    /// A shelf with these lessons and no others: names and texts, as somebody kept them.
    #[must_use]
    pub fn of_texts(texts: BTreeMap<String, String>) -> Self {
        Self { kept: Some(texts), ..Self::default() }
    }

    /// The text of a lesson that is part of the program.
    pub fn built_in(name: &str) -> Option<&'static str> {
        BUILT_IN.iter().find(|(built_in, _)| *built_in == name).map(|(_, text)| *text)
    }

    /// Reads a lesson by its name, or by the path of its folder or file (anything with a `/`).
    pub fn find(&self, name: &str) -> Result<(Lesson, Origin), ShelfError> {
        let (file, text, origin) = self.source(name)?;
        self.parse(file, text, origin)
    }

    /// A lesson's file with its text, read or not, and where it comes from.
    pub(crate) fn source(&self, name: &str) -> Result<(PathBuf, String, Origin), ShelfError> {
        let inside = Path::new("lessons").join(name).join(FILE);
        if let Some(kept) = &self.kept {
            return match kept.get(name) {
                Some(text) => Ok((inside, text.clone(), Origin::BuiltIn)),
                None => Err(self.unknown(name)),
            };
        }
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
            if let Some(text) = Self::built_in(name) {
                return Ok((inside, text.to_owned(), Origin::BuiltIn));
            }
        }
        Err(self.unknown(name))
    }

    fn unknown(&self, name: &str) -> ShelfError {
        let mut known = self.names();
        let nearest = nearest(name, known.iter().map(String::as_str));
        known.truncate(20);
        ShelfError::Unknown { name: name.to_owned(), nearest, known }
    }

    /// The first translation there is into a language that is wished for, with its file.
    fn translation(&self, name: &str, origin: &Origin) -> Result<Option<(PathBuf, String)>, ShelfError> {
        for language in &self.languages {
            match origin {
                Origin::BuiltIn => {
                    let built_in = TRANSLATIONS.iter().find(|(of, to, _)| *of == name && to == language);
                    if let Some((_, _, text)) = built_in {
                        let file = Path::new("lessons").join(name).join(language::file(language));
                        return Ok(Some((file, (*text).to_owned())));
                    }
                }
                Origin::File(lesson) => {
                    let file = lesson.with_file_name(language::file(language));
                    if file.is_file() {
                        return read_file(&file).map(|text| Some((file, text)));
                    }
                }
            }
        }
        Ok(None)
    }

    fn parse(&self, file: PathBuf, text: String, origin: Origin) -> Result<(Lesson, Origin), ShelfError> {
        match read_with(&file.to_string_lossy(), &text, &self.given) {
            (Some(mut lesson), _) => {
                if let Some((file, translation)) = self.translation(&lesson.id, &origin)? {
                    let laid = translation::lay_over(&mut lesson, &text, &file.to_string_lossy(), &translation);
                    laid.map_err(|problems| ShelfError::Broken { file, text: translation, problems })?;
                }
                Ok((lesson, origin))
            }
            (None, problems) => Err(ShelfError::Broken { file, text, problems }),
        }
    }
}

fn open(file: PathBuf) -> Result<(PathBuf, String, Origin), ShelfError> {
    let unreadable = |source| ShelfError::Unreadable { file: file.clone(), source };
    // A full path, so that check programs are found from anywhere, and so that `lesson.yaml` alone has a folder with a name.
    let full = file.canonicalize().map_err(unreadable)?;
    if !full.is_file() {
        return Err(unreadable(std::io::Error::from(std::io::ErrorKind::InvalidInput)));
    }
    Ok((full.clone(), read_file(&full)?, Origin::File(full)))
}

/// Where the account that runs this keeps its data.
fn data_home() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    etcetera::choose_base_strategy().ok().map(|places| places.data_dir())
}

/// The folder of the learner's own lessons.
fn own_folder() -> Option<PathBuf> {
    data_home().as_deref().map(own_below)
}

fn own_below(data_home: &Path) -> PathBuf {
    data_home.join("rootless-lab/lessons")
}

/// A file that may be a lesson's, or what is wrong with it as such.
pub(crate) fn read_file(full: &Path) -> Result<String, ShelfError> {
    let unreadable = |source| ShelfError::Unreadable { file: full.to_owned(), source };
    let mut bytes = Vec::new();
    let mut limited = File::open(full).map_err(unreadable)?.take(MOST_BYTES as u64 + 1);
    limited.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MOST_BYTES {
        return Err(broken(full.to_owned(), ProblemKind::TooLarge { most: MOST_BYTES }));
    }
    String::from_utf8(bytes).map_err(|error| {
        let why = format!("byte {} is not UTF-8", error.utf8_error().valid_up_to());
        broken(full.to_owned(), ProblemKind::NotYaml { why })
    })
}

fn broken(file: PathBuf, what: ProblemKind) -> ShelfError {
    let problem = Problem { file: file.to_string_lossy().into_owned(), span: 0..0, line: 1, column: 1, what };
    ShelfError::Broken { file, text: String::new(), problems: vec![problem] }
}

fn is_name(name: &str) -> bool {
    super::fill::is_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESSON: &str = include_str!("../../lessons/rootless-containers/lesson.yaml");

    /// A shelf with one folder of the test's own.
    fn shelf() -> (tempfile::TempDir, Shelf) {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf { folders: vec![folder.path().to_owned()], ..Shelf::default() };
        (folder, shelf)
    }

    fn put(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        std::fs::create_dir_all(folder.join(name)).unwrap();
        let file = folder.join(name).join(FILE);
        std::fs::write(&file, text).unwrap();
        file.canonicalize().unwrap()
    }

    #[test]
    fn a_lesson_on_the_shelf_is_found_by_name_before_the_one_that_is_built_in() {
        let (folder, shelf) = shelf();
        assert_eq!(shelf.find("rootless-containers").unwrap().1, Origin::BuiltIn);
        let file = put(folder.path(), "rootless-containers", LESSON);
        assert_eq!(shelf.find("rootless-containers").unwrap().1, Origin::File(file));
    }

    #[test]
    fn a_lesson_is_found_by_the_path_of_its_folder_or_file() {
        let (folder, shelf) = shelf();
        let file = put(folder.path(), "mine", LESSON);
        for path in [&file, &folder.path().join("mine")] {
            let (lesson, origin) = shelf.find(path.to_str().unwrap()).unwrap();
            assert_eq!((lesson.id.as_str(), origin), ("mine", Origin::File(file.clone())));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let (_folder, shelf) = shelf();
        for name in ["rootles-containers", "rootless-container", "../rootless-containers/..", ""] {
            match shelf.find(name) {
                Err(ShelfError::Unknown { nearest, .. }) if name.starts_with("root") => {
                    assert_eq!(nearest.as_deref(), Some("rootless-containers"));
                }
                Err(ShelfError::Unknown { .. } | ShelfError::Unreadable { .. }) => {}
                other => panic!("{name}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_lesson_is_refused_with_its_reason() {
        let (folder, shelf) = shelf();
        put(folder.path(), "large", vec![b'#'; MOST_BYTES + 1]);
        put(folder.path(), "latin", b"title: caf\xe9");
        put(folder.path(), "broken", "titel: x");
        std::fs::create_dir_all(folder.path().join("odd").join(FILE)).unwrap();
        let first = |name: &str| match shelf.find(name) {
            Err(ShelfError::Broken { problems, .. }) => problems[0].what.clone(),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(first("large"), ProblemKind::TooLarge { most: MOST_BYTES });
        assert!(matches!(first("latin"), ProblemKind::NotYaml { .. }));
        assert!(matches!(first("broken"), ProblemKind::Missing { .. } | ProblemKind::UnknownKey { .. }));
        assert!(matches!(shelf.find("odd"), Err(ShelfError::Unreadable { .. })));
    }

    #[test]
    fn a_thousand_broken_lessons_are_listed_without_being_opened() {
        let (folder, shelf) = shelf();
        for number in 0..1000 {
            put(folder.path(), &format!("lesson-{number}"), [0xff, 0x00]);
        }
        assert_eq!(shelf.names().len(), 1000 + BUILT_IN.len());
        assert!(shelf.find("rootless-containers").is_ok());
    }
}
