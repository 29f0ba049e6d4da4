//! What commands share that tell a grade in a line or in JSON of their own. The whole of it is told by `screen::report`.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::cli::{Exit, Failure};
use crate::exam::report::{self, Marks, Report};
use crate::exam::{Score, Standing, Sum};

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// One JSON object.
    Json,
}

/// How `grade` ends.
pub(super) fn exit(report: &Report) -> Exit {
    match report.counts().map(|marks| marks.verdict) {
        Some(report::Standing::Passed) => Exit::Fine,
        Some(report::Standing::NotPassed) => Exit::Red,
        Some(report::Standing::Open | report::Standing::NoScore) | None => Exit::Unknown,
    }
}

/// What was foretold; none where no goal could be looked at.
pub(super) fn foretold(marks: &Marks) -> Option<String> {
    let had = marks.total.had?;
    let open = if had.lowest == had.highest { String::new() } else { format!(" to {}", had.highest) };
    Some(format!("{}{open} of {} points", had.lowest, marks.total.of))
}

/// A score in one line.
pub(super) fn line(score: &Score) -> String {
    let standing = match score.standing() {
        Standing::NoScore => return "no score: no goal could be looked at".into(),
        Standing::Passed => "passed",
        Standing::NotPassed => "not passed",
        Standing::Open => "open: what could not be looked at decides",
    };
    format!("{} of {} points, pass mark {} %: {standing}", points(&score.total), score.total.whole, score.pass_mark)
}

fn points(sum: &Sum) -> String {
    match sum.points() {
        None => "-".into(),
        Some((lowest, highest)) if lowest == highest => lowest.to_string(),
        Some((lowest, highest)) => format!("{lowest} to {highest}"),
    }
}

/// Its name in JSON.
pub(super) fn standing(score: &Score) -> &'static str {
    match score.standing() {
        Standing::NoScore => "no-score",
        Standing::Passed => "passed",
        Standing::NotPassed => "not-passed",
        Standing::Open => "open",
    }
}

/// Points in JSON; no score is null.
pub(super) fn sum(sum: &Sum) -> Value {
    let points = sum.points();
    json!({"lowest": points.map(|one| one.0), "highest": points.map(|one| one.1), "of": sum.whole,
        "judged": sum.judged, "unknown": sum.unknown})
}

/// Writes a file that says much about somebody: for its owner alone.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let open = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    open.and_then(|mut file| file.write_all(bytes)).map_err(|error| {
        Failure::new(Exit::Machine, format!("{}: {error}", path.display()), "name another file with `--output`")
    })
}
