//! Series of measured numbers, and what is said of them. Knows no unit: times are in milliseconds unless a name says otherwise.

use std::collections::BTreeMap;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// Series by name. The nth numbers of series that were measured in turn belong together.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Figures(BTreeMap<String, Vec<f64>>);

impl Figures {
    pub fn add(&mut self, name: &str, number: f64) {
        self.0.entry(name.to_owned()).or_default().push(number);
    }

    pub fn join(&mut self, other: Figures) {
        self.0.extend(other.0);
    }

    /// A series; none when it was not measured in this run.
    pub fn series(&self, name: &str) -> Option<&[f64]> {
        self.0.get(name).map(Vec::as_slice)
    }

    pub fn median(&self, name: &str) -> Option<f64> {
        self.series(name).map(median)
    }

    /// How many times `of` is `by`, round by round.
    pub fn ratio(&self, of: &str, by: &str) -> Option<Spread> {
        self.rounds(of, by, |of, by| of / by)
    }

    /// How much more `of` is than `than`, round by round.
    pub fn more(&self, of: &str, than: &str) -> Option<Spread> {
        self.rounds(of, than, |of, than| of - than)
    }

    fn rounds(&self, left: &str, right: &str, what: impl Fn(f64, f64) -> f64) -> Option<Spread> {
        let pairs = self.series(left)?.iter().zip(self.series(right)?);
        Some(Spread::of(&pairs.map(|(left, right)| what(*left, *right)).collect::<Vec<_>>()))
    }
}

/// Where a series lies.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    pub least: f64,
    pub median: f64,
    pub most: f64,
}

impl Spread {
    pub fn of(series: &[f64]) -> Self {
        let least = series.iter().copied().fold(f64::INFINITY, f64::min);
        let most = series.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { least, median: median(series), most }
    }
}

pub fn median(series: &[f64]) -> f64 {
    percentile(series, 50.0)
}

/// The smallest number that this many in a hundred do not exceed.
pub fn percentile(series: &[f64], percent: f64) -> f64 {
    let mut sorted = series.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// How long something takes.
pub fn time(what: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    what();
    since(begun)
}

pub fn since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1000.0
}
