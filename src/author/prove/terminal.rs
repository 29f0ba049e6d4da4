//! A person's terminal: a program in a PTY, what it printed as text, and keys. Waits for what is seen. Knows no lesson.

use std::fs::File;
use std::io::{self, Read, Write};
use std::num::NonZero;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::libc;
use nix::pty::{Winsize, openpty};
use regex::Regex;

use crate::author::report::Fault;

const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// A program in a terminal. It is killed when this is dropped.
pub(super) struct Terminal {
    child: Child,
    master: File,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

struct Seen {
    parser: vte::Parser,
    screen: vt100::Parser,
    printed: Printed,
    /// What was waited for already, in bytes of the text.
    passed: usize,
    closed: bool,
}

/// Text without control sequences.
#[derive(Default)]
struct Printed(String);

impl vte::Perform for Printed {
    fn print(&mut self, c: char) {
        self.0.push(c);
    }
    fn execute(&mut self, byte: u8) {
        if matches!(byte, b'\n' | b'\t') {
            self.0.push(char::from(byte));
        }
    }
}

impl Terminal {
    /// Starts a program in a terminal of 24 lines and 80 columns.
    pub(super) fn start(mut command: Command) -> io::Result<Self> {
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        let ends = openpty(Some(&size), None)?;
        let slave = || ends.slave.try_clone();
        command.stdin(slave()?).stdout(slave()?).stderr(slave()?).env("TERM", "xterm-256color");
        // SAFETY: between fork and exec only signal(2), setsid(2) and ioctl(2) are called, all async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                // Whoever starts us in the background makes us deaf to ^C and ^\; a person's terminal is not.
                for signal in [libc::SIGINT, libc::SIGQUIT] {
                    libc::signal(signal, libc::SIG_DFL);
                }
                nix::unistd::setsid()?;
                if libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                    return Err(io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn()?;
        drop((command, ends.slave));
        let master = File::from(ends.master);
        let cells = |count| NonZero::new(count).unwrap_or(NonZero::<u16>::MIN);
        let seen = Seen {
            parser: vte::Parser::new(),
            screen: vt100::Parser::new(cells(ROWS), cells(COLUMNS), 0),
            printed: Printed::default(),
            passed: 0,
            closed: false,
        };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let (mut reader, ours) = (master.try_clone()?, Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut bytes = vec![0; 1 << 16];
            loop {
                let count = reader.read(&mut bytes).unwrap_or(0);
                let mut seen = ours.0.lock().unwrap_or_else(PoisonError::into_inner);
                let Seen { parser, screen, printed, closed, .. } = &mut *seen;
                parser.advance(printed, &bytes[..count]);
                screen.process(&bytes[..count]);
                *closed |= count == 0;
                ours.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Ok(Self { child, master, seen })
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Types a line and Enter.
    pub(super) fn line(&mut self, text: &str) -> Result<(), Fault> {
        let typed = self.master.write_all(format!("{text}\r").as_bytes());
        typed.map_err(|error| Fault::Failed(error.to_string()))
    }

    /// Waits until this is printed after what was waited for before; what was printed until then.
    pub(super) fn wait(&mut self, wanted: &Regex, time: Duration) -> Result<String, Fault> {
        let until = Instant::now() + time;
        let mut seen = self.lock();
        loop {
            let text = &seen.printed.0[seen.passed..];
            if let Some(found) = wanted.find(text) {
                let (end, text) = (found.end(), text[..found.end()].to_owned());
                seen.passed += end;
                return Ok(text);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.closed {
                let screen = seen.screen.screen().contents();
                return Err(Fault::Stuck { waited: wanted.to_string(), screen });
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until nothing more is printed for this long, or until the time is over.
    pub(super) fn quiet(&self, lasting: Duration, time: Duration) {
        let until = Instant::now() + time;
        let mut seen = self.lock();
        loop {
            let (now, waited) = self.seen.1.wait_timeout(seen, lasting).unwrap_or_else(PoisonError::into_inner);
            if waited.timed_out() || now.closed || Instant::now() > until {
                return;
            }
            seen = now;
        }
    }

    /// Lets the next wait see these last bytes again.
    pub(super) fn step_back(&self, bytes: usize) {
        let mut seen = self.lock();
        seen.passed = seen.passed.saturating_sub(bytes);
    }

    /// What was printed until now counts as waited for.
    pub(super) fn pass(&self) {
        let mut seen = self.lock();
        seen.passed = seen.printed.0.len();
    }

    /// What stands on the screen.
    pub(super) fn screen(&self) -> String {
        self.lock().screen.screen().contents()
    }

    /// Waits until the program has closed its terminal.
    pub(super) fn end(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        let mut seen = self.lock();
        while !seen.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // One that has ended already is only waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
