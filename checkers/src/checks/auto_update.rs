//! Whether a service asks for newer images, and whether anybody looks for them: the label in its unit, and podman's timer. Podman is
//! never started.
//!
#![doc = include_str!("auto_update.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not, property, words};
use super::path::MOST;
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::{exec_line, unit_file::UnitFile};
use crate::ground::Ground;
use crate::machine::{Bus, CouldNot, Eyes, Machine, Value};
use crate::verdict::{Evidence, Verdict};

/// podman's own timer, one for the system and one for each account.
const TIMER: &str = "podman-auto-update.timer";
/// The label by which podman knows what it may update.
const LABEL: &str = "io.containers.autoupdate";

/// What is wished of automatic updates. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AutoUpdate {
    /// The account whose services and timer are meant; the system's when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A service that runs a container, as its manager has it: `web.service`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The policy of that service's container: `registry`, `local`, or `none` where it asks for no updates. Any but `none` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// podman's timer is enabled and waits (true), or neither (false).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<bool>,
}

impl Judge for AutoUpdate {
    fn eyes(&self) -> Eyes {
        self.user.clone().map_or(Eyes::Anyone, Eyes::Account)
    }
    fn rests_on(&self) -> Vec<Ground> {
        let user = self.user.as_ref();
        let mut grounds: Vec<Ground> = user.map(|_| Ground::Accounts).into_iter().collect();
        if let Some(unit) = &self.unit {
            grounds.push(Ground::Unit { name: unit.clone(), user: self.user.clone() });
            grounds.push(user.map_or(Ground::SystemManager, |user| Ground::UserManager(user.clone())));
        }
        if self.timer.is_some() {
            grounds.push(Ground::Unit { name: TIMER.into(), user: self.user.clone() });
            let folder = if user.is_some() { "~/.config/systemd/user" } else { "/etc/systemd/system" };
            grounds.push(Ground::inside(format!("{folder}/timers.target.wants"), user));
        }
        grounds
    }
    fn is_about_text(&self, _: &std::path::Path) -> bool {
        true
    }
    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl AutoUpdate {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let owner = self.user.as_ref().map(|user| account(machine, user)).transpose()?;
        let bus = owner.as_ref().map_or(Bus::System, |owner| Bus::User(owner.uid));
        let mut say = Findings::seen_by("podman auto-update --dry-run");
        match (&self.unit, &self.policy) {
            (Some(unit), _) => self.judge_unit(machine, &bus, unit, &mut say)?,
            (None, Some(_)) => return Err(Verdict::unknown("`policy` needs `unit`: whose policy is meant?")),
            (None, None) => {}
        }
        if let Some(wanted) = self.timer {
            let values = ask(machine, &bus, TIMER, &["ActiveState", "FileState"])?;
            let said = |key: &str| values.get(key).map_or_else(|| "not-found".to_owned(), words);
            let (state, file) = (said("ActiveState"), said("FileState"));
            let (waits, enabled) = (state == "active", file.starts_with("enabled"));
            say.saw(property(&bus, TIMER, "ActiveState", &state));
            let wish = if wanted { "enabled and active" } else { "neither enabled nor active" };
            let holds = if wanted { waits && enabled } else { !waits && !enabled };
            say.add(
                holds,
                format!("{TIMER} {wish}"),
                format!("{TIMER} {file} and {state}"),
                property(&bus, TIMER, "FileState", &file),
            );
        }
        Ok(say.verdict())
    }

    fn judge_unit(&self, machine: &dyn Machine, bus: &Bus, unit: &str, say: &mut Findings) -> Result<(), Verdict> {
        let wanted = match self.policy.as_deref() {
            Some("none") => format!("no auto-update of {unit}"),
            Some(policy) => format!("auto-update policy {policy} of {unit}"),
            None => format!("an auto-update policy of {unit}"),
        };
        let values = ask(machine, bus, unit, &["FragmentPath"])?;
        let path = match values.get("FragmentPath") {
            Some(Value::Text(path)) if !path.is_empty() => path.clone(),
            _ => {
                say.add(false, wanted, format!("no unit {unit}"), property(bus, unit, "FragmentPath", "none"));
                return Ok(());
            }
        };
        let text = match machine.read(Path::new(&path), MOST + 1) {
            Ok(text) if text.len() as u64 > MOST => return Err(could_not(&path, &CouldNot::TooLarge)),
            text => text.map_err(|why| could_not(&path, &why))?,
        };
        let file = UnitFile::read(&String::from_utf8_lossy(&text));
        let starts = file.values("Service", "ExecStart");
        let words = starts.last().map(|entry| exec_line::words(&entry.value).unwrap_or_default()).unwrap_or_default();
        let label = |word: &String| {
            let policy = word.split_once(LABEL)?.1.strip_prefix("=")?;
            Some(policy.trim_matches(['"', '\'']).to_owned())
        };
        // podman calls registry by its old name `image`, too.
        let found = words.iter().filter_map(|(word, _)| label(word)).next_back();
        let found = found.map(|policy| if policy == "image" { "registry".to_owned() } else { policy });
        let found = found.filter(|policy| !policy.is_empty() && policy != "disabled");
        let holds = match (self.policy.as_deref(), &found) {
            (Some("none"), found) => found.is_none(),
            (Some(policy), found) => found.as_deref() == Some(policy),
            (None, found) => found.is_some(),
        };
        let is = match &found {
            Some(policy) => format!("auto-update policy {policy} of {unit}"),
            None => format!("no auto-update of {unit}"),
        };
        say.add(holds, wanted, &is, Evidence::file(path, is.clone()));
        Ok(())
    }
}

fn ask(
    machine: &dyn Machine,
    bus: &Bus,
    unit: &str,
    properties: &[&str],
) -> Result<std::collections::BTreeMap<String, Value>, Verdict> {
    match machine.unit(bus, unit, properties) {
        Err(CouldNot::Absent) => Ok(Default::default()),
        answer => answer.map_err(|why| could_not(unit, &why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const UNIT: &str = "/run/user/1001/systemd/generator/web.service";

    fn machine(label: &str, timer: Option<(&str, &str)>) -> Recorded {
        let text = |text: &str| Value::Text(text.into());
        let start = format!("[Service]\nExecStart=/usr/bin/podman run --rm -d {label} registry.example/ubi8 sleep 9\n");
        let machine = Recorded::new().account("conuser1", 1001).file(UNIT, start).unit(
            Bus::User(1001),
            "web.service",
            &[("FragmentPath", text(UNIT))],
        );
        match timer {
            Some((active, file)) => {
                machine.unit(Bus::User(1001), TIMER, &[("ActiveState", text(active)), ("FileState", text(file))])
            }
            None => machine,
        }
    }
    fn wish() -> AutoUpdate {
        AutoUpdate { user: Some("conuser1".into()), ..AutoUpdate::default() }
    }
    fn of_unit(policy: Option<&str>) -> AutoUpdate {
        AutoUpdate { unit: Some("web.service".into()), policy: policy.map(Into::into), ..wish() }
    }
    fn judged(machine: &Recorded, wish: &AutoUpdate) -> Verdict {
        wish.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn auto_update_passes_when_the_unit_asks_for_it_and_the_timer_waits() {
        for label in ["--label io.containers.autoupdate=registry", "--label=io.containers.autoupdate=image"] {
            let machine = machine(label, Some(("active", "enabled")));
            let all = AutoUpdate { timer: Some(true), ..of_unit(Some("registry")) };
            assert!(judged(&machine, &all).is_pass(), "{label}");
            assert!(judged(&machine, &of_unit(None)).is_pass());
            for other in [of_unit(Some("local")), of_unit(Some("none")), AutoUpdate { timer: Some(false), ..wish() }] {
                assert!(judged(&machine, &other).is_fail(), "{other:?}");
            }
        }
        assert!(judged(&machine("--label io.containers.autoupdate=disabled", None), &of_unit(Some("none"))).is_pass());
    }
    #[test]
    fn auto_update_fails_without_the_label_the_unit_or_half_of_the_timer() {
        let timer = AutoUpdate { timer: Some(true), ..wish() };
        for half in [Some(("active", "disabled")), Some(("inactive", "enabled")), None] {
            assert!(judged(&machine("", half), &timer).is_fail(), "{half:?}");
        }
        assert!(judged(&machine("", None), &of_unit(None)).is_fail());
        assert!(judged(&machine("", None), &AutoUpdate { unit: Some("db.service".into()), ..wish() }).is_fail());
        assert!(judged(&machine("", None), &AutoUpdate { timer: Some(false), ..wish() }).is_pass());
    }
    #[test]
    fn auto_update_is_unknown_without_a_manager_or_a_wish() {
        let none = machine("", None).without_bus(Bus::User(1001));
        assert!(judged(&none, &AutoUpdate { timer: Some(false), ..wish() }).is_unknown());
        assert!(judged(&none, &of_unit(Some("none"))).is_unknown());
        assert!(judged(&machine("", None), &wish()).is_unknown());
        let of_nothing = AutoUpdate { policy: Some("local".into()), ..wish() };
        assert!(judged(&machine("", None), &of_nothing).is_unknown());
    }
}
