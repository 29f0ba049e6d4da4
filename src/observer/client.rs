//! The lab's side of the observer: starts it by one of three routes, asks it, starts it once more when it died.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use checkers::facts::chain::{self, Link};
use checkers::facts::front::{self, Front};
use checkers::machine::witness::{self, Seen, Testify, Testimony, depose, testify_with};
use checkers::machine::{Live, Machine};
use checkers::{Ask, Check, Context, Eyes, Ground, Verdict, judge_with};
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::unistd::{Pid, geteuid, getpgrp, getpid, setpgid, setsid, tcsetpgrp};

use super::desk::{Desk, own_binary};
use super::ears::{Ears, Thread, Told, listen};
use super::helper::Helper;
use super::line::MOST;
use super::request::{Answer, Request, running_time};
use super::seal;

/// What all accounts' eyes may tell together. One account's answers, however long, do not cost us the others'.
const MOST_TOLD: usize = 20 * MOST;
/// How much longer than one account's eyes those of root may take.
const MORE: Duration = Duration::from_secs(15);
/// How long somebody may think about a password. sudo itself may give up sooner.
const TYPING: Duration = Duration::from_secs(600);
/// What helps where whoever looked was ended.
pub(super) const AGAIN: &str = "look again: each look starts a new one";

/// How to come by the eyes of other accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Through `sudo -n`, which must not ask: `rootless-lab` as it is installed.
    Sudo {
        /// The binary, a full path.
        binary: PathBuf,
    },
    /// This process is root's already: only the accounts need processes of their own.
    Root,
    /// Neither: this account's own eyes, and Unknown for what they cannot see.
    Own,
}

/// Why there is no observer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// sudo would ask for a password, or does not allow it.
    #[error("sudo does not start it without a password")]
    Sudo,
    /// The route is root's, and this process is not.
    #[error("only root can take this route")]
    NotRoot,
    /// It could not be started, or does not answer.
    #[error("the observer: {0}")]
    Broken(#[from] io::Error),
    /// Somebody ended it while it started or looked, and also the one that was started in its place.
    #[error("the observer was ended before it answered")]
    Ended,
    /// It does not do that.
    #[error("the observer refuses: {0}")]
    Refused(String),
}

impl Error {
    /// What is said of a wish that nobody could look at for this.
    pub fn unknown(&self) -> Verdict {
        let grant = matches!(self, Self::Ended).then(|| AGAIN.to_owned());
        Verdict::Unknown { why: self.to_string(), grant }
    }
}

/// A way to look at the machine. Ends its processes when it is dropped.
pub struct Observer {
    route: Route,
    seat: Seat,
    ears: Option<Ears>,
    /// Who watches where the observer is no process of its own.
    beside: Option<Thread>,
}

enum Seat {
    Process(Helper),
    Desk(Box<Desk>),
    Own(Box<Live>),
}

impl Observer {
    /// Takes the route. A `Route::Sudo` is tried twice: without a terminal, so that sudo leaves the lab's alone, and then with
    /// it, because a password given before may count for that terminal only.
    pub fn start(route: Route) -> Result<Self, Error> {
        let seat = match &route {
            Route::Own => Seat::Own(Box::default()),
            Route::Root if geteuid().is_root() => Seat::Desk(Box::default()),
            Route::Root => return Err(Error::NotRoot),
            Route::Sudo { binary } => {
                let by = |way| through_sudo(binary, &way);
                Seat::Process(by(Way::Apart).or_else(|_| by(Way::Beside))?)
            }
        };
        Ok(Self { route, seat, ears: None, beside: None })
    }

    /// Takes `Route::Sudo`, and sudo asks for a password in this process's terminal with this prompt if it wants one. The terminal is
    /// sudo's until it has let the observer through or given up: ^C there ends sudo, not us. It counts also where sudo remembers no
    /// password (`timestamp_timeout=0`).
    pub fn start_asking(binary: PathBuf, prompt: &str) -> Result<Self, Error> {
        let seat = Seat::Process(through_sudo(&binary, &Way::Asking(prompt))?);
        Ok(Self { route: Route::Sudo { binary }, seat, ears: None, beside: None })
    }

    /// One verdict a wish, in their order. Whatever goes wrong on the way is an Unknown.
    pub fn judge(&mut self, wishes: &[Check], context: &Context) -> Vec<Verdict> {
        match &mut self.seat {
            Seat::Desk(desk) => desk.judge(wishes, context),
            Seat::Own(live) => {
                **live = live.again();
                wishes.iter().map(|wish| judge_with(wish, &mut Own(live), context)).collect()
            }
            Seat::Process(_) => {
                match self.ask(&Request::Judge { checks: wishes.to_vec(), context: fitting(context) }) {
                    Ok(Answer::Verdicts(verdicts)) if verdicts.len() == wishes.len() => verdicts,
                    Ok(_) => unknown(wishes, &another_answer()),
                    Err(error) => unknown(wishes, &error.unknown()),
                }
            }
        }
    }

    /// The same, and all that was seen for it, but for what is secret: see [`checkers::machine::witness`].
    pub fn judge_with_testimony(&mut self, wishes: &[Check], context: &Context) -> (Vec<Verdict>, Testimony) {
        match &mut self.seat {
            Seat::Desk(desk) => desk.testify(wishes, context),
            Seat::Own(live) => {
                **live = live.again();
                let mut testimony = Testimony::new(wishes, context);
                let mut own = OwnWitness { own: Own(live), room: Cell::new(witness::MOST) };
                let judge = |(nth, wish)| testify_with(wish, &mut own, context, &mut testimony, nth);
                (wishes.iter().enumerate().map(judge).collect(), testimony)
            }
            Seat::Process(_) => {
                let said = match self.ask(&Request::Testify { checks: wishes.to_vec(), context: fitting(context) }) {
                    Ok(Answer::Testimony { verdicts, testimony }) if verdicts.len() == wishes.len() => {
                        match testimony.checked() {
                            Ok(testimony) => return (verdicts, testimony),
                            Err(why) => Verdict::unknown(why.to_string()),
                        }
                    }
                    Ok(Answer::Refused(why)) => Error::Refused(why).unknown(),
                    Ok(_) => another_answer(),
                    Err(error) => error.unknown(),
                };
                (unknown(wishes, &said), Testimony::of_nobody(wishes, context, &said))
            }
        }
    }

    /// Whom to tell what stirs, from now on, whatever becomes of the process that watches.
    pub fn hear(&mut self, ears: impl Fn(Told) + Send + Sync + 'static) {
        self.listen(std::sync::Arc::new(ears));
    }

    fn listen(&mut self, ears: Ears) {
        // Who listens looks again and again: a process of its own makes ready for the next look while nobody waits. It has one thread,
        // and so can change its rights to watch for others.
        if matches!(self.seat, Seat::Desk(_))
            && let Ok(process) = Helper::start_telling(&mut own_binary(&[]), MOST_TOLD)
        {
            self.seat = Seat::Process(process);
        }
        if let Seat::Process(process) = &mut self.seat
            && let Some(news) = process.news.take()
        {
            listen(news, Ears::clone(&ears));
        }
        self.ears = Some(ears);
    }

    /// Watches these grounds and no others. That all of them stirred is told at once, because nobody knows what was before.
    pub fn watch(&mut self, round: u64, grounds: Vec<Ground>) -> Result<(), Error> {
        let request = Request::Watch { round, grounds };
        let answer = match (&self.seat, &self.ears) {
            (Seat::Process(_), _) => self.ask(&request)?,
            (_, None) => return Err(Error::Refused("nobody listens".into())),
            (Seat::Desk(_), Some(_)) => return Err(Error::Refused("root watches in a process of its own only".into())),
            (Seat::Own(_), Some(ears)) => {
                let told = match &mut self.beside {
                    Some(beside) => beside.ask(&request),
                    None => Err(ErrorKind::NotConnected.into()),
                };
                match told {
                    Ok(answer) => answer,
                    Err(_) => self.beside.insert(Thread::start(Ears::clone(ears))?).ask(&request)?,
                }
            }
        };
        match answer {
            Answer::Watching => Ok(()),
            Answer::Refused(why) => Err(Error::Refused(why)),
            _ => Err(Error::Refused("another answer than asked for".into())),
        }
    }

    /// The shell in front of the terminal whose foreground process group this process leads.
    pub fn front(&mut self, pid: i32) -> Result<Front, Error> {
        let here = |live: &Live| front::look(live, pid).map_err(|why| Error::Refused(why.to_string()));
        match &self.seat {
            Seat::Desk(_) => here(&Live::new()),
            Seat::Own(live) => here(&live.again()),
            Seat::Process(_) => match self.ask(&Request::Front(pid))? {
                Answer::Front(front) => Ok(*front),
                Answer::Refused(why) => Err(Error::Refused(why)),
                _ => Err(Error::Refused("another answer than asked for".into())),
            },
        }
    }

    /// The way that led to this process, the outermost link first.
    pub fn chain(&mut self, pid: i32) -> Result<Vec<Link>, Error> {
        let here = |live: &Live| chain::look(live, pid).map_err(|why| Error::Refused(why.to_string()));
        match &self.seat {
            Seat::Desk(_) => here(&Live::new()),
            Seat::Own(live) => here(&live.again()),
            Seat::Process(_) => match self.ask(&Request::Chain(pid))? {
                Answer::Chain(links) => Ok(links),
                Answer::Refused(why) => Err(Error::Refused(why)),
                _ => Err(Error::Refused("another answer than asked for".into())),
            },
        }
    }

    /// The folder in which the lab may put its socket; `Refused` on the route that has no root.
    pub fn room(&mut self) -> Result<PathBuf, Error> {
        let answer = match &self.seat {
            Seat::Own(_) => return Err(Error::Refused("only root makes it".into())),
            Seat::Desk(_) => {
                let mut one = Helper::start(&mut own_binary(&[]), MOST)?;
                one.ask(&Request::Room(true))?;
                one.answer(Duration::ZERO)?
            }
            Seat::Process(_) => self.ask(&Request::Room(true))?,
        };
        match answer {
            Answer::Room(path) => Ok(path),
            Answer::Refused(why) => Err(Error::Refused(why)),
            _ => Err(Error::Refused("another answer than asked for".into())),
        }
    }

    fn ask(&mut self, request: &Request) -> Result<Answer, Error> {
        let more = match request {
            Request::Judge { checks, context } | Request::Testify { checks, context } => {
                // Each combination may wait as long as the context says.
                let waits = checks.iter().filter(|check| check.single().is_none()).count();
                let waits = context.patience.0.saturating_mul(u32::try_from(waits).unwrap_or(u32::MAX));
                MORE + waits + checks.iter().map(running_time).sum::<Duration>()
            }
            _ => MORE,
        };
        if let Seat::Process(process) = &mut self.seat
            && let Ok(answer) = process.ask(request).and_then(|()| process.answer(more))
        {
            return Ok(answer);
        }
        let fresh = Self::start(self.route.clone())?;
        // Whoever listens goes on to do so, also where this one and the next could not be started.
        let ears = self.ears.take();
        *self = fresh;
        if let Some(ears) = ears {
            self.listen(ears);
        }
        let Seat::Process(process) = &mut self.seat else { return Err(Error::NotRoot) };
        process.ask(request).and_then(|()| process.answer(more)).map_err(broken)
    }
}

/// Where sudo stands to the terminal.
enum Way<'a> {
    /// It has none.
    Apart,
    /// It knows it and leaves it alone.
    Beside,
    /// It has it until the password is given.
    Asking(&'a str),
}

/// An observer that sudo started. sudo itself goes when it has done that; where it has to stay between (it records what is typed,
/// say), it stays. After a password it stays too: nobody is to be asked twice.
fn through_sudo(binary: &PathBuf, way: &Way<'_>) -> Result<Helper, Error> {
    let mut helper = sudo(binary, way)?;
    if matches!(way, Way::Asking(_)) {
        return Ok(helper);
    }
    let alone = helper.ask(&Request::Alone(true)).and_then(|()| helper.answer(Duration::ZERO));
    if matches!(alone, Ok(Answer::Alone)) && helper.ended().is_some() && greet(&mut helper, MORE).is_ok() {
        return Ok(helper);
    }
    sudo(binary, way)
}

/// An empty question shows whether sudo let it through.
fn greet(helper: &mut Helper, time: Duration) -> io::Result<()> {
    let hello = Request::Judge { checks: Vec::new(), context: Box::default() };
    helper.ask(&hello).and_then(|()| helper.answer(time)).map(drop)
}

fn sudo(binary: &PathBuf, way: &Way<'_>) -> Result<Helper, Error> {
    let mut command = Command::new("sudo");
    match way {
        Way::Asking(prompt) => command.args(["-p", prompt]),
        Way::Apart | Way::Beside => command.arg("-n"),
    };
    command.arg("--").arg(binary).arg("observer");
    let is_apart = matches!(way, Way::Apart);
    let terminal = matches!(way, Way::Asking(_)).then(Terminal::open).transpose()?;
    let fd = terminal.as_ref().map(|terminal| terminal.0.as_raw_fd());
    let apart = move || {
        if is_apart {
            setsid().map(drop).map_err(io::Error::from)
        } else {
            setpgid(Pid::from_raw(0), Pid::from_raw(0)).map_err(io::Error::from)?;
            fd.map_or(Ok(()), |fd| give(fd, getpid()))
        }
    };
    // SAFETY: between fork and exec it makes system calls only and touches no memory of ours.
    unsafe { command.pre_exec(apart) };
    let mut helper = Helper::start_telling(&mut command, MOST_TOLD)?;
    let time = if terminal.is_some() { TYPING } else { MORE };
    match greet(&mut helper, time) {
        Ok(()) => Ok(helper),
        // sudo ends as what it started did.
        Err(_) if helper.ended().is_some_and(|status| status.signal().is_some()) => Err(Error::Ended),
        Err(_) => Err(Error::Sudo),
    }
}

/// Our terminal, while a child has it; ours again when this is dropped.
struct Terminal(File);

impl Terminal {
    fn open() -> io::Result<Self> {
        Ok(Self(File::options().read(true).write(true).open("/dev/tty")?))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A terminal that is gone is nobody's.
        let _ = give(self.0.as_raw_fd(), getpgrp());
    }
}

/// Makes this process group the foreground of the terminal, also from the background. System calls only.
fn give(terminal: RawFd, group: Pid) -> io::Result<()> {
    let mut quiet = SigSet::empty();
    quiet.add(Signal::SIGTTOU);
    let was = quiet.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    // SAFETY: whoever calls keeps the descriptor open.
    let given = tcsetpgrp(unsafe { BorrowedFd::borrow_raw(terminal) }, group);
    was.thread_set_mask()?;
    Ok(given?)
}

/// What of the commands fits into a question, the newest first.
fn fitting(context: &Context) -> Box<Context> {
    let mut context = Box::new(context.clone());
    let size =
        |context: &Context| context.commands.iter().map(|one| 2 * one.output.len() + one.line.len()).sum::<usize>();
    while size(&context) > MOST / 2 && !context.commands.is_empty() {
        context.commands.remove(0);
    }
    context
}

/// With this account's own eyes.
struct Own<'a>(&'a mut Live);

impl Ask for Own<'_> {
    fn look(&mut self, check: &Check, context: &Context) -> Verdict {
        let Some(single) = check.single() else { return Verdict::unknown("a combination is no single check") };
        self.refused(check, context).unwrap_or_else(|| single.judge(self.0, context))
    }
    fn now(&mut self) -> u64 {
        self.0.now()
    }
    fn pause(&mut self, time: Duration) {
        self.0.pause(time);
        // What comes after a rest is another look: an account may have been made meanwhile.
        *self.0 = self.0.again();
    }
}

impl Own<'_> {
    /// What is said where these eyes are not those that are needed, or nobody agreed to what would run.
    fn refused(&self, check: &Check, context: &Context) -> Option<Verdict> {
        if let Some(why) = seal::broken(check, context) {
            return Some(Verdict::unknown(why));
        }
        let Eyes::Account(name) = check.single()?.eyes() else { return None };
        let entry = self.0.account(&name);
        if entry.is_ok_and(|entry| entry.is_some_and(|one| one.uid == geteuid().as_raw())) {
            return None;
        }
        Some(Verdict::Unknown {
            why: format!("only {name} or root sees this"),
            grant: Some("allow this account to run rootless-lab through sudo".into()),
        })
    }
}

/// The same, and what they saw.
struct OwnWitness<'a> {
    own: Own<'a>,
    room: Cell<usize>,
}

impl Testify for OwnWitness<'_> {
    fn look(&mut self, check: &Check, context: &Context) -> (Verdict, Seen) {
        match self.own.refused(check, context) {
            Some(said) => (said.clone(), Seen::instead(said)),
            None => depose(check, self.own.0, context, &self.room),
        }
    }
    fn now(&mut self) -> u64 {
        self.own.now()
    }
    fn pause(&mut self, time: Duration) {
        Ask::pause(&mut self.own, time);
    }
}

fn unknown(wishes: &[Check], said: &Verdict) -> Vec<Verdict> {
    vec![said.clone(); wishes.len()]
}

fn another_answer() -> Verdict {
    Verdict::unknown("the observer gave another answer than asked for")
}

/// An end of the pipe is the end of whoever held the other one.
fn broken(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => Error::Ended,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_eyes_run_no_program_that_nobody_agreed_to_also_where_all_is_written_down() {
        let me = nix::unistd::User::from_uid(geteuid()).unwrap().unwrap().name;
        let check: Check =
            serde_json::from_value(serde_json::json!({"program": {"file": "/bin/true", "as": me}})).unwrap();
        let seal = checkers::Seal { digest: String::new(), folder: "/nowhere".into() };
        let context = Context { seal: Some(seal), ..Context::default() };
        let mut own = Observer { route: Route::Own, seat: Seat::Own(Box::default()), ears: None, beside: None };
        let (written, _) = own.judge_with_testimony(std::slice::from_ref(&check), &context);
        for verdict in own.judge(&[check], &context).into_iter().chain(written) {
            assert!(
                matches!(&verdict, Verdict::Unknown { why, .. } if why.contains("none of the lesson's own")),
                "{verdict:?}"
            );
        }
    }

    #[test]
    fn own_eyes_see_with_the_rights_of_this_account_and_say_what_to_grant_for_another_s() {
        let check = |name: &str| -> Check {
            serde_json::from_value(serde_json::json!({"path": {"path": "/", "as": name}})).unwrap()
        };
        let me = nix::unistd::User::from_uid(geteuid()).unwrap().unwrap().name;
        let other = if me == "daemon" { "bin" } else { "daemon" };
        let mut own = Observer { route: Route::Own, seat: Seat::Own(Box::default()), ears: None, beside: None };
        let verdicts = own.judge(&[check(&me), check(other)], &Context::default());
        assert!(verdicts[0].is_pass(), "{verdicts:?}");
        let Verdict::Unknown { why, grant } = &verdicts[1] else { panic!("{verdicts:?}") };
        assert_eq!(*why, format!("only {other} or root sees this"));
        assert_eq!(grant.as_deref(), Some("allow this account to run rootless-lab through sudo"));
    }
}
