//! A network of podman's, of an account or of the system. Podman is never started.
//!
#![doc = include_str!("network.md")]

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not, yes_no};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::nearest::nearest;
use crate::facts::network;
use crate::ground::Ground;
use crate::machine::{Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

/// What is wished of a network. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Network {
    /// The account whose network it is.
    pub account: String,
    /// The network's name.
    pub name: String,
    /// False wishes that there is no such network. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// `bridge`, `macvlan` and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
    /// One of its subnets: `10.89.0.0/24`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<String>,
    /// It has no way out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal: Option<bool>,
    /// Its containers find each other by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<bool>,
}

impl Judge for Network {
    fn eyes(&self) -> Eyes {
        if self.account == "root" { Eyes::Root } else { Eyes::Account(self.account.clone()) }
    }
    fn rests_on(&self) -> Vec<Ground> {
        let account = Some(&self.account);
        let folders = if self.account == "root" {
            ["/etc/containers/networks", "/etc/cni/net.d"]
        } else {
            ["~/.local/share/containers/storage/networks", "~/.config/cni/net.d"]
        };
        let mut grounds: Vec<Ground> = folders.into_iter().map(|folder| Ground::inside(folder, account)).collect();
        // Where the storage lies elsewhere, podman's database of states tells that something happened.
        grounds.extend([Ground::Containers(self.account.clone()), Ground::Accounts]);
        grounds
    }
    fn is_about_text(&self, path: &std::path::Path) -> bool {
        path.extension().is_some_and(|end| end == "json" || end == "conflist")
    }
    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Network {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let owner = account(machine, &self.account)?;
        let what = format!("the networks of {}", self.account);
        let networks = network::networks(machine, &owner).map_err(|why| could_not(&what, &why))?;
        let mut say = Findings::seen_by(format!("podman network inspect {}", self.name));
        let names: Vec<&str> = networks.found.iter().map(|(one, _)| one.name.as_str()).collect();
        let Some((found, path)) = networks.found.iter().find(|(one, _)| one.name == self.name) else {
            if self.name == "podman" {
                return Err(Verdict::unknown("the default network is there without being written down"));
            }
            let said = if names.is_empty() { "no networks".to_owned() } else { names.join(", ") };
            networks.looked.iter().for_each(|folder| say.saw(Evidence::file(folder, &said)));
            let found = match nearest(&self.name, names.iter().copied()) {
                Some(near) => format!("no network {}, but {near}", self.name),
                None => format!("no network {}", self.name),
            };
            say.wish(!self.exists, format!("the network {}", self.name), found);
            return Ok(say.see("podman network ls").verdict());
        };
        let seen = format!("{}, {}", found.driver, found.subnets.join(" "));
        let (wanted, there) = (format!("no network {}", self.name), format!("the network {}", self.name));
        say.add(self.exists, wanted, there, Evidence::file(path, seen));
        if !self.exists {
            return Ok(say.verdict());
        }
        if let Some(driver) = &self.driver {
            say.wish(found.driver == *driver, format!("driver {driver}"), format!("driver {}", found.driver));
        }
        if let Some(subnet) = &self.subnet {
            let has = if found.subnets.is_empty() { "none".to_owned() } else { found.subnets.join(" ") };
            say.wish(found.subnets.contains(subnet), format!("subnet {subnet}"), format!("subnet {has}"));
        }
        for (wish, is, phrase) in
            [(self.internal, found.internal, "internal"), (self.names, found.names, "containers found by name")]
        {
            let Some(wanted) = wish else { continue };
            say.wish(is == wanted, format!("{phrase}: {}", yes_no(wanted)), format!("{phrase}: {}", yes_no(is)));
        }
        Ok(say.verdict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::{CouldNot, Recorded};

    const STORAGE: &str = "/home/conuser1/.local/share/containers/storage";
    const CNI: &str = "/home/conuser1/.config/cni/net.d/mynet.conflist";

    fn bare() -> Recorded {
        Recorded::new().account("conuser1", 1001)
    }
    fn new() -> Recorded {
        bare()
            .file(format!("{STORAGE}/defaultNetworkBackend"), "netavark")
            .file(format!("{STORAGE}/networks/mynet.json"), include_str!("../../recorded/network-netavark.json"))
            .file(format!("{STORAGE}/networks/netavark.lock"), "")
    }
    fn old() -> Recorded {
        bare().file(CNI, include_str!("../../recorded/network-cni.conflist"))
    }
    fn wish() -> Network {
        Network { account: "conuser1".into(), name: "mynet".into(), exists: true, ..Network::default() }
    }
    fn judged(machine: &Recorded, wish: &Network) -> Verdict {
        wish.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn network_passes_when_either_program_wrote_it_down() {
        for (machine, subnet) in [(new(), "10.89.0.0/24"), (old(), "10.88.2.0/24")] {
            let all = Network {
                driver: Some("bridge".into()),
                subnet: Some(subnet.into()),
                internal: Some(false),
                names: Some(true),
                ..wish()
            };
            assert!(judged(&machine, &all).is_pass());
            for other in [
                Network { driver: Some("macvlan".into()), ..all.clone() },
                Network { subnet: Some("10.0.0.0/8".into()), ..all.clone() },
                Network { internal: Some(true), ..all.clone() },
                Network { names: Some(false), ..all.clone() },
                Network { exists: false, ..all },
            ] {
                assert!(judged(&machine, &other).is_fail(), "{other:?}");
            }
        }
    }
    #[test]
    fn network_fails_when_only_the_other_program_s_list_has_it() {
        let left = old().file(format!("{STORAGE}/defaultNetworkBackend"), "netavark");
        assert!(judged(&left, &wish()).is_fail());
        assert!(judged(&bare(), &wish()).is_fail());
        assert!(judged(&bare(), &Network { exists: false, ..wish() }).is_pass());
        let verdict = judged(&new(), &Network { name: "myned".into(), ..wish() });
        assert!(matches!(verdict, Verdict::Fail { found, .. } if found == "no network myned, but mynet"));
    }
    #[test]
    fn network_is_unknown_in_closed_or_odd_storage_and_for_the_default_one() {
        let gone = Network { exists: false, ..wish() };
        assert!(judged(&bare().closed("/home/conuser1", CouldNot::Denied), &gone).is_unknown());
        assert!(judged(&bare().file(CNI, "{"), &gone).is_unknown());
        assert!(judged(&new(), &Network { name: "podman".into(), ..wish() }).is_unknown());
        assert!(judged(&Recorded::new(), &gone).is_unknown());
    }
}
