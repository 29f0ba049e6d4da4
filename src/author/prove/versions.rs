//! Whether a machine is new enough for a lesson: its podman and systemd by their own word.

use crate::lesson::Needs;
use crate::practice::Machine;

/// Whether it lacks what is needed. A program that does not say its version lacks it.
pub(super) fn is_too_old(machine: &Machine, needs: &Needs) -> bool {
    let lacks = |program: &str, wanted: &Option<String>| {
        let said = || {
            let output = machine.run_root(&[program, "--version"]).ok()?;
            version(&String::from_utf8_lossy(&output.stdout))
        };
        wanted.as_ref().is_some_and(|wanted| said().is_none_or(|has| has < parts(wanted)))
    };
    lacks("podman", &needs.podman) || lacks("systemctl", &needs.systemd)
}

/// The first number of `podman version 5.4.2`, `systemd 257 (257.9-1)`.
fn version(said: &str) -> Option<Vec<u32>> {
    let word = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(parts(word))
}

fn parts(version: &str) -> Vec<u32> {
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    version.split('.').map_while(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_part_by_part() {
        for (said, wanted, enough) in [
            ("podman version 4.10.0\n", "4.4", true),
            ("podman version 4.3.1", "4.4", false),
            ("systemd 257 (257.9-1~deb13u1)\n+PAM", "250", true),
            ("systemd 247 (247.3-7)", "250", false),
            ("podman version 5.0.0-dev", "5.0", true),
        ] {
            assert_eq!(version(said).unwrap() >= parts(wanted), enough, "{said} {wanted}");
        }
        assert_eq!(version("no such program"), None);
    }
}
