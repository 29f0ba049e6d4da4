//! Everything that needs a real machine: practice machines from build to removal, looking at one, and the lesson played on one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod book;
#[path = "../lab/changes.rs"]
mod changes;
mod exam;
mod exams;
mod eyes;
mod firewalld;
mod fresh;
mod furnished;
mod grading;
mod granted;
mod guide;
mod harm;
mod hostile;
mod killed;
#[path = "../lab/killer.rs"]
mod killer;
mod looking;
mod losing;
mod making;
mod mistakes;
mod own_tree;
mod packages;
mod pane;
mod podman_things;
mod practice;
mod programs;
mod proving;
mod readme;
mod rich;
mod rig;
mod sat;
mod seat;
mod story;
mod system;
mod terminals;
mod testimony;
mod watching;
