//! Quadlet's files (podman-systemd.unit(5)): their kinds, the folders they lie in, the unit that is made from each. Pure; runs no generator.

use std::path::{Path, PathBuf};

use super::unit_file::UnitFile;

/// A kind of Quadlet file: its ending, its own section, and what is put behind its name in that of the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// `container`.
    pub ending: &'static str,
    /// `Container`.
    pub section: &'static str,
    /// `-volume`; nothing for a container.
    behind: &'static str,
}

const KINDS: [Kind; 7] = [
    Kind { ending: "container", section: "Container", behind: "" },
    Kind { ending: "kube", section: "Kube", behind: "" },
    Kind { ending: "volume", section: "Volume", behind: "-volume" },
    Kind { ending: "network", section: "Network", behind: "-network" },
    Kind { ending: "pod", section: "Pod", behind: "-pod" },
    Kind { ending: "image", section: "Image", behind: "-image" },
    Kind { ending: "build", section: "Build", behind: "-build" },
];

/// What kind of Quadlet file has this name; none for any other file.
pub fn kind(file: &Path) -> Option<Kind> {
    let ending = file.extension()?.to_str()?;
    KINDS.into_iter().find(|kind| kind.ending == ending)
}

/// The service that is made from a file: `pages.volume` → `pages-volume.service`, unless its section says `ServiceName=`
/// (podman 5.0 and later).
pub fn service(file: &Path, text: &UnitFile) -> Option<String> {
    let kind = kind(file)?;
    let said = text.values(kind.section, "ServiceName").last().map(|entry| entry.value.clone());
    let name = match said {
        Some(name) => name,
        None => format!("{}{}", file.file_stem()?.to_str()?, kind.behind),
    };
    Some(format!("{name}.service"))
}

/// A TCP port outside and the one inside that it leads to, as `PORT:PORT`; none where it is not that.
pub fn pair(text: &str) -> Option<(u16, u16)> {
    let (outside, inside) = text.split_once(':')?;
    let port = |text: &str| text.parse().ok().filter(|port| *port > 0);
    Some((port(outside)?, port(inside)?))
}

/// Whether a value of `PublishPort=` leads from one TCP port to the other: `[ADDRESS:]OUTSIDE:INSIDE[/tcp]`, where both may be ranges of one
/// length. A value without the port outside leaves that to chance.
pub fn publishes(value: &str, (outside, inside): (u16, u16)) -> bool {
    let ports = match value.split_once('/') {
        Some((ports, "tcp")) => ports,
        Some(_) => return false,
        None => value,
    };
    let Some((before, to)) = ports.rsplit_once(':') else { return false };
    let from = before.rsplit_once(':').map_or(before, |(_, from)| from);
    let range = |text: &str| -> Option<(u16, u16)> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((first.parse().ok()?, last.parse().ok()?))
    };
    match (range(from), range(to)) {
        (Some((first, last)), Some((to, end))) if last.checked_sub(first) == end.checked_sub(to) => {
            (first..=last).contains(&outside) && inside.checked_sub(to) == outside.checked_sub(first)
        }
        _ => false,
    }
}

/// Where an account's files are looked for, first come first served; the system's where no account is named. Folders in these
/// folders count too.
pub fn folders(account: Option<(u32, &Path)>) -> Vec<PathBuf> {
    match account {
        None => ["/run/containers/systemd", "/etc/containers/systemd", "/usr/share/containers/systemd"]
            .map(PathBuf::from)
            .into(),
        Some((uid, home)) => vec![
            format!("/run/user/{uid}/containers/systemd").into(),
            home.join(".config/containers/systemd"),
            format!("/etc/containers/systemd/users/{uid}").into(),
            "/etc/containers/systemd/users".into(),
            "/usr/share/containers/systemd/users".into(),
        ],
    }
}

/// Whether a folder in one where Quadlet looks is looked into too: not the one of all accounts where the system's files are looked for,
/// nor one of a single account among those of all.
pub fn is_walked(folder: &Path) -> bool {
    let is_systems = |path: &Path| {
        ["/etc/containers/systemd", "/usr/share/containers/systemd"].iter().any(|one| path == Path::new(one))
    };
    let is_of_all = |path: &Path| path.ends_with("users") && path.parent().is_some_and(is_systems);
    let is_number = |path: &Path| path.to_string_lossy().bytes().all(|byte| byte.is_ascii_digit());
    let name = Path::new(folder.file_name().unwrap_or_default());
    let is_ones = folder.parent().is_some_and(is_of_all) && is_number(name);
    !(is_of_all(folder) || is_ones)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(file: &str, text: &str) -> Option<String> {
        service(Path::new(file), &UnitFile::read(text))
    }

    #[test]
    fn the_unit_is_named_after_the_file_and_its_kind() {
        for (file, unit) in [
            ("/x/web.container", "web.service"),
            ("pages.volume", "pages-volume.service"),
            ("shop.network", "shop-network.service"),
            ("trio.pod", "trio-pod.service"),
            ("web@.container", "web@.service"),
            ("a.b.container", "a.b.service"),
        ] {
            assert_eq!(made(file, "[Container]\nImage=x\n").as_deref(), Some(unit));
        }
        assert_eq!(made("web.service", ""), None);
        assert_eq!(made("container", ""), None);
    }

    #[test]
    fn a_file_may_name_its_unit_itself_in_its_own_section() {
        assert_eq!(made("a.volume", "[Volume]\nServiceName=b\n").as_deref(), Some("b.service"));
        assert_eq!(made("a.volume", "[Container]\nServiceName=b\n").as_deref(), Some("a-volume.service"));
    }

    #[test]
    fn an_account_s_own_folder_comes_before_the_machine_s() {
        let folders = folders(Some((1001, Path::new("/home/a"))));
        let own = folders.iter().position(|f| f == Path::new("/home/a/.config/containers/systemd"));
        let all = folders.iter().position(|f| f == Path::new("/etc/containers/systemd/users"));
        assert!(own < all);
    }

    #[test]
    fn a_port_is_published_by_each_spelling_that_leads_there_and_by_no_other() {
        let wanted = pair("20000:8080").unwrap();
        for value in [
            "20000:8080",
            "20000:8080/tcp",
            "0.0.0.0:20000:8080",
            "[::1]:20000:8080",
            "19998-20001:8078-8081",
            "127.0.0.1:20000-20000:8080-8080/tcp",
        ] {
            assert!(publishes(value, wanted), "{value}");
        }
        for value in [
            "8080",
            "20000",
            "20000:9999",
            "20001:8080",
            "8080:20000",
            "20000:8080/udp",
            "0.0.0.0::8080",
            "19998-20001:8080-8083",
            "20001-19999:8080-8080",
            "20000-20001:8080",
            "",
        ] {
            assert!(!publishes(value, wanted), "{value}");
        }
        for text in ["8080", "a:b", "0:80", "1:70000", "1:2:3"] {
            assert_eq!(pair(text), None, "{text}");
        }
    }
}
