//! What can be wrong with a lesson, as data with its place. Never a sentence for the screen.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One thing that is wrong with a lesson, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file, as it was named to the reader.
    pub file: String,
    /// The bytes of the file that are meant; empty where something is missing at that place.
    pub span: Range<usize>,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub what: ProblemKind,
}

/// What is wrong, with what was expected and the nearest right name where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The file is larger than a lesson may be.
    #[error("larger than {most} bytes")]
    TooLarge {
        /// The limit in bytes.
        most: usize,
    },
    /// The YAML itself cannot be read, or asks for more memory than a lesson may; the reader's own words.
    #[error("not readable as YAML: {why}")]
    NotYaml {
        /// Why.
        why: String,
    },
    /// There are more problems than are told, and the rest is left out.
    #[error("more than {most} problems; the rest is left out")]
    TooMany {
        /// How many are reported.
        most: usize,
    },
    /// The format number is not one that this program reads.
    #[error("format {found} is not known here")]
    Format {
        /// The number found.
        found: u32,
        /// The one that is read.
        expected: u32,
    },
    /// A key stands twice in one map.
    #[error("`{key}` stands here twice")]
    DuplicateKey {
        /// The key.
        key: String,
        /// The line of the first one.
        first_line: usize,
    },
    /// A key that has no meaning here.
    #[error("unknown key `{key}`")]
    UnknownKey {
        /// The key.
        key: String,
        /// The keys that have one.
        expected: Vec<String>,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// A word, or the name of a check, that is not one of a fixed list.
    #[error("unknown name `{name}`")]
    UnknownName {
        /// The word.
        name: String,
        /// The list.
        expected: Vec<String>,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// A key is missing.
    #[error("`{key}` is missing")]
    Missing {
        /// The key.
        key: String,
    },
    /// A value of another kind than expected: a list where a text should be.
    #[error("found {found}, expected {expected}")]
    WrongType {
        /// What should stand here.
        expected: String,
        /// What does.
        found: String,
    },
    /// A value of the right kind that cannot be understood.
    #[error("{why}")]
    WrongValue {
        /// Why.
        why: String,
    },
    /// A text or list that must not be empty is empty.
    #[error("`{key}` is empty")]
    Empty {
        /// Its key.
        key: String,
    },
    /// Too few entries.
    #[error("`{key}`: {found} given, at least {least} needed")]
    TooFew {
        /// Its key.
        key: String,
        /// How many there are.
        found: usize,
        /// How many there must be.
        least: usize,
    },
    /// A title or a goal's sentence is longer than one line.
    #[error("`{key}` is more than one line")]
    NotOneLine {
        /// Its key.
        key: String,
    },
    /// An id that is not lower-case letters, digits and dashes, beginning with a letter.
    #[error("`{id}` is not an id: lower-case letters, digits and dashes, a letter first")]
    BadId {
        /// The id.
        id: String,
    },
    /// The same id, account name or remembered name twice.
    #[error("`{id}` is not unique")]
    NotUnique {
        /// The id.
        id: String,
        /// The line of the first one.
        first_line: usize,
    },
    /// An account that `accounts` does not declare.
    #[error("account `{name}` is not declared")]
    UnknownAccount {
        /// The account.
        name: String,
        /// Those that are declared.
        expected: Vec<String>,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// `{{name}}` where no such parameter is declared.
    #[error("no parameter `{name}`")]
    UnknownParameter {
        /// The parameter.
        name: String,
        /// Those that are declared.
        expected: Vec<String>,
        /// The nearest of them.
        nearest: Option<String>,
    },
    /// A parameter that nothing uses.
    #[error("parameter `{name}` is not used")]
    UnusedParameter {
        /// The parameter.
        name: String,
    },
    /// A regular expression that does not compile, or would be too large.
    #[error("`{pattern}` is not a regular expression: {why}")]
    BadPattern {
        /// The expression.
        pattern: String,
        /// Why.
        why: String,
    },
    /// A check that names something and wishes nothing of it, so that it could never fail.
    #[error("`{check}` asks nothing")]
    AsksNothing {
        /// The check's name.
        check: String,
    },
    /// `id-differs-from` a name that no earlier goal remembers.
    #[error("nothing is remembered as `{name}` before this")]
    NeverRemembered {
        /// The name.
        name: String,
    },
    /// A control character, or one that changes the direction of the text.
    #[error("control character U+{code:04X}")]
    ControlCharacter {
        /// Its code point.
        code: u32,
    },
    /// A check program outside of the lesson's folder.
    #[error("`{file}` is outside of the lesson's folder")]
    OutsideFolder {
        /// The file.
        file: String,
    },
    /// A check program that asks to run as root.
    #[error("a check program never runs as root")]
    ProgramAsRoot,
    /// A check program that asks for more time than any is given.
    #[error("a check program is ended after {longest}, whatever it asks for")]
    ProgramTooLong {
        /// The most.
        longest: String,
    },
}

/// No name in a lesson is longer, in bytes, and none has more that it could be mistaken for: comparing takes time.
const MOST_NAME: usize = 64;
const MOST_NAMES: usize = 200;

/// The nearest of `names`, when it is near enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if word.len() > MOST_NAME {
        return None;
    }
    let far = |name: &str| name.chars().count().max(3) / 3;
    names
        .into_iter()
        .take(MOST_NAMES)
        .filter(|name| name.len() <= MOST_NAME && name.chars().count().abs_diff(word.chars().count()) <= far(name))
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| *distance <= far(name))
        .min()
        .map(|(_, name)| name.to_owned())
}

/// The names that are expected in place of another; of a great many, the first.
pub(crate) fn expected<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().take(MOST_NAMES).map(str::to_owned).collect()
}

/// The lines of a text, for whoever asks for many places.
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// Where each begins.
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// Line and column, both counted from 1, of a byte.
    pub(crate) fn place(&self, byte: usize) -> (usize, usize) {
        let byte = self.text.floor_char_boundary(byte);
        let line = self.starts.partition_point(|start| *start <= byte);
        (line, self.text[self.starts[line - 1]..byte].chars().count() + 1)
    }
}

/// Line and column, both counted from 1, of a byte in a text.
pub(crate) fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
