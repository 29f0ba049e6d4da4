//! A goal that has to stay so for a time (`for:`). Nobody waits at a prompt, so what one look finds is held against the next.

use checkers::Check;
use checkers::time::Span;

/// What one look can tell of a wish: all of it but how long it stays so.
pub(crate) fn at_once(check: &Check) -> &Check {
    match check {
        Check::For(timed) => &timed.check,
        other => other,
    }
}

/// How long a goal has to stay so.
pub(super) fn time(check: &Check) -> Option<Span> {
    match check {
        Check::For(timed) => Some(timed.time),
        _ => None,
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
    /// A look found it so. Whether it has stayed so for its time.
    pub(super) fn so(&mut self, time: Span, now: u64) -> bool {
        // A clock that was set back has measured nothing.
        self.since = Some(self.since.filter(|since| *since <= now).unwrap_or(now));
        self.left(time, now) == 0
    }

    /// The milliseconds that are left of its time after the last look.
    pub(super) fn left(&self, time: Span, now: u64) -> u64 {
        let so = now.saturating_sub(self.since.unwrap_or(now));
        (time.0.as_micros() as u64).saturating_sub(so).div_ceil(1000)
    }

    /// Somebody waited all the time, and it stayed so.
    pub(super) fn stayed(&mut self, time: Span, now: u64) {
        self.since = Some(now.saturating_sub(time.0.as_micros() as u64));
    }

    /// Whether the learner is to be told that it has to stay so: once, until a command may have made it so anew.
    pub(super) fn says(&mut self) -> bool {
        !std::mem::replace(&mut self.said, true)
    }

    /// A command ended. What was on its way before goes on.
    pub(super) fn command(&mut self) {
        self.said &= self.since.is_some();
    }

    /// A look found it otherwise, or could not tell.
    pub(super) fn not_so(&mut self) {
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn its_time_is_over_when_every_look_in_it_found_it_so() {
        let (time, mut held) = (Span(Duration::from_secs(2)), Held::default());
        let mut look = |now| (held.so(time, now), held.left(time, now));
        assert_eq!(look(1_000_000), (false, 2000));
        assert_eq!(look(2_500_001), (false, 500));
        assert_eq!(look(2_999_999), (false, 1), "there is something left of it");
        assert_eq!(look(3_000_000), (true, 0));
        assert_eq!(look(500_000), (false, 2000), "the clock was set back");
        held.not_so();
        assert!(!held.so(time, 9_000_000), "it begins anew");
        held.stayed(time, 9_000_000);
        assert!(held.so(time, 9_000_000));
    }
}
