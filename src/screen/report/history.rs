//! Attempts over time: a table, a small plot, each objective, and what to practise next.

use super::super::clean::clean_line;
use super::super::fold;
use super::super::ink::Ink;
use super::super::look::Look;
use super::super::page::Page;
use super::words;
use crate::exam::history::{History, Practice, Row};
use crate::exam::report::{Range, Standing, State};

/// How high the plot is, in rows.
const ROWS: u32 = 5;
/// No more is advised at once.
const MOST_ADVICE: usize = 5;

/// The page; `now` is today, in microseconds since 1970.
pub fn history(history: &History, now: i64, look: &Look) -> String {
    let mut page = Page::new(look);
    if history.attempts.is_empty() {
        page.say("", "No attempt yet.");
        return page.done();
    }
    page.inked("", "Attempts", Ink::Here);
    table(&mut page, &history.attempts);
    plot(&mut page, &history.attempts);
    if !history.objectives.is_empty() {
        objectives(&mut page, &history.objectives);
        next(&mut page, &history.objectives, now);
    }
    page.done()
}

/// A mark, a word and the ink for how an attempt went.
fn outcome(row: &Row) -> (&'static str, &'static str, &'static str, Ink) {
    match (row.state, row.verdict) {
        (State::Abandoned, _) => ("-", "-", "given up", Ink::Faint),
        (_, None) if row.state == State::Running => ("·", ".", "under way", Ink::Faint),
        (_, None) => ("·", ".", "not graded", Ink::Faint),
        (_, Some(Standing::Passed)) => ("✓", "+", "passed", Ink::Good),
        (_, Some(Standing::NotPassed)) => ("✗", "x", "not passed", Ink::Bad),
        (_, Some(Standing::Open)) => ("?", "?", "open", Ink::Unsure),
        (_, Some(Standing::NoScore)) => ("?", "?", "no score", Ink::Unsure),
    }
}

fn table(page: &mut Page<'_>, rows: &[Row]) {
    let cells = |row: &Row| {
        let part = row.total.and_then(|total| total.per_cent).map(|part| format!("{} %", words::range(part)));
        let points = row.total.map(words::points).unwrap_or_default();
        let (.., word, ink) = outcome(row);
        let reboot = if row.proven { ", rebooted" } else { "" };
        let cells = [clean_line(&row.attempt, page.look), day(row.began), part.unwrap_or_default(), points];
        (cells, ink.on(&format!("{word}{reboot}"), page.look))
    };
    let cells: Vec<_> = rows.iter().map(cells).collect();
    let widest = |at: usize| cells.iter().map(|(cells, _)| fold::width(&cells[at])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..4).map(widest).collect();
    let last = cells.iter().map(|(_, word)| fold::width(word)).max().unwrap_or(0);
    let narrow = widths.iter().sum::<usize>() + last + 2 * 5 > page.look.columns();
    for (cells, word) in cells {
        if narrow {
            page.ours("  ", &cells[0]);
            let rest: Vec<&str> = cells[1..].iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
            page.ours("    ", &format!("{}, {word}", rest.join(", ")));
        } else {
            let pad = |(cell, width): (&String, &usize)| format!("{cell}{}", " ".repeat(width - fold::width(cell)));
            let padded: Vec<String> = cells.iter().zip(&widths).map(pad).collect();
            page.ours("  ", &format!("{}  {word}", padded.join("  ")));
        }
    }
}

/// A column an attempt: what is certain solid, what is unknown above it light. The last ones where there are more than fit.
fn plot(page: &mut Page<'_>, rows: &[Row]) {
    let parts: Vec<(Range, &Row)> = rows.iter().filter_map(|row| Some((row.total?.per_cent?, row))).collect();
    if parts.len() < 2 {
        return;
    }
    let look = page.look;
    let fit = (look.columns().saturating_sub(8) / 2).max(1);
    let parts = &parts[parts.len().saturating_sub(fit)..];
    page.gap();
    page.say("", "Per cent of all points:");
    for level in (0..ROWS).rev() {
        let bottom = level * 100 / ROWS;
        let label = if level + 1 == ROWS {
            "100"
        } else if level == 0 {
            "  0"
        } else {
            "   "
        };
        let column = |(part, _): &(Range, &Row)| block(*part, bottom, look);
        let columns: Vec<&str> = parts.iter().map(column).collect();
        page.line(&format!("  {label} {}{}", look.either("┤", "|"), columns.join(" ")));
    }
    let marks = parts.iter().map(|(_, row)| {
        let (symbol, ascii, _, ink) = outcome(row);
        ink.on(look.either(symbol, ascii), look)
    });
    page.line(&format!("       {}", marks.collect::<Vec<_>>().join(" ")));
}

/// What stands in one row of a column that begins at `bottom` per cent.
fn block(part: Range, bottom: u32, look: &Look) -> &'static str {
    const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let height = 100 / ROWS;
    // Rounded down, but whatever there is shows.
    let eighths = |part: u32| {
        let within = part.saturating_sub(bottom).min(height);
        (within * 8 / height).max(u32::from(within > 0)) as usize
    };
    let (sure, open) = (eighths(part.lowest), eighths(part.highest));
    if look.symbols() {
        if sure == 0 && open > 0 { "░" } else { EIGHTHS[sure] }
    } else {
        match (sure >= 4, open >= 4) {
            (true, _) => "#",
            (false, true) => ".",
            (false, false) => " ",
        }
    }
}

fn objectives(page: &mut Page<'_>, objectives: &[Practice]) {
    page.gap();
    page.inked("", "Objectives", Ink::Here);
    for one in objectives {
        let last = one.last_right.map_or_else(|| "never right".to_owned(), |at| format!("last right {}", day(at)));
        let text = format!(
            "{}: right {} of {} times, {} % the last time, {last}",
            one.objective,
            one.right,
            one.times,
            words::range(one.last)
        );
        let mark = if one.last.lowest == 100 { (Ink::Good, "✓ ", "[ok] ") } else { (Ink::Bad, "✗ ", "[no] ") };
        let first = format!("  {}", mark.0.on(page.look.either(mark.1, mark.2), page.look));
        page.say(&first, &text);
    }
}

fn next(page: &mut Page<'_>, objectives: &[Practice], now: i64) {
    page.gap();
    page.inked("", "To practise next", Ink::Here);
    for (number, one) in (1..).zip(objectives.iter().take(MOST_ADVICE)) {
        let when = match one.days_left(now) {
            None => "now".to_owned(),
            Some(1) => "in a day".to_owned(),
            Some(days) => format!("in {days} days"),
        };
        let first = format!("  {number}. ");
        page.say(&first, &format!("{}: {when}", one.objective));
        if let Some((lesson, step)) = &one.step {
            page.inked(&" ".repeat(first.len()), &format!("lesson {lesson}, step {step}"), Ink::Faint);
        }
    }
}

/// The day of a moment.
fn day(us: i64) -> String {
    words::moment(us).split(' ').next().unwrap_or_default().to_owned()
}
