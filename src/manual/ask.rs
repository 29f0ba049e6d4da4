//! Asks the machine's own `man`, without a shell, for a bounded time and a bounded answer. Never takes a name that `man` could read as an option or a path.

use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::Missing;

/// A page is 2 MiB at the most; bash's own, overstrikes and all, is a quarter of that.
const MOST: usize = 4 << 20;

/// Where the page lies, by `man -w`.
pub(super) fn place(man: &Path, section: Option<&str>, page: &str, patience: Duration) -> Result<PathBuf, Missing> {
    let answer = run(man, &["-w"], section, page, patience)?;
    let Some(first) = answer.lines().next().filter(|_| !answer.is_empty()) else { return Err(Missing::NoPage) };
    // man-db adds ` (<-- /where/the/source/is)` to a page that is kept formatted.
    let path = PathBuf::from(first.split_once(" (<--").map_or(first, |(path, _)| path));
    // A minimized Ubuntu has a script in man's place that prints an advice and succeeds.
    if path.is_absolute() && path.exists() { Ok(path) } else { Err(Missing::NoMan) }
}

/// The page as it is for a printer, each paragraph on one line.
pub(super) fn text(man: &Path, section: Option<&str>, page: &str, patience: Duration) -> Result<String, Missing> {
    let answer = run(man, &["--nh", "--nj"], section, page, patience)?;
    if answer.trim().is_empty() { Err(Missing::Unreadable) } else { Ok(answer) }
}

/// May be given to `man` as the name of a page.
pub(super) fn is_name(page: &str) -> bool {
    !page.is_empty()
        && page.len() <= 100
        && !page.starts_with('-')
        && page.chars().all(|c| c.is_ascii_alphanumeric() || "_.:+-".contains(c))
}

/// May be given to `man` as a section.
pub(super) fn is_section(section: &str) -> bool {
    section.len() <= 8
        && section.starts_with(|c: char| c.is_ascii_digit())
        && section.chars().all(|c| c.is_ascii_alphanumeric())
}

/// The answer; empty where `man` ends with a failure.
fn run(man: &Path, options: &[&str], section: Option<&str>, page: &str, patience: Duration) -> Result<String, Missing> {
    if !is_name(page) || section.is_some_and(|section| !is_section(section)) {
        return Err(Missing::NoPage);
    }
    let mut command = Command::new(man);
    command.args(options).args(section).arg(page);
    command.env("LC_ALL", "C.UTF-8").env("MANWIDTH", "2000").env("MAN_KEEP_FORMATTING", "1");
    command.env("GROFF_NO_SGR", "1").env("MANPAGER", "cat");
    for bend in ["MANOPT", "MANROFFOPT", "MANROFFSEQ"] {
        command.env_remove(bend);
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {
            return Err(Missing::NoMan);
        }
        Err(_) => return Err(Missing::Unreadable),
    };
    Family(child).answer(Instant::now() + patience).ok_or(Missing::Unreadable)
}

/// `man` and the programs it starts, which all end with it.
struct Family(Child);

impl Family {
    fn answer(mut self, deadline: Instant) -> Option<String> {
        let mut out = self.0.stdout.take()?;
        let mut bytes = Vec::new();
        let mut piece = vec![0; 64 << 10];
        loop {
            let left = deadline.checked_duration_since(Instant::now())?;
            let timeout = PollTimeout::try_from(left + Duration::from_millis(1)).ok()?;
            match poll(&mut [PollFd::new(out.as_fd(), PollFlags::POLLIN)], timeout) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(nix::errno::Errno::EINTR) => continue,
                Err(_) => return None,
            }
            match out.read(&mut piece).ok()? {
                0 => break,
                read if bytes.len() + read > MOST => return None,
                read => bytes.extend_from_slice(&piece[..read]),
            }
        }
        // The pipe is closed, so nothing more is to come; a `man` that stays all the same is not waited for.
        let ended = loop {
            match self.0.try_wait().ok()? {
                Some(status) => break status,
                None if Instant::now() > deadline => return None,
                None => drop(poll(&mut [], PollTimeout::from(1u8))),
            }
        };
        if !ended.success() {
            bytes.clear();
        }
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        if !matches!(self.0.try_wait(), Ok(Some(_)))
            && let Ok(id) = i32::try_from(self.0.id())
        {
            // The child has not been waited for, so its number cannot be another's yet.
            let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
            let _ = self.0.wait();
        }
    }
}
