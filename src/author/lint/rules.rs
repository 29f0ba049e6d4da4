//! All that the text of a lesson tells by itself: the reader's problems, then each rule in turn. Opens no file.

use std::collections::BTreeMap;
use std::ops::Range;

use checkers::Check;

use super::finding::{Finding, Loose, What, in_order};
use super::{fix, hints, hollow, layout, names, rights, ways};
use crate::lesson::reading::{
    Document, Found, GoalForm, MOST_PROBLEMS, Opened, Placed, StepForm, open, place_of, reach,
};
use crate::lesson::{Problem, ProblemKind};

/// A document and the text that it was read from.
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) document: &'a Document,
}

impl<'a> Page<'a> {
    pub(super) fn steps(&self) -> &'a [Placed<StepForm>] {
        self.document.steps.as_ref().map_or(&[], |steps| &steps.value)
    }

    /// The names of the declared accounts.
    pub(super) fn accounts(&self) -> Vec<&'a str> {
        let names = self.document.accounts.iter().filter_map(|account| account.value.name.as_ref());
        names.map(|name| name.value.as_str()).collect()
    }

    /// Where a part of a check stands, as it is or through a parameter; the check's beginning where it is written another way.
    pub(super) fn place(&self, check: &Placed<Check>, part: &str) -> Range<usize> {
        let whole = reach(self.text, &check.span());
        let through = self.document.parameters.iter().filter_map(|(name, parameter)| {
            let value = parameter.value.as_ref().map(|value| value.value.as_str())?;
            // One that would be put nowhere is not sought: there can be thousands.
            let stands = !value.is_empty() && part.contains(value);
            stands.then(|| part.replace(value, &format!("{{{{{name}}}}}")))
        });
        let places =
            std::iter::once(part.to_owned()).chain(through).map(|part| place_of(self.text, whole.clone(), &part));
        places.into_iter().find(|place| *place != whole).unwrap_or(whole.start..whole.start)
    }
}

/// The checks of a goal: its own, and what predicts it.
pub(super) fn checks(goal: &GoalForm) -> impl Iterator<Item = &Placed<Check>> {
    goal.check.iter().chain(&goal.predicted_by)
}

/// A lesson's text, read once for everything that is looked at.
pub struct Sheet<'a> {
    pub(super) text: &'a str,
    pub(super) opened: Opened,
}

impl<'a> Sheet<'a> {
    /// Reads the text. `file_name` is not opened; its folder is the lesson's id.
    pub fn read(file_name: &str, text: &'a str) -> Self {
        Self { text, opened: open(file_name, text, &BTreeMap::new()) }
    }

    /// What could be read of it.
    pub(super) fn page(&self) -> Option<Page<'_>> {
        Some(Page { text: self.text, document: self.opened.document.as_ref()? })
    }

    /// Everything that is wrong or doubtful in the text itself.
    pub fn text(&self) -> Vec<Finding> {
        let (text, tree) = (self.text, self.opened.tree.as_ref());
        let slips: Vec<(Range<usize>, String)> = self.opened.found.iter().filter_map(slip).collect();
        let mut found: Vec<Loose> = Vec::new();
        for (span, kind) in &self.opened.found {
            if !tree.is_some_and(|tree| fix::is_misspelt(tree, span.start, wanted_key(kind), &slips)) {
                let fix = tree.and_then(|tree| fix::of_problem(tree, text, span, kind));
                found.push((span.clone(), What::Problem(kind.clone()), fix));
            }
        }
        found.extend(layout::lines(text).take(MOST_PROBLEMS + 1));
        found.extend(tree.map(|tree| layout::modes(tree, text)).unwrap_or_default());
        if let Some(page) = self.page() {
            for rule in [layout::widths, hollow::look, hints::look, ways::look, rights::look, names::look] {
                found.extend(rule(&page));
            }
        }
        in_order(text, found)
    }
}

/// A key that is a slip of another one, and that one.
fn slip((span, kind): &Found) -> Option<(Range<usize>, String)> {
    match kind {
        ProblemKind::UnknownKey { nearest: Some(nearest), .. } => Some((span.clone(), nearest.clone())),
        _ => None,
    }
}

/// The key that would be there, were it not for a slip.
fn wanted_key(kind: &ProblemKind) -> &str {
    match kind {
        ProblemKind::Missing { key } | ProblemKind::TooFew { key, .. } => key,
        ProblemKind::Empty { key } if key == "needs" => "podman",
        _ => "",
    }
}

/// What the reader of another form refuses (an exam's, say), as findings, with the lines that no form likes.
pub fn refused(text: &str, problems: Vec<Problem>) -> Vec<Finding> {
    let refused = problems.into_iter().map(|problem| (problem.span, What::Problem(problem.what), None));
    in_order(text, refused.chain(layout::lines(text)).collect())
}

/// Everything that is wrong or doubtful in a lesson's text. `file_name` is not opened; its folder is the lesson's id.
pub fn text(file_name: &str, text: &str) -> Vec<Finding> {
    Sheet::read(file_name, text).text()
}
