//! Listens to service managers at their own sockets, where they send every signal to whoever is connected. Asks them nothing,
//! starts nothing: where no manager listens, it looks again later.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, recv, send, socket};
use std::os::fd::AsRawFd;

use super::guise::Account;
use super::signals::{Hear, Signal, Signals};

/// After so long it is looked again for a manager that is not there; then after twice the time, up to the longest.
const SOON: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(5);
/// No more than this is read from one manager at a time.
const MOST: usize = 256 * 1024;

/// Whose manager.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Whose {
    System,
    User(String),
}

/// All that are listened to.
#[derive(Default)]
pub(super) struct Managers {
    ears: BTreeMap<Whose, Ear>,
}

struct Ear {
    /// With whose rights to connect; this process's own where none is given.
    account: Option<Account>,
    uid: u32,
    hears: Vec<(usize, Hear)>,
    stream: Option<(OwnedFd, Signals)>,
    /// Why it cannot be listened to, where there is somebody to listen to.
    lost: Option<String>,
    again: Instant,
    wait: Duration,
}

/// Who is to be listened to, with whose rights, and for what: a ground each.
pub(super) struct Wanted {
    pub(super) account: Option<Account>,
    pub(super) uid: u32,
    pub(super) hears: Vec<(usize, Hear)>,
}

/// What listening brought.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) grounds: BTreeSet<usize>,
    /// A manager came or went, and directories with it.
    pub(super) moved: bool,
    /// Something came at all.
    pub(super) any: bool,
}

impl Managers {
    /// From now on it is listened to these. A connection that is open and still wanted stays.
    pub(super) fn set(&mut self, wanted: BTreeMap<Whose, Wanted>, now: Instant) {
        let mut before = std::mem::take(&mut self.ears);
        for (whose, Wanted { account, uid, hears }) in wanted {
            let kept = before.remove(&whose).filter(|ear| ear.uid == uid);
            let mut ear = kept.unwrap_or_else(|| Ear {
                account: None,
                uid,
                hears: Vec::new(),
                stream: None,
                lost: None,
                again: now,
                wait: SOON,
            });
            (ear.account, ear.hears) = (account, hears);
            self.ears.insert(whose, ear);
        }
    }

    /// The streams to be waited for.
    pub(super) fn streams(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.ears.values().filter_map(|ear| Some(ear.stream.as_ref()?.0.as_fd()))
    }

    /// When it is to be looked again for a manager that was not there.
    pub(super) fn due(&self) -> Option<Instant> {
        self.ears.values().filter(|ear| ear.stream.is_none()).map(|ear| ear.again).min()
    }

    /// Something happened: whoever is not there may come now.
    pub(super) fn hurry(&mut self, now: Instant) {
        for ear in self.ears.values_mut().filter(|ear| ear.stream.is_none() && ear.wait > SOON) {
            (ear.again, ear.wait) = (now + SOON, SOON);
        }
    }

    /// Takes in what came, and connects to whom it is time to.
    pub(super) fn turn(&mut self, now: Instant) -> Heard {
        let mut heard = Heard::default();
        for (whose, ear) in &mut self.ears {
            if let Some((stream, signals)) = &mut ear.stream {
                match drain(stream, signals, &ear.hears, &mut heard.grounds) {
                    Ok(came) => heard.any |= came,
                    Err(_) => {
                        (ear.stream, ear.again, ear.wait) = (None, now + SOON, SOON);
                        heard.grounds.extend(ear.hears.iter().map(|(ground, _)| *ground));
                        heard.moved = true;
                    }
                }
            } else if ear.again <= now {
                match ear.open(whose) {
                    Ok(stream) => {
                        (ear.stream, ear.lost, ear.wait) = (Some((stream, Signals::default())), None, SOON);
                        heard.grounds.extend(ear.hears.iter().map(|(ground, _)| *ground));
                        heard.moved = true;
                    }
                    Err(error) => {
                        let nobody = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused);
                        let is_system = *whose == Whose::System;
                        ear.lost = (is_system || !nobody).then(|| match whose {
                            Whose::System => format!("the system manager cannot be heard: {error}"),
                            Whose::User(name) => format!("the user manager of {name} cannot be heard: {error}"),
                        });
                        (ear.again, ear.wait) = (now + ear.wait, (ear.wait * 2).min(LONGEST));
                    }
                }
            }
        }
        heard
    }

    /// The grounds of managers that cannot be heard, and why.
    pub(super) fn lost(&self) -> impl Iterator<Item = (usize, &str)> {
        let lost = self.ears.values().filter_map(|ear| Some((ear.lost.as_deref()?, &ear.hears)));
        lost.flat_map(|(why, hears)| hears.iter().map(move |(ground, _)| (*ground, why)))
    }
}

impl Ear {
    fn open(&self, whose: &Whose) -> io::Result<OwnedFd> {
        let path = match whose {
            Whose::System => "/run/systemd/private".to_owned(),
            Whose::User(_) => format!("/run/user/{}/systemd/private", self.uid),
        };
        match &self.account {
            Some(account) => account.lends(|| greet(Path::new(&path)))?,
            None => greet(Path::new(&path)),
        }
    }
}

/// Connects and proves who we are by the socket's own credentials. Nothing else is ever said.
fn greet(path: &Path) -> io::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let stream = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    connect(stream.as_raw_fd(), &UnixAddr::new(path)?)?;
    let uid: String = nix::unistd::geteuid().to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
    let hello = format!("\0AUTH EXTERNAL {uid}\r\nBEGIN\r\n");
    if send(stream.as_raw_fd(), hello.as_bytes(), MsgFlags::MSG_NOSIGNAL)? != hello.len() {
        return Err(ErrorKind::WriteZero.into());
    }
    Ok(stream)
}

/// Reads what there is and keeps nothing of it but whose ground stirred; whether anything came.
fn drain(
    stream: &OwnedFd,
    signals: &mut Signals,
    hears: &[(usize, Hear)],
    stirred: &mut BTreeSet<usize>,
) -> io::Result<bool> {
    let mut bytes = [0; 16384];
    let mut taken = 0;
    let mut tell = |signal: &Signal<'_>| {
        let heeding = hears.iter().filter(|(_, hear)| hear.heeds(signal));
        stirred.extend(heeding.map(|(ground, _)| *ground));
    };
    while taken < MOST {
        match recv(stream.as_raw_fd(), &mut bytes, MsgFlags::MSG_DONTWAIT) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                let came = bytes.get(..count).unwrap_or_default();
                signals.take_in(came, &mut tell).map_err(|_| io::Error::from(ErrorKind::InvalidData))?;
                taken += count;
            }
            Err(Errno::EAGAIN) => break,
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(taken > 0)
}
