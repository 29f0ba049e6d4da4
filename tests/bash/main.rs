//! The lab's bash beside a plain one, and asked directly.

mod cost;
mod person;
mod prompt;
mod rig;
mod room;
mod transcripts;
