//! The one place where a picture gets its wording.

use super::clean;
use super::command;
use super::diagnosis;
use super::difference;
use super::excerpt::{self, Extent};
use super::goals;
use super::ink::Ink;
use super::look::Look;
use super::notes;
use super::page::Page;
use super::status;
use super::step;
use super::surroundings;
use crate::session::Show;

/// A picture as text: lines that end in a newline, none wider than the look, none with spaces at its end.
pub fn text(show: &Show, look: &Look) -> String {
    let mut page = Page::new(look);
    match show {
        Show::Welcome { title, summary } => {
            step::welcome(&mut page, title, summary);
        }
        Show::Step { progress, title, text, goals, manual } => {
            step::step(&mut page, *progress, title, text, goals, manual);
        }
        Show::Changed { changes, green, of } => goals::changed(&mut page, changes, *green, *of),
        Show::StepDone { title, other_way } => {
            goals::good(&mut page, &format!("Done: {title}"));
            if let Some(other) = other_way {
                difference::show(&mut page, other, None);
            }
        }
        Show::LessonDone { title, proven, skipped, others } => {
            lesson_done(&mut page, title, *proven, *skipped, others);
        }
        Show::Hint { number, of, text } => {
            page.inked("", &format!("Hint {number} of {of}"), Ink::Strong);
            page.markdown("  ", text);
        }
        Show::Solution { lines, because } => solution(&mut page, lines, because.as_deref()),
        Show::Why { goals, in_full } => goals::why(&mut page, goals, *in_full),
        Show::Manual(excerpt) => excerpt::show(&mut page, excerpt, Extent::All),
        Show::Difference(other) => difference::show(&mut page, other, None),
        Show::DifferenceIn { title, other } => difference::show(&mut page, other, Some(title)),
        Show::Help(words) => status::help(&mut page, words),
        Show::Status { title, steps, blind, polled } => {
            status::status(&mut page, title, steps, blind);
            status::polled(&mut page, polled);
        }
        Show::Where(links) => surroundings::show(&mut page, links),
        Show::SameMistake { title } => page.inked("", &format!("As before: {title}"), Ink::Faint),
        Show::Unexplained(unexplained) => diagnosis::unexplained(&mut page, unexplained),
        Show::Diagnosis(explained) => diagnosis::show(&mut page, explained),
        Show::Note(note) => notes::show(&mut page, note),
    }
    page.done()
}

/// A Markdown text of its own: a page of documentation, say.
pub fn markdown(text: &str, look: &Look) -> String {
    let mut page = Page::new(look);
    page.markdown("", text);
    page.done()
}

fn lesson_done(page: &mut Page<'_>, title: &str, proven: Option<bool>, skipped: usize, others: &[String]) {
    goals::good(page, &format!("The lesson is done: {title}"));
    if let Some(proven) = proven {
        page.say("", proof(proven, skipped));
    }
    let status = page.look.word("status");
    match skipped {
        0 => {}
        1 => page.say("", &format!("One step was skipped; {status} names it.")),
        more => page.say("", &format!("{more} steps were skipped; {status} names them.")),
    }
    page.say("", "What next?");
    if !others.is_empty() {
        page.say(
            "",
            &format!("  Another lesson, after :quit: rootless-lab start NAME, with one of {}.", others.join(", ")),
        );
    }
    page.say("", "  An exam: rootless-lab exam list names them.");
    page.say("", "  Or stay: the machine is yours to try things on, and nothing is judged any more.");
    let words = ":step 1 shows a step again, :reset all begins the lesson anew, :quit leaves.";
    if page.look.elsewhere {
        page.say("", &format!("At the lab's own prompt: {words}"));
    } else {
        page.say("", words);
    }
}

/// What is known of whether it lasts.
pub(super) fn proof(proven: bool, skipped: usize) -> &'static str {
    match (proven, skipped) {
        (true, _) => "Proven: after a real reboot everything that is to last was there.",
        (false, 0) => "Predicted: everything that is to last is set up to last. A reboot proves it: sudo reboot",
        // Whoever skips may have set up nothing.
        (false, _) => "Not proven: the reboot was not seen.",
    }
}

fn solution(page: &mut Page<'_>, lines: &[String], because: Option<&str>) {
    page.inked("", "One way to do it:", Ink::Strong);
    for line in lines {
        for line in clean::clean(line, page.look).lines() {
            command::show(page, line);
        }
    }
    if let Some(because) = because {
        page.markdown("", because);
    }
}
