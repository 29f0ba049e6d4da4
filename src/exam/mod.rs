//! An exam: YAML text → an [`Exam`] for one seed, what its clock says, what its verdicts are worth, and the record of an attempt at it.
//! Only `folder`, `evidence` and `shelf` open files, what may be somebody else's through `foreign`, and `now` reads the clocks; nothing here
//! judges a machine or starts a process.
//!
//! The way through: [`Shelf::find`] gives an exam's [`Source`], [`Source::drawn`] the [`Exam`] of a seed; [`Attempts::begin`] makes the
//! [`Folder`] whose record [`Folder::append`] grows, event by event; [`Attempt::of`] folds it; [`score`] turns verdicts into points.

mod attempt;
mod chain;
mod clock;
mod counting;
mod discretion;
mod document;
mod draw;
pub mod evidence;
mod folder;
pub mod foreign;
pub mod history;
mod now;
#[cfg(test)]
mod own_exams;
mod read;
pub mod report;
pub mod review;
mod rules;
mod score;
mod sheet;
mod shelf;
pub mod transcript;
mod words;

pub use attempt::{
    Answer, Attempt, Candidate, Command, Event, GoalTurn, Grade, GradeKind, Graded, Inside, Leaving, Machine,
    NoAttempt, Phase, Started, Typed,
};
pub use chain::{Break, Chain, ChainError, Entry, Head, VERSION, digest};
pub use clock::{Clock, Jump, Reading, Time};
pub use counting::{Counting, Look, Verdicts, counting, is_settled};
pub use discretion::{Discretion, HIDDEN};
pub use draw::{Draw, Rule, draw};
pub use folder::{Appended, AttemptId, Attempts, Folder, FolderError, Found, Texts};
pub use read::{Form, Source, form_schema};
pub use score::{ObjectiveScore, Score, Standing, Sum, TaskScore, score};
pub use sheet::{Exam, Goal, GoalId, PlacedFile, Preparation, Review, Task};
pub use shelf::{Shelf, ShelfError, foreign, is_built_in};
