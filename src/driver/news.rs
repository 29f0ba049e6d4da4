//! What happens while the learner edits a line: the survey at the opening, a look that is due again, a question at the desk.
//! Prints above the line being edited; what comes while a program has the terminal waits for the next prompt.

use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::desk::{self, Answer, Ask, Asker};
use super::lab::{Lab, Outcome, moment};
use super::pane::Board;
use checkers::Verdict;

use crate::bash;
use crate::prompt::Above;
use crate::screen::Look;
use crate::session::{Event, Word};

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
    LookIn(Duration),
}

/// Where news goes.
pub(super) struct News {
    due: Sender<Due>,
    editing: Arc<AtomicBool>,
    board: Board,
    desk: Arc<dyn Fn(UnixStream) + Send + Sync>,
}

impl News {
    /// Starts the clock, and the desk at which these accounts are answered, for whoever comes to the listener. Without a prompt to
    /// print above, news is told to the watchers only.
    pub(super) fn start(
        lab: Shared,
        look: Look,
        above: Option<Above>,
        listener: Option<UnixListener>,
        accounts: Vec<String>,
    ) -> Self {
        let (due, orders) = mpsc::channel();
        let editing = Arc::new(AtomicBool::new(false));
        let paper = Arc::new(Mutex::new(Paper { above, editing: Arc::clone(&editing) }));
        let (again, later) = (due.clone(), due.clone());
        let (at_prompt, at_prompt_too) = (Arc::clone(&editing), Arc::clone(&editing));
        {
            let (lab, paper) = (lab.clone(), Arc::clone(&paper));
            std::thread::spawn(move || {
                let mut next: Option<Instant> = None;
                loop {
                    let wait =
                        next.map_or(Duration::from_secs(3600), |next| next.saturating_duration_since(Instant::now()));
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
                        Ok(Due::Judge) => match judge(&lab) {
                            Some(event) => event,
                            None => continue,
                        },
                        Err(RecvTimeoutError::Timeout) if next.take().is_some() => Event::LookAgain,
                        Err(RecvTimeoutError::Timeout) => continue,
                        Err(RecvTimeoutError::Disconnected) => return,
                    };
                    let mut lab = lab.lock();
                    let outcome = lab.happen(event, &place(&at_prompt, look));
                    if outcome.judge {
                        let _ = later.send(Due::Judge);
                    }
                    next = outcome.look_again.map(|millis| Instant::now() + Duration::from_millis(millis)).or(next);
                    print(&paper, &mut lab, outcome.text);
                }
            });
        }
        let board = lab.lock().board();
        let watchers = board.clone();
        let desk: Arc<dyn Fn(UnixStream) + Send + Sync> = Arc::new(move |stream| {
            let answer = |ask: Ask, asker| {
                let mut lab = lab.lock();
                let (answer, outcome, own) = answer(&mut lab, &ask, asker, &place(&at_prompt_too, look));
                if let Some(millis) = outcome.look_again {
                    let _ = again.send(Due::LookIn(Duration::from_millis(millis)));
                }
                if outcome.judge {
                    let _ = again.send(Due::Judge);
                }
                print(&paper, &mut lab, own);
                answer
            };
            desk::serve(stream, &accounts, answer, |stream| watchers.show_to(stream));
        });
        if let Some(listener) = listener {
            let desk = Arc::clone(&desk);
            std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| desk(stream)));
        }
        Self { due, editing, board, desk }
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

    /// Looks at the machine every so often, as long as the lab lives: where nobody types, nothing else says when.
    pub(super) fn look_every(&self, time: Duration) {
        let due = self.due.clone();
        std::thread::spawn(move || {
            while due.send(Due::LookIn(Duration::ZERO)).is_ok() {
                std::thread::sleep(time);
            }
        });
    }

    /// What came of an event may want something later.
    pub(super) fn heed(&self, outcome: &Outcome) {
        // The clock lives as long as the lab; when it is gone the lab is ending.
        if outcome.survey {
            let _ = self.due.send(Due::Survey);
        }
        if outcome.judge {
            let _ = self.due.send(Due::Judge);
        }
        if let Some(millis) = outcome.look_again {
            let _ = self.due.send(Due::LookIn(Duration::from_millis(millis)));
        }
    }

    /// The lab's own shell is this process now.
    pub(super) fn shell(&self, pid: i32) {
        let _ = self.due.send(Due::Shell(pid));
    }

    /// From now on the prompt has the terminal, or it has not.
    pub(super) fn editing(&self, is: bool) {
        self.editing.store(is, Ordering::SeqCst);
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

/// Judges the current step, in the same way.
fn judge(lab: &Shared) -> Option<Event> {
    let (step, question) = lab.lock().apart()?;
    Some(Event::Judged { step, verdicts: question.verdicts(), at: moment(), asked: false })
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
}

fn print(paper: &Mutex<Paper>, lab: &mut Lab, text: String) {
    if text.is_empty() {
        return;
    }
    let mut paper = paper.lock().unwrap_or_else(PoisonError::into_inner);
    let editing = paper.editing.load(Ordering::SeqCst);
    let Some(above) = &mut paper.above else { return };
    if editing {
        // A prompt that is just gone leaves the news for the next one.
        if above.print(&text).is_err() {
            lab.missed.push_str(&text);
        }
    } else {
        lab.missed.push_str(&text);
        bash::nudge();
    }
}

/// Answers a question at the desk. When it moved the lesson on, the lab's own terminal is told too.
fn answer(lab: &mut Lab, ask: &Ask, asker: Asker, own_look: &Look) -> (Answer, Outcome, String) {
    let before = lab.session().progress();
    // What changes the way through the lesson is the learner's own account's to say.
    let may = |word: &Word| word.may_be_asked() || (asker.own && *word == Word::Skip);
    let Some(word) = Word::of(&ask.word).filter(may) else {
        let text = format!("{} is a word for the lab's own prompt.\n", ask.word);
        return (Answer { text, green: false }, Outcome::default(), String::new());
    };
    let outcome = lab.happen_for(asker.pid, Event::Asked(word), &ask.look);
    let moved = lab.session().progress() != before;
    let own = if moved { lab.happen(Event::Asked(Word::Step(None)), own_look).text } else { String::new() };
    (Answer { text: outcome.text.clone(), green: moved }, outcome, own)
}
