//! Exam, attempt and verdicts → a report.

use checkers::Verdict;

use super::{
    About, ClockKind, ClockNote, GoalReport, LookedAt, Marks, ObjectiveMarks, Outcome, Person, Place, Points,
    REPORT_VERSION, Range, Record, Report, Standing, State, TaskReport, Timing, Turned,
};
use crate::exam::attempt::{Answer, Attempt, Grade, GradeKind, Machine, Phase};
use crate::exam::chain::{Break, Head};
use crate::exam::clock::Jump;
use crate::exam::counting::{Verdicts, counting};
use crate::exam::score::{self, Score, Sum, TaskScore, score};
use crate::exam::sheet::{Exam, Goal, GoalId, Task};
use crate::exam::shelf::foreign;

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

impl Basis<'_> {
    /// The report of all looks on record.
    pub fn report(&self) -> Report {
        let counts = counting(self.exam, &self.attempt.looks());
        let seen = |kind, verdicts: Option<Verdicts>| {
            verdicts.map(|verdicts| Grading { score: score(self.exam, kind, &verdicts), verdicts })
        };
        let before = seen(GradeKind::Predicted, counts.predicted);
        let after = seen(GradeKind::Proven, counts.proven);
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
            time: timing(self.attempt, self.exam.minutes),
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
                foreign: foreign(started),
                mended: self.attempt.mended.clone(),
                typed_after: self.attempt.typed_after.len() as u64,
                misplaced: self.attempt.misplaced.clone(),
            },
            predicted: before.as_ref().map(|grading| marks(&grading.score)),
            proven: after.as_ref().map(|grading| marks(&grading.score)),
            looks: self.attempt.grades.iter().map(|grade| self.looked_at(grade)).collect(),
            turned: [GradeKind::Predicted, GradeKind::Proven].into_iter().flat_map(|kind| self.turned(kind)).collect(),
            tasks: (0..self.exam.tasks.len()).map(|nth| self.task(nth, before.as_ref(), after.as_ref())).collect(),
        }
    }

    fn looked_at(&self, grade: &Grade) -> LookedAt {
        LookedAt {
            line: grade.n,
            after: self.attempt.since_hand_in(&grade.at).unwrap_or(0),
            proven: grade.graded.kind == GradeKind::Proven,
        }
    }

    /// What is another way in the last look of a kind than when it was first known in one. Where nobody could look nothing turned.
    fn turned(&self, kind: GradeKind) -> Vec<Turned> {
        let of_kind = || self.attempt.grades.iter().filter(|grade| grade.graded.kind == kind);
        let Some(last) = of_kind().next_back() else { return Vec::new() };
        let known = |grade: &Grade, id: &GoalId| {
            let answer = grade.graded.verdicts.get(id).map(Answer::from);
            answer.filter(|answer| *answer != Answer::Unknown)
        };
        let of = |(task, goal): (&Task, &Goal)| {
            let id = task.id_of(goal);
            let first = of_kind().find_map(|one| Some((known(one, &id)?, self.looked_at(one).after)));
            Turned {
                proven: kind == GradeKind::Proven,
                first: first.map(|(answer, _)| answer),
                first_after: first.map_or(0, |(_, after)| after),
                now: known(last, &id),
                now_after: self.looked_at(last).after,
                goal: id.to_string(),
            }
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

fn timing(attempt: &Attempt, own_minutes: u32) -> Timing {
    let (minutes, used) = (attempt.started.minutes, attempt.clock.used());
    Timing {
        began: attempt.began.wall,
        minutes,
        own_minutes,
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
