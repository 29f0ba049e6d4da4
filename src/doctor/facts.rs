//! What the host says of itself, as raw facts. Looks at files, asks `podman --version`, and opens a connection only to loopback (or where asked to).

use std::env;
use std::fs;
use std::io::IsTerminal;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use checkers::facts::subid;
use nix::unistd::{AccessFlags, Uid, User, access};

/// How long a registry may take to answer a connection.
const KNOCK: Duration = Duration::from_secs(1);
/// The registry that the lessons' images come from.
pub(crate) const REGISTRY: &str = "registry.access.redhat.com";

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Connect to registries beyond this host too.
    pub online: bool,
}

/// The terminal, where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
    /// What TERM says.
    pub kind: String,
    /// Whether the locale's letters are UTF-8.
    pub utf8: bool,
}

/// Whether a registry answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knock {
    /// It took a connection at this address.
    Answered(String),
    /// It did not, with the reason.
    Refused(String, String),
    /// It is not on this host, and we were not told to ask beyond.
    NotAsked,
}

/// Raw facts. None where the host could not be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The account that asks.
    pub account: Option<String>,
    /// The name of process 1.
    pub first_process: Option<String>,
    /// Whether systemd keeps `/run/systemd/system`.
    pub systemd_runs: bool,
    /// Whether the account's bus socket is there and its own; none when no runtime directory is.
    pub user_bus: Option<bool>,
    /// 2, 1 (also for a mixture of both).
    pub cgroup: Option<u8>,
    /// The controllers that the account's manager may use, or, where it does not run, those of the host.
    pub controllers: Option<Vec<String>>,
    /// What `podman --version` said; none where there is no podman.
    pub podman: Option<String>,
    /// How many subordinate uids and gids the account has, by the files; none where those cannot be read.
    pub sub_ids: Option<(u64, u64)>,
    /// Whether logind keeps the account's services without a login.
    pub linger: Option<bool>,
    /// Whether `/dev/net/tun` may be opened for reading and writing; none where there is none.
    pub tun: Option<bool>,
    /// The same of `/dev/fuse`.
    pub fuse: Option<bool>,
    /// What can be seen of sudo without asking it.
    pub sudo: Sudo,
    /// Whether `man` is there, and the page systemctl(1).
    pub manual: (bool, bool),
    /// Whether a registry for the lessons' image answered.
    pub registry: Knock,
    /// The terminal that we write to.
    pub terminal: Option<Terminal>,
}

/// Whether the account may become root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sudo {
    /// It is root already.
    NotNeeded,
    /// It is in a group that usually may.
    Allowed,
    /// There is no sudo.
    Absent,
    /// There is one that can give nobody anything.
    NotSetUid,
    /// A rule for it may stand where only root can read.
    NotSeen,
}

/// Looks at this host.
pub fn look(ask: Ask) -> Facts {
    let uid = Uid::current();
    let user = User::from_uid(uid).ok().flatten();
    let name = user.as_ref().map(|user| user.name.clone());
    Facts {
        first_process: text("/proc/1/comm"),
        systemd_runs: Path::new("/run/systemd/system").is_dir(),
        user_bus: user_bus(uid),
        cgroup: cgroup(),
        controllers: controllers(uid),
        podman: podman_version(),
        sub_ids: name
            .as_deref()
            .and_then(|name| Some((sub_ids("/etc/subuid", name, uid)?, sub_ids("/etc/subgid", name, uid)?))),
        linger: linger(name.as_deref()),
        tun: usable("/dev/net/tun"),
        fuse: usable("/dev/fuse"),
        sudo: sudo(uid, user.as_ref()),
        manual: (on_path("man"), manual_page()),
        registry: registry(ask),
        terminal: terminal(),
        account: name,
    }
}

fn text(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim_end().to_owned())
}

fn user_bus(uid: Uid) -> Option<bool> {
    let directory = format!("/run/user/{uid}");
    fs::metadata(&directory).ok()?;
    Some(fs::metadata(format!("{directory}/bus")).is_ok_and(|meta| meta.uid() == uid.as_raw()))
}

fn cgroup() -> Option<u8> {
    let root = Path::new("/sys/fs/cgroup");
    if !root.is_dir() {
        return None;
    }
    Some(if root.join("cgroup.controllers").exists() { 2 } else { 1 })
}

fn controllers(uid: Uid) -> Option<Vec<String>> {
    let own = format!("/sys/fs/cgroup/user.slice/user-{uid}.slice/user@{uid}.service/cgroup.controllers");
    let names = text(&own).or_else(|| text("/sys/fs/cgroup/cgroup.controllers"))?;
    Some(names.split_whitespace().map(str::to_owned).collect())
}

/// podman's version. It makes directories in the caller's home and runtime directory even for that, so it is given a place where it can
/// make none. Only root's podman is content with that; others get places that go away.
pub fn podman_version() -> Option<String> {
    let nowhere = Uid::effective().is_root().then(|| podman_version_at(Path::new("/proc"))).flatten();
    nowhere.or_else(|| podman_version_at(tempfile::tempdir().ok()?.path()))
}

fn podman_version_at(place: &Path) -> Option<String> {
    let mut podman = Command::new("podman");
    podman.arg("--version").env("HOME", place).env("XDG_RUNTIME_DIR", place).env("TMPDIR", place);
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
        podman.env_remove(name);
    }
    let output = podman.current_dir(place).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().strip_prefix("podman version ")?.split_whitespace().next().map(str::to_owned)
}

/// How many subordinate ids this file gives an account, by name or by number. None where they are kept elsewhere too.
fn sub_ids(file: &str, name: &str, uid: Uid) -> Option<u64> {
    let elsewhere = text("/etc/nsswitch.conf").unwrap_or_default();
    count(&elsewhere, &fs::read_to_string(file).ok()?, name, uid)
}

fn count(nsswitch: &str, table: &str, name: &str, uid: Uid) -> Option<u64> {
    subid::kept_elsewhere(nsswitch).is_none().then(|| subid::count(table, name, uid.as_raw()))
}

fn linger(name: Option<&str>) -> Option<bool> {
    // logind's own place; the second only while a systemd runs this host
    if !Path::new("/run/systemd/users").is_dir() || !Path::new("/run/systemd/system").is_dir() {
        return None;
    }
    Some(Path::new("/var/lib/systemd/linger").join(name?).exists())
}

fn usable(device: &str) -> Option<bool> {
    Path::new(device).exists().then(|| access(device, AccessFlags::R_OK | AccessFlags::W_OK).is_ok())
}

fn sudo(uid: Uid, user: Option<&User>) -> Sudo {
    if uid.is_root() {
        return Sudo::NotNeeded;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found =
        env::split_paths(&path).find_map(|place| fs::metadata(place.join("sudo")).ok().filter(|meta| meta.is_file()));
    match found {
        None => Sudo::Absent,
        Some(meta) if meta.uid() != 0 || meta.permissions().mode() & 0o4000 == 0 => Sudo::NotSetUid,
        Some(_) if user.is_some_and(is_trusted) => Sudo::Allowed,
        // A rule of one's own in /etc/sudoers.d cannot be read without sudo.
        Some(_) => Sudo::NotSeen,
    }
}

/// Whether the account is in a group that usually has sudo.
fn is_trusted(user: &User) -> bool {
    let Ok(name) = std::ffi::CString::new(user.name.as_str()) else { return false };
    let groups = nix::unistd::getgrouplist(&name, user.gid).unwrap_or_default();
    let named = groups.into_iter().filter_map(|gid| nix::unistd::Group::from_gid(gid).ok().flatten());
    named.map(|group| group.name).any(|name| name == "sudo" || name == "wheel")
}

fn on_path(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|place| place.join(program).is_file()))
}

fn manual_page() -> bool {
    let Ok(pages) = fs::read_dir("/usr/share/man/man1") else { return false };
    pages.flatten().any(|page| page.file_name().to_string_lossy().starts_with("systemctl.1"))
}

/// Knocks at the mirror that podman's settings name for the lessons' registry; at the registry itself only when asked to.
fn registry(ask: Ask) -> Knock {
    let mut settings: Vec<_> = ["/etc/containers/registries.conf"].map(Into::into).to_vec();
    if let Ok(entries) = fs::read_dir("/etc/containers/registries.conf.d") {
        settings.extend(entries.flatten().map(|entry| entry.path()));
    }
    let texts = settings.iter().filter_map(|path: &std::path::PathBuf| fs::read_to_string(path).ok());
    let local = texts.filter(|text| text.contains(REGISTRY)).find_map(|text| loopback_location(&text));
    match local {
        Some(address) => knock(&address.to_string(), Some(address)),
        None if ask.online => {
            let address = (REGISTRY, 443).to_socket_addrs().ok().and_then(|mut all| all.next());
            knock(REGISTRY, address)
        }
        None => Knock::NotAsked,
    }
}

fn knock(name: &str, address: Option<SocketAddr>) -> Knock {
    let Some(address) = address else {
        return Knock::Refused(name.to_owned(), "its name cannot be looked up".to_owned());
    };
    match TcpStream::connect_timeout(&address, KNOCK) {
        Ok(_) => Knock::Answered(name.to_owned()),
        Err(error) => Knock::Refused(name.to_owned(), error.to_string()),
    }
}

/// The first `location` on loopback in podman's settings.
fn loopback_location(text: &str) -> Option<SocketAddr> {
    let locations =
        text.lines().filter_map(|line| line.trim().strip_prefix("location")?.trim_start().strip_prefix('='));
    let addresses =
        locations.filter_map(|value| value.trim().trim_matches('"').split('/').next()?.parse::<SocketAddr>().ok());
    addresses.into_iter().find(|address| address.ip().is_loopback())
}

fn terminal() -> Option<Terminal> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let (rows, columns) = match termimad::crossterm::terminal::size() {
        Ok((columns, rows)) => (rows, columns),
        Err(_) => (0, 0),
    };
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| env::var(name).ok()).find(|value| !value.is_empty());
    let utf8 = locale.is_some_and(|value| value.to_ascii_lowercase().replace('-', "").contains("utf8"));
    Some(Terminal { columns, rows, kind: env::var("TERM").unwrap_or_default(), utf8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_ids_that_are_kept_elsewhere_are_not_told_by_the_files() {
        let table = "lisa:100000:65536\n1001:200000:10\n";
        let of_lisa = |nsswitch| count(nsswitch, table, "lisa", Uid::from_raw(1001));
        assert_eq!(of_lisa("passwd: files\n"), Some(65546));
        assert_eq!(of_lisa("subid: sss\n"), None);
    }

    #[test]
    fn only_a_mirror_on_loopback_is_knocked_at_unasked() {
        let text = "[[registry]]\nlocation = \"registry.access.redhat.com\"\n[[registry.mirror]]\nlocation = \"127.0.0.1:5000\"\n";
        assert_eq!(loopback_location(text), Some("127.0.0.1:5000".parse().unwrap()));
        assert_eq!(loopback_location("location = \"192.0.2.1:5000\"\n"), None);
    }

    #[test]
    fn looking_answers_on_any_host() {
        let facts = look(Ask { online: false });
        assert!(facts.first_process.is_some());
    }
}
