//! What happens while the learner edits a line: the survey at the opening, a look that is due again, a question at the desk.
//! Prints above the line being edited; what comes while a program has the terminal waits for the next prompt.

use std::collections::BTreeSet;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::desk::{self, Answer, Ask, Asker, Stand};
use super::diagnosis::silent_found;
use super::lab::{Lab, Outcome, moment};
use super::pane::Board;
use checkers::Verdict;

use crate::bash;
use crate::observer::Told;
use crate::prompt::{self, Above};
use crate::screen::{self, Look};
use crate::session::{Event, GoalLine, GoalState, Note, Progress, PromptFacts, Show, Silent, Word};

/// When a watch that is lost is tried again: at first, and when that was of no use.
const SOON: Duration = Duration::from_millis(200);
const AGAIN: Duration = Duration::from_secs(5);

/// A lab that several threads may speak to, one at a time.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Lab>>);

impl Shared {
    pub(super) fn new(lab: Lab) -> Self {
        Self(Arc::new(Mutex::new(lab)))
    }

    /// The lab, whatever became of a thread that had it before: every event leaves it whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, Lab> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the clock is asked to do.
enum Due {
    Shell(i32),
    Survey,
    Judge,
    Silent(Silent),
    LookIn(Duration),
    Watch,
    Told(Told),
    Looked(Event),
}

/// Where news goes.
pub(super) struct News {
    due: Sender<Due>,
    editing: Arc<AtomicBool>,
    paper: Arc<Mutex<Paper>>,
    board: Board,
    desk: Arc<dyn Fn(UnixStream) + Send + Sync>,
}

impl News {
    /// Starts the clock, and the desk at which these accounts are answered, for whoever comes to the listener. Without a prompt to
    /// print above, news is told to the watchers only. `editing` says whether a prompt has the terminal; whoever takes a line from the
    /// prompt may say that it has it no more, before [`News::prompts_no_more`] does.
    pub(super) fn start(
        lab: Shared,
        look: Look,
        above: Option<Above>,
        editing: Arc<AtomicBool>,
        listener: Option<UnixListener>,
        accounts: Vec<String>,
    ) -> Self {
        let (due, orders) = mpsc::channel();
        let paper = Arc::new(Mutex::new(Paper { above, editing: Arc::clone(&editing), prompt: None }));
        let ours = Arc::clone(&paper);
        let (again, later, told) = (due.clone(), due.clone(), Mutex::new(due.clone()));
        let eyes = lab.lock().eyes();
        eyes.lock().unwrap_or_else(PoisonError::into_inner).hear(move |what| {
            // When the clock is gone the lab is ending.
            let _ = told.lock().unwrap_or_else(PoisonError::into_inner).send(Due::Told(what));
        });
        let (at_prompt, at_prompt_too) = (Arc::clone(&editing), Arc::clone(&editing));
        {
            let (lab, paper) = (lab.clone(), Arc::clone(&paper));
            std::thread::spawn(move || {
                let mut next: Option<Instant> = None;
                let mut watch_again: Option<Instant> = None;
                // Whether it was taken in: an answer that was asked for `before` others came is older than what is known.
                let happen = |event, before: Option<u64>| {
                    let mut lab = lab.lock();
                    if before.is_some_and(|before| before != lab.answers) {
                        return false;
                    }
                    let outcome = lab.happen(event, &place(&at_prompt, look));
                    order(&later, &outcome);
                    print(&paper, &mut lab, outcome.text);
                    true
                };
                loop {
                    let first = [next, watch_again].into_iter().flatten().min();
                    let wait = first
                        .map_or(Duration::from_secs(3600), |first| first.saturating_duration_since(Instant::now()));
                    let event = match orders.recv_timeout(wait) {
                        Ok(Due::LookIn(time)) => {
                            next = Some(Instant::now() + time);
                            continue;
                        }
                        Ok(Due::Shell(pid)) => {
                            let mut lab = lab.lock();
                            lab.look_at_shell(pid);
                            let blind = lab.blind(&look.now());
                            print(&paper, &mut lab, blind);
                            continue;
                        }
                        Ok(Due::Survey) => survey(&lab),
                        Ok(Due::Looked(event)) => {
                            lab.lock().looked();
                            event
                        }
                        Ok(Due::Silent(why)) => {
                            if let Some((event, before)) = silent(&lab, why)
                                && !happen(event, Some(before))
                            {
                                let _ = later.send(Due::Silent(why));
                            }
                            continue;
                        }
                        Ok(Due::Judge) => {
                            if let Some((event, before)) = judge(&lab)
                                && !happen(event, Some(before))
                            {
                                let _ = later.send(Due::Judge);
                            }
                            continue;
                        }
                        Ok(Due::Watch) => match watch(&lab, false, &mut watch_again) {
                            Some(event) => event,
                            None => continue,
                        },
                        Ok(Due::Told(told)) => {
                            let (watched, mut stirred) = heed(&lab, told, &mut watch_again);
                            if let Some(event) = watched {
                                happen(event, None);
                            }
                            while let Some((goals, (event, before))) = stirred.take() {
                                if !happen(event, Some(before)) {
                                    stirred = some(&lab, goals);
                                }
                            }
                            continue;
                        }
                        Err(_) if watch_again.is_some_and(|again| again <= Instant::now()) => {
                            match watch(&lab, true, &mut watch_again) {
                                Some(event) => event,
                                None => continue,
                            }
                        }
                        Err(_) if next.is_some_and(|next| next <= Instant::now()) => {
                            next = None;
                            Event::LookAgain
                        }
                        Err(_) => continue,
                    };
                    happen(event, None);
                }
            });
        }
        let board = lab.lock().board();
        let desk: Arc<dyn Fn(UnixStream) + Send + Sync> = Arc::new(move |stream| {
            let answer = |ask: Ask, asker| {
                let (mut lab, looked) = looked(&lab, &ask.word);
                let (answer, outcome, own) = answer(&mut lab, &ask, asker, looked, &place(&at_prompt_too, look));
                order(&again, &outcome);
                print(&paper, &mut lab, own);
                answer
            };
            desk::serve(stream, &accounts, answer, |stream| lab.lock().show_to(stream));
        });
        if let Some(listener) = listener {
            let desk = Arc::clone(&desk);
            std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| desk(stream)));
        }
        Self { due, editing, paper: ours, board, desk }
    }

    /// A way to the desk for this very process.
    pub(super) fn own_way(&self) -> impl Fn() -> std::io::Result<UnixStream> + use<> {
        let desk = Arc::clone(&self.desk);
        move || {
            let (ours, theirs) = UnixStream::pair()?;
            let desk = Arc::clone(&desk);
            std::thread::spawn(move || desk(theirs));
            Ok(ours)
        }
    }

    /// What came of an event may want something later.
    pub(super) fn heed(&self, outcome: &Outcome) {
        order(&self.due, outcome);
    }

    /// The lab's own shell is this process now.
    pub(super) fn shell(&self, pid: i32) {
        let _ = self.due.send(Due::Shell(pid));
    }

    /// What a look comes to for which nobody waits any more is news.
    pub(super) fn comes(&self, look: Receiver<Event>) {
        let due = self.due.clone();
        std::thread::spawn(move || look.recv().map(|event| due.send(Due::Looked(event))));
    }

    /// From now on this prompt has the terminal. News that found neither the last prompt nor this one comes above it.
    pub(super) fn prompts(&self, prompt: Standing, lab: &Shared) {
        self.paper.lock().unwrap_or_else(PoisonError::into_inner).prompt = Some(prompt);
        self.editing.store(true, Ordering::SeqCst);
        let mut lab = lab.lock();
        let missed = std::mem::take(&mut lab.missed);
        print(&self.paper, &mut lab, missed);
    }

    /// From now on no prompt has the terminal.
    pub(super) fn prompts_no_more(&self) {
        self.editing.store(false, Ordering::SeqCst);
    }
}

/// Orders of the clock what an outcome wants. The clock lives as long as the lab; when it is gone the lab is ending.
fn order(clock: &Sender<Due>, outcome: &Outcome) {
    let soon = outcome.look_again.map(|millis| Due::LookIn(Duration::from_millis(millis)));
    let now = [(outcome.survey, Due::Survey), (outcome.judge, Due::Judge), (outcome.watch, Due::Watch)];
    let now = now.into_iter().filter_map(|(is_due, due)| is_due.then_some(due));
    for due in now.chain(outcome.silent.map(Due::Silent)).chain(soon) {
        let _ = clock.send(due);
    }
}

/// Compares the machine with the whole lesson. The lab is held before and after the look, never during it.
fn survey(lab: &Shared) -> Event {
    let (question, asked) = lab.lock().survey();
    let mut verdicts = question.verdicts().into_iter();
    let mut verdict = |is_asked: &bool| {
        let found = if *is_asked { verdicts.next() } else { None };
        found.unwrap_or_else(|| Verdict::unknown("not looked at when a lab opens"))
    };
    Event::Surveyed(asked.iter().map(|step| step.iter().map(&mut verdict).collect()).collect())
}

/// An answer of the machine, and how many the lab had taken in when it was asked for.
type Dated = (Event, u64);

/// Judges the current step, in the same way.
fn judge(lab: &Shared) -> Option<Dated> {
    let ((step, question), before) = {
        let mut lab = lab.lock();
        (lab.apart()?, lab.answers)
    };
    Some((Event::Judged { step, verdicts: question.verdicts(), at: moment(), asked: false }, before))
}

/// Judges these goals of the current step, in the same way.
fn some(lab: &Shared, goals: BTreeSet<usize>) -> Option<(BTreeSet<usize>, Dated)> {
    let ((step, question), before) = {
        let lab = lab.lock();
        (lab.some(&goals)?, lab.answers)
    };
    let mut verdicts = vec![None; goals.last()? + 1];
    for (goal, verdict) in goals.iter().zip(question.verdicts()) {
        verdicts[*goal] = Some(verdict);
    }
    Some((goals, (Event::Stirred { step, verdicts, at: moment() }, before)))
}

/// Has the current step watched, where that is not so already; `anew` when whoever watched is gone.
fn watch(lab: &Shared, anew: bool, again: &mut Option<Instant>) -> Option<Event> {
    let (eyes, round, grounds) = {
        let mut lab = lab.lock();
        let wishes = lab.session().wishes();
        if !anew && !lab.listening.differs(&wishes) {
            return None;
        }
        let (round, grounds) = lab.listening.begin(wishes);
        (lab.eyes(), round, grounds)
    };
    // The lab is not held: starting an observer may take its time.
    let watched = eyes.lock().unwrap_or_else(PoisonError::into_inner).watch(round, grounds);
    let mut lab = lab.lock();
    *again = watched.is_err().then(|| Instant::now() + AGAIN);
    if let Err(why) = watched {
        lab.listening.fails(why);
    }
    Some(Event::Watched(lab.listening.notices()))
}

/// What the watch told: how the lab learns of changes from now on, and the goals that it concerns, judged again, and no others.
fn heed(lab: &Shared, told: Told, again: &mut Option<Instant>) -> (Option<Event>, Option<(BTreeSet<usize>, Dated)>) {
    let stir = match told {
        Told::Stir(stir) => stir,
        Told::Gone => {
            *again = Some(Instant::now() + SOON);
            let mut lab = lab.lock();
            lab.listening.fails("whoever watched is gone".into());
            return (Some(Event::Watched(lab.listening.notices())), None);
        }
    };
    let (watched, goals) = {
        let mut lab = lab.lock();
        if lab.listening.differs(lab.session().wished()) {
            // The step moved on while this was told. Its own watch is ordered, and tells once of all there is.
            return (None, None);
        }
        let before = lab.listening.notices();
        let Some(goals) = lab.listening.heed(stir) else { return (None, None) };
        let notices = lab.listening.notices();
        let plays = lab.session().plays();
        ((notices != before).then_some(Event::Watched(notices)), (!goals.is_empty() && !plays).then_some(goals))
    };
    (watched, goals.and_then(|goals| some(lab, goals)))
}

/// Looks for silent mistakes, in the same way.
fn silent(lab: &Shared, why: Silent) -> Option<Dated> {
    let ((step, suspects, question), before) = {
        let lab = lab.lock();
        (lab.silent_question()?, lab.answers)
    };
    Some((silent_found(step, why, &suspects, &question), before))
}

/// What came of a look that was asked for, and where the lesson was when it began.
struct Looked {
    event: Event,
    before: Option<Progress>,
}

/// How news is worded: for the lab's own prompt, or for the shell in the terminal that has it.
fn place(at_prompt: &AtomicBool, look: Look) -> Look {
    let look = look.now();
    if at_prompt.load(Ordering::SeqCst) { look } else { look.elsewhere() }
}

impl Drop for News {
    fn drop(&mut self) {
        self.board.farewell();
    }
}

struct Paper {
    above: Option<Above>,
    editing: Arc<AtomicBool>,
    prompt: Option<Standing>,
}

/// The prompt that waits for a line, and what it was made of.
pub(super) struct Standing {
    pub(super) text: String,
    pub(super) facts: PromptFacts,
    pub(super) own: String,
    pub(super) look: Look,
}

impl Paper {
    /// Prints above the prompt, which says from now on where the lesson is.
    fn print(&mut self, text: &str, facts: &PromptFacts) -> Result<(), prompt::Error> {
        let Some(above) = &mut self.above else { return Ok(()) };
        let now = |stood: &Standing| screen::prompt_again(facts, &stood.facts, &stood.own, &stood.look);
        match self.prompt.as_ref().and_then(|stood| Some((stood, now(stood)?))) {
            Some((stood, now)) => above.print_and_renew(text, &stood.text, &now),
            None => above.print(text),
        }
    }
}

fn print(paper: &Mutex<Paper>, lab: &mut Lab, text: String) {
    if text.is_empty() {
        return;
    }
    let mut paper = paper.lock().unwrap_or_else(PoisonError::into_inner);
    if paper.above.is_none() {
        return;
    }
    if paper.editing.load(Ordering::SeqCst) {
        // A prompt that is just gone leaves the news for the next one.
        if paper.print(&text, &lab.prompt_facts()).is_err() {
            lab.missed.push_str(&text);
        }
    } else {
        lab.missed.push_str(&text);
        bash::nudge();
    }
}

/// The lab, and for `:check` what a look at the machine came to. It waits as long as the goals allow, and the lab is not held meanwhile.
fn looked<'a>(lab: &'a Shared, word: &str) -> (MutexGuard<'a, Lab>, Option<Looked>) {
    let mut held = lab.lock();
    let before = held.session().progress();
    let question = (Word::of(word) == Some(Word::Check)).then(|| held.patient()).flatten();
    let Some((step, question)) = question else { return (held, None) };
    drop(held);
    let verdicts = question.verdicts();
    let mut held = lab.lock();
    held.looked();
    let still = held.session().progress() == before;
    // The lesson may have moved on meanwhile: then its new step is shown.
    let event = if still {
        Event::Judged { step, verdicts, at: moment(), asked: true }
    } else {
        Event::Asked(Word::Step(None))
    };
    (held, Some(Looked { event, before }))
}

/// Answers a question at the desk. When it moved the lesson on, the lab's own terminal is told too.
fn answer(
    lab: &mut Lab,
    ask: &Ask,
    asker: Asker,
    looked: Option<Looked>,
    own_look: &Look,
) -> (Answer, Outcome, String) {
    let now = lab.session().progress();
    let said = |text| Answer { text, stand: Stand::Unknown, refused: false };
    // What changes the way through the lesson is the learner's own account's to say.
    let may = |word: &Word| word.may_be_asked() || (asker.own && *word == Word::Skip);
    if ask.word == desk::JUDGED_WITH && (asker.own || asker.root) {
        let text = lab.judged_with().and_then(|it| serde_json::to_string(&it).ok()).unwrap_or_default();
        return (said(text), Outcome::default(), String::new());
    }
    let Some(word) = Word::of(&ask.word).filter(may) else {
        let note = Note::OwnPromptOnly { word: ask.word.clone() };
        let answer = Answer { refused: true, ..said(screen::text(&Show::Note(note), &ask.look)) };
        return (answer, Outcome::default(), String::new());
    };
    let (event, before) = looked.map_or((Event::Asked(word), now), |looked| (looked.event, looked.before));
    let outcome = lab.happen_for(asker.pid, event, &ask.look);
    let after = lab.session().progress();
    let own = if after != now { lab.happen(Event::Asked(Word::Step(None)), own_look).text } else { String::new() };
    let stand = if after == before { stand(&lab.session().goal_lines()) } else { Stand::Green };
    (Answer { stand, ..said(outcome.text.clone()) }, outcome, own)
}

/// How these goals stand together. A lesson that is done has none.
fn stand(goals: &[GoalLine]) -> Stand {
    let verdict = |goal: &GoalLine| match &goal.state {
        GoalState::Judged(verdict) => Some(verdict.clone()),
        GoalState::Open | GoalState::Settling { .. } => None,
    };
    let verdicts: Vec<Option<Verdict>> = goals.iter().map(verdict).collect();
    if verdicts.iter().flatten().any(Verdict::is_fail) {
        Stand::Red
    } else if verdicts.iter().all(|verdict| verdict.as_ref().is_some_and(Verdict::is_pass)) {
        Stand::Green
    } else {
        Stand::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson;
    use crate::manual::Manuals;
    use crate::session::Session;
    use checkers::{CommandFact, Evidence, Source};

    #[test]
    fn what_was_typed_is_told_to_root_and_the_learners_own_account_only() {
        let text = include_str!("../author/begin/lesson.yaml");
        let lesson = lesson::read("small/lesson.yaml", text).0.unwrap();
        let look = Look { width: 80, colour: false, plain: true, unicode: false, elsewhere: true };
        let mut lab = Lab::new(Session::new(lesson.into(), None), None, Manuals::default());
        lab.happen(Event::Opened { at: moment(), fresh: true }, &look);
        let secret = CommandFact { line: "echo secret".into(), status: None, output: String::new(), account: None };
        lab.happen(Event::NestedPrompt(vec![secret]), &look);
        let green = Verdict::pass(Evidence::new(Source::Lab, "so"));
        let verdicts = vec![green.clone(), green];
        lab.happen(Event::Judged { step: "write".into(), verdicts, at: moment(), asked: false }, &look);
        let ask = Ask { word: desk::JUDGED_WITH.into(), look };
        let mut told = |own, root| answer(&mut lab, &ask, Asker { pid: None, own, root }, None, &look).0.text;
        for (own, root) in [(true, false), (false, true)] {
            let (step, context): (String, checkers::Context) = serde_json::from_str(&told(own, root)).unwrap();
            assert_eq!((step.as_str(), context.commands[0].line.as_str()), ("write", "echo secret"));
        }
        assert!(!told(false, false).contains("secret"));
    }
}
