//! Judges goals once: through the open lab, or by itself.

use checkers::time::Span;
use checkers::{Context, Verdict};
use clap::Args;
use serde_json::json;

use super::{Exit, Failure, ask, consent, start};
use crate::driver::{DeskError, Sight};
use crate::lesson::{Lesson, Step};
use crate::screen::Look;
use crate::session::{GoalLine, GoalState, Show};
use crate::store::Store;

/// Look at the machine now, and say how each goal stands.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// A lesson by name or by its file; otherwise the lab that is open on this machine is asked.
    #[arg(long)]
    lesson: Option<String>,
    /// One step, by its id or number; otherwise the one the learner is at.
    #[arg(long)]
    step: Option<String>,
    /// Every step of the lesson.
    #[arg(long, conflicts_with = "step")]
    all: bool,
    /// As JSON: one object a goal, with its verdict and evidence.
    #[arg(long)]
    json: bool,
    /// Let a lesson from elsewhere look without asking.
    #[arg(long, short)]
    yes: bool,
}

impl Check {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        if self.lesson.is_none() && self.step.is_none() && !self.all && !self.json {
            match ask::answer(":check", look) {
                Err(DeskError::NoLab) => {}
                Ok(exit) => return Ok(exit),
                Err(_) => return ask::run(":check", look),
            }
        }
        let (mut lesson, origin) = start::lesson(self.lesson.as_deref().unwrap_or(start::LESSON), look)?;
        consent::agree(&mut lesson, &origin, self.yes, look)?;
        // As the lab has it: steps that this machine is too old for are none of its steps.
        let lesson = super::needs::met(lesson)?;
        let record = Store::of_learner(&lesson.id).ok().and_then(|store| store.look().ok().flatten());
        let steps = self.steps(&lesson, record.as_ref().and_then(|record| record.step.as_deref()))?;
        let context = Context {
            patience: Span(std::time::Duration::from_secs(20)),
            remembered: record.as_ref().map(|record| record.remembered.clone()).unwrap_or_default(),
            step_began: record.as_ref().map_or(0, |record| record.step_began),
            seal: lesson.seal.clone(),
            ..Context::default()
        };
        let wishes: Vec<_> = steps.iter().flat_map(|step| &step.goals).map(|goal| goal.check.clone()).collect();
        let verdicts = Sight::default().judge(&wishes, &context);
        self.say(&steps, &verdicts, look);
        Ok(if verdicts.iter().any(Verdict::is_fail) {
            Exit::Red
        } else if verdicts.iter().any(Verdict::is_unknown) {
            Exit::Unknown
        } else {
            Exit::Fine
        })
    }

    fn steps<'a>(&self, lesson: &'a Lesson, current: Option<&str>) -> Result<Vec<&'a Step>, Failure> {
        if self.all {
            return Ok(lesson.steps.iter().collect());
        }
        let wanted = self.step.as_deref().or(current).unwrap_or("1");
        let step = wanted.parse::<usize>().ok().and_then(|number| lesson.steps.get(number.checked_sub(1)?));
        let step = step.or_else(|| lesson.steps.iter().find(|step| step.id == wanted));
        step.map(|step| vec![step]).ok_or_else(|| {
            let ids: Vec<&str> = lesson.steps.iter().map(|step| step.id.as_str()).collect();
            Failure::new(Exit::Usage, format!("the lesson has no step `{wanted}`"), ids.join(", "))
        })
    }

    fn say(&self, steps: &[&Step], verdicts: &[Verdict], look: &Look) {
        let goals = steps.iter().flat_map(|step| step.goals.iter().map(move |goal| (step, goal))).zip(verdicts);
        if self.json {
            let goals: Vec<_> = goals
                .map(|((step, goal), verdict)| json!({"step": step.id, "goal": goal.id, "say": goal.say, "verdict": verdict}))
                .collect();
            sayln!("{:#}", json!({"version": 1, "goals": goals}));
            return;
        }
        let goals = goals
            .map(|((_, goal), verdict)| GoalLine { say: goal.say.clone(), state: GoalState::Judged(verdict.clone()) })
            .collect();
        say!("{}", crate::screen::text(&Show::Why { goals, in_full: false }, look));
    }
}
