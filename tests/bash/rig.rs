//! A person at a terminal, twice: before a plain bash and before the lab's bash. Waits for what is seen, never for time.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, poll};
use rootless_lab::bash::{Bash, Beside, NestedCommand, Next, Settings};

pub const PS1: &str = "LAB-PS1-7f3a$ ";
pub const PS2: &str = "LAB-PS2-7f3a> ";
const DEADLINE: Duration = Duration::from_secs(8);

/// What the person does.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// Submits this (several lines: pasted) and waits for the prompt.
    Line(&'static str),
    /// Submits this; as soon as the text is seen in what follows, types the keys; and so on; then waits for the prompt.
    Keys(&'static str, &'static [(&'static str, &'static str)]),
}

impl Act {
    /// What is submitted, and the keys that are typed once something is seen.
    fn parts(&self) -> (&'static str, &'static [(&'static str, &'static str)]) {
        match *self {
            Self::Line(text) => (text, &[]),
            Self::Keys(text, keys) => (text, keys),
        }
    }
}

/// What was shown after each act, and how bash ended if it did.
#[derive(Debug, PartialEq, Eq)]
pub struct Played {
    pub shown: Vec<String>,
    pub ended: Option<i32>,
}

pub fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".bashrc"), format!("PS1='{PS1}' PS2='{PS2}'\ncd ~\n")).unwrap();
    home
}

/// A lesson of one step that is never done, as a file; a lesson's folder names it.
pub fn idle(home: &Path) -> std::path::PathBuf {
    let folder = home.join("idle");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("lesson.yaml"), include_str!("idle.yaml")).unwrap();
    folder.join("lesson.yaml")
}

pub fn variables(home: &Path) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
    let mut variables: Vec<_> =
        [("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8"), ("HISTFILE", "/dev/null"), ("INPUTRC", "/dev/null")]
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
    variables.push(("HOME".into(), home.as_os_str().to_owned()));
    variables
}

pub fn terminal() -> (File, File) {
    // Whoever starts the tests in the background makes them deaf to ^C and ^\, and all that they start; a person's terminal is not.
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        // SAFETY: only puts back what a signal does by default.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let size = libc::winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    // Two threads play at once: nothing may leak into the other's bash.
    let flags = nix::fcntl::OFlag::O_RDWR | nix::fcntl::OFlag::O_NOCTTY | nix::fcntl::OFlag::O_CLOEXEC;
    let master = nix::pty::posix_openpt(flags).unwrap();
    nix::pty::grantpt(&master).unwrap();
    nix::pty::unlockpt(&master).unwrap();
    let slave =
        nix::fcntl::open(nix::pty::ptsname_r(&master).unwrap().as_str(), flags, nix::sys::stat::Mode::empty()).unwrap();
    // SAFETY: TIOCSWINSZ reads one winsize; into_raw_fd gives up the only owner of the master.
    let master = unsafe {
        libc::ioctl(slave.as_raw_fd(), libc::TIOCSWINSZ, &size);
        File::from_raw_fd(master.into_raw_fd())
    };
    (master, File::from(slave))
}

/// Starts a program whose terminal this is, and lets go of the terminal.
fn start(mut command: Command, terminal: File) -> Child {
    command.stdin(terminal.try_clone().unwrap()).stdout(terminal.try_clone().unwrap()).stderr(terminal);
    // SAFETY: both calls are async-signal-safe.
    unsafe {
        command.pre_exec(|| {
            libc::setsid();
            libc::ioctl(0, libc::TIOCSCTTY, 0);
            Ok(())
        });
    }
    command.spawn().unwrap()
}

pub fn readable(file: &File, millis: u16) -> bool {
    poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLIN)], millis).is_ok_and(|count| count > 0)
}

fn press(keys: &mut VecDeque<(&str, &str)>, seen: &[u8], mark: &mut usize, into: &mut File) {
    while let Some((after, press)) = keys.front().copied() {
        let Some(at) = seen.get(*mark..).and_then(|seen| memchr::memmem::find(seen, after.as_bytes())) else { break };
        *mark += at + after.len();
        into.write_all(press.as_bytes()).unwrap();
        keys.pop_front();
    }
}

/// The process id of a background job (`[1] 1234`) and the name of the home directory differ in each run; nothing else may. A character
/// is a byte here: what is no text counts as well.
fn same_everywhere(shown: &[u8], home: &Path) -> String {
    let shown = shown.iter().copied().map(char::from).collect::<String>().replace(&*home.to_string_lossy(), "HOME");
    shown
        .split_inclusive('\n')
        .map(|line| match line.split_once("] ") {
            Some((job, pid)) if job.starts_with('[') && pid.trim_end().parse::<u32>().is_ok() => {
                format!("{job}] PID\r\n")
            }
            _ => line.to_owned(),
        })
        .collect()
}

/// Plays the acts before a plain bash; takes echo and prompts off.
pub fn plain(acts: &[Act]) -> Played {
    let home = home();
    let (mut master, slave) = terminal();
    let mut command = Command::new("bash");
    command.args(["--noediting", "-i"]).envs(variables(home.path()));
    let mut bash = start(command, slave);
    let mut ended = None;
    let mut until = |master: &mut File, keys: &mut VecDeque<(&str, &str)>, echo: usize| -> Vec<u8> {
        let (mut seen, mut mark, start) = (Vec::new(), echo, Instant::now());
        let mut buffer = vec![0; 65536];
        loop {
            assert!(start.elapsed() < DEADLINE, "plain bash: no prompt; seen {:?}", String::from_utf8_lossy(&seen));
            if readable(master, 20) {
                match master.read(&mut buffer) {
                    Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
                    _ => {
                        ended = Some(code(bash.wait().unwrap()));
                        return seen;
                    }
                }
            } else if let Some(status) = bash.try_wait().unwrap() {
                ended = Some(code(status));
                return seen;
            }
            press(keys, &seen, &mut mark, master);
            if keys.is_empty() && (seen.ends_with(PS1.as_bytes()) || seen.ends_with(PS2.as_bytes())) {
                return seen;
            }
        }
    };
    until(&mut master, &mut VecDeque::new(), 0);
    let mut played = Vec::new();
    for act in acts {
        let (text, keys) = act.parts();
        let mut keys: VecDeque<_> = keys.iter().copied().collect();
        let mut shown = Vec::new();
        for line in text.split('\n') {
            let sent = format!("{line}\n");
            master.write_all(sent.as_bytes()).unwrap();
            let seen = until(&mut master, &mut keys, sent.len() + 1);
            let echo = sent.replace('\n', "\r\n");
            let mut rest = seen.strip_prefix(echo.as_bytes()).unwrap_or(&seen);
            for prompt in [PS1, PS2] {
                rest = rest.strip_suffix(prompt.as_bytes()).unwrap_or(rest);
            }
            shown.extend_from_slice(rest);
        }
        played.push(same_everywhere(&shown, home.path()));
    }
    drop(master);
    let _ = bash.kill();
    let _ = bash.wait();
    Played { shown: played, ended }
}

fn code(status: std::process::ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap())
}

/// The lab's bash in this terminal.
fn settings(terminal: &File, home: &Path) -> Settings {
    Settings {
        keyboard: terminal.try_clone().unwrap().into(),
        screen: terminal.try_clone().unwrap().into(),
        environment: variables(home),
        plain: false,
        program: None,
    }
}

/// Whoever runs a line has no keys for it, and this to say to a nested shell.
pub struct Nested<F>(pub F);

impl<F: FnMut(&[NestedCommand]) -> Option<String>> Beside for Nested<F> {
    fn keys(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn nested(&mut self, commands: &[NestedCommand]) -> Option<String> {
        self.0(commands)
    }
}

/// Nothing to say.
pub fn alone() -> impl Beside {
    Nested(|_: &[NestedCommand]| None)
}

/// Plays the acts before the lab's bash.
pub fn lab(acts: &[Act]) -> Played {
    let home = home();
    let (mut master, slave) = terminal();
    let settings = settings(&slave, home.path());
    let folder = home.path().to_owned();
    let (tell, told) = mpsc::channel::<Result<Option<i32>, String>>();
    let (next, order) = mpsc::channel::<String>();
    let hand = std::thread::spawn(move || {
        let mut screen = slave;
        let mut bash = Bash::start(settings).map_err(|error| error.to_string())?;
        let mut ended = None;
        loop {
            screen.write_all(b"\x1eEND\x1e").map_err(|error| error.to_string())?;
            tell.send(Ok(ended)).map_err(|error| error.to_string())?;
            let Ok(mut text) = order.recv() else { return Ok::<_, String>(()) };
            loop {
                let next = bash.run(&text, b"", &mut alone());
                if let Next::Gone { status } = next.map_err(|error| error.to_string())? {
                    ended = Some(status);
                    break;
                }
                // As the driver does: whole lines that were typed ahead are submitted.
                let ahead = String::from_utf8_lossy(&bash.typed_ahead()).into_owned();
                match ahead.split_once('\n') {
                    Some(_) => text = ahead.trim_end_matches('\n').to_owned(),
                    None => break,
                }
            }
        }
    });
    let until = |master: &mut File, keys: &mut VecDeque<(&str, &str)>| -> (Vec<u8>, Option<i32>) {
        let (mut seen, mut mark, start) = (Vec::new(), 0, Instant::now());
        let mut buffer = vec![0; 65536];
        loop {
            assert!(start.elapsed() < DEADLINE, "the lab: no end; seen {:?}", String::from_utf8_lossy(&seen));
            if readable(master, 20) {
                let count = master.read(&mut buffer).unwrap_or(0);
                seen.extend_from_slice(&buffer[..count]);
            }
            press(keys, &seen, &mut mark, master);
            if let Some(end) = memchr::memmem::find(&seen, b"\x1eEND\x1e") {
                seen.truncate(end);
                return (seen, told.recv_timeout(DEADLINE).unwrap().unwrap());
            }
        }
    };
    until(&mut master, &mut VecDeque::new());
    let (mut shown, mut ended) = (Vec::new(), None);
    for act in acts {
        let (text, keys) = act.parts();
        next.send(text.to_owned()).unwrap();
        let (seen, end) = until(&mut master, &mut keys.iter().copied().collect());
        shown.push(same_everywhere(&seen, &folder));
        ended = ended.or(end);
    }
    drop(next);
    hand.join().unwrap().unwrap();
    Played { shown, ended }
}

/// A lab's bash and the person's end of its terminal, for tests that ask it directly.
pub fn sit_down() -> (Bash, File, tempfile::TempDir) {
    let home = home();
    let (master, slave) = terminal();
    (Bash::start(settings(&slave, home.path())).unwrap(), master, home)
}

/// A person's seat before a program with a prompt, timed: what is typed, until the next prompt stands.
pub struct Seat {
    master: File,
    program: Child,
    /// What a line editor prints when it begins to wait; what it repaints while keys arrive looks like a prompt too.
    waits: &'static [u8],
    _home: tempfile::TempDir,
}

const WAITS: &[u8] = b"\x1b[?2004h";

impl Seat {
    /// A plain bash as a person has it.
    pub fn readline() -> Seat {
        Seat::start(Command::new("bash"), home(), WAITS)
    }

    /// A plain bash without its line editor.
    pub fn noediting() -> Seat {
        let mut command = Command::new("bash");
        command.args(["--noediting", "-i"]);
        Seat::start(command, home(), b"")
    }

    /// The lab itself, its own prompt included, at a lesson that is not judged.
    pub fn lab() -> Seat {
        let home = home();
        let lesson = idle(home.path());
        let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
        command.args(["start", "--yes", "--here"]).arg(lesson);
        command.env("XDG_STATE_HOME", home.path()).env("SHELL", "/bin/bash");
        let mut seat = Seat::start(command, home, WAITS);
        seat.line(":play");
        seat
    }

    fn start(mut command: Command, home: tempfile::TempDir, waits: &'static [u8]) -> Seat {
        let (master, slave) = terminal();
        command.envs(variables(home.path()));
        let mut seat = Seat { master, program: start(command, slave), waits, _home: home };
        seat.prompt();
        seat
    }

    pub fn line(&mut self, line: &str) {
        self.master.write_all(format!("{line}\r").as_bytes()).unwrap();
        self.prompt();
    }

    fn prompt(&mut self) {
        let (mut tail, mut buffer) = (Vec::new(), vec![0; 65536]);
        loop {
            let count = self.master.read(&mut buffer).unwrap();
            tail.drain(..tail.len().saturating_sub(256));
            tail.extend_from_slice(&buffer[..count]);
            let after = memchr::memmem::rfind(&tail, self.waits);
            let after = if self.waits.is_empty() { Some(0) } else { after };
            if after.is_some_and(|at| memchr::memmem::find(&tail[at..], PS1.as_bytes()).is_some()) {
                return;
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
