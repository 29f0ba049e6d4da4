//! A lab without its terminal: takes an event, does what the session wants done, gives back text. Shared by the prompt, the desk and the clock.

use std::collections::{BTreeSet, VecDeque};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use checkers::time::Span;
use checkers::{Check, Context, Verdict};

use crate::bash::Front;
use crate::lesson::{AccountRole, Goal, Step, Way};
use crate::manual::Manuals;
use crate::screen::{self, Look};
use crate::session::{self, Badge, Effect, Event, Moment, Note, OtherWay, PromptFacts, Session, Show, Silent};
use crate::store::Store;

use super::diagnosis;
use super::login;
use super::pane::{Board, Memory};
use super::sight::{Blind, Sight, badge};
use super::stir::Listening;

/// How long a look that the learner asked for may wait.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// Everything of a lab but its terminal and its bash.
pub struct Lab {
    session: Session,
    store: Option<Store>,
    /// Apart from the lab, so that a look that takes its time keeps nobody else waiting.
    sight: Arc<Mutex<Sight>>,
    /// A look apart is asked for and has not begun.
    awaited: bool,
    manuals: Manuals,
    front: Option<Front>,
    /// How many looks are under way that wait for the goals: meanwhile nothing else is looked at while the lab is held.
    patient: usize,
    /// The process that asks at the desk, while it is answered.
    asker: Option<i32>,
    /// The lab has a shell whose commands it sees.
    shell: bool,
    memory: Memory,
    board: Board,
    badge: Badge,
    cannot_save: bool,
    /// How many answers about the current step were taken in. Who asks with the lab let go sees by it whether another was faster.
    pub(super) answers: u64,
    /// What is listened to for the current step.
    pub(super) listening: Listening,
    /// News that found no prompt to be printed above; said before the next one.
    pub(super) missed: String,
}

/// What came of an event.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What to show.
    pub text: String,
    /// A line for bash.
    pub run: Option<String>,
    /// The lab is to end.
    pub leave: bool,
    /// Look again after this many milliseconds.
    pub look_again: Option<u64>,
    /// The whole lesson is to be compared with the machine.
    pub survey: bool,
    /// Silent mistakes are to be looked for apart.
    pub silent: Option<Silent>,
    /// The current step is to be judged apart: somebody's program has to run for it, and may take its time.
    pub judge: bool,
    /// The current step wants other things watched.
    pub watch: bool,
}

/// What is asked of the machine while the lab itself goes on.
pub(super) struct Question {
    pub(super) sight: Arc<Mutex<Sight>>,
    pub(super) wishes: Vec<Check>,
    pub(super) context: Context,
}

impl Question {
    /// Looks. Nobody may hold the lab meanwhile, or everybody waits.
    pub(super) fn verdicts(&self) -> Vec<Verdict> {
        self.sight.lock().unwrap_or_else(PoisonError::into_inner).judge(&self.wishes, &self.context)
    }
}

impl Lab {
    /// A lab over a session; without a store nothing is kept.
    pub fn new(session: Session, store: Option<Store>, manuals: Manuals) -> Self {
        Self {
            session,
            store,
            sight: Arc::default(),
            awaited: false,
            manuals,
            front: None,
            patient: 0,
            asker: None,
            shell: true,
            memory: Memory::default(),
            board: Board::default(),
            badge: Badge::Unknown,
            cannot_save: false,
            answers: 0,
            listening: Listening::default(),
            missed: String::new(),
        }
    }

    fn sight(&self) -> MutexGuard<'_, Sight> {
        self.sight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A lab whose learner works in terminals of other programs: what is typed is not seen.
    #[must_use]
    pub fn without_shell(self) -> Self {
        Self { shell: false, ..self }
    }

    /// Where its watchers find its state.
    pub(super) fn board(&self) -> Board {
        self.board.clone()
    }

    /// The session, to look at.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What the step that was done last was judged with, at this lab's terminal.
    pub(super) fn judged_with(&self) -> Option<(String, Context)> {
        let (step, context) = self.session.judged_with()?;
        let front = self.front.as_ref().and_then(Front::leader);
        Some((step.to_owned(), Context { front, ..context.clone() }))
    }

    /// From now on a terminal is held, whose foreground can be asked.
    pub fn hold(&mut self, front: Front) {
        self.front = Some(front);
    }

    /// A lab that looks with these eyes.
    #[must_use]
    pub(super) fn with_eyes(self, sight: Arc<Mutex<Sight>>) -> Self {
        Self { sight, ..self }
    }

    /// Finds out what the lab's own shell really is, by its process id.
    pub fn look_at_shell(&mut self, shell: i32) {
        let front = self.sight().front(shell);
        self.badge = badge(front.as_ref());
    }

    /// Whose shell is in front in the lab's terminal, where that can be told.
    pub fn front_account(&mut self) -> Option<String> {
        let leader = self.front.as_ref()?.leader()?;
        self.sight().front(leader).map(|front| front.account)
    }

    /// Before a look that the learner asked for: sudo may ask for a password now.
    pub fn ask_password(&mut self) {
        self.sight().ask_password();
    }

    /// Makes the folder for the labs' sockets where it is missing; a lab without it answers its own account only.
    pub fn make_room(&mut self) {
        let _ = self.sight().room();
    }

    /// What the prompt says.
    pub fn prompt_facts(&self) -> PromptFacts {
        PromptFacts { progress: self.session.progress(), badge: self.badge, play: self.session.plays() }
    }

    /// The same for a process that asks at the desk.
    pub(super) fn happen_for(&mut self, asker: Option<i32>, event: Event, look: &Look) -> Outcome {
        self.asker = asker;
        let outcome = self.happen(event, look);
        self.asker = None;
        outcome
    }

    /// An event and everything that follows from it.
    pub fn happen(&mut self, event: Event, look: &Look) -> Outcome {
        let mut outcome = Outcome::default();
        let mut save = false;
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            self.answers += u64::from(matches!(event, Event::Judged { .. } | Event::Stirred { .. }));
            let event = if self.shell { event } else { self.as_seen_without_shell(event) };
            for effect in self.session.handle(event) {
                self.memory.heed(&effect, &self.session);
                match effect {
                    Effect::Show(Show::Note(Note::Bye { step })) => {
                        outcome.text.push_str(&self.save(look));
                        let kept = self.store.is_some() && !self.cannot_save;
                        let note = match step {
                            Some(step) if !kept => Note::ByeUnsaved { step },
                            step => Note::Bye { step },
                        };
                        outcome.text.push_str(&screen::text(&Show::Note(note), look));
                        save = false;
                    }
                    Effect::Show(Show::Diagnosis(explained)) => {
                        let show = diagnosis::with_manual(explained, &self.manuals);
                        outcome.text.push_str(&screen::text(&show, look));
                    }
                    Effect::ShowUnexplained { command, in_full } => {
                        let show = diagnosis::unexplained(&command, in_full, &self.manuals);
                        outcome.text.push_str(&screen::text(&show, look));
                    }
                    Effect::Show(show) => outcome.text.push_str(&screen::text(&show, look)),
                    Effect::ShowStep => outcome.text.push_str(&self.step(look)),
                    Effect::ShowSolution { step } => {
                        let show = self.way(step).map(|way| Show::Solution { lines: way.lines, because: way.because });
                        outcome.text.push_str(&show.map(|show| screen::text(&show, look)).unwrap_or_default());
                    }
                    Effect::ShowDifference(typed) => {
                        let step = self.session.progress().map_or(0, |p| p.step - 1);
                        if let Some(other) = self.other_way(step, typed) {
                            outcome.text.push_str(&screen::text(&Show::Difference(other), look));
                        }
                    }
                    Effect::ShowOtherWay { step, typed } => {
                        if let Some(other) = self.other_way(step, typed).filter(is_worth_showing) {
                            let title = self.session.lesson().steps[step].title.clone();
                            outcome.text.push_str(&screen::text(&Show::DifferenceIn { title, other }, look));
                        }
                    }
                    Effect::ShowDone { step, typed } => {
                        let other_way = typed.and_then(|typed| self.other_way(step, typed));
                        let other_way = other_way.filter(is_worth_showing);
                        let title = self.session.lesson().steps[step].title.clone();
                        outcome.text.push_str(&screen::text(&Show::StepDone { title, other_way }, look));
                    }
                    Effect::ShowManual(words) => outcome.text.push_str(&self.manual(&words, look)),
                    Effect::ShowWhere => outcome.text.push_str(&screen::text(&self.here(), look)),
                    Effect::LogIn(account) => match login::way_in(&account, &self.accounts()) {
                        Ok(line) => {
                            let note = Note::LogsIn { account, line: line.clone() };
                            outcome.text.push_str(&screen::text(&Show::Note(note), look));
                            events.push_back(Event::Line(line));
                        }
                        Err(note) => outcome.text.push_str(&screen::text(&Show::Note(note), look)),
                    },
                    Effect::Run(line) => outcome.run = Some(line),
                    Effect::Judge { asked: false }
                        if self.patient > 0 || self.session.wishes().iter().any(takes_its_time) =>
                    {
                        outcome.judge |= !std::mem::replace(&mut self.awaited, true);
                    }
                    Effect::Judge { asked } => events.extend(self.judge(asked)),
                    Effect::Diagnose(command) => events.push_back(self.diagnosis(command)),
                    Effect::DiagnoseAgain(command) => {
                        let found = self.known(&command);
                        events.push_back(Event::DiagnosedAgain { command, found });
                    }
                    Effect::DiagnoseSilent(why @ (Silent::Asked | Silent::Why)) => events.push_back(self.silent(why)),
                    Effect::DiagnoseSilent(why) => outcome.silent = Some(why),
                    Effect::Survey => outcome.survey = true,
                    Effect::Save => save = true,
                    Effect::LookAgainIn(millis) => outcome.look_again = Some(millis),
                    Effect::Leave => outcome.leave = true,
                }
            }
        }
        if save {
            outcome.text.push_str(&self.save(look));
        }
        outcome.watch = self.listening.differs(self.session.wished());
        self.post(outcome.leave);
        outcome
    }

    /// The machine, to be asked or watched while the lab itself goes on.
    pub(super) fn eyes(&self) -> Arc<Mutex<Sight>> {
        Arc::clone(&self.sight)
    }

    /// These goals of the current step, to be judged apart.
    pub(super) fn some(&self, goals: &BTreeSet<usize>) -> Option<(String, Question)> {
        let wishes = self.session.wishes();
        let wishes = goals.iter().filter_map(|goal| wishes.get(*goal)).cloned().collect();
        let id = self.session.step()?.id.clone();
        Some((id, Question { sight: Arc::clone(&self.sight), wishes, context: self.context(false) }))
    }

    /// What the survey at the opening asks: the goals that are to last, by their steps. Nobody's program runs for it.
    pub(super) fn survey(&self) -> (Question, Vec<Vec<bool>>) {
        let lesson = self.session.lesson();
        let is_asked = |goal: &Goal| goal.lasting && !takes_its_time(&goal.check);
        let goals = lesson.steps.iter().flat_map(|step| &step.goals).filter(|goal| is_asked(goal));
        // A goal that speaks of a reboot since its step began says nothing at another time; what foretells it does.
        let wishes =
            goals.map(|goal| session::at_once(goal.predicted_by.as_ref().unwrap_or(&goal.check)).clone()).collect();
        let asked = lesson.steps.iter().map(|step| step.goals.iter().map(is_asked).collect()).collect();
        let mut context = self.session.context();
        context.commands.clear();
        (Question { sight: Arc::clone(&self.sight), wishes, context }, asked)
    }

    /// The current step's goals, to be judged apart; none when the lesson is done.
    pub(super) fn apart(&mut self) -> Option<(String, Question)> {
        self.awaited = false;
        let id = self.session.step()?.id.clone();
        let context = self.context(false);
        Some((id, Question { sight: Arc::clone(&self.sight), wishes: self.session.wishes(), context }))
    }

    /// The current step's goals, to be judged with patience for somebody who asked, until [`Lab::looked`].
    pub(super) fn patient(&mut self) -> Option<(String, Question)> {
        let id = self.session.step()?.id.clone();
        let context = self.context(true);
        self.patient += 1;
        let wishes = self.session.wished_in_full().cloned().collect();
        Some((id, Question { sight: Arc::clone(&self.sight), wishes, context }))
    }

    /// Such a look is over.
    pub(super) fn looked(&mut self) {
        self.patient = self.patient.saturating_sub(1);
    }

    /// Why goals about other accounts cannot be judged, where that is so.
    pub fn blind(&mut self, look: &Look) -> String {
        let blind = self.sight().blind();
        match blind {
            Some(Blind { why, grant, .. }) => {
                let note = Note::NoObserver { why, grant };
                self.memory.note(note.clone());
                self.post(false);
                screen::text(&Show::Note(note), look)
            }
            None => String::new(),
        }
    }

    /// One more watcher: it gets the state at once.
    pub(super) fn show_to(&self, stream: UnixStream) {
        self.board.show_to(stream);
        self.post(false);
    }

    /// Puts the state up for the watchers. The last one stays up, for whoever comes while the lab closes.
    fn post(&self, over: bool) {
        if !over && !self.board.is_watched() {
            return;
        }
        let mut pane = self.session.pane();
        self.memory.add_to(&mut pane);
        (pane.shell, pane.over) = (self.shell, over);
        self.board.post(&pane);
    }

    /// Nobody can say that what was not seen was not typed.
    fn as_seen_without_shell(&self, event: Event) -> Event {
        let goals = self.session.step().map_or(&[][..], |step| step.goals.as_slice());
        let seen = |goal: &Goal, verdict: Verdict| {
            if !verdict.is_fail() || !is_about_typing(&goal.check) {
                return verdict;
            }
            Verdict::Unknown {
                why: "only a lab with a shell of its own sees what is typed".into(),
                grant: Some("do this step in `rootless-lab start`, or leave it out".into()),
            }
        };
        match event {
            Event::Judged { step, verdicts, at, asked } => {
                let verdicts = goals.iter().zip(verdicts).map(|(goal, verdict)| seen(goal, verdict)).collect();
                Event::Judged { step, verdicts, at, asked }
            }
            Event::Stirred { step, verdicts, at } => {
                let stirred = goals.iter().zip(verdicts);
                let verdicts = stirred.map(|(goal, verdict)| verdict.map(|verdict| seen(goal, verdict))).collect();
                Event::Stirred { step, verdicts, at }
            }
            other => other,
        }
    }

    /// The way that led to the shell that asks: the one at the desk, or the lab's own.
    fn here(&self) -> Show {
        let asker = self.asker.or_else(|| self.front.as_ref()?.leader());
        let links = asker.ok_or_else(|| "it is not known which shell asks".to_owned());
        match links.and_then(|pid| self.sight().chain(pid)) {
            Ok(links) => Show::Where(links),
            Err(why) => Show::Note(Note::NoWhere { why }),
        }
    }

    /// The lesson's accounts, each with whether the learner makes it.
    fn accounts(&self) -> Vec<(String, bool)> {
        let accounts = self.session.lesson().accounts.iter();
        accounts.map(|one| (one.name.clone(), one.role == AccountRole::Created)).collect()
    }

    fn judge(&mut self, asked: bool) -> Option<Event> {
        let step = self.session.step()?.id.clone();
        let context = self.context(asked);
        let wishes = if asked { self.session.wished_in_full().cloned().collect() } else { self.session.wishes() };
        let verdicts = self.sight().judge(&wishes, &context);
        Some(Event::Judged { step, verdicts, at: moment(), asked })
    }

    fn context(&self, asked: bool) -> Context {
        let mut context = self.session.context();
        context.front = self.front.as_ref().and_then(Front::leader);
        context.patience = Span(if asked { PATIENCE } else { std::time::Duration::ZERO });
        context
    }

    fn step(&self, look: &Look) -> String {
        let (Some(step), Some(progress)) = (self.session.step(), self.session.progress()) else {
            return String::new();
        };
        let manual = step.manual.iter().map(|entry| self.manuals.excerpt(entry)).collect();
        let show = Show::Step {
            progress,
            title: step.title.clone(),
            text: step.text.clone(),
            goals: self.session.goal_lines(),
            manual,
        };
        screen::text(&show, look)
    }

    fn manual(&self, words: &[String], look: &Look) -> String {
        if words.is_empty() {
            let entries: &[_] = self.session.step().map_or(&[], |step: &Step| &step.manual);
            return entries.iter().map(|e| screen::text(&Show::Manual(self.manuals.excerpt(e)), look)).collect();
        }
        let rest: Vec<&str> = words[1..].iter().map(String::as_str).collect();
        screen::text(&Show::Manual(self.manuals.page(&words[0], &rest)), look)
    }

    /// The way to solve a step that fits this machine: the first whose condition the machine's manual does not deny.
    fn way(&self, step: usize) -> Option<Way> {
        let ways = &self.session.lesson().steps.get(step)?.solution;
        let fits = |way: &&Way| way.when.as_ref().is_none_or(|entry| self.manuals.offers(entry) != Some(false));
        ways.iter().find(fits).or_else(|| ways.last()).cloned()
    }

    fn other_way(&self, step: usize, typed: String) -> Option<OtherWay> {
        let lines = self.way(step)?.lines;
        let nearest = lines.into_iter().max_by(|a, b| {
            let near = |line: &str| strsim::normalized_damerau_levenshtein(line, &typed);
            near(a).total_cmp(&near(b))
        })?;
        Some(OtherWay { typed, solution: nearest })
    }

    fn save(&mut self, look: &Look) -> String {
        let Some(store) = &self.store else { return String::new() };
        match store.save(self.session.record()) {
            Ok(()) => {
                self.cannot_save = false;
                String::new()
            }
            Err(_) if self.cannot_save => String::new(),
            Err(error) => {
                self.cannot_save = true;
                let note = Note::CannotSave { why: error.to_string() };
                self.memory.note(note.clone());
                screen::text(&Show::Note(note), look)
            }
        }
    }
}

/// Whether two lines are different, and near enough to compare: the last line of a step need not be the one that solved it.
fn is_worth_showing(other: &OtherWay) -> bool {
    other.typed != other.solution && strsim::normalized_damerau_levenshtein(&other.typed, &other.solution) > 0.5
}

/// True when what was typed is part of it.
fn is_about_typing(check: &Check) -> bool {
    check.singles().iter().any(|single| matches!(single, Check::Command(_)))
}

/// True when judging it runs a program of the lesson's author.
fn takes_its_time(check: &Check) -> bool {
    check.singles().iter().any(|single| matches!(single, Check::Program(_)))
}

/// Now, and which boot of the machine this is.
///
/// A boot is told by the kernel's boot id and by when process 1 started: a container shares its host's boot id on some
/// engines, and its process 1 is another one after each boot.
pub fn moment() -> Moment {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64);
    let read = |path: &str| std::fs::read_to_string(PathBuf::from(path)).unwrap_or_default();
    let id = read("/proc/sys/kernel/random/boot_id");
    let stat = read("/proc/1/stat");
    let started = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(19)).unwrap_or("?");
    Moment { now, boot: format!("{}:{started}", id.trim()) }
}
