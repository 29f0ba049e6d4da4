//! Looks on quietly: when something stirs that a goal rests on, the goal is judged, and an answer that turned is written down.
//! It prints nothing and asks nobody for a password.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use checkers::{Check, Context, Ground};

use super::record::Keeper;
use crate::driver::Sight;
use crate::exam::{Answer, Exam, Goal, GoalId, GradeKind, Reading};
use crate::observer::Told;

/// What nobody tells of is looked at that often.
const NOW_AND_THEN: Duration = Duration::from_secs(60);
/// What stirs together is looked at together.
const SETTLE: Duration = Duration::from_millis(500);
/// Two looks are never nearer: a build that stirs all the time costs little.
const PAUSE: Duration = Duration::from_secs(3);

/// What makes it look.
enum Hint {
    Told(Told),
    /// A command ended.
    Prompt,
    End,
}

/// Who looks on. Ends when this is dropped.
pub(super) struct Watcher {
    hints: Sender<Hint>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Begins to look on.
    pub(super) fn start(exam: &Exam, began: u64, keeper: Arc<Mutex<Keeper>>) -> Self {
        let (hints, heard) = channel();
        let goals = Goals::of(exam);
        let tell = hints.clone();
        let context = Context { step_began: began, ..Context::default() };
        let thread = std::thread::spawn(move || watch(goals, &context, &keeper, &heard, &tell));
        Self { hints, thread: Some(thread) }
    }

    /// A command ended.
    pub(super) fn prompt(&self) {
        // It ends early only where there is nothing to look at.
        let _ = self.hints.send(Hint::Prompt);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.hints.send(Hint::End);
        // A look that hangs keeps nobody: the thread goes with the program.
        drop(self.thread.take());
    }
}

/// The goals, and what they rest on. None of an exam's runs a program.
struct Goals {
    ids: Vec<GoalId>,
    wishes: Vec<Check>,
    rests: Vec<BTreeSet<Ground>>,
    grounds: Vec<Ground>,
}

impl Goals {
    fn of(exam: &Exam) -> Self {
        let check = |goal: &Goal| goal.check_for(GradeKind::Predicted).clone();
        Self::resting(exam.goals().map(|(task, goal)| (task.id_of(goal), check(goal))))
    }

    fn resting(goals: impl Iterator<Item = (GoalId, Check)>) -> Self {
        let (ids, wishes): (Vec<GoalId>, Vec<Check>) = goals.unzip();
        let rests: Vec<BTreeSet<Ground>> = wishes.iter().map(Check::rests_on).collect();
        let grounds: BTreeSet<&Ground> = rests.iter().flatten().filter(|ground| is_told(ground)).collect();
        let grounds = grounds.into_iter().cloned().collect();
        Self { ids, wishes, rests, grounds }
    }

    fn all(&self) -> BTreeSet<usize> {
        (0..self.wishes.len()).collect()
    }

    /// Those that a stir concerns.
    fn concerned(&self, stirred: &[usize]) -> BTreeSet<usize> {
        let stirred: BTreeSet<&Ground> = stirred.iter().filter_map(|nth| self.grounds.get(*nth)).collect();
        let concerns = |nth: &usize| self.rests[*nth].iter().any(|ground| stirred.contains(ground));
        (0..self.rests.len()).filter(concerns).collect()
    }

    /// Those that rest on something that nobody tells of.
    fn untold(&self, lost: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut untold = self.concerned(&lost.iter().copied().collect::<Vec<_>>());
        let is_untold = |nth: &usize| self.rests[*nth].iter().any(|ground| !is_told(ground));
        untold.extend((0..self.rests.len()).filter(is_untold));
        untold
    }
}

fn is_told(ground: &Ground) -> bool {
    !matches!(ground, Ground::Sockets | Ground::Untold | Ground::Shell | Ground::Program)
}

fn watch(goals: Goals, context: &Context, keeper: &Mutex<Keeper>, heard: &Receiver<Hint>, tell: &Sender<Hint>) {
    if goals.wishes.is_empty() {
        return;
    }
    let mut sight = Sight::default();
    let tell = tell.clone();
    sight.hear(move |told| drop(tell.send(Hint::Told(told))));
    // Nobody tells what stirs: not yet, or no longer.
    let mut deaf = true;
    let (mut lost, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    let mut due = goals.all();
    let mut next = Instant::now() + SETTLE;
    loop {
        let time = if due.is_empty() { NOW_AND_THEN } else { next.saturating_duration_since(Instant::now()) };
        let hint = heard.recv_timeout(time);
        let idle = due.is_empty();
        match hint {
            Ok(Hint::End) | Err(RecvTimeoutError::Disconnected) => return,
            Ok(Hint::Told(Told::Stir(stir))) => {
                lost = stir.lost.keys().copied().collect();
                due.extend(goals.concerned(&stir.grounds));
            }
            Ok(Hint::Told(Told::Gone)) => (deaf, due) = (true, goals.all()),
            Err(RecvTimeoutError::Timeout) if !idle => {}
            Ok(Hint::Prompt) | Err(RecvTimeoutError::Timeout) if deaf => due = goals.all(),
            Ok(Hint::Prompt) | Err(RecvTimeoutError::Timeout) => due.extend(&goals.untold(&lost) | &unknown),
        }
        if idle {
            next = next.max(Instant::now() + SETTLE);
        } else if Instant::now() >= next {
            // Not at once when whoever watched is gone: somebody may end the next one as well.
            deaf = deaf && sight.watch(1, goals.grounds.clone()).is_err();
            let wishes: Vec<Check> = due.iter().map(|nth| goals.wishes[*nth].clone()).collect();
            let began = Reading::now().map_or(0, |now| now.up);
            let verdicts = sight.judge(&wishes, context);
            let mut keeper = keeper.lock().unwrap_or_else(PoisonError::into_inner);
            for (nth, verdict) in due.iter().zip(&verdicts) {
                // Whoever could not look may do so next time, and nothing stirs for that.
                let _ = if verdict.is_unknown() { unknown.insert(*nth) } else { unknown.remove(nth) };
                // Without a clock nothing can be written; the login says so.
                let _ = keeper.answer(goals.ids[*nth].clone(), Answer::from(verdict), began);
            }
            due.clear();
            next = Instant::now() + PAUSE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goals(checks: &[&str]) -> Goals {
        let goal = |(nth, json): (usize, &&str)| {
            (format!("task/goal-{nth}").parse().unwrap(), serde_json::from_str(json).unwrap())
        };
        Goals::resting(checks.iter().enumerate().map(goal))
    }

    #[test]
    fn a_stir_concerns_the_goals_that_rest_on_it_and_what_nobody_tells_of_is_looked_at_at_prompts() {
        let goals = goals(&[
            r#"{"path":{"path":"/x"}}"#,
            r#"{"linger":{"account":"a"}}"#,
            r#"{"port":{"number":80}}"#,
            r#"{"account":{"name":"a"}}"#,
        ]);
        let nth = |ground: &Ground| goals.grounds.iter().position(|one| one == ground).unwrap();
        let accounts = nth(&Ground::Accounts);
        assert!(goals.concerned(&[accounts]).contains(&3) && !goals.concerned(&[accounts]).contains(&0));
        assert_eq!(goals.concerned(&[99]), BTreeSet::new());
        assert_eq!(goals.untold(&BTreeSet::new()), BTreeSet::from([2]));
        assert!(goals.untold(&BTreeSet::from([accounts])).contains(&3), "whose watch is lost is looked at as well");
    }
}
