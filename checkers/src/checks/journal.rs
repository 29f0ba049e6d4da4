//! A message in the journal since the step began, by its unit, identifier or account.
//!
#![doc = include_str!("journal.md")]

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not, pattern};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::journal::{Entry, entries};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, MOST_ENTRIES, Machine, Plain};
use crate::verdict::{Evidence, Source, Verdict};

/// What is wished of the journal: at least one entry since the step began fits all that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Journal {
    /// The unit that said it, or of which systemd says it; with its ending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The account that said it; with `unit`, the account whose user manager has that unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name under which it was said: `logger -t NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// A regular expression that matches somewhere in the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// False wishes that no entry fits. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
}

impl Judge for Journal {
    fn eyes(&self) -> Eyes {
        Eyes::Root
    }

    fn rests_on(&self) -> Vec<Ground> {
        let accounts = self.user.as_ref().map(|_| Ground::Accounts);
        accounts.into_iter().chain([Ground::Untold]).collect()
    }

    fn judge(&self, machine: &dyn Machine, context: &Context) -> Verdict {
        self.look(machine, context).unwrap_or_else(|unknown| unknown)
    }
}

impl Journal {
    fn look(&self, machine: &dyn Machine, context: &Context) -> Result<Verdict, Verdict> {
        let regex = self.matches.as_deref().map(pattern).transpose()?;
        let question = Plain::Journal { any: self.fields(machine)?, since: context.step_began };
        let line = question.line();
        let ran = machine.plain(&question).map_err(|why| match why {
            CouldNot::Absent => Verdict::unknown("this machine has no journalctl"),
            CouldNot::TooLarge => Verdict::unknown("there is too much in the journal since the step began"),
            why => could_not("the journal", &why),
        })?;
        let (output, errors) = (String::from_utf8_lossy(&ran.output), String::from_utf8_lossy(&ran.errors));
        // Older ones end with 1 where nothing fits.
        let ended = ran.status == Some(0) || (ran.status == Some(1) && output.is_empty() && errors.trim().is_empty());
        let said = || errors.lines().next().unwrap_or("nothing that can be read").chars().take(200).collect::<String>();
        let all = entries(&output).filter(|_| ended);
        let all = all.ok_or_else(|| Verdict::unknown(format!("journalctl said {}", said())))?;
        let whole = all.len() < MOST_ENTRIES;
        let since: Vec<Entry> = all.into_iter().filter(|entry| entry.at >= context.step_began).collect();
        let fits = |entry: &&Entry| {
            regex.as_ref().is_none_or(|regex| entry.message.as_ref().is_some_and(|said| regex.is_match(said)))
        };
        let found = since.iter().find(fits);
        if found.is_none() {
            if !whole {
                return Err(Verdict::unknown(format!(
                    "none of the newest {MOST_ENTRIES} entries fits, and there are more"
                )));
            }
            if regex.is_some() && since.iter().any(|entry| entry.message.is_none()) {
                return Err(Verdict::unknown("an entry is too long to be read"));
            }
        }
        let mut findings = Findings::seen_by(self.see());
        let source = Source::Plain(line);
        let newest = found.or(since.first());
        let short = |entry: &Entry| entry.message.clone().unwrap_or_default().chars().take(200).collect::<String>();
        let said = newest.map_or_else(|| "no entry since the step began".into(), short);
        findings.saw(Evidence::new(source, said));
        let found = match (found, newest) {
            (Some(entry), _) => format!("`{}`", short(entry)),
            (None, Some(entry)) => format!("{} others, the newest `{}`", since.len(), short(entry)),
            (None, None) => "no entry since the step began".into(),
        };
        findings.wish(newest.is_some_and(|entry| fits(&entry)) == self.exists, self.wanted(), found);
        Ok(findings.verdict())
    }

    /// The lists of fields of which an entry has to have one.
    fn fields(&self, machine: &dyn Machine) -> Result<Vec<Vec<String>>, Verdict> {
        let plain = |text: &&String| !text.is_empty() && !text.contains(['\n', '\0']);
        let named = [&self.unit, &self.identifier].into_iter().flatten();
        if !named.clone().all(|text| plain(&text)) || (self.user.is_none() && named.count() == 0) {
            return Err(Verdict::unknown("neither a unit, an identifier nor an account is named"));
        }
        let uid = match &self.user {
            Some(user) => Some(account(machine, user)?.uid),
            None => None,
        };
        let mut any = match (&self.unit, uid) {
            (Some(unit), Some(_)) => {
                vec![vec![format!("_SYSTEMD_USER_UNIT={unit}")], vec![format!("USER_UNIT={unit}")]]
            }
            // Anybody may write the field UNIT into an entry; only process 1 is believed.
            (Some(unit), None) => {
                vec![vec![format!("_SYSTEMD_UNIT={unit}")], vec![format!("UNIT={unit}"), "_PID=1".into()]]
            }
            (None, _) => vec![vec![]],
        };
        for all in &mut any {
            all.extend(uid.map(|uid| format!("_UID={uid}")));
            all.extend(self.identifier.as_ref().map(|name| format!("SYSLOG_IDENTIFIER={name}")));
        }
        Ok(any)
    }

    fn wanted(&self) -> String {
        let mut wanted = String::from(if self.exists { "an entry" } else { "no entry" });
        wanted.extend(self.unit.iter().map(|unit| format!(" of {unit}")));
        wanted.extend(self.user.iter().map(|user| format!(" of account {user}")));
        wanted.extend(self.identifier.iter().map(|name| format!(" under the name {name}")));
        wanted.extend(self.matches.iter().map(|pattern| format!(" with `{pattern}`")));
        wanted + " since the step began"
    }

    fn see(&self) -> String {
        let mut see = String::from("sudo journalctl");
        match (&self.unit, &self.user) {
            (Some(unit), Some(_)) => see.push_str(&format!(" _SYSTEMD_USER_UNIT={unit}")),
            (Some(unit), None) => see.push_str(&format!(" -u {unit}")),
            (None, Some(user)) => see.push_str(&format!(" _UID=$(id -u {user})")),
            (None, None) => {}
        }
        see.extend(self.identifier.iter().map(|name| format!(" -t {}", super::findings::quoted(name))));
        see
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::{Ran, Recorded};

    fn machine(any: &[&[&str]], output: &str) -> Recorded {
        let any = any.iter().map(|all| all.iter().map(|field| (*field).to_owned()).collect()).collect();
        let ran = Ran { status: Some(0), output: output.into(), errors: Vec::new() };
        Recorded::new().account("ada", 1001).plain(Plain::Journal { any, since: 2_000_000 }, Ok(ran))
    }
    fn logger(output: &str) -> Recorded {
        machine(&[&["_UID=1001", "SYSLOG_IDENTIFIER=lab"]], output)
    }
    fn judged(machine: &Recorded, change: impl FnOnce(&mut Journal)) -> Verdict {
        let (user, identifier) = (Some("ada".into()), Some("lab".into()));
        let mut check =
            Journal { user, identifier, matches: Some("^hello".into()), exists: true, ..Journal::default() };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context { step_began: 2_000_000, ..Context::default() })
    }
    fn entry(at: u64, message: &str) -> String {
        format!("{{\"__REALTIME_TIMESTAMP\":\"{at}\",\"MESSAGE\":\"{message}\"}}\n")
    }

    #[test]
    fn journal_passes_for_a_message_since_the_step_began() {
        let said = entry(3_000_001, "other") + &entry(3_000_000, "hello world");
        let verdict = judged(&logger(&said), |_| ());
        let line = Source::Plain("journalctl _UID=1001 SYSLOG_IDENTIFIER=lab".into());
        assert_eq!(verdict, Verdict::pass(Evidence::new(line, "hello world")));
        assert!(judged(&logger(""), |j| j.exists = false).is_pass());
        let of_unit = machine(&[&["_SYSTEMD_UNIT=x.service"], &["UNIT=x.service", "_PID=1"]], &said);
        let wish = |j: &mut Journal| (j.user, j.identifier, j.unit) = (None, None, Some("x.service".into()));
        assert!(judged(&of_unit, wish).is_pass());
    }

    #[test]
    fn journal_fails_with_the_newest_of_the_others() {
        let verdict = judged(&logger(&entry(3_000_001, "other")), |_| ());
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "an entry of account ada under the name lab with `^hello` since the step began");
        assert_eq!(found, "1 others, the newest `other`");
        assert_eq!(see.as_deref(), Some("sudo journalctl _UID=$(id -u ada) -t lab"));
        assert!(judged(&logger(""), |_| ()).is_fail());
        assert!(judged(&logger(&entry(3_000_000, "hello")), |j| j.exists = false).is_fail());
        assert!(judged(&logger(&entry(1_999_999, "hello")), |_| ()).is_fail(), "before the step");
    }

    #[test]
    fn journal_is_unknown_where_it_cannot_be_read_or_nothing_is_named() {
        assert!(judged(&Recorded::new().account("ada", 1001), |_| ()).is_unknown());
        assert!(judged(&logger("garbage\n"), |_| ()).is_unknown());
        assert!(judged(&logger(&entry(3_000_000, "x").repeat(MOST_ENTRIES)), |_| ()).is_unknown());
        assert!(judged(&logger("{\"__REALTIME_TIMESTAMP\":\"3000000\",\"MESSAGE\":null}\n"), |_| ()).is_unknown());
        assert!(judged(&logger(""), |j| (j.user, j.identifier) = (None, None)).is_unknown());
        assert!(judged(&logger(""), |j| j.matches = Some("(".into())).is_unknown());
    }
}
