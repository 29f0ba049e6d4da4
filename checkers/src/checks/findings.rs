//! Gathers what a check saw, wish by wish, and makes one verdict of it: the first wish that is not true says what was wanted and found.

use std::collections::BTreeMap;

use crate::machine::{AccountEntry, Bus, CouldNot, Machine, Value};
use crate::verdict::{Evidence, Source, Verdict};

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    evidence: Vec<Evidence>,
    untrue: Option<(String, String)>,
    see: Option<String>,
    remember: BTreeMap<String, String>,
}

impl Findings {
    /// Findings whose fail shows the learner this command.
    pub(crate) fn seen_by(command: impl Into<String>) -> Self {
        Self { see: Some(command.into()), ..Self::default() }
    }
    /// One wish: whether it is true, in whose words, and where that was seen.
    pub(crate) fn add(&mut self, holds: bool, wanted: impl Into<String>, found: impl Into<String>, evidence: Evidence) {
        if !holds && self.untrue.is_none() {
            self.untrue = Some((wanted.into(), found.into()));
        }
        self.evidence.push(evidence);
    }
    /// A value to remember when all is true.
    pub(crate) fn remember(&mut self, name: &str, value: &str) {
        self.remember.insert(name.to_owned(), value.to_owned());
    }
    /// The verdict. Findings without evidence are no pass.
    pub(crate) fn verdict(self) -> Verdict {
        let Self { evidence, untrue, see, remember } = self;
        match untrue {
            Some((wanted, found)) => Verdict::Fail { wanted, found, evidence, see },
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
        Err(why) => Err(unseen(&format!("the account {name}"), &why)),
    }
}

/// Nobody could look at this, for that reason.
pub(crate) fn unseen(what: &str, why: &CouldNot) -> Verdict {
    let grant = match why {
        CouldNot::Denied => Some("let the observer run through sudo".to_owned()),
        CouldNot::NoBus(_) => Some("log in as that account, or enable lingering for it".to_owned()),
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
