//! The loop of a watcher: the lab's state comes in, keys come in, the pane or the log goes out. It holds no state of the lab's own:
//! what a key asks is asked at the lab's desk, like a word from any other terminal.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use super::keys::{Key, keys};
use super::terminal::{Signals, Terminal, write};
use crate::driver::desk::{Answer, Changes, say};
use crate::screen::{self, Aside, Frame, Look};
use crate::session::{GoalState, Pane};

/// How watching ended.
#[derive(Debug)]
pub enum Watched {
    /// The watcher left.
    Left,
    /// The lab was closed.
    Closed,
    /// The lab is gone without a word.
    Lost,
    /// A signal ended it; the terminal is as it was.
    Signal(i32),
}

/// A way to the lab's desk.
pub(super) type Door = Box<dyn Fn() -> io::Result<UnixStream>>;

/// More keys than that are not remembered while the lab is asked.
const MOST_WAITING: usize = 4;
/// A longer answer of a lab than this is none.
const MOST: usize = 4 << 20;

pub(super) struct Viewer {
    look: Look,
    door: Door,
    pane: Pane,
    terminal: Option<Terminal>,
    scroll: usize,
    message: Option<Aside>,
    /// A text in the place of the step.
    over: Option<String>,
    /// A question under way.
    asked: Option<Question>,
    /// What is asked after it.
    waiting: VecDeque<(Key, &'static str)>,
    /// `n` was pressed, and is to be pressed again.
    sure: bool,
}

struct Question {
    key: Key,
    stream: UnixStream,
    answer: Vec<u8>,
}

/// What woke the loop.
#[derive(Default)]
struct Woken {
    signals: bool,
    changes: bool,
    keys: bool,
    answer: bool,
    /// Nobody reads the log any more.
    unread: bool,
}

impl Viewer {
    pub(super) fn new(look: Look, door: Door, pane: Pane) -> Self {
        let (scroll, message, over, asked) = (0, None, None, None);
        let waiting = VecDeque::new();
        Self { look, door, pane, terminal: None, scroll, message, over, asked, waiting, sure: false }
    }

    /// Watches until the watcher or the lab has enough.
    pub(super) fn run(mut self, mut changes: Changes, signals: &Signals) -> io::Result<Watched> {
        let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
        self.terminal = interactive.then(|| Terminal::enter(!self.look.plain));
        self.log(None)?;
        loop {
            self.draw()?;
            let woken = self.wait(&changes, signals)?;
            if woken.unread {
                return Ok(Watched::Left);
            }
            if woken.signals {
                for signal in signals.take() {
                    if let Some(end) = self.signal(signal, signals)? {
                        return Ok(end);
                    }
                }
            }
            if woken.changes {
                let alive = changes.take_in()?;
                while let Some(pane) = changes.next() {
                    self.change(pane.map_err(io::Error::other)?)?;
                }
                if self.pane.over {
                    return Ok(Watched::Closed);
                }
                if !alive {
                    return Ok(Watched::Lost);
                }
            }
            if woken.answer {
                self.answer()?;
                if self.asked.is_none()
                    && let Some((key, word)) = self.waiting.pop_front()
                {
                    self.ask(key, word)?;
                }
            }
            if woken.keys {
                let mut bytes = [0; 256];
                let count = match nix::unistd::read(io::stdin().as_fd(), &mut bytes) {
                    Ok(count) => count,
                    Err(nix::Error::EINTR | nix::Error::EAGAIN) => continue,
                    // The terminal is gone.
                    Err(_) => 0,
                };
                if count == 0 {
                    return Ok(Watched::Left);
                }
                for key in keys(&bytes[..count]) {
                    if key == Key::Quit {
                        return Ok(Watched::Left);
                    }
                    self.key(key)?;
                }
            }
        }
    }

    fn wait(&self, changes: &Changes, signals: &Signals) -> io::Result<Woken> {
        let (input, output) = (io::stdin(), io::stdout());
        let mut fds: Vec<BorrowedFd<'_>> = vec![signals.as_fd(), changes.as_fd()];
        let keys = self.terminal.is_some().then(|| {
            fds.push(input.as_fd());
            fds.len() - 1
        });
        let answer = self.asked.as_ref().map(|asked| {
            fds.push(asked.stream.as_fd());
            fds.len() - 1
        });
        let mut fds: Vec<PollFd<'_>> = fds.into_iter().map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        // Only its end is told.
        fds.push(PollFd::new(output.as_fd(), PollFlags::empty()));
        let unread = Some(fds.len() - 1);
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) => {}
            // The signal stands in the pipe.
            Err(nix::Error::EINTR) => return Ok(Woken::default()),
            Err(error) => return Err(error.into()),
        }
        let is = |at: Option<usize>| at.is_some_and(|at| fds[at].any().unwrap_or(false));
        Ok(Woken { signals: is(Some(0)), changes: is(Some(1)), keys: is(keys), answer: is(answer), unread: is(unread) })
    }

    fn signal(&mut self, signal: Signal, signals: &Signals) -> io::Result<Option<Watched>> {
        match signal {
            Signal::SIGINT => return Ok(Some(Watched::Left)),
            Signal::SIGTSTP => {
                if let Some(terminal) = &mut self.terminal {
                    terminal.leave();
                }
                signals.stop();
                if let Some(terminal) = &mut self.terminal {
                    terminal.take();
                }
            }
            Signal::SIGCONT => {
                if let Some(terminal) = &mut self.terminal {
                    terminal.set();
                }
            }
            Signal::SIGWINCH => {}
            other => return Ok(Some(Watched::Signal(other as i32))),
        }
        Ok(None)
    }

    /// A new state of the lab.
    fn change(&mut self, pane: Pane) -> io::Result<()> {
        let before = std::mem::replace(&mut self.pane, pane);
        let now = &self.pane;
        if before.progress != now.progress {
            self.message = None;
            self.sure = false;
        }
        self.scroll = scroll_after(&before, now, self.scroll);
        if before.progress != now.progress || a_goal_turned(&before, now) {
            self.over = None;
        }
        self.log(Some(&before))
    }

    fn key(&mut self, key: Key) -> io::Result<()> {
        let sure = std::mem::take(&mut self.sure);
        self.message = None;
        let furthest = self.drawn().furthest;
        let page = self.drawn().room.saturating_sub(1).max(1);
        let from = self.scroll.min(furthest);
        match key {
            Key::Up => self.scroll = from.saturating_sub(1),
            Key::Down => self.scroll = (from + 1).min(furthest),
            Key::PageUp => self.scroll = from.saturating_sub(page),
            Key::PageDown => self.scroll = (from + page).min(furthest),
            _ if self.over.take().is_some() => self.scroll = 0,
            Key::Next if self.pane.progress.is_none() => self.tell(Aside::LessonDone)?,
            Key::Next if sure => self.ask(key, ":skip")?,
            Key::Next => {
                self.sure = true;
                self.tell(Aside::SkipFirst)?;
            }
            Key::Hint if self.pane.hints.len() >= self.pane.hints_in_all => {
                self.tell(Aside::LastHint)?;
                self.scroll = usize::MAX;
            }
            Key::Hint => self.ask(key, ":hint")?,
            Key::Manual => self.ask(key, ":man")?,
            Key::Why => self.ask(key, ":why")?,
            Key::Quit | Key::Other => {}
        }
        Ok(())
    }

    fn tell(&mut self, message: Aside) -> io::Result<()> {
        if self.is_log() && self.terminal.is_some() {
            return write(format!("{}\n", message.line()).as_bytes());
        }
        self.message = Some(message);
        Ok(())
    }

    fn ask(&mut self, key: Key, word: &'static str) -> io::Result<()> {
        if self.asked.is_some() {
            self.waiting.push_back((key, word));
            self.waiting.truncate(MOST_WAITING);
            return Ok(());
        }
        let opened = (self.door)().and_then(|mut stream| {
            say(&mut stream, word, &self.look.now())?;
            stream.set_nonblocking(true)?;
            Ok(stream)
        });
        match opened {
            Ok(stream) => {
                self.asked = Some(Question { key, stream, answer: Vec::new() });
                if !self.is_log() {
                    self.message = Some(Aside::Asking);
                }
                Ok(())
            }
            Err(_) => self.tell(Aside::NoAnswer),
        }
    }

    /// Reads what has come of an answer.
    fn answer(&mut self) -> io::Result<()> {
        let Some(mut asked) = self.asked.take() else { return Ok(()) };
        let mut bytes = [0; 16384];
        let count = match asked.stream.read(&mut bytes) {
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                self.asked = Some(asked);
                return Ok(());
            }
            Err(_) => 0,
        };
        asked.answer.extend_from_slice(&bytes[..count]);
        if count > 0 && !asked.answer.ends_with(b"\n") && asked.answer.len() < MOST {
            self.asked = Some(asked);
            return Ok(());
        }
        self.message = self.message.filter(|message| *message != Aside::Asking);
        let Ok(answer) = serde_json::from_slice::<Answer>(&asked.answer) else {
            return self.tell(Aside::NoAnswer);
        };
        let text = screen::clean_lines(&answer.text);
        // A hint and the next step come with the lab's state.
        if matches!(asked.key, Key::Manual | Key::Why) || answer.refused { self.read(text) } else { Ok(()) }
    }

    /// A text that was asked for.
    fn read(&mut self, text: String) -> io::Result<()> {
        if self.is_log() {
            return write(text.as_bytes());
        }
        self.scroll = 0;
        self.over = Some(text);
        Ok(())
    }

    fn is_log(&self) -> bool {
        self.terminal.as_ref().is_none_or(|terminal| !terminal.full)
    }

    fn drawn(&self) -> screen::Drawn {
        let frame = Frame {
            rows: Look::rows().unwrap_or(24),
            scroll: self.scroll,
            message: self.message.map(Aside::line),
            over: self.over.as_deref(),
        };
        screen::pane(&self.pane, frame, &self.look.now())
    }

    fn draw(&self) -> io::Result<()> {
        if self.is_log() {
            return Ok(());
        }
        let lines = self.drawn().lines;
        let mut text = String::from("\x1b[H");
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                text.push_str("\r\n");
            }
            text.push_str(line);
            text.push_str("\x1b[K");
        }
        text.push_str("\x1b[J");
        write(text.as_bytes())
    }

    /// In a log, what is new.
    fn log(&self, before: Option<&Pane>) -> io::Result<()> {
        if !self.is_log() {
            return Ok(());
        }
        let now = clock();
        let look = Look { colour: false, ..self.look.now() };
        let is_terminal = io::stdout().is_terminal();
        // In a file or a pipe one piece of news is one line, for whoever searches it.
        let line = |line: String| match is_terminal {
            true => screen::logged(&now, &line, &look),
            false => format!("{now} {line}\n"),
        };
        let lines = screen::news(before, &self.pane, &look).into_iter().map(line);
        write(lines.collect::<String>().as_bytes())
    }
}

/// Where to look after a change: the goals stand at the top, what was asked for and what went wrong at the end.
fn scroll_after(before: &Pane, now: &Pane, scroll: usize) -> usize {
    if before.progress != now.progress || a_goal_turned(before, now) {
        0
    } else if now.hints.len() > before.hints.len() || !now.diagnoses.is_empty() && now.diagnoses != before.diagnoses {
        usize::MAX
    } else {
        scroll
    }
}

/// A goal is green that was not, or the other way round; that it is red in another way is no reason to take a text away.
fn a_goal_turned(before: &Pane, now: &Pane) -> bool {
    let green = |pane: &Pane| -> Vec<bool> {
        pane.goals.iter().map(|goal| matches!(&goal.state, GoalState::Judged(verdict) if verdict.is_pass())).collect()
    };
    green(before) != green(now)
}

/// The time of day.
fn clock() -> String {
    // SAFETY: both calls only write to the places given, which live as long as the calls.
    let time = unsafe {
        let (now, mut time) = (libc::time(std::ptr::null_mut()), std::mem::zeroed::<libc::tm>());
        libc::localtime_r(&raw const now, &raw mut time);
        time
    };
    format!("{:02}:{:02}:{:02}", time.tm_hour, time.tm_min, time.tm_sec)
}

#[cfg(test)]
mod tests {
    use checkers::{Evidence, Verdict};

    use super::*;
    use crate::session::{Diagnosed, GoalLine};

    fn pane(verdict: Verdict, diagnoses: usize) -> Pane {
        let one = |nth| Diagnosed {
            id: format!("mistake-{nth}"),
            title: format!("mistake {nth}"),
            cause: String::new(),
            fix: vec![],
        };
        let goals = vec![GoalLine { say: "It is there.".into(), state: GoalState::Judged(verdict) }];
        Pane { goals, diagnoses: (0..diagnoses).map(one).collect(), ..Pane::default() }
    }

    fn red(found: &str) -> Verdict {
        Verdict::fail("there", found, Evidence::file("/x", found))
    }

    #[test]
    fn a_goal_that_turns_is_looked_at_though_a_mistake_was_read_at_the_end() {
        let green = Verdict::pass(Evidence::file("/x", "there"));
        let (before, mistake) = (pane(red("not there"), 0), pane(red("not there"), 1));
        assert_eq!(scroll_after(&before, &mistake, 3), usize::MAX);
        assert_eq!(scroll_after(&mistake, &pane(green.clone(), 1), usize::MAX), 0);
        assert_eq!(scroll_after(&pane(green, 1), &mistake, 9), 0, "and one that is lost");
        assert_eq!(scroll_after(&mistake, &pane(red("a directory"), 1), 7), 7);
        assert!(!a_goal_turned(&mistake, &pane(red("a directory"), 1)));
    }
}
