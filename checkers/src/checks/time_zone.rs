//! The machine's time zone, as /etc/localtime says it.
//!
#![doc = include_str!("time_zone.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::could_not;
use crate::catalogue::Judge;
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

const LOCALTIME: &str = "/etc/localtime";
const ZONES: &str = "/usr/share/zoneinfo";
/// No file of a zone is larger.
const MOST: u64 = 1 << 20;
/// One zone with several names.
const UTC: [&str; 7] = ["UTC", "Etc/UTC", "UCT", "Etc/UCT", "Universal", "Etc/Universal", "Zulu"];

/// What is wished of the time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TimeZone {
    /// The zone's name: `Europe/Paris`.
    pub zone: String,
}

impl Judge for TimeZone {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }

    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::path(LOCALTIME, None)]
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let wanted = format!("time zone {}", self.zone);
        let fail = |found: String, evidence| Verdict::fail(&wanted, found, evidence).see("ls -l /etc/localtime");
        match machine.read_link(Path::new(LOCALTIME)) {
            Ok(target) => {
                let text = target.to_string_lossy().into_owned();
                let evidence = Evidence::file(LOCALTIME, format!("a link to {text}"));
                let Some((_, zone)) = text.split_once("/zoneinfo/") else {
                    return fail(format!("a link to {text}, which is no zone"), evidence);
                };
                // A link to nowhere is UTC to every program, whatever its name says.
                match machine.stat(&Path::new(ZONES).join(zone), true) {
                    Err(CouldNot::Absent) => fail(format!("time zone {zone}, which this machine lacks"), evidence),
                    Err(why) => could_not(format_args!("{ZONES}/{zone}"), &why),
                    Ok(_) if same(zone, &self.zone) => Verdict::pass(evidence),
                    Ok(_) => fail(format!("time zone {zone}"), evidence),
                }
            }
            Err(CouldNot::Absent) => {
                let evidence = Evidence::file(LOCALTIME, "is not there, which means UTC");
                if same("UTC", &self.zone) { Verdict::pass(evidence) } else { fail("time zone UTC".into(), evidence) }
            }
            Err(why @ CouldNot::Denied) => could_not(LOCALTIME, &why),
            Err(_) => self.copy(machine),
        }
    }
}

impl TimeZone {
    /// A plain file says what time it is and not what the zone is called; a copy of the zone's own file is that zone all the same.
    fn copy(&self, machine: &dyn Machine) -> Verdict {
        let zone = Path::new(ZONES).join(&self.zone);
        let inside = !self.zone.is_empty() && !self.zone.starts_with('/') && !self.zone.contains("..");
        match (machine.read(Path::new(LOCALTIME), MOST), machine.read(&zone, MOST)) {
            (Ok(here), Ok(there)) if inside && here == there => {
                Verdict::pass(Evidence::file(LOCALTIME, format!("a copy of {}", zone.display())))
            }
            (Err(why), _) => could_not(LOCALTIME, &why),
            _ => Verdict::Unknown {
                why: format!("{LOCALTIME} is a file and no link, so it does not say what its zone is called"),
                grant: Some(format!("a link to a zone below {ZONES}, as `timedatectl set-timezone` makes it")),
            },
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    one == other || (UTC.contains(&one) && UTC.contains(&other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn machine() -> Recorded {
        Recorded::new()
            .file("/usr/share/zoneinfo/Europe/Paris", "TZif paris")
            .file("/usr/share/zoneinfo/Etc/UTC", "TZif utc")
    }
    fn judged(machine: &Recorded, zone: &str) -> Verdict {
        TimeZone { zone: zone.into() }.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn time_zone_passes_by_the_link_whichever_way_it_is_written() {
        for target in ["/usr/share/zoneinfo/Europe/Paris", "../usr/share/zoneinfo/Europe/Paris"] {
            assert!(judged(&machine().link(LOCALTIME, target), "Europe/Paris").is_pass(), "{target}");
        }
        assert!(judged(&machine().link(LOCALTIME, "../usr/share/zoneinfo/Etc/UTC"), "UTC").is_pass());
        assert!(judged(&machine(), "Etc/UTC").is_pass());
        assert!(judged(&machine().file(LOCALTIME, "TZif paris"), "Europe/Paris").is_pass());
    }

    #[test]
    fn time_zone_fails_with_the_zone_that_is_set() {
        let found = |target: &str, zone: &str| {
            let verdict = judged(&machine().link(LOCALTIME, target), zone);
            let Verdict::Fail { wanted, found, .. } = verdict else { panic!("{verdict:?}") };
            [wanted, found]
        };
        assert_eq!(
            found("/usr/share/zoneinfo/Etc/UTC", "Europe/Paris"),
            ["time zone Europe/Paris", "time zone Etc/UTC"]
        );
        assert_eq!(
            found("/usr/share/zoneinfo/Mars/Base", "Mars/Base")[1],
            "time zone Mars/Base, which this machine lacks"
        );
        assert_eq!(found("/etc/zone", "UTC")[1], "a link to /etc/zone, which is no zone");
        assert!(judged(&machine(), "Europe/Paris").is_fail());
    }

    #[test]
    fn time_zone_is_unknown_for_a_file_that_is_no_copy_of_it() {
        assert!(judged(&machine().file(LOCALTIME, "TZif old"), "Europe/Paris").is_unknown());
        assert!(judged(&machine().closed(LOCALTIME, CouldNot::Denied), "UTC").is_unknown());
        assert!(judged(&machine().file(LOCALTIME, "TZif paris"), "../../x").is_unknown());
    }
}
