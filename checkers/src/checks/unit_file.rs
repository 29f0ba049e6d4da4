//! What stands in a unit file: sections, keys, and the flags of the podman command that it runs.
//!
#![doc = include_str!("unit_file.md")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not};
use super::path::MOST;
use super::place::{Nowhere, place, typed};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::exec_line;
use crate::facts::image::same_image;
use crate::facts::podman::{self, Podman};
use crate::facts::unit_file as facts;
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

/// What is wished of a unit file. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnitFile {
    /// The file. `~` is the home of `as`.
    pub path: String,
    /// The account with whose eyes to look, and whose home `~` is.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Sections that must be there: `[Unit, Service, Install]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<String>,
    /// `Section.Key` → a word that must be among the key's values: `Install.WantedBy: default.target`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, String>,
    /// How the unit comes by its container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<Made>,
    /// The name that ExecStart's `podman run` gives its container (or, tied to one, the container it starts).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The image that ExecStart's `podman run` runs, by its short or full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Flags of ExecStart's command by their long name: `[detach, tty, replace]`. `-dt` has both of its letters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

/// How a generated unit comes by its container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Made {
    /// With `--new`: each start makes a new container (`podman run`).
    New,
    /// Without: it starts one container that must exist already (`podman start`).
    Tied,
}

impl Judge for UnitFile {
    fn eyes(&self) -> Eyes {
        self.account.clone().map_or(Eyes::Anyone, Eyes::Account)
    }

    fn rests_on(&self) -> Vec<Ground> {
        let accounts = (self.account.is_some() || self.path.starts_with('~')).then_some(Ground::Accounts);
        accounts.into_iter().chain([Ground::path(&self.path, self.account.as_ref())]).collect()
    }

    fn is_about_text(&self, _: &std::path::Path) -> bool {
        true
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let wanted = || format!("a unit file {}", self.path);
        let path = match place(machine, &self.path, self.account.as_deref()) {
            Ok(path) => path,
            Err(Nowhere::Unknown(unknown)) => return unknown,
            Err(Nowhere::NoAccount(name)) => {
                let found = format!("no account {name}");
                return Verdict::fail(wanted(), found.clone(), Evidence::file("/etc/passwd", found));
            }
        };
        let see = format!("cat {}", typed(&self.path, self.account.as_deref(), &path));
        let text = match machine.read(&path, MOST + 1) {
            Ok(text) if text.len() as u64 > MOST => return could_not(path.display(), &CouldNot::TooLarge),
            Ok(text) => text,
            Err(CouldNot::Absent) => {
                let evidence = Evidence::file(&path, "nothing there");
                let see = format!("ls -l {}", typed(&self.path, self.account.as_deref(), &path));
                return Verdict::fail(wanted(), "nothing there", evidence).see(see);
            }
            Err(why) => return could_not(path.display(), &why),
        };
        let file = facts::UnitFile::read(&String::from_utf8_lossy(&text));
        let mut findings = Findings::default();
        let names: Vec<&str> = file.sections.iter().map(|s| s.name.as_str()).collect();
        let names = if names.is_empty() { "no sections".into() } else { format!("sections {}", names.join(" ")) };
        findings.saw(Evidence::file(&path, names.clone()));
        for section in &self.sections {
            findings.wish(file.has(section), format!("section {section}"), names.clone());
        }
        for (key, wanted) in &self.keys {
            judge_key(&file, &path, key, wanted, &mut findings);
        }
        if self.made.is_some() || self.container.is_some() || self.image.is_some() || !self.flags.is_empty() {
            self.judge_start(&file, &path, &mut findings);
        }
        findings.see(see).verdict()
    }
}

/// One `Section.Key` and what is wished among its values.
pub(super) fn judge_key(
    file: &facts::UnitFile,
    path: &std::path::Path,
    key: &str,
    wanted: &str,
    findings: &mut Findings,
) {
    let Some((section, name)) = key.split_once('.') else {
        return findings.unknown(Verdict::unknown(format!("`{key}` is not `Section.Key`")));
    };
    let values = file.values(section, name);
    let found = values.iter().map(|e| e.value.as_str()).collect::<Vec<_>>().join(" ");
    let fits = values.iter().any(|entry| {
        let words = exec_line::words(&entry.value).unwrap_or_default();
        // A remark behind a value is none to systemd: it is part of the value.
        let words = if words.iter().any(|(word, _)| word.starts_with('#')) { vec![] } else { words };
        entry.value == wanted || words.iter().any(|(word, _)| word == wanted)
    });
    match values.last() {
        Some(last) => findings.saw(Evidence::file(path, format!("line {}: {name}={found}", last.lines.start()))),
        None => findings.saw(Evidence::file(path, format!("no {name}= in [{section}]"))),
    }
    let found = if values.is_empty() { format!("no {name}= in [{section}]") } else { format!("{name}={found}") };
    findings.wish(fits, format!("{name}={wanted} in [{section}]"), found);
}

impl UnitFile {
    fn judge_start(&self, file: &facts::UnitFile, path: &std::path::Path, findings: &mut Findings) {
        let starts = file.values("Service", "ExecStart");
        let Some(entry) = starts.last() else {
            findings.saw(Evidence::file(path, "no ExecStart= in [Service]"));
            return findings.wish(false, "an ExecStart= that runs podman", "no ExecStart=");
        };
        let line = entry.lines.start();
        let commands = match exec_line::read(&entry.value) {
            Ok(commands) => commands,
            Err(why) => {
                findings.saw(Evidence::file(path, format!("line {line}: ExecStart= cannot be read: {why}")));
                return findings.wish(false, "an ExecStart= that systemd can read", why);
            }
        };
        let podman = commands.iter().find_map(|command| {
            let program = command.program.rsplit('/').next().unwrap_or_default();
            (program == "podman").then(|| podman::read(&command.arguments)).flatten()
        });
        let shown: String = entry.value.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect();
        findings.saw(Evidence::file(path, format!("line {line}: ExecStart={shown}")));
        match podman {
            Some(podman) => self.judge_podman(&podman, findings),
            None => findings.wish(false, "an ExecStart= that runs podman", "another program"),
        }
    }

    fn judge_podman(&self, podman: &Podman, findings: &mut Findings) {
        let made = match podman.verb.as_str() {
            "run" | "create" => Some(Made::New),
            "start" => Some(Made::Tied),
            _ => None,
        };
        let verb = format!("`podman {}`", podman.verb);
        if let Some(wanted) = self.made {
            let say = match wanted {
                Made::New => "`podman run`: a new container at each start",
                Made::Tied => "`podman start`: one container that exists already",
            };
            findings.wish(made == Some(wanted), say, verb.clone());
            if made != Some(wanted) {
                // What else was wished of the other command cannot be compared with this one.
                return;
            }
        }
        if let Some(wanted) = &self.container {
            let found = match made {
                Some(Made::New) => podman.parsed.values.get("name"),
                _ => podman.parsed.operands.first(),
            };
            let found = found.map_or_else(|| "no container name".into(), |name| format!("container {name}"));
            findings.wish(found == format!("container {wanted}"), format!("container {wanted}"), found);
        }
        if let Some(wanted) = &self.image {
            let image = (made == Some(Made::New)).then(|| podman.parsed.operands.first()).flatten();
            let found = image.map_or_else(|| format!("no image with {verb}"), |image| format!("image {image}"));
            findings.wish(image.is_some_and(|i| same_image(wanted, i)), format!("image {wanted}"), found);
        }
        for flag in &self.flags {
            let on = podman.parsed.on.contains(flag.trim_start_matches('-'));
            findings.wish(on, format!("{verb} with {flag}"), format!("{verb} without {flag}"));
        }
    }
}

#[cfg(test)]
mod tests;
