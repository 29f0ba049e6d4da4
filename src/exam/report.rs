//! What came of an attempt, as one value that every form of a report is written from: people's, JSON, JUnit, CSV, HTML. Decides nothing
//! about looks, opens no file.
//!
//! Its JSON is a form of its own with a version: programs rely on it. Its schema is [`schema`], published in the book.

mod form;
mod make;

use std::collections::BTreeMap;

use checkers::{Evidence, Verdict};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};

pub use make::Basis;

use super::attempt::Answer;

/// The version of the form. A field that is new does not change it; one that goes, or means something else, does.
pub const REPORT_VERSION: u32 = 1;

const ID: &str = "https://github.com/rootless-lab/rootless-lab/exam-report.schema.json";

/// The JSON Schema of a report.
pub fn report_schema() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<Report>().to_value();
    if let serde_json::Value::Object(root) = &mut schema {
        root.insert("$id".to_owned(), ID.into());
        root.insert("title".to_owned(), "The report of an attempt at an exam of rootless-lab".into());
    }
    schema
}

/// What came of an attempt at an exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The version of this form: 1.
    #[schemars(extend("const" = REPORT_VERSION))]
    pub version: u32,
    /// The attempt's name.
    pub attempt: String,
    /// The exam.
    pub exam: About,
    /// Who sat it.
    pub candidate: Person,
    /// Where.
    pub machine: Place,
    /// When, and for how long.
    pub time: Timing,
    /// How far the attempt has come.
    pub state: State,
    /// The seed, as text: it may be larger than the numbers of some readers of JSON.
    pub seed: String,
    /// What was drawn for this candidate, by name.
    pub parameters: BTreeMap<String, String>,
    /// The versions of what took part, by name.
    pub versions: BTreeMap<String, String>,
    /// The record that all of this is read from.
    pub record: Record,
    /// What the machine's state before a reboot is worth, as it was handed in. Null where nobody looked then.
    pub predicted: Option<Marks>,
    /// What its state after a reboot is worth. Null where none was tried.
    pub proven: Option<Marks>,
    /// The looks at the machine since the hand-in, in order. The first one that could tell counts for each goal.
    pub looks: Vec<LookedAt>,
    /// Goals whose answer in the last look of a kind is another one than in the first: somebody was at the machine after the hand-in, or
    /// it was looked at too early. What was made after the hand-in earns nothing.
    pub turned: Vec<Turned>,
    /// The tasks, in the order of the sheet.
    pub tasks: Vec<TaskReport>,
}

/// A look at the machine for a grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LookedAt {
    /// The number of its line in the record.
    pub line: u64,
    /// How long after the hand-in, in microseconds.
    pub after: u64,
    /// The machine had been rebooted since the hand-in.
    pub proven: bool,
}

/// A goal that is another way than in an earlier look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Turned {
    /// Its name in the exam.
    pub goal: String,
    /// Both looks have seen a reboot.
    pub proven: bool,
    /// How it stood in the first look. Null where it was not asked.
    #[schemars(with = "Option<form::Answer>")]
    pub first: Option<Answer>,
    /// How long after the hand-in that was, in microseconds.
    pub first_after: u64,
    /// How it stood in the last look.
    #[schemars(with = "Option<form::Answer>")]
    pub now: Option<Answer>,
    /// How long after the hand-in that was, in microseconds.
    pub now_after: u64,
}

/// The exam that was sat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct About {
    /// Its id.
    pub id: String,
    /// One line.
    pub title: String,
    /// The exams or courses that it is practice for.
    pub tracks: Vec<String>,
    /// The SHA-256 of its text.
    pub digest: String,
    /// All its points.
    pub points: u32,
    /// The least per cent of all points with which it is passed.
    pub pass_mark: u32,
}

/// Who sat an exam.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Person {
    /// The account.
    pub account: String,
    /// Its number.
    pub uid: u32,
    /// A name, where one was given.
    pub name: Option<String>,
}

/// Where an exam was sat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Place {
    /// The machine's name.
    pub name: String,
    /// It is a practice machine.
    pub practice: bool,
}

/// How far an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Under way.
    Running,
    /// Handed in by the candidate.
    HandedIn,
    /// Handed in when the time was over.
    TimeOver,
    /// Given up. It has no score.
    Abandoned,
}

/// When an exam was sat. All spans are microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Timing {
    /// When it began: microseconds since 1970, by the machine's wall clock.
    pub began: i64,
    /// The minutes there were.
    pub minutes: u32,
    /// The minutes that the exam itself gives. This attempt may have been given others.
    pub own_minutes: u32,
    /// The time that was used.
    pub used: u64,
    /// Of that, what rests neither on the wall clock alone nor on a machine that was suspended.
    pub vouched: u64,
    /// The time that was used beyond the minutes there were; 0 where there was none.
    pub over: u64,
    /// The logins.
    pub logins: u32,
    /// What there is to say about the clocks, in order. Nothing is taken off for it.
    pub notes: Vec<ClockNote>,
}

/// Something that a clock did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ClockNote {
    /// Microseconds of the exam's time that were used when it was seen.
    pub at: u64,
    /// What it was.
    pub kind: ClockKind,
    /// How large, in microseconds; null where nobody can say. For a clock that was set, negative is back.
    pub by: Option<i64>,
}

/// What a clock can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClockKind {
    /// The machine was suspended for so long. That time counts.
    Suspended,
    /// The wall clock was set by so much. The exam's time is not touched by it.
    Set,
    /// The machine was rebooted, and was away for so long by its wall clock. That time counts.
    Rebooted,
    /// The machine was put back to an earlier state, by so much. Nothing is counted for it.
    Returned,
}

/// The record of an attempt, and whether it is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// The number of its last line.
    pub lines: u64,
    /// The hash of its last line: who knows it knows all of the record.
    pub head: String,
    /// Where it is not what was written. Empty for a whole one.
    pub breaks: Vec<String>,
    /// The exam, and lessons that it takes goals from, that this program has with another text under the same name.
    pub foreign: Vec<String>,
    /// Files in which a line lies that a crash cut off.
    pub mended: Vec<String>,
    /// How many lines were typed in the exam's login when it was over. They are no part of it.
    pub typed_after: u64,
    /// Numbers of lines that cannot be where they are, and count for nothing.
    pub misplaced: Vec<u64>,
}

/// What one grade came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Marks {
    /// Whether the exam is passed.
    pub verdict: Standing,
    /// All tasks together.
    pub total: Points,
    /// Each objective, in the order of the sheet.
    pub objectives: Vec<ObjectiveMarks>,
}

/// Whether an exam is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing was judged: there is no score.
    NoScore,
    /// Yes, whatever is unknown.
    Passed,
    /// No, whatever is unknown.
    NotPassed,
    /// What is unknown decides.
    Open,
}

/// Points, and the goals they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Points {
    /// What there is for it. Null where no goal was judged: that is no score, not a score of nothing.
    pub had: Option<Range>,
    /// The same in whole per cent, never rounded up.
    pub per_cent: Option<Range>,
    /// All there is to have.
    pub of: u32,
    /// Goals with a yes or a no.
    pub judged: u32,
    /// Goals that nobody could look at.
    pub unknown: u32,
}

/// From the least that is certain to the most that is possible. Both are the same where nothing is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Range {
    /// What is certain.
    pub lowest: u32,
    /// What it would be if all that is unknown were right.
    pub highest: u32,
}

/// One objective's points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ObjectiveMarks {
    /// Its name.
    pub objective: String,
    /// Its tasks together.
    pub points: Points,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TaskReport {
    /// Its id.
    pub id: String,
    /// One line.
    pub title: String,
    /// What it shows that one can do.
    pub objective: String,
    /// Its points.
    pub points: u32,
    /// Each goal counts by itself; otherwise all must pass, or none counts.
    pub partial_credit: bool,
    /// What it had before a reboot.
    pub predicted: Option<Points>,
    /// And after one.
    pub proven: Option<Points>,
    /// Its goals, in the order of the sheet.
    pub goals: Vec<GoalReport>,
}

/// One goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct GoalReport {
    /// Its name in the exam: `account/exists`.
    pub id: String,
    /// What is wanted, as a sentence.
    pub say: String,
    /// What it is worth.
    pub points: u32,
    /// It must be true after a reboot.
    pub lasting: bool,
    /// How it stood before a reboot. Null where it was not asked.
    pub predicted: Option<Outcome>,
    /// How it stood after one. For a goal that needs not last: as before.
    pub proven: Option<Outcome>,
}

/// How a goal stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// Yes, no, or nobody could look.
    #[schemars(with = "form::Answer")]
    pub answer: Answer,
    /// What it adds to its task's points.
    pub adds: Range,
    /// What was wanted, for a no.
    pub wanted: Option<String>,
    /// What was found instead.
    pub found: Option<String>,
    /// Why nobody could look.
    pub why: Option<String>,
    /// What would make looking possible.
    pub grant: Option<String>,
    /// A command that shows it.
    pub see: Option<String>,
    /// What was seen, and where.
    #[schemars(with = "Vec<form::Evidence>")]
    pub evidence: Vec<Evidence>,
}

impl Report {
    /// The grade that counts: what is proven, or else what is predicted.
    pub fn counts(&self) -> Option<&Marks> {
        self.proven.as_ref().or(self.predicted.as_ref())
    }
}

impl Outcome {
    /// The same as the check gave it.
    pub fn verdict(&self) -> Verdict {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let evidence = self.evidence.clone();
        match self.answer {
            Answer::Pass => Verdict::Pass { evidence, remember: BTreeMap::new() },
            Answer::Fail => {
                let (wanted, found, see) = (text(&self.wanted), text(&self.found), self.see.clone());
                Verdict::Fail { wanted, found, evidence, see }
            }
            Answer::Unknown => Verdict::Unknown { why: text(&self.why), grant: self.grant.clone() },
        }
    }
}

impl TaskReport {
    /// Its points in the grade that counts.
    pub fn counts(&self) -> Option<Points> {
        self.proven.or(self.predicted)
    }
}

impl GoalReport {
    /// How it stood in the grade that counts.
    pub fn counts(&self) -> Option<&Outcome> {
        self.proven.as_ref().or(self.predicted.as_ref())
    }
}
