//! A systemd timer, as its manager sees it: when it elapses, and what it starts.
//!
#![doc = include_str!("timer.md")]

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not, property, words};
use super::unit::Unit;
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::calendar;
use crate::facts::file_state::FileState;
use crate::ground::Ground;
use crate::machine::{Bus, CouldNot, Eyes, Machine, Value};
use crate::verdict::Verdict;

/// What is wished of a timer. Only what is named is judged; a name and nothing else wishes that it is active.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Timer {
    /// The timer's full name, with `.timer`.
    pub name: String,
    /// The account whose user manager is asked; the system manager when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// It waits for its time, or runs what it starts. `false` wishes that it does neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The unit-file state: `enabled`, `disabled`, `static` …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_state: Option<FileState>,
    /// It elapses at this calendar event (systemd.time(7)), among others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// The unit that it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<String>,
    /// A next time is known at which it elapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<bool>,
}

impl Judge for Timer {
    fn eyes(&self) -> Eyes {
        self.user.clone().map_or(Eyes::Anyone, Eyes::Account)
    }

    fn rests_on(&self) -> Vec<Ground> {
        Unit { name: self.name.clone(), user: self.user.clone(), ..Unit::default() }.rests_on()
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Timer {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let name = self.name.as_str();
        if !name.ends_with(".timer") {
            return Err(Verdict::unknown(format!("`{name}` is no name of a timer: it ends in `.timer`")));
        }
        let owner = self.user.as_ref().map(|user| account(machine, user)).transpose()?;
        let bus = owner.map_or(Bus::System, |owner| Bus::User(owner.uid));
        let scope = if self.user.is_some() { "--user " } else { "" };
        let mut say = Findings::seen_by(format!("systemctl {scope}status {name}"));
        let values = match machine.unit(&bus, name, &self.asked()) {
            Ok(values) => values,
            Err(CouldNot::Absent) => [("LoadState".to_owned(), Value::Text("not-found".into()))].into(),
            Err(why) => return Err(could_not(name, &why)),
        };
        let get =
            |key: &str| values.get(key).ok_or_else(|| Verdict::unknown(format!("this manager does not say {key}")));
        let load = words(get("LoadState")?);
        if load != "loaded" {
            // What is not there is not active either, and that may be the wish.
            let holds = load == "not-found" && *self == Self { active: Some(false), ..self.bare() };
            let found = if load == "not-found" { format!("no timer {name}") } else { format!("load state {load}") };
            say.add(holds, format!("the timer {name}"), found, property(&bus, name, "LoadState", &load));
            return Ok(say.verdict());
        }
        let wanted = if *self == self.bare() { Some(true) } else { self.active };
        if let Some(wanted) = wanted {
            let found = words(get("ActiveState")?);
            let is = found == "active";
            let wish = if wanted { "active state active".to_owned() } else { "not active".to_owned() };
            say.add(is == wanted, wish, format!("active state {found}"), property(&bus, name, "ActiveState", &found));
        }
        if let Some(wanted) = self.file_state.map(FileState::word) {
            let found = values.get("FileState").map_or_else(|| "no unit file".to_owned(), words);
            let [wish, said] = [wanted, &found].map(|state| format!("unit-file state {state}"));
            say.add(found == wanted, wish, said, property(&bus, name, "FileState", &found));
        }
        if let Some(wanted) = &self.calendar {
            self.judge_calendar(wanted, get("TimersCalendar")?, &bus, &mut say);
        }
        if let Some(wanted) = &self.starts {
            let found = words(get("Unit")?);
            let [wish, said] = [wanted, &found].map(|unit| format!("starts {unit}"));
            say.add(found == *wanted, wish, said, property(&bus, name, "Unit", &found));
        }
        if let Some(wanted) = self.next {
            let mut is = false;
            for key in ["NextElapseUSecRealtime", "NextElapseUSecMonotonic"] {
                let Value::Number(at) = get(key)? else { return Err(Verdict::unknown(format!("{key} is no number"))) };
                is |= *at != 0 && *at != u64::MAX;
                say.saw(property(&bus, name, key, at.to_string()));
            }
            let phrase = |yes| if yes { "a next time known" } else { "no next time known" };
            say.wish(is == wanted, phrase(wanted), phrase(is));
        }
        Ok(say.verdict())
    }

    fn judge_calendar(&self, wanted: &str, found: &Value, bus: &Bus, say: &mut Findings) {
        let Value::Texts(found) = found else {
            return say.unknown(Verdict::unknown("this manager does not say TimersCalendar as a list"));
        };
        // Each is the word that set it, the event, and when it elapses next.
        let events: Vec<&str> = found.iter().filter_map(|one| one.split('\t').nth(1)).collect();
        let said = if events.is_empty() { "no calendar event".to_owned() } else { events.join(" and ") };
        say.saw(property(bus, &self.name, "TimersCalendar", &said));
        let Some(event) = calendar::read(wanted) else {
            if !events.contains(&wanted) {
                let why = format!("`{wanted}` is not compared here: write it as `systemd-analyze calendar` does");
                say.unknown(Verdict::unknown(why));
            }
            return;
        };
        let holds = events.iter().any(|found| calendar::read(found).as_ref() == Some(&event));
        say.wish(holds, format!("elapses {wanted}"), format!("elapses {said}"));
    }

    fn bare(&self) -> Self {
        Self { name: self.name.clone(), user: self.user.clone(), ..Self::default() }
    }

    /// Only what is needed.
    fn asked(&self) -> Vec<&'static str> {
        let mut asked = vec!["LoadState"];
        let mut ask = |wished: bool, keys: &[&'static str]| {
            if wished {
                asked.extend(keys)
            }
        };
        ask(self.active.is_some() || *self == self.bare(), &["ActiveState"]);
        ask(self.file_state.is_some(), &["FileState"]);
        ask(self.calendar.is_some(), &["TimersCalendar"]);
        ask(self.starts.is_some(), &["Unit"]);
        ask(self.next.is_some(), &["NextElapseUSecRealtime", "NextElapseUSecMonotonic"]);
        asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const NAME: &str = "backup.timer";

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }
    fn machine(active: &str) -> Recorded {
        let next = if active == "active" { 1_767_315_600_000_000 } else { 0 };
        let properties = [
            ("LoadState", text("loaded")),
            ("ActiveState", text(active)),
            ("FileState", text("enabled")),
            ("TimersCalendar", Value::Texts(vec![format!("OnCalendar\tMon *-*-* 02:00:00\t{next}")])),
            ("Unit", text("backup.service")),
            ("NextElapseUSecRealtime", Value::Number(next)),
            ("NextElapseUSecMonotonic", Value::Number(u64::MAX)),
        ];
        Recorded::new().account("ada", 1001).unit(Bus::User(1001), NAME, &properties)
    }
    fn judged(machine: &Recorded, change: impl FnOnce(&mut Timer)) -> Verdict {
        let mut check = Timer { name: NAME.into(), user: Some("ada".into()), ..Timer::default() };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn timer_passes_however_its_calendar_is_written() {
        let verdict = judged(&machine("active"), |t| {
            t.active = Some(true);
            t.file_state = Some(FileState::Enabled);
            t.calendar = Some("monday 2:00".into());
            t.starts = Some("backup.service".into());
            t.next = Some(true);
        });
        assert!(verdict.is_pass(), "{verdict:?}");
        assert_eq!(verdict.evidence().len(), 6);
        assert!(judged(&machine("active"), |_| ()).is_pass());
        assert!(judged(&machine("inactive"), |t| (t.active, t.next) = (Some(false), Some(false))).is_pass());
        assert!(judged(&Recorded::new().account("ada", 1001), |t| t.active = Some(false)).is_pass());
    }

    #[test]
    fn timer_fails_in_the_words_of_systemd() {
        let verdict = judged(&machine("inactive"), |t| {
            t.active = Some(true);
            t.calendar = Some("daily".into());
            t.starts = Some("sync.service".into());
            t.next = Some(true);
        });
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "active state active, elapses daily, starts sync.service, a next time known");
        assert_eq!(
            found,
            "active state inactive, elapses Mon *-*-* 02:00:00, starts backup.service, no next time known"
        );
        assert_eq!(see.as_deref(), Some("systemctl --user status backup.timer  # as ada"));
        assert!(judged(&Recorded::new().account("ada", 1001), |_| ()).is_fail());
        assert!(judged(&machine("inactive"), |_| ()).is_fail());
    }

    #[test]
    fn timer_is_unknown_without_a_manager_or_for_an_event_that_is_not_understood() {
        assert!(judged(&machine("active").without_bus(Bus::User(1001)), |_| ()).is_unknown());
        assert!(judged(&machine("active"), |t| t.calendar = Some("every Monday".into())).is_unknown());
        assert!(judged(&machine("active"), |t| t.name = "backup.service".into()).is_unknown());
        assert!(judged(&Recorded::new(), |_| ()).is_unknown(), "no such account");
    }
}
