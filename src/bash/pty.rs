//! The pseudo-terminal and the bash in it: open, start, size, modes, type-ahead. It knows no marks and decides nothing.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;

use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{self, InputFlags, LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices, Termios};

/// Both ends of the terminal and the child.
pub(super) struct Pty {
    pub(super) master: Arc<File>,
    slave: File,
    pub(super) child: Child,
    pub(super) life: Option<OwnedFd>,
}

impl Pty {
    /// Starts `program` as leader of a session of its own on a new terminal.
    pub(super) fn start(
        program: &Path,
        arguments: &[OsString],
        environment: &[(OsString, OsString)],
        modes: Option<&Termios>,
        size: libc::winsize,
    ) -> io::Result<Pty> {
        let (master, slave) = open(modes, size)?;
        let mut command = Command::new(program);
        command.arg0("bash").args(arguments).envs(environment.iter().map(|(name, value)| (name, value)));
        seat(&mut command, &slave)?;
        let child = command.spawn()?;
        // SAFETY: a plain system call; the new descriptor is ours alone.
        let life = unsafe {
            let fd = libc::syscall(libc::SYS_pidfd_open, child.id(), 0);
            (fd >= 0).then(|| OwnedFd::from_raw_fd(fd as i32))
        };
        Ok(Pty { master: Arc::new(master), slave, child, life })
    }

    pub(super) fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        (&*self.master).read(into)
    }

    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.master).write(bytes)
    }

    pub(super) fn modes(&self) -> io::Result<Termios> {
        Ok(termios::tcgetattr(&self.slave)?)
    }

    pub(super) fn set_modes(&self, modes: &Termios) -> io::Result<()> {
        Ok(termios::tcsetattr(&self.slave, SetArg::TCSANOW, modes)?)
    }

    /// Bytes that wait to be read from the terminal in its present mode.
    pub(super) fn waiting(&self) -> usize {
        // A poll makes the kernel put what was written to the master where it can be read (and echo it): else it is not counted.
        let _ = poll(&mut [PollFd::new(self.slave.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO);
        unread(self.slave.as_fd())
    }

    /// Takes what was typed and read by nobody. Only while bash waits in its hook.
    pub(super) fn drain(&self) -> io::Result<Vec<u8>> {
        let was = self.modes()?;
        // Under the modes in which it was typed.
        self.waiting();
        self.set_modes(&bare(&was))?;
        let typed = self.read_waiting();
        self.set_modes(&was)?;
        let mut typed = typed?;
        // The terminal keeps a ^D it has interpreted as a NUL.
        for byte in &mut typed {
            if *byte == 0 {
                *byte = 4;
            }
        }
        Ok(typed)
    }

    /// All that waits: the terminal holds 4 KiB where it can be read, and more behind that.
    fn read_waiting(&self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let (from, waiting) = (all.len(), self.waiting());
            if waiting == 0 {
                return Ok(all);
            }
            all.resize(from + waiting, 0);
            let read = (&self.slave).read(&mut all[from..])?;
            all.truncate(from + read);
        }
    }

    pub(super) fn resize(&self, size: libc::winsize) {
        resize(&self.master, size);
    }
}

/// Gives a terminal this size.
pub(crate) fn resize(terminal: &File, size: libc::winsize) {
    // SAFETY: TIOCSWINSZ reads one winsize.
    unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSWINSZ, &size) };
}

/// Lets a command lead a session of its own on this terminal.
pub(crate) fn seat(command: &mut Command, slave: &File) -> io::Result<()> {
    command.stdin(slave.try_clone()?).stdout(slave.try_clone()?).stderr(slave.try_clone()?);
    // SAFETY: setsid and ioctl are async-signal-safe and touch only the child.
    unsafe {
        command.pre_exec(|| {
            if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        });
    }
    Ok(())
}

/// A new terminal. Close-on-exec from the first instant, for another thread may start a process meanwhile.
/// Only the master does not block: the slave's description is shared with bash.
pub(crate) fn open(modes: Option<&Termios>, size: libc::winsize) -> io::Result<(File, File)> {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let master = nix::pty::posix_openpt(flags | OFlag::O_NONBLOCK)?;
    nix::pty::grantpt(&master)?;
    nix::pty::unlockpt(&master)?;
    let slave = nix::fcntl::open(nix::pty::ptsname_r(&master)?.as_str(), flags, nix::sys::stat::Mode::empty())?;
    if let Some(modes) = modes {
        termios::tcsetattr(&slave, SetArg::TCSANOW, modes)?;
    }
    let slave = File::from(slave);
    resize(&slave, size);
    // SAFETY: into_raw_fd gives up the only owner of the master.
    let master = unsafe { File::from_raw_fd(master.into_raw_fd()) };
    Ok((master, slave))
}

/// The same terminal without line editing, echo, signals and translation.
pub(super) fn bare(modes: &Termios) -> Termios {
    let mut bare = modes.clone();
    bare.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN);
    bare.local_flags.remove(LocalFlags::ECHONL);
    bare.input_flags.remove(InputFlags::IXON | InputFlags::ICRNL | InputFlags::INLCR | InputFlags::IGNCR);
    bare.input_flags.remove(InputFlags::ISTRIP);
    bare.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
    bare.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
    bare
}

/// Bytes that can be read at once.
pub(super) fn unread(fd: BorrowedFd<'_>) -> usize {
    let mut count: libc::c_int = 0;
    // SAFETY: FIONREAD writes one int.
    unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &mut count) };
    usize::try_from(count).unwrap_or(0)
}

/// What the terminal echoes for these bytes, as far as no control character but tab, newline and Enter is among them.
pub(super) fn echo_of(bytes: &[u8], modes: &Termios) -> Vec<u8> {
    let crlf = modes.output_flags.contains(OutputFlags::OPOST | OutputFlags::ONLCR);
    let all = modes.local_flags.contains(LocalFlags::ECHO);
    let newlines = all || modes.local_flags.contains(LocalFlags::ECHONL | LocalFlags::ICANON);
    let mut echo = Vec::with_capacity(bytes.len() + 4);
    let enter = modes.input_flags.contains(InputFlags::ICRNL);
    for byte in bytes.iter().map(|byte| if enter && *byte == b'\r' { &b'\n' } else { byte }) {
        match byte {
            b'\n' if newlines && crlf => echo.extend_from_slice(b"\r\n"),
            b'\n' if newlines => echo.push(b'\n'),
            b'\n' => {}
            byte if byte.is_ascii_control() && *byte != b'\t' => break,
            byte if all => echo.push(*byte),
            _ => {}
        }
    }
    echo
}

/// The size of a terminal, 24×80 when it does not say.
pub(crate) fn size_of(fd: BorrowedFd<'_>) -> libc::winsize {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one winsize.
    let asked = unsafe { libc::ioctl(fd.as_raw_fd(), libc::TIOCGWINSZ, &mut size) };
    if asked < 0 || size.ws_col == 0 || size.ws_row == 0 {
        size.ws_row = 24;
        size.ws_col = 80;
    }
    size
}

/// The learner's terminal in raw mode until this is dropped.
pub(super) struct Raw<'a> {
    fd: BorrowedFd<'a>,
    was: Option<Termios>,
}

impl<'a> Raw<'a> {
    pub(super) fn enter(fd: BorrowedFd<'a>) -> Raw<'a> {
        let was = termios::tcgetattr(fd).ok();
        if let Some(was) = &was {
            let mut raw = was.clone();
            termios::cfmakeraw(&mut raw);
            // TCSANOW: what was typed already must not be lost.
            let _ = termios::tcsetattr(fd, SetArg::TCSANOW, &raw);
        }
        Raw { fd, was }
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        if let Some(was) = &self.was {
            let _ = termios::tcsetattr(self.fd, SetArg::TCSANOW, was);
        }
    }
}

/// Who is in front on bash's terminal; can be kept and asked from another thread.
#[derive(Clone)]
pub struct Front(pub(super) Arc<File>);

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Front").field(&self.leader()).finish()
    }
}

impl Front {
    /// The process group that has the terminal; bash's own at its prompt and while a builtin runs.
    pub fn leader(&self) -> Option<i32> {
        nix::unistd::tcgetpgrp(self.0.as_fd()).ok().map(nix::unistd::Pid::as_raw).filter(|leader| *leader > 0)
    }

    /// Whether a shell has the terminal and does nothing: it sleeps, and no process of its own group works for it.
    /// Only what any account may read is asked.
    fn is_waiting_shell(&self) -> bool {
        const SHELLS: [&str; 10] = ["bash", "sh", "dash", "ash", "ksh", "mksh", "zsh", "fish", "busybox", "rbash"];
        let stat = |pid: &str| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let (head, rest) = stat.rsplit_once(") ")?;
            let mut rest = rest.split(' ');
            // name, state, (parent,) process group
            Some((head.split_once('(')?.1.to_owned(), rest.next()?.to_owned(), rest.nth(1)?.to_owned()))
        };
        let Some(leader) = self.leader().map(|leader| leader.to_string()) else { return false };
        let sleeps = stat(&leader).is_some_and(|(name, state, _)| SHELLS.contains(&name.as_str()) && state == "S");
        let children = std::fs::read_to_string(format!("/proc/{leader}/task/{leader}/children")).unwrap_or_default();
        sleeps && !children.split_whitespace().any(|child| stat(child).is_some_and(|(.., group)| group == leader))
    }

    /// A shell that does nothing, or a program that hands the terminal through to a shell where nobody can look from here.
    pub(super) fn may_be_waiting_shell(&self) -> bool {
        self.is_waiting_shell() || self.is_gate()
    }

    fn is_gate(&self) -> bool {
        const GATES: [&str; 5] = ["ssh", "sudo", "podman", "docker", "machinectl"];
        let name = self.leader().and_then(|leader| std::fs::read_to_string(format!("/proc/{leader}/comm")).ok());
        name.is_some_and(|name| GATES.contains(&name.trim_end()))
    }
}
