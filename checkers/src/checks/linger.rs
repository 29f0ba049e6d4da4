//! Whether logind keeps an account's user manager from boot on and past logout.
//!
#![doc = include_str!("linger.md")]

use serde::{Deserialize, Serialize};

use super::findings::{account, could_not, property, yes_no};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{Bus, CouldNot, Eyes, Machine, Value};
use crate::verdict::{Evidence, Verdict};

/// What is wished of an account's lingering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Linger {
    /// The account's name.
    pub account: String,
    /// Lingering is on. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub enabled: bool,
}

impl Judge for Linger {
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

impl Linger {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let entry = account(machine, &self.account)?;
        let path = std::path::Path::new("/var/lib/systemd/linger").join(escaped(&self.account));
        let on_disk = match machine.stat(&path, false) {
            Ok(_) => true,
            Err(CouldNot::Absent) => false,
            Err(why) => return Err(could_not(path.display(), &why)),
        };
        let file = Evidence::file(&path, if on_disk { "is there" } else { "is not there" });
        // logind forgets an account that neither is logged in nor lingers: that is a no.
        let in_logind = match machine.login(entry.uid, "Linger") {
            Ok(Value::Bool(yes)) => yes,
            Err(CouldNot::Absent) => false,
            Ok(_) => return Err(Verdict::unknown("logind's Linger is neither yes nor no")),
            Err(why) => return Err(could_not("logind", &why)),
        };
        if on_disk != in_logind {
            return Err(Verdict::unknown(format!(
                "logind says Linger={}, but {} {}",
                yes_no(in_logind),
                path.display(),
                file.said
            )));
        }
        let object = format!("user {}", self.account);
        let evidence = vec![property(&Bus::System, &object, "Linger", yes_no(in_logind)), file];
        if in_logind == self.enabled {
            return Ok(Verdict::Pass { evidence, remember: Default::default() });
        }
        let phrase = |on: bool| format!("lingering {} for {}", if on { "on" } else { "off" }, self.account);
        let see = Some(format!("loginctl show-user {} -p Linger", self.account));
        Ok(Verdict::Fail { wanted: phrase(self.enabled), found: phrase(in_logind), evidence, see })
    }
}

/// The file's name as systemd writes it: what is no plain character becomes `\\xNN`.
fn escaped(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\' | b'"' | b'\'');
    let dot = name.starts_with('.');
    let write = |(at, byte): (usize, u8)| {
        if plain(byte) && !(dot && at == 0) { char::from(byte).to_string() } else { format!("\\x{byte:02x}") }
    };
    name.bytes().enumerate().map(write).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn judged(machine: Recorded, enabled: bool) -> Verdict {
        let wish = Linger { account: "conuser1".into(), enabled };
        wish.judge_in_all_ways(&machine.account("conuser1", 1001), &Context::default())
    }
    fn lingering() -> Recorded {
        Recorded::new().file("/var/lib/systemd/linger/conuser1", "").login(1001, "Linger", Value::Bool(true))
    }

    #[test]
    fn linger_passes_when_both_sources_say_so() {
        assert!(judged(lingering(), true).is_pass());
        assert!(judged(lingering(), false).is_fail());
    }
    #[test]
    fn linger_fails_for_an_account_that_logind_does_not_know() {
        assert!(judged(Recorded::new(), false).is_pass());
        assert!(judged(Recorded::new(), true).is_fail());
    }
    #[test]
    fn linger_is_unknown_when_sources_disagree_or_the_bus_is_away() {
        assert!(judged(lingering().login(1001, "Linger", Value::Bool(false)), true).is_unknown());
        assert!(judged(lingering().without_bus(Bus::System), true).is_unknown());
    }
    #[test]
    fn an_odd_name_is_escaped_as_systemd_does() {
        assert_eq!(escaped("a/b c"), "a\\x2fb\\x20c");
        assert_eq!(escaped(".x"), "\\x2ex");
    }
}
