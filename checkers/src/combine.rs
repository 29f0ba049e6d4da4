//! How verdicts combine: all, any, not, within a time, for a time. Zero checks is never green; unknown never turns into pass or fail.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::catalogue::{Check, Judge};
use crate::context::Context;
use crate::machine::{Eyes, Machine};
use crate::verdict::Verdict;

mod words;

#[cfg(test)]
mod tests;

/// How long `within` and `for` rest between two looks.
const REST: Duration = Duration::from_millis(100);
/// No single look counts for more than this, however the wall clock leaps meanwhile.
const LONGEST_LOOK: u64 = 30_000_000;

/// A way to see it that answers rightly only to one account says so, as a remark that may be typed too: `systemctl --user` asks the
/// manager of whoever types it.
pub(crate) fn with_whose_eyes(check: &Check, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Fail { wanted, found, evidence, see: Some(see) } => {
            let see = match check.single().map(Judge::eyes) {
                Some(Eyes::Account(account)) => format!("{see}  # as {account}"),
                _ => see,
            };
            Verdict::Fail { wanted, found, evidence, see: Some(see) }
        }
        verdict => verdict,
    }
}

/// Who judges single checks, and whose time passes. The caller may send each check to another process, by its eyes.
pub trait Ask {
    /// Judges one single check (`check.single()` is not none).
    fn look(&mut self, check: &Check, context: &Context) -> Verdict;
    /// Microseconds, by any clock.
    fn now(&mut self) -> u64;
    /// Waits.
    fn pause(&mut self, time: Duration);
}

/// Judges a wish, single or combined, against one machine.
pub fn judge(check: &Check, machine: &dyn Machine, context: &Context) -> Verdict {
    judge_with(check, &mut One(machine), context)
}

/// Judges a wish, single or combined; every single check in it is asked of `ask`. All waiting together takes `context.patience` at the most.
pub fn judge_with(check: &Check, ask: &mut dyn Ask, context: &Context) -> Verdict {
    Judging { ask, context, spent: Duration::ZERO }.judge(check, context.patience.0)
}

/// The single checks that judging this one is sure to look at, in its order, before any time passes. What comes after that, or only
/// if another one was so or so, is not among them.
pub fn sure_looks(check: &Check) -> Vec<&Check> {
    fn gather<'c>(check: &'c Check, looks: &mut Vec<&'c Check>) -> bool {
        match check {
            Check::All(checks) => checks.iter().all(|check| gather(check, looks)),
            Check::Any(checks) => {
                checks.first().map(|check| gather(check, looks));
                false
            }
            Check::Not(inner) => gather(inner, looks),
            Check::Within(timed) | Check::For(timed) => {
                gather(&timed.check, looks);
                false
            }
            single => {
                looks.push(single);
                true
            }
        }
    }
    let mut looks = Vec::new();
    gather(check, &mut looks);
    looks
}

struct One<'a>(&'a dyn Machine);

impl Ask for One<'_> {
    fn look(&mut self, check: &Check, context: &Context) -> Verdict {
        match check.single() {
            Some(single) => single.judge(self.0, context),
            None => Verdict::unknown("this is a combination, not a check"),
        }
    }
    fn now(&mut self) -> u64 {
        self.0.now()
    }
    fn pause(&mut self, time: Duration) {
        self.0.pause(time);
    }
}

struct Judging<'a> {
    ask: &'a mut dyn Ask,
    context: &'a Context,
    /// Time used up so far, resting and looking. Counted up look by look, because a learner may set the wall clock.
    spent: Duration,
}

impl Judging<'_> {
    /// `end` is the value of `spent` at which waiting is over.
    fn judge(&mut self, check: &Check, end: Duration) -> Verdict {
        match check {
            Check::All(checks) => all(checks.iter().map(|c| self.judge(c, end)).collect()),
            Check::Any(checks) => self.any(checks, end),
            Check::Not(inner) => not(inner, self.judge(inner, end)),
            Check::Within(timed) => self.within(&timed.check, end.min(self.spent + timed.time.0)),
            Check::For(timed) => self.stays(&timed.check, timed.time.0, end),
            _ => self.look(check),
        }
    }

    fn look(&mut self, check: &Check) -> Verdict {
        let begin = self.ask.now();
        let verdict = with_whose_eyes(check, self.ask.look(check, self.context));
        self.spent += Duration::from_micros(self.ask.now().saturating_sub(begin).min(LONGEST_LOOK));
        verdict
    }

    fn rest(&mut self, most: Duration) -> Duration {
        let time = REST.min(most);
        self.ask.pause(time);
        self.spent += time;
        time
    }

    fn any(&mut self, checks: &[Check], end: Duration) -> Verdict {
        let mut others = Vec::with_capacity(checks.len());
        for check in checks {
            match self.judge(check, end) {
                pass @ Verdict::Pass { .. } => return pass,
                other => others.push(other),
            }
        }
        match unknowns(&others) {
            _ if others.is_empty() => Verdict::unknown("`any` asks nothing"),
            Some(unknown) => unknown,
            None => fails(others, " or "),
        }
    }

    fn within(&mut self, check: &Check, end: Duration) -> Verdict {
        loop {
            // What waits inside gets its turn too; its own time is what is left of ours.
            let verdict = self.judge(check, end);
            let left = end.saturating_sub(self.spent);
            if verdict.is_pass() || left.is_zero() {
                return verdict;
            }
            self.rest(left);
        }
    }

    fn stays(&mut self, check: &Check, time: Duration, end: Duration) -> Verdict {
        let long_enough = self.spent + time <= end;
        // Only rests count: a look that takes long has not watched all the while.
        let mut watched = Duration::ZERO;
        loop {
            let verdict = self.judge(check, end);
            if !verdict.is_pass() {
                return verdict;
            }
            if watched >= time {
                return verdict;
            }
            if !long_enough {
                let time = crate::time::Span(time);
                return Verdict::Unknown {
                    why: format!("it is so now, and needs to stay so for {time}: this look does not wait that long"),
                    grant: Some("`:check` waits".into()),
                };
            }
            watched += self.rest(time.saturating_sub(watched));
        }
    }
}

/// Fail beats unknown beats pass.
fn all(verdicts: Vec<Verdict>) -> Verdict {
    if verdicts.is_empty() {
        return Verdict::unknown("`all` asks nothing");
    }
    if verdicts.iter().any(Verdict::is_fail) {
        return fails(verdicts, "; ");
    }
    if let Some(unknown) = unknowns(&verdicts) {
        return unknown;
    }
    let mut evidence = Vec::new();
    let mut remember = BTreeMap::new();
    for verdict in verdicts {
        if let Verdict::Pass { evidence: more, remember: values } = verdict {
            evidence.extend(more);
            remember.extend(values);
        }
    }
    Verdict::Pass { evidence, remember }
}

/// The fails among these as one, with everything that was seen.
fn fails(verdicts: Vec<Verdict>, between: &str) -> Verdict {
    let (mut wants, mut finds, mut seen, mut shows) = (Vec::new(), Vec::new(), Vec::new(), None);
    for verdict in verdicts {
        match verdict {
            Verdict::Fail { wanted, found, evidence, see } => {
                wants.push(wanted);
                finds.push(found);
                seen.extend(evidence);
                shows = shows.or(see);
            }
            Verdict::Pass { evidence, .. } => seen.extend(evidence),
            Verdict::Unknown { .. } => {}
        }
    }
    wants.dedup();
    finds.dedup();
    Verdict::Fail { wanted: wants.join(between), found: finds.join("; "), evidence: seen, see: shows }
}

/// The unknowns among these as one.
fn unknowns(verdicts: &[Verdict]) -> Option<Verdict> {
    let (mut reasons, mut grants) = (Vec::new(), Vec::new());
    for verdict in verdicts {
        if let Verdict::Unknown { why, grant } = verdict {
            reasons.push(why.as_str());
            grants.extend(grant.as_deref());
        }
    }
    reasons.dedup();
    grants.dedup();
    let grant = if grants.is_empty() { None } else { Some(grants.join("; ")) };
    if reasons.is_empty() { None } else { Some(Verdict::Unknown { why: reasons.join("; "), grant }) }
}

/// What was seen says how a wish came true, and not what was wished: a fail is worded from the wish.
fn not(inner: &Check, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Pass { evidence, .. } => {
            let found = words::wish(inner);
            Verdict::Fail { wanted: format!("not: {found}"), found, evidence, see: None }
        }
        Verdict::Fail { evidence, .. } if evidence.is_empty() => Verdict::unknown("nothing was seen"),
        Verdict::Fail { evidence, .. } => Verdict::Pass { evidence, remember: BTreeMap::new() },
        unknown @ Verdict::Unknown { .. } => unknown,
    }
}
