//! The lab's mind: an event goes in, effects come out. Pure: no file, process, terminal or clock; time arrives in events.

mod complaint;
mod event;
mod explaining;
mod judging;
mod machine;
mod pane;
mod record;
mod settling;
mod show;
mod wanted;
mod words;

#[cfg(test)]
mod stories;

pub use complaint::sudo_refused;
pub use event::{Effect, Event, Moment, Notice};
pub use explaining::Silent;
pub use machine::Session;
pub use pane::{Diagnosed, Left, Pane};
pub use record::{Record, VERSION};
pub(crate) use settling::at_once;
pub use show::*;
pub use words::{WORDS, Word};
