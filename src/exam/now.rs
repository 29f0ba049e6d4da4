//! What this machine's clocks say at this moment. The only look at a clock in this room.

use std::io;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

use super::clock::Reading;

const BOOT: &str = "/proc/sys/kernel/random/boot_id";

impl Reading {
    /// Reads the clocks. Fails only where the kernel does not say which boot this is.
    pub fn now() -> io::Result<Self> {
        let boot = std::fs::read_to_string(BOOT)?.trim().to_owned();
        let clock = |id| clock_gettime(id).map(Duration::from).map(|time| time.as_micros());
        Ok(Self {
            wall: i64::try_from(clock(ClockId::CLOCK_REALTIME)?).unwrap_or(i64::MAX),
            up: u64::try_from(clock(ClockId::CLOCK_BOOTTIME)?).unwrap_or(u64::MAX),
            awake: u64::try_from(clock(ClockId::CLOCK_MONOTONIC)?).unwrap_or(u64::MAX),
            boot,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::exam::{Clock, Reading};

    #[test]
    fn two_looks_at_the_clocks_are_one_boot_in_this_order_without_a_jump() {
        let before = Reading::now().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let after = Reading::now().unwrap();
        assert_eq!((before.boot.len(), &before.boot), (36, &after.boot));
        assert!(before.up < after.up && before.awake < after.awake && before.awake <= before.up);
        assert!(before.wall > 1_600_000_000_000_000, "the year is later than 2020: {}", before.wall);
        let clock = Clock::of([&before, &after]).unwrap();
        assert_eq!((clock.used(), clock.jumps()), (after.up - before.up, &[][..]));
    }
}
