//! What was missed in an attempt, task by task, and what leads there.

use similar::TextDiff;

use super::super::clean::{clean, clean_line};
use super::super::excerpt::{self, Extent};
use super::super::goals::{self, mark_of};
use super::super::ink::Ink;
use super::super::look::Look;
use super::super::page::Page;
use super::words;
use crate::exam::report::Report;
use crate::exam::review::{Compared, Done, Missed};
use crate::exam::{Answer, Inside};
use crate::manual::Excerpt;

/// A task of which something was missed, with what was looked up for it.
#[derive(Debug)]
pub struct Reviewed {
    /// The task.
    pub missed: Missed,
    /// The step that teaches it.
    pub taught: Option<Taught>,
    /// What the machine's manual says.
    pub excerpts: Vec<Excerpt>,
}

/// A step of a lesson.
#[derive(Debug)]
pub struct Taught {
    /// The lesson's name.
    pub lesson: String,
    /// The step's number in it, from 1, and its title.
    pub step: Option<(usize, String)>,
}

/// The review of an attempt.
pub fn review(report: &Report, tasks: &[Reviewed], look: &Look) -> String {
    let mut page = Page::new(look);
    page.inked("", &format!("{}, attempt {}", report.exam.title, report.attempt), Ink::Here);
    if let Some(counts) = report.counts() {
        page.say("", &format!("{}. {}", words::total(counts.total), words::standing(counts, report.exam.pass_mark)));
    }
    if tasks.is_empty() {
        page.gap();
        page.inked("", "Nothing was missed.", Ink::Good);
    }
    for reviewed in tasks {
        page.gap();
        task(&mut page, reviewed);
    }
    page.done()
}

fn task(page: &mut Page<'_>, reviewed: &Reviewed) {
    let missed = &reviewed.missed;
    let first = format!("{}. ", missed.number);
    let points = missed.task.counts().map(|points| format!(" ({})", words::points(points))).unwrap_or_default();
    page.inked(&first, &format!("{}{points}", missed.task.title), Ink::Strong);
    for goal in &missed.goals {
        let verdict = goal.counts().map(|outcome| outcome.verdict());
        let mark = mark_of(page, verdict.as_ref());
        page.say(&mark, &goal.say);
        if let Some(verdict) = &verdict {
            goals::in_full(page, verdict);
        }
    }
    commands(page, missed);
    for compared in &missed.files {
        file(page, compared);
    }
    if let Some(taught) = &reviewed.taught {
        page.gap();
        let step = taught.step.as_ref().map(|(number, title)| format!(", step {number}: {title}")).unwrap_or_default();
        page.say("", &format!("The lesson {}{step}", taught.lesson));
        page.inked("  ", &format!("rootless-lab start {}", taught.lesson), Ink::Strong);
    }
    for one in &reviewed.excerpts {
        page.gap();
        excerpt::show(page, one, Extent::Beside { lines: 14 });
    }
}

fn commands(page: &mut Page<'_>, missed: &Missed) {
    page.gap();
    if missed.commands.is_empty() {
        page.say("", "No command was seen for it.");
        return;
    }
    page.say("", "What was typed for it:");
    for done in &missed.commands {
        command(page, done);
    }
    if missed.more_commands > 0 {
        page.inked("  ", &format!("and {} more", missed.more_commands), Ink::Faint);
    }
}

fn command(page: &mut Page<'_>, done: &Done) {
    let first = format!("  {:>6}  ", words::span(done.used));
    page.inked(&first, &done.typed.line, Ink::Strong);
    let indent = " ".repeat(first.len());
    match (&done.typed.inside, done.typed.status) {
        (Some(Inside { through, prompt }), _) => {
            let behind = if through.is_empty() { "a shell inside".to_owned() } else { through.join(", ") };
            page.inked(&indent, &format!("behind {behind}, read off the terminal at {prompt}"), Ink::Faint);
        }
        (None, Some(0)) => {}
        (None, Some(status)) => page.inked(&indent, &format!("ended with {status}"), Ink::Faint),
        (None, None) => page.inked(&indent, "how it ended was not seen", Ink::Faint),
    }
    for (goal, answer) in &done.turned {
        let (ink, became) = match answer {
            Answer::Pass => (Ink::Good, "became green"),
            Answer::Fail => (Ink::Bad, "became red"),
            Answer::Unknown => (Ink::Unsure, "could no longer be looked at"),
        };
        page.inked(&indent, &format!("{goal} {became}"), ink);
    }
}

/// The candidate's file and a good one, line by line as `diff -u` does.
fn file(page: &mut Page<'_>, compared: &Compared) {
    page.gap();
    let path = format!("~{}/{}", compared.good.account, compared.good.path);
    let Some(found) = &compared.found else {
        page.say("", &format!("A good {path}; yours is not on record:"));
        for line in clean(&compared.good.text, page.look).lines() {
            page.inked("  ", line, Ink::Faint);
        }
        return;
    };
    if *found == compared.good.text {
        page.say("", &format!("{path} is as a good one is."));
        return;
    }
    page.say("", &format!("{path}, from yours (-) to a good one (+):"));
    let (yours, good) = (clean(found, page.look), clean(&compared.good.text, page.look));
    let diff = TextDiff::from_lines(&yours, &good);
    for hunk in diff.unified_diff().context_radius(2).iter_hunks() {
        for change in hunk.iter_changes() {
            let ink = match change.tag() {
                similar::ChangeTag::Delete => Ink::Bad,
                similar::ChangeTag::Insert => Ink::Good,
                similar::ChangeTag::Equal => Ink::Faint,
            };
            let line = clean_line(change.value(), page.look);
            page.inked(&format!("  {} ", change.tag()), &line, ink);
        }
    }
}
