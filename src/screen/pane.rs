//! The lab in one pane for whoever works elsewhere: where it is and the keys always in sight, between them as much as there is room for.
//! And the same as a line log: only what is new.

use super::clean::clean_line;
use super::fold;
use super::goals;
use super::ink::Ink;
use super::look::Look;
use super::markdown;
use super::notes;
use super::page::Page;
use crate::session::{GoalState, Pane};

/// What a watcher is told of a key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// The lab is asked.
    Asking,
    /// It says nothing.
    NoAnswer,
    /// There is no next step.
    LessonDone,
    /// A step is left out by a second press.
    SkipFirst,
    /// There is no further hint.
    LastHint,
}

impl Aside {
    /// As a line.
    pub fn line(self) -> &'static str {
        match self {
            Self::Asking => "Asking the lab; this may take a moment.",
            Self::NoAnswer => "The lab does not answer.",
            Self::LessonDone => "The lesson is done.",
            Self::SkipFirst => "Not all goals are green. n once more leaves this step out.",
            Self::LastHint => "That was the last hint. n twice leaves this step out.",
        }
    }
}

/// What is on a pane beside the lab's state.
#[derive(Debug, Clone, Copy, Default)]
pub struct Frame<'a> {
    /// The terminal's rows.
    pub rows: usize,
    /// Lines of the middle that are scrolled away at the top.
    pub scroll: usize,
    /// One line for the watcher, above the keys.
    pub message: Option<&'a str>,
    /// A text that was asked for, in the place of the step; laid out already.
    pub over: Option<&'a str>,
}

/// A pane as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// At most as many lines as there are rows, none too wide.
    pub lines: Vec<String>,
    /// How far it can be scrolled.
    pub furthest: usize,
    /// The rows of the middle.
    pub room: usize,
}

/// Draws a pane.
pub fn pane(pane: &Pane, frame: Frame<'_>, look: &Look) -> Drawn {
    let mut head = lines(look, |page| head(page, pane));
    let mut foot = lines(look, |page| foot(page, pane, frame));
    // Where there is hardly a row left, what it is all about comes first.
    foot.truncate(frame.rows.saturating_sub(4).max(1));
    head.truncate(frame.rows.saturating_sub(foot.len() + 2).max(1));
    let middle: Vec<String> = match frame.over {
        Some(text) => fold::settle(text, look.columns()).lines().map(str::to_owned).collect(),
        None => lines(look, |page| step(page, pane)),
    };
    let mut room = frame.rows.saturating_sub(head.len() + foot.len());
    let cut = middle.len() > room;
    if cut {
        room = room.saturating_sub(1);
    }
    let furthest = middle.len().saturating_sub(room);
    let from = frame.scroll.min(furthest);
    let shown = &middle[from..(from + room).min(middle.len())];
    let mut all = head;
    all.extend_from_slice(shown);
    if cut {
        all.push(mark(from, middle.len() - from - shown.len(), look));
    } else {
        all.extend(std::iter::repeat_n(String::new(), room - shown.len()));
    }
    all.extend(foot);
    all.truncate(frame.rows);
    Drawn { lines: all, furthest, room }
}

fn lines(look: &Look, write: impl FnOnce(&mut Page<'_>)) -> Vec<String> {
    let mut page = Page::new(look);
    write(&mut page);
    page.done().lines().map(str::to_owned).collect()
}

/// How much there is beyond what is shown.
fn mark(above: usize, below: usize, look: &Look) -> String {
    let up = (above > 0).then(|| format!("{} {above} more", look.either("↑", "^")));
    let down = (below > 0).then(|| format!("{} {below} more", look.either("↓", "v")));
    let keys = (look.columns() >= 40).then(|| "(space b j k)".to_owned());
    let words: Vec<String> = [up, down, keys].into_iter().flatten().collect();
    Ink::Faint.on(&words.join("  "), look)
}

fn head(page: &mut Page<'_>, pane: &Pane) {
    match pane.progress {
        Some(progress) => super::step::head(page, progress, &pane.title),
        None => page.inked("", &pane.lesson, Ink::Here),
    }
}

fn foot(page: &mut Page<'_>, pane: &Pane, frame: Frame<'_>) {
    if let Some(message) = frame.message {
        page.inked("", message, Ink::Strong);
    }
    let look = page.look;
    let short = look.columns() < 60;
    if frame.over.is_some() {
        let keys = ["any key back".to_owned(), "q quit".to_owned()];
        return page.inked("", &keys.join(look.either(" · ", " - ")), Ink::Faint);
    }
    let asked = pane.hints.len();
    let hint = match pane.hints_in_all {
        0 => "h hint".to_owned(),
        all => format!("h hint {asked}/{all}"),
    };
    let keys =
        ["n next".to_owned(), hint, if short { "m man" } else { "m manual" }.into(), "w why".into(), "q quit".into()];
    page.inked("", &keys.join(if short { "  " } else { look.either(" · ", " - ") }), Ink::Faint);
}

fn step(page: &mut Page<'_>, pane: &Pane) {
    if let Some(left) = &pane.left {
        let how = if left.skipped { "Skipped" } else { "Done" };
        let text = format!("{how}: {}", left.title);
        if left.skipped {
            page.inked("", &text, Ink::Faint)
        } else {
            goals::good(page, &text)
        }
        page.gap();
    }
    if pane.progress.is_none() {
        goals::good(page, &format!("The lesson is done: {}", pane.lesson));
        for line in done(pane) {
            page.say("", &line);
        }
        return;
    }
    if pane.play {
        page.inked("", "Play: nothing is judged now.", Ink::Unsure);
    }
    goals::watched(page, &pane.goals);
    page.gap();
    page.markdown("", &pane.text);
    for (number, hint) in pane.hints.iter().enumerate() {
        page.gap();
        page.inked("", &format!("Hint {} of {}", number + 1, pane.hints_in_all), Ink::Strong);
        page.markdown("  ", hint);
    }
    for diagnosis in &pane.diagnoses {
        page.gap();
        page.inked("", &diagnosis.title, Ink::Strong);
        page.say("  ", &diagnosis.cause);
        for line in &diagnosis.fix {
            page.inked("    ", line, Ink::Strong);
        }
    }
    let notes: Vec<String> = pane.notes.iter().filter_map(|note| notes::first(note, page.look)).collect();
    if !notes.is_empty() {
        page.gap();
    }
    for note in notes {
        page.say("", &note);
    }
}

fn done(pane: &Pane) -> Vec<String> {
    let proof = pane.proven.map(|proven| super::show::proof(proven, pane.skipped).to_owned());
    let skipped = match pane.skipped {
        0 => None,
        1 => Some("One step was skipped.".to_owned()),
        more => Some(format!("{more} steps were skipped.")),
    };
    proof.into_iter().chain(skipped).collect()
}

/// What is new in a state, one line each; everything where there was none before.
pub fn news(before: Option<&Pane>, now: &Pane, look: &Look) -> Vec<String> {
    let mut said = Vec::new();
    let old_goals = before.map_or(&[][..], |before| before.goals.as_slice());
    let was_green = |say: &str| old_goals.iter().any(|goal| goal.say == say && is_green(&goal.state));
    let same_step = before.is_some_and(|before| before.progress == now.progress && before.title == now.title);
    if let Some(left) = now.left.as_ref().filter(|left| before.is_none_or(|before| before.left.as_ref() != Some(left)))
    {
        said.extend(left.goals.iter().filter(|goal| !was_green(goal)).map(|goal| format!("green: {goal}")));
        said.push(format!("{}: {}", if left.skipped { "skipped" } else { "done" }, left.title));
    }
    match now.progress {
        None if !same_step => {
            said.push(format!("The lesson is done: {}", now.lesson));
            said.extend(done(now));
        }
        Some(progress) if !same_step => {
            said.push(format!("Step {} of {}: {}", progress.step, progress.of, now.title));
            let text = markdown::lines(&now.text, 400, &Look { plain: true, colour: false, ..*look });
            said.extend(text.into_iter().filter(|line| !line.is_empty()));
            said.extend(
                now.goals.iter().map(|goal| format!("{}: {}{}", word(&goal.state), goal.say, reason(&goal.state))),
            );
        }
        _ => {
            for (goal, old) in now.goals.iter().zip(old_goals) {
                if word(&goal.state) != word(&old.state) || reason(&goal.state) != reason(&old.state) {
                    let lost = if is_green(&old.state) { " (it was green before)" } else { "" };
                    said.push(format!("{}: {}{lost}{}", word(&goal.state), goal.say, reason(&goal.state)));
                }
            }
        }
    }
    let old_hints = before.filter(|_| same_step).map_or(0, |before| before.hints.len());
    for (number, hint) in now.hints.iter().enumerate().skip(old_hints) {
        said.push(format!("hint {} of {}: {hint}", number + 1, now.hints_in_all));
    }
    let old = before.map(|before| before.diagnoses.as_slice()).unwrap_or_default();
    said.extend(
        now.diagnoses.iter().filter(|one| !old.contains(one)).map(|one| format!("{}: {}", one.title, one.cause)),
    );
    let old = before.map(|before| before.notes.as_slice()).unwrap_or_default();
    said.extend(now.notes.iter().filter(|note| !old.contains(note)).filter_map(|note| notes::first(note, look)));
    said.iter().map(|line| clean_line(line, look)).collect()
}

fn word(state: &GoalState) -> &'static str {
    use checkers::Verdict::{Fail, Pass, Unknown};
    match state {
        GoalState::Open => "open",
        GoalState::Settling { .. } => "settling",
        GoalState::Judged(Pass { .. }) => "green",
        GoalState::Judged(Fail { .. }) => "red",
        GoalState::Judged(Unknown { .. }) => "unknown",
    }
}

/// Why a goal is unknown.
fn reason(state: &GoalState) -> String {
    match state {
        GoalState::Judged(checkers::Verdict::Unknown { why, .. }) => format!(" ({why})"),
        _ => String::new(),
    }
}

/// A line of the log as a terminal shows it: the time before it, and folded at words where it is too narrow.
pub fn logged(time: &str, line: &str, look: &Look) -> String {
    let first = format!("{time} ");
    let rest = " ".repeat(fold::width(&first));
    let lines = fold::fold(line, look.columns(), &first, &rest);
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn is_green(state: &GoalState) -> bool {
    matches!(state, GoalState::Judged(verdict) if verdict.is_pass())
}
