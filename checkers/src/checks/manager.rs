//! A service manager itself: the system's, or the user manager of an account.
//!
#![doc = include_str!("manager.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not, property, words};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{Bus, CouldNot, Eyes, Machine, Value};
use crate::verdict::{Evidence, Source, Verdict};

/// What is wished of a service manager. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Manager {
    /// The account whose user manager is meant; the system manager when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// It runs (for an account: `user@UID.service` is active).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// It has read its unit files again since the step began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reloaded: Option<bool>,
}

/// The name of the first process.
const FIRST: &str = "/proc/1/comm";

impl Judge for Manager {
    fn eyes(&self) -> Eyes {
        // Only its own account may ask a user manager; whether it runs at all, the system's manager tells anybody.
        match &self.user {
            Some(user) if self.reloaded.is_some() => Eyes::Account(user.clone()),
            _ => Eyes::Anyone,
        }
    }
    fn rests_on(&self) -> Vec<Ground> {
        match &self.user {
            Some(user) => vec![Ground::UserManager(user.clone()), Ground::Accounts],
            None => vec![Ground::SystemManager],
        }
    }
    fn judge(&self, machine: &dyn Machine, context: &Context) -> Verdict {
        self.look(machine, context).unwrap_or_else(|unknown| unknown)
    }
}

impl Manager {
    fn look(&self, machine: &dyn Machine, context: &Context) -> Result<Verdict, Verdict> {
        let (bus, name) = match &self.user {
            Some(user) => (Bus::User(account(machine, user)?.uid), format!("the user manager of {user}")),
            None => (Bus::System, "the system manager".to_owned()),
        };
        let mut findings = Findings::default();
        if let Some(running) = self.running {
            let (unit, state) = match bus {
                Bus::System => {
                    let first = machine.read(Path::new(FIRST), 64).map_err(|why| could_not(FIRST, &why))?;
                    let first = String::from_utf8_lossy(&first).trim_end().to_owned();
                    (first.clone(), if first == "systemd" { "active" } else { "inactive" }.to_owned())
                }
                Bus::User(uid) => {
                    let unit = format!("user@{uid}.service");
                    let answer = machine.unit(&Bus::System, &unit, &["ActiveState"]);
                    let state = match answer {
                        Err(CouldNot::Absent) => "inactive".to_owned(),
                        answer => {
                            let values = answer.map_err(|why| could_not(&unit, &why))?;
                            words(values.get("ActiveState").unwrap_or(&Value::Text("unknown".into())))
                        }
                    };
                    findings = Findings::seen_by(format!("systemctl status {unit}"));
                    (unit, state)
                }
            };
            let runs = |yes: bool| format!("{name} {}", if yes { "running" } else { "not running" });
            let is = state == "active";
            let evidence = match bus {
                Bus::System => Evidence::new(Source::Process(1), format!("is {unit}")),
                Bus::User(_) => property(&Bus::System, &unit, "ActiveState", &state),
            };
            findings.add(is == running, runs(running), runs(is), evidence);
        }
        if let Some(reloaded) = self.reloaded {
            let at = match machine.manager(&bus, "UnitsLoadTimestamp") {
                Ok(Value::Number(at)) => at,
                Ok(_) => return Err(Verdict::unknown("UnitsLoadTimestamp is no moment")),
                Err(CouldNot::Absent) => {
                    return Err(Verdict::unknown("this systemd (before 250) does not say when it read its units"));
                }
                Err(why) => return Err(could_not(&name, &why)),
            };
            let is = at > context.step_began;
            let phrase =
                |yes: bool| format!("unit files {} again since the step began", if yes { "read" } else { "not read" });
            let said = if at == 0 { "never since it started".to_owned() } else { format!("{at} µs since 1970") };
            findings.add(
                is == reloaded,
                phrase(reloaded),
                phrase(is),
                property(&bus, "manager", "UnitsLoadTimestamp", said),
            );
        }
        Ok(findings.verdict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn machine() -> Recorded {
        Recorded::new().account("conuser1", 1001)
    }
    fn judged(machine: &Recorded, running: Option<bool>, reloaded: Option<bool>) -> Verdict {
        let wish = Manager { user: Some("conuser1".into()), running, reloaded };
        wish.judge_in_all_ways(machine, &Context { step_began: 100, ..Context::default() })
    }

    #[test]
    fn manager_passes_when_the_system_manager_says_that_it_runs() {
        let running =
            machine().unit(Bus::System, "user@1001.service", &[("ActiveState", Value::Text("active".into()))]);
        assert!(judged(&running, Some(true), None).is_pass());
        assert!(judged(&running, Some(false), None).is_fail());
        assert!(judged(&machine(), Some(true), None).is_fail());
        assert!(judged(&machine().without_bus(Bus::System), Some(true), None).is_unknown());
    }
    #[test]
    fn manager_fails_when_the_reload_came_before_the_step() {
        let at = |at| machine().manager(Bus::User(1001), "UnitsLoadTimestamp", Value::Number(at));
        assert!(judged(&at(101), None, Some(true)).is_pass());
        assert!(judged(&at(99), None, Some(true)).is_fail());
        assert!(judged(&at(0), None, Some(false)).is_pass());
    }
    #[test]
    fn the_system_manager_runs_where_it_is_the_first_process_and_says_when_it_read_its_units() {
        let judged = |machine: &Recorded, running, reloaded| {
            let wish = Manager { user: None, running, reloaded };
            wish.judge_in_all_ways(machine, &Context { step_began: 100, ..Context::default() })
        };
        let first = |name: &str| Recorded::new().file("/proc/1/comm", name);
        assert!(judged(&first("systemd\n"), Some(true), None).is_pass());
        assert!(judged(&first("systemd\n"), Some(false), None).is_fail());
        assert!(judged(&first("bash\n"), Some(true), None).is_fail());
        assert!(judged(&Recorded::new(), Some(true), None).is_unknown());
        let at = |at| Recorded::new().manager(Bus::System, "UnitsLoadTimestamp", Value::Number(at));
        assert!(judged(&at(101), None, Some(true)).is_pass());
        assert!(judged(&at(99), None, Some(true)).is_fail());
    }
    #[test]
    fn manager_is_unknown_without_a_bus_or_a_wish() {
        assert!(judged(&machine().without_bus(Bus::User(1001)), None, Some(true)).is_unknown());
        assert!(judged(&machine(), None, None).is_unknown());
    }
}
