//! The lab's bash beside a plain one, and asked directly.

mod rig;
mod room;
mod transcripts;
