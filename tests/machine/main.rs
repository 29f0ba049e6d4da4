//! Everything that needs a real machine: practice machines from build to removal, and the lesson played on one.

mod eyes;
mod hostile;
mod looking;
mod practice;
mod rich;
mod rig;
mod story;
mod terminal;
