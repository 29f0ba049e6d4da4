//! The folder of an attempt under XDG state: the record, the exam's text as it was sat, and the record's head in a second place.
//! Readable by its owner alone. A line that was appended is on the disk before anybody is told so.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use etcetera::BaseStrategy;

use super::attempt::{Attempt, Event, NoAttempt, Started};
use super::chain::{Break, Chain, ChainError, Head, digest};
use super::clock::Reading;
use super::foreign::{self, FLAGS, MOST};
use super::read::Source;
use crate::lesson::reading::is_name;
use crate::store;

const RECORD: &str = "record.jsonl";
const HEAD: &str = "head";
const EXAM: &str = "exam.yaml";

/// The name of an attempt: its exam, and a number that counts up over all exams.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId {
    exam: String,
    number: u32,
}

impl AttemptId {
    /// Its number. Of two attempts the one with the higher number was begun later, whatever the clocks said and whichever exams they are at.
    pub fn number(&self) -> u32 {
        self.number
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.exam, self.number)
    }
}

impl FromStr for AttemptId {
    type Err = FolderError;
    fn from_str(text: &str) -> Result<Self, FolderError> {
        let parts = text.rsplit_once('-').and_then(|(exam, number)| Some((exam, number.parse().ok()?)));
        let id = parts.filter(|(exam, _)| is_name(exam)).map(|(exam, number)| Self { exam: exam.to_owned(), number });
        // One name, one spelling: `a-01` and `a-+1` are none.
        id.filter(|id| id.number > 0 && id.to_string() == text).ok_or_else(|| FolderError::NoId(text.to_owned()))
    }
}

/// Why an attempt cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is no home to keep it in.
    #[error("neither XDG_STATE_HOME nor HOME says where to keep attempts")]
    NoHome,
    /// Not the name of an attempt.
    #[error("`{0}` is not the name of an attempt")]
    NoId(String),
    /// The disk is full, or the account's share of it. Nothing that was written before is lost, and nothing of what was to be written
    /// stays: append it again when there is room.
    #[error("no room left for {}", path.display())]
    Full {
        /// What was to grow.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The disk says no.
    #[error("{}: {source}", path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// A lesson's text in the folder is not the one that the attempt began with.
    #[error("{} is not the lesson that this attempt began with", path.display())]
    OtherLesson {
        /// Where it lies.
        path: PathBuf,
    },
    /// The exam's text in the folder is not the one that the attempt began with.
    #[error("{} is not the exam that this attempt began with", path.display())]
    OtherExam {
        /// Where it lies.
        path: PathBuf,
    },
    /// A file is larger than it can be.
    #[error("{} is larger than {} MiB", path.display(), MOST >> 20)]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// A login of this attempt is open already.
    #[error("this attempt is open already (process {0})")]
    Busy(String),
    /// The kernel does not say which boot this is.
    #[error("the clocks cannot be read: {0}")]
    Clock(io::Error),
    /// The record is none of an attempt.
    #[error(transparent)]
    NoAttempt(#[from] NoAttempt),
    /// The record is one that cannot be read or continued.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

/// The texts that decide what an attempt is judged by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The exam's.
    pub exam: String,
    /// Those of the lessons that its tasks take goals from, by name.
    pub lessons: BTreeMap<String, String>,
}

impl<T: AsRef<str> + ?Sized> From<&T> for Texts {
    fn from(exam: &T) -> Self {
        Self { exam: exam.as_ref().to_owned(), lessons: BTreeMap::new() }
    }
}

/// Where all attempts of an account are.
#[derive(Debug, Clone)]
pub struct Attempts {
    root: PathBuf,
}

/// The folder of one attempt.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// How long the record was after the last line of ours, and its head.
    end: Option<(u64, Head)>,
}

/// What was found in an attempt's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The record.
    pub chain: Chain,
    /// The head that the second place knows; none where that is missing or damaged.
    pub known: Option<Head>,
}

impl Found {
    /// Everything that is wrong with the record, against what the second place knows.
    pub fn breaks(&self) -> Vec<Break> {
        let mut breaks = self.chain.breaks.clone();
        breaks.extend(match &self.known {
            Some(known) => self.chain.against(known),
            None => Some(Break::NoHead),
        });
        breaks
    }
}

/// The end of a record while nobody else can write to it.
struct End {
    file: File,
    length: u64,
    head: Head,
    torn: Vec<u8>,
}

/// What appending did.
#[derive(Debug)]
pub struct Appended {
    /// The record's head now.
    pub head: Head,
    /// A line that a crash had cut off was set aside in this file: say so. The record has an event about it.
    pub mended: Option<PathBuf>,
    /// The line is written, but the second place does not know of it, for this reason.
    pub behind: Option<io::Error>,
}

impl Attempts {
    /// Those below `state`, where a program keeps its state (`~/.local/state`).
    pub fn new(state: &Path) -> Self {
        Self { root: state.join("rootless-lab/exams") }
    }

    /// Those of the account that runs this.
    pub fn of_candidate() -> Result<Self, FolderError> {
        let state = etcetera::choose_base_strategy().ok().and_then(|places| places.state_dir());
        Ok(Self::new(&state.ok_or(FolderError::NoHome)?))
    }

    /// The folder that holds them all.
    pub fn place(&self) -> &Path {
        &self.root
    }

    /// The names of all, by exam and number. Opens none.
    pub fn ids(&self) -> Result<Vec<AttemptId>, FolderError> {
        let entries = match fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(|error| disk(&self.root, error))?,
        };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut ids: Vec<AttemptId> = names.filter_map(|name| name.parse().ok()).collect();
        ids.sort();
        Ok(ids)
    }

    /// The folder of that name, whether it is there or not.
    pub fn folder(&self, id: &AttemptId) -> Folder {
        Folder::at(self.root.join(id.to_string()))
    }

    /// Makes the folder of a new attempt, with the texts and the first line of the record. All of it is there afterwards, or nothing.
    /// The digests in `started` are those of these texts.
    pub fn begin(
        &self,
        texts: impl Into<Texts>,
        at: &Reading,
        started: Started,
    ) -> Result<(AttemptId, Folder), FolderError> {
        let texts = texts.into();
        DirBuilder::new().recursive(true).mode(0o700).create(&self.root).map_err(|error| disk(&self.root, error))?;
        let lessons = texts.lessons.iter().map(|(name, text)| (name.clone(), digest(text.as_bytes()))).collect();
        let started = Started { exam_digest: digest(texts.exam.as_bytes()), lessons, ..started };
        let exam = started.exam.clone();
        // Under no attempt's name until all of it is there: whoever is killed on the way has begun none.
        let mut made = tempfile::Builder::new();
        let made = made.prefix(".begun-").permissions(Permissions::from_mode(0o700)).tempdir_in(&self.root);
        let made = made.map_err(|error| disk(&self.root, error))?;
        let mut folder = Folder::at(made.path());
        folder.first(&texts, at, started)?;
        let last = self.ids()?.into_iter().map(|id| id.number).max().unwrap_or(0);
        for number in last + 1..=u32::MAX {
            let id = AttemptId { exam: exam.clone(), number };
            let path = self.root.join(id.to_string());
            match fs::rename(made.path(), &path) {
                // Somebody else began one at the same moment.
                Err(error) if is_taken(&error) => continue,
                Err(error) => return Err(disk(&path, error)),
                Ok(()) => {}
            }
            let _ = made.keep();
            folder.path = path;
            folder.sync()?;
            return Ok((id, folder));
        }
        Err(disk(&self.root, io::ErrorKind::AlreadyExists.into()))
    }
}

/// Something stands where a folder was to be moved.
fn is_taken(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, NotADirectory};
    matches!(error.kind(), AlreadyExists | DirectoryNotEmpty | NotADirectory)
}

impl Folder {
    /// An attempt's folder anywhere: one that was collected, say.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), end: None }
    }

    /// Where it is. What else belongs to the attempt goes here too, with mode 0600.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the place of the one open login, as long as the file is held. Appending needs no claim.
    pub fn claim(&self) -> Result<File, FolderError> {
        store::claim(&self.path).map_err(|error| match error {
            store::Error::Busy(process) => FolderError::Busy(process),
            store::Error::Disk { path, source } => disk(&path, source),
            store::Error::NoHome => FolderError::NoHome,
        })
    }

    /// The exam as it was sat. A text that is not the one whose digest the record has would have other goals: it is refused.
    pub fn exam(&self, started: &Started) -> Result<Source, FolderError> {
        let path = self.path.join(EXAM);
        let bytes = foreign::read(&path).map_err(|error| unread(&path, error))?;
        match String::from_utf8(bytes) {
            Ok(text) if digest(text.as_bytes()) == started.exam_digest => {
                Ok(Source { file: format!("exams/{}/{EXAM}", started.exam), text })
            }
            _ => Err(FolderError::OtherExam { path }),
        }
    }

    /// How long the record is, in bytes; 0 where there is none. Another length says that somebody appended to it.
    pub fn length(&self) -> u64 {
        fs::metadata(self.path.join(RECORD)).map_or(0, |data| data.len())
    }

    /// The lessons that its tasks take goals from, by name, as they were then. Another text would have other goals: it is refused.
    pub fn lessons(&self, started: &Started) -> Result<BTreeMap<String, String>, FolderError> {
        let read = |(name, kept): (&String, &String)| {
            let path = self.place_of(name);
            // A record may name anything.
            let read = || foreign::read(&path).map_err(|error| unread(&path, error));
            let bytes = if is_name(name) { read()? } else { Vec::new() };
            match String::from_utf8(bytes) {
                Ok(text) if digest(text.as_bytes()) == *kept => Ok((name.clone(), text)),
                _ => Err(FolderError::OtherLesson { path }),
            }
        };
        started.lessons.iter().map(read).collect()
    }

    fn place_of(&self, lesson: &str) -> PathBuf {
        self.path.join(format!("lesson-{lesson}.yaml"))
    }

    /// Reads the record without changing anything. A line that another process is just writing is waited for.
    pub fn read(&self) -> Result<Found, FolderError> {
        let path = self.path.join(RECORD);
        let file = foreign::open(&path).map_err(|error| disk(&path, error))?;
        file.lock_shared().map_err(|error| disk(&path, error))?;
        let chain = Chain::read(&foreign::content(&file).map_err(|error| unread(&path, error))?)?;
        Ok(Found { chain, known: self.known() })
    }

    /// Appends an event that happened at that moment. Several processes may do so; each line is on the disk before this returns. Where it
    /// fails, nothing of the line stays, and the event is still the caller's.
    ///
    /// A record that somebody changed is continued all the same: nothing is lost, and [`Found::breaks`] goes on naming the place.
    pub fn append(&mut self, at: &Reading, event: &Event) -> Result<Appended, FolderError> {
        // A record that is gone is not begun anew: that would look like a whole one.
        self.append_to(OpenOptions::new().read(true).append(true), at, event)
    }

    /// Appends what follows from the attempt as it is at this moment, and nothing where nothing does. While `next` decides nobody else
    /// appends, and the clocks are read then: so the lines are in the order of their readings, and an exam that is over stays over.
    pub fn append_now(
        &mut self,
        next: impl FnOnce(&Attempt, &Reading) -> Option<Event>,
    ) -> Result<Option<Appended>, FolderError> {
        self.append_if(Reading::now, next)
    }

    /// The same for what happened earlier and waited.
    pub fn append_late(
        &mut self,
        at: &Reading,
        next: impl FnOnce(&Attempt, &Reading) -> Option<Event>,
    ) -> Result<Option<Appended>, FolderError> {
        self.append_if(|| Ok(at.clone()), next)
    }

    fn append_if(
        &mut self,
        at: impl FnOnce() -> io::Result<Reading>,
        next: impl FnOnce(&Attempt, &Reading) -> Option<Event>,
    ) -> Result<Option<Appended>, FolderError> {
        let (file, length) = self.locked(OpenOptions::new().read(true).append(true))?;
        let chain = self.chain(&file)?;
        let attempt = Attempt::of(&chain.entries)?;
        let at = at().map_err(FolderError::Clock)?;
        let end = End { file, length, head: chain.head(), torn: chain.torn };
        next(&attempt, &at).map(|event| self.grow(end, &at, &event)).transpose()
    }

    fn append_to(&mut self, open: &mut OpenOptions, at: &Reading, event: &Event) -> Result<Appended, FolderError> {
        let (file, length) = self.locked(open)?;
        let end = match self.end.take() {
            Some((known, head)) if known == length => End { file, length, head, torn: Vec::new() },
            _ => {
                let chain = self.chain(&file)?;
                End { file, length, head: chain.head(), torn: chain.torn }
            }
        };
        self.grow(end, at, event)
    }

    /// The record, and how long it is; nobody else can write to it as long as it is held.
    fn locked(&self, open: &mut OpenOptions) -> Result<(File, u64), FolderError> {
        let path = self.path.join(RECORD);
        let file = open.custom_flags(FLAGS).open(&path).map_err(|error| disk(&path, error))?;
        file.lock().map_err(|error| disk(&path, error))?;
        let length = file.metadata().map_err(|error| disk(&path, error))?.len();
        Ok((file, length))
    }

    fn chain(&self, file: &File) -> Result<Chain, FolderError> {
        let read = foreign::content(file).map_err(|error| unread(&self.path.join(RECORD), error))?;
        Ok(Chain::read(&read)?)
    }

    fn grow(&mut self, end: End, at: &Reading, event: &Event) -> Result<Appended, FolderError> {
        let path = self.path.join(RECORD);
        let End { mut file, mut length, mut head, torn } = end;
        self.end = None;
        let mut mended = None;
        let mut text = String::new();
        if !torn.is_empty() {
            let aside = self.set_aside(&torn)?;
            length -= torn.len() as u64;
            file.set_len(length).map_err(|error| disk(&path, error))?;
            let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let (line, next) = head.next(at, &Event::Mended { aside: name })?;
            text.push_str(&line);
            (head, mended) = (next, Some(aside));
        }
        let (line, head) = head.next(at, event)?;
        text.push_str(&line);
        if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_data()) {
            // Should this fail too, the next one finds a torn line and mends it.
            let _ = file.set_len(length);
            return Err(disk(&path, error));
        }
        self.end = Some((length + text.len() as u64, head.clone()));
        let behind = self.tell_head(&head).err();
        Ok(Appended { head, mended, behind })
    }

    fn first(&mut self, texts: &Texts, at: &Reading, started: Started) -> Result<(), FolderError> {
        let lessons = texts.lessons.iter().map(|(name, text)| (self.place_of(name), text));
        for (path, text) in lessons.chain([(self.path.join(EXAM), &texts.exam)]) {
            store::write_whole(&path, text.as_bytes()).map_err(|error| disk(&path, error))?;
        }
        let mut new = OpenOptions::new();
        new.read(true).append(true).create_new(true).mode(0o600);
        let appended = self.append_to(&mut new, at, &Event::Started(Box::new(started)))?;
        match appended.behind {
            Some(error) => Err(disk(&self.path.join(HEAD), error)),
            None => self.sync(),
        }
    }

    /// The names of the files are on the disk as well.
    fn sync(&self) -> Result<(), FolderError> {
        let above = self.path.parent().unwrap_or(&self.path);
        let synced = [&self.path, above].into_iter().try_for_each(|folder| File::open(folder)?.sync_all());
        synced.map_err(|error| disk(&self.path, error))
    }

    /// Keeps what a crash left of a line, under a name of its own.
    fn set_aside(&self, torn: &[u8]) -> Result<PathBuf, FolderError> {
        let names = (1..10_000).map(|number| self.path.join(format!("record.torn-{number}")));
        let path = names.into_iter().find(|path| !path.exists()).unwrap_or_else(|| self.path.join("record.torn"));
        store::write_whole(&path, torn).map_err(|error| disk(&path, error))?;
        Ok(path)
    }

    /// Tells the second place. It is written over in place and may be late: an older head is a true one too.
    fn tell_head(&self, head: &Head) -> io::Result<()> {
        let path = self.path.join(HEAD);
        let mut open = OpenOptions::new();
        let file = open.create(true).truncate(false).write(true).mode(0o600).custom_flags(FLAGS).open(path)?;
        file.write_all_at(format!("{:>20} {}\n", head.n, head.hash).as_bytes(), 0)
    }

    fn known(&self) -> Option<Head> {
        let path = self.path.join(HEAD);
        let text = String::from_utf8(foreign::read(&path).ok()?).ok()?;
        let (n, hash) = text.strip_suffix('\n')?.trim_start().split_once(' ')?;
        Some(Head { n: n.parse().ok().filter(|n| *n > 0)?, hash: hash.to_owned() }).filter(|head| head.hash.len() == 64)
    }
}

/// What is said of a file that was not read: the disk is not full for a file that is too large.
fn unread(path: &Path, source: io::Error) -> FolderError {
    match source.kind() {
        io::ErrorKind::FileTooLarge => FolderError::TooLarge { path: path.to_owned() },
        _ => disk(path, source),
    }
}

fn disk(path: &Path, source: io::Error) -> FolderError {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    let path = path.to_owned();
    match source.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => FolderError::Full { path, source },
        _ => FolderError::Disk { path, source },
    }
}

#[cfg(test)]
mod tests;
