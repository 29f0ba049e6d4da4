//! One check, one file (what can be wished, how it is judged, its cases) and one page of documentation beside it.

pub mod account;
pub mod auto_update;
pub mod command;
pub mod container;
mod findings;
pub mod healthcheck;
pub mod image;
pub mod linger;
pub mod manager;
pub mod network;
pub mod password;
pub mod path;
mod place;
pub mod pod;
pub mod port;
pub mod program;
pub mod quadlet;
pub mod secret;
pub mod session;
pub mod shell;
pub mod unit;
pub mod unit_file;
pub mod volume;

/// The value of wishes that are true unless said.
pub(crate) fn yes() -> bool {
    true
}

#[cfg(test)]
mod pages;
