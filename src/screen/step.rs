//! A step as the learner meets it: where it is, what to know and do, its goals, its man page excerpts, and how to get help.

use super::clean::clean_line;
use super::excerpt::{self, Extent};
use super::fold;
use super::goals;
use super::ink::Ink;
use super::look::Look;
use super::page::Page;
use crate::manual::Excerpt;
use crate::session::{GoalLine, Progress};

/// The first screen of a lesson, followed by its first step.
pub(super) fn welcome(page: &mut Page<'_>, title: &str, summary: &str) {
    page.inked("", title, Ink::Here);
    page.markdown("", summary);
    page.inked("", "Type commands as in any terminal; the lab looks at the machine. Lost? :help", Ink::Strong);
}

/// A step begins. The man page excerpts take what is left of a screen; what finds no room is pointed to.
pub(super) fn step(
    page: &mut Page<'_>,
    progress: Progress,
    title: &str,
    text: &str,
    goals: &[GoalLine],
    manual: &[Excerpt],
) {
    page.line("");
    head(page, progress, title);
    page.markdown("", text);
    page.gap();
    goals::list(page, goals);
    let welcome = if progress.step == 1 { WELCOME_LINES } else { 0 };
    let mut room = (SCREEN_LINES - welcome).saturating_sub(page.lines() + FOOT_LINES);
    let mut more = false;
    for excerpt in manual {
        let lines = room.saturating_sub(FRAME_LINES).min(4);
        if lines < 2 {
            more = true;
            continue;
        }
        let before = page.lines();
        page.gap();
        excerpt::show(page, excerpt, Extent::Beside { lines });
        room = room.saturating_sub(page.lines() - before);
    }
    page.gap();
    let look = page.look;
    let mut foot = if more { vec![format!("{} the manual", look.word("man"))] } else { Vec::new() };
    foot.extend([format!("{} a nudge", look.word("hint")), format!("{} what is missing", look.word("check"))]);
    if !look.elsewhere {
        foot.push(":help all words".to_owned());
    }
    page.inked("", &foot.join(look.either(" · ", " - ")), Ink::Faint);
}

/// A screen of 24 lines less a prompt of two, and the gap before the head, which may be scrolled away.
const SCREEN_LINES: usize = 23;
/// What the welcome takes of it at 80 columns, with a summary of three lines; there the gap has to stay.
const WELCOME_LINES: usize = 6;
/// The last line and the gap before it.
const FOOT_LINES: usize = 2;
/// A gap, where the excerpt comes from, and its head.
const FRAME_LINES: usize = 3;

/// Where in the lesson; a thin bar at the right where there is room for one.
pub(super) fn head(page: &mut Page<'_>, progress: Progress, title: &str) {
    let look = page.look;
    let title = clean_line(title, look);
    let head = format!("Step {} of {} {} {title}", progress.step, progress.of, look.either("·", "-"));
    let room = look.columns().saturating_sub(fold::width(&head) + 2);
    if !look.symbols() || room < 8 {
        return page.inked("", &head, Ink::Here);
    }
    let bar = bar(progress, room.min(20), look);
    let spaces = " ".repeat(look.columns() - fold::width(&head) - fold::width(&bar));
    page.line(&format!("{}{spaces}{bar}", Ink::Here.on(&head, look)));
}

/// Full up to the steps that are done.
fn bar(progress: Progress, columns: usize, look: &Look) -> String {
    let done = progress.step.saturating_sub(1).min(progress.of) * columns / progress.of.max(1);
    let rest = Ink::Faint.on(&"─".repeat(columns - done), look);
    format!("{}{rest}", Ink::Here.on(&"━".repeat(done), look))
}
