//! What was seen of the machine when an exam was graded, kept beside the attempt's record in a file that is named by its own SHA-256, and
//! judged once more after a check was mended. Looks at no machine; what is secret was never written, so a goal that rests on it keeps the
//! verdict of the day.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use checkers::machine::witness::{Gap, Replay, Testimony, Unreadable, without_secrets};
use checkers::{Check, Verdict};
use serde::{Deserialize, Serialize};

use super::chain::digest;
use super::foreign;
use super::sheet::GoalId;

#[cfg(test)]
mod tests;

/// The form in which evidence is written.
const VERSION: u32 = 1;

/// A goal and its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Judged {
    /// The goal.
    pub goal: GoalId,
    /// What came of it.
    pub verdict: Verdict,
}

/// The verdicts of one grading, and all that they rest on that may be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Evidence {
    version: u32,
    judged: Vec<Judged>,
    testimony: Testimony,
}

/// Why evidence cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be written or read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// It was changed after it was written.
    #[error("{0} is not what was written: its contents have another digest than its name")]
    Altered(PathBuf),
    /// It was written by a later version of this program.
    #[error("{0} is of version {1}, and this program reads version {VERSION}")]
    Newer(PathBuf, u32),
    /// It is no evidence.
    #[error("{0}: {1}")]
    Broken(PathBuf, String),
}

impl Evidence {
    /// Of the goals that were judged, in the order in which they were asked; one verdict each. What looks like a secret in a verdict is
    /// left out.
    pub fn new(goals: Vec<GoalId>, verdicts: Vec<Verdict>, testimony: Testimony) -> Self {
        let judged = |(goal, verdict)| Judged { goal, verdict: without_secrets(verdict) };
        Self { version: VERSION, judged: goals.into_iter().zip(verdicts).map(judged).collect(), testimony }
    }

    /// A file below an account's home as it was seen, where its text was kept.
    pub fn file_of(&self, account: &str, path: &Path) -> Option<String> {
        self.testimony.file_of(account, path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The verdicts of the day.
    pub fn judged(&self) -> &[Judged] {
        &self.judged
    }

    /// What one goal's verdict rests on, and nothing else; none where that goal was not judged.
    pub fn only(&self, goal: &GoalId) -> Option<Self> {
        let nth = self.judged.iter().position(|judged| judged.goal == *goal)?;
        let judged = vec![self.judged.get(nth)?.clone()];
        Some(Self { version: self.version, judged, testimony: self.testimony.only(nth) })
    }

    /// Writes it into this folder, for its owner alone, whole or not at all; its digest, by which it is found again.
    pub fn keep(&self, folder: &Path) -> Result<String, Error> {
        let broken = |error: serde_json::Error| Error::Broken(folder.to_owned(), error.to_string());
        let json = serde_json::to_vec(self).map_err(broken)?;
        let digest = digest(&json);
        let path = place(folder, &digest);
        let write = || -> io::Result<()> {
            // What it lies in is there, or somebody has removed the attempt.
            match fs::DirBuilder::new().mode(0o700).create(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            // Only its owner may open a file of this kind from the beginning on.
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&json)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            fs::File::open(folder)?.sync_all()
        };
        write().map_err(|error| Error::File(path.clone(), error))?;
        Ok(digest)
    }

    /// Reads what has this digest in this folder.
    pub fn read(folder: &Path, wanted: &str) -> Result<Self, Error> {
        let path = place(folder, wanted);
        let json = foreign::read(&path).map_err(|error| Error::File(path.clone(), error))?;
        if digest(&json) != wanted {
            return Err(Error::Altered(path));
        }
        let read: Self = match serde_json::from_slice(&json) {
            Ok(read) => read,
            Err(error) => {
                return Err(match newer(&json) {
                    Some(version) => Error::Newer(path, version),
                    None => Error::Broken(path, error.to_string()),
                });
            }
        };
        if read.version != VERSION {
            return Err(Error::Newer(path, read.version));
        }
        match read.testimony.checked() {
            Ok(testimony) => Ok(Self { testimony, ..read }),
            Err(Unreadable::Newer(version)) => Err(Error::Newer(path, version)),
            Err(why) => Err(Error::Broken(path, why.to_string())),
        }
    }
}

/// A digest has digits only, so it leads out of no folder; whatever else was written in its place names no file.
fn place(folder: &Path, digest: &str) -> PathBuf {
    let digits: String = digest.chars().filter(char::is_ascii_hexdigit).collect();
    folder.join(format!("{digits}.json"))
}

/// The version of evidence, or of the testimony in it, that this program does not know.
fn newer(json: &[u8]) -> Option<u32> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
        testimony: Option<Within>,
    }
    #[derive(Deserialize)]
    struct Within {
        version: u32,
    }
    let found: Versioned = serde_json::from_slice(json).ok()?;
    [Some(found.version), found.testimony.map(|within| within.version)].into_iter().flatten().find(|one| *one > VERSION)
}

/// A goal that was judged once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regraded {
    /// The goal.
    pub goal: GoalId,
    /// What came of it.
    pub outcome: Outcome,
}

/// What judging once more came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that it asks for is on record.
    Judged(Verdict),
    /// Something is not, so the verdict of the day counts on; none where the goal was not judged that day.
    Kept {
        /// The verdict of the day.
        verdict: Option<Verdict>,
        /// What is not on record.
        because: Vec<Gap>,
    },
}

impl Outcome {
    /// The verdict that counts; none for a goal that was never judged and cannot be.
    pub fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Judged(verdict) => Some(verdict),
            Self::Kept { verdict, .. } => verdict.as_ref(),
        }
    }
}

/// Judges these goals on what was seen that day, in their order. A goal is found again by its name, whatever its check is now.
pub fn regrade<'c>(evidence: &Evidence, goals: impl IntoIterator<Item = (GoalId, &'c Check)>) -> Vec<Regraded> {
    let places: BTreeMap<_, _> =
        evidence.judged.iter().enumerate().map(|(nth, judged)| (&judged.goal, (nth, &judged.verdict))).collect();
    let replay = Replay::new(&evidence.testimony);
    let again = |(goal, check): (GoalId, &Check)| {
        let before = places.get(&goal);
        let rejudged = replay.judge(before.map(|(nth, _)| *nth), check);
        let outcome = if rejudged.gaps.is_empty() {
            Outcome::Judged(without_secrets(rejudged.verdict))
        } else {
            Outcome::Kept { verdict: before.map(|(_, verdict)| (*verdict).clone()), because: rejudged.gaps }
        };
        Regraded { goal, outcome }
    };
    goals.into_iter().map(again).collect()
}

/// What became of one goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The goal.
    pub goal: GoalId,
    /// What.
    pub what: What,
}

/// What can become of a goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Another answer than that day.
    Turned {
        /// That day's.
        from: Verdict,
        /// Today's.
        to: Verdict,
    },
    /// The same answer, told in other words.
    Reworded {
        /// That day's.
        from: Verdict,
        /// Today's.
        to: Verdict,
    },
    /// It could not be judged again, for what is not on record.
    Kept {
        /// The verdict that counts on; none where there is none.
        verdict: Option<Verdict>,
        /// Why.
        because: Vec<Gap>,
    },
    /// It was not judged that day.
    New(Verdict),
    /// It is no goal any more.
    Gone(Verdict),
}

/// What changed from the verdicts of one day to those of another, in the order of the later ones; goals that are gone come last. A goal
/// with the very same verdict is not named.
pub fn compare(before: &[Judged], after: &[Regraded]) -> Vec<Change> {
    let then: BTreeMap<_, _> = before.iter().map(|judged| (&judged.goal, &judged.verdict)).collect();
    let now: BTreeSet<_> = after.iter().map(|regraded| &regraded.goal).collect();
    let change = |regraded: &Regraded| {
        let what = match (&regraded.outcome, then.get(&regraded.goal)) {
            (Outcome::Kept { verdict, because }, _) => {
                What::Kept { verdict: verdict.clone(), because: because.clone() }
            }
            (Outcome::Judged(to), None) => What::New(to.clone()),
            (Outcome::Judged(to), Some(from)) if to == *from => return None,
            (Outcome::Judged(to), Some(from)) => {
                let (from, to) = ((*from).clone(), to.clone());
                if std::mem::discriminant(&from) == std::mem::discriminant(&to) {
                    What::Reworded { from, to }
                } else {
                    What::Turned { from, to }
                }
            }
        };
        Some(Change { goal: regraded.goal.clone(), what })
    };
    let gone = before.iter().filter(|judged| !now.contains(&judged.goal));
    let gone = gone.map(|judged| Change { goal: judged.goal.clone(), what: What::Gone(judged.verdict.clone()) });
    after.iter().filter_map(change).chain(gone).collect()
}
