//! What a git repository on this disk has at its head, as a tar archive, by the git program. Never over a network, never with the
//! configuration, hooks or filters of the repository.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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

/// Packs the head of the repository into an archive in `aside`, an empty folder.
pub(super) fn archive(repository: &Path, aside: &Path) -> Result<File, GitError> {
    let (copy, packed) = (aside.join("copy.git"), aside.join("head.tar"));
    // A copy first: it has none of the repository's configuration, so nothing of it is run.
    let mut clone = git();
    clone.args(["clone", "--quiet", "--bare", "--no-local", "--depth=1", "--no-tags", "--template=", "--"]);
    run(clone.arg(repository).arg(&copy))?;
    let mut archive = git();
    archive.arg("--git-dir").arg(&copy).args(["archive", "--format=tar", "--output"]);
    run(archive.arg(&packed).arg("HEAD"))?;
    File::open(packed).map_err(GitError::NoGit)
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C").env("HOME", "/");
    git.envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_ALLOW_PROTOCOL", "file")]);
    git.env("GIT_TERMINAL_PROMPT", "0").current_dir("/").process_group(0);
    git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    git
}

fn run(command: &mut Command) -> Result<(), GitError> {
    let mut child = command.spawn().map_err(GitError::NoGit)?;
    let until = Instant::now() + TIME;
    let status = loop {
        match child.try_wait().map_err(GitError::NoGit)? {
            Some(status) => break status,
            None if Instant::now() < until => std::thread::sleep(TICK),
            None => {
                let _ = killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL);
                let _ = child.wait();
                return Err(GitError::TooLong);
            }
        }
    };
    if status.success() {
        return Ok(());
    }
    let mut said = String::new();
    if let Some(errors) = child.stderr.take() {
        let _ = errors.take(4096).read_to_string(&mut said);
    }
    let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing, and ends");
    Err(GitError::Says(first.trim().to_owned()))
}
