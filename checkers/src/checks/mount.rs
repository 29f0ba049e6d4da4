//! A filesystem at its mount point: now, and in /etc/fstab.
//!
#![doc = include_str!("mount.md")]

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, quoted};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::mount::{self, is_for_fstab, link_of};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

const MOUNTINFO: &str = "/proc/self/mountinfo";
const FSTAB: &str = "/etc/fstab";
/// No table of mounts is larger.
const MOST: u64 = 16 << 20;
/// No device is behind more links.
const LINKS: usize = 8;

/// What is wished of a mount point. Where neither `mounted` nor `in-fstab` is said, something has to be mounted there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mount {
    /// The mount point, a full path.
    pub at: String,
    /// Something is mounted there now, or nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mounted: Option<bool>,
    /// A line of /etc/fstab mounts something there at boot, or none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_fstab: Option<bool>,
    /// What is mounted: a device by any of its names, `UUID=…`, `LABEL=…`, `host:/path`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The type of filesystem.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Options in effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// Which of the two tables a line is from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Now,
    Fstab,
}

impl Table {
    fn say(self, what: impl std::fmt::Display) -> String {
        match self {
            Self::Now => format!("{what} mounted"),
            Self::Fstab => format!("{what} in fstab"),
        }
    }
    fn saw(self, said: String) -> Evidence {
        match self {
            Self::Now => Evidence::new(Source::Kernel(MOUNTINFO.into()), said),
            Self::Fstab => Evidence::file(FSTAB, said),
        }
    }
}

impl Judge for Mount {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }

    fn rests_on(&self) -> Vec<Ground> {
        let now = self.now().map(|_| Ground::Untold);
        now.into_iter().chain(self.in_fstab.map(|_| Ground::path(FSTAB, None))).collect()
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        if !self.at.starts_with('/') {
            return Verdict::unknown(format!("`{}` is not a full path", self.at));
        }
        let mut findings = Findings::default();
        if let Some(wanted) = self.now() {
            match machine.read(Path::new(MOUNTINFO), MOST) {
                Ok(text) => {
                    let all = mount::mounted(&String::from_utf8_lossy(&text));
                    let here = all.iter().rev().find(|one| one.at == self.at());
                    self.judge_line(machine, Table::Now, wanted, here, &mut findings);
                }
                Err(why) => findings.unknown(could_not(MOUNTINFO, &why)),
            }
        }
        if let Some(wanted) = self.in_fstab {
            let text = match machine.read(Path::new(FSTAB), MOST) {
                Err(CouldNot::Absent) => Ok(Vec::new()),
                read => read,
            };
            match text.map(|text| mount::fstab(&String::from_utf8_lossy(&text))) {
                Ok(Ok(all)) => {
                    let here = all.iter().rev().find(|one| one.at == self.at());
                    self.judge_line(machine, Table::Fstab, wanted, here, &mut findings);
                }
                Ok(Err(line)) => findings.unknown(Verdict::unknown(format!("{FSTAB}: line {line} cannot be read"))),
                Err(why) => findings.unknown(could_not(FSTAB, &why)),
            }
        }
        let at = quoted(&self.at);
        let see = if self.now().is_some() { format!("findmnt {at}") } else { format!("findmnt --fstab {at}") };
        findings.see(see).verdict()
    }
}

impl Mount {
    /// What is wished of this moment.
    fn now(&self) -> Option<bool> {
        self.mounted.or_else(|| self.in_fstab.is_none().then_some(true))
    }

    fn at(&self) -> &str {
        if self.at.len() > 1 { self.at.trim_end_matches('/') } else { &self.at }
    }

    fn judge_line(
        &self,
        machine: &dyn Machine,
        table: Table,
        wanted: bool,
        line: Option<&mount::Mount>,
        findings: &mut Findings,
    ) {
        let say = |is| table.say(format_args!("{} at {}", if is { "something" } else { "nothing" }, self.at));
        let Some(line) = line else {
            findings.add(!wanted, say(wanted), say(false), table.saw(format!("nothing at {}", self.at)));
            return;
        };
        findings.saw(table.saw(format!("{} at {}, type {}, options {}", line.source, line.at, line.kind, line.row())));
        // A line that is only there to be mounted by hand mounts nothing at boot.
        let asked_for = self.options.iter().any(|option| option == "noauto");
        let is = table == Table::Now || line.has("auto") || asked_for;
        let found = if is { say(true) } else { format!("{}, with noauto", say(true)) };
        findings.wish(is == wanted, say(wanted), found);
        if !wanted {
            return;
        }
        if let Some(source) = &self.source {
            match (device(machine, source), device(machine, &line.source)) {
                (Ok(one), Ok(other)) => {
                    findings.wish(one == other, table.say(source), table.say(&line.source));
                }
                _ if *source == line.source => {}
                (Err(unknown), _) | (_, Err(unknown)) => findings.unknown(unknown),
            }
        }
        if let Some(kind) = &self.kind {
            let (wanted, found) = (format!("type {kind}"), format!("type {}", line.kind));
            findings.wish(line.kind == *kind, table.say(wanted), table.say(found));
        }
        for option in &self.options {
            if table == Table::Now && self.in_fstab.is_some() && is_for_fstab(option) {
                continue;
            }
            let (wanted, found) = (format!("option {option}"), format!("options {}", line.row()));
            findings.wish(line.has(option), table.say(wanted), table.say(found));
        }
    }
}

/// The device behind its names; a source that is no device as it is written. A tag that no device has is unknown.
fn device(machine: &dyn Machine, source: &str) -> Result<String, Verdict> {
    let tag = link_of(source);
    let mut path = match &tag {
        Some(link) => PathBuf::from(link),
        None if source.starts_with("/dev/") => PathBuf::from(source),
        None => return Ok(source.to_owned()),
    };
    for nth in 0..LINKS {
        match machine.read_link(&path) {
            Ok(target) => path = plain(&path.parent().unwrap_or(Path::new("/")).join(target)),
            Err(_) if nth == 0 && tag.is_some() => {
                return Err(Verdict::unknown(format!("no device of this machine is known as {source}")));
            }
            Err(_) => break,
        }
    }
    Ok(path.to_string_lossy().into_owned())
}

/// Without `..`, which in device links never crosses another link.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn machine() -> Recorded {
        let now = "25 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n\
            30 25 254:2 / /data rw,nosuid - xfs /dev/mapper/vg-data rw\n31 25 0:40 / /scratch rw - tmpfs tmpfs rw,size=64k\n";
        let fstab =
            "/dev/vda1 / ext4 defaults 0 1\nUUID=abc /data xfs nosuid,nofail 0 2\n/dev/vdb1 /backup ext4 noauto 0 0\n";
        Recorded::new()
            .file(MOUNTINFO, now)
            .file(FSTAB, fstab)
            .link("/dev/mapper/vg-data", "../dm-0")
            .link("/dev/disk/by-uuid/abc", "../../dm-0")
            .file("/dev/dm-0", "")
    }
    fn judged(machine: &Recorded, at: &str, change: impl FnOnce(&mut Mount)) -> Verdict {
        let mut check = Mount { at: at.into(), ..Mount::default() };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }
    fn said(verdict: Verdict) -> [String; 2] {
        let Verdict::Fail { wanted, found, .. } = verdict else { panic!("{verdict:?}") };
        [wanted, found]
    }

    #[test]
    fn mount_passes_now_and_in_fstab_under_any_name_of_the_device() {
        for source in ["UUID=abc", "/dev/mapper/vg-data", "/dev/dm-0"] {
            let verdict = judged(&machine(), "/data", |m| {
                (m.mounted, m.in_fstab) = (Some(true), Some(true));
                m.source = Some(source.into());
                m.kind = Some("xfs".into());
                m.options = vec!["nosuid".into(), "rw".into(), "nofail".into()];
            });
            assert!(verdict.is_pass(), "{source}: {verdict:?}");
            assert_eq!(verdict.evidence().len(), 2);
        }
        assert!(judged(&machine(), "/scratch/", |_| ()).is_pass());
        assert!(judged(&machine(), "/scratch", |m| m.in_fstab = Some(false)).is_pass());
        assert!(judged(&machine(), "/backup", |m| m.mounted = Some(false)).is_pass());
    }

    #[test]
    fn mount_fails_in_the_words_of_the_table_that_differs() {
        let verdict = judged(&machine(), "/scratch", |m| m.kind = Some("xfs".into()));
        assert_eq!(said(verdict), ["type xfs mounted", "type tmpfs mounted"]);
        let verdict = judged(&machine(), "/scratch", |m| m.in_fstab = Some(true));
        assert_eq!(said(verdict), ["something at /scratch in fstab", "nothing at /scratch in fstab"]);
        let verdict = judged(&machine(), "/backup", |m| m.in_fstab = Some(true));
        assert_eq!(said(verdict)[1], "something at /backup in fstab, with noauto");
        let verdict = judged(&machine(), "/data", |m| m.options = vec!["noexec".into()]);
        assert_eq!(said(verdict), ["option noexec mounted", "options nosuid,rw mounted"]);
        let verdict = judged(&machine(), "/data", |m| m.source = Some("/dev/vda1".into()));
        assert_eq!(said(verdict), ["/dev/vda1 mounted", "/dev/mapper/vg-data mounted"]);
        assert!(judged(&machine(), "/data", |m| m.mounted = Some(false)).is_fail());
        assert!(judged(&machine(), "/nowhere", |_| ()).is_fail());
    }

    #[test]
    fn mount_is_unknown_without_a_table_or_a_device_of_that_name() {
        assert!(judged(&Recorded::new(), "/data", |_| ()).is_unknown());
        assert!(judged(&machine().file(FSTAB, "/data\n"), "/data", |m| m.in_fstab = Some(true)).is_unknown());
        assert!(judged(&machine(), "/data", |m| m.source = Some("UUID=def".into())).is_unknown());
        assert!(judged(&machine(), "data", |_| ()).is_unknown());
    }
}
