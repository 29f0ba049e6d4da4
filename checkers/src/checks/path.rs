//! A file, directory or link: its kind, mode, owner, who may write to it, and what stands in it.
//!
#![doc = include_str!("path.md")]

mod inside;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, pattern, quoted};
use super::place::{Nowhere, place, told, typed};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::permission::may_write;
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine, Stat};
use crate::verdict::{Evidence, Verdict};

/// No file that a lesson looks into is larger.
pub(super) const MOST: u64 = 1 << 20;
/// A difference shows this many lines.
const LINES: usize = 20;

/// What is wished of a path. Only what is named is judged; a path and nothing else wishes that it exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Path {
    /// The path. `~` and `~name` stand for a home directory, `{uid}` for the uid of `as`.
    pub path: String,
    /// The account with whose eyes to look, and whose home `~` is. Otherwise anyone's.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// False wishes that there is nothing at this path. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The permission bits, in octal with a leading zero: `"0700"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The owner's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The owner's uid as the containers of `as` number it: 0 is that account itself, 1 the first of its subordinate ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_inside: Option<u32>,
    /// The group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Accounts that may write to it (by owner, group and mode).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub writable_by: Vec<String>,
    /// Accounts that may not write to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_writable_by: Vec<String>,
    /// Every one of these texts stands in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Every one of these regular expressions matches somewhere in the file (`^` and `$` are lines).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<String>,
    /// The file is exactly this text; a fail shows the difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What kind of thing a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link (the link itself, not what it points to).
    Link,
    /// A socket.
    Socket,
    /// A named pipe.
    Pipe,
    /// A device.
    Device,
}

impl Kind {
    fn of(mode: u32) -> Option<Self> {
        match mode & 0o170_000 {
            0o100_000 => Some(Self::File),
            0o040_000 => Some(Self::Directory),
            0o120_000 => Some(Self::Link),
            0o140_000 => Some(Self::Socket),
            0o010_000 => Some(Self::Pipe),
            0o020_000 | 0o060_000 => Some(Self::Device),
            _ => None,
        }
    }
    fn words(kind: Option<Self>) -> &'static str {
        match kind {
            Some(Self::File) => "a file",
            Some(Self::Directory) => "a directory",
            Some(Self::Link) => "a link",
            Some(Self::Socket) => "a socket",
            Some(Self::Pipe) => "a named pipe",
            Some(Self::Device) => "a device",
            None => "something unknown",
        }
    }
}

impl Judge for Path {
    fn eyes(&self) -> Eyes {
        self.account.clone().map_or(Eyes::Anyone, Eyes::Account)
    }

    fn rests_on(&self) -> Vec<Ground> {
        let names = [&self.account, &self.owner, &self.group].into_iter().any(Option::is_some);
        let names =
            names || self.path.starts_with('~') || !self.writable_by.is_empty() || !self.not_writable_by.is_empty();
        let accounts = names.then_some(Ground::Accounts);
        accounts.into_iter().chain([Ground::path(&self.path, self.account.as_ref())]).collect()
    }

    fn is_about_text(&self, _: &std::path::Path) -> bool {
        true
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let path = match place(machine, &self.path, self.account.as_deref()) {
            Ok(path) => path,
            Err(Nowhere::Unknown(unknown)) => return unknown,
            Err(Nowhere::NoAccount(name)) => return self.nothing(&format!("no account {name}"), "/etc/passwd".into()),
        };
        let see = format!("ls -ld {}", typed(&self.path, self.account.as_deref(), &path));
        // The link itself is meant where a link is wished, or that nothing at all is there.
        let follow = self.exists && self.kind != Some(Kind::Link);
        let stat = match machine.stat(&path, follow) {
            Ok(stat) => stat,
            Err(CouldNot::Absent) => {
                let found = match machine.read_link(&path) {
                    Ok(target) => format!("a link to {}, which is not there", target.display()),
                    Err(_) => "nothing there".into(),
                };
                return self.nothing(&found, path).see(see);
            }
            Err(why) => return could_not(path.display(), &why),
        };
        let found = Kind::of(stat.mode);
        let mut findings = Findings::default();
        if !self.exists {
            findings.saw(Evidence::file(&path, Kind::words(found)));
            findings.wish(false, "nothing there", Kind::words(found));
            return findings.see(see).verdict();
        }
        if let Some(kind) = self.kind {
            findings.wish(found == Some(kind), Kind::words(Some(kind)), Kind::words(found));
        }
        let looking = Looking { machine, path: &path, stat };
        self.judge_owners(&looking, &mut findings);
        self.judge_writers(&looking, &mut findings);
        let wants_text = !self.contains.is_empty() || !self.matches.is_empty() || self.text.is_some();
        if wants_text {
            self.judge_text(&looking, &mut findings);
        }
        let see = if wants_text { format!("cat {}", typed(&self.path, self.account.as_deref(), &path)) } else { see };
        findings.see(see).verdict()
    }
}

struct Looking<'a> {
    machine: &'a dyn Machine,
    path: &'a std::path::Path,
    stat: Stat,
}

impl Path {
    /// Nothing is at the path: an answer to every wish about it.
    fn nothing(&self, found: &str, source: PathBuf) -> Verdict {
        let evidence = Evidence::file(source, found);
        if !self.exists && !found.starts_with("a link") {
            return Verdict::pass(evidence);
        }
        let wanted = if self.exists { self.kind.map_or("something", |k| Kind::words(Some(k))) } else { "nothing" };
        Verdict::fail(format!("{wanted} at {}", told(&self.path, self.account.as_deref())), found, evidence)
    }

    fn judge_owners(&self, at: &Looking<'_>, findings: &mut Findings) {
        let bits = at.stat.mode & 0o7777;
        let mut said = format!("{}, mode {bits:04o}", Kind::words(Kind::of(at.stat.mode)));
        if let Some(mode) = &self.mode {
            match u32::from_str_radix(mode, 8) {
                Ok(wanted) => findings.wish(wanted == bits, format!("mode {wanted:04o}"), format!("mode {bits:04o}")),
                Err(_) => findings.unknown(Verdict::unknown(format!("`{mode}` is not an octal mode such as \"0700\""))),
            }
        }
        if let Some(wanted) = &self.owner {
            match at.machine.account_by_uid(at.stat.uid) {
                Ok(owner) => {
                    let owner = owner.map_or_else(|| format!("uid {}", at.stat.uid), |a| a.name);
                    said.push_str(&format!(", owner {owner}"));
                    findings.wish(owner == *wanted, format!("owner {wanted}"), format!("owner {owner}"));
                }
                Err(why) => findings.unknown(could_not(format_args!("uid {}", at.stat.uid), &why)),
            }
        }
        if let Some(wanted) = self.owner_inside {
            inside::judge(at.machine, self.account.as_deref(), at.stat.uid, wanted, findings);
        }
        if let Some(wanted) = &self.group {
            match at.machine.group_by_gid(at.stat.gid) {
                Ok(group) => {
                    let group = group.unwrap_or_else(|| format!("gid {}", at.stat.gid));
                    said.push_str(&format!(", group {group}"));
                    findings.wish(group == *wanted, format!("group {wanted}"), format!("group {group}"));
                }
                Err(why) => findings.unknown(could_not(format_args!("gid {}", at.stat.gid), &why)),
            }
        }
        findings.saw(Evidence::file(at.path, said));
    }

    fn judge_writers(&self, at: &Looking<'_>, findings: &mut Findings) {
        let may = self.writable_by.iter().map(|name| (name, true));
        for (name, wanted) in may.chain(self.not_writable_by.iter().map(|name| (name, false))) {
            match writes(at, name) {
                Ok((found, because)) => {
                    let say = |may| if may { format!("{name} may write") } else { format!("{name} may not write") };
                    findings.saw(Evidence::file(at.path, format!("{}: {because}", say(found))));
                    findings.wish(found == wanted, say(wanted), say(found));
                }
                Err(Nowhere::Unknown(unknown)) => findings.unknown(unknown),
                Err(Nowhere::NoAccount(name)) => {
                    findings.saw(Evidence::file("/etc/passwd", format!("no account {name}")));
                    findings.wish(false, format!("an account {name}"), format!("no account {name}"));
                }
            }
        }
    }

    fn judge_text(&self, at: &Looking<'_>, findings: &mut Findings) {
        let bytes = match at.machine.read(at.path, MOST + 1) {
            Ok(bytes) if bytes.len() as u64 > MOST => {
                return findings.unknown(could_not(at.path.display(), &CouldNot::TooLarge));
            }
            Ok(bytes) => bytes,
            Err(_) if Kind::of(at.stat.mode) != Some(Kind::File) => {
                return findings.wish(false, "a file with text", Kind::words(Kind::of(at.stat.mode)));
            }
            Err(why) => return findings.unknown(could_not(at.path.display(), &why)),
        };
        let text = String::from_utf8_lossy(&bytes);
        findings.saw(Evidence::file(at.path, format!("{} lines, {} bytes", text.lines().count(), bytes.len())));
        for part in &self.contains {
            let holds = text.contains(part.as_str());
            findings.wish(holds, format!("a text with `{part}`"), format!("a text without `{part}`"));
        }
        for part in &self.matches {
            match pattern(part) {
                Ok(regex) => {
                    let (wanted, found) = (format!("a match of `{part}`"), format!("no match of `{part}`"));
                    findings.wish(regex.is_match(&text), wanted, found);
                }
                Err(unknown) => findings.unknown(unknown),
            }
        }
        if let Some(wanted) = &self.text {
            findings.wish(*wanted == text, "exactly the given text", difference(wanted, &text));
        }
    }
}

fn writes(at: &Looking<'_>, name: &str) -> Result<(bool, &'static str), Nowhere> {
    let account = super::place::account(at.machine, name)?;
    if account.uid != 0 {
        match at.machine.has_acl(at.path) {
            Ok(false) => {}
            Ok(true) => {
                let why =
                    format!("{} has an access list, so its mode alone does not say who may write", at.path.display());
                let grant = Some(format!("`getfacl {}` shows it", quoted(&at.path.to_string_lossy())));
                return Err(Nowhere::Unknown(Verdict::Unknown { why, grant }));
            }
            Err(why) => return Err(Nowhere::Unknown(could_not(at.path.display(), &why))),
        }
    }
    let unknown = |why: &CouldNot| Nowhere::Unknown(could_not(format_args!("the groups of {name}"), why));
    let group = at.machine.group_by_gid(at.stat.gid).map_err(|w| unknown(&w))?;
    let groups = at.machine.groups_of(&account).map_err(|w| unknown(&w))?;
    let member = account.gid == at.stat.gid || group.is_some_and(|g| groups.contains(&g));
    let write = may_write(&at.stat, &account, member);
    Ok((write.may, write.because))
}

/// What would have to change to come from the found text to the wanted one.
fn difference(wanted: &str, found: &str) -> String {
    let diff = similar::TextDiff::from_lines(found, wanted);
    let diff = diff.unified_diff().context_radius(1).header("found", "wanted").to_string();
    let lines: Vec<&str> = diff.lines().collect();
    let shown = lines[..lines.len().min(LINES)].join("\n");
    if lines.len() > LINES { format!("{shown}\n… {} lines more", lines.len() - LINES) } else { shown }
}

#[cfg(test)]
mod tests;
