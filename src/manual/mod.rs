//! An excerpt of the machine's own man page: one option or command with its whole paragraph, and nothing else.
//!
//! [`Manuals`] asks the machine's own `man` and remembers the pages. The text is the machine's and is not trusted:
//! it is data for the screen, which shows it as text.

mod ask;
mod cut;
mod glyph;
mod manuals;
mod markdown;
mod shelf;
mod status;

pub use manuals::Manuals;

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
    /// Nothing: a learner asked for what is not there, and no lesson has words for it.
    Nothing {
        /// Why.
        why: Missing,
        /// The nearest entry of the same page.
        nearest: Option<String>,
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
    /// `man` is there and did not give the page: it failed, took too long, or is one we do not know how to ask.
    Unreadable,
}

#[cfg(test)]
mod tests;
