//! A secret of podman's: that it is there, never what it keeps. Podman is never started.
//!
#![doc = include_str!("secret.md")]

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::nearest::nearest;
use crate::facts::{secret, storage};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

/// What is wished of a secret. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Secret {
    /// The account whose secret it is.
    pub account: String,
    /// The secret's name.
    pub name: String,
    /// False wishes that there is no such secret. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// Where podman keeps it: `file`, `pass`, `shell`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}

impl Judge for Secret {
    fn eyes(&self) -> Eyes {
        if self.account == "root" { Eyes::Root } else { Eyes::Account(self.account.clone()) }
    }
    fn rests_on(&self) -> Vec<Ground> {
        let root =
            if self.account == "root" { "/var/lib/containers/storage" } else { "~/.local/share/containers/storage" };
        vec![Ground::inside(format!("{root}/secrets"), Some(&self.account)), Ground::Accounts]
    }
    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Secret {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let owner = account(machine, &self.account)?;
        let what = format!("the list of secrets of {}", self.account);
        let root = storage::root(machine, &owner).map_err(|why| could_not(&what, &why))?;
        let path = root.join("secrets/secrets.json");
        let secrets = match machine.read(&path, 4 << 20) {
            Ok(json) => secret::read(&json).map_err(|why| could_not(path.display(), &CouldNot::Failed(why)))?,
            Err(CouldNot::Absent) => Vec::new(),
            Err(why) => return Err(could_not(&what, &why)),
        };
        let mut say = Findings::seen_by("podman secret ls");
        let there = secrets.iter().find(|one| one.name == self.name);
        let names: Vec<&str> = secrets.iter().map(|one| one.name.as_str()).collect();
        let found = match (there, nearest(&self.name, names.iter().copied())) {
            (Some(_), _) => format!("the secret {}", self.name),
            (None, Some(near)) => format!("no secret {}, but {near}", self.name),
            (None, None) => format!("no secret {}", self.name),
        };
        let wanted = format!("{} secret {}", if self.exists { "the" } else { "no" }, self.name);
        let said = if names.is_empty() { "no secrets".to_owned() } else { names.join(", ") };
        say.add(there.is_some() == self.exists, wanted, found, Evidence::file(&path, said));
        if let (Some(one), Some(driver), true) = (there, &self.driver, self.exists) {
            say.wish(one.driver == *driver, format!("driver {driver}"), format!("driver {}", one.driver));
        }
        Ok(say.verdict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const LIST: &str = "/home/conuser1/.local/share/containers/storage/secrets/secrets.json";

    fn bare() -> Recorded {
        Recorded::new().account("conuser1", 1001)
    }
    fn machine() -> Recorded {
        bare().file(LIST, r#"{"secrets":{"fe49":{"name":"token","id":"fe49","driver":"file"}}}"#)
    }
    fn wish() -> Secret {
        Secret { account: "conuser1".into(), name: "token".into(), exists: true, driver: None }
    }
    fn judged(machine: &Recorded, wish: &Secret) -> Verdict {
        wish.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn secret_passes_when_the_list_has_it() {
        assert!(judged(&machine(), &wish()).is_pass());
        assert!(judged(&machine(), &Secret { driver: Some("file".into()), ..wish() }).is_pass());
        assert!(judged(&bare(), &Secret { exists: false, ..wish() }).is_pass());
    }
    #[test]
    fn secret_fails_when_it_is_missing_kept_elsewhere_or_there_against_the_wish() {
        assert!(judged(&bare(), &wish()).is_fail());
        assert!(judged(&machine(), &Secret { driver: Some("pass".into()), ..wish() }).is_fail());
        assert!(judged(&machine(), &Secret { exists: false, ..wish() }).is_fail());
        let verdict = judged(&machine(), &Secret { name: "tokem".into(), ..wish() });
        assert!(matches!(verdict, Verdict::Fail { found, .. } if found == "no secret tokem, but token"));
    }
    #[test]
    fn secret_is_unknown_where_the_list_is_closed_or_broken() {
        let gone = Secret { exists: false, ..wish() };
        assert!(judged(&bare().closed("/home/conuser1", CouldNot::Denied), &gone).is_unknown());
        assert!(judged(&bare().file(LIST, "{"), &gone).is_unknown());
        assert!(judged(&Recorded::new(), &gone).is_unknown());
    }
    #[test]
    fn nothing_of_what_a_secret_keeps_is_looked_at() {
        let folder = "/home/conuser1/.local/share/containers/storage/secrets/filedriver";
        assert!(judged(&machine().closed(folder, CouldNot::Denied), &wish()).is_pass());
    }
}
