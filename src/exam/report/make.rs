//! Exam, attempt and verdicts → a report.

use std::collections::BTreeMap;

use checkers::Verdict;

use super::{
    About, ClockKind, ClockNote, GoalReport, Marks, ObjectiveMarks, Outcome, Person, Place, Points, REPORT_VERSION,
    Range, Record, Report, Standing, State, TaskReport, Timing, Turned,
};
use crate::exam::attempt::{Answer, Attempt, Grade, GradeKind, Machine, Phase};
use crate::exam::chain::{Break, Head};
use crate::exam::clock::Jump;
use crate::exam::score::{self, Score, Sum, TaskScore, counting, score};
use crate::exam::sheet::{Exam, Goal, GoalId, Task};

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The attempt's name.
    pub id: &'a str,
    /// The exam that was sat.
    pub exam: &'a Exam,
    /// What its record adds up to.
    pub attempt: &'a Attempt,
    /// The record's last line.
    pub head: &'a Head,
    /// Where the record is not what was written.
    pub breaks: &'a [Break],
}

type Verdicts = BTreeMap<GoalId, Verdict>;

impl Basis<'_> {
    /// The report of the grades on record: the last one after a reboot with the last one before it; without a reboot the last one.
    pub fn report(&self) -> Report {
        let proven = self.attempt.grade(GradeKind::Proven);
        let before = |grade: &&Grade| {
            grade.graded.kind == GradeKind::Predicted && proven.is_none_or(|proven| grade.n < proven.n)
        };
        let predicted = self.attempt.grades.iter().rev().find(before);
        let before = predicted.map(|grade| &grade.graded.verdicts);
        let after = proven.map(|grade| counting(self.exam, before, &grade.graded.verdicts));
        let mut report = self.report_on(before, after.as_ref());
        report.turned = [predicted, proven].into_iter().flatten().flat_map(|grade| self.turned(grade)).collect();
        report
    }

    /// The report of other verdicts: of what was seen on that day, judged once more. Each side holds the verdicts that count for it: see
    /// [`counting`].
    pub fn report_on(&self, before: Option<&Verdicts>, after: Option<&Verdicts>) -> Report {
        // What is given up has no score, whatever was seen.
        let given_up = self.attempt.phase == Phase::Abandoned;
        let before = before.filter(|_| !given_up);
        let after = after.filter(|_| !given_up);
        let seen = |kind, verdicts: Option<&Verdicts>| {
            verdicts.map(|verdicts| Grading { score: score(self.exam, kind, verdicts), verdicts: verdicts.clone() })
        };
        let before = seen(GradeKind::Predicted, before);
        let after = seen(GradeKind::Proven, after);
        let started = &self.attempt.started;
        Report {
            version: REPORT_VERSION,
            attempt: self.id.to_owned(),
            exam: About {
                id: started.exam.clone(),
                title: self.exam.title.clone(),
                tracks: self.exam.tracks.clone(),
                digest: started.exam_digest.clone(),
                points: self.exam.points(),
                pass_mark: self.exam.pass_mark,
            },
            candidate: Person {
                account: started.candidate.account.clone(),
                uid: started.candidate.uid,
                name: started.candidate.name.clone(),
            },
            machine: match &started.machine {
                Machine::Practice(name) => Place { name: name.clone(), practice: true },
                Machine::Here(name) => Place { name: name.clone(), practice: false },
            },
            time: timing(self.attempt),
            state: match self.attempt.phase {
                Phase::Running => State::Running,
                Phase::Finished { by_clock: false } => State::HandedIn,
                Phase::Finished { by_clock: true } => State::TimeOver,
                Phase::Abandoned => State::Abandoned,
            },
            seed: started.seed.to_string(),
            parameters: started.parameters.clone(),
            versions: started.versions.clone(),
            record: Record {
                lines: self.head.n,
                head: self.head.hash.clone(),
                breaks: self.breaks.iter().map(ToString::to_string).collect(),
                mended: self.attempt.mended.clone(),
                typed_after: self.attempt.typed_after.len() as u64,
                misplaced: self.attempt.misplaced.clone(),
            },
            predicted: before.as_ref().map(|grading| marks(&grading.score)),
            proven: after.as_ref().map(|grading| marks(&grading.score)),
            turned: Vec::new(),
            tasks: (0..self.exam.tasks.len()).map(|nth| self.task(nth, before.as_ref(), after.as_ref())).collect(),
        }
    }

    /// What is another way than when it was first known in a grade of the same kind. Where nobody could look nothing turned.
    fn turned(&self, grade: &Grade) -> Vec<Turned> {
        let kind = grade.graded.kind;
        let known = |grade: &Grade, id: &GoalId| {
            let answer = grade.graded.verdicts.get(id).map(Answer::from);
            answer.filter(|answer| *answer != Answer::Unknown)
        };
        let of = |(task, goal): (&Task, &Goal)| {
            let id = task.id_of(goal);
            let first =
                self.attempt.grades.iter().filter(|one| one.graded.kind == kind).find_map(|one| known(one, &id));
            let now = known(grade, &id);
            Turned { goal: id.to_string(), proven: kind == GradeKind::Proven, first, now }
        };
        let is_turned = |turned: &Turned| turned.now.is_some() && turned.first != turned.now;
        self.exam.goals().map(of).filter(is_turned).collect()
    }

    fn task(&self, nth: usize, before: Option<&Grading>, after: Option<&Grading>) -> TaskReport {
        let task = &self.exam.tasks[nth];
        let of = |grading: Option<&Grading>| {
            grading.and_then(|grading| grading.score.tasks.get(nth)).map(|it| points(it.sum))
        };
        let goals = task.goals.iter().map(|goal| {
            let id = task.id_of(goal);
            GoalReport {
                say: goal.say.clone(),
                points: goal.points,
                lasting: goal.lasting,
                predicted: before.and_then(|grading| grading.outcome(nth, &id)),
                proven: after.and_then(|grading| grading.outcome(nth, &id)),
                id: id.to_string(),
            }
        });
        TaskReport {
            id: task.id.clone(),
            title: task.title.clone(),
            objective: task.objective.clone(),
            points: task.points,
            partial_credit: task.partial_credit,
            predicted: of(before),
            proven: of(after),
            goals: goals.collect(),
        }
    }
}

/// Verdicts, and what they are worth.
struct Grading {
    score: Score,
    verdicts: Verdicts,
}

impl Grading {
    fn outcome(&self, task: usize, id: &GoalId) -> Option<Outcome> {
        let verdict = self.verdicts.get(id)?;
        let adds = |task: &TaskScore| task.goals.iter().find(|(known, ..)| known == id).map(|it| (it.1, it.2));
        let (lowest, highest) = self.score.tasks.get(task).and_then(adds)?;
        let mut outcome = Outcome {
            answer: verdict.into(),
            adds: Range { lowest, highest },
            wanted: None,
            found: None,
            why: None,
            grant: None,
            see: None,
            evidence: verdict.evidence().to_vec(),
        };
        match verdict.clone() {
            Verdict::Pass { .. } => {}
            Verdict::Fail { wanted, found, see, .. } => {
                (outcome.wanted, outcome.found, outcome.see) = (Some(wanted), Some(found), see);
            }
            Verdict::Unknown { why, grant } => (outcome.why, outcome.grant) = (Some(why), grant),
        }
        Some(outcome)
    }
}

fn marks(score: &Score) -> Marks {
    Marks {
        verdict: match score.standing() {
            score::Standing::NoScore => Standing::NoScore,
            score::Standing::Passed => Standing::Passed,
            score::Standing::NotPassed => Standing::NotPassed,
            score::Standing::Open => Standing::Open,
        },
        total: points(score.total),
        objectives: score
            .objectives
            .iter()
            .map(|it| ObjectiveMarks { objective: it.objective.clone(), points: points(it.sum) })
            .collect(),
    }
}

fn points(sum: Sum) -> Points {
    let range = |(lowest, highest)| Range { lowest, highest };
    Points {
        had: sum.points().map(range),
        per_cent: sum.per_cent().map(range),
        of: sum.whole,
        judged: sum.judged,
        unknown: sum.unknown,
    }
}

fn timing(attempt: &Attempt) -> Timing {
    let (minutes, used) = (attempt.started.minutes, attempt.clock.used());
    Timing {
        began: attempt.began.wall,
        minutes,
        used,
        vouched: attempt.clock.vouched(),
        over: used.saturating_sub(u64::from(minutes) * 60_000_000),
        logins: attempt.logins,
        notes: attempt.clock.jumps().iter().map(|(at, jump)| ClockNote::of(*at, jump)).collect(),
    }
}

impl ClockNote {
    /// What there is to say of a jump that was seen when so much of the time was used.
    pub fn of(at: u64, jump: &Jump) -> Self {
        let signed = |by: u64| i64::try_from(by).unwrap_or(i64::MAX);
        let (kind, by) = match *jump {
            Jump::Suspended { by } => (ClockKind::Suspended, Some(signed(by))),
            Jump::Set { by } => (ClockKind::Set, Some(by)),
            Jump::Rebooted { away } => (ClockKind::Rebooted, away.map(signed)),
            Jump::Returned { by } => (ClockKind::Returned, Some(signed(by))),
        };
        Self { at, kind, by }
    }
}
