//! Packages of the release that a practice machine lacks, for tests about programs that it need not have.

// A test's support may fail a test.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::rich::root;
use crate::rig::{self, Rig};

/// Installs packages with the machine's own apt. They are kept on the shelf that tests share, so that the next test fetches nothing.
#[track_caller]
pub fn install(rig: &Rig, packages: &str) {
    let kept = rig::state().join(format!("packages/more/{}-{}", rig::release(), packages.replace(' ', "+")));
    let tree = format!("/proc/{}/root", rig.leader().unwrap());
    let archives = Path::new(&tree).join("var/cache/apt/archives");
    if !kept.exists() {
        // The machine has no network: apt alone is lent the host's, with the host's name servers.
        fs::copy("/etc/resolv.conf", Path::new(&tree).join("run/test-resolv.conf")).unwrap();
        let script = format!(
            "mount --bind /run/test-resolv.conf /etc/resolv.conf && apt-get -q update && \
             apt-get -qy -o APT::Keep-Downloaded-Packages=true install --no-install-recommends --download-only {packages}"
        );
        let leader = rig.leader().unwrap().to_string();
        run(Command::new("nsenter").args(["-t", &leader, "-m", "--", "unshare", "-m", "sh", "-c", &script]));
        let whole = kept.with_extension("part");
        copy(&archives, &whole);
        fs::rename(whole, &kept).unwrap();
    }
    copy(&kept, &archives);
    root(
        rig,
        "DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends /var/cache/apt/archives/*.deb",
    );
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|end| end == "deb") {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
}
