//! A report for people at a terminal, at any width.

use super::super::fold;
use super::super::goals::{self, mark_of};
use super::super::ink::Ink;
use super::super::look::Look;
use super::super::page::Page;
use super::words;
use crate::exam::Answer;
use crate::exam::report::{GoalReport, Marks, Points, Report, Standing, TaskReport};

/// The whole report.
pub(super) fn human(report: &Report, look: &Look) -> String {
    let mut page = Page::new(look);
    head(&mut page, report);
    scores(&mut page, report);
    for (number, task) in (1..).zip(&report.tasks) {
        page.gap();
        one(&mut page, number, task);
    }
    rest(&mut page, report);
    page.done()
}

fn head(page: &mut Page<'_>, report: &Report) {
    page.inked("", &report.exam.title, Ink::Here);
    page.say("", &format!("Attempt {} of {}", report.attempt, words::candidate(report)));
    page.say("", &format!("{}, on {}", words::moment(report.time.began), words::machine(report)));
    page.say("", &format!("{}. {}", words::time(report), words::state(report.state)));
    if let Some(looks) = words::looks(report) {
        page.say("", &looks);
    }
    for note in &report.time.notes {
        page.say(page.look.either("! ", "[!!] "), &words::clock(note));
    }
    for line in [words::vouched(report), words::late(report)].into_iter().flatten() {
        page.say(page.look.either("! ", "[!!] "), &line);
    }
}

fn scores(page: &mut Page<'_>, report: &Report) {
    page.gap();
    let Some(counts) = report.counts() else {
        page.say("", "Not graded.");
        return;
    };
    let ink = match counts.verdict {
        Standing::Passed => Ink::Good,
        Standing::NotPassed => Ink::Bad,
        Standing::NoScore | Standing::Open => Ink::Unsure,
    };
    page.inked("", &words::standing(counts, report.exam.pass_mark), ink);
    let both = [("Proven by a reboot", &report.proven), ("Predicted, without a reboot", &report.predicted)];
    for (name, marks) in both.iter().filter_map(|(name, marks)| marks.as_ref().map(|marks| (name, marks))) {
        page.say("", &format!("{name}: {}", words::total(marks.total)));
    }
    unknown(page, counts);
    for line in words::turned(report) {
        page.say(page.look.either("! ", "[!!] "), &line);
    }
    page.gap();
    let rows: Vec<(&str, Points)> = counts.objectives.iter().map(|it| (it.objective.as_str(), it.points)).collect();
    table(page, &rows);
}

fn unknown(page: &mut Page<'_>, marks: &Marks) {
    let (unknown, of) = (marks.total.unknown, marks.total.unknown + marks.total.judged);
    if unknown > 0 {
        let text = format!("{unknown} of {of} goals could not be looked at. They are neither right nor wrong.");
        page.say(page.look.either("? ", "[??] "), &text);
    }
}

/// Names with their points in a column, or one under the other where it is narrow.
fn table(page: &mut Page<'_>, rows: &[(&str, Points)]) {
    let points: Vec<String> = rows.iter().map(|(_, points)| words::points(*points)).collect();
    let right = points.iter().map(|text| fold::width(text)).max().unwrap_or(0);
    for ((name, _), points) in rows.iter().zip(&points) {
        let room = page.look.columns().saturating_sub(right + 4);
        if room < 30 || fold::width(name) > room {
            page.say("  ", name);
            page.say("    ", points);
        } else {
            page.say("  ", &format!("{name}{} {points}", " ".repeat(room - fold::width(name))));
        }
    }
}

fn one(page: &mut Page<'_>, number: usize, task: &TaskReport) {
    let first = format!("{number}. ");
    page.inked(&first, &task.title, Ink::Strong);
    let indent = " ".repeat(first.len());
    page.inked(&indent, &task.objective, Ink::Faint);
    let points = match (task.predicted, task.proven) {
        (Some(predicted), Some(proven)) if predicted != proven => {
            format!("{}; {} predicted", words::points(proven), words::points(predicted))
        }
        (_, Some(points)) | (Some(points), None) => words::points(points),
        (None, None) => format!("{} points", task.points),
    };
    let whole = if task.partial_credit || task.goals.len() == 1 { "" } else { ", all goals or none" };
    page.say(&indent, &format!("{points}{whole}"));
    for goal in &task.goals {
        self::goal(page, goal);
    }
}

fn goal(page: &mut Page<'_>, goal: &GoalReport) {
    let Some(outcome) = goal.counts() else {
        let mark = mark_of(page, None);
        page.say(&mark, &goal.say);
        return;
    };
    let verdict = outcome.verdict();
    let mark = mark_of(page, Some(&verdict));
    page.say(&mark, &format!("{} ({} of {})", goal.say.trim_end(), words::range(outcome.adds), goal.points));
    goals::in_full(page, &verdict);
    if let (Some(before), Some(after)) = (&goal.predicted, &goal.proven)
        && before.answer != after.answer
    {
        let was = match before.answer {
            Answer::Pass => "Before the reboot this was green.",
            Answer::Fail => "Before the reboot this was red.",
            Answer::Unknown => "Before the reboot nobody could look.",
        };
        goals::note(page, was);
    }
}

/// What a dispute, and whoever compares two reports, needs to know.
fn rest(page: &mut Page<'_>, report: &Report) {
    page.gap();
    let pairs = |pairs: &std::collections::BTreeMap<String, String>| {
        pairs.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
    };
    page.inked("", &format!("Seed {}: {}", report.seed, pairs(&report.parameters)), Ink::Faint);
    page.inked("", &format!("Versions: {}", pairs(&report.versions)), Ink::Faint);
    page.inked("", &format!("Exam {}: {}", report.exam.id, report.exam.digest), Ink::Faint);
    for line in words::record(report) {
        page.inked("Record: ", &line, Ink::Faint);
    }
    page.inked("  ", &report.record.head, Ink::Faint);
}
