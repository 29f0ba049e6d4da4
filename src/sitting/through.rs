//! Hands the candidate's terminal through to the login's and back, byte for byte, and reads along: what bash notes, and what is typed in
//! shells inside. Never changes, holds back or adds a byte.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::Sender;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use super::inside::{Companion, Inside, Read};
use super::login::Happens;
use super::notes::{Note, Reader, Why};
use super::way::{Way, way};
use crate::bash::size_of;
use crate::exam::{Inside as Where, Reading, Typed};

/// As much as waits for the login's terminal before no more keys are taken.
const WAITING: usize = 64 * 1024;
/// How long the last words of a bash may be on their way through the kernel, in milliseconds.
const LAST_WORDS: u16 = 15;

/// Both terminals, and the fifo in which bash notes.
pub(super) struct Through {
    inside: Inside,
    ears: Ears,
}

/// What is heard and seen beside the bytes.
struct Ears {
    master: File,
    notes: File,
    reader: Reader,
    bash: i32,
    tell: Sender<Happens>,
    /// bash said that it prompts.
    prompts: bool,
    /// When its line began, on the clock that runs since boot.
    begun: Option<u64>,
    ended: bool,
}

impl Through {
    /// Of the bash on this terminal, and its fifo.
    pub(super) fn new(master: File, notes: &Path, bash: i32, tell: Sender<Happens>) -> io::Result<Self> {
        let inside = Inside::new(size_of(io::stdin().as_fd()).ws_col);
        // Written to as well, so that it never comes to an end between two notes.
        let notes = OpenOptions::new().read(true).write(true).custom_flags(nix::libc::O_NONBLOCK).open(notes)?;
        let reader = Reader::default();
        Ok(Self { inside, ears: Ears { master, notes, reader, bash, tell, prompts: false, begun: None, ended: false } })
    }

    /// Until the last note of this bash.
    pub(super) fn run(mut self) {
        let mut buffer = vec![0; 64 * 1024];
        let (mut to_bash, mut open, mut there): (Vec<u8>, _, _) = (Vec::new(), true, true);
        while !self.ears.ended {
            let keys = open && to_bash.len() < WAITING;
            let (typed, shown, noted) = self.wait(keys, there, !to_bash.is_empty());
            if shown {
                there = self.show(&mut buffer);
            }
            if noted {
                self.ears.listen();
            }
            if !to_bash.is_empty() {
                write_some(&self.ears.master, &mut to_bash);
            }
            if typed {
                match nix::unistd::read(io::stdin(), &mut buffer) {
                    Ok(0) | Err(nix::Error::EIO) => {
                        open = false;
                        let _ = self.ears.tell.send(Happens::Signal(Signal::SIGHUP as i32));
                    }
                    Ok(count) => {
                        self.inside.resize(size_of(io::stdin().as_fd()).ws_col);
                        self.inside.keys(&buffer[..count], &mut self.ears);
                        to_bash.extend_from_slice(&buffer[..count]);
                        write_some(&self.ears.master, &mut to_bash);
                    }
                    Err(_) => {}
                }
            }
        }
        while there && ready(self.ears.master.as_fd(), LAST_WORDS) {
            there = self.show(&mut buffer);
        }
        let _ = self.ears.tell.send(Happens::Noted(Note { why: Why::End, ..Note::default() }));
    }

    /// Keys, something to show, notes.
    fn wait(&self, keys: bool, there: bool, writes: bool) -> (bool, bool, bool) {
        let (stdin, ears) = (io::stdin(), &self.ears);
        let wanted = |wanted, flags| if wanted { flags } else { PollFlags::empty() };
        let out = wanted(writes, PollFlags::POLLOUT);
        let mut fds = vec![PollFd::new(ears.notes.as_fd(), PollFlags::POLLIN)];
        // Whoever is closed says so for ever: they are left out.
        if there {
            fds.push(PollFd::new(ears.master.as_fd(), PollFlags::POLLIN | out));
        }
        if keys {
            fds.push(PollFd::new(stdin.as_fd(), PollFlags::POLLIN));
        }
        if poll(&mut fds, PollTimeout::NONE).is_err() {
            return (false, false, false);
        }
        let is = |at: usize| fds.get(at).is_some_and(|fd| fd.any().unwrap_or(false));
        (keys && is(1 + usize::from(there)), there && is(1), is(0))
    }

    /// Shows what there is; false where there will never be more.
    fn show(&mut self, buffer: &mut [u8]) -> bool {
        match self.ears.master.read(buffer) {
            Ok(count) if count > 0 => {
                write_all(&buffer[..count]);
                self.inside.shown(&buffer[..count], &mut self.ears);
                true
            }
            Err(error) => matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
            Ok(_) => false,
        }
    }
}

impl Ears {
    /// Takes the notes there are.
    fn listen(&mut self) {
        let mut buffer = [0; 4096];
        while let Ok(count) = self.notes.read(&mut buffer)
            && count > 0
        {
            for mut note in self.reader.take(&buffer[..count]) {
                match note.why {
                    Why::End => self.ended = true,
                    Why::Up => self.tell(Happens::Noted(note)),
                    Why::Prompt => {
                        self.prompts = true;
                        let now = Reading::now().map(|now| now.up);
                        let begun = self.begun.take().filter(|_| note.ran);
                        note.took = begun.zip(now.ok()).map(|(begun, now)| now.saturating_sub(begun));
                        self.tell(Happens::Noted(note));
                    }
                }
            }
        }
    }

    fn tell(&self, what: Happens) {
        // Nobody listens any more when the program ends.
        let _ = self.tell.send(what);
    }
}

impl Companion for Ears {
    fn own_prompt(&mut self) -> bool {
        // bash notes before it shows its prompt.
        self.listen();
        std::mem::take(&mut self.prompts)
    }

    fn way(&mut self) -> Way {
        let front = nix::unistd::tcgetpgrp(&self.master).ok().map(nix::unistd::Pid::as_raw).filter(|front| *front > 0);
        way(self.bash, front)
    }

    fn read(&mut self, read: Read) {
        match read {
            Read::Own => self.begun = self.begun.or_else(|| Reading::now().ok().map(|now| now.up)),
            Read::Waits => self.tell(Happens::Waits),
            Read::Line(submitted, Way { through, account, .. }) => {
                let inside = Where { through, prompt: submitted.prompt };
                let line = submitted.line;
                self.tell(Happens::Typed(Typed {
                    line,
                    account,
                    inside: Some(inside),
                    status: None,
                    cwd: None,
                    took: None,
                }));
            }
        }
    }
}

/// As much as the login's terminal takes now.
fn write_some(mut master: &File, bytes: &mut Vec<u8>) {
    if let Ok(count) = master.write(bytes) {
        bytes.drain(..count);
    }
}

/// All of it to the candidate's terminal, at its own pace.
fn write_all(bytes: &[u8]) {
    let (stdout, mut rest) = (io::stdout(), bytes);
    while !rest.is_empty() {
        match nix::unistd::write(&stdout, rest) {
            Ok(count) => rest = &rest[count..],
            Err(nix::Error::EINTR) => {}
            Err(nix::Error::EAGAIN) => {
                let _ = poll(&mut [PollFd::new(stdout.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE);
            }
            // The terminal is gone; whoever waits for the keyboard learns of it.
            Err(_) => return,
        }
    }
}

fn ready(fd: BorrowedFd<'_>, milliseconds: u16) -> bool {
    poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], PollTimeout::from(milliseconds)).is_ok_and(|count| count > 0)
}
