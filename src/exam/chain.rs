//! The record of an attempt as text: one JSON object a line, each bound to the one before by its hash. Opens no file.
//!
//! A line is `{"version":2,"n":7,"previous":"…","at":{…},"event":{…},"hash":"…"}`. The hash is SHA-256 over the bytes of the line before
//! `,"hash"`, so no byte of it can change unseen; `previous` is the hash of the line before, sixty-four zeros in the first one.
//!
//! What this proves: that nobody changed, left out or moved a line *without writing all later ones anew*. What it cannot prove: whoever
//! may write the file can write the whole of it anew, and a record whose last lines are missing is a shorter record that is whole.
//! That shows only where a later [`Head`] is known from a second place: beside the record, on a printed sheet, with an instructor.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::attempt::Event;
use super::clock::Reading;

/// The version of the form that is written. All that are lower are read: 2 has more to say of a command line (`took`, `inside`), and a
/// record that an older program began goes on in it.
pub const VERSION: u32 = 2;

/// What stands before the first line.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// A line is not longer than this many bytes; a grade of a hundred goals has some hundred thousand.
const MOST_LINE: usize = 16 << 20;

/// One line of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1.
    pub n: u64,
    /// What the clocks said.
    pub at: Reading,
    /// What happened.
    pub event: Event,
    /// Its hash.
    pub hash: String,
}

/// The end of a chain: who knows it knows all that is before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of the last line; 0 where there is none.
    pub n: u64,
    /// Its hash.
    pub hash: String,
}

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The lines whose own hash is right, in the order in which they stand.
    pub entries: Vec<Entry>,
    /// Where it is broken; empty for one that is whole. Never empty for one that was changed without making all later hashes anew.
    pub breaks: Vec<Break>,
    /// What stands after the last line's end: a line that a crash cut off, or nothing.
    pub torn: Vec<u8>,
    end: Head,
}

/// A place at which a record is not what was written. Lines are counted from 1, as an editor does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// The line's bytes are not those whose hash it bears.
    #[error("line {line} was changed")]
    Changed {
        /// Which.
        line: u64,
    },
    /// The line is none of a record.
    #[error("line {line} is not a line of a record")]
    NotALine {
        /// Which.
        line: u64,
    },
    /// Lines before this one are missing.
    #[error("before line {line}, {missing} are missing")]
    Missing {
        /// Which.
        line: u64,
        /// How many.
        missing: u64,
    },
    /// The line stands later than it was written, or twice.
    #[error("line {line} was number {n} when it was written")]
    Moved {
        /// Which.
        line: u64,
        /// Its number.
        n: u64,
    },
    /// The line is whole, but was written after another line than the one before it.
    #[error("line {line} does not belong after the line before it")]
    Unlinked {
        /// Which.
        line: u64,
    },
    /// The last line is not whole.
    #[error("line {line} is cut off")]
    Torn {
        /// Which.
        line: u64,
    },
    /// The record once reached further than it does, or had another line there.
    #[error("line {n} is not the one that was known elsewhere")]
    HeadMissing {
        /// The number of the line that was known.
        n: u64,
    },
    /// Nothing beside the record says how far it reached: lines that were cut off its end would not show.
    #[error("nothing beside the record says how far it reached")]
    NoHead,
}

/// Why a record cannot be read at all, or an event cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// A newer program wrote it.
    #[error("line {line} was written by a newer rootless-lab (form {found}, this one knows {VERSION})")]
    Newer {
        /// Which line.
        line: u64,
        /// Its form.
        found: u32,
    },
    /// The event is larger than a line may be.
    #[error("an event of {bytes} bytes is larger than a line may be")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It cannot be told as JSON.
    #[error("an event cannot be written: {0}")]
    NotJson(#[from] serde_json::Error),
}

/// SHA-256 in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

#[derive(Serialize)]
struct Writing<'e> {
    version: u32,
    n: u64,
    previous: &'e str,
    at: &'e Reading,
    event: &'e Event,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    n: u64,
    previous: String,
    at: Reading,
    event: Event,
    #[serde(rename = "version")]
    _version: u32,
}

/// Read before all else, so that a newer form is told from a damaged line.
#[derive(Deserialize)]
struct Form {
    version: u32,
}

impl Head {
    /// The head of a record without a line.
    pub fn none() -> Self {
        Self { n: 0, hash: GENESIS.to_owned() }
    }

    /// The next line, with its end, and the head that it makes.
    pub fn next(&self, at: &Reading, event: &Event) -> Result<(String, Self), ChainError> {
        let n = self.n + 1;
        let writing = Writing { version: VERSION, n, previous: &self.hash, at, event };
        let mut line = serde_json::to_string(&writing)?;
        line.pop();
        if line.len() > MOST_LINE {
            return Err(ChainError::TooLarge { bytes: line.len() });
        }
        let hash = digest(line.as_bytes());
        line.push_str(&format!(",\"hash\":\"{hash}\"}}\n"));
        Ok((line, Self { n, hash }))
    }
}

impl Chain {
    /// Reads a record. The error is for one that a newer program wrote; all else that is wrong is in it.
    pub fn read(bytes: &[u8]) -> Result<Self, ChainError> {
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let (lines, torn) = bytes.split_at(whole);
        let mut chain = Self { entries: Vec::new(), breaks: Vec::new(), torn: torn.to_vec(), end: Head::none() };
        let mut number = 0;
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            number += 1;
            chain.line(number, &line[..line.len() - 1])?;
        }
        if !torn.is_empty() {
            chain.breaks.push(Break::Torn { line: number + 1 });
        }
        Ok(chain)
    }

    fn line(&mut self, line: u64, bytes: &[u8]) -> Result<(), ChainError> {
        let Some((body, hash)) = parts(bytes) else {
            self.broken(Break::NotALine { line });
            return Ok(());
        };
        let is_own = digest(body.as_bytes()) == hash;
        let json = format!("{body}}}");
        if is_own
            && let Ok(Form { version }) = serde_json::from_str(&json)
            && version > VERSION
        {
            return Err(ChainError::Newer { line, found: version });
        }
        let read = is_own.then(|| serde_json::from_str::<Read>(&json));
        let Some(Ok(read)) = read else {
            self.broken(if is_own { Break::NotALine { line } } else { Break::Changed { line } });
            return Ok(());
        };
        let wanted = self.end.n + 1;
        if read.n > wanted {
            self.breaks.push(Break::Missing { line, missing: read.n - wanted });
        } else if read.n < wanted {
            self.breaks.push(Break::Moved { line, n: read.n });
        } else if read.previous != self.end.hash && !self.end.hash.is_empty() {
            self.breaks.push(Break::Unlinked { line });
        }
        self.end = Head { n: read.n, hash: hash.to_owned() };
        self.entries.push(Entry { n: read.n, at: read.at, event: read.event, hash: hash.to_owned() });
        Ok(())
    }

    /// What the line was is not known: the next one may follow on anything.
    fn broken(&mut self, what: Break) {
        self.breaks.push(what);
        self.end = Head { n: self.end.n + 1, hash: String::new() };
    }

    /// The end of it, to go on from. After a last line that is damaged one can go on as well; the damage stays named.
    pub fn head(&self) -> Head {
        let last = self.entries.last().map_or_else(|| GENESIS.to_owned(), |entry| entry.hash.clone());
        Head { n: self.end.n, hash: last }
    }

    /// Looks for a head that is known from a second place, and tells where it is not there.
    pub fn against(&self, known: &Head) -> Option<Break> {
        let is_there = known.n == 0 || self.entries.iter().any(|entry| entry.n == known.n && entry.hash == known.hash);
        (!is_there).then_some(Break::HeadMissing { n: known.n })
    }
}

/// What is hashed of a line, and the hash that it bears.
fn parts(line: &[u8]) -> Option<(&str, &str)> {
    let line = std::str::from_utf8(line).ok()?;
    let (body, hash) = line.strip_suffix("\"}")?.rsplit_once(",\"hash\":\"")?;
    let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    (hash.len() == 64 && hash.bytes().all(is_hex)).then_some((body, hash))
}

#[cfg(test)]
mod tests;
