//! What /etc/sudoers and the files that it includes let an account run.
//!
#![doc = include_str!("sudo_rule.md")]

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not, quoted};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::sudoers::{self, Line, RUNAS_DEFAULT, Who, included};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

const SUDOERS: &str = "/etc/sudoers";
const NSSWITCH: &str = "/etc/nsswitch.conf";
/// No file of rules is larger.
const MOST: u64 = 1 << 20;
/// No more files are read, and none includes deeper.
const FILES: usize = 1000;
const DEPTH: usize = 16;

/// What is wished of an account's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SudoRule {
    /// The account.
    pub account: String,
    /// What it may run: a full path, with or without words behind it, or `ALL` for everything.
    pub runs: String,
    /// The account as whom. root unless said.
    #[serde(default = "root")]
    pub target: String,
    /// A password is asked for, or none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<bool>,
    /// False wishes that it may not. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub granted: bool,
}

fn root() -> String {
    "root".into()
}

impl Judge for SudoRule {
    fn eyes(&self) -> Eyes {
        Eyes::Root
    }

    fn rests_on(&self) -> Vec<Ground> {
        // The files are closed to all but root; their folder tells of what comes and goes in it.
        vec![Ground::Accounts, Ground::Untold, Ground::inside("/etc/sudoers.d", None)]
    }

    fn is_about_text(&self, _: &std::path::Path) -> bool {
        true
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl SudoRule {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let (entry, target) = (account(machine, &self.account)?, account(machine, &self.target)?);
        let groups =
            machine.groups_of(&entry).map_err(|why| could_not(format_args!("the groups of {}", self.account), &why))?;
        let host = machine
            .read(Path::new("/proc/sys/kernel/hostname"), 4096)
            .map_err(|why| could_not("the machine's name", &why))?;
        let host = String::from_utf8_lossy(&host);
        let mut read = Reader { machine, lines: Vec::new(), files: Vec::new() };
        read.file(Path::new(SUDOERS), 0)?;
        let who = Who {
            name: &self.account,
            uid: entry.uid,
            groups: &groups,
            host: host.trim(),
            target: &self.target,
            target_uid: target.uid,
        };
        let answer = sudoers::ask(&read.lines, &who, &names(machine, self.runs.trim()));
        let matters = |line: &&Line| {
            self.password.is_some() || !line.text.starts_with("Defaults") || line.text.contains(RUNAS_DEFAULT)
        };
        let open = answer.open.iter().find(matters);
        if let Some(line) = open {
            return Err(Verdict::unknown(format!("{} is not understood: {}", line.place(), short(&line.text))));
        }
        let granted = matches!(answer.decided, Some((_, true))) && answer.but.is_none();
        if !granted && let Some(elsewhere) = kept_elsewhere(machine)? {
            return Err(Verdict::unknown(format!(
                "rules are also kept in `{elsewhere}` on this machine, not in the files alone"
            )));
        }
        let mut say = Findings::seen_by(format!("sudo -l -U {}", quoted(&self.account)));
        match &answer.decided {
            Some((line, _)) => {
                say.saw(Evidence::file(&line.file, format!("line {}: {}", line.number, short(&line.text))))
            }
            None => {
                let said = format!("no rule for {} in {} files", self.runs, read.files.len());
                say.saw(Evidence::file(SUDOERS, said));
            }
        }
        let phrase = |granted: bool| {
            let may = if granted { "may" } else { "may not" };
            format!("{} {may} run {} as {}", self.account, self.runs, self.target)
        };
        let found = match &answer.but {
            Some(but) => format!("{}, but not {but}", phrase(true)),
            None => phrase(granted),
        };
        say.wish(granted == self.granted, phrase(self.granted), found);
        if let (Some(wanted), true) = (self.password, granted && self.granted) {
            // sudo never asks root, nor who stays who he is.
            let asks = !answer.no_password && entry.uid != 0 && entry.uid != target.uid;
            let phrase = |asks| if asks { "with a password" } else { "without a password" };
            say.wish(asks == wanted, phrase(wanted), phrase(asks));
        }
        Ok(say.verdict())
    }
}

/// sudo takes two paths of one file for one command: where `/bin` is a link to `/usr/bin`, each has both names.
fn names(machine: &dyn Machine, runs: &str) -> Vec<String> {
    let mut names = vec![runs.to_owned()];
    for folder in ["/bin/", "/sbin/"] {
        let merged = || {
            machine
                .read_link(Path::new(folder.trim_end_matches('/')))
                .is_ok_and(|to| to.starts_with("usr") || to.starts_with("/usr"))
        };
        let other = match (runs.strip_prefix("/usr"), runs) {
            (Some(short), _) if short.starts_with(folder) => short.to_owned(),
            (None, runs) if runs.starts_with(folder) => format!("/usr{runs}"),
            _ => continue,
        };
        if merged() {
            names.push(other);
        }
    }
    names
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Where else rules are kept, by nsswitch.conf.
fn kept_elsewhere(machine: &dyn Machine) -> Result<Option<String>, Verdict> {
    match machine.read(Path::new(NSSWITCH), MOST) {
        Ok(text) => {
            let text = String::from_utf8_lossy(&text).into_owned();
            let line = text.lines().find_map(|line| line.trim().strip_prefix("sudoers:"));
            let mut words = line.unwrap_or("files").split_whitespace();
            Ok(words.find(|word| *word != "files" && !word.starts_with('[')).map(str::to_owned))
        }
        Err(CouldNot::Absent) => Ok(None),
        Err(why) => Err(could_not(NSSWITCH, &why)),
    }
}

struct Reader<'m> {
    machine: &'m dyn Machine,
    lines: Vec<Line>,
    files: Vec<PathBuf>,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, depth: usize) -> Result<(), Verdict> {
        let could_not = |why| could_not(path.display(), &why);
        if depth > DEPTH || self.files.len() >= FILES {
            return Err(Verdict::unknown(format!("{}: too many files of rules", path.display())));
        }
        let text = match self.machine.read(path, MOST) {
            Ok(text) => String::from_utf8_lossy(&text).into_owned(),
            // No sudo, or a file that is included and not there: no rules.
            Err(CouldNot::Absent) => return Ok(()),
            Err(why) => return Err(could_not(why)),
        };
        let stat = self.machine.stat(path, true).map_err(could_not)?;
        if stat.uid != 0 || stat.mode & 0o022 != 0 {
            return Err(Verdict::unknown(format!(
                "{} can be written by others than root, and sudo refuses it",
                path.display()
            )));
        }
        self.files.push(path.to_owned());
        for line in sudoers::lines(path, &text) {
            match included(&line.text) {
                None => self.lines.push(line),
                Some((name, _)) if name.contains('%') => {
                    return Err(Verdict::unknown(format!("{} is not understood: {}", line.place(), short(&line.text))));
                }
                Some((name, folder)) => {
                    let other = path.parent().unwrap_or(Path::new("/")).join(name);
                    if folder { self.folder(&other, depth + 1)? } else { self.file(&other, depth + 1)? }
                }
            }
        }
        Ok(())
    }

    /// Names with a dot, or that end in `~`, are passed over.
    fn folder(&mut self, path: &Path, depth: usize) -> Result<(), Verdict> {
        let names = match self.machine.list(path) {
            Ok(names) => names,
            Err(CouldNot::Absent) => return Ok(()),
            Err(why) => return Err(could_not(path.display(), &why)),
        };
        let heeded = |name: &&std::ffi::OsString| {
            let name = name.to_string_lossy();
            !name.contains('.') && !name.ends_with('~')
        };
        names.iter().filter(heeded).try_for_each(|name| self.file(&path.join(name), depth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn machine() -> Recorded {
        Recorded::new()
            .account("root", 0)
            .account("ada", 1001)
            .account("bob", 1002)
            .group(27, "sudo", &["ada"])
            .file("/proc/sys/kernel/hostname", "lab\n")
            .file(
                SUDOERS,
                "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n",
            )
            .file("/etc/sudoers.d/web", "bob ALL=(root) NOPASSWD: /usr/bin/systemctl restart web\n")
            .file("/etc/sudoers.d/old.bak", "bob ALL=ALL\n")
            .file("/etc/sudoers.d/README", "# nothing\n")
    }
    fn judged(machine: &Recorded, account: &str, runs: &str, change: impl FnOnce(&mut SudoRule)) -> Verdict {
        let mut check =
            SudoRule { account: account.into(), runs: runs.into(), target: root(), password: None, granted: true };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn sudo_rule_passes_by_group_and_by_an_included_file() {
        assert!(judged(&machine(), "ada", "ALL", |r| r.password = Some(true)).is_pass());
        assert!(judged(&machine(), "ada", "/bin/sh", |r| r.target = "bob".into()).is_pass());
        let verdict = judged(&machine(), "bob", "/usr/bin/systemctl restart web", |r| r.password = Some(false));
        let seen =
            Evidence::file("/etc/sudoers.d/web", "line 1: bob ALL=(root) NOPASSWD: /usr/bin/systemctl restart web");
        assert_eq!(verdict, Verdict::pass(seen));
        assert!(judged(&machine(), "bob", "ALL", |r| r.granted = false).is_pass());
        let merged = machine().link("/bin", "usr/bin");
        assert!(judged(&merged, "bob", "/bin/systemctl restart web", |_| ()).is_pass());
        assert!(judged(&machine(), "bob", "/bin/systemctl restart web", |_| ()).is_fail());
        assert!(judged(&machine(), "root", "ALL", |r| r.password = Some(false)).is_pass());
    }

    #[test]
    fn sudo_rule_fails_and_a_file_with_a_dot_grants_nothing() {
        let verdict = judged(&machine(), "bob", "/bin/sh", |_| ());
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "bob may run /bin/sh as root");
        assert_eq!(found, "bob may not run /bin/sh as root");
        assert_eq!(see.as_deref(), Some("sudo -l -U bob"));
        let verdict = judged(&machine(), "ada", "ALL", |r| r.password = Some(false));
        assert!(matches!(verdict, Verdict::Fail { found, .. } if found == "with a password"));
        assert!(judged(&machine(), "ada", "ALL", |r| r.granted = false).is_fail());
        let but = machine().file("/etc/sudoers.d/no", "ada ALL=!/bin/su\n");
        let verdict = judged(&but, "ada", "ALL", |_| ());
        let Verdict::Fail { found, .. } = verdict else { panic!("{verdict:?}") };
        // In the order of names `no` is read before nothing else of ada's.
        assert_eq!(found, "ada may run ALL as root, but not /bin/su");
        assert!(
            judged(
                &Recorded::new().account("root", 0).account("ada", 1).file("/proc/sys/kernel/hostname", "x"),
                "ada",
                "ALL",
                |_| ()
            )
            .is_fail()
        );
    }

    #[test]
    fn sudo_rule_is_unknown_with_the_place_that_is_not_understood() {
        let odd = machine().file("/etc/sudoers.d/odd", "\nbob ALL=(ALL) CWD=/tmp /bin/sh\n");
        let verdict = judged(&odd, "bob", "/bin/sh", |_| ());
        let Verdict::Unknown { why, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(why, "/etc/sudoers.d/odd:2 is not understood: bob ALL=(ALL) CWD=/tmp /bin/sh");
        assert!(judged(&odd, "ada", "/bin/sh", |_| ()).is_pass(), "that line is not about ada");
        assert!(judged(&machine().closed(SUDOERS, CouldNot::Denied), "ada", "ALL", |_| ()).is_unknown());
        assert!(judged(&machine().owned("/etc/sudoers.d/web", 0, 0, 0o666), "ada", "ALL", |_| ()).is_unknown());
        let sss = machine().file(NSSWITCH, "sudoers: files sss\n");
        assert!(judged(&sss, "bob", "ALL", |_| ()).is_unknown());
        assert!(judged(&sss, "ada", "ALL", |_| ()).is_pass());
        let usual = machine().file("/etc/sudoers.d/as", "Defaults:bob runas_default=ada\n");
        assert!(judged(&usual, "bob", "/bin/sh", |r| r.granted = false).is_pass(), "that rule names root");
        let nobody = usual.file("/etc/sudoers.d/web", "bob ALL=/bin/sh\n");
        assert!(judged(&nobody, "bob", "/bin/sh", |_| ()).is_unknown());
        let defaults = machine().file("/etc/sudoers.d/free", "Defaults:ada !authenticate\n");
        assert!(judged(&defaults, "ada", "ALL", |r| r.password = Some(true)).is_unknown());
        assert!(judged(&defaults, "ada", "ALL", |_| ()).is_pass());
    }
}
