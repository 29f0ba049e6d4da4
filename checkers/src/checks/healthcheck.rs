//! The health check of a running container: that it has one, and what the last one said. No check is run, and podman is never started.
//!
#![doc = include_str!("healthcheck.md")]

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::{container, health, storage};
use crate::ground::Ground;
use crate::machine::{AccountEntry, CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

/// What is wished of a container's health check. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Healthcheck {
    /// The account whose container it is.
    pub account: String,
    /// The container's name.
    pub container: String,
    /// False wishes that the container runs and has none. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// What the last one led to: `healthy`, `unhealthy` or `starting`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl Judge for Healthcheck {
    fn eyes(&self) -> Eyes {
        if self.account == "root" { Eyes::Root } else { Eyes::Account(self.account.clone()) }
    }
    fn rests_on(&self) -> Vec<Ground> {
        // podman runs each check in a unit of its own, so the account's manager speaks at each one.
        vec![Ground::Containers(self.account.clone()), Ground::Accounts]
    }
    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Healthcheck {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let owner = account(machine, &self.account)?;
        let what = format!("the container storage of {}", self.account);
        let shelf = storage::root(machine, &owner).and_then(|root| storage::containers(machine, &root));
        let shelf = shelf.map_err(|why| could_not(&what, &why))?;
        let name = &self.container;
        let mut say = Findings::seen_by(format!("podman ps -a --filter name={name}"));
        let wanted = match &self.status {
            Some(status) => format!("{name} {status}"),
            None if self.exists => format!("a health check of {name}"),
            None => format!("{name} running without a health check"),
        };
        let named = |one: &&(storage::Stored, PathBuf)| one.0.names.contains(name);
        let Some((stored, folder)) = shelf.found.iter().find(named) else {
            shelf.looked.iter().for_each(|path| say.saw(Evidence::file(path, format!("no {name}"))));
            say.wish(false, wanted, format!("no container {name}"));
            return Ok(say.verdict());
        };
        let life = container::life(machine, &owner, folder, &stored.id);
        let life = life.map_err(|why| could_not(format_args!("the processes of {name}"), &why))?;
        if life.first.is_none() {
            // What was written down last says nothing of a container that does not run.
            say.add(false, wanted, format!("{name} not running"), Evidence::file(folder, "no process of it is alive"));
            return Ok(say.verdict());
        }
        let (found, seen) = match record(machine, &owner, folder, &stored.id)? {
            Some((health, path)) => {
                let mut said = format!("{}, {} failed in a row", health.status, health.failing);
                if let Some((end, status)) = &health.last {
                    said.push_str(&format!(", the last ended at {end} with status {status}"));
                }
                (Some(health.status), Evidence::file(path, said))
            }
            None => (None, Evidence::file(folder, "no record of a health check")),
        };
        let is = found.as_ref().map_or_else(|| format!("{name} without a health check"), |is| format!("{name} {is}"));
        let holds = match (&self.status, self.exists) {
            (Some(status), true) => found.as_ref() == Some(status),
            (Some(_), false) => return Err(Verdict::unknown("a health check that is not there has no status")),
            (None, exists) => found.is_some() == exists,
        };
        say.add(holds, wanted, is, seen);
        Ok(say.verdict())
    }
}

/// The record of a container that has a health check, and its file.
fn record(
    machine: &dyn Machine,
    owner: &AccountEntry,
    folder: &Path,
    id: &str,
) -> Result<Option<(health::Health, PathBuf)>, Verdict> {
    let kind = folder.file_name().unwrap_or_default();
    let places = if owner.uid == 0 {
        vec!["/run/containers/storage".to_owned(), "/var/run/containers/storage".to_owned()]
    } else {
        vec![format!("/run/user/{}/containers", owner.uid), format!("/tmp/storage-run-{}/containers", owner.uid)]
    };
    for place in places {
        let path = Path::new(&place).join(kind).join(id).join("healthcheck.log");
        match machine.read(&path, 4 << 20) {
            Ok(json) => {
                let health = health::read(&json).map_err(|why| could_not(path.display(), &CouldNot::Failed(why)))?;
                // podman 5 writes a record for a container without a check, too, and never adds to it.
                let none = health.status.is_empty() || (health.status == "reset" && health.last.is_none());
                return Ok((!none).then_some((health, path)));
            }
            Err(CouldNot::Absent) => {}
            Err(why) => return Err(could_not(path.display(), &why)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const SHELF: &str = "/home/conuser1/.local/share/containers/storage/overlay-containers";
    const RUN: &str = "/run/user/1001/containers/overlay-containers/c8f9";

    fn stopped(record: &str) -> Recorded {
        let machine = Recorded::new()
            .account("conuser1", 1001)
            .file(format!("{SHELF}/containers.json"), r#"[{"id":"c8f9","names":["web"]}]"#)
            .directory("/proc");
        if record.is_empty() { machine } else { machine.file(format!("{RUN}/healthcheck.log"), record) }
    }
    fn running(record: &str) -> Recorded {
        stopped(record)
            .file(format!("{RUN}/userdata/pidfile"), "280")
            .file(format!("{RUN}/userdata/conmon.pid"), "278")
            .file("/proc/278/cmdline", "/usr/bin/conmon\0-c\0c8f9\0")
            .file("/proc/280/stat", "280 (sleep) S 278 280 280 0 -1 0")
    }
    fn wish() -> Healthcheck {
        Healthcheck { account: "conuser1".into(), container: "web".into(), exists: true, status: None }
    }
    fn judged(machine: &Recorded, wish: &Healthcheck) -> Verdict {
        wish.judge_in_all_ways(machine, &Context::default())
    }
    const WELL: &str =
        r#"{"Status":"healthy","FailingStreak":0,"Log":[{"Start":"a","End":"b","ExitCode":0,"Output":""}]}"#;
    const NONE: &str = r#"{"Status":"reset","FailingStreak":0,"Log":null}"#;

    #[test]
    fn healthcheck_passes_when_the_running_container_has_one_and_it_says_so() {
        let healthy = Healthcheck { status: Some("healthy".into()), ..wish() };
        assert!(judged(&running(WELL), &wish()).is_pass());
        assert!(judged(&running(WELL), &healthy).is_pass());
        for none in ["", NONE] {
            assert!(judged(&running(none), &Healthcheck { exists: false, ..wish() }).is_pass());
            assert!(judged(&running(none), &wish()).is_fail());
            assert!(judged(&running(none), &healthy).is_fail());
        }
    }
    #[test]
    fn healthcheck_fails_when_it_says_another_thing_or_the_container_is_gone_or_stopped() {
        let verdict = judged(&running(WELL), &Healthcheck { status: Some("unhealthy".into()), ..wish() });
        assert!(matches!(verdict, Verdict::Fail { found, .. } if found == "web healthy"));
        let healthy = Healthcheck { status: Some("healthy".into()), ..wish() };
        assert!(judged(&stopped(WELL), &healthy).is_fail());
        assert!(judged(&stopped(WELL), &Healthcheck { exists: false, ..wish() }).is_fail());
        assert!(judged(&running(WELL), &Healthcheck { container: "db".into(), ..wish() }).is_fail());
    }
    #[test]
    fn healthcheck_is_unknown_where_storage_or_record_cannot_be_read() {
        assert!(judged(&running("{"), &wish()).is_unknown());
        assert!(judged(&running(WELL).closed("/home/conuser1", CouldNot::Denied), &wish()).is_unknown());
        let odd = Healthcheck { exists: false, status: Some("healthy".into()), ..wish() };
        assert!(judged(&running(WELL), &odd).is_unknown());
    }
}
