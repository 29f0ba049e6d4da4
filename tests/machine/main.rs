//! Everything that needs a real machine: practice machines from build to removal, and the lesson played on one.

mod practice;
mod rig;
mod story;
mod terminal;
