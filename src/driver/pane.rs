//! What whoever watches a lab is shown, and how it comes to them: one line for each change, the newest only. A watcher that is slow or
//! gone is left behind, and never waited for.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::session::{Effect, Left, Note, Pane, Session, Show};

/// More watchers than that are turned away.
const MOST: usize = 32;
/// How long one watcher may take for one line.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the last line may take to reach everybody: a machine with much to do is slow to run whoever sends it.
const FAREWELL: Duration = Duration::from_secs(3);
/// Notes that are shown at once.
const NOTES: usize = 3;

/// What a pane shows beyond the session's own state: how the last step was left, and what was said since.
#[derive(Default)]
pub(super) struct Memory {
    left: Option<Left>,
    notes: Vec<Note>,
    /// The step that was shown last.
    step: Option<String>,
}

impl Memory {
    /// Remembers what of an effect a pane shows too.
    pub(super) fn heed(&mut self, effect: &Effect, session: &Session) {
        let steps = &session.lesson().steps;
        match effect {
            Effect::ShowDone { step, .. } => {
                let goals = steps[*step].goals.iter().map(|goal| goal.say.clone()).collect();
                self.left = Some(Left { step: step + 1, title: steps[*step].title.clone(), goals, skipped: false });
            }
            Effect::Show(Show::Note(Note::Skipped { title })) => {
                let step = steps.iter().position(|step| &step.title == title).map_or(0, |step| step + 1);
                self.left = Some(Left { step, title: title.clone(), goals: Vec::new(), skipped: true });
            }
            Effect::Show(Show::Note(Note::Reset | Note::StepAnew)) => *self = Self::default(),
            Effect::ShowStep => {
                let step = session.step().map(|step| step.id.clone());
                if self.step.is_some() && self.step != step {
                    self.notes.retain(|note| matches!(note, Note::CannotSave { .. } | Note::NoObserver { .. }));
                }
                self.step = step;
            }
            Effect::Show(Show::Note(note)) if stays(note) => self.note(note.clone()),
            _ => {}
        }
    }

    /// One more note; an older one like it goes.
    pub(super) fn note(&mut self, note: Note) {
        self.notes.retain(|old| std::mem::discriminant(old) != std::mem::discriminant(&note));
        self.notes.push(note);
        if self.notes.len() > NOTES {
            self.notes.remove(0);
        }
    }

    /// Adds it to what the session says.
    pub(super) fn add_to(&self, pane: &mut Pane) {
        pane.left.clone_from(&self.left);
        pane.notes.clone_from(&self.notes);
    }
}

/// A note that is still true when the next thing has happened.
fn stays(note: &Note) -> bool {
    matches!(
        note,
        Note::MachineAhead { .. }
            | Note::MachineBehind { .. }
            | Note::Rebooted
            | Note::Predicted
            | Note::RecordSetAside { .. }
            | Note::CannotSave { .. }
            | Note::NoObserver { .. }
    )
}

/// Where a lab puts its state for its watchers.
#[derive(Clone, Default)]
pub(super) struct Board(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    line: Arc<str>,
    /// Which line that is; none before the first.
    number: u64,
    /// It is the last one.
    over: bool,
    watchers: Vec<Watcher>,
    next: u64,
}

struct Watcher {
    id: u64,
    bell: UnixStream,
    /// The line that it has got.
    has: u64,
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a state up, where it is another than the last. A look that was under way when the lab closed comes too late: whoever
    /// gets the newest line only would never learn of the end.
    pub(super) fn post(&self, pane: &Pane) {
        let Ok(line) = serde_json::to_string(pane) else { return };
        let mut state = self.state();
        if state.over || *state.line == line {
            return;
        }
        state.over = pane.over;
        state.line = line.into();
        state.number += 1;
        for watcher in &mut state.watchers {
            // A bell that is full rings already.
            let _ = watcher.bell.write(&[1]);
        }
    }

    /// Whether anybody reads what is put up: whoever has a state to make for it need not, where nobody does.
    pub(super) fn is_watched(&self) -> bool {
        !self.state().watchers.is_empty()
    }

    /// From now on this stream gets each new state, from a thread of its own, until it is closed.
    pub(super) fn show_to(&self, stream: UnixStream) {
        let Ok((bell, rings)) = UnixStream::pair() else { return };
        if bell.set_nonblocking(true).and(rings.set_nonblocking(true)).is_err() {
            return;
        }
        let id = {
            let mut state = self.state();
            if state.watchers.len() >= MOST {
                return;
            }
            state.next += 1;
            let id = state.next;
            state.watchers.push(Watcher { id, bell, has: 0 });
            id
        };
        let board = self.clone();
        std::thread::spawn(move || {
            board.serve(id, stream, rings);
            board.state().watchers.retain(|watcher| watcher.id != id);
            board.0.1.notify_all();
        });
    }

    fn serve(&self, id: u64, mut stream: UnixStream, mut rings: UnixStream) {
        let (mut has, mut bytes) = (0, [0; 256]);
        if stream.set_write_timeout(Some(PATIENCE)).is_err() {
            return;
        }
        loop {
            let (number, line) = {
                let state = self.state();
                (state.number, Arc::clone(&state.line))
            };
            if number != has {
                if stream.write_all(format!("{line}\n").as_bytes()).is_err() {
                    return;
                }
                has = number;
                self.state().watchers.iter_mut().filter(|one| one.id == id).for_each(|one| one.has = number);
                self.0.1.notify_all();
            }
            let mut fds =
                [PollFd::new(rings.as_fd(), PollFlags::POLLIN), PollFd::new(stream.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, PollTimeout::NONE) {
                Err(nix::Error::EINTR) => continue,
                Err(_) => return,
                Ok(_) => {}
            }
            let (rang, spoke) = (fds[0].any().unwrap_or(false), fds[1].any().unwrap_or(false));
            if rang {
                let _ = rings.read(&mut bytes);
            }
            // A watcher has nothing to say but that it is gone.
            if spoke && !matches!(stream.read(&mut bytes), Ok(1..)) {
                return;
            }
        }
    }

    /// Lets the last line reach everybody who takes it at once.
    pub(super) fn farewell(&self) {
        let state = self.state();
        let waiting = |state: &mut State| state.watchers.iter().any(|watcher| watcher.has != state.number);
        drop(self.0.1.wait_timeout_while(state, FAREWELL, waiting));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};

    use super::*;

    fn pane(title: &str) -> Pane {
        Pane { title: title.into(), ..Pane::default() }
    }

    fn watching(board: &Board) -> BufReader<UnixStream> {
        let (ours, theirs) = UnixStream::pair().unwrap();
        board.show_to(theirs);
        ours.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        BufReader::new(ours)
    }

    fn next(from: &mut BufReader<UnixStream>) -> Option<Pane> {
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).ok()
    }

    #[test]
    fn everybody_gets_each_change_and_one_who_comes_late_the_newest() {
        let board = Board::default();
        let mut early = watching(&board);
        board.post(&pane("one"));
        assert_eq!(next(&mut early), Some(pane("one")));
        board.post(&pane("one"));
        board.post(&pane("two"));
        assert_eq!(next(&mut early), Some(pane("two")), "what is the same is not sent again");
        assert_eq!(next(&mut watching(&board)), Some(pane("two")));
    }

    #[test]
    fn a_watcher_that_does_not_read_or_is_gone_holds_up_nobody() {
        let board = Board::default();
        let (stuck, mut good) = (watching(&board), watching(&board));
        drop(watching(&board));
        let begun = std::time::Instant::now();
        for number in 0..200 {
            board.post(&pane(&format!("{number}{}", "x".repeat(20_000))));
        }
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        while !next(&mut good).unwrap().title.starts_with("199") {}
        drop(stuck);
    }

    #[test]
    fn what_still_happens_while_a_lab_closes_does_not_take_back_that_it_is_closed() {
        let board = Board::default();
        board.post(&Pane { over: true, ..pane("end") });
        board.post(&pane("a goal judged too late"));
        assert_eq!(next(&mut watching(&board)), Some(Pane { over: true, ..pane("end") }));
    }

    #[test]
    fn the_last_word_reaches_everybody_before_the_lab_is_gone() {
        let board = Board::default();
        let mut one = watching(&board);
        board.post(&Pane { over: true, ..pane("end") });
        board.farewell();
        assert!(next(&mut one).unwrap().over);
    }
}
