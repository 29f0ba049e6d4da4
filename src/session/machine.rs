//! The one state of a lab and how each event changes it.

use std::sync::Arc;

use checkers::{CommandFact, Context, Verdict};

use super::event::{Effect, Event, Moment, Notice};
use super::explaining::Explaining;
use super::judging::LOOKS;
use super::record::{Record, VERSION};
use super::settling::{self, Held};
use super::show::{GoalLine, GoalState, Note, Progress, Show, StepState};
use super::words::{self, Typed, Word};
use crate::lesson::{AccountRole, Lesson, Shelf, Step};

/// Commands of a step that are remembered, and how much of what each printed.
const COMMANDS: usize = 16;
const OUTPUT: usize = 16 * 1024;

/// A lesson being played by one learner.
#[derive(Debug)]
pub struct Session {
    pub(super) lesson: Arc<Lesson>,
    pub(super) record: Record,
    /// The current step; equal to the number of steps when the lesson is done.
    pub(super) step: usize,
    pub(super) goals: Vec<GoalState>,
    pub(super) commands: Vec<CommandFact>,
    pub(super) typed: Option<String>,
    /// It was typed in a nested shell: such a line is known only when it has ended.
    pub(super) typed_nested: bool,
    /// This step was done by something that was noticed, and the line of a nested shell that did it may be still to come.
    pub(super) owes: Option<usize>,
    pub(super) play: bool,
    pub(super) at: Moment,
    pub(super) looks: usize,
    /// The look that is under way was caused by a command, not by the clock.
    pub(super) after_command: bool,
    /// What is wrong with each goal, as far as the learner was told or the step began with it.
    pub(super) told: Vec<Option<String>>,
    /// Which goals about the shell in front nobody could look at the last time: it may have been gone that very moment.
    pub(super) missed: Vec<bool>,
    /// Since when those goals are so that have to stay so.
    pub(super) held: Vec<Held>,
    pub(super) look_asked: bool,
    /// How the lab learns of changes, a goal each; nothing is known of goals beyond these.
    pub(super) notices: Vec<Notice>,
    pub(super) predicted: bool,
    pub(super) explaining: Explaining,
    /// The step was done before and is here to be read again: it moves on by itself no more.
    pub(super) reread: bool,
    /// And that was said.
    pub(super) reread_said: bool,
    /// The id of the step that was done last, and what it was judged with: whoever proves a lesson asks for it.
    pub(super) judged_with: Option<(String, Context)>,
}

impl Session {
    /// Goes on with a record, or begins one.
    pub fn new(lesson: Arc<Lesson>, record: Option<Record>) -> Self {
        let mut record = record.unwrap_or_else(|| Record {
            version: VERSION,
            lesson: lesson.id.clone(),
            step: lesson.steps.first().map(|step| step.id.clone()),
            ..Record::default()
        });
        let values = lesson.parameters.iter().map(|parameter| (parameter.name.clone(), parameter.value.clone()));
        record.parameters = values.collect();
        let step = match &record.step {
            Some(id) => lesson.steps.iter().position(|step| &step.id == id).unwrap_or(0),
            None => lesson.steps.len(),
        };
        let goals = open_goals(&lesson, step);
        let reread = record.step.as_ref().is_some_and(|id| record.done.contains(id));
        Self {
            lesson,
            record,
            step,
            goals,
            commands: Vec::new(),
            typed: None,
            typed_nested: false,
            owes: None,
            play: false,
            at: Moment::default(),
            looks: LOOKS,
            after_command: false,
            told: Vec::new(),
            missed: Vec::new(),
            held: Vec::new(),
            look_asked: false,
            notices: Vec::new(),
            predicted: false,
            explaining: Explaining::default(),
            reread,
            reread_said: false,
            judged_with: None,
        }
    }

    /// The lesson.
    pub fn lesson(&self) -> &Arc<Lesson> {
        &self.lesson
    }

    /// What is to be kept.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The current step; none when the lesson is done.
    pub fn step(&self) -> Option<&Step> {
        self.lesson.steps.get(self.step)
    }

    /// Where in the lesson; none when it is done.
    pub fn progress(&self) -> Option<Progress> {
        self.step().map(|_| Progress { step: self.step + 1, of: self.lesson.steps.len() })
    }

    /// Whether things are tried unjudged.
    pub fn plays(&self) -> bool {
        self.play
    }

    /// The goals of the current step and how they stand.
    pub fn goal_lines(&self) -> Vec<GoalLine> {
        let goals = self.step().map(|step| step.goals.as_slice()).unwrap_or_default();
        goals
            .iter()
            .zip(&self.goals)
            .map(|(goal, state)| GoalLine { say: goal.say.clone(), state: state.clone() })
            .collect()
    }

    /// What one look judges of the current step. How long something stays so is told by several.
    pub fn wishes(&self) -> Vec<checkers::Check> {
        self.wished().cloned().collect()
    }

    /// The same, to look at.
    pub fn wished(&self) -> impl Iterator<Item = &checkers::Check> {
        self.wished_in_full().map(settling::at_once)
    }

    /// What is to be judged of the current step by whoever waits for it. Before the reboot that a step wants, what speaks for its
    /// outcome stands in for it.
    pub fn wished_in_full(&self) -> impl Iterator<Item = &checkers::Check> {
        let before = self.waits_for_reboot();
        let goals = self.step().map(|step| step.goals.as_slice()).unwrap_or_default();
        goals.iter().map(move |goal| goal.predicted_by.as_ref().filter(|_| before).unwrap_or(&goal.check))
    }

    /// What a judgement of the current step needs beside the machine.
    pub fn context(&self) -> Context {
        Context {
            step_began: self.record.step_began,
            commands: self.commands.clone(),
            remembered: self.record.remembered.clone(),
            front: None,
            patience: Default::default(),
            seal: self.lesson.seal.clone(),
        }
    }

    /// The id of the step that was done last, and what its goals were judged with beside the machine.
    pub fn judged_with(&self) -> Option<(&str, &Context)> {
        self.judged_with.as_ref().map(|(step, context)| (step.as_str(), context))
    }

    /// Takes in what happened; says what is to be done about it, in order.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Opened { at, fresh } => self.opened(at, fresh),
            Event::Surveyed(verdicts) => self.surveyed(&verdicts),
            Event::Line(line) => match words::read(&line) {
                Typed::ForBash => {
                    if !line.trim().is_empty() {
                        (self.typed, self.typed_nested, self.owes) = (Some(line.clone()), false, None);
                    }
                    vec![Effect::Run(line)]
                }
                Typed::Word(word) => self.word(word),
                Typed::NoSuch { word, nearest } => vec![note(Note::NoSuchWord { word, nearest })],
            },
            Event::Asked(word) => self.word(word),
            Event::Ended(command) => {
                let diagnose = self.ended(&command);
                self.remember_command(command);
                diagnose.into_iter().chain(self.due()).collect()
            }
            Event::NestedPrompt(commands) => {
                let owed = self.owed(&commands);
                let diagnose = self.ended_nested(&commands);
                for command in commands {
                    (self.typed, self.typed_nested) = (Some(command.line.clone()), true);
                    self.remember_command(command);
                }
                owed.into_iter().chain(diagnose).chain(self.due()).collect()
            }
            // A look that was under way when the play began.
            Event::Judged { asked: false, .. } if self.play => vec![],
            Event::Judged { step, verdicts, at, asked } => self.judged(&step, verdicts, at, asked),
            Event::Watched(notices) => self.watched(notices),
            Event::Stirred { step, verdicts, at } => self.stirred(&step, verdicts, at),
            Event::Diagnosed { command, found } => self.diagnosed(command, found),
            Event::DiagnosedAgain { command, found } => {
                self.explaining.looked_again(Some(&command), &found);
                vec![]
            }
            Event::DiagnosedSilent { step, why, found } => {
                // Whoever asked why wants an answer, even when the lesson is done.
                let late = self.step().map_or("", |current| current.id.as_str()) != step;
                if late { vec![] } else { self.diagnosed_silent(why, found) }
            }
            Event::LookAgain => {
                self.look_asked = false;
                self.after_command = false;
                if self.play || self.step().is_none() { vec![] } else { vec![Effect::Judge { asked: false }] }
            }
        }
    }

    fn opened(&mut self, at: Moment, fresh: bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        let rebooted = !self.record.boot.is_empty() && self.record.boot != at.boot;
        if self.record.step_began == 0 {
            self.record.step_began = at.now;
            self.record.boot = at.boot.clone();
        }
        self.at = at;
        // a machine that has just booted may still be bringing up what is looked for
        self.looks = 0;
        if fresh {
            effects.push(Effect::Show(Show::Welcome {
                title: self.lesson.title.clone(),
                summary: self.lesson.summary.clone(),
            }));
        } else {
            if rebooted {
                effects.push(note(Note::Rebooted));
            }
            effects.push(match self.progress() {
                Some(progress) => note(Note::Resumed { step: progress.step }),
                None => self.lesson_done(),
            });
        }
        if self.step().is_some() {
            effects.push(Effect::ShowStep);
        }
        effects.extend([Effect::Save, Effect::Survey]);
        effects
    }

    /// Compares the machine with the record by the goals that are to last.
    fn surveyed(&mut self, verdicts: &[Vec<Verdict>]) -> Vec<Effect> {
        let lasting = |step: usize| {
            let goals = &self.lesson.steps[step].goals;
            goals.iter().zip(verdicts.get(step).into_iter().flatten()).filter(|(goal, _)| goal.lasting)
        };
        let passed = self.step.min(self.lesson.steps.len());
        for step in (0..passed).filter(|step| self.record.done.contains(&self.lesson.steps[*step].id)) {
            if let Some((goal, _)) = lasting(step).find(|(_, verdict)| verdict.is_fail()) {
                let (goal, title) = (goal.say.clone(), self.lesson.steps[step].title.clone());
                return vec![note(Note::MachineBehind { step: step + 1, title, goal })];
            }
        }
        let mut ahead = None;
        for step in 0..self.lesson.steps.len() {
            if !lasting(step).all(|(_, verdict)| verdict.is_pass()) {
                break;
            }
            if lasting(step).next().is_some() {
                ahead = Some(step + 1);
            }
        }
        match ahead {
            Some(step) if step > self.step && step < self.lesson.steps.len() => {
                vec![note(Note::MachineAhead { step: step + 1, title: self.lesson.steps[step].title.clone() })]
            }
            _ if self.step().is_some() => vec![Effect::Judge { asked: false }],
            _ => vec![],
        }
    }

    fn word(&mut self, word: Word) -> Vec<Effect> {
        match word {
            Word::Help => vec![Effect::Show(Show::Help(words::help()))],
            Word::Status => vec![Effect::Show(self.status())],
            Word::Where => vec![Effect::ShowWhere],
            Word::Login(account) => match account.or_else(|| self.own_account()) {
                Some(account) => vec![Effect::LogIn(account)],
                None => vec![note(Note::LoginAsWhom)],
            },
            Word::Quit => {
                let step = self.progress().map(|progress| progress.step);
                vec![Effect::Save, note(Note::Bye { step }), Effect::Leave]
            }
            Word::Reset { all: true } => {
                let (lesson, at) = (Arc::clone(&self.lesson), self.at.clone());
                *self = Self::new(lesson, None);
                self.begin(0, at);
                vec![note(Note::Reset), Effect::Save, Effect::ShowStep, Effect::Judge { asked: false }]
            }
            Word::Step(Some(number)) if (1..=self.lesson.steps.len()).contains(&number) => self.read_again(number - 1),
            Word::Back if self.step == 0 => vec![note(Note::NoStepBack)],
            Word::Back => self.read_again(self.step - 1),
            Word::Man(words) if !words.is_empty() => vec![Effect::ShowManual(words)],
            Word::Step(Some(number)) => vec![note(Note::NoSuchStep { number, of: self.lesson.steps.len() })],
            _ if self.step().is_none() => vec![self.lesson_done()],
            Word::Step(None) => vec![Effect::ShowStep],
            Word::Check => vec![Effect::Judge { asked: true }],
            Word::Hint => {
                let mut effects = self.hint();
                effects.extend(self.silent_look(true));
                effects
            }
            Word::Solution => vec![Effect::ShowSolution { step: self.step }],
            Word::Man(_) if self.step().is_some_and(|step| step.manual.is_empty()) => vec![note(Note::NoManual)],
            Word::Man(words) => vec![Effect::ShowManual(words)],
            Word::Why => self.why(),
            Word::Diff => match &self.typed {
                Some(typed) => vec![Effect::ShowDifference(typed.clone())],
                None => vec![note(Note::NothingTyped)],
            },
            Word::Play => {
                self.play = !self.play;
                if self.play {
                    vec![note(Note::PlayBegun)]
                } else {
                    vec![note(Note::PlayOver), Effect::Judge { asked: false }]
                }
            }
            Word::Skip => {
                let step = &self.lesson.steps[self.step];
                self.record.skipped.insert(step.id.clone());
                let said = note(Note::Skipped { title: step.title.clone() });
                self.go_to(self.step + 1, vec![said, Effect::ShowSolution { step: self.step }])
            }
            Word::Reset { all: false } => self.go_to(self.step, vec![note(Note::StepAnew)]),
        }
    }

    /// The account that the learner makes in this lesson.
    fn own_account(&self) -> Option<String> {
        let mut accounts = self.lesson.accounts.iter();
        accounts.find(|account| account.role == AccountRole::Created).map(|account| account.name.clone())
    }

    fn hint(&mut self) -> Vec<Effect> {
        let hints = &self.lesson.steps[self.step].hints;
        let Some(text) = hints.get(self.record.hints) else { return vec![note(Note::NoMoreHints)] };
        self.record.hints += 1;
        let hint = Show::Hint { number: self.record.hints, of: hints.len(), text: text.clone() };
        vec![Effect::Show(hint), Effect::Save]
    }

    pub(super) fn go_to(&mut self, step: usize, mut effects: Vec<Effect>) -> Vec<Effect> {
        self.begin(step, self.at.clone());
        effects.push(Effect::Save);
        if self.step().is_some() {
            effects.extend([Effect::ShowStep, Effect::Judge { asked: false }]);
        } else {
            effects.push(self.lesson_done());
        }
        effects
    }

    /// Goes where the learner wants. A step that was done is there to be read: it does not move on.
    fn read_again(&mut self, step: usize) -> Vec<Effect> {
        let effects = self.go_to(step, Vec::new());
        self.reread = self.step().is_some_and(|step| self.record.done.contains(&step.id));
        effects
    }

    /// What is said in place of moving on; once, however often it is looked at.
    pub(super) fn stays(&mut self) -> Option<Note> {
        let said = std::mem::replace(&mut self.reread_said, true);
        let passed = |step: &Step| self.record.done.contains(&step.id) || self.record.skipped.contains(&step.id);
        let open = self.lesson.steps.iter().position(|step| !passed(step)).map(|step| step + 1);
        (!said).then_some(Note::DoneBefore { open })
    }

    pub(super) fn begin(&mut self, step: usize, at: Moment) {
        self.step = step;
        self.goals = open_goals(&self.lesson, step);
        self.told.clear();
        self.missed.clear();
        self.held.clear();
        (self.reread, self.reread_said) = (false, false);
        self.notices.clear();
        self.explaining = Explaining::default();
        self.commands.clear();
        self.typed = None;
        self.predicted = false;
        self.looks = 0;
        self.record.step = self.step().map(|step| step.id.clone());
        self.record.seen.clear();
        self.record.hints = 0;
        self.record.step_began = at.now;
        self.record.boot.clone_from(&at.boot);
        self.at = at;
    }

    fn remember_command(&mut self, mut command: CommandFact) {
        if command.line.trim().is_empty() {
            return;
        }
        if command.output.len() > OUTPUT {
            let mut from = command.output.len() - OUTPUT;
            while !command.output.is_char_boundary(from) {
                from += 1;
            }
            command.output.drain(..from);
        }
        if self.commands.len() == COMMANDS {
            self.commands.remove(0);
        }
        self.commands.push(command);
    }

    /// What is due after a command: a look, unless nobody waits for one.
    fn due(&mut self) -> Vec<Effect> {
        if self.play || self.step().is_none() {
            return vec![];
        }
        self.after_command = true;
        self.looks = 0;
        self.held.iter_mut().for_each(Held::command);
        vec![Effect::Judge { asked: false }]
    }

    fn owed(&mut self, commands: &[CommandFact]) -> Option<Effect> {
        let line = commands.first()?.line.clone();
        Some(Effect::ShowOtherWay { step: self.owes.take()?, typed: line })
    }

    pub(super) fn done(&mut self) -> Vec<Effect> {
        let id = self.lesson.steps[self.step].id.clone();
        self.record.proven |= self.lesson.steps[self.step].reboot;
        self.record.skipped.remove(&id);
        self.judged_with = Some((id.clone(), self.context()));
        self.record.done.insert(id);
        // The watch is faster than a nested prompt: the line that did it may still be under way, and the one before it did nothing.
        let typed = self.typed.take().filter(|_| self.after_command || !self.typed_nested);
        self.owes = (!self.after_command).then_some(self.step);
        let said = Effect::ShowDone { step: self.step, typed };
        self.go_to(self.step + 1, vec![said])
    }

    /// Whether a real reboot has shown that it lasts; none where the lesson has no step that wants one.
    pub(super) fn proven(&self) -> Option<bool> {
        self.lesson.steps.iter().any(|step| step.reboot).then_some(self.record.proven)
    }

    fn lesson_done(&self) -> Effect {
        Effect::Show(Show::LessonDone {
            title: self.lesson.title.clone(),
            proven: self.proven(),
            skipped: self.record.skipped.len(),
            others: Shelf::default().names().into_iter().filter(|name| *name != self.lesson.id).collect(),
        })
    }

    fn status(&self) -> Show {
        let steps = self.lesson.steps.iter().enumerate().map(|(number, step)| {
            let state = if number == self.step {
                StepState::Current
            } else if self.record.done.contains(&step.id) {
                StepState::Done
            } else if self.record.skipped.contains(&step.id) {
                StepState::Skipped
            } else {
                StepState::Ahead
            };
            (step.title.clone(), state)
        });
        let blind = self.goals.iter().filter_map(|state| match state {
            GoalState::Judged(Verdict::Unknown { why, .. }) => Some(why.clone()),
            _ => None,
        });
        let mut polled: Vec<String> = self.notices.iter().filter_map(Notice::lost).map(str::to_owned).collect();
        polled.sort();
        polled.dedup();
        Show::Status { title: self.lesson.title.clone(), steps: steps.collect(), blind: blind.collect(), polled }
    }
}

fn open_goals(lesson: &Lesson, step: usize) -> Vec<GoalState> {
    let goals = lesson.steps.get(step).map_or(0, |step| step.goals.len());
    vec![GoalState::Open; goals]
}

pub(super) fn note(note: Note) -> Effect {
    Effect::Show(Show::Note(note))
}
