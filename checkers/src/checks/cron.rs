//! A job of an account in its crontab, in /etc/crontab or in /etc/cron.d.
//!
#![doc = include_str!("cron.md")]

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, pattern, quoted};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::crontab::{Job, jobs, schedule};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

/// Where crontabs of accounts stand: Debian's cron, and cronie.
const DEBIAN: &str = "/var/spool/cron/crontabs";
const CRONIE: &str = "/var/spool/cron";
const FOLDER: &str = "/etc/cron.d";
const TABLE: &str = "/etc/crontab";
/// No table of jobs is larger.
const MOST: u64 = 1 << 20;

/// What is wished of an account's jobs: at least one fits all that is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cron {
    /// The account as whom the job runs.
    pub account: String,
    /// False wishes that there is no such job. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// When it runs: five fields, or `@daily` and its kin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// What it runs, letter by letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// A regular expression that matches somewhere in what it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
}

/// What was found in the tables.
#[derive(Default)]
struct Found {
    jobs: Vec<(PathBuf, Job)>,
    looked: Vec<PathBuf>,
    /// Tables that the daemon passes over, and why.
    passed_over: Vec<String>,
}

impl Judge for Cron {
    fn eyes(&self) -> Eyes {
        // Nobody else may read what an account has in its crontab.
        Eyes::Root
    }

    fn rests_on(&self) -> Vec<Ground> {
        // The folders of crontabs are closed to all but root, with whose eyes no path is watched: they are looked at by the clock.
        vec![Ground::Accounts, Ground::Untold, Ground::path(TABLE, None), Ground::inside(FOLDER, None)]
    }

    fn is_about_text(&self, _: &std::path::Path) -> bool {
        true
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Cron {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let name = self.account.as_str();
        if name.is_empty() || name.contains(['/', '\0']) || name.starts_with('.') {
            return Err(Verdict::unknown(format!("`{name}` is no name of an account")));
        }
        let wanted_time = match &self.schedule {
            Some(text) => {
                Some(schedule(text).ok_or_else(|| Verdict::unknown(format!("`{text}` is no schedule of cron")))?)
            }
            None => None,
        };
        let regex = self.matches.as_deref().map(pattern).transpose()?;
        let found = find(machine, name)?;
        let mut say = Findings::seen_by(format!("crontab -l -u {}", quoted(name)));
        let on_time = |job: &Job| wanted_time.as_ref().is_none_or(|wanted| job.schedule == *wanted);
        let on_task = |job: &Job| {
            self.command.as_ref().is_none_or(|wanted| job.command == wanted.trim())
                && regex.as_ref().is_none_or(|regex| regex.is_match(&job.command))
        };
        let fits = |(_, job): &&(PathBuf, Job)| on_time(job) && on_task(job);
        let fitting: Vec<_> = found.jobs.iter().filter(fits).collect();
        for (path, job) in if fitting.is_empty() { found.jobs.iter().collect() } else { fitting.clone() } {
            say.saw(Evidence::file(path, line(job)));
        }
        if found.jobs.is_empty() {
            let said = found.passed_over.first().cloned().unwrap_or_else(|| format!("no job of {name}"));
            for path in &found.looked {
                say.saw(Evidence::file(path, &said));
            }
        }
        // The job that was probably meant: at the right time, or with the right command.
        let meant =
            found.jobs.iter().find(|(_, job)| on_task(job)).or_else(|| found.jobs.iter().find(|(_, job)| on_time(job)));
        let is = !fitting.is_empty();
        let found = match (fitting.first(), meant.or(found.jobs.first())) {
            (Some((_, job)), _) | (None, Some((_, job))) => format!("a job of {name}: {}", line(job)),
            (None, None) => match found.passed_over.first() {
                Some(why) => format!("no job of {name} that cron heeds ({why})"),
                None => format!("no job of {name}"),
            },
        };
        say.wish(is == self.exists, self.wanted(), found);
        Ok(say.verdict())
    }

    fn wanted(&self) -> String {
        let mut wanted = format!("{} job of {}", if self.exists { "a" } else { "no" }, self.account);
        let parts = [self.schedule.clone(), self.command.clone(), self.matches.as_ref().map(|m| format!("with `{m}`"))];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if !parts.is_empty() {
            wanted.push_str(&format!(": {}", parts.join(" ")));
        }
        wanted
    }
}

fn line(job: &Job) -> String {
    format!("{} {}", job.written, job.command)
}

/// All jobs of an account. A table that cannot be read, or has a line that is no job, leaves the answer open.
fn find(machine: &dyn Machine, name: &str) -> Result<Found, Verdict> {
    let mut found = Found::default();
    let debian = there(machine, DEBIAN)?;
    let spool = Path::new(if debian { DEBIAN } else { CRONIE });
    let mut tables = vec![(spool.join(name), false), (PathBuf::from(TABLE), true)];
    match machine.list(Path::new(FOLDER)) {
        Ok(names) => {
            let names = names.iter().filter_map(|name| name.to_str());
            for name in names.filter(|name| *name != ".placeholder") {
                if heeded(name, debian) {
                    tables.push((Path::new(FOLDER).join(name), true));
                } else {
                    found.passed_over.push(format!("cron passes over files named like {FOLDER}/{name}"));
                }
            }
        }
        Err(CouldNot::Absent) => {}
        Err(why) => return Err(could_not(FOLDER, &why)),
    }
    for (path, is_system) in tables {
        let text = match machine.read(&path, MOST) {
            Ok(text) => String::from_utf8_lossy(&text).into_owned(),
            Err(CouldNot::Absent) => {
                found.looked.push(path);
                continue;
            }
            Err(why) => return Err(could_not(path.display(), &why)),
        };
        if is_system && let Some(why) = refused(machine, &path)? {
            found.passed_over.push(why);
            continue;
        }
        if debian && !text.is_empty() && !text.ends_with('\n') {
            found.passed_over.push(format!("{} has no end to its last line, so cron passes it over", path.display()));
            continue;
        }
        let all = jobs(&text, is_system)
            .map_err(|nth| Verdict::unknown(format!("{}: line {nth} is not understood", path.display())))?;
        let own = all.into_iter().filter(|job| job.account.as_deref().is_none_or(|account| account == name));
        found.jobs.extend(own.map(|job| (path.clone(), job)));
        found.looked.push(path);
    }
    Ok(found)
}

fn there(machine: &dyn Machine, path: &str) -> Result<bool, Verdict> {
    match machine.stat(Path::new(path), true) {
        Ok(_) => Ok(true),
        Err(CouldNot::Absent) => Ok(false),
        Err(why) => Err(could_not(path, &why)),
    }
}

/// Names in /etc/cron.d that are read: Debian's cron takes letters, digits, `_` and `-`; cronie leaves out what packagers and editors leave behind.
fn heeded(name: &str, debian: bool) -> bool {
    if debian {
        return name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    }
    let left_behind = ["~", ".rpmsave", ".rpmorig", ".rpmnew"];
    !name.starts_with(['.', '#']) && !left_behind.iter().any(|end| name.ends_with(end))
}

/// A table of the system that others may write, or that is not root's, is passed over.
fn refused(machine: &dyn Machine, path: &Path) -> Result<Option<String>, Verdict> {
    let stat = machine.stat(path, true).map_err(|why| could_not(path.display(), &why))?;
    Ok(match stat {
        _ if stat.uid != 0 => Some(format!("{} is not root's, so cron passes it over", path.display())),
        _ if stat.mode & 0o022 != 0 => {
            Some(format!("{} can be written by others, so cron passes it over", path.display()))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn debian() -> Recorded {
        Recorded::new()
            .file("/var/spool/cron/crontabs/ada", "MAILTO=ada\n*/2 * * * * /usr/bin/logger \"in progress\"\n")
            .file(TABLE, "17 * * * * root run-parts /etc/cron.hourly\n")
            .file("/etc/cron.d/backup", "30 2 * * 1-5 bob /usr/local/bin/backup --all\n")
            .file("/etc/cron.d/.placeholder", "")
    }
    fn judged(machine: &Recorded, account: &str, change: impl FnOnce(&mut Cron)) -> Verdict {
        let mut check = Cron { account: account.into(), exists: true, schedule: None, command: None, matches: None };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn cron_passes_for_the_same_times_however_they_are_written() {
        let verdict = judged(&debian(), "ada", |c| {
            c.schedule = Some("0-59/2 * * * *".into());
            c.command = Some("/usr/bin/logger \"in progress\"".into());
        });
        let seen = Evidence::file("/var/spool/cron/crontabs/ada", "*/2 * * * * /usr/bin/logger \"in progress\"");
        assert_eq!(verdict, Verdict::pass(seen));
        let verdict = judged(&debian(), "bob", |c| {
            c.schedule = Some("30 02 * * mon-fri".into());
            c.matches = Some("backup.*--all$".into());
        });
        assert!(verdict.is_pass(), "{verdict:?}");
        assert!(judged(&debian(), "eve", |c| c.exists = false).is_pass());
        let cronie = Recorded::new().file("/var/spool/cron/ada", "@daily x");
        assert!(judged(&cronie, "ada", |c| c.schedule = Some("0 0 * * *".into())).is_pass());
    }

    #[test]
    fn cron_fails_with_the_job_that_was_probably_meant() {
        let verdict = judged(&debian(), "bob", |c| {
            c.schedule = Some("30 14 * * *".into());
            c.matches = Some("backup".into());
        });
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "a job of bob: 30 14 * * * with `backup`");
        assert_eq!(found, "a job of bob: 30 2 * * 1-5 /usr/local/bin/backup --all");
        assert_eq!(see.as_deref(), Some("crontab -l -u bob"));
        assert!(judged(&debian(), "ada", |c| c.exists = false).is_fail());
        let verdict = judged(&Recorded::new(), "ada", |_| ());
        assert!(
            matches!(&verdict, Verdict::Fail { found, evidence, .. } if found == "no job of ada" && evidence.len() == 2)
        );
    }

    #[test]
    fn what_the_daemon_passes_over_is_no_job() {
        let found = |machine: Recorded| {
            let verdict = judged(&machine, "eve", |_| ());
            let Verdict::Fail { found, .. } = verdict else { panic!("{verdict:?}") };
            found
        };
        let table = "0 1 * * * eve /bin/true\n";
        assert!(found(debian().file("/etc/cron.d/eve.sh", table)).contains("/etc/cron.d/eve.sh"));
        let others = debian().file("/etc/cron.d/eve", table).owned("/etc/cron.d/eve", 0, 0, 0o666);
        assert!(found(others).contains("written by others"));
        let theirs = debian().file("/etc/cron.d/eve", table).owned("/etc/cron.d/eve", 1001, 0, 0o644);
        assert!(found(theirs).contains("not root's"));
        assert!(found(debian().file("/etc/cron.d/eve", "0 1 * * * eve /bin/true")).contains("no end to its last line"));
    }

    #[test]
    fn cron_is_unknown_where_a_table_is_closed_or_not_understood() {
        assert!(judged(&debian().closed(DEBIAN, CouldNot::Denied), "ada", |_| ()).is_unknown());
        let odd = debian().file("/var/spool/cron/crontabs/ada", "@sometimes x\n");
        let verdict = judged(&odd, "ada", |_| ());
        assert!(
            matches!(&verdict, Verdict::Unknown { why, .. } if why.ends_with("crontabs/ada: line 1 is not understood"))
        );
        assert!(judged(&debian(), "ada", |c| c.schedule = Some("daily".into())).is_unknown());
        assert!(judged(&debian(), "../../etc/shadow", |_| ()).is_unknown());
    }
}
