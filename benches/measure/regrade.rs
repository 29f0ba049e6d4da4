//! Stored attempts judged again: sixty goals of twenty tasks each, with what root's eyes and conuser1's saw for them. Two threads, and the
//! files are read.

use std::fs;
use std::path::Path;

use checkers::{Check, Context, Verdict};
use rootless_lab::exam::GoalId;
use rootless_lab::exam::evidence::{Evidence, Outcome, regrade};
use rootless_lab::observer::{Observer, Route};

use super::figures::{Figures, time};
use super::lessons::facts;

const ATTEMPTS: usize = 1000;
const TASKS: usize = 20;
const GOALS: usize = 60;
const ROUNDS: usize = 3;

pub fn measure() -> Figures {
    let binary = "/usr/local/bin/rootless-lab".into();
    let mut observer = Observer::start(Route::Sudo { binary }).unwrap_or_else(|error| panic!("{error}"));
    let wishes: Vec<Check> = facts().into_iter().cycle().take(GOALS).collect();
    let name = |nth: usize| GoalId { task: (nth % TASKS).to_string(), goal: nth.to_string() };
    let goals: Vec<(GoalId, Check)> = wishes.iter().cloned().enumerate().map(|(nth, wish)| (name(nth), wish)).collect();
    let mut figures = Figures::default();
    let folder = Path::new("/var/tmp/measure-attempts");
    let (mut digests, mut size) = (Vec::new(), 0);
    for nth in 0..ATTEMPTS {
        // Each attempt is another one: another moment of the same machine.
        let context = Context { step_began: nth as u64, ..Context::default() };
        let mut told = None;
        figures.add("60 goals with testimony", time(|| told = Some(observer.judge_with_testimony(&wishes, &context))));
        let (verdicts, testimony) = told.expect("it was judged");
        assert!(verdicts.iter().all(Verdict::is_pass), "{verdicts:#?}");
        figures.add("60 goals", time(|| drop(observer.judge(&wishes, &context))));
        let evidence = Evidence::new(goals.iter().map(|(name, _)| name.clone()).collect(), verdicts, testimony);
        let digest = evidence.keep(folder).expect("it can be written");
        size += fs::metadata(folder.join(format!("{digest}.json"))).expect("it was written").len();
        digests.push(digest);
    }
    figures.add("bytes of evidence", size as f64 / ATTEMPTS as f64);
    for _ in 0..ROUNDS {
        figures.add("1,000 attempts regraded", time(|| all(folder, &digests, &goals)));
    }
    fs::remove_dir_all(folder).expect("it can be removed");
    figures
}

fn all(folder: &Path, digests: &[String], goals: &[(GoalId, Check)]) {
    std::thread::scope(|scope| {
        for half in digests.chunks(digests.len().div_ceil(2)) {
            scope.spawn(move || {
                for digest in half {
                    let evidence = Evidence::read(folder, digest).unwrap_or_else(|error| panic!("{error}"));
                    let again = regrade(&evidence, goals.iter().map(|(name, check)| (name.clone(), check)));
                    // All but the password's, which is kept.
                    let judged =
                        again.iter().filter(|one| matches!(one.outcome, Outcome::Judged(Verdict::Pass { .. })));
                    assert!(judged.count() >= GOALS * 17 / 18 - 1);
                }
            });
        }
    });
}
