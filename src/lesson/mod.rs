//! A lesson: YAML text → a [`Lesson`] and all the problems it has, each with its place. Never knows what a check means.

mod model;

pub use model::{AccountRole, Author, Declared, Goal, Lesson, ManualEntry, Step, Way};
