//! Verdicts → points: whole numbers that are added and never divided, so nothing is rounded. What is unknown is neither given nor taken:
//! it leaves a range.

use std::collections::BTreeMap;

use checkers::Verdict;

use super::attempt::GradeKind;
use super::sheet::{Exam, GoalId, Task};

/// What verdicts are worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Whether a reboot has been tried.
    pub kind: GradeKind,
    /// All tasks together.
    pub total: Sum,
    /// Each objective, in the order in which the sheet first names it.
    pub objectives: Vec<ObjectiveScore>,
    /// Each task, in the order of the sheet.
    pub tasks: Vec<TaskScore>,
    /// The per cent with which the exam is passed.
    pub pass_mark: u32,
}

/// Points, and how many goals they come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// What is had for certain.
    pub lowest: u32,
    /// What it would be if all that is unknown were right.
    pub highest: u32,
    /// All there is to have.
    pub whole: u32,
    /// Goals with a yes or a no.
    pub judged: u32,
    /// Goals that nobody could look at, or that were not asked.
    pub unknown: u32,
}

/// One objective's points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectiveScore {
    /// Its name.
    pub objective: String,
    /// Its tasks together.
    pub sum: Sum,
}

/// One task's points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskScore {
    /// Its id.
    pub task: String,
    /// Its points.
    pub sum: Sum,
    /// What each goal adds, in the order of the sheet: lowest and highest. In a task without partial credit a goal adds its points only
    /// where all others pass too.
    pub goals: Vec<(GoalId, u32, u32)>,
}

/// How a score stands with the pass mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No goal was judged: there is no score.
    NoScore,
    /// Passed, whatever is unknown.
    Passed,
    /// Not passed, whatever is unknown.
    NotPassed,
    /// What is unknown decides.
    Open,
}

/// The score of these verdicts. A goal without one is unknown.
pub fn score(exam: &Exam, kind: GradeKind, verdicts: &BTreeMap<GoalId, Verdict>) -> Score {
    let tasks: Vec<TaskScore> = exam.tasks.iter().map(|task| of_task(task, verdicts)).collect();
    let mut objectives: Vec<ObjectiveScore> = Vec::new();
    for (task, score) in exam.tasks.iter().zip(&tasks) {
        match objectives.iter_mut().find(|known| known.objective == task.objective) {
            Some(known) => known.sum.add(score.sum),
            None => objectives.push(ObjectiveScore { objective: task.objective.clone(), sum: score.sum }),
        }
    }
    let mut total = Sum::default();
    tasks.iter().for_each(|task| total.add(task.sum));
    Score { kind, total, objectives, tasks, pass_mark: exam.pass_mark }
}

fn of_task(task: &Task, verdicts: &BTreeMap<GoalId, Verdict>) -> TaskScore {
    // Lowest and highest: is it had for certain, can it be had.
    let had = |verdict: Option<&Verdict>| match verdict {
        Some(Verdict::Pass { .. }) => (true, true),
        Some(Verdict::Fail { .. }) => (false, false),
        Some(Verdict::Unknown { .. }) | None => (false, true),
    };
    let found: Vec<(GoalId, u32, (bool, bool))> = task
        .goals
        .iter()
        .map(|goal| {
            let id = task.id_of(goal);
            let had = had(verdicts.get(&id));
            (id, goal.points, had)
        })
        .collect();
    let all = (found.iter().all(|(_, _, had)| had.0), found.iter().all(|(_, _, had)| had.1));
    let mut sum = Sum { whole: task.points, ..Sum::default() };
    let mut goals = Vec::new();
    for (id, points, (lowest, highest)) in found {
        if lowest == highest {
            sum.judged += 1
        } else {
            sum.unknown += 1
        }
        let counts = if task.partial_credit { (lowest, highest) } else { all };
        let worth = |counts: bool| if counts { points } else { 0 };
        sum.lowest += worth(counts.0);
        sum.highest += worth(counts.1);
        goals.push((id, worth(counts.0), worth(counts.1)));
    }
    TaskScore { task: task.id.clone(), sum, goals }
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.lowest += other.lowest;
        self.highest += other.highest;
        self.whole += other.whole;
        self.judged += other.judged;
        self.unknown += other.unknown;
    }

    /// The points, lowest and highest; none where no goal was judged.
    pub fn points(&self) -> Option<(u32, u32)> {
        (self.judged > 0).then_some((self.lowest, self.highest))
    }

    /// The same in whole per cent of all points, never rounded up.
    pub fn per_cent(&self) -> Option<(u32, u32)> {
        let of = |points: u32| {
            let part = u64::from(points) * 100 / u64::from(self.whole.max(1));
            u32::try_from(part).unwrap_or(100)
        };
        self.points().map(|(lowest, highest)| (of(lowest), of(highest)))
    }
}

impl Score {
    /// Whether the exam is passed. Compared in points, not in rounded per cent.
    pub fn standing(&self) -> Standing {
        let reaches = |points: u32| u64::from(points) * 100 >= u64::from(self.total.whole) * u64::from(self.pass_mark);
        match self.total.points() {
            None => Standing::NoScore,
            Some((lowest, _)) if reaches(lowest) => Standing::Passed,
            Some((_, highest)) if !reaches(highest) => Standing::NotPassed,
            Some(_) => Standing::Open,
        }
    }
}

#[cfg(test)]
mod tests;
