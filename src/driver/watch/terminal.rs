//! A watcher's terminal: keys one by one, the other screen, and everything as it was before whenever it is left: at the end, at ^Z,
//! at a panic. And the signals that a watcher heeds, as bytes in a pipe.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use nix::sys::termios::{InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};

/// To the other screen, without a cursor; and back.
const ON: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[2J";
const OFF: &[u8] = b"\x1b[?25h\x1b[?1049l";

/// What a panic, in whichever thread, has to put back.
static WAS: Mutex<Option<Termios>> = Mutex::new(None);
static PAINTED: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal while somebody watches.
pub(super) struct Terminal {
    /// On the other screen, where lines are drawn anew.
    pub(super) full: bool,
    entered: bool,
}

impl Terminal {
    /// Takes the terminal at standard input; with `full` the other screen at standard output too.
    pub(super) fn enter(full: bool) -> Self {
        HOOK.call_once(|| {
            let said = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                said(panic);
            }));
        });
        let mut terminal = Self { full, entered: false };
        terminal.take();
        terminal
    }

    /// Takes it, where it is not taken. What the terminal is like now is what it is left as.
    pub(super) fn take(&mut self) {
        if !self.entered
            && let Ok(was) = tcgetattr(io::stdin().as_fd())
        {
            *WAS.lock().unwrap_or_else(PoisonError::into_inner) = Some(was);
            self.entered = true;
        }
        self.set();
    }

    /// The same once more: whoever had the terminal meanwhile left it in another state.
    pub(super) fn set(&mut self) {
        if let Some(was) = WAS.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            let mut keys = was.clone();
            keys.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
            // ^S would stop the picture for good: nobody sees why.
            keys.input_flags.remove(InputFlags::IXON);
            keys.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
            keys.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
            let _ = tcsetattr(io::stdin().as_fd(), SetArg::TCSANOW, &keys);
        }
        if self.full {
            PAINTED.store(true, Ordering::SeqCst);
            let _ = write(ON);
        }
    }

    /// Puts everything back.
    pub(super) fn leave(&mut self) {
        give_back();
        self.entered = false;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
    }
}

fn give_back() {
    if PAINTED.swap(false, Ordering::SeqCst) {
        let _ = write(OFF);
    }
    // A panic may have the lock.
    if let Ok(mut was) = WAS.try_lock()
        && let Some(was) = was.take()
    {
        let _ = tcsetattr(io::stdin().as_fd(), SetArg::TCSANOW, &was);
    }
}

/// Writes to standard output, all of it.
pub(super) fn write(bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match nix::unistd::write(io::stdout().as_fd(), rest) {
            Ok(count) => rest = &rest[count..],
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => std::thread::yield_now(),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

static PIPE: AtomicI32 = AtomicI32::new(-1);
/// Whose pipe it is: a copy of this process, on its way to another program, has it too.
static OURS: AtomicI32 = AtomicI32::new(0);
const HEEDED: [Signal; 7] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGTSTP,
    Signal::SIGCONT,
    Signal::SIGWINCH,
];

extern "C" fn note(signal: libc::c_int) {
    let byte = signal as u8;
    // SAFETY: errno, getpid and write are async-signal-safe; the pipe is never closed.
    unsafe {
        if libc::getpid() != OURS.load(Ordering::Relaxed) {
            return;
        }
        let errno = *libc::__errno_location();
        libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1);
        *libc::__errno_location() = errno;
    }
}

/// The signals that came, from now on and as long as the process lives.
pub(super) struct Signals(std::fs::File);

impl Signals {
    pub(super) fn begin() -> io::Result<Self> {
        let (read, write) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC | nix::fcntl::OFlag::O_NONBLOCK)?;
        PIPE.store(write.into_raw_fd(), Ordering::Relaxed);
        OURS.store(nix::unistd::getpid().as_raw(), Ordering::Relaxed);
        HEEDED.iter().for_each(|signal| heed(*signal));
        Ok(Self(read.into()))
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    pub(super) fn take(&self) -> Vec<Signal> {
        let mut bytes = [0; 64];
        let count = (&self.0).read(&mut bytes).unwrap_or(0);
        bytes[..count].iter().filter_map(|byte| Signal::try_from(i32::from(*byte)).ok()).collect()
    }

    /// Stops here, as a program stops that does not heed ^Z, until it is continued.
    pub(super) fn stop(&self) {
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: puts back what every process begins with.
        if unsafe { sigaction(Signal::SIGTSTP, &default) }.is_ok() {
            let _ = raise(Signal::SIGTSTP);
        }
        heed(Signal::SIGTSTP);
    }
}

fn heed(signal: Signal) {
    let ours = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler only writes to a pipe.
    let _ = unsafe { sigaction(signal, &ours) };
}
