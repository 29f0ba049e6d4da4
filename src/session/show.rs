//! Everything that can be shown, as data. The wording is the screen's.

use checkers::Verdict;
use checkers::facts::chain::Link;
use checkers::time::Span;
use serde::{Deserialize, Serialize};

use crate::manual::Excerpt;
use crate::mistakes::Diagnosis;

/// Something to show to the learner.
#[derive(Debug, Clone, PartialEq)]
pub enum Show {
    /// The first screen of a lesson that was never started: what this is, how to get help. Followed by the step.
    Welcome {
        /// The lesson's title.
        title: String,
        /// The lesson's summary, Markdown.
        summary: String,
    },
    /// A step begins (or is shown again).
    Step {
        /// Where in the lesson.
        progress: Progress,
        /// The step's title.
        title: String,
        /// What to know and do, Markdown.
        text: String,
        /// Its goals.
        goals: Vec<GoalLine>,
        /// The man page excerpts that belong to it.
        manual: Vec<Excerpt>,
    },
    /// What changed since the goals were judged last.
    Changed {
        /// One line a goal that changed, in the step's order.
        changes: Vec<Change>,
        /// Goals of this step that are green now, and all of them.
        green: usize,
        /// How many goals the step has.
        of: usize,
    },
    /// All goals are green.
    StepDone {
        /// The step's title.
        title: String,
        /// What was typed and what the solution is, where they differ: information, not blame.
        other_way: Option<OtherWay>,
    },
    /// The last step is done.
    LessonDone {
        /// The lesson's title.
        title: String,
        /// Whether everything that is to last was seen after a real reboot; none where the lesson asks for no reboot.
        proven: Option<bool>,
        /// Steps that were skipped.
        skipped: usize,
        /// The other lessons that there are, by name.
        others: Vec<String>,
    },
    /// One hint.
    Hint {
        /// Counted from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// The hint, Markdown.
        text: String,
    },
    /// The solution of a step.
    Solution {
        /// What to type.
        lines: Vec<String>,
        /// Why so, where it is not the usual way.
        because: Option<String>,
    },
    /// Every goal; what is not green with what was wanted, found and seen (`:check`, `:why`).
    Why {
        /// All goals of the step.
        goals: Vec<GoalLine>,
        /// Whether to show everything that was seen of those that are not green.
        in_full: bool,
    },
    /// A man page excerpt.
    Manual(Excerpt),
    /// The difference between the learner's last line and the solution (`:diff`).
    Difference(OtherWay),
    /// The same, of a step that was said to be done before its line was known.
    DifferenceIn {
        /// The step's title.
        title: String,
        /// Both ways.
        other: OtherWay,
    },
    /// The lab words.
    Help(Vec<WordHelp>),
    /// Where the learner is (`:status`).
    Status {
        /// The lesson's title.
        title: String,
        /// Every step: its title and how it stands.
        steps: Vec<(String, StepState)>,
        /// What cannot be looked at, and why (no observer, no bus …).
        blind: Vec<String>,
        /// What is looked at from time to time only, because it cannot be watched, and why.
        polled: Vec<String>,
    },
    /// Who the learner really is (`:where`): the way from the login to the shell that asks, the outermost link first.
    Where(Vec<Link>),
    /// The mistake that was told in this step already.
    SameMistake {
        /// Its title.
        title: String,
    },
    /// A command failed, and nobody knows why.
    Unexplained(Unexplained),
    /// Which known mistake a command was.
    Diagnosis(Explained),
    /// A single line with no picture of its own.
    Note(Note),
}

/// What is known of a command that went wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The surest first; never empty.
    pub diagnoses: Vec<Diagnosis>,
    /// The manual entry of the first.
    pub manual: Option<Excerpt>,
    /// With everything that was seen, and the whole way out.
    pub in_full: bool,
}

/// A command that failed for a reason that no entry knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Unexplained {
    /// Its program, as it was typed.
    pub program: String,
    /// Its exit status; none in a nested shell, where it complained.
    pub status: Option<i32>,
    /// It did not run: sudo refused.
    pub sudo_refused: bool,
    /// What the program's page says about exit statuses or messages: the line of this status, or all of it.
    pub manual: Option<Excerpt>,
    /// Whether to show all of it.
    pub in_full: bool,
}

/// Another way than the solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherWay {
    /// What the learner typed.
    pub typed: String,
    /// What the solution is.
    pub solution: String,
}

/// Where in a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The step, counted from 1.
    pub step: usize,
    /// How many steps there are.
    pub of: usize,
}

/// A goal and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoalLine {
    /// The goal's sentence.
    pub say: String,
    /// How it stands.
    pub state: GoalState,
}

/// How a goal stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum GoalState {
    /// Not judged yet.
    Open,
    /// So at every look since a while, and still to stay so.
    Settling {
        /// The last of these looks.
        verdict: Verdict,
        /// How long it has to stay so.
        time: Span,
    },
    /// Judged.
    Judged(Verdict),
}

/// A goal whose state changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The goal's sentence.
    pub say: String,
    /// What it is now.
    pub now: Verdict,
    /// It was green before, and is not now.
    pub lost: bool,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Done.
    Done,
    /// Skipped.
    Skipped,
    /// The current one.
    Current,
    /// Still to come.
    Ahead,
}

/// A lab word and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordHelp {
    /// The word with its colon: `:hint`.
    pub word: String,
    /// What it does, in a few words.
    pub says: String,
}

/// Short news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// A word after a colon that the lab does not know.
    NoSuchWord {
        /// As typed, with its colon.
        word: String,
        /// The nearest known one.
        nearest: Option<String>,
    },
    /// The lesson has no such step.
    NoSuchStep {
        /// As asked for.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// The step was done before, so the lesson does not move on from it by itself.
    DoneBefore {
        /// The first step that is still to do, counted from 1; none where there is none.
        open: Option<usize>,
    },
    /// All hints were shown.
    NoMoreHints,
    /// Play has begun: nothing is judged until `:play` again.
    PlayBegun,
    /// Play is over.
    PlayOver,
    /// A step was skipped.
    Skipped {
        /// Its title.
        title: String,
    },
    /// There is no step before this one.
    NoStepBack,
    /// The bash ended; a new one was started.
    BashAgain {
        /// Its exit status.
        status: i32,
    },
    /// The machine is further than the record says.
    MachineAhead {
        /// The step that the machine fits, counted from 1.
        step: usize,
        /// Its title.
        title: String,
    },
    /// The machine is behind the record: an earlier step's goal is red now.
    MachineBehind {
        /// The step, counted from 1.
        step: usize,
        /// Its title.
        title: String,
        /// The goal's sentence that is red.
        goal: String,
    },
    /// The lab goes on where it was left.
    Resumed {
        /// The step, counted from 1.
        step: usize,
    },
    /// The machine was rebooted since the lab ran last.
    Rebooted,
    /// The record could not be used and was set aside.
    RecordSetAside {
        /// Where it is now.
        path: String,
        /// Why.
        why: String,
    },
    /// The record cannot be written.
    CannotSave {
        /// Why.
        why: String,
    },
    /// The observer could not be started, so goals about other accounts cannot be judged.
    NoObserver {
        /// Why.
        why: String,
        /// What to do about it.
        grant: String,
    },
    /// Everything says that the step will hold after a reboot; only the reboot is missing.
    Predicted,
    /// Progress was thrown away, as asked.
    Reset,
    /// What is known of the current step was thrown away, as asked.
    StepAnew,
    /// A goal is so now, and has to stay so.
    Settles {
        /// The goal's sentence.
        say: String,
        /// How long.
        time: Span,
    },
    /// A look that was asked for takes its time.
    Waits {
        /// ^C leaves it to the lab, which says later what it found.
        way_on: bool,
    },
    /// Nobody waits for a look any more that was asked for; it goes on.
    LooksOn,
    /// A word that only the lab's own prompt takes was said elsewhere.
    OwnPromptOnly {
        /// As said, with its colon.
        word: String,
    },
    /// Leaving.
    Bye {
        /// The step to go on at, counted from 1; none when the lesson is done.
        step: Option<usize>,
    },
    /// Leaving, and nothing could be kept.
    ByeUnsaved {
        /// The step that was reached, counted from 1.
        step: usize,
    },
    /// A login session is opened by this line (`:login`).
    LogsIn {
        /// Whose.
        account: String,
        /// What runs in bash.
        line: String,
    },
    /// There is no such account to log in as.
    NoAccount {
        /// As named.
        name: String,
        /// The lesson makes it.
        made_here: bool,
        /// The account of the lesson that has nearly that name.
        nearest: Option<String>,
    },
    /// Nothing on this host opens a login session.
    NoWayIn {
        /// Whose was wanted.
        account: String,
    },
    /// The lesson makes no account, and none was named (`:login`).
    LoginAsWhom,
    /// The way to this shell cannot be seen (`:where`).
    NoWhere {
        /// Why.
        why: String,
    },
    /// There is nothing to compare yet (`:diff`).
    NothingTyped,
    /// The manual was asked for without a page (`:man`) and the step has none.
    NoManual,
}

/// What the prompt says beside account, host and directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptFacts {
    /// Where in the lesson; none when it is done.
    pub progress: Option<Progress>,
    /// What the shell really is.
    pub badge: Badge,
    /// Play is on.
    pub play: bool,
}

/// What the lab's own shell really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// A login session of this account.
    Login,
    /// Entered by su.
    Su,
    /// Entered by sudo.
    Sudo,
    /// It could not be found out.
    Unknown,
}
