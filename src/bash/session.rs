//! One bash from start to end, as its callers see it.

use std::borrow::Cow;
use std::cell::Cell;
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
use super::listen::Listener;
use super::marks::Scanner;
use super::model::{Beside, Ended, Error, Next, Settings, failed};
use super::nested::{Nested, NestedCommand};
use super::pty::{Front, Pty, size_of};
use super::signals::Pipe;

/// The learner's bash.
pub struct Bash {
    pub(super) pty: Pty,
    pub(super) scanner: Scanner,
    pub(super) fifo: File,
    rc: tempfile::TempDir,
    pub(super) keyboard: Arc<OwnedFd>,
    pub(super) screen: Arc<OwnedFd>,
    /// The learner's terminal gets no escape sequence of ours.
    plain: bool,
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
    /// bash is told to hold before it prompts: something goes to its terminal that nobody may read.
    held: bool,
    listener: Option<Listener>,
    /// An answer was written; it may not be read yet.
    answered: bool,
    /// The learner's terminal as it was when bash's was last given its size.
    size: (u16, u16),
    /// Shown bytes that came while a question was asked.
    pub(super) late: Vec<u8>,
    under_way: Option<UnderWay>,
    /// What the learner's terminal gets ahead of all else.
    ahead: Cell<&'static [u8]>,
}

/// A submission that was sent and not yet seen to its end.
struct UnderWay {
    text: String,
    framing: Framing,
    /// What is left of it, last first.
    lines: Vec<Vec<u8>>,
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

/// The file in the private directory that bash reads when it comes up.
const RC: &str = "rc.bash";
/// The file in the private directory that tells bash to hold.
const HOLD: &str = "hold";

impl Bash {
    /// Starts bash and waits for its first prompt; what ~/.bashrc prints is shown.
    pub fn start(settings: Settings) -> Result<Bash, Error> {
        let mut bash = Bash::begin(settings)?;
        bash.come_up()?;
        Ok(bash)
    }

    /// Starts bash and does not wait: nothing of it is seen before [`Bash::come_up`]. Dropped before that, it leaves no trace.
    pub fn begin(settings: Settings) -> Result<Bash, Error> {
        let program = settings.program.or_else(find_bash).ok_or(Error::NoBash)?;
        let rc =
            tempfile::Builder::new().prefix("rootless-lab-").tempdir().map_err(failed("make a private directory"))?;
        let (fifo_path, rc_path) = (rc.path().join("answers"), rc.path().join(RC));
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
            .replace("'@HOLD@'", &quoted(rc.path().join(HOLD).as_os_str().as_bytes()))
            .replace("@SIGNAL@", &question_signal().to_string());
        std::fs::write(&rc_path, hooks).map_err(failed("write bash's rc file"))?;

        let arguments = ["--noediting".into(), "--rcfile".into(), rc_path.clone().into_os_string(), "-i".into()];
        let modes = termios::tcgetattr(&settings.keyboard).ok();
        let size = size_of(settings.keyboard.as_fd());
        let pty = Pty::start(&program, &arguments, &settings.environment, modes.as_ref(), size)
            .map_err(failed("start bash"))?;
        Ok(Bash {
            scanner: Scanner::new(&nonce),
            pty,
            fifo,
            rc,
            keyboard: Arc::new(settings.keyboard),
            screen: Arc::new(settings.screen),
            plain: settings.plain,
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
            under_way: None,
            ahead: Cell::default(),
            held: false,
            listener: None,
            answered: false,
            size: (size.ws_row, size.ws_col),
        })
    }

    /// Waits for the first prompt; what ~/.bashrc prints is shown.
    pub fn come_up(&mut self) -> Result<(), Error> {
        let mut framing = Framing::new(Vec::new(), Vec::new());
        framing.go_direct();
        self.relay(&mut framing, Vec::new(), &mut Nobody)?;
        let _ = std::fs::remove_file(self.rc.path().join(RC));
        Ok(())
    }

    /// Sends what was submitted: one line or several, without or with the last newline. [`Bash::run`] sees it to its end. Whoever has
    /// something else to do first has bash work meanwhile.
    pub fn send(&mut self, text: &str) -> Result<(), Error> {
        if self.gone.is_some() {
            return Ok(());
        }
        self.hush();
        self.settle();
        // Before the line: a command that asks for the size at once is told the right one.
        self.resize();
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
            if !lines.is_empty() {
                self.hold();
            }
            let echo = self.send_line(&first)?;
            framing.sent(&echo);
        }
        self.under_way = Some(UnderWay { text: text.to_owned(), framing, lines });
        Ok(())
    }

    /// Runs what was submitted, unless it is under way already, to its end. The learner's terminal gets `ahead` before anything that is
    /// printed and before a key goes to bash; a command that is over at once, and silent, does without. Lines after the first command are
    /// typed ahead, as when they are pasted into a terminal: see [`Bash::typed_ahead`].
    pub fn run(&mut self, text: &str, ahead: &'static [u8], beside: &mut dyn Beside) -> Result<Next, Error> {
        if self.under_way.is_none() {
            self.send(text)?;
        }
        let Some(UnderWay { text, mut framing, lines }) = self.under_way.take() else {
            return Ok(Next::Gone { status: self.gone.unwrap_or(0) });
        };
        // Since it was sent the window may have changed its size, and nobody was there to hear of it.
        self.resize();
        self.ahead.set(ahead);
        let late = std::mem::take(&mut self.late);
        self.show(&late)?;
        self.relay(&mut framing, lines, beside)?;
        Ok(match self.gone {
            Some(status) => Next::Gone { status },
            None => Next::Prompt(Ended {
                ran: framing.ran || (self.dark && !text.trim().is_empty()),
                line: text,
                status: self.status,
                output: crate::plain::plain(framing.tail()),
                open_line: framing.tail().last().is_some_and(|byte| *byte != b'\n'),
                nested: std::mem::take(&mut self.nested_left),
                untold: std::mem::take(&mut self.untold),
            }),
        })
    }

    /// Whether the last command did not do without what comes ahead.
    pub fn has_shown_ahead(&mut self) -> bool {
        self.ahead.take().is_empty()
    }

    /// The learner's own prompt, expanded by bash.
    pub fn prompt(&self) -> String {
        String::from_utf8_lossy(&self.ps1).replace("\r\n", "\n")
    }

    /// bash's directory.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// While the learner edits a line, `print` is told what background jobs print; from now until the next line runs.
    /// Called again it only goes on; the first `print` stays.
    pub fn listen(&mut self, print: impl FnMut(&str) + Send + 'static) -> Result<(), Error> {
        let listener = match self.listener.take() {
            Some(listener) => listener,
            None => Listener::start(Arc::clone(&self.pty.master), print).map_err(failed("listen to bash"))?,
        };
        listener.listen();
        self.listener = Some(listener);
        Ok(())
    }

    fn hush(&self) -> bool {
        self.listener.as_ref().is_some_and(Listener::hush)
    }

    /// Does something with bash's terminal while nobody else listens to it.
    pub(super) fn in_silence<T>(&mut self, work: impl FnOnce(&mut Bash) -> T) -> T {
        let listened = self.hush();
        let done = work(self);
        if let Some(listener) = self.listener.as_ref().filter(|_| listened) {
            listener.listen();
        }
        done
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
        // Only a change is passed on: the learner may have told bash's terminal another size (`stty rows 10`).
        if std::mem::replace(&mut self.size, (size.ws_row, size.ws_col)) != (size.ws_row, size.ws_col) {
            self.nested.resize(size.ws_col);
            self.pty.resize(size);
        }
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

    /// What begins a line of ours where a prompt stands already: in its place, or on a new line where nothing can be wiped.
    pub(super) fn afresh(&self) -> &'static [u8] {
        if self.plain { b"\r\n" } else { b"\r\x1b[K" }
    }

    pub(super) fn show(&self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() {
            return Ok(());
        }
        let bytes = match self.ahead.take() {
            [] => Cow::Borrowed(bytes),
            ahead => Cow::Owned([ahead, bytes].concat()),
        };
        let mut rest = &*bytes;
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

    /// What comes ahead of all else is not put off any longer.
    pub(super) fn show_ahead(&self) -> Result<(), Error> {
        self.show(self.ahead.take())
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
    pub(super) fn settle(&mut self) {
        if !std::mem::take(&mut self.answered) {
            return;
        }
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

    /// From now on bash holds before it prompts. Whoever then finds all of bash's output read, and no mark D in it, can be
    /// sure that it will: the mark is printed before bash looks. False when it could not be told.
    pub(super) fn hold(&mut self) -> bool {
        self.held = self.held || File::create(self.rc.path().join(HOLD)).is_ok();
        self.held
    }

    pub(super) fn holds(&self) -> bool {
        self.held
    }

    /// bash need not hold any more.
    pub(super) fn let_go(&mut self) {
        if std::mem::take(&mut self.held) {
            let _ = std::fs::remove_file(self.rc.path().join(HOLD));
        }
    }

    pub(super) fn answer(&mut self, answer: &[u8]) -> Result<(), Error> {
        self.answered = true;
        (&self.fifo).write_all(answer).map_err(failed("answer bash"))
    }
}

/// While bash comes up nothing was typed, and no shell runs in it.
struct Nobody;

impl Beside for Nobody {
    fn keys(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn nested(&mut self, _: &[NestedCommand]) -> Option<String> {
        None
    }
}

impl Drop for Bash {
    fn drop(&mut self) {
        // Once it was waited for, its number may be another process's.
        if self.gone.is_some() || !matches!(self.pty.child.try_wait(), Ok(None)) {
            return;
        }
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

/// 48 bits: more than a program could try on the way to one mark. bash expands it character by character at each command.
fn nonce() -> io::Result<String> {
    let mut bytes = [0; 6];
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
