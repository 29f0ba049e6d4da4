//! The test bed: a practice machine of its own with the peers installed and the service of the eighteen facts running.
//! Nothing of it is on the host but its state directory.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rootless_lab::practice::{Machine, Machines, Recipe, Release};

use super::figures::Figures;

/// Where everything of ours is, inside.
pub const ROOM: &str = "/opt/measure";
/// The peers, as the release packages them, and what counts the lab's own program starts.
const PACKAGES: &str = "goss python3-pytest python3-testinfra strace";
pub const NAME: &str = "measure";

pub struct Bed {
    pub machine: Machine,
    /// conuser1's login, which stays open as long as we measure.
    login: Child,
}

impl Bed {
    pub fn make() -> Bed {
        let machines = machines();
        fs::create_dir_all(state()).expect("the state directory can be made");
        if let Ok(old) = machines.find(NAME) {
            old.cut_power().and_then(|()| old.remove()).expect("the machine of the last run goes");
        }
        let mut said = String::new();
        let mut tell = |progress: rootless_lab::practice::Progress| {
            if progress.doing != said {
                eprintln!("the machine: {}", progress.doing);
                said = progress.doing;
            }
        };
        let machine = machines.create(&Recipe::new(NAME, Release::Trixie), &mut tell).expect("a machine is made");
        machine.start().expect("it boots");
        furnish(&machine);
        let mut staying = login(&machine, "conuser1", &["sh", "-c", "echo in; exec sleep infinity"]);
        let mut login = staying.stdout(Stdio::piped()).spawn().expect("conuser1 logs in");
        let mut said = String::new();
        let heard = login.stdout.as_mut().map(|out| BufReader::new(out).read_line(&mut said));
        assert!(heard.is_some() && said.starts_with("in"), "conuser1 is logged in");
        Bed { machine, login }
    }

    /// Has a part measured inside, in a true login of this account (root: of lisa, through sudo).
    pub fn inside(&self, account: &str, part: &str) -> Figures {
        let answer = format!("/var/tmp/measure-{part}.json");
        let words = [&format!("{ROOM}/measure"), "inside", part, &answer];
        let status = match account {
            "root" => login(&self.machine, "lisa", &[&["sudo"], words.as_slice()].concat()).status(),
            _ => login(&self.machine, account, &words).status(),
        };
        assert!(status.expect("the machine can be entered").success(), "{part} could not be measured");
        let bytes = fs::read(in_tree(&self.machine, &answer)).expect("an answer");
        serde_json::from_slice(&bytes).expect("figures")
    }

    /// What was measured on: one line.
    pub fn about(&self) -> String {
        let said = |words: &[&str]| {
            let output = self.machine.run_root(words).expect("the machine answers");
            String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
        };
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        format!(
            "{}, {cores} cores, Linux {}; on the machine (trixie) {}, {}, {}",
            said(&["date", "+%Y-%m-%d %H:%M UTC"]),
            said(&["uname", "-r"]),
            said(&["podman", "--version"]),
            said(&["systemctl", "--version"]),
            said(&["bash", "--version"]),
        )
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = self.login.kill();
        let _ = self.login.wait();
        let ended = self.machine.cut_power().and_then(|()| self.machine.clone().remove());
        if let Err(error) = ended {
            eprintln!("the machine `{NAME}` stays behind: {error}");
        }
    }
}

pub fn state() -> PathBuf {
    std::env::var_os("ROOTLESS_LAB_STATE").map_or_else(|| PathBuf::from("/var/tmp/rootless-lab-bench"), PathBuf::from)
}

pub fn machines() -> Machines {
    Machines::at(&state(), Path::new(env!("CARGO_BIN_EXE_rootless-lab"))).expect("a state directory")
}

/// A path of a running machine, as the host reaches it.
fn in_tree(machine: &Machine, path: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root{path}", machine.leader().expect("it runs")))
}

fn enter(machine: &Machine, words: &[&str]) -> Command {
    let mut command = Command::new("nsenter");
    command.args(["-t", &machine.leader().expect("it runs").to_string(), "-m", "-u", "-i", "-n", "-p", "-C", "--"]);
    command.args(["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"]);
    command.args(["HOME=/root"]).args(words).stdin(Stdio::null());
    command
}

pub fn login(machine: &Machine, account: &str, words: &[&str]) -> Command {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let mut command = machine.enter_command(account, &words).expect("it runs");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// The peers, the scripts, this program, and the service that the facts describe.
fn furnish(machine: &Machine) {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let room = in_tree(machine, ROOM);
    for (from, to) in [("peers", "peers"), ("facts", "facts"), ("setup.sh", "setup.sh")] {
        fs::create_dir_all(&room).expect("a room");
        run(Command::new("cp").arg("-r").arg(benches.join(from)).arg(room.join(to)));
    }
    fs::copy("/proc/self/exe", room.join("measure")).expect("our own program");
    run(Command::new("chmod").args(["-R", "a+rX,a+x"]).arg(&room));
    packages(machine);
    run(&mut login(machine, "lisa", &["sudo", "sh", &format!("{ROOM}/setup.sh"), "accounts"]));
    run(&mut login(machine, "conuser1", &["sh", &format!("{ROOM}/setup.sh"), "service"]));
}

/// Installs the peers with the machine's own apt. The packages are kept beside the base tree's, so that the next run fetches nothing.
fn packages(machine: &Machine) {
    let kept = state().join("packages/peers");
    fs::create_dir_all(&kept).expect("a folder for packages");
    let archives = in_tree(machine, "/var/cache/apt/archives");
    let empty = fs::read_dir(&kept).expect("it is there").next().is_none();
    if empty {
        // The machine has no network: apt alone is lent the host's, in a mount namespace of its own for the host's name servers.
        let names = in_tree(machine, "/run/measure-resolv.conf");
        fs::copy("/etc/resolv.conf", names).expect("the host's name servers");
        let script = format!(
            "mount --bind /run/measure-resolv.conf /etc/resolv.conf && apt-get -q update && \
             apt-get -qy -o APT::Keep-Downloaded-Packages=true install --no-install-recommends --download-only {PACKAGES}"
        );
        let leader = machine.leader().expect("it runs").to_string();
        run(Command::new("nsenter").args(["-t", &leader, "-m", "--", "unshare", "-m", "sh", "-c", &script]));
        copy_packages(&archives, &kept);
    }
    copy_packages(&kept, &archives);
    let install =
        "DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends /var/cache/apt/archives/*.deb";
    run(&mut enter(machine, &["sh", "-c", install]));
}

fn copy_packages(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder for packages");
    for path in fs::read_dir(from).expect("a folder of packages").flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|end| end == "deb") {
            fs::copy(&path, to.join(path.file_name().expect("a file"))).expect("a package is copied");
        }
    }
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stdout));
}
