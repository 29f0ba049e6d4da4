//! A lesson: YAML text → a [`Lesson`] and all the problems it has, each with its place. Never knows what a check means.

#[cfg(test)]
mod broken;
mod document;
mod fill;
mod fit;
mod folder;
mod lines;
mod model;
mod needs;
#[cfg(test)]
mod own_lessons;
mod powers;
mod problem;
mod read;
mod rules;
mod schema;
mod shelf;
pub mod translation;
mod tree;
mod typed;
mod wish;

/// How a file of this house is read, for the other rooms that read one: every problem at once, with its place.
pub(crate) mod reading {
    pub(crate) use super::document::{
        Account, Document, EntryForm, GoalForm, ID, LINE, NeedsForm, Parameter, Placed, Role, SOME, StepForm, Text,
        Writer,
    };
    pub(crate) use super::fill::{OpenWords, is_name};
    pub(crate) use super::fit::{Found, MOST_PROBLEMS, fit_filled};
    pub(crate) use super::problem::{Lines, expected, nearest};
    pub(crate) use super::read::{
        Opened, body, declared, id_of, in_order, line, manual, needs, open, open_as, tree_of,
    };
    pub(crate) use super::rules::{Rules, hostile_characters, place_of, place_or, reach};
    pub(crate) use super::schema::schema_of;
    pub(crate) use super::shelf::read_file;
    pub(crate) use super::tree::{Key, MOST_BYTES, Node, Value, parse};
    pub(crate) use super::typed::turn;
    pub(crate) use super::wish::Wishes;
}

pub use folder::{FolderError, LessonFile, digest, files};
pub use lines::goal_lines;
pub use model::{AccountRole, Author, Declared, Goal, Lesson, ManualEntry, Needs, Parameter, Step, Way};
pub use needs::{Lack, Versions};
pub use powers::{OwnProgram, Powers, powers};
pub use problem::{Problem, ProblemKind};
pub use read::{read, read_with};
pub use schema::schema;
pub use shelf::{
    Added, GitError, LANGUAGE, Origin, OwnShelf, OwnShelfError, Parcel, Shelf, ShelfError, UnpackError, wished_language,
};
pub use typed::{Prompt, Turn, TypedStep, WrongAnswer, read_typed, read_wrong};
