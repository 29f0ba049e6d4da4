//! A Debian as anybody has it, with systemd as its first process and nothing installed for this program, and somebody on it who is not root:
//! `start` shows what it lacks, installs it through sudo, makes the machine, has the host's systemd keep it, and comes to step 1.

// A test's support may fail a test.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rootless_lab::practice::Release;
use terminal::Terminal;

use crate::practice::until;
use crate::rig;

const PATIENCE: Duration = Duration::from_secs(180);
/// Lists and packages are fetched, and a base tree is built.
const BUILD: Duration = Duration::from_secs(1800);
const NAME: &str = "freshhost";
const PACKAGES: &str = "sudo,systemd,systemd-sysv,dbus,libpam-systemd";

/// A Debian that has no list of packages yet. Kept beside the base trees, for the next run.
pub fn debian() -> PathBuf {
    let places = rig::state().join("fresh");
    fs::create_dir_all(&places).unwrap();
    let gate = File::create(places.join("lock")).unwrap();
    gate.lock().unwrap();
    // A list of other packages makes another tree.
    let tree = places.join(format!("{}-{PACKAGES}", Release::Trixie.name()));
    if !tree.exists() {
        let part = places.join("part");
        if part.exists() {
            fs::remove_dir_all(&part).unwrap();
        }
        fs::create_dir_all(&part).unwrap();
        // What it mounts is nobody else's, and goes with it.
        let mut builder = Command::new("unshare");
        builder.args(["--mount", "--propagation=private", "mmdebstrap", "--variant=minbase"]);
        builder.arg(format!("--include={PACKAGES}")).arg("--aptopt=Acquire::Check-Valid-Until \"false\"");
        let built = builder.arg(Release::Trixie.name()).arg(&part).stdin(Stdio::null()).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        fs::rename(&part, &tree).unwrap();
    }
    tree
}

/// A host of its own, booted, with this host's network, and so much power that machines can be kept on it.
struct Host {
    _place: tempfile::TempDir,
    tree: PathBuf,
    groups: Vec<PathBuf>,
    nspawn: Child,
}

impl Host {
    fn boot() -> Self {
        let place = tempfile::tempdir_in(rig::state()).unwrap();
        let tree = place.path().join("tree");
        furnish(&tree);
        let unified = Path::new("/sys/fs/cgroup/unified");
        let root = if unified.is_dir() { unified } else { Path::new("/sys/fs/cgroup") };
        let old = Path::new("/sys/fs/cgroup/systemd");
        let roots = [Some(root), old.is_dir().then_some(old)].into_iter().flatten();
        let groups: Vec<PathBuf> = roots.map(|root| root.join(format!("{NAME}-{}", std::process::id()))).collect();
        let mut nspawn = Command::new("sh");
        nspawn.args([
            "-c",
            "while [ \"$1\" != -- ]; do echo $$ >\"$1/cgroup.procs\"; shift; done; shift; exec \"$@\"",
            "sh",
        ]);
        for group in &groups {
            fs::create_dir_all(group).unwrap();
            nspawn.arg(group);
        }
        nspawn.arg("--");
        // It ends with whoever runs the tests, however that ends.
        nspawn.args(["unshare", "--mount", "--propagation=private", "setpriv", "--pdeathsig", "KILL"]);
        nspawn.args(["systemd-nspawn", "--quiet", "--boot"]);
        nspawn.args(["--register=no", "--keep-unit", "--settings=no", "--console=read-only", "--link-journal=no"]);
        nspawn.args(["--resolv-conf=off", "--timezone=off", "--capability=all", "--bind=/dev/fuse"]);
        nspawn.args(["--bind=/dev/net/tun", "--system-call-filter=add_key keyctl @mount @privileged"]);
        nspawn.arg(format!("--machine={NAME}")).arg("--directory").arg(&tree);
        nspawn.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1").stdin(Stdio::null()).stdout(Stdio::null());
        let nspawn = nspawn.stderr(Stdio::null()).spawn().unwrap();
        let host = Self { _place: place, tree, groups, nspawn };
        until("the host boots", || {
            let Some(mut state) = host.inside(&["systemctl", "is-system-running"]) else { return false };
            let state = String::from_utf8_lossy(&state.output().unwrap().stdout).into_owned();
            ["running", "degraded"].contains(&state.trim())
        });
        host
    }

    /// A command inside, once there is a first process.
    fn inside(&self, words: &[&str]) -> Option<Command> {
        let pid = self.nspawn.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        // What sets the host up before it boots still lives out here.
        let is_first = |child: &&str| {
            let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
            status.lines().any(|line| line.starts_with("NSpid:") && line.ends_with("\t1"))
        };
        let leader = children.split_whitespace().find(is_first)?;
        let mut command = Command::new("nsenter");
        command.args(["-t", leader, "-m", "-u", "-i", "-n", "-p", "-C", "--"]).args(words);
        Some(command)
    }

    /// What somebody who is not root does there, in a terminal.
    fn somebody(&self, does: &str) -> Terminal {
        let does = format!("LANG=C.UTF-8 {does}");
        Terminal::start(self.inside(&["su", "-", "ada", "-c", &does]).unwrap(), 24, 80)
    }

    fn says(&self, words: &[&str]) -> String {
        let output = self.inside(words).unwrap().output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Its own way to ask the system inside for a shutdown; a machine that is left there ends with it.
        let _ = kill(Pid::from_raw(self.nspawn.id() as i32), Signal::SIGTERM);
        let end = Instant::now() + Duration::from_secs(30);
        while matches!(self.nspawn.try_wait(), Ok(None)) && Instant::now() < end {
            // It is waited for with a limit, which no event has.
            std::thread::sleep(Duration::from_millis(20));
        }
        // One that never came up does not hear that; what it started ends with it.
        let _ = self.nspawn.kill();
        let _ = self.nspawn.wait();
        for group in &self.groups {
            let _ =
                Command::new("find").arg(group).args(["-depth", "-type", "d", "-exec", "rmdir", "{}", ";"]).status();
        }
    }
}

/// An account that may use sudo, this program, and the packages of practice machines at hand.
fn furnish(tree: &Path) {
    assert!(Command::new("cp").arg("-a").arg(debian()).arg(tree).status().unwrap().success());
    fs::copy("/etc/resolv.conf", tree.join("etc/resolv.conf")).unwrap();
    fs::write(tree.join("etc/hostname"), format!("{NAME}\n")).unwrap();
    fs::write(tree.join("etc/hosts"), format!("127.0.0.1 localhost {NAME}\n")).unwrap();
    // A mirror that stands still, as some do, is good enough.
    fs::write(tree.join("etc/apt/apt.conf.d/90old"), "Acquire::Check-Valid-Until \"false\";\n").unwrap();
    fs::copy(env!("CARGO_BIN_EXE_rootless-lab"), tree.join("usr/local/bin/rootless-lab")).unwrap();
    let ada =
        Command::new("chroot").arg(tree).args(["useradd", "--create-home", "--shell", "/bin/bash", "ada"]).status();
    assert!(ada.unwrap().success());
    fs::write(tree.join("etc/sudoers.d/ada"), "ada ALL=(ALL) NOPASSWD: ALL\n").unwrap();
    let state = tree.join("var/lib/rootless-lab");
    fs::create_dir_all(&state).unwrap();
    let packages =
        Command::new("cp").arg("-al").arg(rig::state().join("packages")).arg(state.join("packages")).status();
    assert!(packages.unwrap().success());
}

#[test]
fn whoever_has_sudo_on_a_fresh_debian_is_led_to_step_1_and_all_that_is_done_to_the_host_is_shown_first() {
    // The first machine of a release brings its packages here.
    if rig::have(rig::machine(Release::Trixie)).is_none() {
        return;
    }
    let host = Host::boot();
    let mut first = host.somebody("rootless-lab start");
    first.wait(r"A practice machine needs root: sudo .*rootless-lab start", PATIENCE);
    let offer = first.wait(r"Make it now\? \[Y/n\] $", PATIENCE);
    let offer = offer.split_whitespace().collect::<Vec<_>>().join(" ");
    let lacks = "mmdebstrap, openssh-client, systemd-container";
    assert!(offer.contains(&format!("these packages are installed on this host: {lacks}")), "{offer}");
    first.line("n");
    assert_eq!(first.end(PATIENCE).code(), Some(8), "{}", first.all());
    assert!(!host.tree.join("usr/bin/systemd-nspawn").exists(), "installed without a yes");

    let mut second = host.somebody("rootless-lab start --yes");
    second.wait(r"To be run: apt-get update\s+To be run: apt-get install --yes", PATIENCE);
    second.wait("Step 1 of 20", BUILD);
    second.wait(r"\[1/20 login\] lisa@practice:~\$ $", PATIENCE);
    second.line("systemctl is-system-running; systemctl --user is-system-running");
    second.wait("\nrunning\nrunning\n", PATIENCE);
    second.line(":quit");
    assert!(second.end(PATIENCE).success(), "{}", second.all());
    let kept = ["systemctl", "list-units", "--no-legend", "--plain", "rootless-lab-*"];
    let unit = host.says(&kept);
    assert!(unit.contains(".scope loaded active running rootless-lab practice machine practice"), "{unit}");
    let mut third = host.somebody("sh -c 'rootless-lab practice list; rootless-lab practice stop'");
    third.wait(r"practice +trixie +running", PATIENCE);
    third.wait("practice is shut down.", PATIENCE);
    assert!(third.end(PATIENCE).success(), "{}", third.all());
    until("the host's systemd keeps nothing any more", || host.says(&kept).is_empty());
    assert!(!host.says(&["cat", "/proc/1/mountinfo"]).contains("rootless-lab/machines"), "nothing stays mounted");
}
