//! One bash from start to end, as its callers see it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::termios;

use super::framing::Framing;
use super::marks::Scanner;
use super::nested::{Nested, NestedCommand};
use super::pty::{Front, Pty, size_of};
use super::signals::Pipe;

/// What a bash is started with.
#[derive(Debug)]
pub struct Settings {
    /// Where the learner types: a terminal, or in tests whatever can be polled.
    pub keyboard: OwnedFd,
    /// Where the learner reads.
    pub screen: OwnedFd,
    /// Added to the lab's own environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The bash to run; none: `$SHELL` when that is a bash, else the first in PATH.
    pub program: Option<PathBuf>,
}

impl Settings {
    /// The lab's own terminal, nothing added.
    pub fn here() -> io::Result<Settings> {
        Ok(Settings {
            keyboard: io::stdin().as_fd().try_clone_to_owned()?,
            screen: io::stdout().as_fd().try_clone_to_owned()?,
            environment: Vec::new(),
            program: None,
        })
    }
}

/// Why bash cannot be hosted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No bash was found.
    #[error("no bash in PATH")]
    NoBash,
    /// It could not be started or talked to.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The lab was asked to end (SIGTERM, SIGHUP); the terminal is as it was.
    #[error("ended by signal {0}")]
    Signal(i32),
}

pub(super) fn failed(doing: &'static str) -> impl Fn(io::Error) -> Error {
    move |source| Error::Io { doing, source }
}

/// How a submitted line ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// The line, as submitted.
    pub line: String,
    /// `$?`; none when bash could not say (its PROMPT_COMMAND was taken away by the very line).
    pub status: Option<i32>,
    /// The last 64 KiB of what was shown, without control sequences.
    pub output: String,
    /// Whether a command began: not for an empty line, a comment or a syntax error.
    pub ran: bool,
    /// What was shown last does not end a line: a prompt would stand right behind it.
    pub open_line: bool,
    /// Commands of nested shells that the caller was not told of yet.
    pub nested: Vec<NestedCommand>,
    /// What the caller gave to be shown above a nested prompt, and that was not shown.
    pub untold: String,
}

/// What comes after a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// bash waits at its prompt.
    Prompt(Ended),
    /// bash ended: `exit`, ^D, `exec`, `set -e`.
    Gone {
        /// Its exit status, 128 + the signal when it was killed.
        status: i32,
    },
}

/// What is seen while a line runs.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen<'a> {
    /// A shell inside the command (su, ssh, sudo -i …) waits at its prompt, quiet and not full screen.
    /// Text that the caller gives back is shown above that prompt, if nothing was typed there yet.
    NestedPrompt {
        /// What was typed and printed in it since the last time, where it could be read.
        commands: &'a [NestedCommand],
    },
}

/// The learner's bash.
pub struct Bash {
    pub(super) pty: Pty,
    pub(super) scanner: Scanner,
    pub(super) fifo: File,
    rc: tempfile::TempDir,
    pub(super) keyboard: Arc<OwnedFd>,
    pub(super) screen: Arc<OwnedFd>,
    pub(super) pipe: Pipe,
    pub(super) ps1: Vec<u8>,
    pub(super) ps2: Vec<u8>,
    pub(super) cwd: PathBuf,
    pub(super) status: Option<i32>,
    pub(super) typed: Vec<u8>,
    pub(super) gone: Option<i32>,
    pub(super) dark: bool,
    pub(super) editing: bool,
    pub(super) nested: Nested,
    /// Commands of nested shells that ended before anybody was told of them.
    pub(super) nested_left: Vec<NestedCommand>,
    /// What was to be shown above a nested prompt, and found none that was still empty.
    pub(super) untold: String,
    pub(super) buffer: Vec<u8>,
    /// Shown bytes that came while a question was asked.
    pub(super) late: Vec<u8>,
}

impl std::fmt::Debug for Bash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bash").field("pid", &self.pid()).field("cwd", &self.cwd).finish_non_exhaustive()
    }
}

/// The signal by which a question is asked; a real-time one that nobody uses.
pub(super) fn question_signal() -> i32 {
    libc::SIGRTMIN() + 7
}

impl Bash {
    /// Starts bash and waits for its first prompt; what ~/.bashrc prints is shown.
    pub fn start(settings: Settings) -> Result<Bash, Error> {
        let program = settings.program.or_else(find_bash).ok_or(Error::NoBash)?;
        let rc =
            tempfile::Builder::new().prefix("rootless-lab-").tempdir().map_err(failed("make a private directory"))?;
        let (fifo_path, rc_path) = (rc.path().join("answers"), rc.path().join("rc.bash"));
        nix::unistd::mkfifo(&fifo_path, nix::sys::stat::Mode::S_IRUSR | nix::sys::stat::Mode::S_IWUSR)
            .map_err(|errno| failed("make a fifo")(errno.into()))?;
        // Read and write: it never blocks on open, and bash never finds it without a writer while the lab lives.
        let fifo = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(&fifo_path)
            .map_err(failed("open a fifo"))?;
        let nonce = nonce().map_err(failed("get a random number"))?;
        let hooks = include_str!("rc.bash")
            .replace("@NONCE@", &nonce)
            .replace("'@FIFO@'", &quoted(fifo_path.as_os_str().as_bytes()))
            .replace("@SIGNAL@", &question_signal().to_string());
        std::fs::write(&rc_path, hooks).map_err(failed("write bash's rc file"))?;

        let arguments = ["--noediting".into(), "--rcfile".into(), rc_path.clone().into_os_string(), "-i".into()];
        let modes = termios::tcgetattr(&settings.keyboard).ok();
        let size = size_of(settings.keyboard.as_fd());
        let pty = Pty::start(&program, &arguments, &settings.environment, modes.as_ref(), size)
            .map_err(failed("start bash"))?;
        let mut bash = Bash {
            scanner: Scanner::new(&nonce),
            pty,
            fifo,
            rc,
            keyboard: Arc::new(settings.keyboard),
            screen: Arc::new(settings.screen),
            pipe: Pipe::new().map_err(failed("make a pipe"))?,
            ps1: Vec::new(),
            ps2: Vec::new(),
            cwd: PathBuf::new(),
            status: None,
            typed: Vec::new(),
            gone: None,
            dark: false,
            editing: false,
            nested: Nested::new(size.ws_col),
            nested_left: Vec::new(),
            untold: String::new(),
            buffer: vec![0; 64 * 1024],
            late: Vec::new(),
        };
        let mut framing = Framing::new(Vec::new(), Vec::new());
        framing.go_direct();
        bash.relay(&mut framing, Vec::new(), &mut |_| None)?;
        let _ = std::fs::remove_file(rc_path);
        Ok(bash)
    }

    /// Runs what was submitted: one line or several, without or with the last newline. `on` is told what is seen meanwhile.
    /// Lines after the first command are typed ahead, as when they are pasted into a terminal: see [`Bash::typed_ahead`].
    pub fn run(&mut self, text: &str, on: &mut dyn FnMut(Seen<'_>) -> Option<String>) -> Result<Next, Error> {
        if let Some(status) = self.gone {
            return Ok(Next::Gone { status });
        }
        self.settle();
        // Before the line: a command that asks for the size at once is told the right one.
        self.resize();
        let late = std::mem::take(&mut self.late);
        self.show(&late)?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let mut lines: Vec<Vec<u8>> = if self.editing {
            vec![[text.as_bytes(), b"\n"].concat()]
        } else {
            text.split('\n').rev().map(|line| [line.as_bytes(), b"\n"].concat()).collect()
        };
        let mut framing = Framing::new(self.ps1.clone(), self.ps2.clone());
        framing.editing = self.editing;
        self.status = None;
        self.nested.begin();
        self.nested_left.clear();
        if let Some(first) = lines.pop() {
            let echo = self.send_line(&first)?;
            framing.sent(&echo);
        }
        self.relay(&mut framing, lines, on)?;
        Ok(match self.gone {
            Some(status) => Next::Gone { status },
            None => Next::Prompt(Ended {
                line: text.to_owned(),
                status: self.status,
                output: super::framing::plain(framing.tail()),
                ran: framing.ran || (self.dark && !text.trim().is_empty()),
                open_line: framing.tail().last().is_some_and(|byte| *byte != b'\n'),
                nested: std::mem::take(&mut self.nested_left),
                untold: std::mem::take(&mut self.untold),
            }),
        })
    }

    /// ^D at the empty prompt, as the terminal would say it to bash.
    pub fn end_of_input(&mut self, on: &mut dyn FnMut(Seen<'_>) -> Option<String>) -> Result<Next, Error> {
        if let Some(status) = self.gone {
            return Ok(Next::Gone { status });
        }
        let modes = self.pty.modes().map_err(failed("ask the terminal"))?;
        let key = modes.control_chars[termios::SpecialCharacterIndices::VEOF as usize];
        let mut framing = Framing::new(self.ps1.clone(), self.ps2.clone());
        framing.go_direct();
        self.write_all(&[key])?;
        self.relay(&mut framing, Vec::new(), on)?;
        Ok(match self.gone {
            Some(status) => Next::Gone { status },
            None => Next::Prompt(Ended {
                status: self.status,
                output: super::framing::plain(framing.tail()),
                ..Ended::default()
            }),
        })
    }

    /// The learner's own prompt, expanded by bash.
    pub fn prompt(&self) -> String {
        String::from_utf8_lossy(&self.ps1).replace("\r\n", "\n")
    }

    /// bash's directory.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// What was typed while the last line ran and nobody read: the beginning of the next line, or several whole lines.
    pub fn typed_ahead(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.typed)
    }

    /// A handle that tells who has bash's terminal, from any thread.
    pub fn front(&self) -> Front {
        Front(Arc::clone(&self.pty.master))
    }

    /// bash's process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.pty.child.id()).unwrap_or(0)
    }

    /// Gives bash's terminal the size of the learner's. Done by itself while a line runs and when one is sent.
    pub fn resize(&mut self) {
        let size = size_of(self.keyboard.as_fd());
        self.nested.resize(size.ws_col);
        self.pty.resize(size);
    }

    /// The private directory of this bash: the fifo of the answers lives here.
    pub fn directory(&self) -> &Path {
        self.rc.path()
    }

    pub(super) fn set_done(&mut self, status: i32, cwd: Vec<u8>, ps1: &[u8], ps2: &[u8]) {
        self.status = Some(status);
        self.cwd = PathBuf::from(OsString::from_vec(cwd));
        self.ps1 = ps1.to_vec();
        self.ps2 = ps2.to_vec();
    }

    pub(super) fn show(&self, bytes: &[u8]) -> Result<(), Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match nix::unistd::write(&*self.screen, rest) {
                Ok(count) => rest = &rest[count..],
                Err(nix::Error::EINTR) => {}
                Err(nix::Error::EAGAIN) => super::relay::wait_writable(self.screen.as_fd()),
                Err(errno) => return Err(failed("write to the terminal")(errno.into())),
            }
        }
        Ok(())
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.pty.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    super::relay::wait_writable(self.pty.master.as_fd())
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The terminal is gone: the relay sees bash's end.
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Waits until bash has read the last answer; one that nobody reads any more (^C in the hook) is taken back.
    pub(super) fn settle(&self) {
        let deadline = Instant::now() + Duration::from_millis(500);
        while super::pty::unread(self.fifo.as_fd()) > 0 {
            if Instant::now() > deadline {
                let mut stale = [0; 4096];
                while matches!((&self.fifo).read(&mut stale), Ok(read) if read > 0) {}
                return;
            }
            // There is no event for "the fifo is empty".
            std::thread::sleep(Duration::from_micros(50));
        }
    }

    pub(super) fn answer(&mut self, answer: &[u8]) -> Result<(), Error> {
        (&self.fifo).write_all(answer).map_err(failed("answer bash"))
    }
}

impl Drop for Bash {
    fn drop(&mut self) {
        // As from a terminal that is closed; bash passes it on to its jobs.
        let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(self.pid()), nix::sys::signal::Signal::SIGHUP);
        let _ = self.pty.child.try_wait();
    }
}

fn find_bash() -> Option<PathBuf> {
    let own = std::env::var_os("SHELL").map(PathBuf::from);
    own.filter(|shell| shell.file_name().is_some_and(|name| name == "bash") && shell.is_file()).or_else(|| {
        std::env::split_paths(&std::env::var_os("PATH")?)
            .map(|folder| folder.join("bash"))
            .find(|shell| shell.is_file())
    })
}

fn nonce() -> io::Result<String> {
    let mut bytes = [0; 12];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Bytes as one word of bash, whatever they are.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let mut word = String::from("$'");
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b' ' => word.push(char::from(*byte)),
            byte => word.push_str(&format!("\\x{byte:02x}")),
        }
    }
    word + "'"
}
