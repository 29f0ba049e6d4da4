//! What looking at one thing has come to, wish by wish: evidence, what does not hold, what could not be seen. A fail beats an unknown, as in `all`.

use crate::machine::CouldNot;
use crate::verdict::{Evidence, Verdict};

/// The wishes of one check, counted up.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    evidence: Vec<Evidence>,
    wanted: Vec<String>,
    found: Vec<String>,
    unknown: Option<Verdict>,
}

impl Tally {
    /// Something was seen.
    pub(crate) fn saw(&mut self, evidence: Evidence) {
        self.evidence.push(evidence);
    }
    /// One wish: whether it holds, and both sides in the same terms.
    pub(crate) fn wish(&mut self, holds: bool, wanted: impl Into<String>, found: impl Into<String>) {
        if !holds {
            self.wanted.push(wanted.into());
            self.found.push(found.into());
        }
    }
    /// One wish could not be looked at.
    pub(crate) fn unknown(&mut self, unknown: Verdict) {
        self.unknown.get_or_insert(unknown);
    }
    /// The verdict; `see` shows a fail to the learner.
    pub(crate) fn verdict(mut self, see: impl Into<String>) -> Verdict {
        self.found.dedup();
        if !self.wanted.is_empty() {
            let (wanted, found) = (self.wanted.join(", "), self.found.join(", "));
            return Verdict::Fail { wanted, found, evidence: self.evidence, see: Some(see.into()) };
        }
        match self.unknown {
            Some(unknown) => unknown,
            None if self.evidence.is_empty() => Verdict::unknown("nothing was looked at"),
            None => Verdict::Pass { evidence: self.evidence, remember: std::collections::BTreeMap::new() },
        }
    }
}

/// Looking at `what` was not possible.
pub(crate) fn could_not(what: impl std::fmt::Display, why: &CouldNot) -> Verdict {
    let grant = match why {
        CouldNot::Denied => Some("looking with the eyes of the account that owns it, or of root (sudo)".to_owned()),
        _ => None,
    };
    Verdict::Unknown { why: format!("{what}: {why}"), grant }
}

/// A regular expression of a lesson; one that cannot be read, or is too large, makes the wish unknown.
pub(crate) fn pattern(text: &str) -> Result<regex::Regex, Verdict> {
    regex::RegexBuilder::new(text)
        .multi_line(true)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| Verdict::unknown(format!("`{text}` cannot be used as a regular expression")))
}

/// Quotes a word for a shell, where it needs it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%=,~".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
