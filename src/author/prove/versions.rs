//! Which podman and systemd a machine has, by their own word.

use crate::lesson::Versions;
use crate::practice::Machine;

/// What this machine has.
pub(super) fn of(machine: &Machine) -> Versions {
    let said = |program: &str| {
        let output = machine.run_root(&[program, "--version"]).ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    Versions::said(said("podman").as_deref(), said("systemctl").as_deref())
}
