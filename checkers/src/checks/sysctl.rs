//! A setting of the kernel: its value now, and the one that the files of sysctl.d give it at boot.
//!
#![doc = include_str!("sysctl.md")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::sysctl::{self, FOLDERS, Line, after_boot, settled};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

/// No file of settings is larger, and no setting.
const MOST: u64 = 1 << 20;

/// What is wished of a setting of the kernel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sysctl {
    /// The setting's name: `net.ipv4.ip_forward`.
    pub key: String,
    /// Its value now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// The value that the files give it at boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_boot: Option<String>,
}

impl Judge for Sysctl {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }

    fn rests_on(&self) -> Vec<Ground> {
        let folders = FOLDERS.iter().map(|folder| Ground::inside(*folder, None));
        let folders: Vec<Ground> = folders.filter(|_| self.after_boot.is_some()).collect();
        self.now.iter().map(|_| Ground::Untold).chain(folders).collect()
    }

    fn is_about_text(&self, _: &std::path::Path) -> bool {
        true
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let key = self.key.as_str();
        let Some(path) = sysctl::path(key) else {
            return Verdict::unknown(format!("`{key}` is no name of a setting of the kernel"));
        };
        let mut findings = Findings::seen_by(format!("sysctl {key}"));
        if let Some(wanted) = &self.now {
            let wanted = settled(wanted);
            match machine.read(&path, MOST) {
                Ok(value) => {
                    let found = settled(&String::from_utf8_lossy(&value));
                    findings.saw(Evidence::new(Source::Kernel(path.to_string_lossy().into_owned()), &found));
                    findings.wish(found == wanted, format!("{key} = {wanted}"), format!("{key} = {found}"));
                }
                Err(CouldNot::Absent) => {
                    let evidence = Evidence::new(Source::Kernel(path.to_string_lossy().into_owned()), "is not there");
                    let found = format!("no {key} in this kernel");
                    findings.add(false, format!("{key} = {wanted}"), found, evidence);
                }
                Err(why) => findings.unknown(could_not(path.display(), &why)),
            }
        }
        if let Some(wanted) = &self.after_boot {
            let wanted = settled(wanted);
            match files(machine).and_then(|files| read(machine, &files, key)) {
                Ok(lines) => {
                    let said = |value: &str| format!("{key} = {value} after a boot");
                    let set = after_boot(lines.iter().map(|(path, line)| (path, line)));
                    let (found, evidence) = match set {
                        Some((path, value)) => (said(value), Evidence::file(path, format!("{key} = {value}"))),
                        None => (
                            format!("no file sets {key}"),
                            Evidence::file(FOLDERS[0], format!("neither here nor in its kin is {key} set")),
                        ),
                    };
                    findings.add(set.is_some_and(|(_, value)| value == wanted), said(&wanted), found, evidence);
                }
                Err(unknown) => findings.unknown(unknown),
            }
            if self.now.is_none() {
                findings = findings.see(format!("grep -r {} /etc/sysctl.d /usr/lib/sysctl.d", last(key)));
            }
        }
        findings.verdict()
    }
}

/// The last word of a name: it is the same whichever way the name is written.
fn last(key: &str) -> &str {
    key.rsplit(['.', '/']).next().unwrap_or(key)
}

/// The files that are read at boot, in their order: by name, each from the weightiest folder that has it.
fn files(machine: &dyn Machine) -> Result<Vec<PathBuf>, Verdict> {
    let mut files: BTreeMap<_, PathBuf> = BTreeMap::new();
    for folder in FOLDERS {
        let names = match machine.list(Path::new(folder)) {
            Ok(names) => names,
            Err(CouldNot::Absent) => continue,
            Err(why) => return Err(could_not(folder, &why)),
        };
        for name in names.into_iter().filter(|name| name.to_string_lossy().ends_with(".conf")) {
            let path = Path::new(folder).join(&name);
            files.entry(name).or_insert(path);
        }
    }
    Ok(files.into_values().collect())
}

/// What each file says about the setting. A link to `/dev/null` says nothing; that is how a file is switched off.
fn read(machine: &dyn Machine, files: &[PathBuf], key: &str) -> Result<Vec<(PathBuf, Line)>, Verdict> {
    let mut found = Vec::new();
    for path in files {
        if machine.read_link(path).is_ok_and(|target| target == Path::new("/dev/null")) {
            continue;
        }
        match machine.read(path, MOST) {
            Ok(text) => {
                let lines = sysctl::lines(&String::from_utf8_lossy(&text), key);
                found.extend(lines.into_iter().map(|line| (path.clone(), line)));
            }
            // A link to nowhere sets nothing.
            Err(CouldNot::Absent) => {}
            Err(why) => return Err(could_not(path.display(), &why)),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const KEY: &str = "net.ipv4.ip_forward";

    fn machine() -> Recorded {
        Recorded::new()
            .file("/proc/sys/net/ipv4/ip_forward", "0\n")
            .file("/proc/sys/net/ipv4/tcp_rmem", "4096\t131072\t6291456\n")
            .file("/usr/lib/sysctl.d/50-default.conf", "net.ipv4.ip_forward = 0\n")
            .file("/usr/lib/sysctl.d/90-off.conf", "net.ipv4.ip_forward = 7\n")
            .link("/etc/sysctl.d/90-off.conf", "/dev/null")
            .file("/etc/sysctl.d/99-lab.conf", "net/ipv4/ip_forward=1\n")
            .file("/etc/sysctl.d/99-lab.conf.bak", "net.ipv4.ip_forward = 9\n")
    }
    fn judged(machine: &Recorded, key: &str, now: Option<&str>, after_boot: Option<&str>) -> Verdict {
        let [now, after_boot] = [now, after_boot].map(|value| value.map(str::to_owned));
        Sysctl { key: key.into(), now, after_boot }.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn sysctl_passes_now_and_after_a_boot_each_by_its_own_source() {
        let verdict = judged(&machine(), KEY, Some("0"), Some("1"));
        assert!(verdict.is_pass(), "{verdict:?}");
        assert_eq!(verdict.evidence()[1], Evidence::file("/etc/sysctl.d/99-lab.conf", "net.ipv4.ip_forward = 1"));
        assert!(judged(&machine(), "net.ipv4.tcp_rmem", Some("4096 131072 6291456"), None).is_pass());
    }

    #[test]
    fn sysctl_fails_with_the_value_that_was_found() {
        let verdict = judged(&machine(), KEY, Some("1"), Some("0"));
        let Verdict::Fail { wanted, found, see, evidence } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "net.ipv4.ip_forward = 1, net.ipv4.ip_forward = 0 after a boot");
        assert_eq!(found, "net.ipv4.ip_forward = 0, net.ipv4.ip_forward = 1 after a boot");
        assert_eq!((see.as_deref(), evidence.len()), (Some("sysctl net.ipv4.ip_forward"), 2));
        let verdict = judged(&machine(), "vm.swappiness", None, Some("10"));
        assert!(matches!(verdict, Verdict::Fail { found, .. } if found == "no file sets vm.swappiness"));
        assert!(judged(&machine(), "vm.swappiness", Some("10"), None).is_fail());
    }

    #[test]
    fn a_file_in_etc_hides_its_namesake_and_a_link_to_null_switches_it_off() {
        let one = Recorded::new()
            .file("/usr/lib/sysctl.d/10-a.conf", "kernel.x = 1\n")
            .file("/run/sysctl.d/10-a.conf", "kernel.x = 2\n")
            .file("/etc/sysctl.d/05-b.conf", "kernel.x = 3\n");
        assert!(judged(&one, "kernel.x", None, Some("2")).is_pass());
        let off = one.link("/etc/sysctl.d/10-a.conf", "/dev/null");
        assert!(judged(&off, "kernel.x", None, Some("3")).is_pass());
    }

    #[test]
    fn sysctl_is_unknown_where_nobody_may_look_or_nothing_is_named() {
        let closed = machine().closed("/proc/sys/net/ipv4/ip_forward", CouldNot::Denied);
        assert!(judged(&closed, KEY, Some("1"), None).is_unknown());
        let closed = machine().closed("/etc/sysctl.d/99-lab.conf", CouldNot::Denied);
        assert!(judged(&closed, KEY, None, Some("1")).is_unknown());
        assert!(judged(&machine(), "../../etc/passwd", Some("1"), None).is_unknown());
        assert!(judged(&machine(), KEY, None, None).is_unknown());
    }
}
