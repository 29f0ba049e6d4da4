//! Gathers what a check saw, wish by wish, and makes one verdict of it: every wish that is not true says what was wanted and found.

use std::collections::BTreeMap;

use crate::machine::{AccountEntry, Bus, CouldNot, Machine, Value};
use crate::verdict::{Evidence, Source, Verdict};

/// What was seen so far, and which wishes are not true.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    evidence: Vec<Evidence>,
    wanted: Vec<String>,
    found: Vec<String>,
    unknown: Option<Verdict>,
    see: Option<String>,
    remember: BTreeMap<String, String>,
}

impl Findings {
    /// Findings whose fail shows the learner this command.
    pub(crate) fn seen_by(command: impl Into<String>) -> Self {
        Self::default().see(command)
    }
    /// A fail shows the learner this command.
    pub(crate) fn see(self, command: impl Into<String>) -> Self {
        Self { see: Some(command.into()), ..self }
    }
    /// One wish: whether it is true, in whose words, and where that was seen.
    pub(crate) fn add(&mut self, holds: bool, wanted: impl Into<String>, found: impl Into<String>, evidence: Evidence) {
        self.wish(holds, wanted, found);
        self.saw(evidence);
    }
    /// Something was seen.
    pub(crate) fn saw(&mut self, evidence: Evidence) {
        self.evidence.push(evidence);
    }
    /// One wish: whether it is true, and both sides in the same terms.
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
    /// A value to remember when all is true.
    pub(crate) fn remember(&mut self, name: &str, value: &str) {
        self.remember.insert(name.to_owned(), value.to_owned());
    }
    /// The verdict: a fail beats an unknown, as in `all`. Findings without evidence are no pass.
    pub(crate) fn verdict(self) -> Verdict {
        let Self { evidence, mut wanted, mut found, unknown, see, remember } = self;
        if !wanted.is_empty() {
            wanted.dedup();
            found.dedup();
            return Verdict::Fail { wanted: wanted.join(", "), found: found.join(", "), evidence, see };
        }
        match unknown {
            Some(unknown) => unknown,
            None if evidence.is_empty() => Verdict::unknown("nothing was wished, so nothing was looked at"),
            None => Verdict::Pass { evidence, remember },
        }
    }
}

/// The account of this name; an unknown verdict where there is none, or nobody could look.
pub(crate) fn account(machine: &dyn Machine, name: &str) -> Result<AccountEntry, Verdict> {
    match machine.account(name) {
        Ok(Some(entry)) => Ok(entry),
        Ok(None) => Err(Verdict::unknown(format!("there is no account {name}"))),
        Err(why) => Err(could_not(format_args!("the account {name}"), &why)),
    }
}

/// Nobody could look at this, for that reason.
pub(crate) fn could_not(what: impl std::fmt::Display, why: &CouldNot) -> Verdict {
    let grant = match why {
        CouldNot::Denied => Some("looking as the account that owns it, or as root (through sudo)".to_owned()),
        CouldNot::NoBus(bus) if *bus == Bus::System.to_string() => {
            Some("the system's D-Bus: sudo systemctl start dbus.service".to_owned())
        }
        CouldNot::NoBus(_) => Some("a login of that account, or lingering for it".to_owned()),
        _ => None,
    };
    Verdict::Unknown { why: format!("{what}: {why}"), grant }
}

/// A property seen on a bus.
pub(crate) fn property(bus: &Bus, object: &str, property: &str, said: impl Into<String>) -> Evidence {
    let bus = match bus {
        Bus::System => "system".to_owned(),
        Bus::User(uid) => format!("user@{uid}"),
    };
    Evidence::new(Source::Bus { bus, object: object.to_owned(), property: property.to_owned() }, said)
}

/// A value in the words of `systemctl show`.
pub(crate) fn words(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Bool(yes) => yes_no(*yes).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Texts(texts) => texts.join(" "),
    }
}

/// `yes` or `no`.
pub(crate) fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Recorded;

    #[test]
    fn each_bus_that_is_missing_has_its_own_way_out() {
        let grant = |bus: Bus| {
            let why = Machine::unit(&Recorded::new().without_bus(bus.clone()), &bus, "x.service", &[]).unwrap_err();
            let Verdict::Unknown { grant, why } = could_not("x", &why) else { panic!("{why}") };
            (why, grant.unwrap())
        };
        let (why, grant_of_user) = grant(Bus::User(1001));
        assert_eq!(why, "x: the user manager of uid 1001 cannot be reached");
        assert!(grant_of_user.contains("lingering"), "{grant_of_user}");
        let (why, grant) = grant(Bus::System);
        assert_eq!(why, "x: the system bus cannot be reached");
        assert!(grant.contains("dbus.service") && !grant.contains("lingering"), "{grant}");
    }
}
