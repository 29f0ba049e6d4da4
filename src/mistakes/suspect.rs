//! An entry that may be it, with the values that were found and the facts that would tell.

use std::sync::Arc;

use checkers::Check;
use checkers::facts::nearest::nearest;

use super::correction;
use super::model::{Asks, Entry, Person, Setting, Subjects, Told};
use super::pattern::{Hit, Kind};
use super::values::{self, Place, Values};
use crate::lesson::reading::{Node, fit_filled};

/// What a way out may take from the learner's own line: it with sudo, it with `--user`, it with the mistyped word put right; what
/// its command is about; and how to be told of its program's options.
pub(super) const DERIVED: [&str; 5] = ["as-root", "as-user", "corrected", "operand", "help"];
/// No silent entry is tried for more names than this.
const MOST: usize = 48;

/// An entry that may be it.
#[derive(Debug, Clone)]
pub struct Suspect {
    pub(super) entry: Arc<Entry>,
    pub(super) values: Values,
    /// What the command said, and the line that was typed.
    pub(super) said: Option<(String, String)>,
    /// How long the message's own words are.
    pub(super) weight: usize,
    /// The facts that confirm; none for one that needs a value that nobody has.
    pub(super) when: Vec<Option<Check>>,
    /// The facts that exclude.
    pub(super) unless: Vec<Option<Check>>,
}

impl Suspect {
    pub(super) fn of_message(
        entry: &Arc<Entry>,
        hit: Hit,
        told: &Told<'_>,
        program: Option<&str>,
        setting: &Setting,
    ) -> Self {
        let mut values = hit.values;
        values.extend(told.line.map(|line| ("line".to_owned(), line.trim().to_owned())));
        values.extend(program.map(|program| ("program".to_owned(), program.to_owned())));
        let mut suspect = Self::new(entry, values, setting);
        suspect.name_as_typed();
        let said = hit.said.split_whitespace().collect::<Vec<_>>().join(" ");
        suspect.said = Some((said, told.line.unwrap_or_default().to_owned()));
        suspect.weight = hit.literal;
        suspect
    }

    pub(super) fn of_facts(entry: &Arc<Entry>, values: Values, setting: &Setting) -> Self {
        let account = values.get("account").and_then(|name| setting.people.iter().find(|one| &one.name == name));
        let setting = Setting { me: account.or(setting.me.as_ref()).cloned(), ..setting.clone() };
        Self::new(entry, values, &setting)
    }

    fn new(entry: &Arc<Entry>, mut values: Values, setting: &Setting) -> Self {
        own(&mut values, setting.me.as_ref());
        for (name, kind) in &entry.kinds {
            let Some(value) = values.get(name) else { continue };
            let near = |meant: Option<&str>| meant.map(|meant| (format!("{name}.nearest"), meant.to_owned()));
            let line = values.get("line").map_or("", String::as_str);
            let more = match kind {
                Kind::Uid => {
                    let uid: Option<u32> = value.parse().ok();
                    let owner = setting.people.iter().find(|person| Some(person.uid) == uid);
                    owner.map(|owner| (format!("{name}.account"), owner.name.clone()))
                }
                Kind::Unit => {
                    let others = setting.units.iter().map(String::as_str).filter(|unit| unit != value);
                    near(nearest(value, others))
                }
                // Those of the system are hardly ever meant.
                Kind::Account => {
                    let people = setting.people.iter().filter(|person| person.uid >= 1000);
                    near(correction::slip(value, people.map(|person| person.name.as_str())))
                }
                Kind::Program => near(correction::program(value, setting.programs.iter().map(String::as_str))),
                Kind::Verb => near(correction::command(line, value)),
                _ => None,
            };
            values.extend(more);
        }
        let facts = |nodes: &[Node]| nodes.iter().map(|node| check(node, &entry.source, &values)).collect();
        let (when, unless) = (facts(&entry.when), facts(&entry.unless));
        Self { entry: Arc::clone(entry), values, said: None, weight: 0, when, unless }
    }

    /// The facts to judge, in the order in which `diagnose` wants their verdicts.
    pub fn facts(&self) -> Vec<Check> {
        self.when.iter().chain(&self.unless).flatten().cloned().collect()
    }

    /// The facts that confirm it, as far as their values are known.
    pub fn confirming(&self) -> impl Iterator<Item = &Check> {
        self.when.iter().flatten()
    }

    /// A text of the entry with its values; what is missing is named by its kind.
    pub(super) fn words(&self, text: &str) -> String {
        let kind = |name: &str| Some(self.missing(name));
        values::fill(text, &self.values, Place::Words, kind).unwrap_or_default()
    }

    /// A command of the entry; none where a value is missing.
    pub(super) fn command(&self, line: &str) -> Option<String> {
        let place = if line.trim_start().starts_with('#') { Place::Words } else { Place::Command };
        values::fill(line, &self.values, place, |name| self.put_right(name))
    }

    /// The learner's own line put right in one of the ways that [`DERIVED`] names.
    fn put_right(&self, way: &str) -> Option<String> {
        let line = self.values.get("line")?;
        let program = self.values.get("program").map_or("", String::as_str);
        match way {
            "as-root" => {
                let named = self.values.iter().filter(|(name, _)| *name != "line").map(|(_, value)| value.as_str());
                let speakers: Vec<&str> = named.chain(self.entry.programs.iter().map(String::as_str)).collect();
                correction::as_root(line, &speakers)
            }
            "as-user" => correction::as_user(line),
            "operand" => correction::operand(line, program),
            "help" => match correction::verb(line) {
                Some(verb) => Some(format!("podman {} --help", verb.split(' ').next().unwrap_or_default())),
                None => Some(format!("{program} --help")),
            },
            "corrected" => self.entry.kinds.iter().find_map(|(name, kind)| {
                let wrong = self.values.get(name)?;
                if *kind == Kind::Option {
                    let (wrong, right) = correction::option(line, wrong)?;
                    return correction::replaced(line, &wrong, &right);
                }
                // What a fact remembered as the nearest name is one too.
                let right = self.values.get(&format!("{name}.nearest")).or_else(|| self.values.get("near"))?;
                correction::replaced(line, wrong, right)
            }),
            _ => None,
        }
    }

    /// Where podman speaks of a container by its id, the name that was typed is known better.
    fn name_as_typed(&mut self) {
        let ids = self.entry.kinds.iter().filter(|(_, kind)| **kind == Kind::Id).map(|(name, _)| name);
        let typed = self.values.get("line").and_then(|line| correction::container(line));
        for (value, typed) in ids.filter_map(|name| Some((name, typed.clone()?))).collect::<Vec<_>>() {
            self.values.insert(value.clone(), typed);
        }
    }

    fn missing(&self, name: &str) -> String {
        let words = match name.split_once('.') {
            Some((_, "account")) => "another account",
            Some(_) => "one of nearly that name",
            None => match name {
                "me" | "account" => "this account",
                "admin" => "the administrator",
                "my-uid" => "its uid",
                "my-home" => "~",
                "my-runtime" => "/run/user/UID",
                "line" => "that command",
                other => return format!("the {}", self.entry.kinds.get(other).map_or(other, |kind| kind.name())),
            },
        };
        words.to_owned()
    }
}

fn own(values: &mut Values, me: Option<&Person>) {
    if let Some(me) = me {
        let own = [
            ("me", me.name.clone()),
            ("my-uid", me.uid.to_string()),
            ("my-home", me.home.clone()),
            ("my-runtime", format!("/run/user/{}", me.uid)),
        ];
        for (name, value) in own {
            // A capture of that name was meant.
            values.entry(name.to_owned()).or_insert(value);
        }
    }
}

fn check(node: &Node, source: &str, values: &Values) -> Option<Check> {
    let mut fill = |text: &str| {
        // `{uid}` in a path is the check's own.
        values::fill(text, values, Place::Words, |name| (name == "uid").then(|| "{uid}".to_owned()))
    };
    let filled = values::in_tree(node, &mut fill)?;
    fit_filled::<Check>(&filled, source).value
}

/// The values for which a silent entry is tried: every combination of the names that it asks about.
pub(super) fn combinations(entry: &Entry, subjects: &Subjects) -> Vec<Values> {
    let mut all = vec![Values::new()];
    for ask in &entry.asks {
        let admin: Vec<String> = subjects.admin.iter().cloned().collect();
        let (name, choices) = match ask {
            Asks::Account => ("account", &subjects.accounts),
            Asks::Admin => ("admin", &admin),
            Asks::Unit => ("unit", &subjects.units),
            Asks::Container => ("container", &subjects.containers),
            Asks::Image => ("image", &subjects.images),
        };
        let with = |values: &Values, choice: &String| {
            let mut values = values.clone();
            values.insert(name.to_owned(), choice.clone());
            values
        };
        all = all.iter().flat_map(|values| choices.iter().map(move |choice| with(values, choice))).collect();
        all.truncate(MOST);
    }
    all
}
