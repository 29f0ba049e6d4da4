//! What verdicts do to a step: which goals turned, when the step is done, and when to look again. The rest of the session moves between steps.

use checkers::{Check, Evidence, Ground, Source, Verdict};

use super::event::{Effect, Moment, Notice};
use super::explaining::{speaks_of_command, wanted_it};
use super::machine::{Session, note};
use super::record::Record;
use super::settling::Held;
use super::show::{Change, GoalState, Note, Show};
use crate::lesson::Goal;

/// When after a command red goals are looked at again by themselves, in milliseconds: things take a while to start and to stop.
const AGAIN: [u64; 8] = [300, 700, 1000, 2000, 4000, 8000, 16_000, 16_000];
/// When, after those, what cannot be watched is looked at again.
const SLOW: u64 = 10_000;
/// When what was gone before anybody could look at it is looked at again, in milliseconds.
const AT_ONCE: u64 = 200;
/// How many such looks there are.
pub(super) const LOOKS: usize = AGAIN.len();

impl Session {
    pub(super) fn judged(&mut self, step: &str, mut verdicts: Vec<Verdict>, at: Moment, asked: bool) -> Vec<Effect> {
        let Some(current) = self.lesson.steps.get(self.step).filter(|current| current.id == step) else {
            return vec![];
        };
        self.at = at;
        // An answer about fewer goals than there are says nothing of the others: a step is never done for want of questions.
        verdicts.resize(current.goals.len(), Verdict::unknown("not looked at yet"));
        if self.waits_for_reboot() {
            return self.foreseen(verdicts, asked);
        }
        let mut changes = Vec::new();
        let (mut kept, mut unsure) = (false, false);
        let mut states = Vec::with_capacity(self.goals.len());
        self.told.resize(current.goals.len(), None);
        self.missed.resize(current.goals.len(), false);
        self.held.resize(current.goals.len(), Held::default());
        let mut effects = Vec::new();
        let goals = current.goals.iter().zip(&self.goals).zip(&mut self.told).zip(&mut self.missed).zip(&mut self.held);
        for (((((goal, before), told), missed), held), verdict) in goals.zip(verdicts) {
            // What was in front a moment ago may end while it is looked at: nobody is told before the next look misses it too.
            let misses = verdict.is_unknown() && goal.check.rests_on().contains(&Ground::Shell);
            if misses && !std::mem::replace(missed, true) && !asked {
                unsure = true;
                states.push(before.clone());
                continue;
            }
            *missed = misses;
            let settles = held.look(&goal.check, &verdict, asked, self.at.now);
            if let Some(time) = settles.filter(|_| !self.record.seen.contains(&goal.id)) {
                if held.says() && !self.reread {
                    effects.push(note(Note::Settles { say: goal.say.clone(), time }));
                }
                states.push(GoalState::Settling { verdict, time });
                continue;
            }
            let verdict = keep_once(&mut self.record, goal, before, verdict);
            if let Verdict::Pass { remember, .. } = &verdict {
                for (name, value) in remember {
                    kept |= self.record.remembered.insert(name.clone(), value.clone()).as_ref() != Some(value);
                }
            }
            let known = if self.after_command { told.as_deref() } else { None };
            let change = change(goal, before, &verdict, known);
            if let Verdict::Fail { found, .. } = &verdict
                && (change.is_some() || told.is_none())
            {
                *told = Some(found.clone());
            }
            changes.extend(change);
            states.push(GoalState::Judged(verdict));
        }
        let wanted = current.goals.iter().zip(&self.goals).zip(&states);
        let wanted = wanted.into_iter().any(|((goal, before), now)| !is_green(before) && wanted_it(&goal.check, now));
        self.goals = states;
        let green = self.goals.iter().filter(|state| is_green(state)).count();
        let of = self.goals.len();
        // Where something has to be made true again there is work to do, and the step is one like any other.
        let work =
            |(goal, state): (&Goal, &GoalState)| !goal.once && matches!(state, GoalState::Judged(now) if now.is_fail());
        self.reread &= !current.goals.iter().zip(&self.goals).any(work);
        effects.extend(self.unexplained(wanted));
        if self.reread && !asked {
            effects.extend(self.stays().map(note));
            if green == of {
                // That all is green is no news in a step that was done.
                effects.extend(kept.then_some(Effect::Save));
                return effects;
            }
        }
        let changed = !changes.is_empty();
        if changed {
            effects.push(Effect::Show(Show::Changed { changes, green, of }));
        }
        if green == of && of > 0 && !unsure && !self.reread {
            effects.extend(self.done());
            return effects;
        }
        if asked && !changed {
            effects.push(Effect::Show(Show::Why { goals: self.goal_lines(), in_full: false }));
        }
        if changed || kept {
            effects.push(Effect::Save);
        }
        let silent = self.silent_look(asked);
        // One look for silent mistakes is enough.
        let again = changed.then(|| self.mistake_again()).flatten();
        effects.extend(again.filter(|again| silent.is_none() || !matches!(again, Effect::DiagnoseSilent(_))));
        effects.extend(silent);
        if unsure && !self.look_asked {
            self.look_asked = true;
            effects.push(Effect::LookAgainIn(AT_ONCE));
        }
        effects.extend(self.look_again());
        effects
    }

    /// Before the reboot nothing is green: what is in place is only foretold.
    pub(super) fn foreseen(&mut self, verdicts: Vec<Verdict>, asked: bool) -> Vec<Effect> {
        if verdicts.iter().all(Verdict::is_pass) && !verdicts.is_empty() {
            self.goals.fill(GoalState::Open);
            let said = std::mem::replace(&mut self.predicted, true);
            return if said && !asked { vec![] } else { vec![note(Note::Predicted), Effect::Save] };
        }
        self.predicted = false;
        self.goals =
            verdicts.into_iter().map(|v| if v.is_pass() { GoalState::Open } else { GoalState::Judged(v) }).collect();
        let why = Effect::Show(Show::Why { goals: self.goal_lines(), in_full: false });
        let mut effects: Vec<Effect> = self.unexplained(false).into_iter().collect();
        effects.extend(asked.then_some(why));
        effects.extend(self.look_again());
        effects
    }

    /// Some goals were looked at again because what they rest on stirred; the others stay as they are.
    pub(super) fn stirred(&mut self, step: &str, verdicts: Vec<Option<Verdict>>, at: Moment) -> Vec<Effect> {
        if self.play {
            return vec![];
        }
        let kept = |state: &GoalState| match state {
            GoalState::Judged(verdict) | GoalState::Settling { verdict, .. } => verdict.clone(),
            GoalState::Open => Verdict::unknown("not looked at yet"),
        };
        let mut verdicts = verdicts.into_iter();
        let whole = self.goals.iter().map(|state| verdicts.next().flatten().unwrap_or_else(|| kept(state))).collect();
        self.after_command = false;
        // What nobody tells of may follow what was told.
        self.looks = 0;
        self.judged(step, whole, at, false)
    }

    /// How the lab learns of changes is another way from now on.
    pub(super) fn watched(&mut self, notices: Vec<Notice>) -> Vec<Effect> {
        self.notices = notices;
        if self.play { vec![] } else { self.look_again().into_iter().collect() }
    }

    /// One more look later, ever less often, while something red may still change without another command and nobody tells.
    pub(super) fn look_again(&mut self) -> Option<Effect> {
        let step = self.lesson.steps.get(self.step)?;
        let red = step.goals.iter().zip(&self.goals).enumerate().filter(|(_, (_, state))| !is_green(state));
        let untold = red.filter(|(_, (goal, _))| is_about_the_machine(&goal.check));
        let wait = |(nth, _)| match self.notices.get(nth) {
            Some(Notice::Told) => None,
            Some(Notice::Polls(_)) => Some(*AGAIN.get(self.looks).unwrap_or(&SLOW)),
            Some(Notice::Looks) | None => AGAIN.get(self.looks).copied(),
        };
        let wait = untold.filter_map(wait).min().filter(|_| !self.look_asked);
        self.looks += usize::from(wait.is_some());
        // No change tells that time is over.
        let settled = self.goals.iter().zip(&self.held).filter_map(|(state, held)| match state {
            GoalState::Settling { time, .. } => Some(held.left(*time, self.at.now)),
            _ => None,
        });
        let wait = settled.chain(wait).min()?;
        self.look_asked = true;
        Some(Effect::LookAgainIn(wait))
    }

    pub(super) fn waits_for_reboot(&self) -> bool {
        self.step().is_some_and(|step| step.reboot) && self.record.boot == self.at.boot
    }
}

fn is_green(state: &GoalState) -> bool {
    matches!(state, GoalState::Judged(verdict) if verdict.is_pass())
}

fn is_about_the_machine(check: &Check) -> bool {
    check.singles().iter().any(|single| !matches!(single, Check::Command(_)))
}

/// A check that no command's outcome is part of.
fn is_state_alone(check: &Check) -> bool {
    !speaks_of_command(check)
}

/// A goal that needs to be seen only once stays green within its step.
fn keep_once(record: &mut Record, goal: &Goal, before: &GoalState, now: Verdict) -> Verdict {
    if !goal.once {
        return now;
    }
    if now.is_pass() {
        record.seen.insert(goal.id.clone());
        return now;
    }
    if !record.seen.contains(&goal.id) {
        return now;
    }
    match before {
        GoalState::Judged(verdict) if verdict.is_pass() => verdict.clone(),
        _ => Verdict::pass(Evidence::new(Source::Lab, "seen earlier in this step")),
    }
}

/// What is worth saying of a goal: another colour, or, right after a command, that it is red in another way than is `known`.
fn change(goal: &Goal, before: &GoalState, now: &Verdict, known: Option<&str>) -> Option<Change> {
    let was_green = is_green(before);
    let said = match (before, now) {
        (_, Verdict::Pass { .. }) => !was_green,
        (GoalState::Settling { .. } | GoalState::Judged(Verdict::Unknown { .. }), Verdict::Fail { .. }) => true,
        (_, Verdict::Fail { .. }) if was_green => true,
        (_, Verdict::Fail { found, .. }) => known.is_some_and(|known| known != found) && is_state_alone(&goal.check),
        (GoalState::Judged(Verdict::Unknown { why: before, .. }), Verdict::Unknown { why, .. }) => before != why,
        (_, Verdict::Unknown { .. }) => true,
    };
    said.then(|| Change { say: goal.say.clone(), now: now.clone(), lost: was_green })
}
