//! All looks at a machine since the hand-in → the verdicts that count, before a reboot and after one. The one place that says so. Pure.
//!
//! What is handed in is what counts. So of several looks of a kind the first one that could tell counts for each goal: what was not so at
//! the hand-in and is so later was made after it, and what was so and is so no more was right all the same. What nobody could look at
//! then is judged by the next look that can. After a reboot lasting goals are judged anew; where a look there contradicts one before it
//! in a way that a boot may bring about as well as a hand, nobody can tell, and a person decides.

use std::collections::BTreeMap;

use checkers::Verdict;

use super::attempt::GradeKind;
use super::sheet::{Exam, Goal, GoalId, Task};

/// Verdicts by goal.
pub type Verdicts = BTreeMap<GoalId, Verdict>;

const GONE: &str = "nobody looked before the machine was rebooted, and this need not outlast it";
const UNFORETOLD: &str = "it was not so at the hand-in and is so after a reboot: whether the boot brought it or somebody made it after the \
     hand-in, the looks cannot tell";
const LATE: &str = "it was not so in the first look after the reboot and is so in a later one: whether it came late or somebody made it, \
     the looks cannot tell";

/// One look at the machine.
#[derive(Debug, Clone, Copy)]
pub struct Look<'v> {
    /// Before or after a reboot.
    pub kind: GradeKind,
    /// What it gave. Goals that were not asked are missing.
    pub verdicts: &'v Verdicts,
}

/// The verdicts that count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counting {
    /// Before a reboot; none where nobody looked then.
    pub predicted: Option<Verdicts>,
    /// After one; none where there was none, or nobody looked. Goals that need not last have their verdict from before.
    pub proven: Option<Verdicts>,
}

/// What counts of these looks, which stand in their order.
pub fn counting(exam: &Exam, looks: &[Look<'_>]) -> Counting {
    let (before, after) = sides(looks);
    let of = |told: &dyn Fn(&Goal, &GoalId) -> Option<Verdict>| -> Verdicts {
        let told = |(task, goal): (&Task, &Goal)| {
            let id = task.id_of(goal);
            told(goal, &id).map(|verdict| (id, verdict))
        };
        exam.goals().filter_map(told).collect()
    };
    let predicted = (!before.is_empty()).then(|| of(&|_, id| first_known(&before, id).cloned()));
    let proven = (!after.is_empty()).then(|| {
        of(&|goal, id| if goal.lasting { lasting(&before, &after, id) } else { passing(&before, &after, id) })
    });
    Counting { predicted, proven }
}

/// The looks before a reboot and those after one.
fn sides<'v>(looks: &[Look<'v>]) -> (Vec<&'v Verdicts>, Vec<&'v Verdicts>) {
    // A look beforehand comes before the reboot.
    let before = looks.iter().take_while(|look| look.kind == GradeKind::Predicted).map(|look| look.verdicts);
    let after = looks.iter().filter(|look| look.kind == GradeKind::Proven).map(|look| look.verdicts);
    (before.collect(), after.collect())
}

/// Whether one more look of this kind changes nothing of what counts: each goal had a yes already.
pub fn is_settled(exam: &Exam, looks: &[Look<'_>], kind: GradeKind) -> bool {
    let (before, after) = sides(looks);
    let same = if kind == GradeKind::Predicted { &before } else { &after };
    let settled = |(task, goal): (&Task, &Goal)| {
        let id = task.id_of(goal);
        let passes = kind == GradeKind::Proven && !goal.lasting;
        ever(same, &id) || passes && first_known(&before, &id).is_some_and(is_known)
    };
    !same.is_empty() && exam.goals().all(settled)
}

/// Of the looks at one goal the first that could tell; where none could, the last.
fn first_known<'v>(looks: &[&'v Verdicts], id: &GoalId) -> Option<&'v Verdict> {
    let of = || looks.iter().filter_map(|look| look.get(id));
    of().find(|verdict| is_known(verdict)).or_else(|| of().next_back())
}

fn is_known(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Unknown { .. })
}

/// Some look had a yes.
fn ever(looks: &[&Verdicts], id: &GoalId) -> bool {
    looks.iter().filter_map(|look| look.get(id)).any(Verdict::is_pass)
}

/// A goal that must outlast a reboot.
fn lasting(before: &[&Verdicts], after: &[&Verdicts], id: &GoalId) -> Option<Verdict> {
    let foretold = first_known(before, id);
    let proof = first_known(after, id)?;
    Some(match (foretold, proof) {
        // It turned while nothing was rebooted: somebody did that.
        (Some(no @ Verdict::Fail { .. }), Verdict::Pass { .. }) if ever(before, id) => no.clone(),
        (Some(Verdict::Fail { .. }), Verdict::Pass { .. }) => Verdict::unknown(UNFORETOLD),
        (Some(Verdict::Fail { .. }), no) => no.clone(),
        (_, Verdict::Fail { .. }) if ever(after, id) => Verdict::unknown(LATE),
        (_, proof) => proof.clone(),
    })
}

/// A goal that need not: it counts as it was before. Where nobody could look then it is taken as it is now; only that it is gone proves
/// nothing.
fn passing(before: &[&Verdicts], after: &[&Verdicts], id: &GoalId) -> Option<Verdict> {
    match (first_known(before, id), first_known(after, id)) {
        (Some(known), _) if is_known(known) => Some(known.clone()),
        (_, Some(there @ Verdict::Pass { .. })) => Some(there.clone()),
        (Some(unknown), _) => Some(unknown.clone()),
        (None, Some(Verdict::Fail { .. })) => Some(Verdict::unknown(GONE)),
        (None, now) => now.cloned(),
    }
}

#[cfg(test)]
mod tests;
