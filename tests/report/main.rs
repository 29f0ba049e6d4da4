//! Reports of attempts in all their forms, from the record to the text, by the library's own doors and by the command line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod browser;
mod command;
mod forms;
mod grades;
mod history;
mod human;
mod review;
mod sample;
