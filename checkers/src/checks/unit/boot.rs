//! Whether a unit was started by the boot itself. A manager says when it had come up (`FinishTimestampMonotonic`): all that it was to start
//! by itself was under way by then, an account's manager that lingers among it. What was started later, a login or a hand has started.

use super::not_said;
use crate::checks::findings::{could_not, property};
use crate::machine::{Bus, Machine, Value};
use crate::verdict::{Evidence, Verdict};

/// The property of a unit that says when its start began, in microseconds since the kernel's.
pub(super) const START: &str = "InactiveExitTimestampMonotonic";
const FINISH: &str = "FinishTimestampMonotonic";

/// Whether the boot started it, in words, and where that is seen. `start` is its [`START`].
pub(super) fn started(
    machine: &dyn Machine,
    bus: &Bus,
    name: &str,
    start: &Value,
) -> Result<(bool, &'static str, Evidence), Verdict> {
    let at = moment(start, START)?;
    let said = property(bus, name, START, words(at));
    if at == 0 {
        return Ok((false, "not started since the boot", said));
    }
    if is_later(machine, bus, at)? {
        return Ok((false, "started after the boot, not by it", said));
    }
    if let Bus::User(uid) = bus {
        let manager = format!("user@{uid}.service");
        let values = machine.unit(&Bus::System, &manager, &[START]).map_err(|why| could_not(&manager, &why))?;
        let up = moment(values.get(START).ok_or_else(|| not_said(START))?, START)?;
        if is_later(machine, &Bus::System, up)? {
            let said = property(&Bus::System, &manager, START, words(up));
            return Ok((false, "started with its account's manager, which came after the boot", said));
        }
    }
    Ok((true, "started by the boot", said))
}

/// Whether that moment lies behind the coming up of this manager; while it comes up, nothing does.
fn is_later(machine: &dyn Machine, bus: &Bus, at: u64) -> Result<bool, Verdict> {
    let finish = machine.manager(bus, FINISH).map_err(|why| could_not(bus, &why))?;
    let finish = moment(&finish, FINISH)?;
    Ok(finish != 0 && at > finish)
}

fn moment(value: &Value, key: &str) -> Result<u64, Verdict> {
    match value {
        Value::Number(at) => Ok(*at),
        _ => Err(not_said(key)),
    }
}

fn words(at: u64) -> String {
    format!("{at} µs since the kernel started")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::checks::unit::Unit;
    use crate::context::Context;
    use crate::machine::Recorded;

    /// A machine that came up at 100, its account's manager begun at `manager` and up 20 later, a service begun at `start`.
    fn machine(manager: u64, start: u64) -> Recorded {
        let number = |at| (START, Value::Number(at));
        let loaded = ("LoadState", Value::Text("loaded".into()));
        Recorded::new()
            .account("conuser1", 1001)
            .manager(Bus::System, FINISH, Value::Number(100))
            .manager(Bus::User(1001), FINISH, Value::Number(manager + 20))
            .unit(Bus::System, "user@1001.service", &[loaded.clone(), number(manager)])
            .unit(Bus::User(1001), "web.service", &[loaded.clone(), number(start)])
            .unit(Bus::System, "web.service", &[loaded, number(start)])
    }
    fn judged(machine: &Recorded, user: bool, wanted: bool) -> Verdict {
        let user = user.then(|| "conuser1".to_owned());
        let wish = Unit { name: "web.service".into(), user, at_boot: Some(wanted), ..Unit::default() };
        wish.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn what_an_accounts_manager_starts_while_it_and_the_machine_come_up_the_boot_has_started() {
        for (manager, start, is, what) in [
            (80, 90, "started by the boot", "a lingering account's"),
            (80, 110, "started after the boot, not by it", "by hand, after its manager had come up"),
            (500, 510, "started with its account's manager, which came after the boot", "with a login"),
            (80, 0, "not started since the boot", "never"),
        ] {
            let machine = machine(manager, start);
            let by_boot = is == "started by the boot";
            assert!(judged(&machine, true, by_boot).is_pass(), "{what}");
            let Verdict::Fail { found, .. } = judged(&machine, true, !by_boot) else { panic!("{what}") };
            assert_eq!(found, is, "{what}");
        }
    }
    #[test]
    fn a_service_of_the_machine_is_asked_of_the_machines_manager_alone() {
        assert!(judged(&machine(500, 90), false, true).is_pass());
        assert!(judged(&machine(80, 101), false, true).is_fail());
    }
    #[test]
    fn what_a_manager_starts_while_it_still_comes_up_is_the_boots() {
        let booting = Recorded::new().manager(Bus::System, FINISH, Value::Number(0)).unit(
            Bus::System,
            "web.service",
            &[(START, Value::Number(5000))],
        );
        assert!(judged(&booting, false, true).is_pass());
    }
    #[test]
    fn a_manager_that_does_not_say_when_it_had_come_up_leaves_it_open() {
        let silent = Recorded::new().unit(Bus::System, "web.service", &[(START, Value::Number(90))]);
        assert!(judged(&silent, false, true).is_unknown());
    }
}
