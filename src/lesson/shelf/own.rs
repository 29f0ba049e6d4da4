//! The learner's own shelf: lessons are put on it whole or not at all, and taken off. Runs nothing of a lesson, and agrees to nothing.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use sha2::{Digest, Sha256};

use super::repository::{self, GitError};
use super::unpack::{UnpackError, unpack};
use super::{FILE, Origin, Shelf, ShelfError};
use crate::lesson::fill::is_name;
use crate::lesson::folder::{self, FolderError};
use crate::lesson::model::Lesson;
use crate::lesson::powers::powers;
use crate::lesson::problem::nearest;

/// How deep below a folder or an archive's root lessons are looked for: `course/lessons/NAME`.
const MOST_DEEP: usize = 3;
/// What is not yet a lesson of the shelf. No lesson has such a name.
const PART: &str = ".part-";

/// The learner's own shelf, held by this process.
#[derive(Debug)]
pub struct OwnShelf {
    folder: PathBuf,
    /// Two that put lessons there wait for each other; the kernel frees it however this ends.
    _gate: File,
}

/// What is put on the shelf.
#[derive(Debug, Clone, Default)]
pub struct Parcel {
    /// A folder, an archive, a bare git repository, or `file://` and a git repository.
    pub from: String,
    /// Another name for the one lesson in it.
    pub name: Option<String>,
    /// The SHA-256 that the archive, or the one lesson's folder, must have.
    pub pin: Option<String>,
    /// Whether it takes the place of a lesson of the same name.
    pub replace: bool,
}

/// A lesson that was put on the shelf.
#[derive(Debug)]
pub struct Added {
    /// The lesson.
    pub lesson: Lesson,
    /// Where it is now.
    pub folder: PathBuf,
    /// The digest of all its files.
    pub digest: String,
}

/// Why nothing was put there or taken off.
#[derive(Debug, thiserror::Error)]
pub enum OwnShelfError {
    /// There is no home to have a shelf in.
    #[error("neither XDG_DATA_HOME nor HOME says where your lessons are")]
    NoHome,
    /// The disk says no.
    #[error("{}: {source}", path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// A place on the network.
    #[error("`{0}` is not on this disk")]
    Elsewhere(String),
    /// No lesson in it.
    #[error("no {FILE} in `{0}`")]
    NoLesson(String),
    /// A name, or a pin, for one lesson, and there are several.
    #[error("there are {} lessons in it: {}", .0.len(), .0.join(", "))]
    Several(Vec<String>),
    /// The name is none that a lesson may have.
    #[error("`{0}` is no name for a lesson")]
    BadName(String),
    /// There is a lesson of that name already.
    #[error("`{0}` is on your shelf already")]
    There(String),
    /// Not what the pin says.
    #[error("its SHA-256 is {found}, not {wanted}")]
    Pin {
        /// What was asked for.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// The archive is none that is unpacked.
    #[error("{0}")]
    Archive(#[from] UnpackError),
    /// git does not give it.
    #[error("{0}")]
    Git(#[from] GitError),
    /// The folder is none that a lesson may have.
    #[error("`{name}`: {source}")]
    Folder {
        /// The lesson.
        name: String,
        /// Why.
        source: FolderError,
    },
    /// A check program that is not there, or may not be run.
    #[error("`{name}`: the check program {} {why}", file.display())]
    Program {
        /// The lesson.
        name: String,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Lessons with mistakes: everything that is wrong with each.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    Broken(Vec<ShelfError>),
    /// No lesson of that name on this shelf.
    #[error("`{name}` is not on your shelf")]
    NotThere {
        /// The name asked for.
        name: String,
        /// The nearest one there is.
        nearest: Option<String>,
        /// Those there are.
        known: Vec<String>,
    },
}

/// A lesson that is looked at and can be put in its place.
struct Ready {
    added: Added,
    /// Where it waits.
    aside: PathBuf,
}

impl OwnShelf {
    /// The shelf of the account that runs this, made where it is missing.
    pub fn of_this_process() -> Result<Self, OwnShelfError> {
        Self::at(super::own_folder().ok_or(OwnShelfError::NoHome)?)
    }

    /// The shelf in this folder. Waits while another process changes it, and removes what killed ones left half done.
    pub fn at(folder: PathBuf) -> Result<Self, OwnShelfError> {
        let disk = |source| OwnShelfError::Disk { path: folder.clone(), source };
        DirBuilder::new().recursive(true).mode(0o755).create(&folder).map_err(disk)?;
        let gate = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(folder.join(".gate"));
        let gate = gate.and_then(|gate| gate.lock().map(|()| gate)).map_err(disk)?;
        for entry in fs::read_dir(&folder).map_err(disk)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(PART) {
                fs::remove_dir_all(entry.path()).map_err(disk)?;
            }
        }
        Ok(Self { folder, _gate: gate })
    }

    /// Puts all lessons of a parcel on the shelf, or none of them.
    pub fn add(&self, parcel: &Parcel) -> Result<Vec<Added>, OwnShelfError> {
        let work = tempfile::Builder::new().prefix(PART).tempdir_in(&self.folder);
        let work = work.map_err(|source| self.disk(source))?;
        let ready = self.ready(parcel, work.path())?;
        for one in &ready {
            if !parcel.replace && one.added.folder.exists() {
                return Err(OwnShelfError::There(one.added.lesson.id.clone()));
            }
        }
        for one in &ready {
            place(&one.aside, &one.added.folder).map_err(|source| self.disk(source))?;
        }
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(|source| self.disk(source))?;
        Ok(ready.into_iter().map(|one| one.added).collect())
    }

    /// Takes a lesson off the shelf; the folder that it had. What the learner did in it is kept elsewhere, and stays.
    pub fn remove(&self, name: &str) -> Result<PathBuf, OwnShelfError> {
        let folder = self.folder.join(name);
        if !is_name(name) || !folder.exists() {
            let names = fs::read_dir(&self.folder).map_err(|source| self.disk(source))?.flatten();
            let names = names.filter_map(|entry| entry.file_name().into_string().ok());
            let mut known: Vec<String> = names.filter(|name| is_name(name)).collect();
            known.sort();
            let nearest = nearest(name, known.iter().map(String::as_str));
            return Err(OwnShelfError::NotThere { name: name.to_owned(), nearest, known });
        }
        let full = folder.canonicalize().map_err(|source| self.disk(source))?;
        if folder.is_symlink() {
            fs::remove_file(&folder).map_err(|source| self.disk(source))?;
            return Ok(full);
        }
        let gone = tempfile::Builder::new().prefix(PART).tempdir_in(&self.folder);
        let gone = gone.map_err(|source| self.disk(source))?;
        // Out of sight at once; then piece by piece.
        fs::rename(&folder, gone.path().join(name)).map_err(|source| self.disk(source))?;
        gone.close().map_err(|source| self.disk(source))?;
        Ok(full)
    }

    fn disk(&self, source: io::Error) -> OwnShelfError {
        OwnShelfError::Disk { path: self.folder.clone(), source }
    }

    /// Fetches, copies and reads everything, in `work`.
    fn ready(&self, parcel: &Parcel, work: &Path) -> Result<Vec<Ready>, OwnShelfError> {
        let source = Source::of(&parcel.from)?;
        let inside = work.join("in");
        let (root, is_archive) = match &source {
            Source::Folder(path) => (path.clone(), false),
            Source::Archive(path) => {
                let open = || File::open(path).map_err(|source| OwnShelfError::Disk { path: path.clone(), source });
                if let Some(pin) = &parcel.pin {
                    let mut all = Sha256::new();
                    io::copy(&mut open()?, &mut all).map_err(|source| self.disk(source))?;
                    same(pin, &format!("{:x}", all.finalize()))?;
                }
                fs::create_dir(&inside).map_err(|source| self.disk(source))?;
                unpack(open()?, &inside)?;
                (inside, true)
            }
            Source::Repository(path) => {
                let (aside, inside) = (work.join("git"), inside);
                for folder in [&aside, &inside] {
                    fs::create_dir(folder).map_err(|source| self.disk(source))?;
                }
                repository::archive(path, &aside, |archive| Ok::<_, OwnShelfError>(unpack(archive, &inside)?))?;
                (inside, false)
            }
        };
        let mut found = Vec::new();
        lessons_below(&root, source.name(), 0, &mut found);
        let names = || found.iter().map(|(_, name)| name.clone()).collect();
        match (found.len(), &parcel.name, &parcel.pin) {
            (0, _, _) => return Err(OwnShelfError::NoLesson(parcel.from.clone())),
            (1, _, _) | (_, None, None) => {}
            (_, None, Some(_)) if is_archive => {}
            _ => return Err(OwnShelfError::Several(names())),
        }
        let out = work.join("out");
        let mut ready = Vec::new();
        let mut broken = Vec::new();
        for (from, name) in &found {
            let name = parcel.name.as_ref().unwrap_or(name);
            match self.one(from, &out.join(name), name, matches!(source, Source::Folder(_))) {
                Ok(one) => ready.push(one),
                Err(OwnShelfError::Broken(more)) => broken.extend(more),
                Err(error) => return Err(error),
            }
        }
        if !broken.is_empty() {
            return Err(OwnShelfError::Broken(broken));
        }
        if let (Some(pin), [one], false) = (&parcel.pin, ready.as_slice(), is_archive) {
            same(pin, &one.added.digest)?;
        }
        Ok(ready)
    }

    /// One lesson: copied aside, read, and its programs looked at.
    fn one(&self, from: &Path, aside: &Path, name: &str, is_ours: bool) -> Result<Ready, OwnShelfError> {
        if !is_name(name) {
            return Err(OwnShelfError::BadName(name.to_owned()));
        }
        let unfit = |source| OwnShelfError::Folder { name: name.to_owned(), source };
        let files = folder::files(from).map_err(unfit)?;
        copy(from, aside, &files).map_err(|error| error.unwrap_or_else(unfit, |source| self.disk(source)))?;
        let (lesson, _) = Shelf::default().find(&aside.to_string_lossy()).map_err(|error| {
            // The place that its author knows.
            let shown = if is_ours { from.join(FILE) } else { Path::new(name).join(FILE) };
            OwnShelfError::Broken(vec![match error {
                ShelfError::Broken { text, problems, .. } => ShelfError::Broken { file: shown, text, problems },
                other => other,
            }])
        })?;
        for language in Shelf::default().languages(name, &Origin::File(aside.join(FILE))) {
            let shelf = Shelf::default().in_language(Some(&language));
            if let Err(ShelfError::Broken { file, text, problems }) = shelf.find(&aside.to_string_lossy()) {
                let shown = if is_ours { from } else { Path::new(name) };
                let file = shown.join(file.file_name().unwrap_or_default());
                return Err(OwnShelfError::Broken(vec![ShelfError::Broken { file, text, problems }]));
            }
        }
        let full = aside.canonicalize().map_err(|source| self.disk(source))?;
        for program in powers(&lesson, &full).programs {
            let file = files.iter().find(|file| file.path == program.file);
            let why = match file {
                None => "is not there",
                Some(file) if !file.runs => "may not be run (chmod +x)",
                Some(_) => continue,
            };
            return Err(OwnShelfError::Program { name: name.to_owned(), file: program.file, why });
        }
        let digest = folder::digest(aside).map_err(unfit)?;
        let added = Added { lesson, folder: self.folder.join(name), digest };
        Ok(Ready { added, aside: aside.to_owned() })
    }
}

/// Why a copy failed: the folder, or the disk.
enum CopyError {
    Folder(FolderError),
    Disk(io::Error),
}

impl CopyError {
    fn unwrap_or_else<T>(self, folder: impl FnOnce(FolderError) -> T, disk: impl FnOnce(io::Error) -> T) -> T {
        match self {
            Self::Folder(error) => folder(error),
            Self::Disk(error) => disk(error),
        }
    }
}

/// Copies the files and puts them on the disk. Other accounts may read them: check programs run as such.
fn copy(from: &Path, to: &Path, files: &[folder::LessonFile]) -> Result<(), CopyError> {
    let readable = |folder: &Path| fs::set_permissions(folder, Permissions::from_mode(0o755));
    fs::create_dir_all(to).and_then(|()| readable(to)).map_err(CopyError::Disk)?;
    for file in files {
        let bytes = folder::content(from, file).map_err(CopyError::Folder)?;
        let place = to.join(&file.path);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).and_then(|()| readable(folder)).map_err(CopyError::Disk)?;
        }
        let write = || {
            let mut new = File::create_new(&place)?;
            new.write_all(&bytes)?;
            new.set_permissions(Permissions::from_mode(if file.runs { 0o755 } else { 0o644 }))?;
            new.sync_all()
        };
        write().map_err(CopyError::Disk)?;
    }
    Ok(())
}

/// Puts a folder in its place; what was there is where it came from, and goes with that.
fn place(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Ok(renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_EXCHANGE)?);
    }
    fs::rename(from, to)
}

fn same(pin: &str, found: &str) -> Result<(), OwnShelfError> {
    if pin.eq_ignore_ascii_case(found) {
        return Ok(());
    }
    Err(OwnShelfError::Pin { wanted: pin.to_owned(), found: found.to_owned() })
}

/// The folder itself, or the folders below it, that have a lesson's file, sorted.
fn lessons_below(folder: &Path, name: String, depth: usize, found: &mut Vec<(PathBuf, String)>) {
    if folder.join(FILE).symlink_metadata().is_ok_and(|meta| meta.is_file()) {
        found.push((folder.to_owned(), name));
        return;
    }
    if depth == MOST_DEEP {
        return;
    }
    let mut below: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
    below.sort_by_key(fs::DirEntry::file_name);
    for entry in below {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !name.starts_with('.') {
            lessons_below(&entry.path(), name, depth + 1, found);
        }
    }
}

enum Source {
    Folder(PathBuf),
    Archive(PathBuf),
    Repository(PathBuf),
}

impl Source {
    fn of(from: &str) -> Result<Self, OwnShelfError> {
        let full = |path: &str| {
            let path = Path::new(path);
            path.canonicalize().map_err(|source| OwnShelfError::Disk { path: path.to_owned(), source })
        };
        if let Some(path) = from.strip_prefix("file://") {
            return full(path).map(Self::Repository);
        }
        let path = match full(from) {
            Err(_) if from.contains("://") || from.split_once(':').is_some_and(|(host, _)| !host.contains('/')) => {
                return Err(OwnShelfError::Elsewhere(from.to_owned()));
            }
            path => path?,
        };
        if !path.is_dir() {
            return Ok(Self::Archive(path));
        }
        let is_bare = path.join("HEAD").is_file() && path.join("objects").is_dir() && !path.join(FILE).exists();
        Ok(if is_bare { Self::Repository(path) } else { Self::Folder(path) })
    }

    /// The name of a lesson that lies at its root.
    fn name(&self) -> String {
        let (Self::Folder(path) | Self::Archive(path) | Self::Repository(path)) = self;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let ends: &[&str] = match self {
            Self::Folder(_) => &[],
            Self::Archive(_) => &[".tar.gz", ".tgz", ".tar"],
            Self::Repository(_) => &[".git"],
        };
        ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_owned()
    }
}

#[cfg(test)]
mod tests;
