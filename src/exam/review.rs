//! What was missed in an attempt, and what leads there: the step that teaches it, the man pages, what was typed for it, and the files as a
//! good solution has them. Pure.

use std::collections::BTreeSet;

use super::attempt::{Answer, Attempt, Typed};
use super::report::{GoalReport, Report, TaskReport};
use super::sheet::{Exam, GoalId, PlacedFile, Task};
use super::transcript::{Moment, moments};
use crate::lesson::ManualEntry;

/// No more commands are shown for a task; those that changed one of its goals come first.
const MOST_COMMANDS: usize = 15;

/// What there is to learn from one task.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// Its number on the sheet, from 1.
    pub number: usize,
    /// The task with what came of it.
    pub task: TaskReport,
    /// Those of its goals that are not had, in the order of the sheet.
    pub goals: Vec<GoalReport>,
    /// The step of a lesson that teaches it: lesson and step.
    pub step: Option<(String, String)>,
    /// Where the manual speaks of it.
    pub manual: Vec<ManualEntry>,
    /// The commands that belong to it, in their order.
    pub commands: Vec<Done>,
    /// How many more there were.
    pub more_commands: usize,
    /// Files that a good solution has.
    pub files: Vec<Compared>,
}

/// A command line that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Microseconds of the exam's time that were used when it began.
    pub used: u64,
    /// The line, and how it ended.
    pub typed: Typed,
    /// The goals that were another way after it than before, whichever task they are of.
    pub turned: Vec<(GoalId, Answer)>,
}

/// A file of the candidate's beside a good one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The good one.
    pub good: PlacedFile,
    /// The candidate's as it was seen when the exam was graded. None where it was not kept, or was not there.
    pub found: Option<String>,
}

/// The tasks of which something is not had, in the order of the sheet. `found` gives a file of the candidate's as it was kept.
///
/// A command belongs to a task if one of the task's goals was another way after it than before, or if it names something that was drawn
/// for this task and not for every one.
pub fn missed(
    exam: &Exam,
    attempt: &Attempt,
    report: &Report,
    found: &dyn Fn(&PlacedFile) -> Option<String>,
) -> Vec<Missed> {
    let done = done(attempt);
    let mut all = Vec::new();
    for (number, (task, told)) in (1..).zip(exam.tasks.iter().zip(&report.tasks)) {
        let is_had = |goal: &&GoalReport| goal.counts().is_some_and(|outcome| outcome.answer == Answer::Pass);
        let goals: Vec<GoalReport> = told.goals.iter().filter(|goal| !is_had(goal)).cloned().collect();
        if goals.is_empty() {
            continue;
        }
        let (commands, more_commands) = commands(exam, task, &done);
        let compared = |good: &PlacedFile| Compared { good: good.clone(), found: found(good) };
        all.push(Missed {
            number,
            task: told.clone(),
            goals,
            step: task.review.step.clone(),
            manual: task.review.manual.clone(),
            commands,
            more_commands,
            files: task.review.files.iter().map(compared).collect(),
        });
    }
    all
}

/// Each command, in the order in which they were begun, with what changed after that and before the next one was.
fn done(attempt: &Attempt) -> Vec<Done> {
    let mut all: Vec<Done> = Vec::new();
    for moment in moments(attempt) {
        match moment {
            Moment::Line(command) => {
                all.push(Done { used: command.began(), typed: command.typed.clone(), turned: Vec::new() });
            }
            // What changed before the first command was changed by none of them.
            Moment::Turn(turn) => {
                all.last_mut().into_iter().for_each(|done| done.turned.push((turn.goal.clone(), turn.answer)));
            }
        }
    }
    all
}

fn commands(exam: &Exam, task: &Task, done: &[Done]) -> (Vec<Done>, usize) {
    let own = words_of(exam, task);
    let changes = |one: &Done| one.turned.iter().any(|(goal, _)| goal.task == task.id);
    let names = |one: &Done| own.iter().any(|word| one.typed.line.contains(word));
    let mut places: Vec<usize> = (0..done.len()).filter(|at| changes(&done[*at]) || names(&done[*at])).collect();
    let all = places.len();
    // The sort is stable: of each kind the first ones stay.
    places.sort_by_key(|at| !changes(&done[*at]));
    places.truncate(MOST_COMMANDS);
    places.sort_unstable();
    (places.iter().map(|at| done[*at].clone()).collect(), all - places.len())
}

/// The values that stand in this task and not in every one.
fn words_of<'e>(exam: &'e Exam, task: &Task) -> BTreeSet<&'e str> {
    let stands = |word: &str, task: &Task| {
        let texts = [&task.title, &task.text].into_iter().chain(task.goals.iter().map(|goal| &goal.say));
        texts.into_iter().any(|text| text.contains(word))
    };
    let words = exam.parameters.values().map(String::as_str).filter(|word| word.len() > 2);
    words.filter(|word| stands(word, task) && !exam.tasks.iter().all(|other| stands(word, other))).collect()
}
