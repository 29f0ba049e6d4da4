//! What a host needs before it can keep practice machines, and how to get it. Installs nothing that was not shown first.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::{Error, From};

/// A program we run, and the Debian package that brings it.
const NEEDED: &[(&str, &str)] = &[
    ("systemd-nspawn", "systemd-container"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("nsenter", "util-linux"),
    ("unshare", "util-linux"),
    ("setpriv", "util-linux"),
];

/// Refuses to go on unless we are root.
pub fn need_root() -> Result<(), Error> {
    if nix::unistd::geteuid().is_root() { Ok(()) } else { Err(Error::NotRoot) }
}

/// Runs this same command line again through sudo. Comes back only with an error. `tell` is given the command before it runs.
pub fn as_root(tell: &mut dyn FnMut(&str)) -> Error {
    let program = match env::current_exe() {
        Ok(program) => program,
        Err(error) => return Error::io("find", Path::new("/proc/self/exe"))(error),
    };
    if find("sudo").is_none() {
        return Error::NotRoot;
    }
    let mut command = Command::new("sudo");
    let places = places();
    if !places.is_empty() {
        command.arg("env").args(places);
    }
    command.arg(program).args(env::args_os().skip(1));
    let shown: Vec<String> = command.get_args().map(|word| super::enter::quote(&word.to_string_lossy())).collect();
    tell(&format!("sudo {}", shown.join(" ")));
    Error::Program { program: "sudo".into(), said: command.exec().to_string() }
}

/// sudo drops the environment: what places the machines, the learner's lessons and what was agreed to is handed over by name.
fn places() -> Vec<OsString> {
    use etcetera::BaseStrategy as _;
    let own = etcetera::choose_base_strategy().ok();
    let data = own.as_ref().map(|own| own.data_dir().into_os_string());
    let state = own.and_then(|own| own.state_dir()).map(std::path::PathBuf::into_os_string);
    let named = ["ROOTLESS_LAB_STATE", "ROOTLESS_LAB_PATH"].map(|name| (name, env::var_os(name)));
    let all = named.into_iter().chain([("XDG_DATA_HOME", data), ("XDG_STATE_HOME", state)]);
    let word = |(name, value): (&str, Option<OsString>)| {
        let mut word = OsString::from(format!("{name}="));
        word.push(value?);
        Some(word)
    };
    all.filter_map(word).collect()
}

/// The packages that this host lacks to make a machine from there; empty when it has all.
pub fn missing_packages(from: &From) -> Vec<&'static str> {
    let mut missing: Vec<&str> =
        NEEDED.iter().filter(|(program, _)| find(program).is_none()).map(|(_, package)| *package).collect();
    if matches!(from, From::Release(_)) {
        if find("mmdebstrap").is_none() {
            missing.push("mmdebstrap");
        }
        if !Path::new("/usr/share/keyrings/debian-archive-keyring.gpg").exists() {
            missing.push("debian-archive-keyring");
        }
    }
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// The commands that install packages on this host, in order; none where it is not ours to know.
/// A fresh host has no lists of packages yet: then they are fetched first.
pub fn install(packages: &[&str]) -> Result<Vec<Command>, Error> {
    if find("apt-get").is_none() {
        return Err(Error::MissingPrograms(packages.join(", ")));
    }
    let known = |package: &&str| {
        let asked = Command::new("apt-cache").args(["show", "--no-all-versions", "--", package]).output();
        asked.is_ok_and(|answer| answer.status.success() && !answer.stdout.is_empty())
    };
    Ok(steps(packages, packages.iter().all(known)))
}

fn steps(packages: &[&str], listed: bool) -> Vec<Command> {
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    if listed { vec![apt(&install)] } else { vec![apt(&["update"]), apt(&install)] }
}

/// Where a program is on the PATH, or in the system's own places that a user's PATH may lack.
fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(std::path::PathBuf::from);
    env::split_paths(&path).chain(system).map(|place| place.join(program)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_packages_are_fetched_first_only_where_there_are_none() {
        let words = |listed| -> Vec<String> {
            let steps = steps(&["mmdebstrap"], listed);
            steps
                .iter()
                .map(|step| step.get_args().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
                .collect()
        };
        let install = "install --yes --no-install-recommends mmdebstrap";
        assert_eq!(words(true), [install]);
        assert_eq!(words(false), ["update", install]);
    }
}
