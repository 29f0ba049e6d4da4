//! The map of the rooms of `rootless-lab`. Imports point down only:
//! `cli → sitting → grading → driver, exam, practice, doctor → screen, store, prompt, bash, observer → session → manual, mistakes → lesson → checkers`.

pub mod author;
pub mod bash;
pub mod cli;
pub mod doctor;
pub mod driver;
pub mod exam;
pub mod grading;
pub mod host;
pub mod lesson;
pub mod manual;
pub mod mistakes;
pub mod observer;
mod plain;
pub mod practice;
pub mod prompt;
pub mod screen;
pub mod session;
pub mod sitting;
pub mod store;
