//! What containers/storage wrote down about an account's containers and images: its own JSON, which has had one form from podman 3.0 to 5.8. Never podman.

use std::path::{Path, PathBuf};

use serde::Deserialize;

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

/// The account's storage: what its storage.conf says, or the usual place. Root's is the machine's, outside of any home.
pub fn root(machine: &dyn Machine, account: &AccountEntry) -> Result<PathBuf, CouldNot> {
    let own = account.home.join(".config/containers/storage.conf");
    match machine.read(&own, 1 << 20) {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text).into_owned();
            let set = text.lines().find_map(|line| {
                let (key, value) = line.split_once('=')?;
                (key.trim() == "graphroot").then(|| value.trim().trim_matches('"').to_owned())
            });
            Ok(set.filter(|path| path.starts_with('/')).map_or_else(|| usual(account), PathBuf::from))
        }
        Err(CouldNot::Absent) => Ok(usual(account)),
        Err(why) => Err(why),
    }
}

fn usual(account: &AccountEntry) -> PathBuf {
    if account.uid == 0 {
        return PathBuf::from("/var/lib/containers/storage");
    }
    account.home.join(".local/share/containers/storage")
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

    #[test]
    fn a_moment_is_read_with_and_without_an_offset() {
        assert_eq!(micros("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(micros("2026-11-23T19:40:42.362487827Z"), Some(1_795_462_842_362_487));
        assert_eq!(micros("2026-11-23T20:40:42.362487827+01:00"), Some(1_795_462_842_362_487));
        assert_eq!(micros("2024-02-29T00:00:00-00:30"), Some(1_709_166_600_000_000));
        assert_eq!(micros("yesterday"), None);
    }
}
