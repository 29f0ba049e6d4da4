//! What containers/storage wrote down about an account's containers and images: its own JSON, which has had one form from podman 3.0 to 5.8. Never podman.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::settings;
use crate::machine::{AccountEntry, CouldNot, Machine};

/// A container, as storage records it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Stored {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its names.
    #[serde(default)]
    pub names: Vec<String>,
    /// The image's id.
    #[serde(default)]
    pub image: String,
    /// A JSON text of podman's own, with the image's name.
    #[serde(default)]
    pub metadata: String,
    /// RFC 3339.
    #[serde(default)]
    pub created: String,
}

/// An image, as storage records it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StoredImage {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Its full names.
    #[serde(default)]
    pub names: Option<Vec<String>>,
}

/// The records of one kind, and the files that they stand in.
#[derive(Debug)]
pub struct Shelf<T> {
    /// Each record with the folder that its kind has.
    pub found: Vec<(T, PathBuf)>,
    /// Where was looked.
    pub looked: Vec<PathBuf>,
}

const MOST: u64 = 16 << 20;

/// What containers-storage.conf(5) says about the place.
#[derive(Debug, Default, Deserialize)]
struct Configured {
    #[serde(default)]
    storage: Places,
}

#[derive(Debug, Default, Deserialize)]
struct Places {
    graphroot: Option<String>,
    rootless_storage_path: Option<String>,
}

/// The account's storage, as podman finds it: root's is set by the machine's file alone; another's by its own file, then by what the
/// machine's says of accounts without rights.
pub fn root(machine: &dyn Machine, account: &AccountEntry) -> Result<PathBuf, CouldNot> {
    // The administrator's file hides the distribution's whole.
    let files = ["/etc/containers/storage.conf", "/usr/share/containers/storage.conf"];
    let the_machines = files.into_iter().find_map(|file| configured(machine, Path::new(file)).transpose());
    let (file, the_machines) = the_machines.transpose()?.unwrap_or_default();
    if account.uid == 0 {
        let set = the_machines.graphroot.map(|path| expanded(&path, account, &file)).transpose()?;
        return Ok(set.unwrap_or_else(|| "/var/lib/containers/storage".into()));
    }
    let own = configured(machine, &account.home.join(".config/containers/storage.conf"))?;
    let (own_file, own) = own.unwrap_or_default();
    match (own.graphroot.or(own.rootless_storage_path), the_machines.rootless_storage_path) {
        (Some(path), _) => expanded(&path, account, &own_file),
        (None, Some(path)) => expanded(&path, account, &file),
        (None, None) => Ok(account.home.join(".local/share/containers/storage")),
    }
}

/// What a file says, and its name; none where there is no such file.
fn configured(machine: &dyn Machine, file: &Path) -> Result<Option<(PathBuf, Places)>, CouldNot> {
    let text = match machine.read(file, 1 << 20) {
        Ok(text) => text,
        Err(CouldNot::Absent) => return Ok(None),
        Err(why) => return Err(why),
    };
    let Places { graphroot, rootless_storage_path } = settings::read::<Configured>(&text, file)?.storage;
    let said = |path: Option<String>| path.filter(|path| !path.is_empty());
    let places = Places { graphroot: said(graphroot), rootless_storage_path: said(rootless_storage_path) };
    Ok(Some((file.to_owned(), places)))
}

/// `$HOME`, `$USER` and `$UID` as podman puts them in. It takes any other variable from its own surroundings, which nobody knows here.
fn expanded(path: &str, account: &AccountEntry, file: &Path) -> Result<PathBuf, CouldNot> {
    let odd = || CouldNot::Failed(format!("{} says `{path}`, which is not understood", file.display()));
    // podman knows no ${UID}: a shell does not hand that one on.
    let text = path.replace("$UID", &account.uid.to_string());
    let (mut rest, mut whole) = (text.as_str(), String::new());
    while let Some((before, behind)) = rest.split_once('$') {
        whole.push_str(before);
        let (name, after) = match behind.strip_prefix('{') {
            Some(behind) => behind.split_once('}').ok_or_else(odd)?,
            None => {
                behind.split_at(behind.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(behind.len()))
            }
        };
        match name {
            "HOME" => whole.push_str(account.home.to_str().ok_or_else(odd)?),
            "USER" => whole.push_str(&account.name),
            _ => return Err(odd()),
        }
        rest = after;
    }
    whole.push_str(rest);
    if whole.starts_with('/') { Ok(whole.into()) } else { Err(odd()) }
}

/// Every container; `--rm` ones stand in a file of their own from podman 4.4 on.
pub fn containers(machine: &dyn Machine, root: &Path) -> Result<Shelf<Stored>, CouldNot> {
    shelf(machine, root, "-containers", &["containers.json", "volatile-containers.json"])
}

/// Every image.
pub fn images(machine: &dyn Machine, root: &Path) -> Result<Shelf<StoredImage>, CouldNot> {
    shelf(machine, root, "-images", &["images.json"])
}

fn shelf<T: for<'d> Deserialize<'d>>(
    machine: &dyn Machine,
    root: &Path,
    ending: &str,
    files: &[&str],
) -> Result<Shelf<T>, CouldNot> {
    let mut shelf = Shelf { found: Vec::new(), looked: Vec::new() };
    let names = match machine.list(root) {
        Err(CouldNot::Absent) => {
            shelf.looked.push(root.to_owned());
            return Ok(shelf);
        }
        names => names?,
    };
    for name in names.iter().filter(|name| name.to_string_lossy().ends_with(ending)) {
        for file in files {
            let path = root.join(name).join(file);
            let bytes = match machine.read(&path, MOST) {
                Err(CouldNot::Absent) => continue,
                bytes => bytes?,
            };
            let records: Vec<T> = serde_json::from_slice(&bytes)
                .map_err(|error| CouldNot::Failed(format!("{} cannot be understood: {error}", path.display())))?;
            shelf.found.extend(records.into_iter().map(|record| (record, root.join(name))));
            shelf.looked.push(path);
        }
    }
    if shelf.looked.is_empty() {
        shelf.looked.push(root.to_owned());
    }
    Ok(shelf)
}

impl Stored {
    /// The image's full name, as podman noted it.
    pub fn image_name(&self) -> Option<String> {
        let metadata: serde_json::Value = serde_json::from_str(&self.metadata).ok()?;
        Some(metadata.get("image-name")?.as_str()?.to_owned())
    }
    /// When it was created, microseconds since 1970.
    pub fn created_micros(&self) -> Option<u64> {
        micros(&self.created)
    }
}

/// `2026-11-23T19:40:42.362487827Z`, or with an offset, as microseconds since 1970.
fn micros(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let rest = text.get(19..)?;
    let zone = rest.find(['Z', '+', '-'])?;
    let fraction: String = rest.get(..zone)?.trim_start_matches('.').chars().chain("000000".chars()).take(6).collect();
    let offset = match rest.get(zone..)? {
        "Z" => 0,
        zone => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            sign * (zone.get(1..3)?.parse::<i64>().ok()? * 60 + zone.get(4..6)?.parse::<i64>().ok()?)
        }
    };
    // Days from the civil calendar, years beginning in March.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 1 - 719_468;
    let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second;
    Some(u64::try_from(seconds).ok()? * 1_000_000 + fraction.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Recorded;

    const ETC: &str = "/etc/containers/storage.conf";
    const OWN: &str = "/home/u1/.config/containers/storage.conf";

    fn place(machine: &Recorded, name: &str) -> Result<String, CouldNot> {
        let account = machine.account(name).unwrap().unwrap();
        root(machine, &account).map(|root| root.to_str().unwrap().to_owned())
    }

    #[test]
    fn storage_lies_where_podman_puts_it() {
        let machine = || Recorded::new().account("u1", 1001).account("root", 0);
        let (usual, of_root) = ("/home/u1/.local/share/containers/storage", "/var/lib/containers/storage");
        assert_eq!(place(&machine(), "u1").as_deref(), Ok(usual));
        for (file, text, of_u1, of_root) in [
            (ETC, "[storage]\nrootless_storage_path = \"/srv/$USER-$UID/${HOME}\"\n", "/srv/u1-1001//home/u1", of_root),
            (ETC, "[storage]\ngraphroot = '/srv/root' # the machine's\n", usual, "/srv/root"),
            (
                "/usr/share/containers/storage.conf",
                "[storage]\ngraphroot='/x'\nrootless_storage_path='/y'\n",
                "/y",
                "/x",
            ),
            (OWN, "[storage]\ngraphroot = \"$HOME/store2\"\n", "/home/u1/store2", of_root),
            (OWN, "[storage]\ngraphroot = \"/home/u1/store3\"   # mine\n", "/home/u1/store3", of_root),
            (OWN, "[storage]\nrootless_storage_path = \"/z\"\n", "/z", of_root),
            (OWN, "# graphroot = \"/x\"\n[other]\ngraphroot = \"/x\"\n", usual, of_root),
            (
                OWN,
                "[storage]\ngraphroot = \"\"\n[storage.options]\nadditionalimagestores = [\n  \"/i\",\n]\n",
                usual,
                of_root,
            ),
            ("/root/.config/containers/storage.conf", "[storage]\ngraphroot = \"/x\"\n", usual, of_root),
        ] {
            let machine = machine().file(file, text);
            assert_eq!(place(&machine, "u1").as_deref(), Ok(of_u1), "{text}");
            assert_eq!(place(&machine, "root").as_deref(), Ok(of_root), "{text}");
        }
        let both = machine().file(ETC, "[storage]\ndriver = \"overlay\"\n");
        let both = both.file("/usr/share/containers/storage.conf", "[storage]\nrootless_storage_path='/y'\n");
        assert_eq!(place(&both, "u1").as_deref(), Ok(usual), "the administrator's file hides the distribution's");
    }

    #[test]
    fn where_nobody_can_tell_the_place_nobody_says_one() {
        for text in [
            "[storage]\ngraphroot = \"$XDG_DATA_HOME/x\"\n",
            "[storage]\ngraphroot = \"${UID}/x\"\n",
            "[storage]\ngraphroot = 7\n",
            "[storage]\ngraphroot = \"x\"\n",
            "[storage\n",
        ] {
            let machine = Recorded::new().account("u1", 1001).file(OWN, text);
            let said = place(&machine, "u1");
            assert!(matches!(&said, Err(CouldNot::Failed(why)) if why.contains(OWN)), "{text}: {said:?}");
        }
        let closed = Recorded::new().account("u1", 1001).closed(ETC, CouldNot::Denied);
        assert_eq!(place(&closed, "u1"), Err(CouldNot::Denied));
    }

    #[test]
    fn a_moment_is_read_with_and_without_an_offset() {
        assert_eq!(micros("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(micros("2026-11-23T19:40:42.362487827Z"), Some(1_795_462_842_362_487));
        assert_eq!(micros("2026-11-23T20:40:42.362487827+01:00"), Some(1_795_462_842_362_487));
        assert_eq!(micros("2024-02-29T00:00:00-00:30"), Some(1_709_166_600_000_000));
        assert_eq!(micros("yesterday"), None);
    }
}
