//! One finding with its place, and how it is mended where that needs no thought. Never worded for the screen.

use std::ops::Range;

use serde::Serialize;

use super::doubt::Doubt;
use crate::lesson::ProblemKind;
use crate::lesson::reading::{Lines, MOST_PROBLEMS};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The lesson cannot be played, or not be passed.
    Error,
    /// It may be right all the same.
    Warning,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The reader refuses it.
    Problem(ProblemKind),
    /// A colleague would ask.
    Doubt(Doubt),
}

impl What {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Problem(_) => Severity::Error,
            Self::Doubt(doubt) => doubt.severity(),
        }
    }

    /// Its lasting name, for programs: `unknown-key`.
    pub fn code(&self) -> String {
        let value = match self {
            Self::Problem(kind) => serde_json::to_value(kind),
            Self::Doubt(doubt) => serde_json::to_value(doubt),
        };
        match value {
            Ok(serde_json::Value::String(name)) => name,
            Ok(serde_json::Value::Object(map)) => map.keys().next().cloned().unwrap_or_default(),
            _ => String::new(),
        }
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Problem(kind) => kind.fmt(f),
            Self::Doubt(doubt) => doubt.fmt(f),
        }
    }
}

/// Other text for some bytes of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The bytes.
    pub span: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// One finding and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The bytes of the file that are meant; empty where something is missing at that place.
    pub span: Range<usize>,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What was found.
    pub what: What,
    /// How it is mended, where that needs no thought.
    pub fix: Option<Fix>,
}

/// A finding before its line is counted.
pub(super) type Loose = (Range<usize>, What, Option<Fix>);

/// A doubt at a place.
pub(super) fn doubt(span: Range<usize>, doubt: Doubt) -> Loose {
    (span, What::Doubt(doubt), None)
}

/// Whether more are found than anybody is told: a rule need not go on.
pub(super) fn is_enough(found: &[Loose]) -> bool {
    found.len() > MOST_PROBLEMS
}

/// In the file's order, each place once a kind, and no more than anybody reads.
pub(super) fn in_order(text: &str, mut loose: Vec<Loose>) -> Vec<Finding> {
    // Where there are too many, errors are kept before warnings.
    let most = MOST_PROBLEMS;
    if loose.len() > most {
        loose.sort_by_key(|(span, what, _)| (what.severity() == Severity::Warning, span.start));
        loose.truncate(most);
        loose.push((text.len()..text.len(), What::Problem(ProblemKind::TooMany { most }), None));
    }
    loose.sort_by_key(|(span, what, _)| (span.start, what.severity() == Severity::Warning, span.end));
    loose.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
    if loose.is_empty() {
        return Vec::new();
    }
    let lines = Lines::of(text);
    let found = loose.into_iter().map(|(span, what, fix)| {
        let end = text.floor_char_boundary(span.end);
        let span = text.floor_char_boundary(span.start).min(end)..end;
        let (line, column) = lines.place(span.start);
        Finding { span, line, column, what, fix }
    });
    found.collect()
}
