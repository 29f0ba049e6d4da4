//! The thin caretaker outside: enters the machine, and enters again after it was rebooted from inside. Never judges and never restarts a machine.

use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use super::{Error, Machine, boot};

/// How a stay in a machine ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The session's shell or command ended with this status.
    Left(ExitStatus),
    /// The machine was powered off, from inside or from outside.
    PoweredOff,
}

/// How long a machine may take to go down and come back: its units have 90 s to stop.
const RETURN: Duration = Duration::from_secs(150);

/// Enters `machine` as `user` with `command` and, the first time, `first_args` after it; enters again (without them) after each reboot.
/// So `command` must be one that may run again; what must run once belongs in `first_args`.
/// `tell` is given one line before each new entry.
pub fn caretaker(
    machine: &Machine,
    user: &str,
    command: &[String],
    first_args: &[String],
    tell: &mut dyn FnMut(&str),
) -> Result<Ended, Error> {
    let mut words = [command, first_args].concat();
    loop {
        let Some(boot_id) = machine.boot_id() else { return Err(Error::NotRunning(machine.name().to_owned())) };
        let status = machine.enter(user, &words)?;
        // ssh says 255 when the connection broke, which a machine on its way down does
        if status.code() != Some(255) && machine.boot_id().as_ref() == Some(&boot_id) && !going_down(machine) {
            return Ok(Ended::Left(status));
        }
        let end = Instant::now() + RETURN;
        let mut told = false;
        while !machine.rebooted_since(&boot_id) {
            if !machine.is_running() {
                return Ok(Ended::PoweredOff);
            }
            let down = machine.leader().is_none() || going_down(machine);
            if down && !told {
                tell(&format!("{} is going down; waiting for it to come back …", machine.name()));
                told = true;
            }
            // a broken connection of a machine that stays up is the session's own end
            if !down && !told && machine.lets_in() || Instant::now() > end {
                return Ok(Ended::Left(status));
            }
            thread::sleep(Duration::from_millis(50));
        }
        machine.wait_for_login(boot::PATIENCE)?;
        tell(&format!("{} has rebooted; entering again as {user}.", machine.name()));
        words = command.to_vec();
    }
}

/// Whether the machine's systemd is stopping it.
fn going_down(machine: &Machine) -> bool {
    let asked = machine.run_root(&["systemctl", "is-system-running"]);
    asked.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == "stopping")
}
