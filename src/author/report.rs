//! What a proof found, as data: each thing that was asked of the machine, and how it came out. The wording is the screen's.

use std::time::Duration;

use serde::Serialize;

/// A lesson on one release.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Proof {
    /// The lesson's id.
    pub lesson: String,
    /// The release, by its code name.
    pub release: String,
    /// What was tried, in order.
    pub trials: Vec<Trial>,
}

/// One machine, from fresh to removed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trial {
    /// `untouched`, `solution typed`, `wrong as-root`.
    pub name: String,
    /// What was asked.
    pub cases: Vec<Case>,
    /// How long it took.
    #[serde(serialize_with = "seconds")]
    pub time: Duration,
    /// The machine's name, where it was kept.
    pub kept: Option<String>,
}

/// One thing that was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Case {
    /// What.
    pub what: What,
    /// `step/goal` or `step`; empty where it is about the whole trial.
    pub place: String,
    /// The line of the lesson's file where that stands.
    pub line: Option<usize>,
    /// How it came out.
    pub outcome: Outcome,
}

/// What is asked of a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// There are at least two solutions.
    TwoSolutions,
    /// The machine could be made and played on to the end.
    Played,
    /// On an untouched machine the goal is not green.
    RedUntouched,
    /// Looking at every goal changes nothing.
    LookingTouchesNothing,
    /// The goal turns green when the step is solved.
    GreenWhenSolved,
    /// The goal does not stay green when its wish is another.
    OtherWishesFail,
    /// What is to last is there after a reboot.
    Lasts,
    /// The clean-up leaves the machine as it was.
    CleanedUp,
    /// The goal that a wrong answer names is red.
    RedWhenWrong,
    /// No other goal is red.
    GreenDespiteWrong,
    /// The known mistake is recognised.
    MistakeRecognised,
}

/// How it came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it must be.
    Held,
    /// Not so.
    Broken(Fault),
    /// It could not be tried, and that is nobody's fault.
    LeftOut(Reason),
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The goal is green; what was seen.
    Green(Vec<String>),
    /// The goal is red.
    Red {
        /// What was wanted.
        wanted: String,
        /// What was found.
        found: String,
    },
    /// Nobody could look at the goal.
    Unknown(String),
    /// The goal was green before anything was typed in its step.
    GreenBefore,
    /// The goal was not judged in time.
    NotJudged,
    /// The lab did not say what the goal was judged with.
    NotTold,
    /// The typing did not go on.
    Stuck {
        /// What was waited for.
        waited: String,
        /// What stood on the screen.
        screen: String,
    },
    /// Lines that are gone (`-`) or new (`+`).
    Changed(Vec<String>),
    /// Other wishes that the machine grants too.
    StillPasses(Vec<String>),
    /// Mistakes that were recognised instead.
    Instead(Vec<String>),
    /// Too few; how many there are.
    TooFew(usize),
    /// The machine or the clean-up failed.
    Failed(String),
}

/// Why something was not tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The machine is too old for it.
    TooOld,
    /// The goal was green for a moment only; why it is not any more.
    Passed(String),
    /// The lesson says no clean-up.
    NoCleanUp,
    /// Nothing of the wish can be altered.
    NoOtherWish,
}

impl Case {
    /// Something asked of the whole trial.
    pub(super) fn whole(what: What, outcome: Outcome) -> Self {
        Self { what, place: String::new(), line: None, outcome }
    }

    /// It came out wrong.
    pub fn is_broken(&self) -> bool {
        matches!(self.outcome, Outcome::Broken(_))
    }
}

impl Trial {
    /// Something came out wrong.
    pub fn is_broken(&self) -> bool {
        self.cases.iter().any(Case::is_broken)
    }
}

impl Proof {
    /// Something came out wrong.
    pub fn is_broken(&self) -> bool {
        self.trials.iter().any(Trial::is_broken)
    }
}

impl Outcome {
    /// Held, unless there is a fault.
    pub(super) fn of(fault: Option<Fault>) -> Self {
        fault.map_or(Self::Held, Self::Broken)
    }
}

fn seconds<S: serde::Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_secs_f64())
}
