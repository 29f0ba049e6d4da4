//! The lab's own word on where it is, from its desk on the machine: every change of its state, and answers to a few lab words. Reaches
//! the desk's socket from outside without ever following a link out of the machine's tree.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use checkers::Context;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use serde_json::json;

use crate::practice::Machine;
use crate::session::Pane;

/// How long it is waited before a desk that is not there is looked for again.
const GLANCE: Duration = Duration::from_millis(50);
/// How long an answer may take: a look that was asked for may wait twenty seconds.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a lab told so far.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Its state; none while no lab is open.
    pub(super) pane: Option<Pane>,
    /// The mistakes that were recognised since they were forgotten last.
    pub(super) mistakes: BTreeSet<String>,
    over: bool,
}

/// Listens to the labs of one machine, whenever one is open.
pub(super) struct Desk {
    machine: Machine,
    told: Arc<(Mutex<Told>, Condvar)>,
    listener: Option<JoinHandle<()>>,
}

impl Desk {
    /// Begins to listen.
    pub(super) fn of(machine: &Machine) -> Self {
        let told: Arc<(Mutex<Told>, Condvar)> = Arc::default();
        let (ours, there) = (Arc::clone(&told), machine.clone());
        let listener = std::thread::spawn(move || {
            loop {
                if let Ok(stream) = ask(&there, ":watch") {
                    listen(stream, &ours);
                }
                let mut told = ours.0.lock().unwrap_or_else(PoisonError::into_inner);
                told.pane = None;
                ours.1.notify_all();
                if told.over || ours.1.wait_timeout(told, GLANCE).unwrap_or_else(PoisonError::into_inner).0.over {
                    return;
                }
            }
        });
        Self { machine: machine.clone(), told, listener: Some(listener) }
    }

    /// Waits until something is so, and answers with it; none when the time is over.
    pub(super) fn wait<T>(&self, time: Duration, is: impl Fn(&Told) -> Option<T>) -> Option<T> {
        let until = Instant::now() + time;
        let mut told = self.told.0.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(found) = is(&told) {
                return Some(found);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            told = self.told.1.wait_timeout(told, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// From here on only mistakes that are still to come count.
    pub(super) fn forget_mistakes(&self) {
        self.told.0.lock().unwrap_or_else(PoisonError::into_inner).mistakes.clear();
    }

    /// Says a lab word; the answer.
    pub(super) fn say(&self, word: &str) -> io::Result<String> {
        let stream = ask(&self.machine, word)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        let answer: serde_json::Value = serde_json::from_str(&line)?;
        Ok(answer["text"].as_str().unwrap_or_default().to_owned())
    }

    /// What this step was judged with, when it is the one that was done last.
    pub(super) fn judged_with(&self, step: &str) -> Option<Context> {
        let (done, context): (String, Context) = serde_json::from_str(&self.say(":judged-with").ok()?).ok()?;
        (done == step).then_some(context)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.told.0.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        self.told.1.notify_all();
        // It hears of that when its lab is closed, or at once where none is open.
        drop(self.listener.take());
    }
}

fn listen(stream: UnixStream, told: &(Mutex<Told>, Condvar)) {
    for line in BufReader::new(stream).lines() {
        let Some(pane) = line.ok().and_then(|line| serde_json::from_str::<Pane>(&line).ok()) else { return };
        let mut told_now = told.0.lock().unwrap_or_else(PoisonError::into_inner);
        told_now.mistakes.extend(pane.diagnoses.iter().map(|one| one.id.clone()));
        let over = pane.over;
        told_now.pane = Some(pane).filter(|_| !over);
        told.1.notify_all();
        if over || told_now.over {
            return;
        }
    }
}

/// Says a word at the first desk that takes it.
fn ask(machine: &Machine, word: &str) -> io::Result<UnixStream> {
    let leader = machine.leader().ok_or(io::ErrorKind::NotConnected)?;
    let root = File::open(format!("/proc/{leader}/root"))?;
    let room = inside(&root, "run/rootless-lab", OFlag::O_RDONLY | OFlag::O_DIRECTORY)?;
    let mut last = io::ErrorKind::NotFound.into();
    for entry in std::fs::read_dir(format!("/proc/self/fd/{}", room.as_raw_fd()))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !(name.starts_with("lab-") && name.ends_with(".sock")) {
            continue;
        }
        let said = inside(&room, &name, OFlag::O_PATH).and_then(|socket| {
            let mut stream = UnixStream::connect(format!("/proc/self/fd/{}", socket.as_raw_fd()))?;
            // The look is that of a plain page: nobody sees the answer's text.
            let look = json!({"width": 80, "colour": false, "plain": true, "unicode": false});
            writeln!(stream, "{}", json!({"word": word, "look": look}))?;
            Ok(stream)
        });
        match said {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Opens what stands below `at`, as a process whose root that is would: a link that lies inside never leads out.
fn inside(at: &File, path: &str, flags: OFlag) -> io::Result<File> {
    let how = OpenHow::new().flags(flags | OFlag::O_CLOEXEC);
    let how = how.resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    Ok(File::from(openat2(at, path, how)?))
}
