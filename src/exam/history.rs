//! Attempts over time: what each came to, how each objective went, and what to practise next. Pure; the time of today is given.
//!
//! What to practise next: an objective is *right* in an attempt where all of its points were had. One that was missed is due at once. One
//! that was right is due a day later; each time it is right again when it is due, the wait doubles, up to 64 days. Right again before it
//! is due, it waits as long as before, from then on. An attempt in which nobody could look says nothing about it.

use super::report::{Points, Range, Report, Standing, State};
use super::sheet::Exam;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Nothing waits longer, in days.
const LONGEST: i64 = 64;

/// An attempt with its exam.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// What came of it.
    pub report: &'a Report,
    /// The exam that was sat.
    pub exam: &'a Exam,
}

/// Attempts over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The attempts, the oldest first.
    pub attempts: Vec<Row>,
    /// The objectives that were judged at least once, by when they are due.
    pub objectives: Vec<Practice>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub attempt: String,
    /// When it began: microseconds since 1970.
    pub began: i64,
    /// How far it has come.
    pub state: State,
    /// Its points in the grade that counts; none where it was not graded.
    pub total: Option<Points>,
    /// Whether it is passed.
    pub verdict: Option<Standing>,
    /// That grade has seen a reboot.
    pub proven: bool,
}

/// How an objective went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice {
    /// Its name.
    pub objective: String,
    /// Attempts in which it was judged.
    pub times: u32,
    /// And in which it was right.
    pub right: u32,
    /// Its per cent in the last of them.
    pub last: Range,
    /// When it was right for the last time: the beginning of that attempt, microseconds since 1970.
    pub last_right: Option<i64>,
    /// When it is due again.
    pub due: i64,
    /// A step of a lesson that teaches it: lesson and step.
    pub step: Option<(String, String)>,
    /// How long it waits, in days; 0 after it was missed.
    wait: i64,
}

/// Folds attempts, the oldest first.
pub fn history(attempts: &[Past<'_>]) -> History {
    let mut history = History::default();
    for past in attempts {
        history.attempts.push(row(past.report));
        let judged = past.report.counts().map(|marks| marks.objectives.as_slice()).unwrap_or_default();
        for marks in judged {
            let sat =
                Sat { at: past.report.time.began, objective: &marks.objective, points: marks.points, exam: past.exam };
            history.take(&sat);
        }
    }
    history.objectives.sort_by(|a, b| (a.due, &a.objective).cmp(&(b.due, &b.objective)));
    history
}

fn row(report: &Report) -> Row {
    let counts = report.counts();
    Row {
        attempt: report.attempt.clone(),
        began: report.time.began,
        state: report.state,
        total: counts.map(|marks| marks.total),
        verdict: counts.map(|marks| marks.verdict),
        proven: report.proven.is_some(),
    }
}

/// An objective in one attempt.
struct Sat<'a> {
    at: i64,
    objective: &'a str,
    points: Points,
    exam: &'a Exam,
}

impl History {
    fn take(&mut self, sat: &Sat<'_>) {
        let (Some(had), Some(last)) = (sat.points.had, sat.points.per_cent) else { return };
        let right = had.lowest == sat.points.of;
        if !right && had.highest == sat.points.of {
            return;
        }
        let place = self.objectives.iter().position(|known| known.objective == sat.objective);
        let place = place.unwrap_or_else(|| {
            self.objectives.push(Practice {
                objective: sat.objective.to_owned(),
                times: 0,
                right: 0,
                last,
                last_right: None,
                due: sat.at,
                step: None,
                wait: 0,
            });
            self.objectives.len() - 1
        });
        let known = &mut self.objectives[place];
        known.times += 1;
        known.last = last;
        let teaches = sat.exam.tasks.iter().filter(|task| task.objective == sat.objective);
        known.step = teaches.filter_map(|task| task.review.step.clone()).next().or(known.step.take());
        if right {
            known.right += 1;
            known.last_right = Some(sat.at);
            known.wait = match known.wait {
                0 => 1,
                wait if sat.at >= known.due => (wait * 2).min(LONGEST),
                wait => wait,
            };
        } else {
            known.wait = 0;
        }
        known.due = sat.at.saturating_add(known.wait * DAY);
    }
}

impl Practice {
    /// Whole days until it is due, rounded up; none where it is due.
    pub fn days_left(&self, now: i64) -> Option<u64> {
        let left = self.due.saturating_sub(now);
        u64::try_from(left).ok().filter(|left| *left > 0).map(|left| left.div_ceil(DAY.unsigned_abs()))
    }
}
