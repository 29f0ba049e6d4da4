//! The lab's mind: an event goes in, effects come out. Pure: no file, process, terminal or clock; time arrives in events.

mod show;

pub use show::*;
