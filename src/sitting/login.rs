//! The candidate's login: a bash in a terminal of its own, as a login gives it, handed through to the candidate's byte for byte.
//! Beside it the record is kept. It ends with the bash, and the bash with it: whatever ends this process hangs the bash up.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{SigHandler, SigSet, Signal, kill, killpg, signal};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, tcgetpgrp};

use super::face;
use super::inside::CONTINUES;
use super::notes::{END, Lines, Note, Why};
use super::record::{Closed, Keeper};
use super::terminal::Lent;
use super::through::Through;
use super::watcher::Watcher;
use super::way;
use crate::bash;
use crate::driver::Sight;
use crate::exam::{Discretion, Event, Exam, Folder, FolderError, GradeKind, Leaving, Phase, Reading, Time, Typed};
use crate::grading;
use crate::screen::{self, Look, Said};

/// What bash reads.
const RC: &str = "rc.bash";
/// Where it notes.
const NOTES: &str = "notes";
/// How long the candidate's own start-up files may take before it is said that they do.
const SLOW: Duration = Duration::from_secs(5);
/// And before a login without them is opened.
const TOO_SLOW: Duration = Duration::from_secs(20);
/// How often the clock and the record are looked after.
const TICK: Duration = Duration::from_secs(5);
/// What a clock that is read twice may differ by.
const MOMENT: Duration = Duration::from_millis(5);
/// How long a bash that was hung up may take to end.
const FAREWELL: Duration = Duration::from_secs(3);

/// Which start-up files a login reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Files {
    /// The machine's and the candidate's own.
    All,
    /// The machine's.
    Machine,
    /// None.
    None,
}

/// Why no login was opened, or the record ended.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The record says no.
    #[error(transparent)]
    Record(#[from] FolderError),
    /// The system says no.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What it says.
        source: io::Error,
    },
    /// This process was told to end.
    #[error("ended by signal {0}")]
    Signal(i32),
}

/// Who sits what, and where.
pub struct Sitting<'a> {
    /// The exam.
    pub exam: &'a Exam,
    /// The account.
    pub account: &'a str,
    /// How the candidate's terminal wants to be written to.
    pub look: Look,
}

/// What happens beside the bash.
pub(super) enum Happens {
    Noted(Note),
    /// A shell inside was given a line.
    Typed(Typed),
    /// A shell inside waits for a line.
    Waits,
    Ended(io::Result<ExitStatus>),
    Signal(i32),
}

/// How one bash ended.
enum End {
    /// It ended. `up`: its start-up files had come to their end before, or it had become another program.
    Bash { status: ExitStatus, up: bool },
    /// Its start-up took too long.
    TooSlow,
    /// We were told to end.
    Signal(i32),
}

/// How the login ended.
struct Gone {
    /// We were told to end, by this signal.
    told: Option<i32>,
    /// A signal ended the bash: a terminal that goes away may tell it before us.
    hung_up: bool,
}

/// Opens the login and stays until it ends. The record says afterwards how it did.
pub fn sit(keeper: Arc<Mutex<Keeper>>, sitting: &Sitting<'_>) -> Result<(), Trouble> {
    let (login, began) = {
        let keeper = lock(&keeper);
        let began = u64::try_from(keeper.attempt().began.wall).unwrap_or_default();
        (face::folder(keeper.path()), began)
    };
    // Before any other thread: all of them leave these to the one that waits for them.
    let signals = SigSet::from_iter([Signal::SIGHUP, Signal::SIGTERM, Signal::SIGWINCH]);
    signals.thread_block().map_err(|errno| failed("wait for signals")(errno.into()))?;
    let (tell, happens) = channel();
    let heed = tell.clone();
    std::thread::spawn(move || {
        while let Ok(signal) = signals.wait()
            && heed.send(Happens::Signal(signal as i32)).is_ok()
        {}
    });
    make(&login).map_err(failed("make the login's folder"))?;
    // Read too, so that writing to it never waits for a reader.
    let notes = OpenOptions::new().read(true).write(true).open(login.join(NOTES));
    let notes = notes.map_err(failed("listen to the login"))?;
    let watcher = Watcher::start(sitting.exam, began, Arc::clone(&keeper));
    let terminal = Lent::begin(sitting.look.plain);
    let (lines, discretion) = (Lines::default(), Discretion::of(sitting.exam));
    // What hides passwords takes a moment to be made ready: a first line that waited for it would be written down behind a hand-in that
    // was typed after it.
    std::thread::spawn(|| Discretion::default().hide(""));
    let mut room =
        Room { keeper, watcher, sitting, happens, tell, notes, terminal, lines, discretion, said: None, number: 0 };
    let ended = room.stay(&login);
    let Room { keeper, watcher, terminal, .. } = room;
    drop((watcher, terminal));
    // What the bash read is of no use to anybody now; left behind, it is made anew.
    let _ = fs::remove_dir_all(&login);
    let Gone { told, hung_up } = ended?;
    let how = match told {
        None if !hung_up => Leaving::Exit,
        _ if going_down() => Leaving::Down,
        _ => Leaving::Lost,
    };
    lock(&keeper).write(Event::Left { how }).map_err(failed("read the clocks"))?;
    let _ = signals.thread_unblock();
    told.map_or(Ok(()), |signal| Err(Trouble::Signal(signal)))
}

/// Everything of a login.
struct Room<'a> {
    keeper: Arc<Mutex<Keeper>>,
    watcher: Watcher,
    sitting: &'a Sitting<'a>,
    happens: Receiver<Happens>,
    tell: Sender<Happens>,
    notes: File,
    terminal: Lent,
    lines: Lines,
    discretion: Discretion,
    /// What was left for the candidate at the next prompt, or said there last.
    said: Option<Left>,
    /// Of the last word that was left.
    number: u64,
}

/// What a word is about, so that each is said once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Over(Closed),
    NoRecord,
    RecordAgain,
    /// So many jumps of the clocks.
    Jumps(usize),
}

impl Room<'_> {
    /// One bash after the other, with fewer start-up files each, until one has come up and ended.
    fn stay(&mut self, login: &Path) -> Result<Gone, Trouble> {
        lock(&self.keeper).write(Event::Opened).map_err(failed("read the clocks"))?;
        // What there is to say stands above the first prompt already.
        self.tick()?;
        for files in [Files::All, Files::Machine, Files::None] {
            self.show_clock();
            let end = self.one_bash(login, files)?;
            match end {
                End::Signal(signal) => return Ok(Gone { told: Some(signal), hung_up: true }),
                End::Bash { status, up } if up || files == Files::None || status.signal().is_some() => {
                    let hung_up = status.signal().is_some();
                    self.terminal.back(hung_up);
                    return Ok(Gone { told: None, hung_up });
                }
                End::Bash { .. } | End::TooSlow => {
                    self.terminal.back(true);
                    self.print(&Said::StartUpLeftOut { all: files != Files::All });
                }
            }
        }
        Ok(Gone { told: None, hung_up: false })
    }

    fn one_bash(&mut self, login: &Path, files: Files) -> Result<End, Trouble> {
        let (master, slave) = self.terminal.twin().map_err(failed("open a terminal"))?;
        let mut bash = spawn(login, files, &slave).map_err(failed("start bash"))?;
        drop(slave);
        let pid = bash.id() as i32;
        let through =
            master.try_clone().and_then(|master| Through::new(master, &login.join(NOTES), pid, self.tell.clone()));
        let through = through.map_err(failed("listen to the login"))?;
        std::thread::spawn(move || through.run());
        let (tell, mut notes) = (self.tell.clone(), self.notes.try_clone().map_err(failed("listen to the login"))?);
        std::thread::spawn(move || {
            let ended = bash.wait();
            // Behind all that bash noted; without it the end only waits a little.
            let _ = notes.write_all(END);
            drop(tell.send(Happens::Ended(ended)));
        });
        let begun = Instant::now();
        let (mut up, mut warned) = (false, false);
        // bash has ended; its last note was read.
        let (mut ended, mut last) = (None, false);
        loop {
            let next = match (up, warned) {
                _ if ended.is_some() => FAREWELL,
                (true, _) => self.time_to_the_end().min(TICK),
                (false, false) => SLOW.saturating_sub(begun.elapsed()),
                (false, true) => TOO_SLOW.saturating_sub(begun.elapsed()).min(TICK),
            };
            match self.happens.recv_timeout(next) {
                Ok(Happens::Noted(note)) => {
                    // Also without a prompt that is seen: with the start-up files done nothing can hang any more.
                    up |= note.why != Why::End;
                    match ended.take_if(|_| note.why == Why::End) {
                        Some(status) => return Ok(End::Bash { status, up }),
                        None => last |= note.why == Why::End,
                    }
                    if note.why != Why::End {
                        self.noted(&note)?;
                    }
                }
                Ok(Happens::Ended(status)) => {
                    let status = status.map_err(failed("wait for bash"))?;
                    if last {
                        return Ok(End::Bash { status, up });
                    }
                    ended = Some(status);
                }
                Ok(Happens::Typed(typed)) => self.typed(typed)?,
                Ok(Happens::Waits) => self.watcher.prompt(),
                Ok(Happens::Signal(signal)) if signal == Signal::SIGWINCH as i32 => {
                    bash::resize(&master, bash::size_of(io::stdin().as_fd()));
                }
                Ok(Happens::Signal(signal)) => {
                    if ended.is_none() {
                        self.hang_up(pid, &master);
                    }
                    return Ok(End::Signal(signal));
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(End::Signal(Signal::SIGTERM as i32)),
                Err(RecvTimeoutError::Timeout) if ended.is_some() => {
                    if let Some(status) = ended {
                        return Ok(End::Bash { status, up });
                    }
                }
                Err(RecvTimeoutError::Timeout) if up => self.tick()?,
                Err(RecvTimeoutError::Timeout) => {
                    self.tick()?;
                    if begun.elapsed() < SLOW {
                        continue;
                    }
                    if let Some(name) = another_program(pid) {
                        up = true;
                        self.print(&Said::NoBash(&name));
                    } else if begun.elapsed() >= TOO_SLOW {
                        self.hang_up(pid, &master);
                        return Ok(End::TooSlow);
                    } else if !std::mem::replace(&mut warned, true) {
                        self.print(&Said::StartUpIsSlow((TOO_SLOW - SLOW).as_secs()));
                    }
                }
            }
        }
    }

    /// bash waits at its prompt: what ran is written down, and what the clock says.
    fn noted(&mut self, note: &Note) -> Result<(), Trouble> {
        let typed = self.lines.line(note, Some(self.sitting.account));
        let told = note.told.is_some_and(|number| face::said(lock(&self.keeper).path(), number));
        if told && let Some(Left::Jumps(jumps)) = self.said {
            lock(&self.keeper).told(jumps);
            self.said = None;
        }
        match typed {
            Some(typed) => self.typed(typed)?,
            None => lock(&self.keeper).flush(),
        }
        if note.why == Why::Prompt {
            self.watcher.prompt();
        }
        // By the clock an exam ends at a prompt only: what runs is let alone, and so is who types.
        if told && matches!(self.said, Some(Left::Over(Closed::ByClock))) {
            lock(&self.keeper).close().map_err(failed("read the clocks"))?;
            self.show_clock();
            self.look_at_hand_in();
        }
        self.tick()
    }

    /// Looks at what is handed in, beside the login: who stays may go on. Whoever waits for this login's end sees whether it was done.
    fn look_at_hand_in(&self) {
        let (exam, keeper) = (self.sitting.exam.clone(), lock(&self.keeper));
        let (attempt, mut folder) = (keeper.attempt().clone(), Folder::at(keeper.path()));
        std::thread::spawn(move || {
            let kind = GradeKind::Predicted;
            let mut sight = Sight::default();
            grading::look(&mut folder, &exam, &attempt, kind, &mut sight, grading::settle(kind)).map(drop)
        });
    }

    /// A line is written down, without a password that is the candidate's own.
    fn typed(&mut self, mut typed: Typed) -> Result<(), Trouble> {
        // Only at such a prompt is a line the rest of the one before.
        if typed.inside.as_ref().is_none_or(|inside| inside.prompt != CONTINUES) {
            self.discretion.begin();
        }
        typed.line = self.discretion.hide(&typed.line);
        lock(&self.keeper).write(Event::Command(Box::new(typed))).map_err(failed("read the clocks"))
    }

    /// Looks after the clock and the record; leaves a word where there is one.
    fn tick(&mut self) -> Result<(), Trouble> {
        let mut keeper = lock(&self.keeper);
        keeper.flush();
        keeper.look().map_err(failed("read the clocks"))?;
        let running = keeper.attempt().phase == Phase::Running;
        let over = keeper.over().map_err(failed("read the clocks"))?.filter(|_| running);
        let (left, word) = match (keeper.trouble(), over, self.said) {
            (Some(error), _, _) => (Left::NoRecord, self.words(&Said::NoRecord(&error.to_string()))),
            (None, Some(closed), _) => {
                (Left::Over(closed), self.words(&Said::Over { certain: closed == Closed::ByClock }))
            }
            (None, None, Some(Left::NoRecord)) => (Left::RecordAgain, self.words(&Said::RecordAgain)),
            (None, None, _) if !keeper.jumps().is_empty() => {
                (Left::Jumps(keeper.jumps().len()), self.words(&Said::Jumped(keeper.jumps())))
            }
            (None, None, _) => return Ok(()),
        };
        if self.said != Some(left) && face::say(keeper.path(), self.number + 1, &word).is_ok() {
            (self.number, self.said) = (self.number + 1, Some(left));
        }
        Ok(())
    }

    /// Until the time is over; a moment more, so that it is.
    fn time_to_the_end(&self) -> Duration {
        let keeper = lock(&self.keeper);
        match Reading::now().map(|now| keeper.attempt().time_at(&now)) {
            Ok(Time::Left(left)) if keeper.attempt().phase == Phase::Running => Duration::from_micros(left) + MOMENT,
            _ => TICK,
        }
    }

    fn show_clock(&self) {
        let keeper = lock(&self.keeper);
        // An old face still tells the end; without room for a new one nothing better can be had.
        if let Ok(now) = Reading::now() {
            let _ = face::show(keeper.path(), keeper.attempt(), &now);
        }
    }

    fn words(&self, said: &Said<'_>) -> String {
        screen::said(said, &self.sitting.look.now())
    }

    fn print(&self, said: &Said<'_>) {
        // The start-up files may have left the cursor anywhere, and the terminal in any mode.
        let text = format!("\r\n{}", self.words(said).replace('\n', "\r\n"));
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// Ends a bash, and what it has in front.
    fn hang_up(&self, pid: i32, master: &File) {
        let bash = Pid::from_raw(pid);
        let front = tcgetpgrp(master).ok().filter(|front| front.as_raw() > 0);
        let hang = |signal| {
            let _ = front.map(|front| killpg(front, signal));
            let _ = killpg(bash, signal);
            let _ = kill(bash, signal);
        };
        hang(Signal::SIGHUP);
        let _ = kill(bash, Signal::SIGCONT);
        if !self.comes_to_an_end() {
            hang(Signal::SIGKILL);
            self.comes_to_an_end();
        }
    }

    /// Waits for a bash's end and for its last note, so that the next one's notes are its own.
    fn comes_to_an_end(&self) -> bool {
        let (until, mut ended, mut last) = (Instant::now() + FAREWELL, false, false);
        while !(ended && last) {
            match self.happens.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Happens::Ended(_)) => ended = true,
                Ok(Happens::Noted(note)) => last |= note.why == Why::End,
                Ok(Happens::Signal(_) | Happens::Typed(_) | Happens::Waits) => {}
                Err(_) => return ended,
            }
        }
        true
    }
}

fn failed(doing: &'static str) -> impl Fn(io::Error) -> Trouble {
    move |source| Trouble::Io { doing, source }
}

fn lock(keeper: &Mutex<Keeper>) -> MutexGuard<'_, Keeper> {
    keeper.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The login's folder: what bash reads, and where it notes.
fn make(login: &Path) -> io::Result<()> {
    match fs::remove_dir_all(login) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    DirBuilder::new().mode(0o700).create(login)?;
    fs::write(login.join(RC), include_str!("rc.bash"))?;
    face::make(login)?;
    Ok(nix::unistd::mkfifo(&login.join(NOTES), Mode::S_IRUSR | Mode::S_IWUSR)?)
}

fn spawn(login: &Path, files: Files, terminal: &File) -> io::Result<Child> {
    let program = std::env::var_os("PATH")
        .and_then(|path| std::env::split_paths(&path).map(|folder| folder.join("bash")).find(|bash| bash.is_file()));
    let mut command = Command::new(program.unwrap_or_else(|| "/bin/bash".into()));
    let [name, options @ ..] = way::OWN;
    command.arg0(name).args(options);
    // bash fills in what stands there, and a path may hold anything.
    command.env("ENV", format!("$ROOTLESS_LAB_LOGIN/{RC}")).env("ROOTLESS_LAB_LOGIN", login);
    if let Some(env) = std::env::var_os("ENV") {
        command.env("ROOTLESS_LAB_ENV", env);
    }
    let files = match files {
        Files::All => "all",
        Files::Machine => "machine",
        Files::None => "none",
    };
    command.env("ROOTLESS_LAB_FILES", files);
    if let Some(home) = std::env::var_os("HOME").filter(|home| Path::new(home).is_dir()) {
        command.current_dir(home);
    }
    let parent = nix::unistd::getpid();
    // SAFETY: between fork and exec it makes system calls only and touches no memory of ours.
    unsafe {
        command.pre_exec(move || {
            // The keys mean what they mean to a login, whoever started us.
            for one in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU] {
                signal(one, SigHandler::SigDfl)?;
            }
            // What a thread leaves to another one its children would leave to nobody.
            SigSet::empty().thread_set_mask()?;
            set_pdeathsig(Signal::SIGHUP)?;
            // Whoever died before that cannot hang it up any more.
            if nix::unistd::getppid() == parent { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
        });
    }
    bash::seat(&mut command, terminal)?;
    command.spawn()
}

/// The name of what bash became, where it is no bash any more.
fn another_program(pid: i32) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned()).filter(|name| !name.is_empty() && !name.contains("bash"))
}

/// Whether the machine is: it says so, or lets nobody log in any more.
fn going_down() -> bool {
    let stopping = || {
        let mut asked = Command::new("systemctl");
        let said = asked.arg("is-system-running").stdin(Stdio::null()).stderr(Stdio::null()).output();
        said.is_ok_and(|said| said.stdout.trim_ascii() == b"stopping")
    };
    Path::new("/run/nologin").exists() || stopping()
}
