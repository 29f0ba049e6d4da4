//! A goal that has to stay so for a time (`for:`). Nobody waits at a prompt, so what one look finds is held against the next.

use checkers::catalogue::Timed;
use checkers::time::Span;
use checkers::{Check, Verdict};

/// What one look can tell of a wish: all of it but how long it stays so.
pub(crate) fn at_once(check: &Check) -> &Check {
    match check {
        Check::For(timed) => &timed.check,
        other => other,
    }
}

/// Since when every look has found a goal so.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    /// Microseconds since 1970, by the machine's clock.
    since: Option<u64>,
    /// The learner was told that it has to stay so.
    said: bool,
}

impl Held {
    /// A look at a goal with this check. How long it has to stay so, where that is not over yet; none where it does not have to, and
    /// where it is not so. Whoever `waited` has seen that it stays so.
    pub(super) fn look(&mut self, check: &Check, verdict: &Verdict, waited: bool, now: u64) -> Option<Span> {
        let Check::For(Timed { time, .. }) = check else { return None };
        // A clock that was set back has measured nothing.
        let since = if waited { now.saturating_sub(time.0.as_micros() as u64) } else { now };
        let since = self.since.filter(|before| *before < since).unwrap_or(since);
        self.since = verdict.is_pass().then_some(since);
        (verdict.is_pass() && self.left(*time, now) > 0).then_some(*time)
    }

    /// The milliseconds that are left of its time after the last look.
    pub(super) fn left(&self, time: Span, now: u64) -> u64 {
        let so = now.saturating_sub(self.since.unwrap_or(now));
        (time.0.as_micros() as u64).saturating_sub(so).div_ceil(1000)
    }

    /// Whether the learner is to be told that it has to stay so: once, until a command may have made it so anew.
    pub(super) fn says(&mut self) -> bool {
        !std::mem::replace(&mut self.said, true)
    }

    /// A command ended. What was on its way before goes on.
    pub(super) fn command(&mut self) {
        self.said &= self.since.is_some();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    #[test]
    fn its_time_is_over_when_every_look_in_it_found_it_so() {
        let time = Span(Duration::from_secs(2));
        let never = Check::Any(Vec::new());
        let lasts = Check::For(Timed { time, check: Box::new(never.clone()) });
        let (so, not) = (Verdict::Pass { evidence: vec![], remember: BTreeMap::new() }, Verdict::unknown("gone"));
        let mut held = Held::default();
        let mut look = |verdict, now| (held.look(&lasts, verdict, false, now), held.left(time, now));
        assert_eq!(look(&so, 1_000_000), (Some(time), 2000));
        assert_eq!(look(&so, 2_500_001), (Some(time), 500));
        assert_eq!(look(&so, 2_999_999), (Some(time), 1), "there is something left of it");
        assert_eq!(look(&so, 3_000_000), (None, 0));
        assert_eq!(look(&so, 500_000), (Some(time), 2000), "the clock was set back");
        assert_eq!(look(&not, 9_000_000).0, None);
        assert_eq!(look(&so, 9_000_000), (Some(time), 2000), "it begins anew");
        assert_eq!(held.look(&lasts, &so, true, 9_000_001), None, "somebody waited all the time");
        assert_eq!(held.look(&lasts, &so, false, 9_000_002), None);
        assert_eq!(Held::default().look(&never, &so, false, 1), None, "what need not stay so");
    }
}
