//! The words that several forms of a report share.

use chrono::DateTime;

use crate::exam::Answer;
use crate::exam::report::{ClockKind, ClockNote, LookedAt, Marks, Points, Range, Report, Standing, State, Turned};

/// No more looks are told one by one.
const MOST_LOOKS: usize = 4;
/// A look that comes later than this after the hand-in, in microseconds, is not one at it.
const LATE: u64 = 60_000_000;

/// `12`, or `12 to 15`.
pub(super) fn range(range: Range) -> String {
    let Range { lowest, highest } = range;
    if lowest == highest { lowest.to_string() } else { format!("{lowest} to {highest}") }
}

/// `12 of 15`; `no score` where nothing was judged.
pub(super) fn points(points: Points) -> String {
    match points.had {
        Some(had) => format!("{} of {}", range(had), points.of),
        None => format!("no score (of {})", points.of),
    }
}

/// `75 of 100 points, 75 per cent`.
pub(super) fn total(points: Points) -> String {
    match (points.had, points.per_cent) {
        (Some(had), Some(part)) => format!("{} of {} points, {} per cent", range(had), points.of, range(part)),
        _ => "no score".into(),
    }
}

/// Whether the exam is passed, as a sentence.
pub(super) fn standing(marks: &Marks, pass_mark: u32) -> String {
    match marks.verdict {
        Standing::NoScore => "No goal could be judged, so there is no score.".into(),
        Standing::Passed => format!("Passed: {pass_mark} per cent are needed."),
        Standing::NotPassed => format!("Not passed: {pass_mark} per cent are needed."),
        Standing::Open => format!("Open: {pass_mark} per cent are needed, and what nobody could look at decides."),
    }
}

/// One word for it.
pub(super) fn answer(answer: Option<Answer>) -> &'static str {
    match answer {
        Some(Answer::Pass) => "pass",
        Some(Answer::Fail) => "fail",
        Some(Answer::Unknown) => "unknown",
        None => "not asked",
    }
}

/// How far the attempt has come, as a sentence.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Running => "Still under way.",
        State::HandedIn => "Handed in.",
        State::TimeOver => "Handed in when the time was over.",
        State::Abandoned => "Given up: there is no score.",
    }
}

/// `lisa (Lisa Muster)`.
pub(super) fn candidate(report: &Report) -> String {
    let person = &report.candidate;
    person.name.as_ref().map_or_else(|| person.account.clone(), |name| format!("{name} ({})", person.account))
}

/// `the practice machine trixie`.
pub(super) fn machine(report: &Report) -> String {
    let kind = if report.machine.practice { "practice machine" } else { "machine" };
    format!("the {kind} {}", report.machine.name)
}

/// A moment in words that are the same everywhere: `2023-11-14 22:13 UTC`.
pub(super) fn moment(us: i64) -> String {
    let moment = DateTime::from_timestamp_micros(us).map(|moment| moment.format("%Y-%m-%d %H:%M UTC").to_string());
    moment.unwrap_or_else(|| format!("{us} microseconds after 1970"))
}

/// A span as minutes and seconds, hours where there are any: `14:02`, `1:04:02`.
pub(super) fn span(us: u64) -> String {
    let seconds = us / 1_000_000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `14:02 of 15:00 used, 2 logins`.
pub(super) fn time(report: &Report) -> String {
    let time = &report.time;
    let over = if time.over > 0 { format!(" ({} over)", span(time.over)) } else { String::new() };
    let logins = if time.logins == 1 { "login" } else { "logins" };
    let whole = |minutes: u32| span(u64::from(minutes) * 60_000_000);
    let own = match time.minutes == time.own_minutes {
        true => String::new(),
        false => format!(" (the exam's own: {})", whole(time.own_minutes)),
    };
    format!("{} of {}{own} used{over}, {} {logins}", span(time.used), whole(time.minutes), time.logins)
}

/// What a clock did, as a sentence.
pub(in crate::screen) fn clock(note: &ClockNote) -> String {
    let by = note.by.map(|by| span(by.unsigned_abs()));
    let what = match (note.kind, by) {
        (ClockKind::Suspended, Some(by)) => format!("the machine was suspended for {by}; that time counts"),
        (ClockKind::Set, Some(by)) => {
            let way = if note.by.is_some_and(|by| by < 0) { "back" } else { "forth" };
            format!("the machine's clock was set {way} by {by}; the time left is not touched by it")
        }
        (ClockKind::Rebooted, Some(by)) => format!("the machine was rebooted and away for {by}; that time counts"),
        (ClockKind::Rebooted, None) => {
            "the machine was rebooted, its clock set back meanwhile; only the time since the boot counts".into()
        }
        (ClockKind::Returned, Some(by)) => {
            format!("the machine was put back to a state of {by} before; nothing is counted for that")
        }
        (ClockKind::Suspended | ClockKind::Set | ClockKind::Returned, None) => "a clock jumped".into(),
    };
    format!("After {}: {what}.", span(note.at))
}

/// How much of the time rests on what a person has to judge; none where all of it is sure.
pub(super) fn vouched(report: &Report) -> Option<String> {
    let (used, vouched) = (report.time.used, report.time.vouched);
    // Below a second it is what reading several clocks takes.
    (used - vouched.min(used) >= 1_000_000).then(|| {
        format!(
            "Of the time used, {} rests on the machine's wall clock alone or passed while it was suspended.",
            span(used - vouched)
        )
    })
}

/// When it was looked at, as a sentence; none where it never was.
pub(super) fn looks(report: &Report) -> Option<String> {
    let said = |(nth, look): (usize, &LookedAt)| {
        let after = if nth == 0 { " after the hand-in" } else { "" };
        format!("{}{after}{}", span(look.after), if look.proven { " (rebooted)" } else { "" })
    };
    // A grader may look often; the first ones count.
    let mut times: Vec<String> = report.looks.iter().enumerate().take(MOST_LOOKS).map(said).collect();
    let more = report.looks.len() - times.len();
    times.extend((more > 0).then(|| format!("{more} more times")));
    (!times.is_empty()).then(|| format!("Looked at {}.", times.join("; ")))
}

/// That nobody looked for so long that what was handed in is not what was seen; none where somebody did.
pub(super) fn late(report: &Report) -> Option<String> {
    let first = report.looks.first().filter(|first| first.after > LATE)?;
    Some(format!(
        "Nobody looked before {} after the hand-in. What was made meanwhile cannot be told from what was handed in.",
        span(first.after)
    ))
}

/// What is another way than when it was first graded, of one goal.
pub(super) fn turned_of(report: &Report, goal: &str) -> Vec<String> {
    let of = report.turned.iter().zip(turned(report));
    of.filter(|(turned, _)| turned.goal == goal).map(|(_, says)| says).collect()
}

/// What is another way than when it was first looked at, a sentence each.
pub(super) fn turned(report: &Report) -> Vec<String> {
    let of = |turned: &Turned| {
        let after = if turned.proven { ", rebooted" } else { "" };
        let what = match (turned.first, turned.now, turned.proven) {
            (Some(Answer::Fail), Some(Answer::Pass), false) => " It was made after the hand-in, and earns nothing.",
            (Some(Answer::Pass), _, _) => " The first look counts.",
            (Some(Answer::Unknown), Some(_), _) => " The first look that could tell counts.",
            _ => "",
        };
        format!(
            "{} was {} when it was first looked at{after} ({} after the hand-in), then {} ({}).{what}",
            turned.goal,
            answer(turned.first),
            span(turned.first_after),
            answer(turned.now),
            span(turned.now_after),
        )
    };
    report.turned.iter().map(of).collect()
}

/// What there is to say about the record, a sentence each; the last one leads to its hash.
pub(super) fn record(report: &Report) -> Vec<String> {
    let record = &report.record;
    let mut says: Vec<String> = record.breaks.iter().map(|what| format!("Not whole: {what}.")).collect();
    let foreign = |name: &String| format!("It was sat with another text than the {name} of this program.");
    says.extend(record.foreign.iter().map(foreign));
    let aside = |file: &String| format!("A line that a crash cut off lies in {file}.");
    says.extend(record.mended.iter().map(aside));
    says.extend(record.misplaced.iter().map(|n| format!("Line {n} cannot be where it is, and counts for nothing.")));
    match record.typed_after {
        0 => {}
        1 => says.push("One line was typed after the hand-in: no part of the exam.".to_owned()),
        many => says.push(format!("{many} lines were typed after the hand-in: no part of the exam.")),
    }
    let whole = if record.breaks.is_empty() { "Whole, " } else { "" };
    says.push(format!("{whole}{} lines. The last one has the hash", record.lines));
    says
}

/// The same in one line, with the hash.
pub(super) fn record_in_a_line(report: &Report) -> String {
    format!("{} {}.", record(report).join(" "), report.record.head)
}
