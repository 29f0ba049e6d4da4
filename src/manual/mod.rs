//! An excerpt of the machine's own man page: one option or command with its whole paragraph, and nothing else.

/// What can be shown of a manual entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The page: `systemctl`.
    pub page: String,
    /// Its section: `1`.
    pub section: String,
    /// The entry: `daemon-reload`.
    pub entry: String,
    /// Where the text comes from.
    pub from: From,
}

/// Where an excerpt comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// The machine's own page. Markdown: `**bold**`, `*italic*`; the first paragraph is the entry's head.
    Machine(String),
    /// Our own words, because the page or the entry is not on this machine.
    Ourselves {
        /// The summary, Markdown.
        text: String,
        /// Why.
        why: Missing,
        /// The package to install, where it is known.
        package: Option<String>,
    },
}

/// Why there is no excerpt of the machine's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// There is no `man` on this machine.
    NoMan,
    /// The page is not installed.
    NoPage,
    /// The page has no such entry (an older release, say).
    NoEntry,
}
