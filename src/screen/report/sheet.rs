//! A report as CSV: a row a goal. A cell that a spreadsheet would take for a formula is made text.

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::super::clean::clean;
use super::super::goals::place;
use super::super::look::Look;
use super::words;
use crate::exam::report::{GoalReport, Outcome, Report, TaskReport};

const HEAD: [&str; 25] = [
    "attempt",
    "exam",
    "candidate",
    "seed",
    "time",
    "looks",
    "objective",
    "task",
    "goal",
    "says",
    "points",
    "lasting",
    "predicted",
    "predicted lowest",
    "predicted highest",
    "proven",
    "proven lowest",
    "proven highest",
    "wanted",
    "found",
    "why nobody could look",
    "seen",
    "record",
    "turned",
    "over",
];

/// The rows, with a head.
pub(super) fn sheet(report: &Report) -> Result<String, String> {
    let mut sheet =
        WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new());
    let write =
        |sheet: &mut csv::Writer<Vec<u8>>, row: &[String]| sheet.write_record(row).map_err(|error| error.to_string());
    write(&mut sheet, &HEAD.map(str::to_owned))?;
    for (task, goal) in report.tasks.iter().flat_map(|task| task.goals.iter().map(move |goal| (task, goal))) {
        write(&mut sheet, &row(report, task, goal).map(harmless))?;
    }
    let bytes = sheet.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn row(report: &Report, task: &TaskReport, goal: &GoalReport) -> [String; 25] {
    let side = |outcome: &Option<Outcome>| match outcome {
        Some(one) => {
            [words::answer(Some(one.answer)).into(), one.adds.lowest.to_string(), one.adds.highest.to_string()]
        }
        None => [words::answer(None).into(), String::new(), String::new()],
    };
    let ([before, before_lowest, before_highest], [after, after_lowest, after_highest]) =
        (side(&goal.predicted), side(&goal.proven));
    let counts = goal.counts();
    let of = |text: fn(&Outcome) -> &Option<String>| counts.and_then(|one| text(one).clone()).unwrap_or_default();
    let seen = counts.map(|one| one.evidence.as_slice()).unwrap_or_default();
    let seen: Vec<String> = seen.iter().map(|one| format!("{}: {}", place(&one.source), one.said.trim())).collect();
    [
        report.attempt.clone(),
        report.exam.id.clone(),
        words::candidate(report),
        report.seed.clone(),
        words::time(report),
        words::looks(report).unwrap_or_default(),
        task.objective.clone(),
        task.id.clone(),
        goal.id.clone(),
        goal.say.clone(),
        goal.points.to_string(),
        if goal.lasting { "yes" } else { "no" }.to_owned(),
        before,
        before_lowest,
        before_highest,
        after,
        after_lowest,
        after_highest,
        of(|one| &one.wanted),
        of(|one| &one.found),
        of(|one| &one.why),
        seen.join("\n"),
        words::record_in_a_line(report),
        words::turned_of(report, &goal.id).join(" "),
        words::span(report.time.over),
    ]
}

/// Control characters spelled out, and a quote before what a spreadsheet would run. It looks behind spaces too, and some take the wide forms
/// of these signs for them.
fn harmless(cell: String) -> String {
    let cell = clean(&cell, &Look::FILE);
    let first = cell.trim_start_matches([' ', '\u{a0}', '\u{3000}']).chars().next();
    let runs = first.is_some_and(|first| "=+-@\n＝＋－＠".contains(first));
    if runs { format!("'{cell}") } else { cell }
}
