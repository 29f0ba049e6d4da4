//! The real login sessions of an account, as logind knows them. Sessions of the class `manager` do not count.
//!
#![doc = include_str!("session.md")]

use serde::{Deserialize, Serialize};

use super::findings::{account, could_not, property};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{Bus, Eyes, LoginSession, Machine};
use crate::verdict::Verdict;

/// What is wished of an account's login sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Session {
    /// The account's name.
    pub account: String,
    /// True: at least one real login session is open. False: none. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub open: bool,
    /// The PAM service that opened it: `sshd`, `login`. Any unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

impl Judge for Session {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }
    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Logins, Ground::Accounts]
    }
    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Session {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let entry = account(machine, &self.account)?;
        let all = machine.sessions(entry.uid).map_err(|why| could_not("logind", &why))?;
        let object = format!("user {}", self.account);
        let said = all.iter().map(told).collect::<Vec<_>>();
        let said = if said.is_empty() { "no sessions".to_owned() } else { said.join("; ") };
        let evidence = vec![property(&Bus::System, &object, "Sessions", said)];
        let fits =
            |one: &&LoginSession| is_real(one) && self.service.as_ref().is_none_or(|service| *service == one.service);
        let open = all.iter().find(fits);
        if open.is_some() == self.open {
            return Ok(Verdict::Pass { evidence, remember: Default::default() });
        }
        let by = self.service.as_ref().map_or_else(String::new, |service| format!(" by {service}"));
        let wanted = format!("{} login session of {}{by}", if self.open { "an open" } else { "no" }, self.account);
        let found = match (open, all.iter().find(|one| is_real(one))) {
            (Some(one), _) | (None, Some(one)) => format!("session {} by {}", one.id, one.service),
            (None, None) => format!("no login session of {}", self.account),
        };
        Ok(Verdict::Fail { wanted, found, evidence, see: Some("loginctl list-sessions".into()) })
    }
}

/// A login of a person, that is not on its way out. From systemd 254 on there is `user-early` beside `user`, from 258 on `user-light`.
fn is_real(session: &LoginSession) -> bool {
    session.class.starts_with("user") && session.state != "closing"
}

fn told(session: &LoginSession) -> String {
    let LoginSession { id, class, service, state, .. } = session;
    format!("session {id}: class {class}, service {service}, state {state}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn with(class: &str, state: &str) -> Recorded {
        let session = LoginSession { id: "4".into(), class: class.into(), service: "sshd".into(), state: state.into() };
        Recorded::new().account("conuser1", 1001).session(1001, session)
    }
    fn judged(machine: &Recorded, open: bool, service: Option<&str>) -> Verdict {
        let wish = Session { account: "conuser1".into(), open, service: service.map(str::to_owned) };
        wish.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn session_passes_for_a_login_by_the_wished_service() {
        let machine = with("user", "active");
        assert!(judged(&machine, true, None).is_pass());
        assert!(judged(&machine, true, Some("sshd")).is_pass());
        assert!(judged(&machine, true, Some("login")).is_fail());
        assert!(judged(&machine, false, None).is_fail());
    }
    #[test]
    fn session_fails_where_only_managers_and_closing_ones_are() {
        for machine in [with("manager", "active"), with("background", "active"), with("user", "closing")] {
            assert!(judged(&machine, false, None).is_pass());
            assert!(judged(&machine, true, None).is_fail());
        }
    }
    #[test]
    fn session_is_unknown_without_logind() {
        assert!(judged(&with("user", "active").without_bus(Bus::System), false, None).is_unknown());
    }
}
