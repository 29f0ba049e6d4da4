//! The machine's name: the one that the kernel goes by now, and the one that it is given at boot.
//!
#![doc = include_str!("host_name.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

const NOW: &str = "/proc/sys/kernel/hostname";
const STATIC: &str = "/etc/hostname";
/// No name is longer.
const MOST: u64 = 4096;

/// What is wished of the machine's name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HostName {
    /// The name now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// The name that /etc/hostname gives it at boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_boot: Option<String>,
}

impl Judge for HostName {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }

    fn rests_on(&self) -> Vec<Ground> {
        let file = self.after_boot.iter().map(|_| Ground::path(STATIC, None));
        self.now.iter().map(|_| Ground::Untold).chain(file).collect()
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let mut findings = Findings::seen_by(if self.now.is_some() { "hostname" } else { "cat /etc/hostname" });
        if let Some(wanted) = &self.now {
            match machine.read(Path::new(NOW), MOST) {
                Ok(text) => {
                    let found = String::from_utf8_lossy(&text).trim().to_owned();
                    let evidence = Evidence::new(Source::Kernel(NOW.into()), &found);
                    findings.add(found == *wanted, format!("name {wanted}"), format!("name {found}"), evidence);
                }
                Err(why) => findings.unknown(could_not(NOW, &why)),
            }
        }
        if let Some(wanted) = &self.after_boot {
            match machine.read(Path::new(STATIC), MOST) {
                Ok(text) => self.judge_file(wanted, named(&String::from_utf8_lossy(&text)), &mut findings),
                Err(CouldNot::Absent) => self.judge_file(wanted, None, &mut findings),
                Err(why) => findings.unknown(could_not(STATIC, &why)),
            }
        }
        findings.verdict()
    }
}

impl HostName {
    fn judge_file(&self, wanted: &str, found: Option<String>, findings: &mut Findings) {
        let say = |name: &str| format!("name {name} after a boot");
        let evidence = Evidence::file(STATIC, found.as_deref().unwrap_or("names nothing"));
        let said = found.as_deref().map_or_else(|| format!("no name in {STATIC}"), say);
        findings.add(found.as_deref() == Some(wanted), say(wanted), said, evidence);
    }
}

/// hostname(5): the first line that is neither empty nor a comment.
fn named(text: &str) -> Option<String> {
    text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn machine() -> Recorded {
        Recorded::new().file(NOW, "lab\n").file(STATIC, "# set by hand\n\nserver1.example.com\n")
    }
    fn judged(machine: &Recorded, now: Option<&str>, after_boot: Option<&str>) -> Verdict {
        let [now, after_boot] = [now, after_boot].map(|name| name.map(str::to_owned));
        HostName { now, after_boot }.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn host_name_passes_now_and_after_a_boot() {
        let verdict = judged(&machine(), Some("lab"), Some("server1.example.com"));
        assert!(verdict.is_pass() && verdict.evidence().len() == 2, "{verdict:?}");
    }

    #[test]
    fn host_name_fails_with_the_name_that_was_found() {
        let verdict = judged(&machine(), Some("server1.example.com"), Some("lab"));
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "name server1.example.com, name lab after a boot");
        assert_eq!(found, "name lab, name server1.example.com after a boot");
        assert_eq!(see.as_deref(), Some("hostname"));
        assert!(judged(&Recorded::new(), None, Some("lab")).is_fail());
    }

    #[test]
    fn host_name_is_unknown_where_nobody_may_look_or_nothing_is_named() {
        assert!(judged(&Recorded::new(), Some("lab"), None).is_unknown());
        assert!(judged(&machine().closed(STATIC, CouldNot::Denied), None, Some("lab")).is_unknown());
        assert!(judged(&machine(), None, None).is_unknown());
    }
}
