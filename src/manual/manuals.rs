//! The machine's man pages, asked for by entry or by the words a learner types. Never fails: what is not there is said, with the reason.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::shelf::Shelf;
use super::{Excerpt, From, Missing, ask, cut, status};
use crate::lesson::ManualEntry;

/// The machine's own man pages. A page is read once, and again when it changes.
#[derive(Debug)]
pub struct Manuals {
    man: PathBuf,
    patience: Duration,
    shelf: Shelf,
}

impl Default for Manuals {
    fn default() -> Self {
        Self::asking("man")
    }
}

impl Manuals {
    /// Asks another program than the `man` on the PATH.
    pub fn asking(man: impl Into<PathBuf>) -> Self {
        Self { man: man.into(), patience: Duration::from_secs(5), shelf: Shelf::default() }
    }

    /// The same, which keeps the pages it read in a folder for the next start.
    #[must_use]
    pub fn keeping_in(self, folder: impl Into<PathBuf>) -> Self {
        Self { shelf: Shelf::in_folder(folder.into()), ..self }
    }

    /// The same with another limit for how long `man` may take. Five seconds unless told.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// An entry that a lesson names: the machine's own words, or the lesson's with the reason.
    pub fn excerpt(&self, entry: &ManualEntry) -> Excerpt {
        let cut = self
            .read(Some(&entry.section), &entry.page)
            .and_then(|page| cut::entry(&page, &entry.entry).ok_or(Missing::NoEntry));
        let from = match cut {
            Ok(text) => From::Machine(text),
            Err(why) => From::Ourselves { text: entry.otherwise.clone(), why, package: entry.package.clone() },
        };
        Excerpt { page: entry.page.clone(), section: entry.section.clone(), entry: entry.entry.clone(), from }
    }

    /// Whether the machine's page has that entry; none where nobody could look.
    pub fn offers(&self, entry: &ManualEntry) -> Option<bool> {
        let page = self.read(Some(&entry.section), &entry.page).ok()?;
        Some(cut::entry(&page, &entry.entry).is_some())
    }

    /// What a learner asks for after `:man`: `systemctl daemon-reload`, `podman run --name`, `5 passwd`, `mkdir`.
    ///
    /// Without an entry: what the page says first. With one that is not there: the nearest one is named.
    pub fn page(&self, name: &str, words: &[&str]) -> Excerpt {
        let (section, name, words) = match words {
            [page, rest @ ..] if ask::is_section(name) => (Some(name), *page, rest),
            words => (None, name, words),
        };
        let (page, entries, text) = self.longest(section, name, words);
        let text = match text {
            Ok(text) => text,
            Err(why) => return nothing(section, &page, &entries.join(" "), why, None),
        };
        let section = section.map(str::to_owned).or_else(|| cut::section(&text)).unwrap_or_default();
        if entries.is_empty() {
            return match cut::beginning(&text) {
                Some(beginning) => Excerpt { page, section, entry: String::new(), from: From::Machine(beginning) },
                None => nothing(Some(&section), &page, "NAME", Missing::NoEntry, None),
            };
        }
        for entry in entries.iter().rev() {
            if let Some(found) = cut::entry(&text, entry) {
                return Excerpt { page, section, entry: (*entry).to_owned(), from: From::Machine(found) };
            }
        }
        let entry = entries.last().copied().unwrap_or_default();
        nothing(Some(&section), &page, entry, Missing::NoEntry, nearest(&text, entry))
    }

    /// What the page of a command says about exit statuses and messages: the lines about one status, or all of it.
    pub fn on_status(&self, words: &[&str], of: Option<i32>) -> Option<Excerpt> {
        let (name, rest) = words.split_first()?;
        let name = name.rsplit('/').next().unwrap_or(name);
        let (page, _, text) = self.longest(None, name, rest);
        let text = text.ok()?;
        let (entry, found) = status::section(&text, of)?;
        let section = cut::section(&text).unwrap_or_default();
        Some(Excerpt { page, section, entry, from: From::Machine(found) })
    }

    /// The page with the longest name that the words make (`podman run` → `podman-run`), and the words that are left.
    fn longest<'a>(
        &self,
        section: Option<&str>,
        name: &str,
        words: &'a [&'a str],
    ) -> (String, &'a [&'a str], Result<Arc<str>, Missing>) {
        let most = words.iter().take_while(|word| !word.starts_with('-')).count().min(4);
        for taken in (1..=most).rev() {
            let page = format!("{name}-{}", words[..taken].join("-"));
            if let Ok(text) = self.read(section, &page) {
                return (page, &words[taken..], Ok(text));
            }
        }
        (name.to_owned(), words, self.read(section, name))
    }

    fn read(&self, section: Option<&str>, page: &str) -> Result<Arc<str>, Missing> {
        if !ask::is_name(page) || section.is_some_and(|section| !ask::is_section(section)) {
            return Err(Missing::NoPage);
        }
        let key = format!("{page}({})", section.unwrap_or_default());
        if let Some(text) = self.shelf.find(&key) {
            return Ok(text);
        }
        let path = ask::place(&self.man, section, page, self.patience)?;
        let text = ask::text(&self.man, section, page, self.patience)?;
        Ok(self.shelf.keep(&key, &path, &text))
    }
}

fn nothing(section: Option<&str>, page: &str, entry: &str, why: Missing, nearest: Option<String>) -> Excerpt {
    Excerpt {
        page: page.to_owned(),
        section: section.unwrap_or_default().to_owned(),
        entry: entry.to_owned(),
        from: From::Nothing { why, nearest },
    }
}

/// The entry whose name is nearest to what was asked, if any is near.
fn nearest(page: &str, entry: &str) -> Option<String> {
    let names = cut::names(page).into_iter();
    let scored = names.map(|name| (strsim::jaro_winkler(&name, entry), name)).filter(|(score, _)| *score > 0.8);
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}
