//! Throws progress away, never the machine's state.

use clap::Args;

use super::{Exit, Failure, beside, start};
use crate::screen::Look;
use crate::session::{Note, Record, Show};
use crate::store::{Found, Store};

/// Begin a step or a whole lesson anew. The machine stays as it is (`practice reset` makes that anew).
#[derive(Debug, Args)]
pub(super) struct Reset {
    /// The lesson.
    #[arg(long, default_value = start::LESSON)]
    lesson: String,
    /// Go back to this step, by its id or number.
    #[arg(long, conflicts_with = "all")]
    step: Option<String>,
    /// The whole lesson.
    #[arg(long, required_unless_present = "step")]
    all: bool,
    /// On this practice machine. Unless named it is the usual one, where the lesson was not begun on this very host.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
}

impl Reset {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let mut words = vec!["reset", "--lesson", &self.lesson];
        words.extend(self.all.then_some("--all"));
        words.extend(self.step.iter().flat_map(|step| ["--step", step]));
        let (lesson, _) = start::lesson(&self.lesson, look)?;
        if let Some(exit) = beside::said_there(&lesson.id, self.machine.as_deref(), &words, look)? {
            return Ok(exit);
        }
        // A step's number is that of the lab, which counts none that this machine is too old for.
        let lesson = if self.step.is_some() { super::needs::met(lesson)? } else { lesson };
        let mut store = Store::of_learner(&lesson.id)?;
        store.claim()?;
        let found = store.open()?;
        if let Found::SetAside { path, why } = &found {
            let note = Note::RecordSetAside { path: path.display().to_string(), why: why.clone() };
            say!("{}", crate::screen::text(&Show::Note(note), look));
        }
        match self.step {
            None => store.forget()?,
            Some(wanted) => {
                let by_number = wanted.parse::<usize>().ok().and_then(|n| lesson.steps.get(n.checked_sub(1)?));
                let step =
                    by_number.or_else(|| lesson.steps.iter().find(|step| step.id == wanted)).ok_or_else(|| {
                        let ids: Vec<&str> = lesson.steps.iter().map(|step| step.id.as_str()).collect();
                        Failure::new(Exit::Usage, format!("the lesson has no step `{wanted}`"), ids.join(", "))
                    })?;
                let at = lesson.steps.iter().position(|other| other.id == step.id).unwrap_or(0);
                let mut record = match found {
                    Found::Record(record) => *record,
                    _ => Record { version: crate::session::VERSION, lesson: lesson.id.clone(), ..Record::default() },
                };
                for later in &lesson.steps[at..] {
                    record.done.remove(&later.id);
                    record.skipped.remove(&later.id);
                }
                (record.step, record.hints, record.step_began) = (Some(step.id.clone()), 0, 0);
                record.seen.clear();
                record.boot.clear();
                store.save(&record)?;
            }
        }
        say!("{}", crate::screen::text(&Show::Note(Note::Reset), look));
        Ok(Exit::Fine)
    }
}
