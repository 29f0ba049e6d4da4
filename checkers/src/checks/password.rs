//! The password entry of an account. Needs root's eyes; never shows a hash.
//!
#![doc = include_str!("password.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, quoted};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::shadow::{Compared, Shadow};
use crate::ground::Ground;
use crate::machine::{Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

const SHADOW: &str = "/etc/shadow";
/// No table of accounts is larger.
const MOST: u64 = 16 << 20;
const DAY: u64 = 86_400_000_000;

/// What is wished of an account's password. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Password {
    /// The account's name.
    pub account: String,
    /// A password is set (whether or not it is locked).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<bool>,
    /// The password is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// The password or the account is past its date, or has to be changed at the next login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired: Option<bool>,
    /// The password is this one (yescrypt, sha512 and sha256 hashes can be compared).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
}

impl Judge for Password {
    fn eyes(&self) -> Eyes {
        Eyes::Root
    }

    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Accounts]
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let name = self.account.as_str();
        let see = format!("sudo passwd -S {}", quoted(name));
        let table = match machine.read(Path::new(SHADOW), MOST) {
            Ok(table) => table,
            Err(why) => {
                let unknown = could_not(SHADOW, &why);
                let Verdict::Unknown { why, .. } = unknown else { return unknown };
                return Verdict::Unknown {
                    why,
                    grant: Some("sudo for the lab: only root reads passwords' entries".into()),
                };
            }
        };
        let Some(entry) = Shadow::find(&String::from_utf8_lossy(&table), name) else {
            return match machine.account(name) {
                Ok(None) => Verdict::fail(
                    format!("a password entry of {name}"),
                    format!("no account {name}"),
                    Evidence::file(SHADOW, format!("no entry {name}")),
                )
                .see(format!("getent passwd {}", quoted(name))),
                Ok(Some(_)) => Verdict::unknown(format!("the password of {name} is not kept in {SHADOW}")),
                Err(why) => could_not(format_args!("account {name}"), &why),
            };
        };
        let today = i64::try_from(machine.now() / DAY).unwrap_or(i64::MAX);
        let mut findings = Findings::default();
        findings.saw(Evidence::file(SHADOW, format!("{name}: {}", words(&entry, today))));
        if let Some(set) = self.set {
            let say = |set| if set { "a password set" } else { "no password set" };
            findings.wish(entry.is_set() == set, say(set), say(entry.is_set()));
        }
        if let Some(locked) = self.locked {
            let say = |locked| if locked { "password locked" } else { "password not locked" };
            findings.wish(entry.is_locked() == locked, say(locked), say(entry.is_locked()));
        }
        if let Some(expired) = self.expired {
            let found = entry.expired(today);
            findings.wish(
                found.is_some() == expired,
                if expired { "expired" } else { "not expired" },
                found.unwrap_or("not expired"),
            );
        }
        if let Some(password) = &self.is {
            let wanted = "the password that was asked for";
            match entry.compare(password) {
                Compared::Same => {}
                Compared::Other => findings.wish(false, wanted, "another password"),
                Compared::None => findings.wish(false, wanted, "no password set"),
                Compared::Scheme(scheme) => {
                    findings
                        .unknown(Verdict::unknown(format!("passwords hashed with {scheme} cannot be compared here")));
                }
            }
        }
        findings.see(see).verdict()
    }
}

/// The entry in words that give nothing away.
fn words(entry: &Shadow, today: i64) -> String {
    let set = match (entry.is_set(), entry.is_empty()) {
        (true, _) => format!("a password set ({})", entry.scheme()),
        (false, true) => "no password: anybody may enter".into(),
        (false, false) => "no password set".into(),
    };
    let locked = if entry.is_locked() { "locked" } else { "not locked" };
    format!("{set}, {locked}, {}", entry.expired(today).unwrap_or("not expired"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::{CouldNot, Recorded};

    const HASH: &str = "$y$j9T$abcdefghijklmnop$Qnqnb9TM8w/vo9ztBoRDg09Zl4x.Iindhg/.zM6DI//";

    fn machine(hash: &str) -> Recorded {
        let text = format!("root:*:20780:0:99999:7:::\nconuser1:{hash}:20400:0:99999:7:::\n");
        Recorded::new().account("conuser1", 1001).file(SHADOW, text)
    }
    fn judged(machine: &Recorded, change: impl FnOnce(&mut Password)) -> Verdict {
        let mut check = Password { account: "conuser1".into(), ..Password::default() };
        change(&mut check);
        let verdict = check.judge_in_all_ways(machine, &Context::default());
        assert!(!format!("{verdict:?}").contains("$y$"), "a hash is shown: {verdict:?}");
        verdict
    }

    #[test]
    fn password_passes_when_it_is_set_open_and_the_one_asked_for() {
        let verdict = judged(&machine(HASH), |p| {
            p.set = Some(true);
            p.locked = Some(false);
            p.expired = Some(false);
            p.is = Some("conuser1".into());
        });
        assert!(verdict.is_pass(), "{verdict:?}");
        assert!(judged(&machine("!"), |p| (p.set, p.locked) = (Some(false), Some(true))).is_pass());
    }

    #[test]
    fn password_fails_when_it_is_another_or_none() {
        assert!(judged(&machine(HASH), |p| p.is = Some("other".into())).is_fail());
        assert!(judged(&machine("!"), |p| p.is = Some("other".into())).is_fail());
        assert!(judged(&machine("!"), |p| p.set = Some(true)).is_fail());
        assert!(judged(&machine(HASH), |p| p.locked = Some(true)).is_fail());
        assert!(judged(&machine(HASH), |p| p.expired = Some(true)).is_fail());
        assert!(judged(&Recorded::new().file(SHADOW, ""), |p| p.set = Some(true)).is_fail());
    }

    #[test]
    fn password_is_expired_from_its_day_on() {
        let day = |day: u64| {
            let text = format!("conuser1:{HASH}:20000:0:99999:7::20051:\n");
            Recorded::new().account("conuser1", 1001).file(SHADOW, text).at(day * 86_400 * 1_000_000)
        };
        assert!(judged(&day(20_051), |p| p.expired = Some(true)).is_pass());
        assert!(judged(&day(20_050), |p| p.expired = Some(true)).is_fail());
        assert!(judged(&day(20_050), |p| p.expired = Some(false)).is_pass());
    }

    #[test]
    fn password_is_unknown_without_root_s_eyes_or_with_another_scheme() {
        let closed = machine(HASH).closed(SHADOW, CouldNot::Denied);
        assert!(matches!(judged(&closed, |p| p.set = Some(true)), Verdict::Unknown { grant: Some(_), .. }));
        let md5 = judged(&machine("$1$abc$def"), |p| p.is = Some("x".into()));
        assert!(matches!(md5, Verdict::Unknown { why, .. } if why.contains("md5crypt")));
        let elsewhere = Recorded::new().account("conuser1", 1001).file(SHADOW, "");
        assert!(judged(&elsewhere, |p| p.set = Some(true)).is_unknown());
    }
}
