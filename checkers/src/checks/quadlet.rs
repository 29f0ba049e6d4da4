//! A Quadlet file: what stands in it, and whether the manager has the unit that is made from it. No generator is run.
//!
#![doc = include_str!("quadlet.md")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not, property, quoted, words};
use super::path::MOST;
use super::unit_file::judge_key;
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::nearest::nearest;
use crate::facts::{quadlet, unit_file};
use crate::ground::Ground;
use crate::machine::{AccountEntry, Bus, CouldNot, Eyes, Machine, Value};
use crate::verdict::{Evidence, Verdict};

/// Nobody keeps their Quadlet files in more folders.
const MOST_FOLDERS: usize = 200;

/// What is wished of a Quadlet file. Only what is named is judged; a file and nothing else wishes that it lies where Quadlet looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Quadlet {
    /// The file's name, with its ending: `web.container`, `pages.volume`, `shop.network`, `trio.pod`. No path: it has to lie
    /// where Quadlet looks.
    pub file: String,
    /// The account whose file it is; the system's when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// False wishes that there is no such file. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// `Section.Key` → a value, or a word of one: `Container.Network: shop.network`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// A TCP port of the machine and the container's port that it is published for, as `20000:8080`, however `PublishPort=` spells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish: Option<String>,
    /// The unit that is made from it: `web.service`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The manager has the unit, and had it made from this very file as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<bool>,
}

impl Judge for Quadlet {
    fn eyes(&self) -> Eyes {
        self.user.clone().map_or(Eyes::Anyone, Eyes::Account)
    }
    fn rests_on(&self) -> Vec<Ground> {
        let user = self.user.as_ref();
        let mut grounds: Vec<Ground> = user.map(|_| Ground::Accounts).into_iter().collect();
        let folder = if user.is_some() { "~/.config/containers/systemd" } else { "/etc/containers/systemd" };
        grounds.push(Ground::inside(folder, user));
        if self.generated.is_some() {
            let kept = self.service.clone();
            let name = kept.or_else(|| quadlet::service(Path::new(&self.file), &unit_file::UnitFile::default()));
            grounds.extend(name.map(|name| Ground::Unit { name, user: self.user.clone() }));
            // A daemon-reload speaks of the manager, not of the unit that it made anew.
            grounds.push(user.map_or(Ground::SystemManager, |user| Ground::UserManager(user.clone())));
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

impl Quadlet {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let name = Path::new(&self.file);
        if name.components().count() != 1 || quadlet::kind(name).is_none() {
            return Err(Verdict::unknown(format!("`{}` is not the name of a Quadlet file", self.file)));
        }
        let owner = self.user.as_ref().map(|user| account(machine, user)).transpose()?;
        let folders = quadlet::folders(owner.as_ref().map(|owner| (owner.uid, owner.home.as_path())));
        let mut say = Findings::default();
        let Some((path, text)) = self.find(machine, &folders)? else {
            let found = self.elsewhere(machine, owner.as_ref(), &folders);
            for folder in &folders {
                say.saw(Evidence::file(folder, format!("no {}", self.file)));
            }
            let usual = folders.get(1).map(|folder| folder.display().to_string()).unwrap_or_default();
            say.wish(!self.exists, format!("the file {} in {usual}", self.file), found);
            return Ok(say.see(format!("ls {}", quoted(&usual))).verdict());
        };
        let shown = quoted(&path.to_string_lossy());
        say = say.see(format!("cat {shown}"));
        say.saw(Evidence::file(&path, format!("{} bytes", text.len())));
        say.wish(self.exists, format!("no file {}", self.file), format!("the file {}", path.display()));
        if !self.exists {
            return Ok(say.verdict());
        }
        let file = unit_file::UnitFile::read(&text);
        for (key, wanted) in &self.keys {
            judge_key(&file, &path, key, wanted, &mut say);
        }
        if let Some(wanted) = &self.publish {
            published(&file, &path, wanted, &mut say)?;
        }
        let service = quadlet::service(&path, &file).unwrap_or_default();
        if let Some(wanted) = &self.service {
            let seen = Evidence::file(&path, format!("becomes {service}"));
            say.add(service == *wanted, format!("the unit {wanted}"), format!("the unit {service}"), seen);
        }
        if let Some(wanted) = self.generated {
            let bus = owner.as_ref().map_or(Bus::System, |owner| Bus::User(owner.uid));
            say = say.see(format!("systemctl {}status {service}", if self.user.is_some() { "--user " } else { "" }));
            generated(machine, &bus, &service, &path, wanted, &mut say)?;
        }
        Ok(say.verdict())
    }

    /// The first file of that name where Quadlet looks, and its text. A folder that could not be looked into may hold it.
    fn find(&self, machine: &dyn Machine, folders: &[PathBuf]) -> Result<Option<(PathBuf, String)>, Verdict> {
        let mut looked = BTreeSet::new();
        let mut left: Vec<PathBuf> = folders.iter().rev().cloned().collect();
        while let Some(folder) = left.pop() {
            let could_not = |why| could_not(folder.display(), &why);
            let what = match machine.stat(&folder, true) {
                Err(CouldNot::Absent) => continue,
                what => what.map_err(could_not)?,
            };
            // A link may lead back to where it was looked already.
            if what.mode & 0o170_000 != 0o040_000 || !looked.insert(what.inode) {
                continue;
            }
            if looked.len() > MOST_FOLDERS {
                return Err(Verdict::unknown(format!(
                    "Quadlet has more folders than the {MOST_FOLDERS} that are looked into"
                )));
            }
            let names = machine.list(&folder).map_err(could_not)?;
            if names.iter().any(|name| name.as_os_str() == self.file.as_str())
                && let Some(text) = text_of(machine, &folder.join(&self.file))?
            {
                return Ok(Some((folder.join(&self.file), text)));
            }
            let below = names.iter().rev().filter(|name| quadlet::kind(Path::new(name)).is_none());
            left.extend(below.map(|name| folder.join(name)).filter(|below| quadlet::is_walked(below)));
        }
        Ok(None)
    }

    /// What is there instead: the file in a folder where Quadlet does not look, or one of nearly that name.
    fn elsewhere(&self, machine: &dyn Machine, owner: Option<&AccountEntry>, folders: &[PathBuf]) -> String {
        let strays = match owner {
            Some(owner) => [".config/systemd/user", ".config/systemd", ".config/containers", ""]
                .map(|f| owner.home.join(f))
                .to_vec(),
            None => vec!["/etc/systemd/system".into(), "/etc/containers".into()],
        };
        for stray in strays {
            let path = stray.join(&self.file);
            if machine.stat(&path, true).is_ok() {
                return format!("{}, where Quadlet does not look", path.display());
            }
        }
        let names: Vec<_> = folders.iter().flat_map(|folder| machine.list(folder).unwrap_or_default()).collect();
        match nearest(&self.file, names.iter().filter_map(|name| name.to_str())) {
            Some(near) => format!("no file {}, but {near}", self.file),
            None => format!("no file {}", self.file),
        }
    }
}

/// Whether the file publishes that port of the machine for that port of the container.
fn published(file: &unit_file::UnitFile, path: &Path, wanted: &str, say: &mut Findings) -> Result<(), Verdict> {
    let Some(pair) = quadlet::pair(wanted) else {
        return Err(Verdict::unknown(format!("`{wanted}` is not PORT:PORT")));
    };
    let section = quadlet::kind(path).map_or("Container", |kind| kind.section);
    let values = file.values(section, "PublishPort");
    let all: Vec<&str> = values.iter().map(|entry| entry.value.as_str()).collect();
    let found = if all.is_empty() { "no PublishPort=".to_owned() } else { format!("PublishPort={}", all.join(" ")) };
    let holds = all.iter().any(|value| quadlet::publishes(value, pair));
    say.add(holds, format!("PublishPort={wanted}"), &found, Evidence::file(path, &found));
    Ok(())
}

/// What stands in a file of that name; none where it is a folder, or gone again.
fn text_of(machine: &dyn Machine, path: &Path) -> Result<Option<String>, Verdict> {
    match machine.read(path, MOST + 1) {
        Ok(text) if text.len() as u64 > MOST => Err(could_not(path.display(), &CouldNot::TooLarge)),
        Ok(text) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
        Err(CouldNot::Absent) => Ok(None),
        Err(_) if machine.stat(path, true).is_ok_and(|what| what.mode & 0o170_000 == 0o040_000) => Ok(None),
        Err(why) => Err(could_not(path.display(), &why)),
    }
}

/// Whether two paths lead to one file: the generator names a file by the way without links.
fn is_same(machine: &dyn Machine, path: &Path, other: &Path) -> Result<bool, Verdict> {
    if path == other {
        return Ok(true);
    }
    let inode = |path: &Path| match machine.stat(path, true) {
        Err(CouldNot::Absent) => Ok(None),
        what => what.map(|what| Some(what.inode)).map_err(|why| could_not(path.display(), &why)),
    };
    Ok(inode(other)?.is_some_and(|other| inode(path).is_ok_and(|path| path == Some(other))))
}

/// Whether the manager has a unit of that name, made from that file and not older than it.
fn generated(
    machine: &dyn Machine,
    bus: &Bus,
    service: &str,
    path: &Path,
    wanted: bool,
    say: &mut Findings,
) -> Result<(), Verdict> {
    let asked = ["LoadState", "FileState", "SourcePath", "NeedDaemonReload"];
    let values = machine.unit(bus, service, &asked).or_else(|why| match why {
        CouldNot::Absent => Ok([("LoadState".to_owned(), Value::Text("not-found".into()))].into()),
        why => Err(could_not(service, &why)),
    })?;
    let said = |key: &str| values.get(key).map(words).unwrap_or_default();
    let (load, state, source) = (said("LoadState"), said("FileState"), said("SourcePath"));
    let is_generated = load == "loaded" && state == "generated";
    let same = is_generated && is_same(machine, path, Path::new(&source))?;
    let stale = values.get("NeedDaemonReload") == Some(&Value::Bool(true));
    let found = if load == "not-found" {
        format!("no unit {service}: not made, or no daemon-reload since")
    } else if state != "generated" {
        format!("a unit {service} that is {}", if state.is_empty() { &load } else { &state })
    } else if !same {
        format!("a unit {service} made from {source}")
    } else if stale {
        format!("a unit {service} made before the file changed")
    } else {
        format!("a unit {service} made from {}", path.display())
    };
    let holds = same && !stale;
    say.saw(property(bus, service, "LoadState", &load));
    say.saw(property(bus, service, "SourcePath", if source.is_empty() { "none" } else { &source }));
    let wish = if wanted { "a unit" } else { "no unit" };
    say.wish(holds == wanted, format!("{wish} {service} made from {}", path.display()), found);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const FILE: &str = "/home/conuser1/.config/containers/systemd/web.container";

    fn machine() -> Recorded {
        Recorded::new().account("conuser1", 1001).file(
            FILE,
            "[Container]\nImage=registry.example/ubi8\nNetwork=shop.network\nVolume=pages.volume:/pages:Z\n",
        )
    }
    fn having(state: &str, source: &str, stale: bool) -> Recorded {
        let text = |text: &str| Value::Text(text.into());
        let properties = [
            ("LoadState", text("loaded")),
            ("FileState", text(state)),
            ("SourcePath", text(source)),
            ("NeedDaemonReload", Value::Bool(stale)),
        ];
        machine().unit(Bus::User(1001), "web.service", &properties)
    }
    fn wish() -> Quadlet {
        Quadlet {
            file: "web.container".into(),
            user: Some("conuser1".into()),
            exists: true,
            keys: BTreeMap::new(),
            publish: None,
            service: None,
            generated: None,
        }
    }
    fn judged(machine: &Recorded, wish: &Quadlet) -> Verdict {
        wish.judge_in_all_ways(machine, &Context::default())
    }
    fn found(verdict: Verdict) -> String {
        let Verdict::Fail { found, .. } = verdict else { panic!("{verdict:?}") };
        found
    }

    #[test]
    fn quadlet_passes_when_the_file_and_its_unit_are_as_wished() {
        let keys = [("Container.Network", "shop.network"), ("Container.Volume", "pages.volume:/pages:Z")];
        let all = Quadlet {
            keys: keys.map(|(key, value)| (key.into(), value.into())).into(),
            service: Some("web.service".into()),
            generated: Some(true),
            ..wish()
        };
        assert!(judged(&having("generated", FILE, false), &all).is_pass());
        assert!(judged(&machine(), &Quadlet { file: "db.container".into(), exists: false, ..wish() }).is_pass());
        assert!(judged(&machine(), &Quadlet { generated: Some(false), ..wish() }).is_pass());
        let other = Quadlet { keys: [("Container.Network".into(), "other.network".into())].into(), ..wish() };
        assert!(judged(&machine(), &other).is_fail());
        assert!(judged(&machine(), &Quadlet { service: Some("web-container.service".into()), ..wish() }).is_fail());
        assert!(judged(&machine(), &Quadlet { exists: false, ..wish() }).is_fail());
    }
    #[test]
    fn a_published_port_is_judged_by_where_it_leads() {
        let machine =
            |line: &str| Recorded::new().account("conuser1", 1001).file(FILE, format!("[Container]\n{line}\n"));
        let wish = Quadlet { publish: Some("20000:8080".into()), ..wish() };
        assert!(judged(&machine("PublishPort=443:443\nPublishPort=0.0.0.0:20000:8080"), &wish).is_pass());
        assert_eq!(found(judged(&machine("PublishPort=20000:9999"), &wish)), "PublishPort=20000:9999");
        assert_eq!(found(judged(&machine("Image=x"), &wish)), "no PublishPort=");
        assert_eq!(found(judged(&machine("PublishPort=20000:8080\nPublishPort="), &wish)), "no PublishPort=");
        let odd = Quadlet { publish: Some("20000".into()), ..wish };
        assert!(judged(&machine(""), &odd).is_unknown());
    }
    #[test]
    fn quadlet_fails_when_the_unit_is_missing_another_s_or_old() {
        let wish = Quadlet { generated: Some(true), ..wish() };
        assert!(found(judged(&machine(), &wish)).starts_with("no unit web.service"));
        assert!(found(judged(&having("enabled", "", false), &wish)).contains("that is enabled"));
        assert!(found(judged(&having("generated", "/etc/x.container", false), &wish)).contains("made from /etc"));
        assert!(found(judged(&having("generated", FILE, true), &wish)).contains("before the file changed"));
    }
    #[test]
    fn a_file_is_found_in_a_folder_below_and_where_quadlet_does_not_look() {
        let stray =
            Recorded::new().account("conuser1", 1001).file("/home/conuser1/.config/systemd/user/web.container", "");
        assert!(found(judged(&stray, &wish())).contains(".config/systemd/user/web.container, where Quadlet"));
        let below = Recorded::new()
            .account("conuser1", 1001)
            .file("/home/conuser1/.config/containers/systemd/shop/web.container", "");
        assert!(judged(&below, &wish()).is_pass());
        let deep = Recorded::new()
            .account("conuser1", 1001)
            .file("/home/conuser1/.config/containers/systemd/shop/new/deep/web.container", "");
        assert!(judged(&deep, &wish()).is_pass());
        let of_system = |path: &str| {
            let wish = Quadlet { user: None, ..wish() };
            judged(&Recorded::new().account("conuser1", 1001).file(path, ""), &wish)
        };
        assert!(of_system("/etc/containers/systemd/a/b/web.container").is_pass());
        assert!(of_system("/etc/containers/systemd/users/web.container").is_fail(), "that one is every account's");
        for (path, seen) in [
            ("users/shop/web.container", true),
            ("users/1001/shop/web.container", true),
            ("users/1002/web.container", false),
        ] {
            let machine = Recorded::new().account("conuser1", 1001).file(format!("/etc/containers/systemd/{path}"), "");
            assert_eq!(judged(&machine, &wish()).is_pass(), seen, "{path}");
        }
        let round = Recorded::new()
            .account("conuser1", 1001)
            .directory("/home/conuser1/.config/containers/systemd/a")
            .link("/home/conuser1/.config/containers/systemd/a/b", "/home/conuser1/.config/containers/systemd");
        assert!(judged(&round, &wish()).is_fail(), "a link that leads back ends nowhere");
        let slip = Quadlet { file: "wed.container".into(), ..wish() };
        assert!(found(judged(&machine(), &slip)).ends_with("but web.container"));
    }
    #[test]
    fn a_unit_made_by_the_way_of_a_link_is_made_from_the_same_file() {
        let linked = Recorded::new()
            .account("conuser1", 1001)
            .link("/home/conuser1/.config/containers/systemd", "/srv/quadlets")
            .file("/srv/quadlets/web.container", "[Container]\nImage=x\n");
        let having = |source: &str| {
            let text = |text: &str| Value::Text(text.into());
            let properties =
                [("LoadState", text("loaded")), ("FileState", text("generated")), ("SourcePath", text(source))];
            linked.clone().unit(Bus::User(1001), "web.service", &properties)
        };
        let made = |wanted: bool| Quadlet { generated: Some(wanted), ..wish() };
        assert!(judged(&having("/srv/quadlets/web.container"), &made(true)).is_pass());
        assert!(judged(&having("/srv/quadlets/web.container"), &made(false)).is_fail());
        assert!(judged(&having("/srv/other/web.container"), &made(true)).is_fail());
        let hidden = having("/srv/other/web.container").closed("/srv/other", CouldNot::Denied);
        assert!(judged(&hidden, &made(true)).is_unknown());
        assert!(judged(&hidden, &made(false)).is_unknown());
    }
    #[test]
    fn quadlet_is_unknown_where_not_all_folders_could_be_looked_into() {
        let gone = Quadlet { exists: false, ..wish() };
        let folder = "/home/conuser1/.config/containers/systemd";
        let closed = Recorded::new().account("conuser1", 1001).directory(format!("{folder}/shop"));
        let closed = closed.closed(format!("{folder}/shop"), CouldNot::Denied);
        for wish in [wish(), gone.clone()] {
            assert!(judged(&closed, &wish).is_unknown());
        }
        let first = closed.file(format!("{folder}/web.container"), "");
        assert!(judged(&first, &wish()).is_pass(), "the first file of that name counts");
        let odd = Recorded::new().account("conuser1", 1001).file(format!("{folder}/web.container"), "");
        let odd = odd.closed(format!("{folder}/web.container"), CouldNot::Failed("odd".into()));
        assert!(judged(&odd, &gone).is_unknown());
        let many =
            (0..300).fold(Recorded::new().account("conuser1", 1001), |m, n| m.directory(format!("{folder}/{n}")));
        let Verdict::Unknown { why, .. } = judged(&many, &gone) else {
            panic!("too many folders are not all looked into")
        };
        assert!(why.contains("more folders"), "{why}");
    }
    #[test]
    fn quadlet_is_unknown_behind_closed_doors_and_for_other_files() {
        let closed = machine().closed("/home/conuser1", CouldNot::Denied);
        assert!(judged(&closed, &Quadlet { exists: false, ..wish() }).is_unknown());
        assert!(judged(&machine(), &Quadlet { file: "web.service".into(), ..wish() }).is_unknown());
        assert!(judged(&machine(), &Quadlet { file: "../web.container".into(), ..wish() }).is_unknown());
        let bus = machine().without_bus(Bus::User(1001));
        assert!(judged(&bus, &Quadlet { generated: Some(false), ..wish() }).is_unknown());
        assert!(judged(&Recorded::new(), &wish()).is_unknown());
    }
}
