//! YAML text → a lesson and all its problems. Opens no file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use checkers::Check;

use super::document::{Document, EntryForm, GoalForm, NeedsForm, Placed, Role, StepForm, Text};
use super::fit::{Fitted, Found, MOST_PROBLEMS, fit};
use super::model::{AccountRole, Author, Declared, Goal, Lesson, ManualEntry, Needs, Parameter, Step, Way};
use super::problem::{Lines, Problem, ProblemKind};
use super::tree::{self, MOST_BYTES, Node};
use super::{fill, rules};

/// Reads a lesson. `file_name` names it in problems; its folder is the lesson's id and the place of its check programs.
///
/// There is a lesson exactly when there is no problem.
pub fn read(file_name: &str, text: &str) -> (Option<Lesson>, Vec<Problem>) {
    read_with(file_name, text, &BTreeMap::new())
}

/// The same, with other values for some of the lesson's parameters. Names that the lesson does not have are passed over.
pub fn read_with(file_name: &str, text: &str, given: &BTreeMap<String, String>) -> (Option<Lesson>, Vec<Problem>) {
    match read_text(file_name, text, given) {
        Ok(lesson) => (Some(lesson), Vec::new()),
        Err(found) => (None, in_order(file_name, text, found)),
    }
}

/// What reading brings to light before there is a lesson, for whoever looks closer than a player needs.
#[derive(Debug, Default)]
pub(crate) struct Opened<D = Document> {
    /// The tree with its parameters filled in; none where the text is not YAML.
    pub(crate) tree: Option<Node>,
    /// What fitted of it.
    pub(crate) document: Option<D>,
    /// All problems, in no order.
    pub(crate) found: Vec<Found>,
}

fn read_text(file_name: &str, text: &str, given: &BTreeMap<String, String>) -> Result<Lesson, Vec<Found>> {
    let opened = open(file_name, text, given);
    match opened.document {
        Some(document) if opened.found.is_empty() => Ok(lesson(id_of(file_name), folder(file_name), given, document)),
        _ => Err(opened.found),
    }
}

/// Reads as far as can be read.
pub(crate) fn open(file_name: &str, text: &str, given: &BTreeMap<String, String>) -> Opened {
    open_as(
        file_name,
        text,
        tree_of(text),
        |tree| fill::fill(tree, text, given),
        fit,
        |document, tree| rules::check(document, tree, text),
    )
}

/// The text as a tree, before any word of it is filled in; or why it is none. That is most of the work of reading.
pub(crate) fn tree_of(text: &str) -> Result<Node, Found> {
    if text.len() > MOST_BYTES {
        return Err((0..0, ProblemKind::TooLarge { most: MOST_BYTES }));
    }
    tree::parse(text).map_err(|no| (no.span, ProblemKind::NotYaml { why: no.why }))
}

/// The same for another form: how its words are filled in, how it is fitted, and what it must have beside the right form.
pub(crate) fn open_as<D: Default>(
    file_name: &str,
    text: &str,
    tree: Result<Node, Found>,
    fill_in: impl FnOnce(&mut Node) -> Vec<Found>,
    fit: impl FnOnce(&Node, &str) -> Fitted<D>,
    rules: impl FnOnce(&D, &Node) -> Vec<Found>,
) -> Opened<D> {
    let mut tree = match tree {
        Ok(tree) => tree,
        Err(found) => return Opened { found: vec![found], ..Opened::default() },
    };
    let mut found = fill_in(&mut tree);
    let fitted = fit(&tree, text);
    found.extend(fitted.found);
    let id = id_of(file_name);
    if !fill::is_name(&id) {
        found.push((0..0, ProblemKind::BadId { id: id.clone() }));
    }
    if let Some(document) = &fitted.value {
        let rule_problems = rules(document, &tree);
        found.extend(rule_problems.into_iter().filter(|problem| !follows(problem, &fitted.lost)));
    }
    Opened { tree: Some(tree), document: fitted.value, found }
}

/// A lesson's id is the name of its folder.
pub(crate) fn id_of(file_name: &str) -> String {
    let name = folder(file_name).and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "lesson".to_owned())
}

/// True when a problem only follows from something that was left out for a problem of its own.
fn follows((span, what): &Found, lost: &[(String, Range<usize>)]) -> bool {
    match what {
        ProblemKind::Missing { key } | ProblemKind::TooFew { key, .. } => {
            lost.iter().any(|(name, map)| name == key && map.contains(&span.start))
        }
        // Its parts have problems of their own.
        ProblemKind::AsksNothing { check } => lost.iter().any(|(name, map)| name == check && map.contains(&span.start)),
        ProblemKind::NeverRemembered { .. } => !lost.is_empty(),
        ProblemKind::UnknownAccount { .. } => lost.iter().any(|(name, _)| name == "accounts" || name == "name"),
        _ => false,
    }
}

fn folder(file_name: &str) -> Option<&Path> {
    Path::new(file_name).parent()
}

pub(crate) fn in_order(file_name: &str, text: &str, mut found: Vec<Found>) -> Vec<Problem> {
    found.sort_by_key(|(span, _)| (span.start, span.end));
    if found.len() > MOST_PROBLEMS {
        found.truncate(MOST_PROBLEMS);
        found.push((text.len()..text.len(), ProblemKind::TooMany { most: MOST_PROBLEMS }));
    }
    if found.is_empty() {
        return Vec::new();
    }
    let lines = Lines::of(text);
    let problem = |(span, what): Found| {
        let span = span.start.min(text.len())..span.end.min(text.len());
        let (line, column) = lines.place(span.start);
        Problem { file: file_name.to_owned(), span, line, column, what }
    };
    found.into_iter().map(problem).collect()
}

fn lesson(id: String, folder: Option<&Path>, given: &BTreeMap<String, String>, document: Document) -> Lesson {
    let steps = document.steps.map(|steps| steps.value).unwrap_or_default();
    let parameters = document.parameters.into_iter().map(|(name, form)| Parameter {
        value: given.get(&name).cloned().unwrap_or_else(|| line(form.value)),
        says: line(form.says),
        name,
    });
    Lesson {
        id,
        title: line(document.title),
        summary: body(document.summary),
        tracks: document.tracks,
        accounts: document.accounts.into_iter().map(|form| declared(form.value)).collect(),
        author: document.author.map(|writer| Author { name: line(writer.name) }),
        parameters: parameters.collect(),
        needs: document.needs.map(|form| needs(form.value)),
        clean_up: document.clean_up.into_iter().map(|line| line.value.trim_end().to_owned()).collect(),
        steps: steps.into_iter().map(|form| step(folder, form.value)).collect(),
        seal: None,
    }
}

pub(crate) fn declared(form: super::document::Account) -> Declared {
    let role = match form.role {
        Some(Role::Administrator) => AccountRole::Administrator,
        Some(Role::Created) => AccountRole::Created,
        Some(Role::Member) | None => AccountRole::Member,
    };
    Declared { name: line(form.name), role, password: form.password }
}

fn step(folder: Option<&Path>, form: StepForm) -> Step {
    let way = |form: super::document::WayForm| Way {
        when: form.when.map(|entry| manual(entry.value)),
        lines: form.lines.into_iter().map(|line| line.value).collect(),
        because: form.because.map(|text| text.trim_end().to_owned()),
    };
    Step {
        id: line(form.id),
        title: line(form.title),
        text: body(form.text),
        goals: form.goals.into_iter().filter_map(|goal| self::goal(folder, goal.value)).collect(),
        hints: form.hints.into_iter().map(|hint| hint.value.trim_end().to_owned()).collect(),
        solution: form.solution.into_iter().map(|form| way(form.value)).collect(),
        manual: form.manual.into_iter().map(|entry| manual(entry.value)).collect(),
        reboot: form.reboot,
        needs: form.needs.map(|form| needs(form.value)),
    }
}

pub(crate) fn needs(form: NeedsForm) -> Needs {
    let version = |text: Text| text.map(|text| text.value);
    Needs { podman: version(form.podman), systemd: version(form.systemd) }
}

fn goal(folder: Option<&Path>, form: GoalForm) -> Option<Goal> {
    let mut check = form.check?.value;
    full_paths(folder, &mut check);
    let mut predicted_by = form.predicted_by.map(|check| check.value);
    if let Some(check) = &mut predicted_by {
        full_paths(folder, check);
    }
    Some(Goal { id: line(form.id), say: line(form.say), check, once: form.once, lasting: form.lasting, predicted_by })
}

/// Gives check programs their full path, below the lesson's folder.
fn full_paths(folder: Option<&Path>, check: &mut Check) {
    match check {
        Check::Program(program) => program.file = folder.unwrap_or(Path::new("")).join(&program.file),
        Check::All(checks) | Check::Any(checks) => checks.iter_mut().for_each(|check| full_paths(folder, check)),
        Check::Not(check) => full_paths(folder, check),
        Check::Within(timed) | Check::For(timed) => full_paths(folder, &mut timed.check),
        _ => {}
    }
}

pub(crate) fn manual(form: EntryForm) -> ManualEntry {
    ManualEntry {
        page: line(form.page),
        section: line(form.section),
        entry: line(form.entry),
        otherwise: body(form.otherwise),
        package: form.package,
    }
}

pub(crate) fn body(text: Text) -> String {
    text.map(|Placed { value, .. }| value.trim_end().to_owned()).unwrap_or_default()
}

pub(crate) fn line(text: Text) -> String {
    body(text)
}
