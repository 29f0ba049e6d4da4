//! All known mistakes, and which of them a command's output speaks of. Judges nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use checkers::facts::command_line;

use super::cleaned::{cleaned, unbroken};
use super::model::{Entry, Setting, Told};
use super::read;
use super::suspect::{Suspect, combinations};
use crate::lesson::reading::in_order;
use crate::lesson::{Problem, ProblemKind};

/// The files that are part of the program.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/mistakes.rs"));

/// Programs that show what others said: a message of any program may stand in what they print.
const RELAYS: &[&str] = &[
    "bash",
    "cat",
    "flock",
    "head",
    "journalctl",
    "less",
    "login",
    "machinectl",
    "make",
    "pkexec",
    "run0",
    "runuser",
    "script",
    "setsid",
    "sh",
    "ssh",
    "stdbuf",
    "su",
    "systemctl",
    "systemd-run",
    "tail",
    "time",
    "timeout",
    "unshare",
    "watch",
    "xargs",
];

/// The known mistakes.
#[derive(Debug, Default)]
pub struct Catalogue {
    entries: Vec<Arc<Entry>>,
}

impl Catalogue {
    /// Those that are part of the program; read when they are first needed.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Catalogue> = OnceLock::new();
        // A test holds that there is no problem.
        BUILTIN.get_or_init(|| Self::read(BUILT_IN).0)
    }

    /// The files that are part of the program: their names, and what stands in them.
    pub fn files() -> &'static [(&'static str, &'static str)] {
        BUILT_IN
    }

    /// Reads files, each with its name; all problems at once. A file that has one has no entries.
    pub fn read<T: AsRef<str>>(files: &[(T, T)]) -> (Self, Vec<Problem>) {
        let mut ids = BTreeMap::new();
        let mut catalogue = Self::default();
        let mut problems = Vec::new();
        for (name, text) in files {
            let (entries, found) = read::read(name.as_ref(), text.as_ref(), &mut ids);
            catalogue.entries.extend(entries.into_iter().map(Arc::new));
            problems.extend(found);
        }
        (catalogue, problems)
    }

    /// Samples of a documented entry that lead somewhere else first, as problems of their files.
    pub fn samples_without_entry<T: AsRef<str>>(&self, files: &[(T, T)]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (entry, sample) in self.entries.iter().flat_map(|entry| entry.samples.iter().map(move |one| (entry, one))) {
            let told = Told { output: sample.as_bytes(), ..Told::default() };
            let first = self.suspects(&told, &Setting::default()).first().map(|suspect| suspect.entry.id.clone());
            if first.as_ref() == Some(&entry.id) {
                continue;
            }
            let why = match first {
                Some(other) => format!("this sample of `{}` leads to `{other}` first", entry.id),
                None => format!("no message of `{}` fits this sample", entry.id),
            };
            let Some((file, text)) = files.iter().find(|(_, text)| text.as_ref() == entry.source.as_ref()) else {
                continue;
            };
            let start = text.as_ref().find(sample.as_str()).unwrap_or(0);
            let found = vec![(start..start, ProblemKind::WrongValue { why })];
            problems.extend(in_order(file.as_ref(), text.as_ref(), found));
        }
        problems
    }

    /// The entries, in the order of the files.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().map(AsRef::as_ref)
    }

    /// The entries whose message stands in what a command printed, the longest message first.
    pub fn suspects(&self, told: &Told<'_>, setting: &Setting) -> Vec<Suspect> {
        let text = cleaned(told.output);
        if text.trim().is_empty() {
            return Vec::new();
        }
        let programs = told.line.map(programs).unwrap_or_default();
        let plausible = |entry: &&Arc<Entry>| {
            let status = told.status.is_none_or(|status| entry.status.is_empty() || entry.status.contains(&status));
            let of_these = |program: &String| entry.programs.contains(program) || RELAYS.contains(&program.as_str());
            status && (entry.programs.is_empty() || programs.is_empty() || programs.iter().any(of_these))
        };
        let plausible: Vec<&Arc<Entry>> = self.entries.iter().filter(plausible).collect();
        let mut texts = vec![text];
        texts.extend(unbroken(&texts[0]));
        let mut found: Vec<Suspect> = Vec::new();
        for text in texts {
            let lower = text.to_ascii_lowercase();
            for entry in &plausible {
                if found.iter().any(|suspect| suspect.entry.id == entry.id) {
                    continue;
                }
                let hits = entry.messages.iter().filter_map(|message| message.find(&text, &lower));
                let Some(hit) = hits.max_by_key(|hit| hit.literal) else { continue };
                found.push(Suspect::of_message(entry, hit, told, programs.first().map(String::as_str), setting));
            }
        }
        found.sort_by_key(|suspect| std::cmp::Reverse(suspect.weight));
        found
    }

    /// The entries without a message, each for every name that it asks about.
    pub fn silent(&self, setting: &Setting) -> Vec<Suspect> {
        let silent = self.entries.iter().filter(|entry| entry.is_silent());
        silent
            .flat_map(|entry| {
                combinations(entry, &setting.subjects)
                    .into_iter()
                    .map(|values| Suspect::of_facts(entry, values, setting))
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}

/// The programs that a line runs, without their folders: the one that ended it first, sudo last.
fn programs(line: &str) -> Vec<String> {
    let name = |simple: &command_line::Simple| {
        let word = simple.words.first()?;
        Some(word.rsplit('/').next().unwrap_or(word).to_owned())
    };
    let mut programs: Vec<String> = command_line::read(line).iter().rev().filter_map(name).collect();
    // It speaks for itself before it runs anything.
    if line.split_whitespace().any(|word| word == "sudo") {
        programs.push("sudo".into());
    }
    programs
}
