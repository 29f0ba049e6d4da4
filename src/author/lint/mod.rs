//! Looks at a lesson as a careful colleague would: everything the reader refuses, and what is doubtful besides, each with its place.
//!
//! [`text`] is pure. [`surroundings`] asks the machine: whether files are there, and what its man pages say.

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
mod ways;
mod words;

pub use doubt::Doubt;
pub use files::files;
pub use finding::{Finding, Fix, Severity, What};
pub use fix::fixed;
pub use pages::pages;
pub use report::{json, sarif};
pub use rules::text;
