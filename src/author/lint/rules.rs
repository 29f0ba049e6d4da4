//! All that the text of a lesson tells by itself: the reader's problems, then each rule in turn. Opens no file.

use std::collections::BTreeMap;
use std::ops::Range;

use checkers::Check;

use super::finding::{Finding, Loose, What, in_order};
use super::{fix, hints, hollow, layout, names, rights, ways};
use crate::lesson::ProblemKind;
use crate::lesson::reading::{Document, Found, GoalForm, Placed, StepForm, open, place_of, reach};

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

    /// Where a part of a check stands; the check's beginning where it is written another way.
    pub(super) fn place(&self, check: &Placed<Check>, part: &str) -> Range<usize> {
        let whole = reach(self.text, &check.span());
        let place = place_of(self.text, whole.clone(), part);
        if place == whole { whole.start..whole.start } else { place }
    }
}

/// The checks of a goal: its own, and what predicts it.
pub(super) fn checks(goal: &GoalForm) -> impl Iterator<Item = &Placed<Check>> {
    goal.check.iter().chain(&goal.predicted_by)
}

/// Everything that is wrong or doubtful in a lesson's text. `file_name` is not opened; its folder is the lesson's id.
pub fn text(file_name: &str, text: &str) -> Vec<Finding> {
    let opened = open(file_name, text, &BTreeMap::new());
    let mut found: Vec<Loose> = Vec::new();
    let slip = |(span, kind): &Found| match kind {
        ProblemKind::UnknownKey { nearest: Some(nearest), .. } => Some((span.clone(), nearest.clone())),
        _ => None,
    };
    let slips: Vec<(Range<usize>, String)> = opened.found.iter().filter_map(slip).collect();
    for (span, kind) in opened.found {
        let key = match &kind {
            ProblemKind::Missing { key } | ProblemKind::TooFew { key, .. } => key.as_str(),
            ProblemKind::Empty { key } if key == "needs" => "podman",
            _ => "",
        };
        if opened.tree.as_ref().is_some_and(|tree| fix::is_misspelt(tree, span.start, key, &slips)) {
            continue;
        }
        let fix = opened.tree.as_ref().and_then(|tree| fix::of_problem(tree, text, &span, &kind));
        found.push((span, What::Problem(kind), fix));
    }
    found.extend(layout::lines(text));
    if let Some(tree) = &opened.tree {
        found.extend(layout::modes(tree, text));
    }
    if let Some(document) = &opened.document {
        let page = Page { text, document };
        found.extend(layout::widths(&page));
        found.extend(hollow::look(&page));
        found.extend(hints::look(&page));
        found.extend(ways::look(&page));
        found.extend(rights::look(&page));
        found.extend(names::look(&page));
    }
    in_order(text, found)
}
