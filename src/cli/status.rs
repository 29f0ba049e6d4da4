//! Where the learner is, from the open lab or from the record.

use clap::Args;
use serde_json::json;

use super::{Exit, Failure, ask, beside, start};
use crate::screen::Look;
use crate::session::{Event, Moment, Session, Word};
use crate::store::Store;

/// Where you are in a lesson.
#[derive(Debug, Args)]
pub(super) struct Status {
    /// The lesson.
    #[arg(long, default_value = start::LESSON)]
    lesson: String,
    /// As JSON: lesson, step, number, of, done, skipped, proven.
    #[arg(long)]
    json: bool,
    /// On this practice machine. Unless named it is the usual one, where the lesson was not begun on this very host.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
}

impl Status {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        if !self.json
            && let Ok(exit) = ask::answer(":status", look)
        {
            return Ok(exit);
        }
        let mut words = vec!["status", "--lesson", &self.lesson];
        words.extend(self.json.then_some("--json"));
        let (lesson, _) = start::lesson(&self.lesson, look)?;
        if let Some(exit) = beside::said_there(&lesson.id, self.machine.as_deref(), &words, look)? {
            return Ok(exit);
        }
        let lesson = super::needs::met(lesson)?;
        let store = Store::of_learner(&lesson.id)?;
        let record = store.look().map_err(|why| {
            Failure::new(
                Exit::Machine,
                format!("the record cannot be read: {why}"),
                "`rootless-lab start` sets it aside and begins anew",
            )
        })?;
        let mut session = Session::new(lesson.into(), record);
        if self.json {
            let (record, progress) = (session.record(), session.progress());
            let status = json!({
                "version": 1, "lesson": record.lesson, "step": record.step, "number": progress.map(|p| p.step),
                "of": session.lesson().steps.len(), "done": record.done, "skipped": record.skipped, "proven": record.proven,
            });
            sayln!("{status:#}");
            return Ok(Exit::Fine);
        }
        session.handle(Event::Opened { at: Moment::default(), fresh: false });
        for effect in session.handle(Event::Asked(Word::Status)) {
            if let crate::session::Effect::Show(show) = effect {
                say!("{}", crate::screen::text(&show, look));
            }
        }
        Ok(Exit::Fine)
    }
}
