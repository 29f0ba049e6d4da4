//! What a lab leaves behind when it is told to end from outside (SIGTERM, SIGHUP) while it waits at its prompt: nothing. The terminal
//! is the room `bash`'s to give back; progress is on disk already. While a command runs, `bash` sees these signals itself.
//! And what does not end it: the keys ^C, ^\ and ^Z, which are for the command that runs or for the line that is edited.

use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};

static PIPE: AtomicI32 = AtomicI32::new(-1);
/// How long after a signal it is sent once more.
const AGAIN: Duration = Duration::from_millis(50);
/// What lies about while a lab runs, and goes with it.
static LITTER: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

extern "C" fn note(signal: libc::c_int) {
    let byte = signal as u8;
    // SAFETY: write is async-signal-safe; the pipe is never closed.
    unsafe { libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1) };
}

/// Between a command and the prompt, and while the lab looks at the machine, nobody has made the terminal raw: then these keys
/// come as signals. Not ignored but handled, for what is ignored stays ignored in every program that is started.
extern "C" fn pass_over(signal: libc::c_int) {
    if signal == libc::SIGINT {
        PRESSED.fetch_add(1, Ordering::SeqCst);
        let one = 1_u64;
        // SAFETY: errno and write are async-signal-safe; where nobody waits it is no file at all.
        unsafe {
            let errno = *libc::__errno_location();
            libc::write(WAITS.load(Ordering::SeqCst), (&raw const one).cast(), size_of::<u64>());
            *libc::__errno_location() = errno;
        }
    }
}

/// Who is told of ^C.
static WAITS: AtomicI32 = AtomicI32::new(-1);
/// How often ^C was pressed.
static PRESSED: AtomicU32 = AtomicU32::new(0);

/// How often ^C was pressed so far, but for those that ended a command or threw a line away.
pub(super) fn pressed() -> u32 {
    PRESSED.load(Ordering::SeqCst)
}

/// Waits for something that ^C makes it wait for no longer, until this is dropped.
pub(super) struct Waiting(Arc<EventFd>);

impl Waiting {
    /// `before` is how often ^C was pressed before it was known that something is to be waited for.
    pub(super) fn begin(before: u32) -> io::Result<Self> {
        let event = EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?;
        WAITS.store(event.as_fd().as_raw_fd(), Ordering::SeqCst);
        if pressed() != before {
            event.write(1)?;
        }
        Ok(Self(Arc::new(event)))
    }

    /// What ends the waiting, from any thread.
    pub(super) fn end(&self) -> impl FnOnce() + Send + use<> {
        let event = Arc::clone(&self.0);
        move || {
            // It counts far beyond one.
            let _ = event.write(1);
        }
    }

    /// Waits so long at the most; whether the waiting is over.
    pub(super) fn within(&self, time: Duration) -> bool {
        let time = PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX);
        let mut over = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        loop {
            match poll(&mut over, time) {
                // ^C has ended the waiting by now; another signal only has it said a little later.
                Err(nix::Error::EINTR) => {}
                ready => return ready.is_ok_and(|ready| ready > 0),
            }
        }
    }

    /// Waits.
    pub(super) fn wait(&self) {
        while self.0.read() == Err(nix::Error::EINTR) {}
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITS.store(-1, Ordering::SeqCst);
    }
}

/// From now on the lab tidies up when it is told to end; then whoever handled the signal before goes on with it, in this very
/// thread: it is the one that changes the terminal's modes, and does not go on doing that while the terminal is given back.
/// And the keys ^C, ^\ and ^Z do not end or stop it any more.
pub(super) fn watch() -> io::Result<()> {
    let (read, write): (OwnedFd, OwnedFd) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC)?;
    PIPE.store(write.as_raw_fd(), Ordering::Relaxed);
    // The handler uses it as long as the process lives.
    std::mem::forget(write);
    let ours = SigAction::new(SigHandler::Handler(note), SaFlags::SA_RESTART, SigSet::empty());
    let user = nix::unistd::gettid().as_raw();
    let mut stood = Vec::new();
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the handler only writes to a pipe.
        stood.push((signal, unsafe { sigaction(signal, &ours) }?));
    }
    let keys = SigAction::new(SigHandler::Handler(pass_over), SaFlags::SA_RESTART, SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP] {
        // SAFETY: the handler makes async-signal-safe calls only.
        unsafe { sigaction(signal, &keys) }?;
    }
    std::thread::spawn(move || {
        let mut came = [0];
        if std::fs::File::from(read).read_exact(&mut came).is_err() {
            return;
        }
        tidy();
        // More than once: a command may begin or end this instant, and who takes the signal changes with that.
        loop {
            for (signal, was) in &stood {
                // SAFETY: puts back what stood before.
                let _ = unsafe { sigaction(*signal, was) };
            }
            // SAFETY: a plain system call; the thread lives as long as the process.
            unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), user, libc::c_int::from(came[0])) };
            std::thread::sleep(AGAIN);
        }
    });
    Ok(())
}

/// A file or folder that is to go when the lab is ended from outside.
pub(super) fn leave_nothing_of(path: PathBuf) {
    LITTER.lock().unwrap_or_else(PoisonError::into_inner).push(path);
}

fn tidy() {
    for path in LITTER.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        let _ = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}

/// Ends by this signal, as a process that does not handle it does, so that whoever waits for the lab sees why.
pub fn end_by(signal: i32) -> ! {
    tidy();
    if let Ok(signal) = Signal::try_from(signal) {
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: puts back what every process begins with.
        if unsafe { sigaction(signal, &default) }.is_ok() {
            let _ = raise(signal);
        }
    }
    std::process::exit(128 + signal)
}
