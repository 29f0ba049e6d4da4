//! A rootless container of an account, read from containers/storage, /proc and cgroups. Podman is never started.
//!
#![doc = include_str!("container.md")]

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, account, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::image::same_image;
use crate::facts::nearest::nearest;
use crate::facts::{container, process, storage};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

/// What is wished of a container. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Container {
    /// The account whose container it is.
    pub account: String,
    /// The container's name, or its id: at least twelve digits of it.
    pub name: String,
    /// False wishes that there is no such container. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// Its first process is alive (true), or it is there but stopped (false).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// The image, by its short name (`ubi8`) or in full (`registry.access.redhat.com/ubi8:latest`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// It has a terminal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tty: Option<bool>,
    /// The command and its arguments, as the container runs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Variables that its first process was given, by name, each with its value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// It was created after the step began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// Its id is another than the one remembered under this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_differs_from: Option<String>,
    /// The unit of the account's user manager that owns its monitor process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Remember its id under this name when all of the above is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember_id: Option<String>,
    /// Where there is no such container, and none is wished: remember under this name which one has nearly that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember_nearest: Option<String>,
}

impl Judge for Container {
    fn eyes(&self) -> Eyes {
        // Nobody is made into root: what is root's is seen with root's own eyes or not at all.
        if self.account == "root" { Eyes::Root } else { Eyes::Account(self.account.clone()) }
    }
    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Containers(self.account.clone()), Ground::Accounts]
    }
    /// Variables may be secrets. Where one is wished, what was read for it stays on the machine.
    fn is_about_text(&self, path: &Path) -> bool {
        !self.environment.is_empty() && path.ends_with("userdata/config.json")
    }
    fn judge(&self, machine: &dyn Machine, context: &Context) -> Verdict {
        self.look(machine, context).unwrap_or_else(|unknown| unknown)
    }
}

impl Container {
    fn look(&self, machine: &dyn Machine, context: &Context) -> Result<Verdict, Verdict> {
        let owner = account(machine, &self.account)?;
        let what = format!("the container storage of {}", self.account);
        let shelf = storage::root(machine, &owner).and_then(|root| storage::containers(machine, &root));
        let shelf = shelf.map_err(|why| could_not(&what, &why))?;
        let mut say = Findings::seen_by("podman ps -a");
        let named = |one: &&(storage::Stored, std::path::PathBuf)| one.0.names.contains(&self.name);
        let numbered =
            |one: &&(storage::Stored, std::path::PathBuf)| self.name.len() >= 12 && one.0.id.starts_with(&self.name);
        let there = shelf.found.iter().find(named).or_else(|| shelf.found.iter().find(numbered));
        let names: Vec<&str> = shelf.found.iter().flat_map(|(one, _)| &one.names).map(String::as_str).collect();
        let said = if names.is_empty() { "no containers".to_owned() } else { names.join(", ") };
        let near = nearest(&self.name, names.iter().copied());
        let found = match (there, near) {
            (Some(_), _) => format!("the container {}", self.name),
            (None, Some(near)) => format!("no container {}, but {near}", self.name),
            (None, None) => format!("no container {}", self.name),
        };
        let wanted = format!("{} container {}", if self.exists { "the" } else { "no" }, self.name);
        for path in &shelf.looked {
            say.add(there.is_some() == self.exists, &wanted, &found, Evidence::file(path, &said));
        }
        let Some((stored, folder)) = there.filter(|_| self.exists) else {
            if let (Some(name), Some(near)) = (&self.remember_nearest, near) {
                say.remember(name, near);
            }
            return Ok(say.verdict());
        };
        let record = || Evidence::file(folder.join("containers.json"), format!("id {}", stored.id));
        if self.running.is_some() || self.unit.is_some() {
            let life = container::life(machine, &owner, folder, &stored.id);
            let life = life.map_err(|why| could_not(format_args!("the processes of {}", self.name), &why))?;
            if let Some(wanted) = self.running {
                let seen = match life.first {
                    Some(pid) => Evidence::new(Source::Process(pid), format!("the first process of {}", self.name)),
                    None => Evidence::new(Source::Kernel("/proc".into()), format!("no process of {}", self.name)),
                };
                let phrase = |runs: bool| format!("{} {}", self.name, if runs { "running" } else { "not running" });
                say.add(life.first.is_some() == wanted, phrase(wanted), phrase(life.first.is_some()), seen);
            }
            if let Some(wanted) = &self.unit {
                let (found, seen) = match life.monitor {
                    None => ("no unit: no monitor process is alive".to_owned(), record()),
                    Some(pid) => {
                        let group = process::cgroup(machine, pid)
                            .map_err(|why| could_not("the monitor's control group", &why))?;
                        let unit = container::unit_of(&group, owner.uid).unwrap_or_else(|| "no unit".to_owned());
                        (unit, Evidence::new(Source::Process(pid), format!("conmon in {group}")))
                    }
                };
                say.add(found == *wanted, format!("owned by {wanted}"), format!("owned by {found}"), seen);
            }
        }
        if let Some(wanted) = &self.image {
            let found =
                stored.image_name().ok_or_else(|| Verdict::unknown("storage does not name the container's image"))?;
            let seen = Evidence::file(folder.join("containers.json"), &found);
            say.add(same_image(wanted, &found), format!("image {wanted}"), format!("image {found}"), seen);
        }
        if self.tty.is_some() || self.command.is_some() || !self.environment.is_empty() {
            let (bundle, path) = container::bundle(machine, folder, &stored.id).map_err(|why| match why {
                CouldNot::Absent => Verdict::unknown(
                    "terminal, command and variables of a container are written down when it first starts",
                ),
                why => could_not(format_args!("the OCI bundle of {}", self.name), &why),
            })?;
            if let Some(wanted) = self.tty {
                let phrase = |tty: bool| if tty { "a terminal" } else { "no terminal" };
                let found = bundle.process.terminal;
                say.add(
                    found == wanted,
                    phrase(wanted),
                    phrase(found),
                    Evidence::file(&path, format!("process.terminal: {found}")),
                );
            }
            if let Some(wanted) = &self.command {
                let found = &bundle.process.args;
                let seen = Evidence::file(&path, format!("process.args: {}", found.join(" ")));
                say.add(
                    found == wanted,
                    format!("command {}", wanted.join(" ")),
                    format!("command {}", found.join(" ")),
                    seen,
                );
            }
            for (name, wanted) in &self.environment {
                let found = bundle.process.value(name);
                let phrase = |value: &str| format!("{name}={value}");
                let said = found.map_or_else(|| format!("no variable {name}"), phrase);
                say.add(found == Some(wanted.as_str()), phrase(wanted), &said, Evidence::file(&path, &said));
            }
        }
        if let Some(wanted) = self.new {
            let at = stored
                .created_micros()
                .ok_or_else(|| Verdict::unknown("storage does not say when the container was created"))?;
            let found = at > context.step_began;
            let phrase = |new: bool| format!("created {} the step began", if new { "after" } else { "before" });
            let seen = Evidence::file(folder.join("containers.json"), format!("created {}", stored.created));
            say.add(found == wanted, phrase(wanted), phrase(found), seen);
        }
        if let Some(name) = &self.id_differs_from {
            let Some(before) = context.remembered.get(name) else {
                return Err(Verdict::unknown(format!("no container id was remembered as {name}")));
            };
            let short = |id: &str| id.get(..12).unwrap_or(id).to_owned();
            let (wanted, found) =
                (format!("another container than {}", short(before)), format!("container {}", short(&stored.id)));
            say.add(*before != stored.id, wanted, found, record());
        }
        if let Some(name) = &self.remember_id {
            say.remember(name, &stored.id);
        }
        Ok(say.verdict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    const SHELF: &str = "/home/conuser1/.local/share/containers/storage/overlay-containers";
    const RUN: &str = "/run/user/1001/containers/overlay-containers/c8f9/userdata";

    /// As podman 5.4 leaves it for `run -dt --rm`: the record stands in the volatile file.
    fn stopped() -> Recorded {
        let record = r#"[{"id":"c8f9","names":["web1"],"image":"de17","metadata":"{\"image-name\":\"registry.access.redhat.com/ubi8:latest\"}","created":"2026-11-23T19:40:43.5Z"}]"#;
        Recorded::new()
            .account("conuser1", 1001)
            .file(format!("{SHELF}/containers.json"), "[]")
            .file(format!("{SHELF}/volatile-containers.json"), record)
            .file(
                format!("{SHELF}/c8f9/userdata/config.json"),
                r#"{"process":{"terminal":true,"args":["/bin/sh"],"env":["TERM=x","MODE=a=b"]}}"#,
            )
            .directory("/proc")
    }
    fn running() -> Recorded {
        let group = "/user.slice/user-1001.slice/user@1001.service";
        stopped()
            .file(format!("{RUN}/pidfile"), "280")
            .file(format!("{RUN}/conmon.pid"), "278\n")
            .file("/proc/278/cmdline", "/usr/bin/conmon\0-c\0c8f9\0-u\0c8f9\0")
            .file("/proc/278/status", "Uid:\t1001\t1001\t1001\t1001\n")
            .file("/proc/278/cgroup", format!("0::{group}/app.slice/container-web1.service\n"))
            .file("/proc/280/stat", "280 (sh) S 278 280 280 34816 280 0")
            .file("/proc/280/cgroup", format!("0::{group}/user.slice/libpod-c8f9.scope/container\n"))
            .file("/proc/280/cmdline", "/bin/sh\0")
    }
    fn wish() -> Container {
        Container { account: "conuser1".into(), name: "web1".into(), exists: true, ..Container::default() }
    }
    fn judged(machine: &Recorded, wish: &Container) -> Verdict {
        wish.judge_in_all_ways(machine, &Context { step_began: 1_795_462_843_000_000, ..Context::default() })
    }

    #[test]
    fn a_container_is_new_when_it_was_made_since_the_step_began() {
        let at = |step_began, new| {
            let wish = Container { new: Some(new), ..wish() };
            wish.judge_in_all_ways(&running(), &Context { step_began, ..Context::default() })
        };
        let (before, after) = (1_795_462_843_000_000, 1_795_462_843_000_000 + 3_600_000_000);
        assert!(at(before, true).is_pass() && at(before, false).is_fail());
        assert!(at(after, true).is_fail() && at(after, false).is_pass());
        assert!(judged(&running(), &Container { tty: Some(false), ..wish() }).is_fail());
    }

    #[test]
    fn container_passes_when_it_runs_as_wished_in_its_service() {
        let all = Container {
            running: Some(true),
            image: Some("ubi8".into()),
            tty: Some(true),
            command: Some(vec!["/bin/sh".into()]),
            environment: [("MODE".into(), "a=b".into())].into(),
            new: Some(true),
            unit: Some("container-web1.service".into()),
            remember_id: Some("first".into()),
            ..wish()
        };
        let verdict = judged(&running(), &all);
        let Verdict::Pass { remember, .. } = &verdict else { panic!("{verdict:?}") };
        assert_eq!(remember.get("first").map(String::as_str), Some("c8f9"));
        for other in [
            Container { image: Some("ubi".into()), ..all.clone() },
            Container { command: Some(vec!["bash".into()]), ..all.clone() },
            Container { environment: [("MODE".into(), "a".into())].into(), ..all.clone() },
            Container { environment: [("MOD".into(), "E=a=b".into())].into(), ..all.clone() },
            Container { unit: Some("other.service".into()), ..all.clone() },
            Container { running: Some(false), ..all },
        ] {
            assert!(judged(&running(), &other).is_fail(), "{other:?}");
        }
    }
    #[test]
    fn what_was_read_for_variables_stays_on_the_machine() {
        let wish = Container { environment: [("TOKEN".into(), "x".into())].into(), ..wish() };
        let bundle = Path::new("/x/overlay-containers/c8/userdata/config.json");
        assert!(wish.is_about_text(bundle) && !wish.is_about_text(Path::new("/x/containers.json")));
        assert!(!super::tests::wish().is_about_text(bundle));
    }
    #[test]
    fn container_fails_by_proc_whatever_a_left_pid_file_says() {
        let left = stopped().file(format!("{RUN}/pidfile"), "280").file(format!("{RUN}/conmon.pid"), "278");
        assert!(judged(&left, &Container { running: Some(false), ..wish() }).is_pass());
        let taken = left.file("/proc/280/stat", "280 (vi) S 1 280 280 0 -1 0").file("/proc/278/cmdline", "vi\0");
        assert!(judged(&taken, &Container { running: Some(true), ..wish() }).is_fail());
    }
    #[test]
    fn a_container_is_found_without_its_pid_files() {
        let lost = running().file(format!("{RUN}/pidfile"), "");
        assert!(
            judged(&lost, &Container { running: Some(true), unit: Some("container-web1.service".into()), ..wish() })
                .is_pass()
        );
    }
    #[test]
    fn container_is_found_by_its_id_as_podman_prints_it() {
        let long = "c8f9".repeat(16);
        let record = format!(r#"[{{"id":"{long}","names":["web1"],"image":"de17"}}]"#);
        let machine = stopped().file(format!("{SHELF}/volatile-containers.json"), record);
        for (id, there) in [(long.as_str(), true), (&long[..12], true), (&long[..4], false), ("c8f9c8f9c8f0", false)] {
            let verdict = judged(&machine, &Container { name: id.into(), ..wish() });
            assert_eq!(verdict.is_pass(), there, "{id}: {verdict:?}");
        }
    }
    #[test]
    fn container_is_unknown_in_closed_storage_and_absent_where_there_is_none() {
        let none = Recorded::new().account("conuser1", 1001);
        assert!(judged(&none, &Container { exists: false, ..wish() }).is_pass());
        assert!(judged(&none, &wish()).is_fail());
        let closed = none.closed("/home/conuser1", CouldNot::Denied);
        assert!(judged(&closed, &Container { exists: false, ..wish() }).is_unknown());
        assert!(judged(&running(), &Container { exists: false, ..wish() }).is_fail());
    }
    #[test]
    fn a_container_that_is_not_there_is_answered_with_the_one_of_nearly_that_name() {
        let near = |name: &str| {
            let wish = Container { name: name.into(), exists: false, remember_nearest: Some("near".into()), ..wish() };
            match judged(&stopped(), &wish) {
                Verdict::Pass { remember, .. } => remember.get("near").cloned(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(near("wbe1").as_deref(), Some("web1"));
        assert_eq!(near("postgres"), None);
    }
    #[test]
    fn roots_containers_are_those_of_the_machine_and_nobody_elses() {
        let record = r#"[{"id":"c8f9","names":["web1"],"image":"de17"}]"#;
        let path = "/var/lib/containers/storage/overlay-containers/containers.json";
        let machine = Recorded::new().account("root", 0).account("conuser1", 1001).file(path, record);
        let roots = Container { account: "root".into(), ..wish() };
        assert!(judged(&machine, &roots).is_pass());
        assert_eq!((roots.eyes(), wish().eyes()), (Eyes::Root, Eyes::Account("conuser1".into())));
        assert!(judged(&machine, &wish()).is_fail());
    }
    #[test]
    fn a_remembered_id_is_another_or_the_same() {
        let wish = Container { id_differs_from: Some("first".into()), ..wish() };
        assert!(judged(&running(), &wish).is_unknown());
        let remembering = |id: &str| Context { remembered: [("first".into(), id.into())].into(), ..Context::default() };
        assert!(wish.judge_in_all_ways(&running(), &remembering("abcd")).is_pass());
        assert!(wish.judge_in_all_ways(&running(), &remembering("c8f9")).is_fail());
    }
}
