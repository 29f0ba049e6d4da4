//! What a git repository on this disk has at its head, as a tar archive, by the git program. Never over a network, never with the
//! configuration, hooks or filters of the repository.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// A repository of lessons is small.
const TIME: Duration = Duration::from_secs(60);
/// How often it is looked whether git is done.
const TICK: Duration = Duration::from_millis(20);

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// git cannot be run.
    #[error("git cannot be run: {0}")]
    NoGit(io::Error),
    /// git says no, in its own words.
    #[error("git says: {0}")]
    Says(String),
    /// It takes too long.
    #[error("git was not done in {} s", TIME.as_secs())]
    TooLong,
}

/// Packs the head of the repository, and has it read to its end or until the reader has enough: nothing of it is put on the disk
/// here, for a small repository may become a large archive. `aside` is an empty folder.
pub(super) fn archive<T, E: From<GitError>>(
    repository: &Path,
    aside: &Path,
    read: impl FnOnce(&mut dyn Read) -> Result<T, E>,
) -> Result<T, E> {
    let copy = aside.join("copy.git");
    // A copy first: it has none of the repository's configuration, so nothing of it is run.
    let mut clone = git();
    clone.args(["clone", "--quiet", "--bare", "--no-local", "--depth=1", "--no-tags", "--template=", "--"]);
    clone.arg(repository).arg(&copy);
    Run::begin(&mut clone)?.end()?;
    let mut archive = git();
    archive.arg("--git-dir").arg(&copy).args(["archive", "--format=tar", "HEAD"]).stdout(Stdio::piped());
    let mut run = Run::begin(&mut archive)?;
    match read(&mut run) {
        Ok(done) => run.end().map(|()| done).map_err(E::from),
        // What git has to say comes before what the reader makes of an archive that breaks off.
        Err(error) => Err(run.refused().map_or(error, E::from)),
    }
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C").env("HOME", "/");
    git.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_ALLOW_PROTOCOL", "file")]);
    git.env("GIT_TERMINAL_PROMPT", "0").current_dir("/").process_group(0);
    git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    git
}

/// A git under way, and what it prints until its time is over. Dropped, it is ended with all that it started.
struct Run {
    child: Child,
    until: Instant,
    /// It prints no more.
    silent: bool,
}

impl Run {
    fn begin(command: &mut Command) -> Result<Self, GitError> {
        Ok(Self { child: command.spawn().map_err(GitError::NoGit)?, until: Instant::now() + TIME, silent: false })
    }

    /// Waits for its end, and says how it ended.
    fn end(mut self) -> Result<(), GitError> {
        let status = loop {
            match self.child.try_wait().map_err(GitError::NoGit)? {
                Some(status) => break status,
                None if Instant::now() < self.until => std::thread::sleep(TICK),
                None => return Err(GitError::TooLong),
            }
        };
        if status.success() { Ok(()) } else { Err(GitError::Says(self.said())) }
    }

    /// Why it came to nothing, where that is not because its reader had enough.
    fn refused(self) -> Option<GitError> {
        if self.silent {
            return self.end().err();
        }
        (Instant::now() >= self.until).then_some(GitError::TooLong)
    }

    fn said(&mut self) -> String {
        let mut said = String::new();
        if let Some(errors) = self.child.stderr.take() {
            let _ = errors.take(4096).read_to_string(&mut said);
        }
        let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing, and ends");
        first.trim().to_owned()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = killpg(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

impl Read for Run {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(from) = &mut self.child.stdout else { return Ok(0) };
        let left = self.until.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        if poll(&mut [PollFd::new(from.as_fd(), PollFlags::POLLIN)], timeout)? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let count = from.read(into)?;
        self.silent |= count == 0;
        Ok(count)
    }
}
