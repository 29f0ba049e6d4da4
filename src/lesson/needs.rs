//! Whether a machine has the versions that a lesson or a step needs. Pure; asks no machine.

use super::model::Needs;

/// What a machine has: versions as its programs say them. None where a program is missing, or says nothing of the kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// `5.4.2`.
    pub podman: Option<String>,
    /// `257`.
    pub systemd: Option<String>,
}

impl Versions {
    /// From what the programs say of their versions; none where there is no such program.
    pub fn said(podman: Option<&str>, systemd: Option<&str>) -> Self {
        let word = |said: Option<&str>, before: &str| {
            said?.lines().find_map(|line| line.strip_prefix(before)?.split_whitespace().next().map(str::to_owned))
        };
        Self { podman: word(podman, "podman version "), systemd: word(systemd, "systemd ") }
    }
}

/// A program that is missing or too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// `podman`.
    pub program: &'static str,
    /// At least this version was needed.
    pub wanted: String,
    /// This one is here.
    pub found: Option<String>,
}

impl Needs {
    /// The first program that is not there, or older than needed.
    pub fn lack(&self, here: &Versions) -> Option<Lack> {
        let programs = [("podman", &self.podman, &here.podman), ("systemd", &self.systemd, &here.systemd)];
        programs.into_iter().find_map(|(program, wanted, found)| {
            let wanted = wanted.clone()?;
            let enough = found.as_ref().is_some_and(|found| numbers(found) >= numbers(&wanted));
            (!enough).then(|| Lack { program, wanted, found: found.clone() })
        })
    }
}

/// `4.10.1-rc1` → 4, 10, 1. Zeros at the end say nothing: 4.4 is 4.4.0.
fn numbers(version: &str) -> Vec<u64> {
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    let plain = version.split(['-', '~', '+', ' ']).next().unwrap_or_default();
    let mut numbers: Vec<u64> = plain.split('.').map_while(digits).collect();
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enough(wanted: &str, found: Option<&str>) -> bool {
        let needs = Needs { podman: Some(wanted.into()), systemd: None };
        needs.lack(&Versions { podman: found.map(Into::into), systemd: None }).is_none()
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        for found in ["4.4", "4.4.0", "4.4.1", "4.10.0", "5.0.0-rc1", "5"] {
            assert!(enough("4.4", Some(found)), "{found}");
        }
        for found in ["4.3.1", "3.0.1", "4", "0.99"] {
            assert!(!enough("4.4", Some(found)), "{found}");
        }
        assert!(enough("4.4.0", Some("4.4")));
    }

    #[test]
    fn a_version_is_found_in_what_the_programs_say() {
        let here = Versions::said(Some("podman version 5.4.2\n"), Some("systemd 257 (257.13-1~deb13u1)\n+PAM\n"));
        assert_eq!(here, Versions { podman: Some("5.4.2".into()), systemd: Some("257".into()) });
        assert_eq!(Versions::said(Some(""), None), Versions::default());
    }

    #[test]
    fn what_is_missing_or_says_nothing_is_not_enough_where_it_is_needed() {
        assert!(!enough("4.4", None));
        assert!(!enough("4.4", Some("devel")));
        let both = Needs { podman: Some("4.4".into()), systemd: Some("250".into()) };
        let here = Versions { podman: Some("5.4.2".into()), systemd: Some("247".into()) };
        let lack = Lack { program: "systemd", wanted: "250".into(), found: Some("247".into()) };
        assert_eq!(both.lack(&here), Some(lack));
        assert_eq!(Needs::default().lack(&Versions::default()), None);
    }
}
