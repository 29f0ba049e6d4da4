//! Shows a lesson as its learners will see it, on a terminal or on paper.

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Exit, Failure};
use crate::lesson::{Lesson, Step};
use crate::manual::Manuals;
use crate::screen::{self, Look};
use crate::session::{GoalLine, GoalState, Progress, Show};

/// How a lesson will look: its steps as the lab shows them, with hints and solution.
#[derive(Debug, Args)]
pub(in crate::cli) struct Preview {
    /// The lesson: its folder, its file or its name.
    path: PathBuf,
    /// One step, by its number or id.
    #[arg(long)]
    step: Option<String>,
    /// So many columns wide; otherwise as wide as the terminal.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(20..=500))]
    width: Option<u16>,
    /// Write a page for printing and projecting instead: one file with everything in it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["step", "width"])]
    html: Option<PathBuf>,
}

impl Preview {
    pub(in crate::cli) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let (lesson, _) = super::find(&self.path, look)?;
        if let Some(file) = &self.html {
            let page = screen::print(&lesson)
                .map_err(|why| Failure::new(Exit::Failed, format!("no page: {why}"), "leave out --html"))?;
            std::fs::write(file, page).map_err(|error| {
                Failure::new(Exit::Machine, format!("{}: {error}", file.display()), "name a file that you may write")
            })?;
            sayln!("{} is written.", file.display());
            return Ok(Exit::Fine);
        }
        let look = Look { width: self.width.map_or(look.width, usize::from), ..*look };
        let only = self.step.as_deref().map(|wanted| number(&lesson, wanted)).transpose()?;
        let manuals = Manuals::default();
        if only.is_none() {
            let welcome = Show::Welcome { title: lesson.title.clone(), summary: lesson.summary.clone() };
            say!("{}", screen::text(&welcome, &look));
        }
        for (nth, step) in lesson.steps.iter().enumerate().filter(|(nth, _)| only.is_none_or(|only| only == *nth)) {
            for show in shows(&lesson, nth, step, &manuals) {
                say!("{}", screen::text(&show, &look));
            }
        }
        Ok(Exit::Fine)
    }
}

/// Everything that a learner can be shown of a step.
fn shows(lesson: &Lesson, nth: usize, step: &Step, manuals: &Manuals) -> Vec<Show> {
    let goal = |say: &String| GoalLine { say: say.clone(), state: GoalState::Open };
    let begin = Show::Step {
        progress: Progress { step: nth + 1, of: lesson.steps.len() },
        title: step.title.clone(),
        text: step.text.clone(),
        goals: step.goals.iter().map(|one| goal(&one.say)).collect(),
        manual: step.manual.iter().map(|entry| manuals.excerpt(entry)).collect(),
    };
    let of = step.hints.len();
    let hints = step.hints.iter().enumerate();
    let hints = hints.map(|(nth, text)| Show::Hint { number: nth + 1, of, text: text.clone() });
    let ways = step.solution.iter();
    let ways = ways.map(|way| Show::Solution { lines: way.lines.clone(), because: way.because.clone() });
    std::iter::once(begin).chain(hints).chain(ways).collect()
}

fn number(lesson: &Lesson, wanted: &str) -> Result<usize, Failure> {
    let by_number = wanted.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let by_number = by_number.filter(|nth| *nth < lesson.steps.len());
    by_number.or_else(|| lesson.steps.iter().position(|step| step.id == wanted)).ok_or_else(|| {
        let ids: Vec<&str> = lesson.steps.iter().map(|step| step.id.as_str()).collect();
        let way_out = format!("there are: {}", ids.join(", "));
        Failure::new(Exit::Usage, format!("the lesson has no step `{wanted}`"), way_out)
    })
}
