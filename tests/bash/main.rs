//! The lab's bash beside a plain one, and asked directly.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod ahead;
mod cost;
mod person;
mod prompt;
mod rig;
mod room;
mod transcripts;
