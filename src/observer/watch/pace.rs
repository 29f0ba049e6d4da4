//! When a stir is told: after a moment of quiet, not much later than the first of a burst, and never more often than the machine
//! can bear. Reads no clock.

use std::time::{Duration, Instant};

/// So long nothing more has to come before a burst is taken for over.
const QUIET: Duration = Duration::from_millis(30);
/// A burst that goes on is told after this time all the same.
const MOST: Duration = Duration::from_millis(150);
/// In the long run one stir is told in this time.
const EACH: Duration = Duration::from_millis(400);
/// So many may be told before that counts.
const AT_ONCE: u32 = 16;

/// The pace of telling.
#[derive(Debug, Default)]
pub(super) struct Pace {
    first: Option<Instant>,
    last: Option<Instant>,
    /// The moment up to which all that was told is paid for.
    paid: Option<Instant>,
}

impl Pace {
    /// Something stirred.
    pub(super) fn stir(&mut self, now: Instant) {
        self.first.get_or_insert(now);
        self.last = Some(now);
    }

    /// When what stirred is to be told; none when nothing did.
    pub(super) fn due(&self) -> Option<Instant> {
        let settled = (self.last? + QUIET).min(self.first? + MOST);
        let allowed = self.paid.and_then(|paid| paid.checked_sub(EACH * (AT_ONCE - 1)));
        Some(allowed.map_or(settled, |allowed| settled.max(allowed)))
    }

    /// It was told.
    pub(super) fn told(&mut self, now: Instant) {
        (self.first, self.last) = (None, None);
        self.paid = Some(self.paid.map_or(now, |paid| paid.max(now)) + EACH);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_told_once_when_it_is_over_and_soon_when_it_goes_on() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut pace = Pace::default();
        assert_eq!(pace.due(), None);
        pace.stir(at(0));
        assert_eq!(pace.due(), Some(at(30)));
        pace.stir(at(20));
        assert_eq!(pace.due(), Some(at(50)));
        pace.stir(at(145));
        assert_eq!(pace.due(), Some(at(150)));
        pace.told(at(150));
        assert_eq!(pace.due(), None);
    }

    #[test]
    fn an_endless_flood_is_told_less_often_than_three_times_a_second() {
        let begin = Instant::now();
        let (mut pace, mut told) = (Pace::default(), Vec::new());
        for millis in 0..20_000 {
            let now = begin + Duration::from_millis(millis);
            pace.stir(now);
            if pace.due().is_some_and(|due| due <= now) {
                pace.told(now);
                told.push(millis);
            }
        }
        assert!(told[15] < 2600, "the first ones are not held back: {told:?}");
        assert!((55..=66).contains(&told.len()), "{} in 20 s", told.len());
        assert!(told.windows(2).skip(26).all(|pair| pair[1] - pair[0] >= 399), "{told:?}");
    }
}
