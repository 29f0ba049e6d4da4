//! Podman's networks as its two network programs write them down: netavark's JSON, and the lists of CNI that podman 3 uses. Never podman.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{settings, storage};
use crate::machine::{AccountEntry, CouldNot, Machine};

/// A network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// `bridge`, `macvlan` …
    pub driver: String,
    /// `10.89.0.0/24`, one or more.
    pub subnets: Vec<String>,
    /// No way out.
    pub internal: bool,
    /// Its containers find each other by name.
    pub names: bool,
}

/// The networks of an account, each with its file, and the folders that were looked into.
#[derive(Debug, Default)]
pub struct Networks {
    /// In the order of their files' names.
    pub found: Vec<(Network, PathBuf)>,
    /// Where was looked.
    pub looked: Vec<PathBuf>,
}

const MOST: u64 = 1 << 20;

/// Every network that has a file. The default one, `podman`, need not have any.
pub fn networks(machine: &dyn Machine, account: &AccountEntry) -> Result<Networks, CouldNot> {
    let root = storage::root(machine, account)?;
    // podman 4 notes in its storage which of the two it took.
    let backend = match machine.read(&root.join("defaultNetworkBackend"), 64) {
        Ok(text) => String::from_utf8_lossy(&text).trim().to_owned(),
        Err(CouldNot::Absent) => String::new(),
        Err(why) => return Err(why),
    };
    let set = settings::path(machine, account, "network", "network_config_dir")?;
    let (netavark, cni) = if account.uid == 0 {
        (PathBuf::from("/etc/containers/networks"), PathBuf::from("/etc/cni/net.d"))
    } else {
        (root.join("networks"), account.home.join(".config/cni/net.d"))
    };
    let mut networks = Networks::default();
    for (kind, usual, read) in
        [("netavark", netavark, of_netavark as fn(&[u8]) -> Result<Network, String>), ("cni", cni, of_cni)]
    {
        if !backend.is_empty() && backend != kind {
            continue;
        }
        let folder = set.clone().unwrap_or(usual);
        networks.add(machine, &folder, if kind == "cni" { "conflist" } else { "json" }, read)?;
        networks.looked.push(folder);
    }
    Ok(networks)
}

impl Networks {
    fn add(
        &mut self,
        machine: &dyn Machine,
        folder: &Path,
        ending: &str,
        read: fn(&[u8]) -> Result<Network, String>,
    ) -> Result<(), CouldNot> {
        let names = match machine.list(folder) {
            Err(CouldNot::Absent) => return Ok(()),
            names => names?,
        };
        for path in
            names.iter().map(|name| folder.join(name)).filter(|path| path.extension().is_some_and(|e| e == ending))
        {
            let bytes = machine.read(&path, MOST)?;
            let network = read(&bytes)
                .map_err(|why| CouldNot::Failed(format!("{} cannot be understood: {why}", path.display())))?;
            self.found.push((network, path));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Netavark {
    name: String,
    driver: String,
    #[serde(default)]
    subnets: Option<Vec<Subnet>>,
    #[serde(default)]
    internal: bool,
    #[serde(default)]
    dns_enabled: bool,
}

#[derive(Deserialize)]
struct Subnet {
    subnet: String,
}

fn of_netavark(bytes: &[u8]) -> Result<Network, String> {
    let read: Netavark = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Ok(Network {
        name: read.name,
        driver: read.driver,
        subnets: read.subnets.into_iter().flatten().map(|one| one.subnet).collect(),
        internal: read.internal,
        names: read.dns_enabled,
    })
}

#[derive(Deserialize)]
struct Cni {
    name: String,
    plugins: Vec<Plugin>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plugin {
    r#type: String,
    #[serde(default)]
    ipam: Option<Ipam>,
    #[serde(default)]
    is_gateway: Option<bool>,
}

#[derive(Deserialize)]
struct Ipam {
    #[serde(default)]
    ranges: Vec<Vec<Subnet>>,
}

fn of_cni(bytes: &[u8]) -> Result<Network, String> {
    let read: Cni = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let first = read.plugins.first().ok_or("no plugin")?;
    let ranges = first.ipam.iter().flat_map(|ipam| ipam.ranges.iter().flatten());
    Ok(Network {
        driver: first.r#type.clone(),
        subnets: ranges.map(|one| one.subnet.clone()).collect(),
        internal: first.r#type == "bridge" && first.is_gateway == Some(false),
        names: read.plugins.iter().any(|plugin| plugin.r#type == "dnsname"),
        name: read.name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_network_down_are_read() {
        // As podman 5.4 and podman 3.0 write them.
        let new = of_netavark(include_bytes!("../../recorded/network-netavark.json")).unwrap();
        let old = of_cni(include_bytes!("../../recorded/network-cni.conflist")).unwrap();
        assert_eq!((new.name.as_str(), new.driver.as_str(), new.names), ("mynet", "bridge", true));
        assert_eq!(new.subnets, ["10.89.0.0/24"]);
        assert_eq!((old.name.as_str(), old.driver.as_str(), old.names), ("mynet", "bridge", true));
        assert_eq!(old.subnets, ["10.88.2.0/24"]);
        assert!(!new.internal && !old.internal);
        assert!(of_netavark(b"{}").is_err() && of_cni(br#"{"name":"x","plugins":[]}"#).is_err());
    }
}
