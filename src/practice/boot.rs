//! Boots a machine under systemd-nspawn and ends it. The leader inside is looked up each time, because a reboot replaces it.

use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::mount::{MsFlags, mount};
use nix::sys::signal::{Signal, kill as send};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::Pid;

use super::private::{overlay, privately};
use super::record::{self, Kept};
use super::{Error, Machine, keeper, parts, program};

/// How long a boot may take before we give up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How long a clean shutdown may take: systemd itself gives a unit 90 s.
const SHUTDOWN: Duration = Duration::from_secs(110);
/// How often a change is looked for.
pub(crate) const GLANCE: Duration = Duration::from_millis(10);

/// Starts the keeper of a machine; `held` is its lock, which the keeper inherits.
pub(crate) fn boot(machine: &Machine, held: File) -> Result<(), Error> {
    end_leftovers(machine)?;
    // A reset that was cut short ends here.
    parts::place(&machine.place(""))?;
    // on a network of its own nothing can be in the way
    if machine.online() && TcpListener::bind(("127.0.0.1", machine.ssh_port())).is_err() {
        return Err(Error::PortTaken(machine.ssh_port()));
    }
    program::refresh(machine)?;
    let console_path = machine.place("console.log");
    let console = File::create(&console_path).map_err(Error::io("write", &console_path))?;
    keeper::groups(machine).make()?;
    let keeper = privately(|| {
        let root = machine.place("root");
        overlay(&[&machine.place("seed"), machine.base()], &machine.place("upper"), &machine.place("work"), &root)?;
        devices(&machine.place("dev"))?;
        let mut command = keeper::command(machine);
        let errors = console.try_clone().map_err(Error::io("write", &console_path))?;
        command.stdin(Stdio::from(held)).stdout(console).stderr(errors);
        keeper::holding_nothing(&mut command);
        command.spawn().map_err(|error| Error::Program { program: "setsid".into(), said: error.to_string() })
    })?;
    let pid = keeper.id() as i32;
    let Some(started) = record::started(pid) else { return Err(no_boot(machine, 0)) };
    // Dropped on purpose: the keeper outlives us. One that dies while we live stays a zombie, and `started` says so.
    drop(keeper);
    record::write(&machine.place("keeper.json"), &Kept { pid, started })
}

/// Device nodes of the machine's own, in a file system of its own, so that the host's are neither shared nor changed.
fn devices(at: &Path) -> Result<(), Error> {
    let refused = |errno: nix::Error| Error::io("make devices in", at)(errno.into());
    mount(Some("tmpfs"), at, Some("tmpfs"), MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC, Some("size=64k,mode=0755"))
        .map_err(refused)?;
    for (name, major, minor) in [("tun", 10, 200), ("fuse", 10, 229)] {
        let node = at.join(name);
        mknod(&node, SFlag::S_IFCHR, Mode::from_bits_truncate(0o666), makedev(major, minor)).map_err(refused)?;
        // mknod is subject to the caller's umask
        fs::set_permissions(&node, std::os::unix::fs::PermissionsExt::from_mode(0o666))
            .map_err(Error::io("open up", &node))?;
    }
    Ok(())
}

impl Machine {
    /// Whether it is started. Between the two halves of a reboot it is.
    pub fn is_running(&self) -> bool {
        self.keeper().is_some()
    }

    fn keeper(&self) -> Option<Kept> {
        let kept = record::read::<Kept>(&self.place("keeper.json")).ok()??;
        (record::started(kept.pid) == Some(kept.started)).then_some(kept)
    }

    fn nspawn(&self) -> Option<i32> {
        let kept = self.keeper()?;
        record::children(kept.pid).into_iter().find(|&pid| record::program_of(pid).as_deref() == Some("systemd-nspawn"))
    }

    /// The host's process id of the machine's first process; none while it is down, even between the halves of a reboot.
    pub fn leader(&self) -> Option<i32> {
        let inside = |pid: &i32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            status.lines().any(|line| line.starts_with("NSpid:") && line.ends_with("\t1"))
        };
        record::children(self.nspawn()?).into_iter().find(inside)
    }

    /// A path inside, as the host reaches it. Only ever to be read from.
    pub(crate) fn inside(&self, path: &str) -> Option<PathBuf> {
        Some(PathBuf::from(format!("/proc/{}/root{path}", self.leader()?)))
    }

    /// The id of its present boot; none while it is down.
    pub fn boot_id(&self) -> Option<String> {
        let id = fs::read_to_string(self.inside("/proc/sys/kernel/random/boot_id")?).ok()?;
        Some(id.trim().to_owned())
    }

    /// Whether it is up again after a reboot since it had this boot id.
    pub fn rebooted_since(&self, boot_id: &str) -> bool {
        self.boot_id().is_some_and(|now| now != boot_id)
    }

    /// Waits until one can log in: nobody is kept out, and sshd (where there is one) listens.
    pub fn wait_for_login(&self, time: Duration) -> Result<(), Error> {
        let end = Instant::now() + time;
        while !self.lets_in() {
            if !self.is_running() || Instant::now() > end {
                return Err(no_boot(self, time.as_secs()));
            }
            thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Whether one can log in now.
    pub fn lets_in(&self) -> bool {
        let exists = |path: &str| self.inside(path).is_some_and(|path| path.exists());
        // systemd takes its own nologin away when it lets users in; sshd starts about then, the bus before
        exists("/run/dbus/system_bus_socket")
            && exists("/run/systemd/seats")
            && !exists("/run/nologin")
            && (!self.has_sshd() || self.listens(self.ssh_port()))
    }

    /// Whether something listens on this port inside, by the kernel's own table.
    fn listens(&self, port: u16) -> bool {
        let Some(leader) = self.leader() else { return false };
        let table = fs::read_to_string(format!("/proc/{leader}/net/tcp")).unwrap_or_default();
        let wanted = format!(":{port:04X}");
        table
            .lines()
            .filter_map(|line| line.split_whitespace().nth(1).zip(line.split_whitespace().nth(3)))
            .any(|(local, state)| local.ends_with(&wanted) && state == "0A")
    }
}

/// Shuts a machine down cleanly and waits for it.
pub(crate) fn stop(machine: &Machine) -> Result<bool, Error> {
    let Some(kept) = machine.keeper() else {
        end_leftovers(machine)?;
        return Ok(false);
    };
    let end = Instant::now() + SHUTDOWN;
    let mut asked = None;
    while record::started(kept.pid) == Some(kept.started) {
        // a machine in the middle of a reboot has a new nspawn to ask
        if let Some(nspawn) = machine.nspawn().filter(|&pid| asked != Some(pid)) {
            signal(nspawn, Signal::SIGTERM)?;
            asked = Some(nspawn);
        }
        if Instant::now() > end {
            return Err(Error::NoStop(machine.name().to_owned()));
        }
        thread::sleep(GLANCE);
    }
    end_leftovers(machine)?;
    Ok(true)
}

/// Ends a machine at once, with all that runs in it.
pub(crate) fn kill(machine: &Machine) -> Result<(), Error> {
    let Some(kept) = machine.keeper() else { return end_leftovers(machine) };
    let nspawn = machine.nspawn();
    signal(kept.pid, Signal::SIGKILL)?;
    if let Some(nspawn) = nspawn {
        signal(nspawn, Signal::SIGKILL)?;
    }
    end_leftovers(machine)
}

/// Ends what is left of a machine whose keeper is gone (killed, say), and its control group.
/// Waits until its lock is free too: then its mounts are gone with their namespace.
pub(crate) fn end_leftovers(machine: &Machine) -> Result<(), Error> {
    let end = Instant::now() + Duration::from_secs(20);
    while !keeper::ended(machine)? {
        if Instant::now() > end {
            return Err(Error::NoStop(machine.name().to_owned()));
        }
        thread::sleep(GLANCE);
    }
    let record = machine.place("keeper.json");
    match fs::remove_file(&record) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", &record)(error)),
        _ => Ok(()),
    }
}

fn signal(pid: i32, signal: Signal) -> Result<(), Error> {
    match send(Pid::from_raw(pid), signal) {
        Ok(()) | Err(nix::Error::ESRCH) => Ok(()),
        Err(errno) => Err(Error::io("end", Path::new("systemd-nspawn"))(errno.into())),
    }
}

fn no_boot(machine: &Machine, seconds: u64) -> Error {
    let console = fs::read(machine.place("console.log")).unwrap_or_default();
    let console = String::from_utf8_lossy(&console).replace(|c: char| c.is_control() && c != '\n', " ");
    let last = console.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(nothing)");
    Error::NoBoot { name: machine.name().to_owned(), seconds, console: last.to_owned() }
}

/// Runs a program as root inside, with a clean environment, in all of the machine's namespaces.
pub(crate) fn root_command(leader: i32, command: &[&str]) -> Command {
    let mut inside = Command::new("nsenter");
    inside.args(["-t", &leader.to_string(), "-m", "-u", "-i", "-n", "-p", "-C", "--", "env", "-i"]);
    inside.args(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root"]);
    inside.args(command);
    inside
}
