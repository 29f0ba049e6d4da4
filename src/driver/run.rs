//! The loop of a lab at its own prompt: a line is read, bash runs it, the machine is looked at, the prompt comes back.

use std::cell::RefCell;
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use checkers::CommandFact;
use checkers::facts::command_line;
use etcetera::BaseStrategy;
use nix::unistd::{Uid, User};

use super::ahead::Ahead;
use super::ending::Waiting;
use super::lab::{Lab, Outcome, moment};
use super::news::{News, Shared, Standing};
use super::waking::{Waking, new_bash};
use super::{desk, ending};
use crate::bash::{self, Beside, NestedCommand, Next};
use crate::lesson::Lesson;
use crate::manual::Manuals;
use crate::mistakes::Catalogue;
use crate::prompt::{self, Offer, Prompt, Read};
use crate::screen::{self, Look};
use crate::session::{Event, Note, Session, Show, WORDS, Word};
use crate::store::{self, Found, Store};

/// Why a lab could not be opened, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another lab has the record.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Bash could not be started or was lost.
    #[error(transparent)]
    Bash(#[from] bash::Error),
    /// The prompt cannot use the terminal.
    #[error(transparent)]
    Prompt(#[from] prompt::Error),
    /// The lab cannot be watched in this terminal.
    #[error("watch: {0}")]
    Watch(#[source] std::io::Error),
}

/// Plays a lesson in this terminal until the learner leaves.
pub fn play(lesson: Lesson, waking: Waking, look: Look) -> Result<(), Error> {
    let learner = User::from_uid(Uid::effective()).ok().flatten().map(|user| user.name);
    let accounts: Vec<String> = lesson.accounts.iter().map(|account| account.name.clone()).collect();
    let mut opening = String::new();
    let (store, record) = open(&lesson, &look, &mut opening)?;
    let history = store.as_ref().map(Store::history);
    let fresh = record.is_none();
    let session = Session::new(lesson.into(), record);
    let Waking { mut bash, sight } = waking;
    let lab = Shared::new(Lab::new(session, store, manuals()).with_eyes(sight));
    bash.come_up()?;
    // The prompt asks bash for completions while it reads a line; nobody else has bash then.
    let bash = Rc::new(RefCell::new(bash));
    // Without it a lab that is ended from outside leaves a folder behind, and nothing worse.
    let _ = ending::watch();
    let words = WORDS.iter().map(|(word, _)| (*word).to_owned());
    let words = words.chain(accounts.iter().map(|account| format!(":login {account}"))).collect();
    let asked = Rc::clone(&bash);
    let complete = move |line: &str, at: usize| {
        let found = asked.borrow_mut().complete(line, at);
        Offer { start: found.start, items: found.items(asked.borrow().cwd()) }
    };
    let sent = Rc::clone(&bash);
    let editing = Arc::new(AtomicBool::new(false));
    let at_prompt = Arc::clone(&editing);
    // bash has it while the line editor gives the terminal back. What cannot be sent now is sent, or told, when it is run.
    let send = move |line: &str| {
        // What comes of the line is no news for the prompt that it was typed at: that one would hand it on to the next, behind all else.
        at_prompt.store(false, Ordering::SeqCst);
        if !prompt::is_word(line) {
            let _ = sent.borrow_mut().send(line);
        }
    };
    let mut prompt = Prompt::new(prompt::Setup { history, words, plain: look.plain }, complete, send)?;
    lab.lock().hold(bash.borrow().front());
    if !std::path::Path::new(desk::ROOM).exists() {
        lab.lock().make_room();
    }
    let (_open, listener) = open_desk();
    let news = News::start(lab.clone(), look, Some(prompt.above()?), editing, listener, accounts);

    let outcome = {
        let mut lab = lab.lock();
        lab.look_at_shell(bash.borrow().pid());
        let blind = lab.blind(&look);
        lab.missed.push_str(&blind);
        lab.happen(Event::Opened { at: moment(), fresh }, &look)
    };
    show(&(opening + &outcome.text));
    // The whole lesson is compared with the machine while the first prompt stands there already.
    let mut opened = Some(outcome);
    let mut typed = Ahead::default();
    loop {
        let look = look.now();
        let (facts, missed) = {
            let mut lab = lab.lock();
            (lab.prompt_facts(), std::mem::take(&mut lab.missed))
        };
        let own = bash.borrow().prompt();
        let line_head = screen::prompt(&facts, &own, &look);
        show(&missed);
        let begins = opened.take();
        // What an opened lab wants done holds the lab now and then: it begins when the first prompt needs nothing more of it.
        let begin = || {
            if let Some(outcome) = &begins {
                news.heed(outcome);
                // The catalogue is read while nobody waits for it.
                std::thread::spawn(Catalogue::builtin);
            }
        };
        typed.take_in(&bash.borrow_mut().typed_ahead());
        let pressed = ending::pressed();
        let line = match typed.line() {
            Some(line) => {
                begin();
                show(&format!("{line_head}{line}\n"));
                prompt.remember(&line)?;
                line
            }
            None => {
                let mut above = prompt.above()?;
                // A prompt that is just gone: the text waits in the printer for the next one.
                bash.borrow_mut().listen(move |text| drop(above.print(text)))?;
                news.prompts(Standing { text: line_head.clone(), facts, own, look }, &lab);
                begin();
                let read = prompt.read(&line_head, &typed.rest());
                news.prompts_no_more();
                match read? {
                    Read::Line(line) => typed.first(line),
                    Read::EndOfInput => "exit".to_owned(),
                    Read::Interrupted => continue,
                }
            }
        };
        let outcome = if Word::of(&line) == Some(Word::Check) {
            lab.lock().ask_password();
            check(&lab, &news, line, pressed, &look)
        } else {
            lab.lock().happen(Event::Line(line), &look)
        };
        show(&outcome.text);
        news.heed(&outcome);
        if outcome.leave {
            keep_history(&mut prompt);
            return Ok(());
        }
        let Some(line) = outcome.run else { continue };
        let leaving = leaves(&line);
        let rest = prompt.rest();
        let mut beside = Driver { typed: &mut typed, prompt: &mut prompt, lab: &lab, news: &news, look };
        let ran = bash.borrow_mut().run(&line, rest, &mut beside)?;
        if bash.borrow_mut().has_shown_ahead() {
            prompt.rests();
        }
        let outcome = match ran {
            Next::Prompt(ended) => {
                if ended.open_line {
                    // The prompt and the lab's words begin a line of their own.
                    show("\n");
                }
                show(&ended.untold);
                if !ended.nested.is_empty() {
                    let outcome = lab.lock().happen(Event::NestedPrompt(facts_of(&ended.nested, None)), &look);
                    show(&outcome.text);
                    news.heed(&outcome);
                }
                let fact = CommandFact {
                    line: ended.line,
                    status: ended.status,
                    output: ended.output,
                    account: learner.clone(),
                };
                let mut lab = lab.lock();
                // What was noticed while the command ran comes before what came of it.
                let noticed = std::mem::take(&mut lab.missed);
                let mut outcome = lab.happen(Event::Ended(fact), &look);
                outcome.text.insert_str(0, &noticed);
                outcome
            }
            Next::Gone { .. } if leaving => {
                let outcome = lab.lock().happen(Event::Line(":quit".into()), &look);
                show(&outcome.text);
                keep_history(&mut prompt);
                return Ok(());
            }
            Next::Gone { status } => {
                // What was typed for the bash that is gone is gone with it: it may have read the beginning of a line.
                let mut fresh = new_bash(&look)?;
                fresh.come_up()?;
                lab.lock().hold(fresh.front());
                news.shell(fresh.pid());
                *bash.borrow_mut() = fresh;
                show(&screen::text(&Show::Note(Note::BashAgain { status }), &look));
                continue;
            }
        };
        show(&outcome.text);
        news.heed(&outcome);
    }
}

/// Looks because the learner asked, and waits as long as the goals allow, or until ^C: then the lab looks on, and what it finds is news.
fn check(lab: &Shared, news: &News, line: String, pressed: u32, look: &Look) -> Outcome {
    let Ok(waiting) = Waiting::begin(pressed) else { return lab.lock().happen(Event::Line(line), look) };
    let question = lab.lock().patient();
    let Some((step, question)) = question else { return lab.lock().happen(Event::Line(line), look) };
    let (tell, told) = mpsc::channel();
    let end = waiting.end();
    std::thread::spawn(move || {
        let verdicts = question.verdicts();
        // The lab lives as long as the process.
        let _ = tell.send(Event::Judged { step, verdicts, at: moment(), asked: true });
        end();
    });
    if !waiting.within(desk::A_WHILE) {
        show(&screen::text(&Show::Note(Note::Waits { way_on: true }), look));
        waiting.wait();
    }
    let Ok(event) = told.try_recv() else {
        news.comes(told);
        return Outcome { text: screen::text(&Show::Note(Note::LooksOn), look), ..Outcome::default() };
    };
    let mut lab = lab.lock();
    lab.looked();
    lab.happen(event, look)
}

/// A desk for other terminals, where one can be opened; closed when the first of the two is dropped.
pub(super) fn open_desk() -> (Option<desk::Open>, Option<UnixListener>) {
    let Ok((listener, path)) = desk::open() else { return (None, None) };
    ending::leave_nothing_of(path.clone());
    (Some(desk::Open::new(path)), Some(listener))
}

/// Opens the record; what cannot be kept or used is said, and the lesson goes on without.
pub(super) fn open(
    lesson: &Lesson,
    look: &Look,
    said: &mut String,
) -> Result<(Option<Store>, Option<crate::session::Record>), Error> {
    let mut say = |note| said.push_str(&screen::text(&Show::Note(note), look));
    let mut cannot = |error: store::Error| {
        say(Note::CannotSave { why: error.to_string() });
        Ok((None, None))
    };
    let mut store = match Store::of_learner(&lesson.id) {
        Ok(store) => store,
        Err(error) => return cannot(error),
    };
    match store.claim() {
        Err(busy @ store::Error::Busy(_)) => return Err(busy.into()),
        Err(error) => return cannot(error),
        Ok(()) => {}
    }
    match store.open() {
        Ok(Found::Nothing) => Ok((Some(store), None)),
        Ok(Found::Record(record)) => Ok((Some(store), Some(*record))),
        Ok(Found::SetAside { path, why }) => {
            say(Note::RecordSetAside { path: path.display().to_string(), why });
            Ok((Some(store), None))
        }
        Err(error) => cannot(error),
    }
}

/// What a command's run asks of the lab.
struct Driver<'a> {
    typed: &'a mut Ahead,
    prompt: &'a mut Prompt,
    lab: &'a Shared,
    news: &'a News,
    look: Look,
}

impl Beside for Driver<'_> {
    fn keys(&mut self) -> Vec<u8> {
        let mut keys = self.typed.keys();
        // A prompt that cannot be asked says so when it is to read the next line.
        keys.extend(self.prompt.behind().unwrap_or_default());
        keys
    }

    /// The goals are judged, and what became true is said above the nested prompt.
    fn nested(&mut self, commands: &[NestedCommand]) -> Option<String> {
        // Its shell would get a lab word, so the words are said as commands.
        let look = &self.look.now().elsewhere();
        let mut lab = self.lab.lock();
        let account = lab.front_account();
        let outcome = lab.happen(Event::NestedPrompt(facts_of(commands, account.as_deref())), look);
        self.news.heed(&outcome);
        let text = std::mem::take(&mut lab.missed) + &outcome.text;
        (!text.is_empty()).then_some(text)
    }
}

fn facts_of(commands: &[NestedCommand], account: Option<&str>) -> Vec<CommandFact> {
    let fact = |command: &NestedCommand| CommandFact {
        line: command.line.clone(),
        status: None,
        output: command.output.clone(),
        account: account.map(str::to_owned),
    };
    commands.iter().map(fact).collect()
}

/// Whether the end of bash was asked for: in `sleep 9 & exit` too. Where bash goes on, nobody asks.
fn leaves(line: &str) -> bool {
    let left = |word: Option<&String>| word.is_some_and(|word| ["exit", "logout"].contains(&word.as_str()));
    command_line::read(line).iter().any(|command| left(command.words.first()))
}

/// The machine's manual; pages that were read once are kept beside other caches, where there is a place for them.
pub(super) fn manuals() -> Manuals {
    match etcetera::choose_base_strategy() {
        Ok(places) => Manuals::default().keeping_in(places.cache_dir().join("rootless-lab/manual")),
        Err(_) => Manuals::default(),
    }
}

/// Every line is in the file already, so a disk that says no loses nothing.
fn keep_history(prompt: &mut Prompt) {
    let _ = prompt.save();
}

fn show(text: &str) {
    let mut out = std::io::stdout().lock();
    // A terminal that is gone is noticed where the next line is read.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
