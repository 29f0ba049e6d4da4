//! One check, one file (what can be wished, how it is judged, its cases) and one page of documentation beside it.

pub mod account;
pub mod auto_update;
pub mod command;
pub mod container;
pub mod cron;
mod findings;
pub mod firewall;
pub mod group;
pub mod healthcheck;
pub mod host_name;
pub mod http;
pub mod image;
pub mod journal;
pub mod linger;
pub mod manager;
pub mod mount;
pub mod network;
pub mod package;
pub mod password;
pub mod path;
mod place;
pub mod pod;
pub mod port;
pub mod program;
pub mod quadlet;
pub mod secret;
pub mod selinux;
pub mod session;
pub mod shell;
pub mod sudo_rule;
pub mod sysctl;
pub mod time_zone;
pub mod timer;
pub mod unit;
pub mod unit_file;
pub mod volume;

/// The value of wishes that are true unless said.
pub(crate) fn yes() -> bool {
    true
}

#[cfg(test)]
mod all_ways;
#[cfg(test)]
mod pages;
