//! What can be said of an attempt's folder without a machine: whether it is what was written, and by whom it is vouched for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::TESTIMONY;
use super::signature::{Signature, Signed};
use crate::exam::evidence::{self, Evidence};
use crate::exam::{
    Attempt, Break, Chain, ChainError, Event, Folder, FolderError, Graded, Head, Started, digest, foreign,
};

/// One thing about an attempt's folder.
#[derive(Debug, thiserror::Error)]
pub enum Finding {
    /// The record cannot be read.
    #[error("the record cannot be read: {0}")]
    Unreadable(FolderError),
    /// A newer program wrote the record.
    #[error("the record is newer than this program: {0}")]
    Newer(ChainError),
    /// The record is not as it was written.
    #[error("record.jsonl: {0}")]
    Record(Break),
    /// It does not begin with the start of an attempt.
    #[error("record.jsonl: {0}")]
    NoAttempt(crate::exam::NoAttempt),
    /// A line cannot be where it is, though its hash is right.
    #[error("record.jsonl: line {0} cannot be where it is: what it says cannot happen then")]
    Misplaced(u64),
    /// The exam's text is not the one that the attempt began with.
    #[error("exam.yaml: {0}")]
    Exam(FolderError),
    /// A lesson's text is not the one that the attempt began with.
    #[error("lesson: {0}")]
    Lesson(FolderError),
    /// It was sat with another text than this program has under that name.
    #[error("it was sat with another text than the `{name}` of this program ({sat}, this is {})", env!("CARGO_PKG_VERSION"))]
    Foreign {
        /// The exam, or a lesson that it takes goals from.
        name: String,
        /// With what it was sat.
        sat: String,
    },
    /// It was sat with another text than the one that it was compared with.
    #[error("it was sat with another text than {}", .0.display())]
    NotThat(PathBuf),
    /// What was seen cannot be had.
    #[error("what the grade in line {line} rests on: {why}")]
    Evidence {
        /// The line.
        line: u64,
        /// Why.
        why: evidence::Error,
    },
    /// The record and what was seen say different things.
    #[error("line {0} has other verdicts than what was kept of that look")]
    OtherVerdicts(u64),
    /// Lines were cut off by a crash and kept.
    #[error("a crash cut off a line; what was left of it is in {0}")]
    Mended(String),
    /// A testimony that no grade names: a grader was ended before it had written its line, or it was put there.
    #[error("{TESTIMONY}/{0} belongs to no grade: a grader was interrupted, or somebody put it there")]
    Stray(String),
    /// The signature does not fit.
    #[error("signature: {0}")]
    Signature(Signed),
}

impl Finding {
    /// It was sat with another text than it seems.
    pub fn is_foreign(&self) -> bool {
        matches!(self, Self::Foreign { .. } | Self::NotThat(_))
    }

    /// It is not what was written. Otherwise it is something to know.
    pub fn is_broken(&self) -> bool {
        match self {
            Self::Mended(_) | Self::Stray(_) | Self::Foreign { .. } | Self::NotThat(_) => false,
            Self::Signature(signed) => !matches!(signed, Signed::Good { .. }),
            _ => true,
        }
    }
}

/// An attempt's folder as it was found.
#[derive(Debug)]
pub struct Inspected {
    /// Where it is.
    pub path: PathBuf,
    /// What it began with, where that can be read.
    pub started: Option<Started>,
    /// Its head, to be noted in a second place.
    pub head: Option<Head>,
    /// Its command lines.
    pub commands: Vec<String>,
    /// The digests of what was seen.
    pub testimonies: Vec<String>,
    /// The hash of its first line.
    pub first: Option<String>,
    /// All there is to say, in the order of the folder's files.
    pub findings: Vec<Finding>,
}

impl Inspected {
    /// Something is not what was written.
    pub fn is_broken(&self) -> bool {
        self.findings.iter().any(Finding::is_broken)
    }

    /// It was sat with another text than it seems.
    pub fn is_foreign(&self) -> bool {
        self.findings.iter().any(Finding::is_foreign)
    }

    /// Compares the exam that was sat with the text of this file.
    pub fn compare(&mut self, path: &Path, text: &str) {
        let is_other = |started: &Started| started.exam_digest != digest(text.as_bytes());
        let other = self.started.as_ref().is_some_and(is_other);
        self.findings.extend(other.then(|| Finding::NotThat(path.to_owned())));
    }
}

/// Looks at everything in the folder. With a public key also for its signature.
pub fn inspect(path: &Path, signed_by: Option<&super::Key>) -> Inspected {
    let folder = Folder::at(path);
    let mut seen = Inspected {
        path: path.to_owned(),
        started: None,
        head: None,
        commands: Vec::new(),
        testimonies: Vec::new(),
        first: None,
        findings: Vec::new(),
    };
    let found = match folder.read() {
        Ok(found) => found,
        Err(FolderError::Chain(newer @ ChainError::Newer { .. })) => {
            seen.findings.push(Finding::Newer(newer));
            return seen;
        }
        Err(error) => {
            seen.findings.push(Finding::Unreadable(error));
            return seen;
        }
    };
    seen.findings.extend(found.breaks().into_iter().map(Finding::Record));
    seen.head = Some(found.chain.head());
    seen.first = found.chain.entries.first().map(|entry| entry.hash.clone());
    match Attempt::of(&found.chain.entries) {
        Ok(attempt) => {
            seen.findings.extend(attempt.misplaced.iter().copied().map(Finding::Misplaced));
            seen.findings.extend(attempt.mended.iter().cloned().map(Finding::Mended));
            seen.findings.extend(folder.exam(&attempt.started).err().map(Finding::Exam));
            seen.findings.extend(folder.lessons(&attempt.started).err().map(Finding::Lesson));
            let version = attempt.started.versions.get("rootless-lab");
            let sat = version.map_or_else(|| "by an unknown version".to_owned(), |version| format!("with {version}"));
            let foreign = foreign(&attempt.started).into_iter();
            seen.findings.extend(foreign.map(|name| Finding::Foreign { name, sat: sat.clone() }));
            seen.commands = attempt.commands.into_iter().map(|command| command.typed.line).collect();
            seen.started = Some(attempt.started);
        }
        Err(error) => seen.findings.push(Finding::NoAttempt(error)),
    }
    seen.grades(&found.chain);
    if let Some(key) = signed_by {
        seen.findings.push(Finding::Signature(Signature::check(path, key, &found.chain)));
    }
    seen
}

impl Inspected {
    fn grades(&mut self, chain: &Chain) {
        let folder = self.path.join(TESTIMONY);
        let mut known = BTreeSet::new();
        for entry in &chain.entries {
            let Event::Graded(graded) = &entry.event else { continue };
            for digest in &graded.testimonies {
                known.insert(format!("{digest}.json"));
                self.testimonies.push(digest.clone());
            }
            match verdicts(&folder, graded) {
                Ok(true) => {}
                Ok(false) => self.findings.push(Finding::OtherVerdicts(entry.n)),
                Err(why) => self.findings.push(Finding::Evidence { line: entry.n, why }),
            }
        }
        let files = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        self.findings.extend(names.into_iter().filter(|name| !known.contains(name)).map(Finding::Stray));
    }
}

/// Whether the record's verdicts are those of what was seen.
fn verdicts(folder: &Path, graded: &Graded) -> Result<bool, evidence::Error> {
    let mut seen = std::collections::BTreeMap::new();
    for digest in &graded.testimonies {
        let evidence = Evidence::read(folder, digest)?;
        seen.extend(evidence.judged().iter().cloned().map(|judged| (judged.goal, judged.verdict)));
    }
    Ok(seen == graded.verdicts)
}

#[cfg(test)]
mod tests;
