//! Reports of attempts in all their forms, from the record to the text, by the library's own doors.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod browser;
mod forms;
mod human;
mod sample;
