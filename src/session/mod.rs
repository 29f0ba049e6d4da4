//! The lab's mind: an event goes in, effects come out. Pure: no file, process, terminal or clock; time arrives in events.

mod event;
mod explaining;
mod judging;
mod machine;
mod record;
mod show;
mod words;

#[cfg(test)]
mod stories;

pub use explaining::Silent;
pub use event::{Effect, Event, Moment};
pub use machine::Session;
pub use record::{Record, VERSION};
pub use show::*;
pub use words::{WORDS, Word};
