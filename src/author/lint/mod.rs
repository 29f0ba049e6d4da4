//! Looks at a lesson as a careful colleague would: everything the reader refuses, and what is doubtful besides, each with its place.
//!
//! A [`Sheet`] is read once. What its text tells is pure; its `files` and `pages` ask the machine: whether files are there, and what
//! the man pages say.

mod answers;
mod doubt;
mod files;
mod finding;
mod fix;
mod hints;
mod hollow;
mod layout;
mod names;
mod pages;
mod report;
mod rights;
mod rules;
mod translations;
mod ways;
mod words;

pub use doubt::Doubt;
pub use finding::{Finding, Fix, Severity, What};
pub use fix::fixed;
pub use report::{json, sarif};
pub use rules::{Sheet, refused, text};
pub use translations::translations;
