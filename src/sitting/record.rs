//! The record of an attempt while it is sat: events are appended as they happen, and kept until there is room where there is none.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;

use crate::exam::{Answer, Attempt, Event, Folder, FolderError, GoalId, Leaving, Phase, Reading, Time};

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
    waiting: VecDeque<(Reading, Event)>,
    /// How long the record was after the last line of ours.
    length: u64,
    /// The boot-time clock at the last event.
    last: u64,
    trouble: Option<FolderError>,
}

impl Keeper {
    /// Reads what there is.
    pub fn of(folder: Folder) -> Result<Self, FolderError> {
        let attempt = attempt(&folder)?;
        let answers = attempt.turns.iter().map(|turn| (turn.goal.clone(), turn.answer)).collect();
        let length = length(&folder);
        let last = attempt.clock.last().up;
        Ok(Self { folder, attempt, answers, waiting: VecDeque::new(), length, last, trouble: None })
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

    /// Appends an event that happens now.
    pub fn write(&mut self, event: Event) -> io::Result<()> {
        let now = Reading::now()?;
        self.last = now.up;
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back((now, event));
        }
        self.flush();
        Ok(())
    }

    /// Appends what waits.
    pub fn flush(&mut self) {
        let foreign = length(&self.folder) != self.length;
        let wrote = !self.waiting.is_empty();
        self.trouble = None;
        while let Some((at, event)) = self.waiting.front() {
            if let Err(error) = self.folder.append(at, event) {
                self.trouble = Some(error);
                break;
            }
            self.waiting.pop_front();
        }
        self.length = length(&self.folder);
        // Also what another program wrote meanwhile counts: that the candidate handed in, say.
        if (foreign || wrote)
            && let Ok(attempt) = attempt(&self.folder)
        {
            self.attempt = attempt;
        }
    }

    /// A look at the clocks, where nothing was written for a minute.
    pub fn look(&mut self) -> io::Result<()> {
        let now = Reading::now()?;
        if now.up.saturating_sub(self.last) >= 60_000_000 { self.write(Event::Looked) } else { Ok(()) }
    }

    /// A goal's answer, which is written when it is another one than before.
    pub fn answer(&mut self, goal: GoalId, answer: Answer) -> io::Result<()> {
        if self.answers.insert(goal.clone(), answer) == Some(answer) {
            return Ok(());
        }
        self.write(Event::Turned { goal, answer })
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

fn attempt(folder: &Folder) -> Result<Attempt, FolderError> {
    let found = folder.read()?;
    Attempt::of(&found.chain.entries).map_err(|why| FolderError::Disk {
        path: folder.path().to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidData, why),
    })
}

fn length(folder: &Folder) -> u64 {
    std::fs::metadata(folder.path().join("record.jsonl")).map_or(0, |data| data.len())
}
