//! A unit, as the manager itself sees it: the system's, or the user manager of an account.
//!
#![doc = include_str!("unit.md")]

use serde::{Deserialize, Serialize};

use std::path::{Path, PathBuf};

mod boot;

use super::findings::{Findings, account, could_not, property, words, yes_no};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::file_state::FileState;
use crate::facts::nearest::nearest;
use crate::ground::Ground;
use crate::machine::{AccountEntry, Bus, CouldNot, Eyes, Machine, Value};
use crate::verdict::Verdict;

/// What is wished of a unit. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Unit {
    /// The unit's full name, with its ending.
    pub name: String,
    /// The account whose user manager is asked; the system manager when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The load state: `loaded`, `not-found`, `masked`, `error`, `bad-setting` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<String>,
    /// The active state: `active`, `inactive`, `failed`, `activating` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
    /// The sub state: `running`, `exited`, `dead`, `auto-restart` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// The unit-file state: `enabled`, `disabled`, `static`, `masked`, `linked`, `generated`, `transient` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_state: Option<FileState>,
    /// The files changed since the manager read them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_daemon_reload: Option<bool>,
    /// `systemctl reload` applies to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can_reload: Option<bool>,
    /// The file the manager read it from. `~` is the home of `user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragment: Option<String>,
    /// Started, or started again, since the step began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarted: Option<bool>,
    /// Started by the boot itself: by its manager as that came up, and before any login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_boot: Option<bool>,
}

/// When it last left the inactive state, left the active one, and came to it.
const TIMES: [&str; 3] = ["InactiveExitTimestamp", "ActiveExitTimestamp", "ActiveEnterTimestamp"];

impl Judge for Unit {
    fn eyes(&self) -> Eyes {
        self.user.clone().map_or(Eyes::Anyone, Eyes::Account)
    }
    fn rests_on(&self) -> Vec<Ground> {
        let user = self.user.as_ref();
        let mut grounds = vec![Ground::Unit { name: self.name.clone(), user: self.user.clone() }];
        grounds.extend(user.map(|_| Ground::Accounts));
        grounds.extend(user.filter(|_| self.at_boot.is_some()).cloned().map(Ground::UserManager));
        // Managers tell nobody when a unit file is edited; what was not reloaded, enabled or misspelled is seen in the folders.
        let folders: &[&str] = match user {
            Some(_) => &["~/.config/systemd/user", "~/.config/containers/systemd"],
            None => &["/etc/systemd/system", "/etc/containers/systemd"],
        };
        grounds.extend(folders.iter().map(|folder| Ground::inside(*folder, user)));
        if self.needs_daemon_reload.is_some() {
            let drop_ins = format!("{}/{}.d", folders[0], self.name);
            grounds.push(Ground::inside(drop_ins, user));
        }
        grounds
    }
    fn judge(&self, machine: &dyn Machine, context: &Context) -> Verdict {
        self.look(machine, context).unwrap_or_else(|unknown| unknown)
    }
}

impl Unit {
    fn look(&self, machine: &dyn Machine, context: &Context) -> Result<Verdict, Verdict> {
        let owner = self.user.as_ref().map(|user| account(machine, user)).transpose()?;
        let bus = owner.as_ref().map_or(Bus::System, |owner| Bus::User(owner.uid));
        let asked = self.asked();
        let mut values = machine.unit(&bus, &self.name, &asked).or_else(|why| match why {
            CouldNot::Absent => Ok([("LoadState".to_owned(), Value::Text("not-found".into()))].into()),
            why => Err(could_not(&self.name, &why)),
        })?;
        let load = values.get("LoadState").map(words).unwrap_or_default();
        let mut say = Findings::seen_by(format!(
            "systemctl {}status {}",
            if self.user.is_some() { "--user " } else { "" },
            self.name
        ));
        if load == "not-found" && self.load.as_deref() != Some("not-found") {
            let found = match owner.as_ref().and_then(|owner| self.meant(machine, owner)) {
                Some(near) => format!("no unit {}, but {near}", self.name),
                None => format!("no unit {}", self.name),
            };
            let said = property(&bus, &self.name, "LoadState", "not-found");
            say.add(false, format!("the unit {}", self.name), found, said);
            return Ok(say.verdict());
        }
        let mut text = |key: &str, wish: Option<&str>, phrase: &str| {
            let Some(wanted) = wish else { return Ok(()) };
            let found = match (values.remove(key), key) {
                (Some(value), _) => words(&value),
                (None, "FileState") => "no unit file".to_owned(),
                (None, _) => return Err(not_said(key)),
            };
            say.add(
                found == wanted,
                format!("{phrase} {wanted}"),
                format!("{phrase} {found}"),
                property(&bus, &self.name, key, &found),
            );
            Ok(())
        };
        text("LoadState", self.load.as_deref(), "load state")?;
        text("ActiveState", self.active.as_deref(), "active state")?;
        text("SubState", self.sub.as_deref(), "sub state")?;
        text("FileState", self.file_state.map(FileState::word), "unit-file state")?;
        for (key, wish, phrase) in [
            ("NeedDaemonReload", self.needs_daemon_reload, "needs daemon-reload"),
            ("CanReload", self.can_reload, "can be reloaded"),
        ] {
            let Some(wanted) = wish else { continue };
            let Some(Value::Bool(found)) = values.get(key) else { return Err(not_said(key)) };
            let said = property(&bus, &self.name, key, yes_no(*found));
            say.add(
                *found == wanted,
                format!("{phrase}: {}", yes_no(wanted)),
                format!("{phrase}: {}", yes_no(*found)),
                said,
            );
        }
        if let Some(wanted) = &self.fragment {
            let wanted = at_home(wanted, owner.as_ref());
            let Some(Value::Text(found)) = values.get("FragmentPath") else { return Err(not_said("FragmentPath")) };
            let same = resolved(machine, &wanted) == resolved(machine, Path::new(found));
            let said = property(&bus, &self.name, "FragmentPath", found);
            say.add(same, format!("read from {}", wanted.display()), format!("read from {found}"), said);
        }
        if let Some(wanted) = self.restarted {
            let time = |key: &'static str| match values.get(key) {
                Some(Value::Number(at)) => Ok((key, *at)),
                _ => Err(not_said(key)),
            };
            // When its start began: one that was under way already when the step began is none of the step's.
            let [start, left, back] = TIMES.map(time);
            let (start, left, back) = (start?, left?, back?);
            // `RestartMode=direct` brings it back without its having been inactive.
            let (key, at) = if left.1 > start.1 && back.1 > left.1 { left } else { start };
            let found = at > context.step_began;
            let phrase = |yes: bool| format!("{} since the step began", if yes { "started" } else { "not started" });
            let mut said = property(&bus, &self.name, key, format!("{at} µs since 1970"));
            if let Some(Value::Text(id)) = values.get("InvocationID") {
                said.said.push_str(&format!(", InvocationID {id}"));
            }
            say.add(found == wanted, phrase(wanted), phrase(found), said);
        }
        if let Some(wanted) = self.at_boot {
            let start = values.get(boot::START).ok_or_else(|| not_said(boot::START))?;
            let (is, found, said) = boot::started(machine, &bus, &self.name, start)?;
            let wish = if wanted { "started by the boot" } else { "not started by the boot" };
            say.add(is == wanted, wish, found, said);
        }
        if self == &(Self { name: self.name.clone(), user: self.user.clone(), ..Self::default() }) {
            // A name and nothing else wishes that the manager finds it.
            say.add(
                load == "loaded",
                format!("the unit {} loaded", self.name),
                format!("load state {load}"),
                property(&bus, &self.name, "LoadState", &load),
            );
        }
        Ok(say.verdict())
    }

    /// Only what is needed: NeedDaemonReload alone costs systemd a millisecond.
    fn asked(&self) -> Vec<&'static str> {
        let mut asked = vec!["LoadState"];
        let mut ask = |wished: bool, keys: &[&'static str]| {
            if wished {
                asked.extend(keys)
            }
        };
        ask(self.active.is_some(), &["ActiveState"]);
        ask(self.sub.is_some(), &["SubState"]);
        ask(self.file_state.is_some(), &["FileState"]);
        ask(self.needs_daemon_reload.is_some(), &["NeedDaemonReload"]);
        ask(self.can_reload.is_some(), &["CanReload"]);
        ask(self.fragment.is_some(), &["FragmentPath"]);
        ask(self.restarted.is_some(), &[&TIMES[..], &["InvocationID"]].concat());
        ask(self.at_boot.is_some(), &[boot::START]);
        asked
    }

    /// The unit file of the account that was probably meant.
    fn meant(&self, machine: &dyn Machine, owner: &AccountEntry) -> Option<String> {
        let names = machine.list(&owner.home.join(".config/systemd/user")).ok()?;
        nearest(&self.name, names.iter().filter_map(|name| name.to_str())).map(str::to_owned)
    }
}

fn not_said(property: &str) -> Verdict {
    Verdict::unknown(format!("this manager does not say {property}"))
}

fn at_home(path: &str, owner: Option<&AccountEntry>) -> PathBuf {
    match (path.strip_prefix("~/"), owner) {
        (Some(below), Some(owner)) => owner.home.join(below),
        _ => path.into(),
    }
}

/// The path behind a link, one step: units are linked to their files directly.
fn resolved(machine: &dyn Machine, path: &Path) -> PathBuf {
    match machine.read_link(path) {
        Ok(target) => path.parent().unwrap_or(Path::new("/")).join(target),
        Err(_) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const NAME: &str = "web1.service";

    fn machine(properties: &[(&str, Value)]) -> Recorded {
        let mut all = vec![("LoadState", Value::Text("loaded".into()))];
        all.extend(properties.iter().cloned());
        Recorded::new().account("conuser1", 1001).unit(Bus::User(1001), NAME, &all)
    }
    fn wish() -> Unit {
        Unit { name: NAME.into(), user: Some("conuser1".into()), ..Unit::default() }
    }
    fn judged(machine: &Recorded, wish: &Unit) -> Verdict {
        wish.judge_in_all_ways(machine, &Context { step_began: 100, ..Context::default() })
    }
    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn unit_passes_when_the_states_are_as_systemd_spells_them() {
        let machine = machine(&[("ActiveState", text("active")), ("FileState", text("disabled"))]);
        assert!(judged(&machine, &Unit { active: Some("active".into()), ..wish() }).is_pass());
        let verdict =
            judged(&machine, &Unit { active: Some("active".into()), file_state: Some(FileState::Enabled), ..wish() });
        let Verdict::Fail { wanted, found, evidence, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(
            (wanted.as_str(), found.as_str(), evidence.len()),
            ("unit-file state enabled", "unit-file state disabled", 2)
        );
        assert!(judged(&machine, &wish()).is_pass());
    }
    #[test]
    fn unit_fails_without_a_file_and_says_so() {
        let verdict = judged(&machine(&[]), &Unit { file_state: Some(FileState::Enabled), ..wish() });
        assert!(matches!(verdict, Verdict::Fail { found, .. } if found == "unit-file state no unit file"));
    }
    #[test]
    fn a_name_that_is_not_found_is_answered_with_the_nearest() {
        let machine = Recorded::new()
            .account("conuser1", 1001)
            .file("/home/conuser1/.config/systemd/user/rootless-container.service", "");
        let slip = Unit { name: "root-container.service".into(), active: Some("active".into()), ..wish() };
        let Verdict::Fail { found, .. } = judged(&machine, &slip) else { panic!() };
        assert_eq!(found, "no unit root-container.service, but rootless-container.service");
        let gone = Unit { load: Some("not-found".into()), active: None, ..slip };
        assert!(judged(&machine, &gone).is_pass());
    }
    #[test]
    fn a_fragment_is_compared_behind_its_link() {
        let machine = machine(&[("FragmentPath", text("/home/conuser1/.config/systemd/user/web1.service"))])
            .link("/home/conuser1/.config/systemd/user/web1.service", "/srv/web1.service");
        for path in ["~/.config/systemd/user/web1.service", "/srv/web1.service"] {
            assert!(judged(&machine, &Unit { fragment: Some(path.into()), ..wish() }).is_pass(), "{path}");
        }
        assert!(judged(&machine, &Unit { fragment: Some("/etc/web1.service".into()), ..wish() }).is_fail());
    }
    #[test]
    fn a_restart_is_a_start_after_the_step_began() {
        for (start, active, left, restarted, what) in [
            (101, 102, 0, true, "started"),
            (101, 0, 0, true, "is being started"),
            (101, 102, 100, true, "stopped and started"),
            (101, 102, 103, true, "started and stopped"),
            (50, 102, 101, true, "restarted by RestartMode=direct"),
            (98, 99, 0, false, "started before"),
            (99, 101, 0, false, "its start was under way"),
            (99, 98, 97, false, "it has not come up yet"),
            (90, 91, 101, false, "stopped and not started"),
        ] {
            let [start_at, left_at, active_at] = TIMES;
            let times = [(start_at, start), (left_at, left), (active_at, active)];
            let machine = machine(&times.map(|(key, at)| (key, Value::Number(at))));
            for wanted in [true, false] {
                let verdict = judged(&machine, &Unit { restarted: Some(wanted), ..wish() });
                assert_eq!(
                    (verdict.is_pass(), verdict.is_fail()),
                    (wanted == restarted, wanted != restarted),
                    "{what}"
                );
            }
        }
    }
    #[test]
    fn each_state_is_right_or_wrong_by_itself() {
        let flag = Value::Bool;
        for (key, value, right, wrong) in [
            (
                "SubState",
                text("running"),
                Unit { sub: Some("running".into()), ..wish() },
                Unit { sub: Some("dead".into()), ..wish() },
            ),
            (
                "CanReload",
                flag(true),
                Unit { can_reload: Some(true), ..wish() },
                Unit { can_reload: Some(false), ..wish() },
            ),
            (
                "CanReload",
                flag(false),
                Unit { can_reload: Some(false), ..wish() },
                Unit { can_reload: Some(true), ..wish() },
            ),
            (
                "NeedDaemonReload",
                flag(true),
                Unit { needs_daemon_reload: Some(true), ..wish() },
                Unit { needs_daemon_reload: Some(false), ..wish() },
            ),
        ] {
            let machine = machine(&[(key, value)]);
            assert!(judged(&machine, &right).is_pass(), "{right:?}");
            assert!(judged(&machine, &wrong).is_fail(), "{wrong:?}");
        }
        assert!(judged(&machine(&[]), &Unit { load: Some("loaded".into()), ..wish() }).is_pass());
        assert!(judged(&machine(&[]), &Unit { load: Some("masked".into()), ..wish() }).is_fail());
    }
    #[test]
    fn unit_is_unknown_without_a_bus_or_such_a_property() {
        let reload = Unit { needs_daemon_reload: Some(false), ..wish() };
        assert!(judged(&machine(&[]).without_bus(Bus::User(1001)), &reload).is_unknown());
        assert!(judged(&machine(&[]), &reload).is_unknown());
        assert!(judged(&machine(&[("NeedDaemonReload", Value::Bool(true))]), &reload).is_fail());
    }
}
