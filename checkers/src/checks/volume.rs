//! A volume of podman's: whether it is there, what lies in it, which container has it mounted. Podman is never started.
//!
#![doc = include_str!("volume.md")]

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not, quoted};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::nearest::nearest;
use crate::facts::{container, settings, storage};
use crate::ground::Ground;
use crate::machine::{AccountEntry, CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

/// What is wished of a volume. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Volume {
    /// The account whose volume it is.
    pub account: String,
    /// The volume's name.
    pub name: String,
    /// False wishes that there is no such volume. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// A file or directory in it, by its path there: `index.html`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
    /// A container that has it mounted, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// Where that container has it: `/pages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl Judge for Volume {
    fn eyes(&self) -> Eyes {
        if self.account == "root" { Eyes::Root } else { Eyes::Account(self.account.clone()) }
    }
    fn rests_on(&self) -> Vec<Ground> {
        let root =
            if self.account == "root" { "/var/lib/containers/storage" } else { "~/.local/share/containers/storage" };
        let account = Some(&self.account);
        let mut grounds = vec![Ground::inside(format!("{root}/volumes"), account)];
        if let Some(held) = &self.holds {
            grounds.push(Ground::path(format!("{root}/volumes/{}/_data/{held}", self.name), account));
        }
        grounds.extend([Ground::Containers(self.account.clone()), Ground::Accounts]);
        grounds
    }
    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Volume {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        if self.name.is_empty() || self.name.contains('/') || self.name.starts_with('.') {
            return Err(Verdict::unknown(format!("`{}` is not a volume's name", self.name)));
        }
        if self.at.is_some() && self.container.is_none() {
            return Err(Verdict::unknown("`at` says where a container has the volume, and no container is named"));
        }
        let owner = account(machine, &self.account)?;
        let what = format!("the volumes of {}", self.account);
        let root = storage::root(machine, &owner).map_err(|why| could_not(&what, &why))?;
        let set = settings::path(machine, &owner, "engine", "volume_path").map_err(|why| could_not(&what, &why))?;
        let folder = set.unwrap_or_else(|| root.join("volumes"));
        let names = match machine.list(&folder) {
            Err(CouldNot::Absent) => Vec::new(),
            names => names.map_err(|why| could_not(&what, &why))?,
        };
        let names: Vec<&str> = names.iter().filter_map(|name| name.to_str()).collect();
        let there = names.contains(&self.name.as_str());
        let found = match (there, nearest(&self.name, names.iter().copied())) {
            (true, _) => format!("the volume {}", self.name),
            (false, Some(near)) => format!("no volume {}, but {near}", self.name),
            (false, None) => format!("no volume {}", self.name),
        };
        let mut say = Findings::seen_by("podman volume ls");
        let wanted = format!("{} volume {}", if self.exists { "the" } else { "no" }, self.name);
        let said = if names.is_empty() { "no volumes".to_owned() } else { names.join(", ") };
        say.add(there == self.exists, wanted, found, Evidence::file(&folder, said));
        if !there || !self.exists {
            return Ok(say.verdict());
        }
        let data = folder.join(&self.name).join("_data");
        if let Some(held) = &self.holds {
            say = say.see(format!("ls -l {}", quoted(&data.to_string_lossy())));
            self.judge_held(machine, &data, held, &mut say)?;
        }
        if let Some(name) = &self.container {
            say = say.see(format!("podman inspect --format '{{{{.Mounts}}}}' {name}"));
            self.judge_mount(machine, &owner, &root, &data, name, &mut say)?;
        }
        Ok(say.verdict())
    }

    fn judge_held(&self, machine: &dyn Machine, data: &Path, held: &str, say: &mut Findings) -> Result<(), Verdict> {
        if Path::new(held).components().any(|part| !matches!(part, std::path::Component::Normal(_))) {
            return Err(Verdict::unknown(format!("`{held}` is not a path within a volume")));
        }
        let path = data.join(held);
        let is = match machine.stat(&path, false) {
            Ok(_) => true,
            Err(CouldNot::Absent) => false,
            Err(why) => return Err(could_not(path.display(), &why)),
        };
        let seen = Evidence::file(&path, if is { "is there" } else { "nothing there" });
        say.add(is, format!("{held} in the volume {}", self.name), format!("no {held} in it"), seen);
        Ok(())
    }

    fn judge_mount(
        &self,
        machine: &dyn Machine,
        owner: &AccountEntry,
        root: &Path,
        data: &Path,
        name: &str,
        say: &mut Findings,
    ) -> Result<(), Verdict> {
        let shelf = storage::containers(machine, root);
        let shelf = shelf.map_err(|why| could_not(format_args!("the containers of {}", owner.name), &why))?;
        let place = self.at.as_ref().map_or_else(String::new, |at| format!(" at {at}"));
        let wanted = format!("the volume {} in {name}{place}", self.name);
        let named = |one: &&(storage::Stored, PathBuf)| one.0.names.iter().any(|other| other == name);
        let Some((stored, kind)) = shelf.found.iter().find(named) else {
            shelf.looked.iter().for_each(|path| say.saw(Evidence::file(path, format!("no {name}"))));
            say.wish(false, wanted, format!("no container {name}"));
            return Ok(());
        };
        let (bundle, path) = container::bundle(machine, kind, &stored.id).map_err(|why| match why {
            CouldNot::Absent => Verdict::unknown("what a container has mounted is written down when it first starts"),
            why => could_not(format_args!("the OCI bundle of {name}"), &why),
        })?;
        let places: Vec<&str> =
            bundle.mounts.iter().filter(|m| Path::new(&m.source) == data).map(|m| m.destination.as_str()).collect();
        let fits = self.at.as_ref().map_or(!places.is_empty(), |at| places.contains(&at.as_str()));
        let found = match places.first() {
            Some(place) => format!("the volume {} in {name} at {place}", self.name),
            None => format!("{name} without it"),
        };
        say.add(fits, wanted, &found, Evidence::file(path, found.clone()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const STORAGE: &str = "/home/conuser1/.local/share/containers/storage";

    fn bare() -> Recorded {
        Recorded::new().account("conuser1", 1001)
    }
    fn machine() -> Recorded {
        let shelf = format!("{STORAGE}/overlay-containers");
        let mount = format!(r#"{{"destination":"/pages","source":"{STORAGE}/volumes/data/_data"}}"#);
        bare()
            .file(format!("{STORAGE}/volumes/data/_data/index.html"), "hello")
            .file(
                format!("{shelf}/containers.json"),
                r#"[{"id":"c8f9","names":["web"]},{"id":"aa","names":["fresh"]}]"#,
            )
            .file(format!("{shelf}/c8f9/userdata/config.json"), format!(r#"{{"process":{{}},"mounts":[{mount}]}}"#))
    }
    fn wish() -> Volume {
        Volume { account: "conuser1".into(), name: "data".into(), exists: true, ..Volume::default() }
    }
    fn judged(machine: &Recorded, wish: &Volume) -> Verdict {
        wish.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn volume_is_unknown_where_a_place_is_wished_of_no_container() {
        let verdict = judged(&machine(), &Volume { at: Some("/pages".into()), ..wish() });
        assert!(
            matches!(&verdict, Verdict::Unknown { why, .. } if why.contains("no container is named")),
            "{verdict:?}"
        );
    }

    #[test]
    fn volume_passes_when_it_holds_and_is_mounted_as_wished() {
        let all = Volume {
            holds: Some("index.html".into()),
            container: Some("web".into()),
            at: Some("/pages".into()),
            ..wish()
        };
        assert!(judged(&machine(), &all).is_pass());
        for other in [
            Volume { holds: Some("other.html".into()), ..all.clone() },
            Volume { container: Some("db".into()), ..all.clone() },
            Volume { at: Some("/data".into()), ..all.clone() },
            Volume { exists: false, ..all },
        ] {
            assert!(judged(&machine(), &other).is_fail(), "{other:?}");
        }
    }
    #[test]
    fn volume_fails_where_there_is_none_and_names_the_nearest() {
        assert!(judged(&bare(), &wish()).is_fail());
        assert!(judged(&bare(), &Volume { exists: false, ..wish() }).is_pass());
        let verdict = judged(&machine(), &Volume { name: "date".into(), ..wish() });
        assert!(matches!(verdict, Verdict::Fail { found, .. } if found == "no volume date, but data"));
        let moved = machine().file("/etc/containers/containers.conf", "[engine]\nvolume_path = \"/srv/volumes\"\n");
        assert!(judged(&moved, &wish()).is_fail());
    }
    #[test]
    fn volume_is_unknown_behind_closed_doors_and_for_what_is_not_written_down() {
        let closed = machine().closed(STORAGE, CouldNot::Denied);
        assert!(judged(&closed, &Volume { exists: false, ..wish() }).is_unknown());
        let held = machine().closed(format!("{STORAGE}/volumes/data/_data"), CouldNot::Denied);
        assert!(judged(&held, &Volume { holds: Some("x".into()), ..wish() }).is_unknown());
        assert!(judged(&machine(), &Volume { holds: Some("../x".into()), ..wish() }).is_unknown());
        assert!(judged(&machine(), &Volume { container: Some("fresh".into()), ..wish() }).is_unknown());
        assert!(judged(&machine(), &Volume { name: "../x".into(), ..wish() }).is_unknown());
    }
}
