//! A lesson: YAML text → a [`Lesson`] and all the problems it has, each with its place. Never knows what a check means.

#[cfg(test)]
mod broken;
mod document;
mod fill;
mod fit;
mod model;
#[cfg(test)]
mod own_lessons;
mod problem;
mod read;
mod rules;
mod shelf;
mod tree;
mod typed;
mod wish;

pub use model::{AccountRole, Author, Declared, Goal, Lesson, ManualEntry, Parameter, Step, Way};
pub use problem::{Problem, ProblemKind};
pub use read::{read, read_with};
pub use shelf::{Origin, Shelf, ShelfError};
pub use typed::{Prompt, Turn, TypedStep, read_typed};
