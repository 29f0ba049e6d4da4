//! The one loop: keyboard, bash's terminal, signals and bash's life, until bash prompts again or is gone.
//! No thread ever waits in a read of the keyboard.

use std::borrow::Cow;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::framing::{Framing, Phase};
use super::marks::{Mark, Piece};
use super::model::{Beside, Error, failed};
use super::pty::{Raw, echo_of};
use super::session::Bash;
use super::signals::{self, Watch};

/// More than a terminal can hold of what was printed and not yet read (64 KiB, and a page in the line discipline).
const QUEUED: usize = 128 * 1024;

/// A command that runs for so long may wait for a key, however much others print meanwhile; and keys wait no longer for one to begin.
const A_WHILE: Duration = Duration::from_millis(200);

/// What goes to bash's terminal while a command runs.
#[derive(Default)]
struct Keys {
    /// The terminal has not taken these yet.
    rest: Vec<u8>,
    /// Something was sent: what nobody reads of it is taken back at the prompt.
    sent: bool,
    /// Typed before what the keyboard has now.
    earlier: Vec<u8>,
    /// The caller was asked for these.
    asked: bool,
}

impl Bash {
    /// `lines`: what is left of the submission, last first.
    pub(super) fn relay(
        &mut self,
        framing: &mut Framing,
        mut lines: Vec<Vec<u8>>,
        beside: &mut dyn Beside,
    ) -> Result<(), Error> {
        let (keyboard, master) = (Arc::clone(&self.keyboard), Arc::clone(&self.pty.master));
        let _watch = Watch::begin();
        let _raw = Raw::enter(keyboard.as_fd());
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.resize(64 * 1024, 0);
        let (mut ahead, mut open, mut idle) = (Keys::default(), true, false);
        let (begun, mut prompting) = (Instant::now(), None);
        // Keys may go to bash: it holds before its next prompt. And how much was read since it was told to.
        let (mut sure, mut since) = (false, 0);
        let outcome = loop {
            // At its prompt bash gets nothing any more: what is left is the beginning of the next line.
            let busy = !matches!(framing.phase, Phase::Prompting | Phase::Ready);
            // They go to the command, not to a bash that still reads its line.
            let takes = framing.phase == Phase::Running || framing.direct || begun.elapsed() > A_WHILE;
            let listening = open && busy && takes && ahead.rest.len() < 65536;
            let sending = busy && !ahead.rest.is_empty();
            let earlier = listening && !ahead.earlier.is_empty();
            let quiet = if earlier { Some(Duration::ZERO) } else { self.patience(framing, &lines, idle) };
            let (typed, output, signals, life) = {
                let write = if sending { PollFlags::POLLOUT } else { PollFlags::empty() };
                let mut fds = [
                    PollFd::new(master.as_fd(), PollFlags::POLLIN | write),
                    PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN),
                    PollFd::new(keyboard.as_fd(), if listening { PollFlags::POLLIN } else { PollFlags::empty() }),
                    PollFd::new(self.pty.life.as_ref().map_or(master.as_fd(), AsFd::as_fd), PollFlags::POLLIN),
                ];
                // A closed keyboard says so for ever: it is left out.
                let life = self.pty.life.is_some();
                if !listening {
                    fds.swap(2, 3);
                }
                let count = if listening { 3 + usize::from(life) } else { 2 + usize::from(life) };
                let timeout = if life { quiet } else { Some(quiet.unwrap_or(Duration::from_millis(100))) };
                wait_any(&mut fds[..count], timeout);
                let is = |at: usize| at < count && fds[at].any().unwrap_or(false);
                if listening { (is(2), is(0), is(1), is(3)) } else { (false, is(0), is(1), is(2)) }
            };
            let keys = typed || earlier;
            if signals {
                let came = self.pipe.take();
                if let Some(signal) = came.iter().find(|byte| ![signals::NUDGE, libc::SIGWINCH as u8].contains(byte)) {
                    break Err(Error::Signal(i32::from(*signal)));
                }
                if came.contains(&signals::NUDGE) {
                    self.nested.ask_again();
                    idle = false;
                }
                self.resize();
            }
            if sending && let Ok(count) = self.pty.write(&ahead.rest) {
                ahead.rest.drain(..count);
            }
            let mut heard = false;
            // Before a key goes to bash, bash is told to hold; then what it printed until that is read, for it may be done
            // already: then the key stays where it is, for the next prompt.
            let asks = keys && !sure;
            // Without the private folder it cannot be told: then the key goes on all the same.
            let untold = asks && !self.hold();
            if output || asks {
                match self.read(&mut buffer) {
                    Ok(count) if count > 0 => {
                        (heard, idle) = (true, false);
                        since += if self.holds() || untold { count } else { 0 };
                        sure = since > QUEUED;
                        self.take(framing, &buffer[..count], &mut lines, &mut ahead)?;
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => sure = self.holds() || untold,
                    _ => {
                        self.gone = Some(self.reap());
                    }
                }
            }
            let waits = !matches!(framing.phase, Phase::Prompting | Phase::Ready);
            // Whoever is asked for earlier ones may have read what the keyboard had.
            if keys && sure && self.gone.is_none() && waits && !self.ask_for_earlier(&mut ahead, beside) {
                let read = match ahead.earlier.len().min(buffer.len()) {
                    0 => nix::unistd::read(&keyboard, &mut buffer),
                    count => {
                        buffer[..count].copy_from_slice(&ahead.earlier[..count]);
                        ahead.earlier.drain(..count);
                        // A terminal that was raw when they were typed would not have echoed them.
                        let modes = self.pty.modes().map_err(failed("ask the terminal"))?;
                        framing.sent_on(echo_of(&buffer[..count], &modes));
                        Ok(count)
                    }
                };
                match read {
                    Ok(0) | Err(nix::Error::EIO) => open = false,
                    Ok(count) => {
                        self.show_ahead()?;
                        ahead.sent = true;
                        self.nested.typed(&buffer[..count]);
                        let sent =
                            if ahead.rest.is_empty() { self.pty.write(&buffer[..count]).unwrap_or(0) } else { 0 };
                        ahead.rest.extend_from_slice(&buffer[sent..count]);
                    }
                    Err(_) => {}
                }
            }
            if framing.phase == Phase::Running && self.nested.is_typed_on() {
                // What is typed next may ask about it (`rootless-lab check`).
                let commands = self.nested.take_commands();
                self.untold.extend(beside.nested(&commands));
            }
            let may_be_gone = (life || self.pty.life.is_none()) && !heard && self.gone.is_none();
            if may_be_gone && matches!(self.pty.child.try_wait(), Ok(Some(_))) {
                // Its last words may still be on their way through the kernel.
                while wait(&mut [PollFd::new(master.as_fd(), PollFlags::POLLIN)], Duration::from_millis(15)) {
                    match self.pty.read(&mut buffer) {
                        Ok(count) if count > 0 => self.take(framing, &buffer[..count], &mut lines, &mut ahead)?,
                        _ => break,
                    }
                }
                self.gone = Some(self.reap());
            }
            if self.gone.is_some() {
                break Ok(());
            }
            // A background job that never falls quiet keeps nobody from the prompt.
            let overdue = framing.phase == Phase::Prompting
                && prompting.get_or_insert_with(Instant::now).elapsed() > self.latest();
            if overdue || (!heard && !keys && !signals) {
                self.quiet(framing, &mut lines, &mut idle, &mut ahead, beside)?;
            }
            if framing.wants_more {
                self.more(framing, &mut lines)?;
            }
            if framing.phase == Phase::Running && !ahead.asked && begun.elapsed() > A_WHILE {
                self.ask_for_earlier(&mut ahead, beside);
            }
            if framing.phase == Phase::Ready {
                break Ok(());
            }
        };
        self.let_go();
        if matches!(outcome, Err(Error::Signal(_))) {
            super::guard::give_back();
        }
        self.buffer = buffer;
        lines.reverse();
        let mut typed = lines.concat();
        typed.extend(std::mem::take(&mut self.typed));
        typed.append(&mut ahead.rest);
        if outcome.is_ok() && !typed.is_empty() {
            // What was never asked for comes behind all of this.
            self.ask_for_earlier(&mut ahead, beside);
        }
        typed.append(&mut ahead.earlier);
        self.typed = typed;
        outcome
    }

    /// As much as there is at once, up to the buffer: one write to the learner's terminal for many reads.
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = self.pty.read(buffer)?;
        let mut last = filled;
        while last >= 1024 && buffer.len() - filled >= 4096 {
            last = self.pty.read(&mut buffer[filled..]).unwrap_or(0);
            filled += last;
        }
        Ok(filled)
    }

    /// How long quiet must last before it means something; none: it means nothing.
    fn patience(&self, framing: &Framing, lines: &[Vec<u8>], idle: bool) -> Option<Duration> {
        let millis = match framing.phase {
            _ if self.scanner.holds() && !idle => 20,
            // It may still say that it holds.
            Phase::Prompting if self.holds() => 1000,
            Phase::Prompting if self.ps1.is_empty() => 4,
            Phase::Prompting => 60,
            Phase::Echo => 150,
            Phase::Lead if !lines.is_empty() => 60,
            Phase::Lead if !framing.direct => 200,
            Phase::Running if !idle => 60,
            _ => return None,
        };
        Some(Duration::from_millis(millis))
    }

    /// How long after bash said that it is done its prompt is waited for, however much is printed meanwhile.
    fn latest(&self) -> Duration {
        // Longer than quiet must last.
        Duration::from_millis(if self.holds() { 1500 } else { 500 })
    }

    fn quiet(
        &mut self,
        framing: &mut Framing,
        lines: &mut [Vec<u8>],
        idle: &mut bool,
        ahead: &mut Keys,
        beside: &mut dyn Beside,
    ) -> Result<(), Error> {
        self.show_ahead()?;
        if self.scanner.holds() {
            let mut held = Vec::new();
            self.scanner.flush(&mut |piece| {
                if let Piece::Text(text) = piece {
                    held.extend_from_slice(text);
                }
            });
            let shown = framing.text(&held);
            self.show(&shown)?;
        }
        match framing.phase {
            Phase::Running if !*idle => {
                *idle = true;
                let held = framing.quiet();
                self.show(&held)?;
                self.ask_for_earlier(ahead, beside);
                if framing.ends_with(&self.ps1) && Some(self.pid()) == self.front().leader() {
                    // bash prompts without having said that it is done: the line took our hook away. The next mark C puts it back.
                    framing.phase = Phase::Ready;
                    if std::mem::take(&mut ahead.sent) {
                        self.typed = self.pty.drain().unwrap_or_default();
                    }
                    return self.show(self.afresh());
                }
                if self.nested.waits() || (self.nested.may_wait() && self.front().may_be_waiting_shell()) {
                    let commands = self.nested.take_commands();
                    self.untold.extend(beside.nested(&commands));
                    // Somebody types already: it is said at the next prompt.
                    if !self.untold.is_empty() && self.nested.untouched() {
                        let above = self.nested.above(&std::mem::take(&mut self.untold), self.afresh());
                        self.show(&above)?;
                    }
                }
            }
            Phase::Lead if !lines.is_empty() => framing.wants_more = true,
            Phase::Lead if !framing.direct => {
                self.ask_for_earlier(ahead, beside);
                let shown = framing.go_direct();
                self.show(&shown)?;
            }
            Phase::Echo | Phase::Prompting => {
                let shown = framing.quiet();
                self.show(&shown)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Keys that were typed before those that the keyboard has: whoever reads gets them first. True when they were asked for just now.
    fn ask_for_earlier(&mut self, ahead: &mut Keys, beside: &mut dyn Beside) -> bool {
        let now = !std::mem::replace(&mut ahead.asked, true);
        if now {
            ahead.earlier = beside.keys();
            // Whoever was asked may have heard of a new size in our place.
            self.resize();
        }
        now
    }

    /// bash printed PS2: it gets the next line, or the learner types on.
    fn more(&mut self, framing: &mut Framing, lines: &mut Vec<Vec<u8>>) -> Result<(), Error> {
        let held = framing.go_direct();
        match lines.pop() {
            Some(line) => {
                framing.direct = false;
                let echo = self.send_line(&line)?;
                framing.sent(&echo);
                Ok(())
            }
            None => self.show(&held),
        }
    }

    fn take(
        &mut self,
        framing: &mut Framing,
        bytes: &[u8],
        lines: &mut Vec<Vec<u8>>,
        ahead: &mut Keys,
    ) -> Result<(), Error> {
        let mut scanner = std::mem::take(&mut self.scanner);
        let mut outcome = Ok(());
        scanner.feed(bytes, &mut |piece| {
            if outcome.is_ok() {
                outcome = self.piece(framing, piece, lines, ahead);
            }
        });
        self.scanner = scanner;
        outcome
    }

    fn piece(
        &mut self,
        framing: &mut Framing,
        piece: Piece<'_>,
        lines: &mut Vec<Vec<u8>>,
        ahead: &mut Keys,
    ) -> Result<(), Error> {
        match piece {
            Piece::Text(text) => {
                let shown: Cow<'_, [u8]> = framing.text(text);
                if framing.phase == Phase::Running {
                    self.nested.output(&shown);
                }
                self.show(&shown)
            }
            Piece::Mode(number, set) => {
                if framing.phase == Phase::Running {
                    self.nested.mode(number, set);
                }
                Ok(())
            }
            Piece::Mark(Mark::Begin) => {
                framing.begin();
                // Where bash cannot be told to hold it would run them by itself: then they wait for its prompt.
                if lines.is_empty() || !self.holds() {
                    return Ok(());
                }
                // As when several lines are pasted: what the command does not read comes back as typed ahead.
                lines.reverse();
                let rest = lines.concat();
                lines.clear();
                let modes = self.pty.modes().map_err(failed("ask the terminal"))?;
                framing.sent_on(echo_of(&rest, &modes));
                ahead.sent = true;
                ahead.rest.extend(rest);
                Ok(())
            }
            Piece::Mark(Mark::Done { status, cwd, ps1, ps2, dark, editing }) => {
                (self.dark, self.editing) = (dark, editing);
                self.set_done(status, cwd, &ps1, &ps2);
                let held = framing.done(ps1, ps2);
                if self.dark {
                    framing.phase = Phase::Ready;
                }
                self.nested_left = self.nested.take_commands();
                self.nested.begin();
                self.show(&held)
            }
            Piece::Mark(Mark::Hold) => {
                if std::mem::take(&mut ahead.sent) {
                    let typed = self.pty.drain().map_err(failed("read what was typed ahead"))?;
                    self.typed.extend(typed);
                }
                self.let_go();
                self.answer(b"\n")
            }
            Piece::Mark(Mark::Reply(_)) => Ok(()),
        }
    }

    fn reap(&mut self) -> i32 {
        self.pty.child.wait().map_or(1, |status| status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
    }
}

fn wait_any(fds: &mut [PollFd<'_>], timeout: Option<Duration>) -> bool {
    let timeout =
        timeout.map_or(PollTimeout::NONE, |timeout| PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX));
    poll(fds, timeout).is_ok_and(|ready| ready > 0)
}

fn wait(fds: &mut [PollFd<'_>], timeout: Duration) -> bool {
    wait_any(fds, Some(timeout))
}

pub(super) fn wait_writable(fd: BorrowedFd<'_>) {
    wait_any(&mut [PollFd::new(fd, PollFlags::POLLOUT)], Some(Duration::from_millis(100)));
}
