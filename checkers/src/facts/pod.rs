//! Pods, as far as they can be seen without podman: by their infra containers, and by the name that each member's bundle has for its
//! pod. A pod's own record stands in podman's database, which is searched for a name and not read.

use std::path::{Path, PathBuf};

use super::container::bundle;
use super::storage::{self, Stored};
use crate::machine::{CouldNot, Machine};

/// The infra container of a pod, and the pod's members.
#[derive(Debug)]
pub struct Pod {
    /// The container that holds the pod together, and its folder.
    pub infra: (Stored, PathBuf),
    /// Its other containers that were started at least once.
    pub members: Vec<(Stored, PathBuf)>,
}

/// What was found of a pod.
#[derive(Debug)]
pub enum Seen {
    /// It is there.
    There(Pod),
    /// There is none of that name.
    Absent,
    /// Only podman's database could say.
    Hidden,
}

/// The annotation by which a member names its pod's infra container.
const INFRA: &str = "io.kubernetes.cri-o.SandboxID";
/// podman's database of states: from 4.8 on, its journal, and before.
const DATABASES: [&str; 3] = ["db.sql", "db.sql-wal", "libpod/bolt_state.db"];
const MOST: u64 = 32 << 20;

/// Looks for a pod by its name, and says where was looked.
pub fn pod(machine: &dyn Machine, root: &Path, name: &str) -> Result<(Seen, Vec<PathBuf>), CouldNot> {
    let shelf = storage::containers(machine, root)?;
    let (infras, others): (Vec<_>, Vec<_>) = shelf.found.into_iter().partition(|(stored, _)| is_infra(stored));
    let named = |(stored, folder): &(Stored, PathBuf)| -> Result<bool, CouldNot> {
        if stored.names.iter().any(|other| *other == format!("{name}-infra")) {
            return Ok(true);
        }
        // A pod's name is the host name of all its containers, unless it was given another one.
        match bundle(machine, folder, &stored.id) {
            Ok((bundle, _)) => Ok(bundle.hostname == name),
            Err(CouldNot::Absent) => Ok(false),
            Err(why) => Err(why),
        }
    };
    for infra in infras {
        if named(&infra)? {
            let mut members = Vec::new();
            for (stored, folder) in others {
                match bundle(machine, &folder, &stored.id) {
                    Ok((bundle, _)) if bundle.annotations.get(INFRA) == Some(&infra.0.id) => {
                        members.push((stored, folder))
                    }
                    Ok(_) | Err(CouldNot::Absent) => {}
                    Err(why) => return Err(why),
                }
            }
            return Ok((Seen::There(Pod { infra, members }), shelf.looked));
        }
    }
    let mut looked = shelf.looked;
    for file in DATABASES {
        let path = root.join(file);
        match machine.read(&path, MOST + 1) {
            Ok(bytes) if bytes.len() as u64 > MOST => return Err(CouldNot::TooLarge),
            // A name that is a record's stands in it byte for byte; one that is found may be anything's.
            Ok(bytes) if bytes.windows(name.len().max(1)).any(|part| part == name.as_bytes()) => {
                return Ok((Seen::Hidden, looked));
            }
            Ok(_) => looked.push(path),
            Err(CouldNot::Absent) => {}
            Err(why) => return Err(why),
        }
    }
    Ok((Seen::Absent, looked))
}

fn is_infra(stored: &Stored) -> bool {
    let image = stored.image_name().unwrap_or_default();
    let pause = image.contains("/podman-pause:") || image.contains("/pause:") || image.ends_with("/pause");
    pause || (image.is_empty() && stored.names.iter().any(|name| name.ends_with("-infra")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_infra_container_is_known_by_its_image_or_where_there_is_none_by_its_name() {
        let stored = |name: &str, image: &str| Stored {
            id: "aa".into(),
            names: vec![name.into()],
            image: String::new(),
            metadata: if image.is_empty() { String::new() } else { format!(r#"{{"image-name":"{image}"}}"#) },
            created: String::new(),
        };
        assert!(is_infra(&stored("cb7e-infra", "localhost/podman-pause:5.4.2-1766335321")));
        assert!(is_infra(&stored("x", "k8s.gcr.io/pause:3.2")));
        assert!(is_infra(&stored("trio-infra", "")));
        assert!(!is_infra(&stored("my-infra", "registry.example/ubi8:latest")));
        assert!(!is_infra(&stored("web", "")));
    }
}
