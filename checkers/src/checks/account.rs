//! An account of the machine: that it exists, and what it is like.
//!
#![doc = include_str!("account.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, quoted};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::nearest::nearest;
use crate::facts::subid;
use crate::ground::Ground;
use crate::machine::{AccountEntry, CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

const PASSWD: &str = "/etc/passwd";
const NSSWITCH: &str = "/etc/nsswitch.conf";
/// No table of accounts is larger.
const MOST: u64 = 16 << 20;

/// What is wished of an account. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Account {
    /// The account's name.
    pub name: String,
    /// False wishes that there is no such account. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// The user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The home directory named in the account's entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// The login shell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// Groups that the account is a member of, its own group included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// At least this many subordinate user ids and group ids, as rootless containers need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_ids: Option<u32>,
}

impl Judge for Account {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }

    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Accounts]
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let name = self.name.as_str();
        let see = format!("getent passwd {}", quoted(name));
        let entry = match machine.account(name) {
            Ok(entry) => entry,
            Err(why) => return could_not(format_args!("account {name}"), &why),
        };
        let mut findings = Findings::default();
        let wanted = if self.exists { format!("an account {name}") } else { format!("no account {name}") };
        let Some(entry) = entry else {
            findings.saw(Evidence::file(PASSWD, format!("no entry {name}, and no name service knows it")));
            let near = if self.exists { near(machine, name) } else { None };
            let found =
                near.map_or_else(|| format!("no account {name}"), |near| format!("no account {name}, but {near}"));
            findings.wish(!self.exists, wanted, found);
            return findings.see(see).verdict();
        };
        findings.saw(seen(machine, &entry));
        findings.wish(self.exists, wanted, format!("an account {name}"));
        if !self.exists {
            return findings.see(see).verdict();
        }
        if let Some(uid) = self.uid {
            findings.wish(entry.uid == uid, format!("uid {uid}"), format!("uid {}", entry.uid));
        }
        if let Some(home) = &self.home {
            let found = entry.home.display();
            findings.wish(entry.home == Path::new(home), format!("home {home}"), format!("home {found}"));
        }
        if let Some(shell) = &self.shell {
            let found = entry.shell.display();
            findings.wish(entry.shell == Path::new(shell), format!("shell {shell}"), format!("shell {found}"));
        }
        if !self.groups.is_empty() {
            self.judge_groups(machine, &entry, &mut findings);
        }
        if let Some(most) = self.sub_ids {
            judge_sub_ids(machine, &entry, most, &mut findings);
        }
        let see = match self {
            Self { sub_ids: Some(_), .. } => format!("grep {} /etc/subuid /etc/subgid", quoted(name)),
            Self { groups, .. } if !groups.is_empty() => format!("id {}", quoted(name)),
            _ => see,
        };
        findings.see(see).verdict()
    }
}

impl Account {
    fn judge_groups(&self, machine: &dyn Machine, entry: &AccountEntry, findings: &mut Findings) {
        let groups = match machine.groups_of(entry) {
            Ok(groups) => groups,
            Err(why) => return findings.unknown(could_not(format_args!("the groups of {}", entry.name), &why)),
        };
        let found = format!("groups {}", groups.join(" "));
        findings.saw(Evidence::file("/etc/group", format!("{}: {found}", entry.name)));
        for group in &self.groups {
            findings.wish(groups.contains(group), format!("member of {group}"), found.clone());
        }
    }
}

/// The account that is there and nearly has this name. One of the system is hardly ever meant.
fn near(machine: &dyn Machine, name: &str) -> Option<String> {
    let table = machine.read(Path::new(PASSWD), MOST).ok()?;
    let table = String::from_utf8_lossy(&table);
    let person = |line: &str| {
        let mut fields = line.split(':');
        let (name, uid) = (fields.next()?.to_owned(), fields.nth(1)?.parse::<u32>().ok()?);
        (1000..60_000).contains(&uid).then_some(name)
    };
    let people: Vec<String> = table.lines().filter_map(person).collect();
    nearest(name, people.iter().map(String::as_str)).map(str::to_owned)
}

/// Where the entry was seen: the file where it stands there, else the name service that knew it.
fn seen(machine: &dyn Machine, entry: &AccountEntry) -> Evidence {
    let AccountEntry { name, uid, home, shell, .. } = entry;
    let said = format!("{name}: uid {uid}, home {}, shell {}", home.display(), shell.display());
    let here = machine
        .read(Path::new(PASSWD), MOST)
        .is_ok_and(|text| String::from_utf8_lossy(&text).lines().any(|line| line.split(':').next() == Some(name)));
    Evidence::file(if here { PASSWD } else { NSSWITCH }, said)
}

fn judge_sub_ids(machine: &dyn Machine, entry: &AccountEntry, most: u32, findings: &mut Findings) {
    match machine.read(Path::new(NSSWITCH), MOST) {
        Ok(text) => {
            if let Some(elsewhere) = subid::kept_elsewhere(&String::from_utf8_lossy(&text)) {
                let why = format!("subordinate ids are kept in `{elsewhere}` on this machine, not in the files");
                return findings.unknown(Verdict::unknown(why));
            }
        }
        // Without the file the C library looks in the files.
        Err(CouldNot::Absent) => {}
        Err(why) => return findings.unknown(could_not(NSSWITCH, &why)),
    }
    for (file, kind) in [("/etc/subuid", "subordinate uids"), ("/etc/subgid", "subordinate gids")] {
        match machine.read(Path::new(file), MOST) {
            Ok(text) => {
                let number = subid::count(&String::from_utf8_lossy(&text), &entry.name, entry.uid);
                findings.saw(Evidence::file(file, format!("{}: {number} {kind}", entry.name)));
                let (wanted, found) = (format!("at least {most} {kind}"), format!("{number} {kind}"));
                findings.wish(number >= u64::from(most), wanted, found);
            }
            Err(why) => findings.unknown(could_not(file, &why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn machine() -> Recorded {
        Recorded::new()
            .account("conuser1", 1001)
            .group(27, "sudo", &["conuser1"])
            .file("/etc/passwd", "root:x:0:0::/root:/bin/bash\nconuser1:x:1001:1001::/home/conuser1:/bin/bash\n")
            .file("/etc/subuid", "lisa:100000:65536\nconuser1:165536:65536\n")
            .file("/etc/subgid", "lisa:100000:65536\n1001:165536:65536\n")
    }
    fn judged(machine: &Recorded, change: impl FnOnce(&mut Account)) -> Verdict {
        let mut check = Account { name: "conuser1".into(), exists: true, ..Account::default() };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn account_passes_when_all_that_was_named_is_so() {
        let verdict = judged(&machine(), |a| {
            a.uid = Some(1001);
            a.home = Some("/home/conuser1".into());
            a.shell = Some("/bin/bash".into());
            a.groups = vec!["conuser1".into(), "sudo".into()];
            a.sub_ids = Some(65536);
        });
        assert!(verdict.is_pass(), "{verdict:?}");
        assert_eq!(verdict.evidence().len(), 4);
        assert!(judged(&Recorded::new(), |a| a.exists = false).is_pass());
    }

    #[test]
    fn account_fails_with_wanted_and_found_in_the_same_terms() {
        let verdict = judged(&machine(), |a| {
            a.uid = Some(1);
            a.shell = Some("/bin/zsh".into());
        });
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!((wanted.as_str(), found.as_str()), ("uid 1, shell /bin/zsh", "uid 1001, shell /bin/bash"));
        assert_eq!(see.as_deref(), Some("getent passwd conuser1"));
        let Verdict::Fail { found, .. } = judged(&machine(), |a| a.name = "conuser2".into()) else { panic!() };
        assert_eq!(found, "no account conuser2, but conuser1");
        let Verdict::Fail { found, .. } = judged(&machine(), |a| a.name = "stranger".into()) else { panic!() };
        assert_eq!(found, "no account stranger");
        assert!(judged(&Recorded::new(), |_| ()).is_fail());
        assert!(judged(&machine(), |a| a.exists = false).is_fail());
        assert!(judged(&machine(), |a| a.home = Some("/srv/x".into())).is_fail());
        assert!(judged(&machine(), |a| a.sub_ids = Some(65537)).is_fail());
        for (file, few) in [("/etc/subuid", "sub-uids"), ("/etc/subgid", "sub-gids")] {
            let short = machine().file(file, "conuser1:165536:10\n");
            let verdict = judged(&short, |a| a.sub_ids = Some(65536));
            assert!(verdict.is_fail(), "{few}: {verdict:?}");
        }
        assert!(judged(&machine(), |a| a.groups = vec!["wheel".into()]).is_fail());
    }

    #[test]
    fn account_is_unknown_where_sub_ids_are_kept_elsewhere_or_their_file_is_missing() {
        let elsewhere = machine().file("/etc/nsswitch.conf", "subid: sss\n");
        assert!(judged(&elsewhere, |a| a.sub_ids = Some(1)).is_unknown());
        let absent = Recorded::new().account("conuser1", 1001);
        assert!(judged(&absent, |a| a.sub_ids = Some(1)).is_unknown());
        let closed = machine().closed("/etc/subgid", CouldNot::Denied);
        assert!(judged(&closed, |a| a.sub_ids = Some(1)).is_unknown());
    }
}
