//! Everything that needs a real machine: practice machines from build to removal, and the lesson played on one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod practice;
mod readme;
mod rig;
mod story;
mod terminal;
