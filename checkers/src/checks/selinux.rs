//! SELinux: its mode now and as configured, and the label of a path.
//!
#![doc = include_str!("selinux.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, quoted};
use super::place::{Nowhere, place};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

const ENFORCE: &str = "/sys/fs/selinux/enforce";
const CONFIG: &str = "/etc/selinux/config";
/// No file that is read here is larger.
const MOST: u64 = 64 << 10;

/// What is wished of SELinux. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Selinux {
    /// The mode now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Mode>,
    /// The mode that /etc/selinux/config sets at boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_boot: Option<Mode>,
    /// A path whose label is wished. `~` is the home of `as`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The account with whose eyes the path is looked at. Otherwise anyone's.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The type in the path's label: `httpd_sys_content_t`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The path's whole label: `system_u:object_r:etc_t:s0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A mode of SELinux.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// What the policy does not allow is refused.
    Enforcing,
    /// It is only told.
    Permissive,
    /// There is no SELinux.
    Disabled,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Enforcing => "enforcing",
            Self::Permissive => "permissive",
            Self::Disabled => "disabled",
        }
    }
    fn of(word: &str) -> Option<Self> {
        [Self::Enforcing, Self::Permissive, Self::Disabled].into_iter().find(|mode| mode.word() == word)
    }
}

impl Judge for Selinux {
    fn eyes(&self) -> Eyes {
        self.account.clone().map_or(Eyes::Anyone, Eyes::Account)
    }

    fn rests_on(&self) -> Vec<Ground> {
        let now = self.now.map(|_| Ground::Untold);
        let config = self.after_boot.map(|_| Ground::path(CONFIG, None));
        let path = self.path.as_ref().map(|path| Ground::path(path, self.account.as_ref()));
        now.into_iter().chain(config).chain(path).chain([Ground::Accounts]).collect()
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Selinux {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        if self.path.is_some() && self.kind.is_none() && self.label.is_none() {
            return Err(Verdict::unknown("neither a type nor a label is wished of the path"));
        }
        let mut say = Findings::seen_by(match &self.path {
            Some(path) if self.now.is_none() && self.after_boot.is_none() => format!("ls -Zd {}", quoted(path)),
            _ => "sestatus".into(),
        });
        let now = mode_now(machine)?;
        if let Some(wanted) = self.now {
            let (mode, evidence) = now.clone();
            say.add(mode == wanted, format!("SELinux {}", wanted.word()), format!("SELinux {}", mode.word()), evidence);
        }
        if let Some(wanted) = self.after_boot {
            let text = machine.read(Path::new(CONFIG), MOST).map_err(|why| could_not(CONFIG, &why))?;
            let word = configured(&String::from_utf8_lossy(&text));
            let mode =
                Mode::of(&word).ok_or_else(|| Verdict::unknown(format!("{CONFIG}: SELINUX={word} is no mode")))?;
            let phrase = |mode: Mode| format!("SELinux {} after a boot", mode.word());
            let evidence = Evidence::file(CONFIG, format!("SELINUX={word}"));
            say.add(mode == wanted, phrase(wanted), phrase(mode), evidence);
        }
        if let Some(path) = &self.path {
            self.judge_label(machine, path, now.0, &mut say)?;
        }
        Ok(say.verdict())
    }

    fn judge_label(&self, machine: &dyn Machine, path: &str, now: Mode, say: &mut Findings) -> Result<(), Verdict> {
        let path = match place(machine, path, self.account.as_deref()) {
            Ok(path) => path,
            Err(Nowhere::Unknown(unknown)) => return Err(unknown),
            Err(Nowhere::NoAccount(name)) => return Err(Verdict::unknown(format!("there is no account {name}"))),
        };
        let label = match machine.label(&path) {
            Ok(label) => label,
            Err(CouldNot::Absent) => {
                machine.stat(&path, false).map_err(|why| could_not(path.display(), &why))?;
                if now == Mode::Disabled {
                    return Err(Verdict::unknown(format!("{} has no label, and SELinux is disabled", path.display())));
                }
                "no label".into()
            }
            Err(why) => return Err(could_not(path.display(), &why)),
        };
        say.saw(Evidence::file(&path, format!("labelled {label}")));
        let kind = label.split(':').nth(2).unwrap_or("none");
        if let Some(wanted) = &self.kind {
            say.wish(kind == wanted, format!("type {wanted}"), format!("type {kind}"));
        }
        if let Some(wanted) = &self.label {
            say.wish(label == *wanted, format!("label {wanted}"), format!("label {label}"));
        }
        Ok(())
    }
}

/// Where the kernel runs without it, only a machine that is set up for SELinux is called disabled; any other has none.
fn mode_now(machine: &dyn Machine) -> Result<(Mode, Evidence), Verdict> {
    match machine.read(Path::new(ENFORCE), 16) {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text).trim().to_owned();
            let evidence = Evidence::new(Source::Kernel(ENFORCE.into()), &text);
            match text.as_str() {
                "1" => Ok((Mode::Enforcing, evidence)),
                "0" => Ok((Mode::Permissive, evidence)),
                other => Err(Verdict::unknown(format!("{ENFORCE} says {other}"))),
            }
        }
        Err(CouldNot::Absent) => match machine.stat(Path::new(CONFIG), true) {
            Ok(_) => Ok((Mode::Disabled, Evidence::new(Source::Kernel(ENFORCE.into()), "is not there"))),
            Err(CouldNot::Absent) => Err(Verdict::Unknown {
                why: "this machine has no SELinux: neither in its kernel nor a configuration of it".into(),
                grant: Some("a machine with SELinux".into()),
            }),
            Err(why) => Err(could_not(CONFIG, &why)),
        },
        Err(why) => Err(could_not(ENFORCE, &why)),
    }
}

/// The last line counts. Without one SELinux is enforcing, as its library has it.
fn configured(text: &str) -> String {
    let mut lines = text.lines().filter_map(|line| line.trim().strip_prefix("SELINUX="));
    lines.next_back().map_or_else(|| "enforcing".into(), |word| word.trim().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const INDEX: &str = "/var/www/html/index.html";

    fn machine(enforce: &str) -> Recorded {
        Recorded::new()
            .file(ENFORCE, enforce)
            .file(CONFIG, "# SELINUX= can be\nSELINUX=enforcing\nSELINUXTYPE=targeted\n")
            .file(INDEX, "hello")
            .labelled(INDEX, "unconfined_u:object_r:httpd_sys_content_t:s0")
            .file("/srv/bare", "")
    }
    fn judged(machine: &Recorded, change: impl FnOnce(&mut Selinux)) -> Verdict {
        let mut check = Selinux::default();
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn selinux_passes_by_mode_configuration_and_label() {
        let verdict = judged(&machine("1"), |s| {
            (s.now, s.after_boot) = (Some(Mode::Enforcing), Some(Mode::Enforcing));
            s.path = Some(INDEX.into());
            s.kind = Some("httpd_sys_content_t".into());
            s.label = Some("unconfined_u:object_r:httpd_sys_content_t:s0".into());
        });
        assert!(verdict.is_pass() && verdict.evidence().len() == 3, "{verdict:?}");
        let off = Recorded::new().file(CONFIG, "SELINUX=disabled\n");
        assert!(judged(&off, |s| (s.now, s.after_boot) = (Some(Mode::Disabled), Some(Mode::Disabled))).is_pass());
    }

    #[test]
    fn selinux_fails_with_the_mode_or_type_that_was_found() {
        let verdict = judged(&machine("0"), |s| {
            s.now = Some(Mode::Enforcing);
            s.path = Some(INDEX.into());
            s.kind = Some("user_home_t".into());
        });
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "SELinux enforcing, type user_home_t");
        assert_eq!(found, "SELinux permissive, type httpd_sys_content_t");
        assert_eq!(see.as_deref(), Some("sestatus"));
        assert!(judged(&machine("1"), |s| s.after_boot = Some(Mode::Permissive)).is_fail());
        let bare = judged(&machine("1"), |s| (s.path, s.kind) = (Some("/srv/bare".into()), Some("x_t".into())));
        assert!(matches!(bare, Verdict::Fail { found, .. } if found == "type none"));
    }

    #[test]
    fn selinux_is_unknown_on_a_machine_without_it() {
        let verdict = judged(&Recorded::new(), |s| s.now = Some(Mode::Disabled));
        assert!(matches!(&verdict, Verdict::Unknown { why, .. } if why.contains("no SELinux")), "{verdict:?}");
        assert!(judged(&machine("1"), |_| ()).is_unknown());
        assert!(judged(&machine("?"), |s| s.now = Some(Mode::Enforcing)).is_unknown());
        let nowhere = |s: &mut Selinux| (s.path, s.kind) = (Some("/no".into()), Some("x_t".into()));
        assert!(judged(&machine("1"), nowhere).is_unknown());
        let closed = machine("1").closed("/var/www", CouldNot::Denied);
        assert!(judged(&closed, |s| (s.path, s.kind) = (Some(INDEX.into()), Some("x_t".into()))).is_unknown());
    }
}
