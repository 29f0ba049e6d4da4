//! A pod of podman's, seen by its infra container and its members. Podman is never started.
//!
#![doc = include_str!("pod.md")]

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::pod::{self, Seen};
use crate::facts::{container, storage};
use crate::ground::Ground;
use crate::machine::{Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

/// What is wished of a pod. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pod {
    /// The account whose pod it is.
    pub account: String,
    /// The pod's name.
    pub name: String,
    /// False wishes that there is no such pod. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// Its infra container is alive (true), or it is there but stopped (false).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// Containers that are among its members, and were started at least once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<String>,
}

impl Judge for Pod {
    fn eyes(&self) -> Eyes {
        if self.account == "root" { Eyes::Root } else { Eyes::Account(self.account.clone()) }
    }
    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Containers(self.account.clone()), Ground::Accounts]
    }
    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Pod {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        if self.name.is_empty() {
            return Err(Verdict::unknown("a pod's name is not empty"));
        }
        let owner = account(machine, &self.account)?;
        let what = format!("the container storage of {}", self.account);
        let root = storage::root(machine, &owner).map_err(|why| could_not(&what, &why))?;
        let (seen, looked) = pod::pod(machine, &root, &self.name).map_err(|why| could_not(&what, &why))?;
        let mut say = Findings::seen_by("podman pod ps");
        let (there, absent) = (format!("the pod {}", self.name), format!("no pod {}", self.name));
        let pod = match seen {
            Seen::There(pod) => pod,
            Seen::Absent => {
                looked.iter().for_each(|path| say.saw(Evidence::file(path, &absent)));
                say.wish(!self.exists, there, absent);
                return Ok(say.verdict());
            }
            Seen::Hidden => {
                let why = format!("only podman's own database could say whether there is a pod {}", self.name);
                let grant =
                    Some("a start of the pod: its first container then says which pod it holds together".into());
                return Err(Verdict::Unknown { why, grant });
            }
        };
        let (infra, folder) = &pod.infra;
        let seen = Evidence::file(folder.join("containers.json"), format!("infra container {}", short(&infra.id)));
        say.add(self.exists, absent, there, seen);
        if !self.exists {
            return Ok(say.verdict());
        }
        if let Some(wanted) = self.running {
            let life = container::life(machine, &owner, folder, &infra.id)
                .map_err(|why| could_not(format_args!("the processes of {}", self.name), &why))?;
            let seen = match life.first {
                Some(pid) => Evidence::new(Source::Process(pid), format!("the infra container of {}", self.name)),
                None => Evidence::new(Source::Kernel("/proc".into()), format!("no process of {}", self.name)),
            };
            let phrase = |runs: bool| format!("{} {}", self.name, if runs { "running" } else { "not running" });
            say.add(life.first.is_some() == wanted, phrase(wanted), phrase(life.first.is_some()), seen);
        }
        if !self.containers.is_empty() {
            let names: Vec<&str> = pod.members.iter().flat_map(|(one, _)| &one.names).map(String::as_str).collect();
            let said = if names.is_empty() { "no members".to_owned() } else { format!("members {}", names.join(" ")) };
            for wanted in &self.containers {
                let holds = names.contains(&wanted.as_str());
                say.add(holds, format!("{wanted} in the pod"), &said, Evidence::file(folder, said.clone()));
            }
        }
        Ok(say.verdict())
    }
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::{CouldNot, Recorded};

    const STORAGE: &str = "/home/conuser1/.local/share/containers/storage";

    fn machine() -> Recorded {
        let shelf = format!("{STORAGE}/overlay-containers");
        let image = r#""metadata":"{\"image-name\":\"localhost/podman-pause:5.4.2-1\"}""#;
        let records = format!(
            r#"[{{"id":"edf8","names":["cb7e-infra"],{image}}},{{"id":"31a9","names":["web"]}},{{"id":"77fa","names":["loose"]}}]"#
        );
        let member = r#"{"process":{},"annotations":{"io.kubernetes.cri-o.SandboxID":"edf8"}}"#;
        Recorded::new()
            .account("conuser1", 1001)
            .file(format!("{shelf}/containers.json"), records)
            .file(format!("{shelf}/edf8/userdata/config.json"), r#"{"process":{},"hostname":"trio"}"#)
            .file(format!("{shelf}/31a9/userdata/config.json"), member)
            .file(format!("{shelf}/77fa/userdata/config.json"), r#"{"process":{},"hostname":"trio"}"#)
            .directory("/proc")
    }
    fn running() -> Recorded {
        let run = "/run/user/1001/containers/overlay-containers/edf8/userdata";
        machine()
            .file(format!("{run}/pidfile"), "280")
            .file(format!("{run}/conmon.pid"), "278")
            .file("/proc/278/cmdline", "/usr/bin/conmon\0-c\0edf8\0")
            .file("/proc/280/stat", "280 (catatonit) S 278 280 280 0 -1 0")
    }
    fn wish() -> Pod {
        Pod { account: "conuser1".into(), name: "trio".into(), exists: true, ..Pod::default() }
    }
    fn judged(machine: &Recorded, wish: &Pod) -> Verdict {
        wish.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn pod_passes_when_it_runs_with_its_members() {
        let all = Pod { running: Some(true), containers: vec!["web".into()], ..wish() };
        assert!(judged(&running(), &all).is_pass());
        for other in [
            Pod { running: Some(false), ..all.clone() },
            Pod { containers: vec!["web".into(), "loose".into()], ..all.clone() },
            Pod { exists: false, ..all },
        ] {
            assert!(judged(&running(), &other).is_fail(), "{other:?}");
        }
        assert!(judged(&machine(), &Pod { running: Some(false), ..wish() }).is_pass());
    }
    #[test]
    fn pod_fails_where_neither_storage_nor_database_has_the_name() {
        let other = Pod { name: "quartet".into(), ..wish() };
        assert!(judged(&machine().file(format!("{STORAGE}/db.sql"), "SQLite trio"), &other).is_fail());
        assert!(judged(&Recorded::new().account("conuser1", 1001), &other).is_fail());
        assert!(judged(&machine(), &Pod { exists: false, ..other }).is_pass());
    }
    #[test]
    fn pod_is_unknown_where_only_the_database_has_the_name() {
        let hidden = machine().file(format!("{STORAGE}/db.sql"), "SQLite quartet");
        for exists in [true, false] {
            let wish = Pod { name: "quartet".into(), exists, ..wish() };
            assert!(judged(&hidden, &wish).is_unknown());
            assert!(judged(&machine().closed("/home/conuser1", CouldNot::Denied), &wish).is_unknown());
        }
    }
}
