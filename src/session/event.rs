//! What can happen to a lab, and what it then wants done. Data only.

use checkers::{CommandFact, Verdict};

use super::explaining::Silent;
use super::show::Show;
use super::words::Word;
use crate::mistakes::Diagnosis;

/// When something happened, as the machine tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moment {
    /// Microseconds since 1970.
    pub now: u64,
    /// Which boot of the machine this is.
    pub boot: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The lab was opened. `fresh`: there was no record.
    Opened {
        /// When.
        at: Moment,
        /// There was no record of this lesson.
        fresh: bool,
    },
    /// The machine as it is at the opening: the verdicts of every goal of the lesson, step by step.
    Surveyed(Vec<Vec<Verdict>>),
    /// A line was typed at the lab's own prompt.
    Line(String),
    /// A lab word came from elsewhere: a nested shell or another terminal.
    Asked(Word),
    /// A command line ended in the lab's own bash.
    Ended(CommandFact),
    /// A nested shell waits at its prompt; these commands ended in it since the last time.
    NestedPrompt(Vec<CommandFact>),
    /// The goals of the current step were judged.
    Judged {
        /// The id of the step they belong to: an answer that comes too late is thrown away.
        step: String,
        /// One verdict a goal.
        verdicts: Vec<Verdict>,
        /// When.
        at: Moment,
        /// The learner asked for it, so say how things stand even when nothing changed.
        asked: bool,
    },
    /// What is known of a command that went wrong.
    Diagnosed {
        /// The command.
        command: CommandFact,
        /// The surest first; empty where nothing is known.
        found: Vec<Diagnosis>,
    },
    /// The facts of a mistake that was told were looked at again.
    DiagnosedAgain {
        /// The command that it was.
        command: CommandFact,
        /// What is known of it now.
        found: Vec<Diagnosis>,
    },
    /// Silent mistakes were looked for.
    DiagnosedSilent {
        /// The id of the step in which it was asked: an answer that comes too late is thrown away.
        step: String,
        /// Why it was asked.
        why: Silent,
        /// Those that were found.
        found: Vec<Diagnosis>,
    },
    /// The time for another look has come.
    LookAgain,
    /// From now on the lab learns in this way that what a goal of the current step rests on has changed: one a goal.
    Watched(Vec<Notice>),
    /// Something stirred, and the goals of the current step that rest on it were judged again.
    Stirred {
        /// The id of the step they belong to.
        step: String,
        /// One verdict a goal; none for a goal that stays as it was judged before.
        verdicts: Vec<Option<Verdict>>,
        /// When.
        at: Moment,
    },
}

/// How the lab learns that a goal may have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Notice {
    /// It is told.
    Told,
    /// It is not; a few looks after each command are enough.
    #[default]
    Looks,
    /// It is not, and whatever the reason is, the lab has to look from time to time.
    Polls(Option<String>),
}

impl Notice {
    /// Why what could be told is not.
    pub(super) fn lost(&self) -> Option<&str> {
        match self {
            Self::Polls(why) => why.as_deref(),
            _ => None,
        }
    }
}

/// Something the lab wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Show a picture.
    Show(Show),
    /// Show the current step, with the machine's own man page excerpts.
    ShowStep,
    /// Show the way to solve a step that fits this machine.
    ShowSolution {
        /// The step, counted from 0.
        step: usize,
    },
    /// Show the difference between this line and the way that fits this machine.
    ShowDifference(String),
    /// Say that the step is done, and how the typed line differs from the way that fits this machine.
    ShowDone {
        /// The step that is done, counted from 0.
        step: usize,
        /// The learner's last line in it.
        typed: Option<String>,
    },
    /// Show how this line differs from the way of a step that it did, which was said to be done while it was under way.
    ShowOtherWay {
        /// The step, counted from 0.
        step: usize,
        /// The line.
        typed: String,
    },
    /// Show a manual entry: the words after `:man`, none for the step's own.
    ShowManual(Vec<String>),
    /// Show the way that led to the shell that asks.
    ShowWhere,
    /// Open a true login session of this account, by the way that this host offers.
    LogIn(String),
    /// Run a line in the learner's bash.
    Run(String),
    /// Judge the goals of the current step.
    Judge {
        /// The learner asked: wait as long as the goals allow, and say how things stand.
        asked: bool,
    },
    /// Find out which known mistake this command was.
    Diagnose(CommandFact),
    /// Find out whether a mistake that was told is one still.
    DiagnoseAgain(CommandFact),
    /// Find out whether a mistake was made that says nothing. But for `Asked` and `Why` nobody waits for it.
    DiagnoseSilent(Silent),
    /// Say that nobody knows why this command failed, with what its manual says of its exit status.
    ShowUnexplained {
        /// The command.
        command: CommandFact,
        /// All that the manual says.
        in_full: bool,
    },
    /// Judge every goal of the lesson.
    Survey,
    /// Keep the record.
    Save,
    /// Look again after this many milliseconds.
    LookAgainIn(u64),
    /// Leave the lab.
    Leave,
}
