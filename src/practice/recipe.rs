//! What a machine is made from: the releases and the packages each needs. Never builds anything.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Account;

/// What every Debian release gets, and why.
const PACKAGES: &[&str] = &[
    // a real systemd with logind, user buses and polkit (without polkit, `loginctl enable-linger` is refused)
    "systemd",
    "systemd-sysv",
    "dbus",
    "dbus-user-session",
    "libpam-systemd",
    // rootless containers
    "podman",
    "crun",
    "uidmap",
    "slirp4netns",
    "fuse-overlayfs",
    // what a learner types
    "sudo",
    "man-db",
    "passwd",
    "procps",
    "iproute2",
    "less",
    "nano",
    "vim-tiny",
    "bash-completion",
    // real logins, and certificates for `--online`
    "openssh-server",
    "openssh-client",
    "ca-certificates",
    // `machinectl shell`, the way to a true login where no ssh server is
    "systemd-container",
    // the registry on loopback, and what its one image is made of
    "docker-registry",
    "bash-static",
    "busybox-static",
];

/// A Debian release that the practice machine can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    /// Debian 11: podman 3.0, systemd 247.
    Bullseye,
    /// Debian 12: podman 4.3, systemd 252.
    Bookworm,
    /// Debian 13: podman 5.4, systemd 257.
    Trixie,
    /// Debian 14: podman 5.8, systemd 262.
    Forky,
}

impl Release {
    /// All of them, oldest first.
    pub const ALL: [Release; 4] = [Release::Bullseye, Release::Bookworm, Release::Trixie, Release::Forky];

    /// Its code name, as the mirror spells it.
    pub fn name(self) -> &'static str {
        match self {
            Release::Bullseye => "bullseye",
            Release::Bookworm => "bookworm",
            Release::Trixie => "trixie",
            Release::Forky => "forky",
        }
    }

    /// The packages its base tree is made of.
    pub(crate) fn packages(self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Release::Bullseye => &["policykit-1"],
            // without nft no container can join a network of podman's own, without aardvark-dns none finds another by its name
            Release::Bookworm => &["polkitd", "passt", "catatonit"],
            Release::Trixie | Release::Forky => &["polkitd", "passt", "catatonit", "aardvark-dns", "nftables"],
        };
        PACKAGES.iter().chain(own).copied().collect()
    }

    /// apt options its mirror needs.
    pub(crate) fn apt_options(self) -> &'static [&'static str] {
        match self {
            // A release in the making: mirrors that keep a snapshot have a Release file past its date.
            Release::Forky => &["Acquire::Check-Valid-Until \"false\""],
            _ => &[],
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Where the base tree comes from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// Built from Debian's packages.
    Release(Release),
    /// A root file system of the user's own: a directory, or a tar file of one. It is copied.
    Tree(PathBuf),
}

impl From {
    /// The name of its base tree: what it is, and the digest of how it is made, so that a changed recipe builds a new one.
    pub(crate) fn base_name(&self) -> String {
        let mut digest = Sha256::new();
        let name = match self {
            From::Release(release) => {
                digest.update(release.packages().join(","));
                digest.update(release.apt_options().join(","));
                release.name().to_owned()
            }
            From::Tree(path) => {
                digest.update(path.as_os_str().as_encoded_bytes());
                state_of(path, &mut digest);
                "own".to_owned()
            }
        };
        let digest = digest.finalize();
        format!("{name}-{}", digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

/// When each thing in a tree changed last, and how large it is, link by link. What cannot be looked at is told when it is copied.
fn state_of(path: &Path, digest: &mut Sha256) {
    let Ok(meta) = path.symlink_metadata() else { return };
    for number in [meta.ctime(), meta.ctime_nsec(), meta.size().try_into().unwrap_or(i64::MAX), meta.mode().into()] {
        digest.update(number.to_le_bytes());
    }
    let entries = if meta.is_dir() { std::fs::read_dir(path).ok() } else { None };
    let mut names: Vec<_> = entries.into_iter().flatten().flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names {
        digest.update(name.as_encoded_bytes());
        digest.update([0]);
        state_of(&path.join(name), digest);
    }
}

impl fmt::Display for From {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            From::Release(release) => release.fmt(out),
            From::Tree(path) => path.display().fmt(out),
        }
    }
}

/// How to make a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The machine's name, and its host name.
    pub name: String,
    /// Its base tree.
    pub from: From,
    /// Who has an account from the start.
    pub accounts: Vec<Account>,
    /// On the host's own network, with the real registry, instead of a network of its own with a mirror.
    pub online: bool,
}

impl Recipe {
    /// A machine of this release with the lesson's administrator, lisa, and a network of its own.
    pub fn new(name: &str, release: Release) -> Recipe {
        Recipe { name: name.into(), from: From::Release(release), accounts: vec![Account::lisa()], online: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_release_has_its_own_base() {
        let mut names = Release::ALL.map(|release| From::Release(release).base_name());
        assert!(names[0].starts_with("bullseye-"), "{}", names[0]);
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn a_tree_that_changed_anywhere_has_a_base_of_its_own() {
        let tree = tempfile::tempdir().unwrap();
        let file = tree.path().join("etc/deep/file");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "one").unwrap();
        let name = || From::Tree(tree.path().to_owned()).base_name();
        let before = name();
        assert_eq!(name(), before);
        std::fs::write(&file, "two and more").unwrap();
        assert_ne!(name(), before);
    }

    #[test]
    fn bullseye_has_no_package_that_came_later() {
        let packages = Release::Bullseye.packages();
        assert!(packages.contains(&"policykit-1"));
        assert!(["polkitd", "passt", "catatonit"].iter().all(|late| !packages.contains(late)));
    }
}
