//! The record of an attempt while it is sat: events are appended as they happen, and kept until there is room where there is none.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;

use crate::exam::{Answer, Attempt, Event, Folder, FolderError, GoalId, Jump, Leaving, Phase, Reading, Time};

/// A candidate who goes on like this without room for the record has other troubles.
const MOST_WAITING: usize = 10_000;

/// How surely the time of an attempt is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The clock says so for certain.
    ByClock,
    /// The clock says so, and rests on what nobody vouches for: the wall clock alone, or time in which the machine was suspended.
    Unsure,
}

/// Who appends to the record.
pub struct Keeper {
    folder: Folder,
    attempt: Attempt,
    answers: BTreeMap<GoalId, Answer>,
    /// When the last look at a goal began, by the boot-time clock.
    looked: BTreeMap<GoalId, u64>,
    waiting: VecDeque<(Reading, Event)>,
    /// How long the record was after the last line of ours.
    length: u64,
    /// The boot-time clock at the last event.
    last: u64,
    trouble: Option<FolderError>,
    /// So many jumps of the clocks the candidate knows of.
    known: usize,
}

impl Keeper {
    /// Reads what there is.
    pub fn of(folder: Folder) -> Result<Self, FolderError> {
        let attempt = attempt(&folder)?;
        let answers = attempt.turns.iter().map(|turn| (turn.goal.clone(), turn.answer)).collect();
        let length = folder.length();
        let last = attempt.clock.last().up;
        let known = attempt.clock.jumps().len();
        let looked = BTreeMap::new();
        Ok(Self { folder, attempt, answers, looked, waiting: VecDeque::new(), length, last, trouble: None, known })
    }

    /// The attempt as the record has it.
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Where it is kept.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What keeps the record from growing, if anything does. What was to be written waits.
    pub fn trouble(&self) -> Option<&FolderError> {
        self.trouble.as_ref()
    }

    /// The jumps of the clocks that the candidate was not told of yet; what was there before this login is known.
    pub fn jumps(&self) -> &[(u64, Jump)] {
        self.attempt.clock.jumps().get(self.known..).unwrap_or_default()
    }

    /// The candidate was told of so many of them.
    pub fn told(&mut self, jumps: usize) {
        self.known += jumps;
    }

    /// Appends an event that happens now.
    pub fn write(&mut self, event: Event) -> io::Result<()> {
        let now = Reading::now()?;
        self.last = now.up;
        self.flush();
        if self.waiting.is_empty() {
            match self.folder.append_now(|attempt, _| fits(attempt, &event)) {
                Ok(_) => {
                    self.read();
                    return Ok(());
                }
                Err(error) => self.trouble = Some(error),
            }
        }
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back((now, event));
        }
        Ok(())
    }

    /// Appends what waits.
    pub fn flush(&mut self) {
        let foreign = self.folder.length() != self.length;
        let wrote = !self.waiting.is_empty();
        self.trouble = None;
        while let Some((at, event)) = self.waiting.front() {
            if let Err(error) = self.folder.append_late(at, |attempt, _| fits(attempt, event)) {
                self.trouble = Some(error);
                break;
            }
            self.waiting.pop_front();
        }
        // Also what another program wrote meanwhile counts: that the candidate handed in, say.
        if foreign || wrote {
            self.read();
        }
    }

    fn read(&mut self) {
        self.length = self.folder.length();
        if let Ok(attempt) = attempt(&self.folder) {
            self.attempt = attempt;
        }
    }

    /// A look at the clocks, where nothing was written for a minute.
    pub fn look(&mut self) -> io::Result<()> {
        let silent = Reading::now()?.up.saturating_sub(self.last) >= 60_000_000;
        if silent && self.attempt.phase == Phase::Running { self.write(Event::Looked) } else { Ok(()) }
    }

    /// A goal's answer, which is written when it is another one than before and the exam is not over. `began`: when the look began,
    /// by the boot-time clock.
    pub fn answer(&mut self, goal: GoalId, answer: Answer, began: u64) -> io::Result<()> {
        self.flush();
        let before = self.looked.insert(goal.clone(), began);
        if self.attempt.phase != Phase::Running || self.answers.insert(goal.clone(), answer) == Some(answer) {
            return Ok(());
        }
        let now = Reading::now()?.up;
        let within = before.map(|before| now.saturating_sub(before));
        self.write(Event::Turned { goal, answer, within })
    }

    /// Whoever had the attempt open before and never said that it left, has left: also when the machine went down under it.
    pub fn nobody_is_in(&mut self) -> io::Result<()> {
        self.flush();
        if !self.attempt.open {
            return Ok(());
        }
        let boot = &self.attempt.clock.last().boot;
        let how = if *boot == Reading::now()?.boot { Leaving::Unknown } else { Leaving::Down };
        self.write(Event::Left { how })
    }

    /// Whether a running attempt's time is over, and how surely.
    pub fn over(&self) -> io::Result<Option<Closed>> {
        if self.attempt.phase != Phase::Running {
            return Ok(None);
        }
        Ok(match self.attempt.time_at(&Reading::now()?) {
            Time::Left(_) => None,
            Time::Over { certain: true, .. } => Some(Closed::ByClock),
            Time::Over { certain: false, .. } => Some(Closed::Unsure),
        })
    }

    /// Hands in where the time is over for certain. Where jumps of a clock made it so, a person decides.
    pub fn close(&mut self) -> io::Result<Option<Closed>> {
        self.flush();
        let over = self.over()?;
        if over == Some(Closed::ByClock) {
            self.write(Event::Finished { by_clock: true })?;
        }
        Ok(over)
    }
}

/// The event, where it can still happen: the exam may be over by now, handed in from another terminal.
fn fits(attempt: &Attempt, event: &Event) -> Option<Event> {
    let needs_time = matches!(event, Event::Turned { .. } | Event::Opened | Event::Finished { .. });
    (!needs_time || attempt.phase == Phase::Running).then(|| event.clone())
}

fn attempt(folder: &Folder) -> Result<Attempt, FolderError> {
    Ok(Attempt::of(&folder.read()?.chain.entries)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::{Attempts, Candidate, Machine, Started};

    /// A candidate whose attempt of ten minutes began so many seconds ago, in a boot of that name.
    fn began(state: &Path, ago: u64, boot: Option<&str>) -> (Folder, Reading) {
        let mut at = Reading::now().unwrap();
        let micros = ago * 1_000_000;
        at.wall -= i64::try_from(micros).unwrap();
        match boot {
            Some(boot) => at.boot = boot.to_owned(),
            None => (at.up, at.awake) = (at.up - micros, at.awake - micros),
        }
        let started = Started {
            exam: "trial".into(),
            exam_digest: String::new(),
            lessons: BTreeMap::new(),
            seed: 1,
            parameters: BTreeMap::new(),
            minutes: 10,
            candidate: Candidate { account: "lisa".into(), uid: 1000, name: None },
            machine: Machine::Here("vm".into()),
            identity: None,
            versions: BTreeMap::new(),
        };
        let (_, folder) = Attempts::new(state).begin("format: 1\n", &at, started).unwrap();
        (folder, at)
    }

    #[test]
    fn whoever_was_in_has_left_before_the_next_one_comes_in() {
        for (boot, how) in [(None, Leaving::Unknown), (Some("another"), Leaving::Down)] {
            let state = tempfile::tempdir().unwrap();
            let (mut folder, at) = began(state.path(), 1, boot);
            folder.append(&at, &Event::Opened).unwrap();
            let mut keeper = Keeper::of(Folder::at(folder.path())).unwrap();
            keeper.nobody_is_in().unwrap();
            keeper.nobody_is_in().unwrap();
            let entries = folder.read().unwrap().chain.entries;
            assert_eq!((entries.len(), &entries[2].event), (3, &Event::Left { how }));
            assert!(!keeper.attempt().open);
        }
    }

    #[test]
    fn what_another_program_appended_counts_and_an_answer_is_written_once() {
        let state = tempfile::tempdir().unwrap();
        let (mut folder, _) = began(state.path(), 1, None);
        let mut keeper = Keeper::of(Folder::at(folder.path())).unwrap();
        let goal: GoalId = "task/goal".parse().unwrap();
        for answer in [Answer::Fail, Answer::Fail, Answer::Pass, Answer::Pass] {
            keeper.answer(goal.clone(), answer, Reading::now().unwrap().up).unwrap();
        }
        let turns = &keeper.attempt().turns;
        assert_eq!((turns.len(), turns[0].within), (2, None), "nobody looked before");
        assert!(turns[1].within.is_some_and(|within| within < 1_000_000), "{turns:?}");
        assert_eq!(Keeper::of(Folder::at(folder.path())).unwrap().answers, [(goal, Answer::Pass)].into());
        folder.append(&Reading::now().unwrap(), &Event::Finished { by_clock: false }).unwrap();
        assert_eq!((keeper.close().unwrap(), keeper.attempt().phase), (None, Phase::Finished { by_clock: false }));
        keeper.answer("task/goal".parse().unwrap(), Answer::Fail, 0).unwrap();
        assert_eq!((keeper.attempt().turns.len(), keeper.attempt().misplaced.len()), (2, 0), "the exam is over");
    }

    #[test]
    fn a_hand_in_while_answers_are_written_leaves_a_record_that_is_whole() {
        for round in 0..20 {
            let state = tempfile::tempdir().unwrap();
            let (mut folder, _) = began(state.path(), 1, None);
            let mut keeper = Keeper::of(Folder::at(folder.path())).unwrap();
            let writes = std::thread::spawn(move || {
                for nth in 0..40 {
                    let answer = if nth % 2 == 0 { Answer::Pass } else { Answer::Fail };
                    keeper.answer("task/goal".parse().unwrap(), answer, 0).unwrap();
                }
            });
            while folder.read().unwrap().chain.entries.len() < 5 + round {}
            folder.append_now(|attempt, _| fits(attempt, &Event::Finished { by_clock: false })).unwrap();
            writes.join().unwrap();
            let attempt = attempt(&folder).unwrap();
            assert_eq!((attempt.misplaced, attempt.clock.jumps()), (vec![], &[][..]));
        }
    }

    #[test]
    fn the_clock_hands_in_what_is_over_for_certain_and_nothing_else() {
        for (ago, boot, closed, phase) in [
            (1, None, None, Phase::Running),
            (601, None, Some(Closed::ByClock), Phase::Finished { by_clock: true }),
            (7200, Some("another"), Some(Closed::Unsure), Phase::Running),
        ] {
            let state = tempfile::tempdir().unwrap();
            let (folder, _) = began(state.path(), ago, boot);
            let mut keeper = Keeper::of(folder).unwrap();
            assert_eq!((keeper.close().unwrap(), keeper.attempt().phase), (closed, phase), "{ago} s, {boot:?}");
        }
    }

    #[test]
    fn a_look_is_written_when_a_minute_was_silent() {
        let state = tempfile::tempdir().unwrap();
        let mut keeper = Keeper::of(began(state.path(), 61, None).0).unwrap();
        keeper.look().unwrap();
        keeper.look().unwrap();
        let entries = Folder::at(keeper.path()).read().unwrap().chain.entries;
        assert_eq!((entries.len(), &entries[1].event), (2, &Event::Looked));
    }
}
