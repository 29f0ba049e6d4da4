//! Whether this host may be played on: a machine that can be thrown away, or one that its owner marked. Only looks.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The file with which an owner says that this host may be played on.
pub const MARK: &str = "/etc/rootless-lab/lab-host";

/// What speaks for or against playing on this very host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The owner's mark is there.
    pub marked: bool,
    /// A virtual machine or container: what it is, as its own files say.
    pub disposable: Option<String>,
    /// systemd is process 1.
    pub systemd: bool,
    /// podman is installed.
    pub podman: bool,
}

impl Host {
    /// Looks at this host.
    pub fn look() -> Self {
        Self {
            marked: Path::new(MARK).exists(),
            disposable: disposable(),
            systemd: systemd(),
            podman: installed("podman"),
        }
    }

    /// A lesson can be played right here.
    pub fn is_lab(&self) -> bool {
        (self.marked || self.disposable.is_some()) && self.systemd && self.podman
    }
}

/// Where a practice machine with a C library older than ours keeps the program and what it brings.
pub const CARRIED: &str = "/usr/local/lib/rootless-lab";

/// What tells this machine from every other one, over reboots and whatever its name is: made of /etc/machine-id (machine-id(5)), which is
/// not told itself. None where there is none.
pub fn identity() -> Option<String> {
    let id = std::fs::read_to_string("/etc/machine-id").ok()?;
    // `uninitialized`, or nothing, where the first boot has not made one.
    let id = Some(id.trim()).filter(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    let made = Sha256::digest(format!("rootless-lab {id}"));
    Some(format!("{made:x}"))
}

/// The program to start in order to get this very program again.
pub fn own_program() -> std::io::Result<PathBuf> {
    let running = std::env::current_exe()?;
    let carried = Path::new(CARRIED);
    Ok(if running == carried.join("loader.so") { carried.join("rootless-lab") } else { running })
}

/// Whether the program, and every folder on the way to it, is root's and nobody else may write there: then only root can put another
/// in its place. Under a name that is a link it is not.
pub fn only_root_changes(program: &Path) -> bool {
    let is_roots = |place: &Path| {
        std::fs::symlink_metadata(place)
            .is_ok_and(|found| !found.is_symlink() && found.uid() == 0 && found.mode() & 0o022 == 0)
    };
    program.is_absolute() && program.ancestors().all(is_roots)
}

fn systemd() -> bool {
    // The test that sd_booted(3) documents.
    Path::new("/run/systemd/system").is_dir()
}

/// Whether a program of this name stands in PATH.
pub fn installed(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// Containers say so in `/run/systemd/container`, virtual machines in their firmware's names.
fn disposable() -> Option<String> {
    let read =
        |path: &str| std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned()).filter(|t| !t.is_empty());
    if let Some(container) = read("/run/systemd/container") {
        return Some(container);
    }
    let flags = read("/proc/cpuinfo").unwrap_or_default();
    let hypervisor = flags.lines().find(|line| line.starts_with("flags")).is_some_and(|f| f.contains(" hypervisor"));
    hypervisor.then(|| read("/sys/class/dmi/id/sys_vendor").unwrap_or_else(|| "a virtual machine".into()))
}
