//! What the session makes of mistakes: when a command's failing is explained, what is said once and no more, and what waits for the goals.

use std::collections::{BTreeMap, BTreeSet};

use checkers::facts::command_line;
use checkers::{Check, CommandFact};

use super::complaint::complains;
use super::event::Effect;
use super::machine::Session;
use super::show::{Explained, GoalState, Show};
use crate::mistakes::{Confidence, Diagnosis, Subjects};

/// Programs whose status is an answer and no failing.
const ANSWERS: &[&str] = &[
    "[",
    "[[",
    "cmp",
    "diff",
    "egrep",
    "expr",
    "false",
    "fgrep",
    "getent",
    "grep",
    "let",
    "pgrep",
    "rootless-lab",
    "test",
    "type",
    "which",
];
/// Words of systemctl whose status is one.
const UNIT_ANSWERS: &[&str] = &["is-active", "is-enabled", "is-failed", "is-system-running", "status"];

/// Why it is asked whether a silent mistake was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silent {
    /// The step begins: what is so now is not a mistake of this step.
    Before,
    /// A command succeeded, and goals are still red.
    After,
    /// The learner asked how things stand, or for a hint.
    Asked,
    /// The learner asked why.
    Why,
    /// One that was told may be mended.
    Again,
}

/// What the session knows of the learner's mistakes in this step.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    /// What was known of the last command that went wrong.
    pub(super) last: Vec<Diagnosis>,
    /// The last command that went wrong for a reason that nobody knows.
    pub(super) unknown: Option<CommandFact>,
    /// It is not said yet: the goals may have wanted just that.
    waits: bool,
    /// Entries that were told in this step.
    told: BTreeSet<String>,
    /// Silent mistakes that were there when the step began; none before anybody looked.
    before: Option<BTreeSet<String>>,
    /// What may be work under way, each with how many commands had ended when it was first found so.
    half_done: BTreeMap<String, usize>,
    /// How many commands have ended in this step.
    ended: usize,
    /// A command succeeded since silent mistakes were looked for.
    pub(super) due: bool,
    /// What of that is true still, as far as anybody looked: what whoever watches is shown.
    pub(super) stands: Vec<Diagnosis>,
    /// The command that it was; none for a silent mistake.
    of: Option<CommandFact>,
    /// Commands ended in a nested shell since the last one of the lab's own: what it printed is theirs.
    pub(super) nested: bool,
}

impl Explaining {
    fn stand(&mut self, found: Vec<Diagnosis>, of: Option<CommandFact>) {
        (self.stands, self.of) = (found, of);
    }

    /// What was found of a mistake now: whatever of it is no more is taken away. For the command that it was, or for silent ones.
    pub(super) fn looked_again(&mut self, command: Option<&CommandFact>, found: &[Diagnosis]) {
        if self.of.as_ref() == command {
            self.stands.retain(|one| found.iter().any(|other| other.id == one.id));
        }
    }

    /// A command went well: the one that went wrong is mended where it did the same, and else it is to be looked at again.
    fn went_well(&mut self, command: &CommandFact) -> Option<Effect> {
        if self.stands.is_empty() {
            return None;
        }
        let failed = self.of.as_ref()?;
        if deed(&failed.line).is_some_and(|failed| deed(&command.line) == Some(failed)) {
            self.stands.clear();
            return None;
        }
        Some(Effect::DiagnoseAgain(failed.clone()))
    }
}

impl Session {
    /// A goal turned: what was wrong may be so no more.
    pub(super) fn mistake_again(&self) -> Option<Effect> {
        let stands = !self.explaining.stands.is_empty() && self.step().is_some();
        stands.then(|| match &self.explaining.of {
            Some(command) => Effect::DiagnoseAgain(command.clone()),
            None => Effect::DiagnoseSilent(Silent::Again),
        })
    }

    /// A command of the lab's own shell ended: what is to be found out about it.
    pub(super) fn ended(&mut self, command: &CommandFact) -> Option<Effect> {
        let nested = std::mem::take(&mut self.explaining.nested);
        self.explaining.ended += 1;
        match command.status {
            _ if self.play => None,
            Some(0) => {
                self.explaining.due = true;
                self.explaining.went_well(command)
            }
            // The learner ended it (^C, ^\), or it was stopped (^Z) and goes on later.
            Some(130 | 131 | 147..=150) | None => None,
            Some(_) if nested || command.output.trim().is_empty() || is_answer(command) => None,
            Some(_) => Some(Effect::Diagnose(command.clone())),
        }
    }

    /// The same for the last command of a nested shell, whose status nobody sees.
    pub(super) fn ended_nested(&mut self, commands: &[CommandFact]) -> Option<Effect> {
        self.explaining.nested = true;
        self.explaining.ended += commands.len();
        self.explaining.due = !self.play;
        let last = commands.last().filter(|_| !self.play)?;
        // What it printed may be a message: whether it went well is known when that is looked at.
        if last.output.trim().is_empty() || is_answer(last) {
            return self.explaining.went_well(last);
        }
        Some(Effect::Diagnose(CommandFact { status: None, ..last.clone() }))
    }

    /// What came of it.
    pub(super) fn diagnosed(&mut self, command: CommandFact, found: Vec<Diagnosis>) -> Vec<Effect> {
        let Some(first) = found.first() else {
            // Without a status only what it said tells, and that is told once.
            if command.status.is_none() && !complains(&command) {
                return self.explaining.went_well(&command).into_iter().collect();
            }
            if command.status.is_none() && !self.explaining.told.insert(complaint(&command)) {
                return vec![];
            }
            self.explaining.last.clear();
            self.explaining.unknown = Some(command);
            self.explaining.waits = true;
            // Nobody judges goals then, so nothing is waited for.
            return if self.step().is_none() { self.unexplained(false).into_iter().collect() } else { vec![] };
        };
        // In a nested shell a message alone need not be a failing.
        if command.status.is_none() && first.confidence == Confidence::Possible && !complains(&command) {
            return self.explaining.went_well(&command).into_iter().collect();
        }
        self.explaining.due = false;
        self.explaining.unknown = None;
        let again = !self.explaining.told.insert(first.id.clone());
        let show = if again { Show::SameMistake { title: first.title.clone() } } else { told(found.clone(), false) };
        self.explaining.stand(found.clone(), Some(command));
        self.explaining.last = found;
        vec![Effect::Show(show)]
    }

    /// Silent mistakes were looked for.
    pub(super) fn diagnosed_silent(&mut self, why: Silent, found: Vec<Diagnosis>) -> Vec<Effect> {
        let ids: BTreeSet<String> = found.iter().map(|one| one.id.clone()).collect();
        let Some(before) = &self.explaining.before else {
            self.explaining.before = Some(ids);
            return if why == Silent::Why { self.why_with_silent(found) } else { vec![] };
        };
        let before = before.clone();
        self.explaining.looked_again(None, &found);
        match why {
            Silent::Before | Silent::Again => vec![],
            Silent::Why => self.why_with_silent(found),
            Silent::After | Silent::Asked => {
                let asked = why == Silent::Asked;
                let ended = self.explaining.ended;
                self.explaining.half_done.retain(|id, _| ids.contains(id));
                for one in found.iter().filter(|one| one.half_done) {
                    self.explaining.half_done.entry(one.id.clone()).or_insert(ended);
                }
                let under_way = |one: &Diagnosis| self.explaining.half_done.get(&one.id) == Some(&ended);
                let tells = |one: &Diagnosis| !self.explaining.told.contains(&one.id) && !under_way(one);
                let new = |one: &Diagnosis| !before.contains(&one.id) && (asked || tells(one));
                let Some(first) = found.into_iter().find(new) else { return vec![] };
                self.explaining.told.insert(first.id.clone());
                self.explaining.last = vec![first.clone()];
                self.explaining.stand(vec![first.clone()], None);
                vec![Effect::Show(told(vec![first], false))]
            }
        }
    }

    /// The goals, and then all that is known: the way out stands last, right above the prompt.
    pub(super) fn why(&mut self) -> Vec<Effect> {
        if !self.explaining.last.is_empty() {
            return match &self.explaining.of {
                Some(_) => self.why_with(self.explaining.last.clone()),
                // Facts alone speak for a silent one, and they may be others by now.
                None => vec![Effect::DiagnoseSilent(Silent::Why)],
            };
        }
        match &self.explaining.unknown {
            Some(command) => {
                let unknown = Effect::ShowUnexplained { command: command.clone(), in_full: true };
                vec![self.goals_in_full(), unknown]
            }
            None => vec![Effect::DiagnoseSilent(Silent::Why)],
        }
    }

    fn why_with_silent(&mut self, found: Vec<Diagnosis>) -> Vec<Effect> {
        if !found.is_empty() {
            self.explaining.stand(found.clone(), None);
        }
        self.why_with(found)
    }

    fn why_with(&self, found: Vec<Diagnosis>) -> Vec<Effect> {
        let told = (!found.is_empty()).then(|| Effect::Show(told(found, true)));
        [self.goals_in_full()].into_iter().chain(told).collect()
    }

    fn goals_in_full(&self) -> Effect {
        Effect::Show(Show::Why { goals: self.goal_lines(), in_full: true })
    }

    /// What nobody knows a reason for, once the goals are judged: nothing where one of them wanted it.
    pub(super) fn unexplained(&mut self, wanted: bool) -> Option<Effect> {
        if !std::mem::take(&mut self.explaining.waits) {
            return None;
        }
        if wanted {
            self.explaining.unknown = None;
        }
        let command = self.explaining.unknown.clone()?;
        Some(Effect::ShowUnexplained { command, in_full: false })
    }

    /// The look for silent mistakes that is due after a command, where goals are still red.
    pub(super) fn silent_look(&mut self, asked: bool) -> Option<Effect> {
        let due = std::mem::take(&mut self.explaining.due);
        // Without somebody whose containers they are there is nothing to look at.
        if !self.lesson.accounts.iter().any(|one| one.role == crate::lesson::AccountRole::Created) {
            return None;
        }
        match (asked, due, &self.explaining.before) {
            (true, ..) => Some(Effect::DiagnoseSilent(Silent::Asked)),
            (_, _, None) => Some(Effect::DiagnoseSilent(Silent::Before)),
            (_, true, _) => Some(Effect::DiagnoseSilent(Silent::After)),
            _ => None,
        }
    }

    /// The names for which silent mistakes are tried: those of the goals so far.
    pub fn subjects(&self) -> Subjects {
        use crate::lesson::AccountRole::{Administrator, Created};
        let of = |role| self.lesson.accounts.iter().filter(move |one| one.role == role).map(|one| one.name.clone());
        let mut subjects =
            Subjects { accounts: of(Created).collect(), admin: of(Administrator).next(), ..Subjects::default() };
        let steps = self.lesson.steps.iter().take(self.step + 1);
        for goal in steps.flat_map(|step| &step.goals) {
            goal.check.singles().into_iter().for_each(|single| names(single, &mut subjects));
        }
        subjects
    }
}

/// What a line does: the program that ended it, and the first of its words that is no option.
fn deed(line: &str) -> Option<(String, Option<String>)> {
    let last = command_line::read(line).pop()?;
    let mut words = last.words.into_iter();
    let program = words.next()?;
    Some((program, words.find(|word| !word.starts_with('-'))))
}

/// A complaint among the entries that were told: a space is in no id.
fn complaint(command: &CommandFact) -> String {
    format!("{} {}", command.line, command.output)
}

fn told(diagnoses: Vec<Diagnosis>, in_full: bool) -> Show {
    Show::Diagnosis(Explained { diagnoses, manual: None, in_full })
}

/// A goal about a command is green now.
pub(super) fn wanted_it(check: &Check, now: &GoalState) -> bool {
    matches!(now, GoalState::Judged(verdict) if verdict.is_pass()) && speaks_of_command(check)
}

/// What was typed is part of it.
pub(super) fn speaks_of_command(check: &Check) -> bool {
    check.singles().iter().any(|single| matches!(single, Check::Command(_)))
}

/// The command's status answers a question: no failing. systemctl that found nobody to ask, or no such unit, answered nothing.
fn is_answer(command: &CommandFact) -> bool {
    let commands = command_line::read(&command.line);
    let Some(last) = commands.last() else { return true };
    let program = last.words.first().map_or("", |word| word.rsplit('/').next().unwrap_or(word));
    let asks_of_unit = || {
        program == "systemctl"
            && last.words.iter().any(|word| UNIT_ANSWERS.contains(&word.as_str()))
            && !command.output.lines().any(is_no_answer)
    };
    ANSWERS.contains(&program) || asks_of_unit()
}

fn is_no_answer(line: &str) -> bool {
    line.starts_with("Failed to ") || line.starts_with("Unit ") && line.trim_end().ends_with("could not be found.")
}

fn names(check: &Check, subjects: &mut Subjects) {
    let add = |list: &mut Vec<String>, name: &str| {
        if !name.is_empty() && !list.iter().any(|known| known == name) {
            list.push(name.to_owned());
        }
    };
    match check {
        Check::Unit(unit) if unit.user.is_some() && unit.name.ends_with(".service") => {
            add(&mut subjects.units, &unit.name)
        }
        Check::UnitFile(file) => {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            if name.ends_with(".service") {
                add(&mut subjects.units, name);
            }
        }
        Check::Container(container) => {
            add(&mut subjects.containers, &container.name);
            subjects.units.extend(
                container.unit.iter().filter(|unit| !subjects.units.contains(unit)).cloned().collect::<Vec<_>>(),
            );
        }
        Check::Image(image) => add(&mut subjects.images, &image.name),
        _ => {}
    }
}
