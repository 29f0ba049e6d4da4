//! Has mistakes found out: asks the catalogue, has the facts judged, weighs them. The lab decides when, the session what is said.

use checkers::{CommandFact, Context, Verdict};

use super::lab::{Lab, Question};
use super::setting::setting;
use crate::manual::{Excerpt, Manuals};
use crate::mistakes::{Catalogue, Diagnosis, Setting, Suspect, Told, diagnose};
use crate::session::{Event, Explained, Show, Silent, Unexplained, sudo_refused};

impl Lab {
    /// Which known mistake a command was. Nothing is judged where no message fits.
    pub(super) fn diagnosis(&self, command: CommandFact) -> Event {
        let found = self.known(&command);
        Event::Diagnosed { command, found }
    }

    /// What the catalogue and the facts say of a command now.
    pub(super) fn known(&self, command: &CommandFact) -> Vec<Diagnosis> {
        let told = Told { line: Some(&command.line), status: command.status, output: command.output.as_bytes() };
        let catalogue = Catalogue::builtin();
        // The names of the machine are read for a message that fits, and not before.
        if catalogue.suspects(&told, &Setting::default()).is_empty() {
            return Vec::new();
        }
        let suspects = catalogue.suspects(&told, &self.setting(command.account.as_deref()));
        weighed(&suspects, self.question(facts(&suspects)).verdicts())
    }

    /// What would have to be judged to find silent mistakes, and of which step; none when the lesson is done.
    pub(super) fn silent_question(&self) -> Option<(String, Vec<Suspect>, Question)> {
        let step = self.session().step()?.id.clone();
        let account = self.session().subjects().accounts.first().cloned();
        let mut suspects = Catalogue::builtin().silent(&self.setting(account.as_deref()));
        // A step may want just that for a while: a service that was started and is not enabled yet.
        suspects.retain(|suspect| !self.session().wants(suspect.confirming()));
        // And what a later step has the learner do is not missing yet.
        let coming = self.session().coming();
        suspects.retain(|suspect| !coming.holds(suspect.confirming()));
        let question = self.question(facts(&suspects));
        Some((step, suspects, question))
    }

    /// The silent mistakes, for somebody who waits.
    pub(super) fn silent(&self, why: Silent) -> Event {
        match self.silent_question() {
            Some((step, suspects, question)) => silent_found(step, why, &suspects, &question),
            None => Event::DiagnosedSilent { step: String::new(), why, found: Vec::new() },
        }
    }

    fn setting(&self, account: Option<&str>) -> Setting {
        let mut setting = setting(account);
        setting.subjects = self.session().subjects();
        setting.units.extend(setting.subjects.units.clone());
        setting
    }

    fn question(&self, wishes: Vec<checkers::Check>) -> Question {
        Question { sight: self.eyes(), wishes, context: Context::default() }
    }
}

/// Looks for silent mistakes; nobody may hold the lab meanwhile.
pub(super) fn silent_found(step: String, why: Silent, suspects: &[Suspect], question: &Question) -> Event {
    Event::DiagnosedSilent { step, why, found: weighed(suspects, question.verdicts()) }
}

fn facts(suspects: &[Suspect]) -> Vec<checkers::Check> {
    suspects.iter().flat_map(Suspect::facts).collect()
}

/// Weighs suspects by the verdicts of all their facts, one after the other.
pub fn weighed(suspects: &[Suspect], verdicts: Vec<Verdict>) -> Vec<Diagnosis> {
    let mut verdicts = verdicts.into_iter();
    let verdicts: Vec<Vec<Verdict>> =
        suspects.iter().map(|suspect| verdicts.by_ref().take(suspect.facts().len()).collect()).collect();
    diagnose(suspects, &verdicts)
}

/// The picture with the manual's words, where all is to be told.
pub(super) fn with_manual(explained: Explained, manuals: &Manuals) -> Show {
    let entry = explained.diagnoses.first().and_then(|first| first.manual.as_ref()).filter(|_| explained.in_full);
    let manual = entry.map(|entry| manuals.excerpt(entry));
    Show::Diagnosis(Explained { manual, ..explained })
}

/// What the manual says of a command that failed and that no entry knows.
pub(super) fn unexplained(command: &CommandFact, in_full: bool, manuals: &Manuals) -> Show {
    let commands = checkers::facts::command_line::read(&command.line);
    let words: Vec<&str> = commands.last().map_or(Vec::new(), |last| last.words.iter().map(String::as_str).collect());
    let program = words.first().map_or_else(String::new, |word| (*word).to_owned());
    let sudo_refused = sudo_refused(command);
    let words = if sudo_refused { vec!["sudo"] } else { words };
    let manual: Option<Excerpt> = manuals.on_status(&words, command.status.filter(|_| !in_full));
    Show::Unexplained(Unexplained { program, status: command.status, sudo_refused, manual, in_full })
}
