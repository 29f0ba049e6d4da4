//! Listens instead of looking: says which grounds stirred, and which of them cannot be watched. Judges nothing, asks nobody, and
//! tells no more than that something stirred.

mod guise;
mod managers;
mod pace;
mod paths;
mod plan;
mod signals;

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use checkers::Ground;

use super::request::{MOST_GROUNDS, Stir};
use managers::Managers;
use pace::Pace;
use paths::{Paths, Seen};
use plan::Plan;

/// What could not be watched is tried again after this time.
const AGAIN: Duration = Duration::from_secs(5);
/// After something came, so long nothing more is taken in: a flood wakes nobody for each drop.
const REST: Duration = Duration::from_millis(10);
/// A reason is no longer, so that a stir fits into a pipe in one piece.
const LONGEST: usize = 160;
/// And no more grounds are named as lost.
const MOST_LOST: usize = 12;

/// What is watched at this time.
#[derive(Default)]
pub(super) struct Watch {
    round: u64,
    grounds: Vec<Ground>,
    paths: Option<Paths>,
    managers: Managers,
    /// What the plan could not place.
    unplaced: Vec<(usize, String)>,
    stirred: BTreeSet<usize>,
    moved: bool,
    told: BTreeMap<usize, String>,
    pace: Pace,
    again: Option<Instant>,
    rest: Option<Instant>,
}

impl Watch {
    /// Watches these from now on. All of them are told to have stirred once, because nobody knows what was before.
    pub(super) fn set(&mut self, round: u64, grounds: Vec<Ground>) -> Result<(), String> {
        if grounds.len() > MOST_GROUNDS {
            return Err(format!("no more than {MOST_GROUNDS} grounds are watched"));
        }
        let now = Instant::now();
        (self.round, self.grounds) = (round, grounds);
        self.plan(now);
        self.stirred = (0..self.grounds.len()).collect();
        self.told.clear();
        if !self.grounds.is_empty() {
            self.pace.stir(now);
        }
        Ok(())
    }

    /// What to wait for, unless it rests.
    pub(super) fn streams(&self) -> Vec<BorrowedFd<'_>> {
        if self.rest.is_some() {
            return Vec::new();
        }
        self.paths.iter().map(Paths::events).chain(self.managers.streams()).collect()
    }

    /// When it wants its turn, whether something comes or not.
    pub(super) fn due(&self) -> Option<Instant> {
        [self.pace.due(), self.managers.due(), self.again, self.rest].into_iter().flatten().min()
    }

    /// Takes in what came; what is to be told now.
    pub(super) fn turn(&mut self, now: Instant) -> Option<Stir> {
        if self.rest.is_some_and(|rest| now < rest) {
            return None;
        }
        self.rest = None;
        let before = self.stirred.len();
        if self.take_in(now) {
            self.rest = Some(now + REST);
        }
        if self.again.is_some_and(|again| again <= now) {
            self.plan(now);
        }
        let lost = self.lost();
        if self.stirred.len() > before || (lost != self.told && self.pace.due().is_none()) {
            self.pace.stir(now);
        }
        if self.pace.due().is_none_or(|due| due > now) {
            return None;
        }
        if std::mem::take(&mut self.moved) {
            self.plan(now);
        }
        self.pace.told(now);
        self.told = self.lost();
        let grounds = std::mem::take(&mut self.stirred).into_iter().collect();
        Some(Stir { round: self.round, grounds, lost: self.told.clone() })
    }

    /// It could not be told: nobody takes it now.
    pub(super) fn untold(&mut self, stir: Stir) {
        if stir.round == self.round {
            self.stirred.extend(stir.grounds);
            self.told.clear();
            self.pace.stir(Instant::now());
        }
    }

    /// Whether anything came at all.
    fn take_in(&mut self, now: Instant) -> bool {
        let mut seen = Seen::default();
        if let Some(paths) = &self.paths {
            paths.take_in(&mut seen);
        }
        let heard = self.managers.turn(now);
        let came = !seen.grounds.is_empty() || !heard.grounds.is_empty();
        if came {
            self.managers.hurry(now);
            // The pace is kept by what comes, not only by what is new in it.
            self.pace.stir(now);
        }
        let accounts = |nth: &usize| self.grounds.get(*nth) == Some(&Ground::Accounts);
        self.moved |= seen.moved || heard.moved || seen.grounds.iter().any(accounts);
        self.stirred.extend(seen.grounds);
        self.stirred.extend(heard.grounds);
        came || seen.any || heard.any
    }

    /// Finds out anew what is to be watched, and takes in last what the watches before have seen.
    fn plan(&mut self, now: Instant) {
        let plan = Plan::of(&self.grounds);
        self.managers.set(plan.managers, now);
        self.unplaced = plan.lost;
        let before = self.paths.take();
        if !plan.paths.is_empty() {
            match Paths::new(&plan.paths) {
                Ok(paths) => self.paths = Some(paths),
                Err(why) => self.unplaced.extend(plan.paths.iter().map(|one| (one.ground, why.clone()))),
            }
        }
        let mut seen = Seen::default();
        if let Some(before) = before {
            before.take_in(&mut seen);
        }
        self.stirred.extend(seen.grounds.into_iter().filter(|ground| *ground < self.grounds.len()));
        let lost = !self.unplaced.is_empty() || self.paths.as_ref().is_some_and(|paths| !paths.lost.is_empty());
        self.again = lost.then_some(now + AGAIN);
    }

    fn lost(&self) -> BTreeMap<usize, String> {
        let of_paths = self.paths.iter().flat_map(|paths| &paths.lost);
        let lost = self.unplaced.iter().chain(of_paths).map(|(ground, why)| (*ground, why.as_str()));
        let short = |why: &str| why.chars().take(LONGEST).collect();
        lost.chain(self.managers.lost()).map(|(ground, why)| (ground, short(why))).take(MOST_LOST).collect()
    }
}
