//! A person's terminal for tests: a program in a PTY, what it shows, and keys. Waits for what is seen, never for a time.

// It fails the test that uses it.
#![allow(clippy::expect_used, clippy::panic)]

use std::io::{Read, Write};
use std::num::NonZero;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, FdFlag};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{Termios, tcgetattr};

pub use vt100::Screen;

/// Says aloud that a test, or a part of it, is skipped, past the harness, which keeps to itself what a passing test prints. Under `CI` a
/// skip is a failure.
pub fn skipped(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "skipped, and nothing may be under CI: {why}");
    aloud(&format!("SKIPPED: {why}"));
}

/// Says it on standard error, past the harness.
pub fn aloud(what: &str) {
    let _ = std::io::stderr().write_all(format!("{what}\n").as_bytes());
}

/// A program in a terminal. It is killed when this is dropped.
pub struct Terminal {
    child: Child,
    master: std::fs::File,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

struct Seen {
    parser: vt100::Parser,
    /// Everything printed so far, as bytes.
    raw: Vec<u8>,
    /// What `wait` has already passed.
    passed: usize,
    closed: bool,
}

impl Terminal {
    /// Starts a program in a terminal of this size.
    pub fn start(mut command: Command, rows: u16, columns: u16) -> Self {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let ends = openpty(Some(&size), None).expect("a pseudo terminal");
        // Another test starts its programs in this moment: they would keep this terminal open.
        for end in [&ends.master, &ends.slave] {
            nix::fcntl::fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).expect("close on exec");
        }
        let slave = |end: &OwnedFd| end.try_clone().expect("a second handle");
        command.stdin(slave(&ends.slave)).stdout(slave(&ends.slave)).stderr(slave(&ends.slave));
        if command.get_envs().all(|(name, _)| name != "TERM") {
            command.env("TERM", "xterm-256color");
        }
        // SAFETY: between fork and exec only signal(2), setsid(2) and ioctl(2) are called, all async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                // Whoever starts the tests in the background makes them deaf to ^C and ^\; a person's terminal is not.
                for signal in [nix::libc::SIGINT, nix::libc::SIGQUIT] {
                    nix::libc::signal(signal, nix::libc::SIG_DFL);
                }
                nix::unistd::setsid()?;
                if nix::libc::ioctl(0, nix::libc::TIOCSCTTY, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn().expect("the program starts");
        drop(command);
        drop(ends.slave);
        let master = std::fs::File::from(ends.master);
        let parser = vt100::Parser::new(some(rows), some(columns), 2000);
        let seen = Seen { parser, raw: Vec::new(), passed: 0, closed: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let (mut reader, watched) = (master.try_clone().expect("a reader"), Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            loop {
                let mut read = reader.read(&mut buffer).unwrap_or(0);
                // A terminal whose last program is gone may still have its last words on their way through the kernel, and
                // says first that it is closed. There is no event for "now they are here".
                for _ in 0..5 {
                    if read == 0 {
                        std::thread::sleep(Duration::from_millis(10));
                        read = reader.read(&mut buffer).unwrap_or(0);
                    }
                }
                let (lock, news) = &*watched;
                let mut seen = lock.lock().unwrap_or_else(PoisonError::into_inner);
                if read == 0 {
                    seen.closed = true;
                    news.notify_all();
                    return;
                }
                seen.parser.process(&buffer[..read]);
                seen.raw.extend_from_slice(&buffer[..read]);
                news.notify_all();
            }
        });
        Self { child, master, seen }
    }

    /// Types text as it is.
    pub fn keys(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Types bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.master.write_all(bytes).expect("the terminal takes keys");
    }

    /// Types a line and Enter.
    pub fn line(&mut self, text: &str) {
        self.keys(&format!("{text}\r"));
    }

    /// Waits until `wanted` (a regular expression) is printed after what was waited for before, without escape sequences.
    /// Fails the test with the screen when it does not come in time.
    #[track_caller]
    pub fn wait(&mut self, wanted: &str, time: Duration) -> String {
        match self.look(wanted, time) {
            Ok(text) => text,
            Err(instead) => panic!("{instead}"),
        }
    }

    /// Whether it comes in time.
    pub fn sees(&mut self, wanted: &str, time: Duration) -> bool {
        self.look(wanted, time).is_ok()
    }

    fn look(&mut self, wanted: &str, time: Duration) -> Result<String, String> {
        let pattern = regex::Regex::new(wanted).expect("a regular expression");
        let until = Instant::now() + time;
        let (lock, news) = &*self.seen;
        let mut seen = lock.lock().expect("the lock");
        loop {
            let (text, places) = plain(&seen.raw[seen.passed..]);
            if let Some(found) = pattern.find(&text) {
                seen.passed += places[found.end().saturating_sub(1)] + 1;
                return Ok(text[..found.end()].to_owned());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.closed {
                let tail: String = text.chars().rev().take(1500).collect::<Vec<_>>().into_iter().rev().collect();
                return Err(format!(
                    "`{wanted}` was not shown in {time:?}{}.\n--- since then:\n{tail}\n--- screen:\n{}\n---",
                    if seen.closed { " (the terminal closed)" } else { "" },
                    seen.parser.screen().contents()
                ));
            }
            seen = news.wait_timeout(seen, left.min(Duration::from_millis(200))).expect("the lock").0;
        }
    }

    /// Lets time pass, for a test whose subject is a random instant. Ends early when the terminal closes.
    pub fn pass(&self, time: Duration) {
        let until = Instant::now() + time;
        let (lock, news) = &*self.seen;
        let mut seen = lock.lock().expect("the lock");
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.closed {
                return;
            }
            seen = news.wait_timeout(seen, left).expect("the lock").0;
        }
    }

    /// Lets the next `wait` see this text again, which was just waited for.
    pub fn step_back(&self, text: &str) {
        let mut seen = self.seen.0.lock().expect("the lock");
        seen.passed = seen.passed.saturating_sub(text.len());
    }

    /// Waits until the screen is so. What was printed until then has been waited for, too.
    #[track_caller]
    pub fn until(&mut self, what: &str, time: Duration, is: impl Fn(&Screen) -> bool) -> String {
        let comes = self.comes(time, is);
        assert!(comes, "not seen in {time:?}: {what}\n--- screen:\n{}\n---", self.screen());
        self.screen()
    }

    /// Whether the screen becomes so in time.
    pub fn comes(&mut self, time: Duration, is: impl Fn(&Screen) -> bool) -> bool {
        let until = Instant::now() + time;
        let (lock, news) = &*self.seen;
        let mut seen = lock.lock().expect("the lock");
        loop {
            if is(seen.parser.screen()) {
                seen.passed = seen.raw.len();
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || seen.closed {
                return false;
            }
            seen = news.wait_timeout(seen, left.min(Duration::from_millis(200))).expect("the lock").0;
        }
    }

    /// What stands on the screen now.
    pub fn screen(&self) -> String {
        self.seen.0.lock().expect("the lock").parser.screen().contents()
    }

    /// Everything printed so far, as the program sent it.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().expect("the lock").raw.clone()
    }

    /// The terminal's modes (`stty -g`), as anybody with the terminal sees them.
    pub fn modes(&self) -> Termios {
        tcgetattr(&self.master).expect("a terminal has modes")
    }

    /// Everything printed so far, without escape sequences.
    pub fn all(&self) -> String {
        plain(&self.seen.0.lock().expect("the lock").raw).0
    }

    /// Changes the window's size.
    pub fn resize(&mut self, rows: u16, columns: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: TIOCSWINSZ reads one Winsize, which outlives the call.
        let done = unsafe { nix::libc::ioctl(self.master.as_raw_fd(), nix::libc::TIOCSWINSZ, &raw const size) };
        assert_eq!(done, 0, "the size changes");
        self.seen.0.lock().expect("the lock").parser.screen_mut().set_size(some(rows), some(columns));
    }

    /// The program's process id.
    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Waits for the program's end.
    #[track_caller]
    pub fn end(&mut self, time: Duration) -> ExitStatus {
        let until = Instant::now() + time;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(Instant::now() < until, "it did not end in {time:?}; screen:\n{}", self.screen());
            std::thread::yield_now();
            let (lock, news) = &*self.seen;
            drop(news.wait_timeout(lock.lock().expect("the lock"), Duration::from_millis(20)));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn some(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a terminal has cells")
}

/// Text without escape sequences, and for each byte of it the place in `raw` it came from.
fn plain(raw: &[u8]) -> (String, Vec<usize>) {
    let text = String::from_utf8_lossy(raw);
    if text.len() != raw.len() {
        // A character cut in two at the end: leave the last bytes for later.
        let valid = std::str::from_utf8(raw).map_or_else(|e| e.valid_up_to(), |t| t.len());
        return if valid == 0 { (String::new(), Vec::new()) } else { plain(&raw[..valid]) };
    }
    let (mut out, mut places) = (String::new(), Vec::new());
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\x1b' => match chars.next().map(|(_, c)| c) {
                Some('[') => while chars.next().is_some_and(|(_, c)| !('@'..='~').contains(&c)) {},
                Some(']') => {
                    while let Some((_, c)) = chars.next() {
                        if c == '\x07' || (c == '\x1b' && chars.next_if(|(_, c)| *c == '\\').is_some()) {
                            break;
                        }
                    }
                }
                _ => {}
            },
            '\r' | '\x07' | '\x01' | '\x02' => {}
            c => {
                out.push(c);
                places.extend(std::iter::repeat_n(at, c.len_utf8()));
            }
        }
    }
    (out, places)
}
