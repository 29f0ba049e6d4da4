//! A package of the machine: installed or not, and its version.
//!
#![doc = include_str!("package.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::package::{entries, is_name, is_own, rpm_versions};
use crate::facts::version::{Rules, at_least};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine, Plain};
use crate::verdict::{Evidence, Source, Verdict};

const STATUS: &str = "/var/lib/dpkg/status";
/// No database of packages is larger.
const MOST: u64 = 64 << 20;

/// What is wished of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Package {
    /// The package's name.
    pub name: String,
    /// False wishes that it is not installed. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub installed: bool,
    /// This version, or a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<String>,
}

/// What the machine says.
struct Seen {
    versions: Vec<String>,
    /// Where it is not installed: what is left of it.
    left: Option<String>,
    rules: Rules,
    evidence: Evidence,
}

impl Judge for Package {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }

    fn rests_on(&self) -> Vec<Ground> {
        // dpkg and rpm each write in a folder of their own.
        ["/var/lib/dpkg", "/var/lib/rpm", "/usr/lib/sysimage/rpm"].map(|folder| Ground::inside(folder, None)).into()
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let name = self.name.as_str();
        if !is_name(name) {
            return Verdict::unknown(format!("`{name}` is no name of a package"));
        }
        let seen = match self.look(machine) {
            Ok(seen) => seen,
            Err(unknown) => return unknown,
        };
        let tool = if seen.rules == Rules::Dpkg { "dpkg -s" } else { "rpm -q" };
        let mut findings = Findings::seen_by(format!("{tool} {name}"));
        findings.saw(seen.evidence);
        let is = !seen.versions.is_empty();
        let say = |is| format!("{name} {}", if is { "installed" } else { "not installed" });
        let found = match seen.left {
            Some(state) => format!("{}, but {state}", say(false)),
            None => say(is),
        };
        findings.wish(is == self.installed, say(self.installed), found);
        if let (Some(wanted), true) = (&self.at_least, self.installed && is) {
            let newest = seen.versions.iter().any(|there| at_least(there, wanted, seen.rules));
            findings.wish(
                newest,
                format!("{name} {wanted} or later"),
                format!("{name} {}", seen.versions.join(" and ")),
            );
        }
        findings.verdict()
    }
}

impl Package {
    fn look(&self, machine: &dyn Machine) -> Result<Seen, Verdict> {
        let name = &self.name;
        match machine.read(Path::new(STATUS), MOST) {
            Ok(status) => {
                let status = String::from_utf8_lossy(&status);
                if is_own(&status) {
                    return Ok(of_dpkg(&status, name));
                }
            }
            Err(CouldNot::Absent) => {}
            Err(why) => return Err(could_not(STATUS, &why)),
        }
        let question = Plain::Package(name.clone());
        let line = question.line();
        let ran = machine.plain(&question).map_err(|why| match why {
            CouldNot::Absent => Verdict::Unknown {
                why: "this machine has neither dpkg's database nor rpm".into(),
                grant: Some("dpkg or rpm as the machine's packager".into()),
            },
            why => could_not(format_args!("`{line}`"), &why),
        })?;
        let output = String::from_utf8_lossy(&ran.output);
        let versions = rpm_versions(ran.status, &output, name).ok_or_else(|| {
            let errors = String::from_utf8_lossy(&ran.errors);
            let said = errors.lines().chain(output.lines()).next().unwrap_or("nothing").chars().take(200);
            Verdict::unknown(format!("`{line}` said {}", said.collect::<String>()))
        })?;
        let said = if versions.is_empty() { format!("{name} is not installed") } else { versions.join(", ") };
        Ok(Seen { versions, left: None, rules: Rules::Rpm, evidence: Evidence::new(Source::Plain(line), said) })
    }
}

fn of_dpkg(status: &str, name: &str) -> Seen {
    let entries = entries(status, name);
    let said = entries.iter().map(|e| format!("{name}:{} {}, {}", e.architecture, e.version, e.state));
    let said: Vec<String> = said.collect();
    let said = if said.is_empty() { format!("no entry {name}") } else { said.join("; ") };
    // What waits for, or is in the middle of, its last step has its files in place; only `installed` is done.
    let installed = entries.iter().filter(|entry| entry.state == "installed");
    let versions: Vec<String> = installed.map(|entry| entry.version.clone()).collect();
    let left = entries.first().filter(|_| versions.is_empty()).and_then(|entry| match entry.state.as_str() {
        "not-installed" | "" => None,
        "config-files" => Some("its configuration is left".into()),
        state => Some(format!("dpkg says {state}")),
    });
    Seen { versions, left, rules: Rules::Dpkg, evidence: Evidence::file(STATUS, said) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::{Ran, Recorded};

    fn debian() -> Recorded {
        let entry = |name: &str, state: &str, version: &str| {
            format!("Package: {name}\nStatus: install ok {state}\nArchitecture: amd64\nVersion: {version}\n\n")
        };
        let status = entry("dpkg", "installed", "1.22.21")
            + &entry("podman", "installed", "5.4.2+ds1-2")
            + &entry("nano", "config-files", "8.4-1")
            + &entry("cron", "half-configured", "3.0");
        Recorded::new().file(STATUS, status)
    }
    fn redhat(status: i32, output: &str) -> Recorded {
        let ran = Ran { status: Some(status), output: output.into(), errors: Vec::new() };
        Recorded::new().file(STATUS, "").plain(Plain::Package("podman".into()), Ok(ran))
    }
    fn judged(machine: &Recorded, name: &str, installed: bool, version: Option<&str>) -> Verdict {
        let check = Package { name: name.into(), installed, at_least: version.map(str::to_owned) };
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn package_passes_when_it_is_installed_and_new_enough() {
        for machine in [debian(), redhat(0, "4:5.4.0-1.el9\n")] {
            assert!(judged(&machine, "podman", true, None).is_pass());
            assert!(judged(&machine, "podman", true, Some("5.4")).is_pass());
        }
        assert!(judged(&debian(), "httpd", false, None).is_pass());
        assert!(judged(&debian(), "nano", false, None).is_pass());
        assert!(judged(&redhat(1, "package podman is not installed\n"), "podman", false, None).is_pass());
    }

    #[test]
    fn package_fails_and_says_what_is_left_or_how_old_it_is() {
        let found = |verdict| {
            let Verdict::Fail { wanted, found, see: Some(see), evidence } = verdict else { panic!("{verdict:?}") };
            assert_eq!(evidence.len(), 1);
            [wanted, found, see]
        };
        assert_eq!(
            found(judged(&debian(), "nano", true, None)),
            ["nano installed", "nano not installed, but its configuration is left", "dpkg -s nano"]
        );
        assert_eq!(
            found(judged(&debian(), "podman", true, Some("5.10"))),
            ["podman 5.10 or later", "podman 5.4.2+ds1-2", "dpkg -s podman"]
        );
        assert_eq!(
            found(judged(&redhat(1, "package podman is not installed\n"), "podman", true, None)),
            ["podman installed", "podman not installed", "rpm -q podman"]
        );
        assert!(judged(&debian(), "cron", true, None).is_fail());
        assert!(judged(&debian(), "podman", false, None).is_fail());
    }

    #[test]
    fn package_is_unknown_without_a_database_and_for_odd_names() {
        assert!(judged(&Recorded::new(), "podman", true, None).is_unknown());
        assert!(judged(&debian().closed(STATUS, CouldNot::Denied), "podman", true, None).is_unknown());
        assert!(judged(&redhat(1, "error: db5 error\n"), "podman", true, None).is_unknown());
        let slow = Recorded::new().plain(Plain::Package("podman".into()), Err(CouldNot::TimedOut));
        assert!(judged(&slow, "podman", false, None).is_unknown());
        assert!(judged(&debian(), "-e", true, None).is_unknown());
    }
}
