//! The state of a lab as whoever watches it sees it: data only, small enough for one line on the wire. The wording is the watcher's screen's.

use serde::{Deserialize, Serialize};

use super::machine::Session;
use crate::mistakes::Diagnosis;

use super::show::{GoalLine, Note, Progress};

/// What a pane shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pane {
    /// The lesson's title.
    pub lesson: String,
    /// Where in the lesson; none when it is done.
    pub progress: Option<Progress>,
    /// The step's title.
    pub title: String,
    /// What to know and do, Markdown.
    pub text: String,
    /// Its goals.
    pub goals: Vec<GoalLine>,
    /// The hints that were asked for, Markdown, the first one first.
    pub hints: Vec<String>,
    /// How many hints the step has.
    pub hints_in_all: usize,
    /// The step that was left last.
    pub left: Option<Left>,
    /// What else is to be known.
    pub notes: Vec<Note>,
    /// The mistakes that were recognised last, the surest first, as long as they are some.
    pub diagnoses: Vec<Diagnosed>,
    /// Things are tried unjudged.
    pub play: bool,
    /// The lab has a shell of its own, and sees what is typed there.
    pub shell: bool,
    /// A real reboot proved what is to last; none where the lesson asks for no reboot.
    pub proven: Option<bool>,
    /// Steps of the lesson that were skipped.
    pub skipped: usize,
    /// The lab is closed: nothing more will come.
    pub over: bool,
}

/// A step that was left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Which, counted from 1.
    pub step: usize,
    /// Its title.
    pub title: String,
    /// The sentences of its goals: all of them are green.
    pub goals: Vec<String>,
    /// It was left out, and its goals are as they are.
    pub skipped: bool,
}

/// A mistake that was recognised, in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosed {
    /// The id of the known mistake, for programs.
    #[serde(default)]
    pub id: String,
    /// One line.
    pub title: String,
    /// Why it went wrong.
    pub cause: String,
    /// What to type.
    pub fix: Vec<String>,
}

/// Diagnoses that are shown at once: the surest, and what else it may be.
const DIAGNOSES: usize = 2;

impl Diagnosed {
    fn of(one: &Diagnosis) -> Self {
        Self { id: one.id.clone(), title: one.title.clone(), cause: one.cause.clone(), fix: one.fix.clone() }
    }
}

impl Session {
    /// The lab's state as a pane shows it, as far as the session knows.
    pub fn pane(&self) -> Pane {
        let step = self.step();
        let hints = step.map_or(&[][..], |step| step.hints.as_slice());
        Pane {
            lesson: self.lesson.title.clone(),
            progress: self.progress(),
            title: step.map(|step| step.title.clone()).unwrap_or_default(),
            text: step.map(|step| step.text.clone()).unwrap_or_default(),
            goals: self.goal_lines(),
            hints: hints.iter().take(self.record.hints).cloned().collect(),
            hints_in_all: hints.len(),
            play: self.play,
            proven: self.proven(),
            skipped: self.record.skipped.len(),
            diagnoses: self.explaining.stands.iter().take(DIAGNOSES).map(Diagnosed::of).collect(),
            ..Pane::default()
        }
    }
}
