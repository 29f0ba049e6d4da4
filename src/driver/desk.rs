//! The desk at which `rootless-lab hint` and its like are answered, from a nested shell or any other terminal of the lesson's accounts.
//! A socket in `/run/rootless-lab` (or the learner's own runtime directory); who asks is told by the kernel, never by the asker.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::{Uid, User};
use serde::{Deserialize, Serialize};

use crate::screen::Look;
use crate::session::Pane;

/// The word with which somebody asks to be told of every change: the answer is one [`Pane`] a line.
const WATCH: &str = ":watch";
/// The word with which whoever proves a lesson asks what the last step was judged with: `["step", context]`. What was typed is in it,
/// so only root and the learner's own account are told.
pub(super) const JUDGED_WITH: &str = ":judged-with";
/// The folder that the observer makes, and in which every lab of the machine has its socket.
pub const ROOM: &str = "/run/rootless-lab";
const MOST: u64 = 4096;
/// No state of a lab is longer.
const MOST_TOLD: usize = 4 << 20;
const PATIENCE: Duration = Duration::from_secs(60);

/// What is asked at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// A lab word with its colon, as typed at the prompt: `:hint`.
    pub word: String,
    /// How the asker's terminal is to be written to.
    pub look: Look,
}

/// What the desk answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What to show.
    pub text: String,
    /// How the goals of the step stand.
    pub stand: Stand,
    /// The word is none that this asker may say from here.
    pub refused: bool,
}

/// How the goals of a step stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stand {
    /// All are green, or were when the step was left; the lesson may be done.
    Green,
    /// At least one is red.
    Red,
    /// None is red, and at least one is not known.
    Unknown,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker {
    /// The process, where it can be seen from here.
    pub(super) pid: Option<i32>,
    /// It is the learner's own account.
    pub(super) own: bool,
    /// It is root.
    pub(super) root: bool,
}

/// Why nobody answered.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No lab is open for this account.
    #[error("no lab is open on this machine")]
    NoLab,
    /// A lab is open, and does not answer this account.
    #[error("the lab of {0} does not answer this account")]
    NotYou(String),
    /// It broke off.
    #[error("the lab did not answer: {0}")]
    Broken(#[from] std::io::Error),
}

/// Opens a desk: in the machine's room where it is there, else in the learner's own runtime directory.
pub fn open() -> std::io::Result<(UnixListener, PathBuf)> {
    let uid = Uid::effective();
    let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let places = [Some(PathBuf::from(ROOM)), own];
    let mut last = std::io::Error::from(std::io::ErrorKind::NotFound);
    for place in places.into_iter().flatten() {
        let path = place.join(format!("lab-{uid}.sock"));
        if std::fs::symlink_metadata(&path).is_ok_and(|old| old.uid() == uid.as_raw())
            && UnixStream::connect(&path).is_err()
        {
            let _ = std::fs::remove_file(&path);
        }
        match UnixListener::bind(&path) {
            Ok(listener) => {
                std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666))?;
                return Ok((listener, path));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A desk that is open; the socket goes when it is closed.
pub(super) struct Open(PathBuf);

impl Open {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // A socket that stays behind refuses connections, and the next lab replaces it.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Answers one asker, if the account is one of `accounts`, the learner's own, or root. The answer is made for that very asker;
/// whoever wants to watch is handed on.
pub(super) fn serve(
    mut stream: UnixStream,
    accounts: &[String],
    answer: impl Fn(Ask, Asker) -> Answer,
    watch: impl Fn(UnixStream),
) {
    let Ok(peer) = getsockopt(&stream, PeerCredentials) else { return };
    let known = peer.uid() == 0 || peer.uid() == Uid::effective().as_raw() || {
        let name = User::from_uid(Uid::from_raw(peer.uid())).ok().flatten().map(|user| user.name);
        name.is_some_and(|name| accounts.contains(&name))
    };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = stream.set_write_timeout(Some(Duration::from_secs(2)));
    if !known {
        return;
    }
    let mut line = String::new();
    if BufReader::new((&stream).take(MOST)).read_line(&mut line).is_err() {
        return;
    }
    let Ok(ask) = serde_json::from_str::<Ask>(&line) else { return };
    if ask.word == WATCH {
        return watch(stream);
    }
    let asker = Asker {
        pid: Some(peer.pid()).filter(|pid| *pid > 0),
        own: peer.uid() == Uid::effective().as_raw(),
        root: peer.uid() == 0,
    };
    if let Ok(text) = serde_json::to_string(&answer(ask, asker)) {
        let _ = writeln!(stream, "{text}");
    }
}

/// The desks that are open on this machine, the account's own first.
pub fn desks() -> Vec<PathBuf> {
    let uid = Uid::effective();
    let mut found: Vec<PathBuf> = std::env::var_os("XDG_RUNTIME_DIR")
        .map(|own| Path::new(&own).join(format!("lab-{uid}.sock")))
        .into_iter()
        .filter(|path| path.exists())
        .collect();
    let mut room: Vec<PathBuf> = std::fs::read_dir(ROOM)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "sock"))
        .collect();
    room.sort_by_key(|path| path.file_name() != Some(format!("lab-{uid}.sock").as_ref()));
    found.extend(room);
    found
}

/// Whoever has waited so long for a look is told that it takes its time.
pub(super) const A_WHILE: Duration = Duration::from_secs(1);

/// Asks the first lab that answers this account. `takes_its_time` is told when the answer does.
pub fn ask(ask: &Ask, takes_its_time: impl FnOnce()) -> Result<Answer, DeskError> {
    let mut takes_its_time = Some(takes_its_time);
    let mut refused = None;
    for path in desks() {
        // A socket left behind by a lab that was killed refuses the connection.
        let Ok(mut stream) = UnixStream::connect(&path) else { continue };
        let owner = getsockopt(&stream, PeerCredentials)
            .ok()
            .and_then(|peer| User::from_uid(Uid::from_raw(peer.uid())).ok().flatten().map(|user| user.name));
        stream.set_read_timeout(Some(PATIENCE))?;
        let text = serde_json::to_string(ask).map_err(std::io::Error::from)?;
        if writeln!(stream, "{text}").is_err() {
            refused = owner;
            continue;
        }
        let soon = PollTimeout::try_from(A_WHILE).unwrap_or(PollTimeout::MAX);
        if poll(&mut [PollFd::new(stream.as_fd(), PollFlags::POLLIN)], soon) == Ok(0)
            && let Some(tell) = takes_its_time.take()
        {
            tell();
        }
        let mut reply = String::new();
        match BufReader::new(stream).read_line(&mut reply) {
            Ok(0) | Err(_) => refused = owner,
            Ok(_) => return serde_json::from_str(&reply).map_err(|e| DeskError::Broken(e.into())),
        }
    }
    Err(refused.map_or(DeskError::NoLab, DeskError::NotYou))
}

/// Asks the first lab that answers this account to be told of every change; its socket, and what it said first.
pub(super) fn watch(look: &Look) -> Result<(PathBuf, Changes, Pane), DeskError> {
    let mut refused = None;
    for path in desks() {
        let Ok(stream) = UnixStream::connect(&path) else { continue };
        let owner = getsockopt(&stream, PeerCredentials)
            .ok()
            .and_then(|peer| User::from_uid(Uid::from_raw(peer.uid())).ok().flatten().map(|user| user.name));
        match Changes::of(stream, look) {
            Ok((changes, first)) => return Ok((path, changes, first)),
            Err(DeskError::NoLab) => refused = owner,
            Err(broken) => return Err(broken),
        }
    }
    Err(refused.map_or(DeskError::NoLab, DeskError::NotYou))
}

/// What a lab tells whoever watches it.
pub(super) struct Changes {
    stream: UnixStream,
    rest: Vec<u8>,
}

impl Changes {
    /// Asks at this stream; `NoLab` when it is closed without a word.
    pub(super) fn of(mut stream: UnixStream, look: &Look) -> Result<(Self, Pane), DeskError> {
        stream.set_read_timeout(Some(PATIENCE))?;
        say(&mut stream, WATCH, look).map_err(|_| DeskError::NoLab)?;
        let mut changes = Self { stream, rest: Vec::new() };
        loop {
            if let Some(pane) = changes.next() {
                changes.stream.set_nonblocking(true)?;
                return Ok((changes, pane?));
            }
            match changes.take_in() {
                Ok(true) => {}
                Ok(false) => return Err(DeskError::NoLab),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Err(DeskError::NoLab),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads what is there; false when the lab is gone.
    pub(super) fn take_in(&mut self) -> std::io::Result<bool> {
        let mut bytes = [0; 16384];
        match self.stream.read(&mut bytes) {
            Ok(0) => Ok(false),
            Ok(count) => {
                self.rest.extend_from_slice(&bytes[..count]);
                if self.rest.len() > MOST_TOLD { Err(ErrorKind::InvalidData.into()) } else { Ok(true) }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The next whole line of what was read.
    pub(super) fn next(&mut self) -> Option<Result<Pane, DeskError>> {
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.rest.drain(..=end).collect();
        Some(serde_json::from_slice(&line).map_err(|error| DeskError::Broken(error.into())))
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// Says a word at a desk.
pub(super) fn say(stream: &mut UnixStream, word: &str, look: &Look) -> std::io::Result<()> {
    let text = serde_json::to_string(&Ask { word: word.into(), look: look.elsewhere() })?;
    writeln!(stream, "{text}")
}
