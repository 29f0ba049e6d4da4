//! Pages that were read before: in memory, and in a folder for the next start. A page that changed on the machine is read again.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

/// Where a page lies, and when it was written: nanoseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edition {
    path: PathBuf,
    written: u128,
}

impl Edition {
    fn of(path: &Path) -> Option<Self> {
        let written = fs::metadata(path).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
        Some(Self { path: path.to_owned(), written })
    }

    fn line(&self) -> String {
        format!("{} {}", self.written, self.path.display())
    }

    fn read(line: &str) -> Option<Self> {
        let (written, path) = line.split_once(' ')?;
        Some(Self { path: PathBuf::from(path), written: written.parse().ok()? })
    }

    fn is_current(&self) -> bool {
        Self::of(&self.path).as_ref() == Some(self)
    }
}

/// The pages that were read before.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    folder: Option<PathBuf>,
    pages: Mutex<HashMap<String, (Edition, Arc<str>)>>,
}

impl Shelf {
    /// A shelf that keeps its pages in a folder too. A folder that cannot be used is done without.
    pub(super) fn in_folder(folder: PathBuf) -> Self {
        Self { folder: Some(folder), pages: Mutex::default() }
    }

    /// A page under the name it was asked by, as long as it is still the same on the machine.
    pub(super) fn find(&self, name: &str) -> Option<Arc<str>> {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((edition, text)) = pages.get(name) {
            return edition.is_current().then(|| text.clone());
        }
        let kept = fs::read_to_string(self.folder.as_ref()?.join(name)).ok()?;
        let (first, text) = kept.split_once('\n')?;
        let edition = Edition::read(first).filter(Edition::is_current)?;
        let text: Arc<str> = text.into();
        pages.insert(name.to_owned(), (edition, text.clone()));
        Some(text)
    }

    /// Keeps a page that lies at `path`.
    pub(super) fn keep(&self, name: &str, path: &Path, text: &str) -> Arc<str> {
        let page: Arc<str> = text.into();
        if let Some(edition) = Edition::of(path) {
            if let Some(folder) = &self.folder {
                // Only a saving of time: a full disk or a read-only home changes nothing.
                let _ = write(folder, name, &edition, text);
            }
            let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            pages.insert(name.to_owned(), (edition, page.clone()));
        }
        page
    }
}

fn write(folder: &Path, name: &str, edition: &Edition, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(file, "{}", edition.line())?;
    file.write_all(text.as_bytes())?;
    file.persist(folder.join(name)).map(drop).map_err(|error| error.error)
}
