//! What happens in an attempt at an exam, as events, and what they add up to. Pure: whoever lives through an event appends it to the
//! record, and whoever wants to know folds the record anew.

use std::collections::BTreeMap;

use checkers::Verdict;
use serde::{Deserialize, Serialize};

use super::chain::Entry;
use super::clock::{Clock, Reading, Time};
use super::counting::Look;
use super::sheet::GoalId;

/// One thing that happened. The record says when: each line has a [`Reading`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// The attempt began. Always the first event, and only that.
    Started(Box<Started>),
    /// A login of the candidate's was opened.
    Opened,
    /// It is no longer there.
    Left {
        /// How it ended, as far as anybody knows.
        how: Leaving,
    },
    /// Nothing but a look at the clocks: so that a machine that dies loses no more than the time since.
    Looked,
    /// The candidate ran a command line.
    Command(Box<Typed>),
    /// A goal's answer is another one than before. Seen on the way; no grade.
    Turned {
        /// Which.
        goal: GoalId,
        /// What it is now.
        answer: Answer,
        /// So many microseconds before, somebody began to look at it, and it was not so yet. None where nobody looked before in that
        /// login. From form 2 of the record on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within: Option<u64>,
    },
    /// The grade is about to reboot the machine, and goes on when it is back.
    Rebooting,
    /// The candidate handed in, or the time did.
    Finished {
        /// The time was over.
        by_clock: bool,
    },
    /// The candidate gave up. Nothing is graded afterwards.
    Abandoned,
    /// The machine was looked at for a grade: at the hand-in, and whenever somebody asks.
    Graded(Box<Graded>),
    /// A line that was cut off by a crash was set aside before this one was written.
    Mended {
        /// The name of the file in the attempt's folder that holds what was cut off.
        aside: String,
    },
}

/// What an attempt begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Started {
    /// The exam's id.
    pub exam: String,
    /// The [`digest`](super::digest) of the exam's text, which the folder keeps.
    pub exam_digest: String,
    /// The digests of the lessons that its tasks take goals from, by name; the folder keeps their texts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lessons: BTreeMap<String, String>,
    /// The seed.
    pub seed: u64,
    /// All values that were filled in, by name.
    pub parameters: BTreeMap<String, String>,
    /// The minutes of this attempt, which may be others than the exam's own.
    pub minutes: u32,
    /// Who sits it.
    pub candidate: Candidate,
    /// Where.
    pub machine: Machine,
    /// What tells that machine from every other one; none where it has no such thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The versions that a dispute needs to know, by name: `rootless-lab`, `podman`, `systemd`, `os`.
    pub versions: BTreeMap<String, String>,
}

/// Who sits the exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Candidate {
    /// The account.
    pub account: String,
    /// Its number.
    pub uid: u32,
    /// A name for the report, where one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Where an exam is sat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// A practice machine of that name.
    Practice(String),
    /// The host of that name itself.
    Here(String),
}

/// How a login ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leaving {
    /// The candidate logged out.
    Exit,
    /// The terminal went away.
    Lost,
    /// The machine went down.
    Down,
    /// It was found gone later.
    Unknown,
}

/// A command line, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Typed {
    /// As it was typed. What is not UTF-8 is replaced.
    pub line: String,
    /// Its exit status; none where it was not seen.
    pub status: Option<i32>,
    /// The directory.
    pub cwd: Option<String>,
    /// The account that it ran as, as far as it could be seen.
    pub account: Option<String>,
    /// For how many microseconds it ran: the event is its end. None where its beginning was not seen, and where the event is its
    /// beginning: in a shell inside. From form 2 of the record on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub took: Option<u64>,
    /// It was typed in a shell inside the login (`su`, `ssh`), and read off the terminal: what was shown, not what a shell said. None
    /// for a line of the login's own bash. From form 2 of the record on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Inside>,
}

/// Where in a login a line was typed that was read off the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Inside {
    /// The programs from the login's bash to the shell, the outermost first: `sudo` and `bash`, or `ssh anna@localhost`.
    pub through: Vec<String>,
    /// The last line of the prompt as it was shown.
    pub prompt: String,
}

/// A verdict without its evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The wish is true.
    Pass,
    /// It is not.
    Fail,
    /// Nobody could look.
    Unknown,
}

impl From<&Verdict> for Answer {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass { .. } => Self::Pass,
            Verdict::Fail { .. } => Self::Fail,
            Verdict::Unknown { .. } => Self::Unknown,
        }
    }
}

/// Whether a grade has seen a reboot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GradeKind {
    /// Before one: what is to survive it is predicted.
    Predicted,
    /// After one.
    Proven,
}

/// What one look at the machine gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Graded {
    /// Before or after a reboot.
    pub kind: GradeKind,
    /// Every goal's verdict. Goals that were not asked are missing.
    pub verdicts: BTreeMap<GoalId, Verdict>,
    /// The digests of the testimonies that the verdicts rest on: files of that name lie in the attempt's folder.
    pub testimonies: Vec<String>,
}

/// A [`Graded`] with its place in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// The number of its line.
    pub n: u64,
    /// When.
    pub at: Reading,
    /// What was seen.
    pub graded: Graded,
}

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Under way; its time may be over all the same.
    Running,
    /// Handed in; grades may follow.
    Finished {
        /// By the clock.
        by_clock: bool,
    },
    /// Given up.
    Abandoned,
}

/// When a goal's answer changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoalTurn {
    /// The number of its line.
    pub n: u64,
    /// Microseconds of the exam's time that were used.
    pub used: u64,
    /// Which goal.
    pub goal: GoalId,
    /// What it was from then on.
    pub answer: Answer,
    /// So many microseconds before, it was certainly not so yet; none where that is not known.
    pub within: Option<u64>,
}

/// A command line in its attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The number of its line.
    pub n: u64,
    /// Microseconds of the exam's time that were used when it was written down: its end; its beginning in a shell inside.
    pub used: u64,
    /// The line, and what came of it.
    pub typed: Typed,
}

impl Command {
    /// Microseconds of the exam's time that were used when it began, as far as that was seen.
    pub fn began(&self) -> u64 {
        self.used.saturating_sub(self.typed.took.unwrap_or_default())
    }
}

/// Why a record is no attempt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAttempt {
    /// There is nothing in it.
    #[error("the record is empty")]
    Empty,
    /// It does not begin with a start.
    #[error("the record does not begin with the start of an attempt")]
    NoStart,
}

/// What a record adds up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What it began with.
    pub started: Started,
    /// When.
    pub began: Reading,
    /// Where it stands.
    pub phase: Phase,
    /// The exam's clock, up to the hand-in or the last reading.
    pub clock: Clock,
    /// Logins so far.
    pub logins: u32,
    /// A login is open, as far as the record knows.
    pub open: bool,
    /// A grade asked for a reboot that no grade has followed yet.
    pub rebooting: bool,
    /// The command lines, in the order in which they stand.
    pub commands: Vec<Command>,
    /// The changes of goals' answers, in order.
    pub turns: Vec<GoalTurn>,
    /// The looks at the machine since the hand-in, in order. The first one is taken at the hand-in itself, where nothing prevents it.
    pub grades: Vec<Grade>,
    /// Lines that were set aside after a crash.
    pub mended: Vec<String>,
    /// Lines that were typed in its login when it was over. They are no part of it.
    pub typed_after: Vec<Typed>,
    /// Numbers of lines whose events cannot be where they are: a second start, a turn after the hand-in. They count for nothing, and
    /// whoever shows the attempt says so.
    pub misplaced: Vec<u64>,
}

impl Attempt {
    /// Folds the record's lines.
    pub fn of(entries: &[Entry]) -> Result<Self, NoAttempt> {
        let (first, rest) = entries.split_first().ok_or(NoAttempt::Empty)?;
        let Event::Started(started) = &first.event else { return Err(NoAttempt::NoStart) };
        let mut attempt = Self {
            started: (**started).clone(),
            began: first.at.clone(),
            phase: Phase::Running,
            clock: Clock::started(first.at.clone()),
            logins: 0,
            open: false,
            rebooting: false,
            commands: Vec::new(),
            turns: Vec::new(),
            grades: Vec::new(),
            mended: Vec::new(),
            typed_after: Vec::new(),
            misplaced: Vec::new(),
        };
        rest.iter().for_each(|entry| attempt.take(entry));
        Ok(attempt)
    }

    fn take(&mut self, entry: &Entry) {
        let running = self.phase == Phase::Running;
        if running {
            self.clock.read(&entry.at);
        }
        match &entry.event {
            Event::Opened if running => {
                self.logins += 1;
                self.open = true;
            }
            Event::Left { .. } => self.open = false,
            Event::Looked => {}
            Event::Command(typed) if running => {
                self.commands.push(Command { n: entry.n, used: self.clock.used(), typed: (**typed).clone() });
            }
            Event::Command(typed) => self.typed_after.push((**typed).clone()),
            Event::Turned { goal, answer, within } if running => {
                let (goal, answer, within) = (goal.clone(), *answer, *within);
                self.turns.push(GoalTurn { n: entry.n, used: self.clock.used(), goal, answer, within });
            }
            Event::Rebooting if self.is_handed_in() => self.rebooting = true,
            Event::Finished { by_clock } if running => self.phase = Phase::Finished { by_clock: *by_clock },
            Event::Abandoned if running => self.phase = Phase::Abandoned,
            Event::Graded(graded) if self.is_handed_in() => {
                self.rebooting &= graded.kind == GradeKind::Predicted;
                self.grades.push(Grade { n: entry.n, at: entry.at.clone(), graded: (**graded).clone() });
            }
            Event::Mended { aside } => self.mended.push(aside.clone()),
            _ => self.misplaced.push(entry.n),
        }
    }

    /// How it stands with its time.
    pub fn time(&self) -> Time {
        self.clock.time(self.started.minutes)
    }

    /// The same with one more look at the clocks, without changing the record.
    pub fn time_at(&self, now: &Reading) -> Time {
        let mut clock = self.clock.clone();
        if self.phase == Phase::Running {
            clock.read(now);
        }
        clock.time(self.started.minutes)
    }

    /// The hand-in by the clock, where the time of a running attempt is over for certain at this moment.
    pub fn by_clock(&self, now: &Reading) -> Option<Event> {
        let over = self.phase == Phase::Running && matches!(self.time_at(now), Time::Over { certain: true, .. });
        over.then_some(Event::Finished { by_clock: true })
    }

    /// Handed in, by the candidate or by the clock.
    pub fn is_handed_in(&self) -> bool {
        matches!(self.phase, Phase::Finished { .. })
    }

    /// Microseconds from the hand-in to a reading after it, as far as the clocks can tell; none before the hand-in.
    pub fn since_hand_in(&self, then: &Reading) -> Option<u64> {
        // The exam's own clock stands still since then.
        let clock = Clock::of([self.clock.last(), then])?;
        self.is_handed_in().then(|| clock.used())
    }

    /// The grades as what counts is made of them.
    pub fn looks(&self) -> Vec<Look<'_>> {
        self.grades.iter().map(|grade| Look { kind: grade.graded.kind, verdicts: &grade.graded.verdicts }).collect()
    }
}

#[cfg(test)]
pub(in crate::exam) mod tests;
