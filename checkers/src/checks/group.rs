//! A group of the machine: that it exists, its number, and who is a member.
//!
#![doc = include_str!("group.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, quoted};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{Eyes, GroupEntry, Machine};
use crate::verdict::{Evidence, Verdict};

const FILE: &str = "/etc/group";
const NSSWITCH: &str = "/etc/nsswitch.conf";
/// No table of groups is larger.
const MOST: u64 = 16 << 20;

/// What is wished of a group. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Group {
    /// The group's name.
    pub name: String,
    /// False wishes that there is no such group. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// The group id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<u32>,
    /// Accounts that are members, by the group's entry or because it is their own group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Accounts that are not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_members: Vec<String>,
}

impl Judge for Group {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }

    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Accounts]
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let name = self.name.as_str();
        let mut findings = Findings::seen_by(format!("getent group {}", quoted(name)));
        let entry = match machine.group(name) {
            Ok(entry) => entry,
            Err(why) => return could_not(format_args!("group {name}"), &why),
        };
        let say = |exists| format!("{} group {name}", if exists { "a" } else { "no" });
        let Some(entry) = entry else {
            findings.saw(Evidence::file(FILE, format!("no entry {name}, and no name service knows it")));
            findings.wish(!self.exists, say(self.exists), say(false));
            return findings.verdict();
        };
        findings.saw(seen(machine, &entry));
        findings.wish(self.exists, say(self.exists), say(true));
        if !self.exists {
            return findings.verdict();
        }
        if let Some(gid) = self.gid {
            findings.wish(entry.gid == gid, format!("gid {gid}"), format!("gid {}", entry.gid));
        }
        let wishes = self.members.iter().map(|one| (one, true)).chain(self.not_members.iter().map(|one| (one, false)));
        for (account, wanted) in wishes {
            let is = match member(machine, &entry, account) {
                Ok(is) => is,
                Err(unknown) => {
                    findings.unknown(unknown);
                    continue;
                }
            };
            let say = |is| format!("{account} {} of {name}", if is { "a member" } else { "not a member" });
            if is && !entry.members.contains(account) {
                findings.saw(Evidence::file("/etc/passwd", format!("{account}: its own group is {name}")));
            }
            findings.wish(is == wanted, say(wanted), say(is));
        }
        findings.verdict()
    }
}

/// A name in the entry counts although there may be no such account; an account's own group has no entry for it.
fn member(machine: &dyn Machine, entry: &GroupEntry, account: &str) -> Result<bool, Verdict> {
    if entry.members.iter().any(|member| member == account) {
        return Ok(true);
    }
    match machine.account(account) {
        Ok(found) => Ok(found.is_some_and(|found| found.gid == entry.gid)),
        Err(why) => Err(could_not(format_args!("account {account}"), &why)),
    }
}

/// Where the entry was seen: the file where it stands there, else the name service that knew it.
fn seen(machine: &dyn Machine, entry: &GroupEntry) -> Evidence {
    let GroupEntry { name, gid, members } = entry;
    let members =
        if members.is_empty() { "nobody listed".to_owned() } else { format!("members {}", members.join(" ")) };
    let here = machine
        .read(Path::new(FILE), MOST)
        .is_ok_and(|text| String::from_utf8_lossy(&text).lines().any(|line| line.split(':').next() == Some(name)));
    Evidence::file(if here { FILE } else { NSSWITCH }, format!("{name}: gid {gid}, {members}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::{CouldNot, Recorded};

    fn machine() -> Recorded {
        Recorded::new()
            .account("ada", 1001)
            .account("bob", 1002)
            .group(3000, "sysadms", &["ada"])
            .file(FILE, "root:x:0:\nsysadms:x:3000:ada\n")
    }
    fn judged(machine: &Recorded, change: impl FnOnce(&mut Group)) -> Verdict {
        let mut check = Group { name: "sysadms".into(), exists: true, ..Group::default() };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn group_passes_with_its_number_and_members() {
        let verdict = judged(&machine(), |g| {
            g.gid = Some(3000);
            g.members = vec!["ada".into()];
            g.not_members = vec!["bob".into(), "nobody-here".into()];
        });
        assert_eq!(verdict, Verdict::pass(Evidence::file(FILE, "sysadms: gid 3000, members ada")));
        assert!(judged(&Recorded::new(), |g| g.exists = false).is_pass());
    }

    #[test]
    fn an_account_s_own_group_counts_as_membership() {
        let verdict = judged(&machine(), |g| {
            g.name = "bob".into();
            g.members = vec!["bob".into()];
        });
        assert!(verdict.is_pass(), "{verdict:?}");
        assert_eq!(verdict.evidence().len(), 2);
    }

    #[test]
    fn group_fails_with_wanted_and_found_in_the_same_terms() {
        let verdict = judged(&machine(), |g| {
            g.gid = Some(30);
            g.members = vec!["bob".into()];
        });
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "gid 30, bob a member of sysadms");
        assert_eq!(found, "gid 3000, bob not a member of sysadms");
        assert_eq!(see.as_deref(), Some("getent group sysadms"));
        assert!(judged(&machine(), |g| g.exists = false).is_fail());
        assert!(judged(&machine(), |g| g.not_members = vec!["ada".into()]).is_fail());
        assert!(judged(&Recorded::new(), |_| ()).is_fail());
    }

    #[test]
    fn group_is_unknown_when_the_database_does_not_answer() {
        let closed = machine().closed(FILE, CouldNot::TimedOut);
        let verdict = judged(&closed, |_| ());
        assert!(
            matches!(&verdict, Verdict::Unknown { why, .. } if why == "group sysadms: no answer in time"),
            "{verdict:?}"
        );
    }
}
