//! How much of an exam's time is used, from readings of the machine's clocks. Reads no clock, and takes no time from anybody without
//! saying which.
//!
//! Within one boot the boot-time clock counts: it goes on while a laptop sleeps, and nobody can set it. Over a reboot only the wall
//! clock is left to go by. Whatever does not fit together, or passed while nobody could work, is kept as a [`Jump`] with its size.

use serde::{Deserialize, Serialize};

/// What the machine's clocks say at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// CLOCK_REALTIME: microseconds since 1970. Anybody with root can set it.
    pub wall: i64,
    /// CLOCK_BOOTTIME: microseconds since the kernel began, asleep or not.
    pub up: u64,
    /// CLOCK_MONOTONIC: the same without the time that the machine was suspended.
    pub awake: u64,
    /// `/proc/sys/kernel/random/boot_id`.
    pub boot: String,
}

/// Something about the time that a candidate and an instructor are told. All sizes are microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jump {
    /// The machine was suspended. That time counts.
    Suspended {
        /// For how long.
        by: u64,
    },
    /// The wall clock was set while the machine ran. The exam's time is not touched by it.
    Set {
        /// Forth, or back where it is negative.
        by: i64,
    },
    /// The machine was rebooted. The time away counts as the wall clock tells it.
    Rebooted {
        /// What the wall clock alone vouches for. None where it went back: then only what the new boot's own clock shows counts.
        away: Option<u64>,
    },
    /// The boot-time clock went back within one boot: a machine was put back to an earlier state. Nothing is counted for it.
    Returned {
        /// By how much.
        by: u64,
    },
}

/// Clocks drift, and are mended in small steps: what is below this is no jump.
const SLACK: u64 = 2_000_000;
/// And of a long stretch this part: one thousandth, more than any crystal or slewing NTP brings.
const DRIFT: u64 = 1000;

/// A clock that has seen readings in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    last: Reading,
    used: u64,
    vouched: u64,
    jumps: Vec<(u64, Jump)>,
}

/// How an exam stands with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// So much is left.
    Left(u64),
    /// It is over.
    Over {
        /// Since so long. 0 at the very end.
        by: u64,
        /// It would be over also without what jumps brought. Where this is false, say so and let a person decide.
        certain: bool,
    },
}

impl Clock {
    /// Begins to count.
    pub fn started(at: Reading) -> Self {
        Self { last: at, used: 0, vouched: 0, jumps: Vec::new() }
    }

    /// All of them in a row; none without a first one.
    pub fn of<'r>(readings: impl IntoIterator<Item = &'r Reading>) -> Option<Self> {
        let mut readings = readings.into_iter();
        let mut clock = Self::started(readings.next()?.clone());
        readings.for_each(|reading| clock.read(reading));
        Some(clock)
    }

    /// Takes the next reading.
    pub fn read(&mut self, now: &Reading) {
        let wall = now.wall.saturating_sub(self.last.wall);
        match self.last.up.checked_sub(now.up) {
            _ if now.boot != self.last.boot => self.other_boot(now, wall),
            // What waited for a moment stands behind what happened after it: the later reading stays.
            Some(1..=SLACK) => return,
            None | Some(0) => self.same_boot(now, wall),
            Some(by) => self.jump(Jump::Returned { by }),
        }
        self.last = now.clone();
    }

    fn same_boot(&mut self, now: &Reading, wall: i64) {
        let up = now.up.saturating_sub(self.last.up);
        let asleep = up.saturating_sub(now.awake.saturating_sub(self.last.awake));
        self.used = self.used.saturating_add(up);
        // Reading three clocks takes a moment; a suspension of less than the slack is none.
        self.vouched = self.vouched.saturating_add(if asleep > SLACK { up - asleep } else { up });
        if asleep > SLACK {
            self.jump(Jump::Suspended { by: asleep });
        }
        let set = wall.saturating_sub_unsigned(up);
        if set.unsigned_abs() > slack(up) {
            self.jump(Jump::Set { by: set });
        }
    }

    fn other_boot(&mut self, now: &Reading, wall: i64) {
        // So much passed for certain. Where the clock runs on, it may be the same kernel: a container has a boot of its own.
        let certain = now.up.checked_sub(self.last.up).unwrap_or(now.up);
        let by_wall = u64::try_from(wall).ok();
        let used = by_wall.unwrap_or(0).max(certain);
        let away = by_wall.map(|wall| wall.saturating_sub(certain));
        self.used = self.used.saturating_add(used);
        // Where both clocks agree nothing rests on the wall clock alone.
        self.vouched = self.vouched.saturating_add(if used - certain <= slack(certain) { used } else { certain });
        self.jump(Jump::Rebooted { away });
    }

    fn jump(&mut self, jump: Jump) {
        self.jumps.push((self.used, jump));
    }

    /// Microseconds used so far.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Of these, what neither rests on the wall clock alone nor passed while the machine was suspended.
    pub fn vouched(&self) -> u64 {
        self.vouched
    }

    /// What there is to say about the time, in order, each with the time used when it was seen.
    pub fn jumps(&self) -> &[(u64, Jump)] {
        &self.jumps
    }

    /// The last reading that was taken.
    pub fn last(&self) -> &Reading {
        &self.last
    }

    /// How an exam of so many minutes stands.
    pub fn time(&self, minutes: u32) -> Time {
        let all = u64::from(minutes) * 60_000_000;
        match all.checked_sub(self.used) {
            Some(left) if left > 0 => Time::Left(left),
            _ => Time::Over { by: self.used - all, certain: self.vouched >= all },
        }
    }
}

fn slack(span: u64) -> u64 {
    SLACK.max(span / DRIFT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Seconds of the three clocks, and the boot.
    fn at(wall: i64, up: u64, awake: u64, boot: &str) -> Reading {
        Reading { wall: wall * 1_000_000, up: up * 1_000_000, awake: awake * 1_000_000, boot: boot.to_owned() }
    }

    fn of(readings: &[Reading]) -> Clock {
        Clock::of(readings).unwrap()
    }

    const S: u64 = 1_000_000;

    /// What happens, its readings, the seconds used, the seconds vouched for, the jumps.
    type Case = (&'static str, Vec<Reading>, u64, u64, Vec<Jump>);

    fn cases() -> Vec<Case> {
        let set = |by: i64| Jump::Set { by: by * 1_000_000 };
        let rebooted = |away: Option<u64>| Jump::Rebooted { away: away.map(|s| s * S) };
        let asleep = |s: u64| Jump::Suspended { by: s * S };
        vec![
            ("nothing", vec![at(100, 10, 10, "a")], 0, 0, vec![]),
            ("a minute of work", vec![at(100, 10, 10, "a"), at(160, 70, 70, "a")], 60, 60, vec![]),
            ("drift of two seconds", vec![at(100, 10, 10, "a"), at(162, 70, 70, "a")], 60, 60, vec![]),
            (
                "drift of a thousandth in two hours",
                vec![at(0, 0, 0, "a"), at(7207, 7200, 7200, "a")],
                7200,
                7200,
                vec![],
            ),
            (
                "the laptop sleeps for ten minutes",
                vec![at(100, 10, 10, "a"), at(760, 670, 70, "a")],
                660,
                60,
                vec![asleep(600)],
            ),
            ("the clock is set forth", vec![at(100, 10, 10, "a"), at(3760, 70, 70, "a")], 60, 60, vec![set(3600)]),
            ("the clock is set back", vec![at(100, 10, 10, "a"), at(-3440, 70, 70, "a")], 60, 60, vec![set(-3600)]),
            (
                "it is set forth and back again between readings",
                vec![at(100, 10, 10, "a"), at(3700, 10, 10, "a"), at(160, 70, 70, "a")],
                60,
                60,
                vec![set(3600), set(-3600)],
            ),
            (
                "a reboot that takes 40 seconds",
                vec![at(100, 500, 500, "a"), at(150, 10, 10, "b")],
                50,
                10,
                vec![rebooted(Some(40))],
            ),
            (
                "a reboot with the clock set back: what the new boot shows counts",
                vec![at(100, 500, 500, "a"), at(-900, 10, 10, "b")],
                10,
                10,
                vec![rebooted(None)],
            ),
            (
                "a container is rebooted, its kernel goes on",
                vec![at(100, 500, 500, "a"), at(120, 520, 520, "b")],
                20,
                20,
                vec![rebooted(Some(0))],
            ),
            (
                "the same with the clock set back meanwhile",
                vec![at(100, 900_000, 900_000, "a"), at(-500, 900_020, 900_020, "b")],
                20,
                20,
                vec![rebooted(None)],
            ),
            (
                "a reboot with the clock set forth by a day is counted, said, and not vouched for",
                vec![at(100, 500, 500, "a"), at(86_500, 10, 10, "b")],
                86_400,
                10,
                vec![rebooted(Some(86_390))],
            ),
            (
                "asleep, set back, rebooted, set forth",
                vec![
                    at(100, 500, 500, "a"),
                    at(700, 1100, 510, "a"),
                    at(-300, 1105, 515, "a"),
                    at(-270, 8, 8, "b"),
                    at(800, 18, 18, "b"),
                ],
                645,
                10 + 5 + 8 + 10,
                vec![asleep(590), set(-1005), rebooted(Some(22)), set(1060)],
            ),
            (
                "a machine is put back to an earlier state",
                vec![at(100, 500, 500, "a"), at(110, 300, 300, "a"), at(120, 310, 310, "a")],
                10,
                10,
                vec![Jump::Returned { by: 200 * S }],
            ),
            (
                "a line that waited for a moment stands behind a later one",
                vec![at(100, 10, 10, "a"), at(112, 22, 22, "a"), at(110, 20, 20, "a"), at(113, 23, 23, "a")],
                13,
                13,
                vec![],
            ),
        ]
    }

    #[test]
    fn each_turn_of_the_clocks_is_counted_as_it_should_be_and_said() {
        for (what, readings, used, vouched, jumps) in cases() {
            let clock = of(&readings);
            let said: Vec<Jump> = clock.jumps().iter().map(|(_, jump)| *jump).collect();
            assert_eq!((clock.used() / S, clock.vouched() / S, said), (used, vouched, jumps), "{what}");
        }
    }

    #[test]
    fn the_time_is_over_at_its_last_microsecond_and_not_before() {
        let start = at(100, 10, 10, "a");
        let after = |us: u64| Reading {
            wall: start.wall + us as i64,
            up: start.up + us,
            awake: start.awake + us,
            ..start.clone()
        };
        let time = |us| of(&[start.clone(), after(us)]).time(1);
        assert_eq!(time(0), Time::Left(60 * S));
        assert_eq!(time(60 * S - 1), Time::Left(1));
        assert_eq!(time(60 * S), Time::Over { by: 0, certain: true });
        assert_eq!(time(61 * S), Time::Over { by: S, certain: true });
    }

    #[test]
    fn time_that_only_a_jump_brought_is_over_but_not_for_certain() {
        let asleep = of(&[at(100, 10, 10, "a"), at(760, 670, 60, "a")]);
        assert_eq!(asleep.time(5), Time::Over { by: 360 * S, certain: false });
        let set = of(&[at(100, 10, 10, "a"), at(90_000, 70, 70, "a")]);
        assert_eq!(set.time(5), Time::Left(240 * S), "a clock that is set takes no time from anybody");
    }

    #[test]
    fn clocks_at_the_ends_of_their_numbers_stop_there() {
        let ends = |wall, boot: &str| Reading { wall, up: 0, awake: 0, boot: boot.to_owned() };
        let clock = of(&[
            ends(0, "a"),
            ends(i64::MAX, "b"),
            ends(0, "c"),
            ends(i64::MAX, "d"),
            ends(i64::MIN, "e"),
            ends(i64::MAX, "f"),
        ]);
        assert_eq!((clock.used(), clock.vouched()), (u64::MAX, 0));
    }

    proptest! {
        #[test]
        fn no_reading_makes_the_clock_panic_or_go_back(
            readings in proptest::collection::vec((any::<i64>(), 0..u64::MAX >> 20, any::<u64>(), 0..3_u8), 1..20)
        ) {
            let reading = |&(wall, up, awake, boot): &(i64, u64, u64, u8)| Reading { wall, up, awake, boot: boot.to_string() };
            let mut clock = Clock::started(reading(&readings[0]));
            for one in &readings[1..] {
                let before = (clock.used(), clock.vouched());
                clock.read(&reading(one));
                prop_assert!(clock.used() >= before.0 && clock.vouched() >= before.1 && clock.vouched() <= clock.used());
            }
        }

        #[test]
        fn setting_the_clock_within_a_boot_never_takes_or_gives_time(sets in proptest::collection::vec(any::<i32>(), 0..10)) {
            let mut clock = Clock::started(at(0, 0, 0, "a"));
            for (nth, set) in sets.iter().enumerate() {
                let up = 10 * (nth as u64 + 1);
                clock.read(&at(i64::from(*set), up, up, "a"));
            }
            prop_assert_eq!(clock.used(), 10 * S * sets.len() as u64);
            prop_assert_eq!(clock.vouched(), clock.used());
        }
    }
}
