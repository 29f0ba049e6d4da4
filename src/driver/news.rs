//! What happens while the learner edits a line: the survey at the opening, a look that is due again, a question at the desk.
//! Prints above the line being edited; what comes while a program has the terminal waits for the next prompt.

use std::os::unix::net::UnixListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::desk::{self, Answer, Ask};
use super::diagnosis::silent_found;
use super::lab::{Lab, Outcome, moment};
use checkers::Verdict;

use crate::bash;
use crate::prompt::Above;
use crate::screen::Look;
use crate::session::{Event, Silent};

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
}

/// Where news goes.
pub(super) struct News {
    due: Sender<Due>,
    editing: Arc<AtomicBool>,
}

impl News {
    /// Starts the clock, and the desk where one could be opened.
    pub(super) fn start(lab: Shared, look: Look, above: Above, desk: Option<(UnixListener, Vec<String>)>) -> Self {
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
                        Ok(Due::Silent(why)) => match silent(&lab, why) {
                            Some(event) => event,
                            None => continue,
                        },
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
                    if let Some(why) = outcome.silent {
                        let _ = later.send(Due::Silent(why));
                    }
                    next = outcome.look_again.map(|millis| Instant::now() + Duration::from_millis(millis)).or(next);
                    print(&paper, &mut lab, outcome.text);
                }
            });
        }
        if let Some((listener, accounts)) = desk {
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    desk::serve(stream, &accounts, |ask| {
                        let mut lab = lab.lock();
                        let (answer, outcome, own) = answer(&mut lab, &ask, &place(&at_prompt_too, look));
                        if let Some(millis) = outcome.look_again {
                            let _ = again.send(Due::LookIn(Duration::from_millis(millis)));
                        }
                        if outcome.judge {
                            let _ = again.send(Due::Judge);
                        }
                        if let Some(why) = outcome.silent {
                            let _ = again.send(Due::Silent(why));
                        }
                        print(&paper, &mut lab, own);
                        answer
                    });
                }
            });
        }
        Self { due, editing }
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
        if let Some(why) = outcome.silent {
            let _ = self.due.send(Due::Silent(why));
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

/// Looks for silent mistakes, in the same way.
fn silent(lab: &Shared, why: Silent) -> Option<Event> {
    let (step, suspects, question) = lab.lock().silent_question()?;
    Some(silent_found(step, why, &suspects, &question))
}

/// How news is worded: for the lab's own prompt, or for the shell in the terminal that has it.
fn place(at_prompt: &AtomicBool, look: Look) -> Look {
    let look = look.now();
    if at_prompt.load(Ordering::SeqCst) { look } else { look.elsewhere() }
}

struct Paper {
    above: Above,
    editing: Arc<AtomicBool>,
}

fn print(paper: &Mutex<Paper>, lab: &mut Lab, text: String) {
    if text.is_empty() {
        return;
    }
    let mut paper = paper.lock().unwrap_or_else(PoisonError::into_inner);
    if paper.editing.load(Ordering::SeqCst) {
        // A prompt that is just gone leaves the news for the next one.
        if paper.above.print(&text).is_err() {
            lab.missed.push_str(&text);
        }
    } else {
        lab.missed.push_str(&text);
        bash::nudge();
    }
}

/// Answers a question at the desk. When it moved the lesson on, the lab's own terminal is told too.
fn answer(lab: &mut Lab, ask: &Ask, own_look: &Look) -> (Answer, Outcome, String) {
    let before = lab.session().progress();
    let Some(word) = crate::session::Word::of(&ask.word).filter(|word| word.may_be_asked()) else {
        let text = format!("{} is a word for the lab's own prompt.\n", ask.word);
        return (Answer { text, green: false }, Outcome::default(), String::new());
    };
    let outcome = lab.happen(Event::Asked(word), &ask.look);
    let moved = lab.session().progress() != before;
    let own =
        if moved { lab.happen(Event::Asked(crate::session::Word::Step(None)), own_look).text } else { String::new() };
    (Answer { text: outcome.text.clone(), green: moved }, outcome, own)
}
