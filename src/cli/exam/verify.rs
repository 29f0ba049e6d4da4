//! `rootless-lab exam verify`: whether attempts are what was written, and whether they are each somebody's own.

use std::path::PathBuf;

use clap::Args;

use super::attempt;
use super::batch::Batch;
use crate::cli::{Exit, Failure};
use crate::grading::{self, Alike, Copied, Inspected};
use crate::screen::{self, Look};

/// What is proven, and what is not. Said each time, because a green line invites more trust than it deserves.
const LIMITS: &str = "\
What this shows: no line was edited, left out or moved, and no file changed, without making all that follows anew.
What it cannot show: whoever may write the folder, so the candidate, can write all of it anew; with root also show the grader
another machine. Lines cut off the end show only against the head, which lies beside the record; note the head elsewhere, or
sign what you collect.";

/// Look for edits, cuts and reorderings in attempts, and for what several have in common.
///
/// An exam that this program has itself is compared with its text; for one of your own name it with `--exam`. Ends with 0 where everything
/// is as it was written, with 1 where something is not, or the exam is another one than it says, and with 4 where only something that was
/// named is no attempt; the others are looked at all the same. With a key it is what was signed that counts: what was added since is not.
/// What several attempts have in common is said and changes nothing: it is for a person to weigh.
#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// The attempts, by name or by folder.
    #[arg(required = true, value_name = "ATTEMPT")]
    attempts: Vec<String>,
    /// The exam that was given out, by its folder or file: attempts at another text are named.
    #[arg(long, value_name = "PATH")]
    exam: Option<PathBuf>,
    /// Check the signature that `exam sign` made, with this public key.
    #[arg(long, value_name = "PUB")]
    signed_by: Option<PathBuf>,
}

impl Verify {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let key = self.signed_by.as_deref().map(grading::Key::read).transpose()?;
        let given = match &self.exam {
            Some(path) => Some((path, attempt::shelf_at(path, look)?)),
            None => None,
        };
        let (mut names, mut all, mut batch) = (Vec::new(), Vec::new(), Batch::default());
        for name in &self.attempts {
            match attempt::folder(name) {
                Ok(path) => {
                    let mut seen = grading::inspect(&path, key.as_ref());
                    if let Some((path, source)) = &given {
                        seen.compare(path, &source.text);
                    }
                    names.push(screen::clean_line(name, look));
                    all.push(seen);
                }
                Err(failure) => batch.failed(failure, look),
            }
        }
        for (name, seen) in names.iter().zip(&all) {
            tell_one(name, seen, key.is_some(), look);
        }
        for copied in grading::alike(&all) {
            sayln!("{}", words(&copied, &names));
        }
        sayln!("\n{LIMITS}");
        // What was changed is what somebody wants to know, whatever else lay among the attempts.
        let is_wrong = |seen: &Inspected| seen.is_broken() || seen.is_foreign();
        Ok(if all.iter().any(is_wrong) { Exit::Red } else { batch.exit() })
    }
}

fn tell_one(name: &str, seen: &Inspected, signed: bool, look: &Look) {
    let whole = match (seen.is_broken(), seen.is_foreign()) {
        (true, _) if signed => "is NOT as it was signed",
        (true, _) => "is NOT as it was written",
        (false, true) => "is as it was written, and was NOT sat with the exam that it names",
        (false, false) => "is as it was written",
    };
    match &seen.head {
        Some(head) => sayln!("{name} {whole}: {} lines, head {}", head.n, head.hash),
        None => sayln!("{name} {whole}"),
    }
    for finding in &seen.findings {
        sayln!("  {}", screen::clean_line(&finding.to_string(), look));
    }
}

fn words(copied: &Copied, names: &[String]) -> String {
    let who: Vec<&str> = copied.attempts.iter().filter_map(|nth| names.get(*nth)).map(String::as_str).collect();
    let what = match copied.what {
        Alike::Record => "are one attempt: the first lines of their records are the same",
        Alike::Testimony => "saw the very same machine at the very same moment",
        Alike::Seed => "have the same seed, and so the same sheet",
        Alike::Parameters => "have the same names and numbers from different seeds",
        Alike::Commands => "have the same command lines, one by one",
        Alike::CommandsButValues => "have the same command lines but for the drawn names and numbers",
    };
    format!("Alike: {} {what}.", who.join(", "))
}
