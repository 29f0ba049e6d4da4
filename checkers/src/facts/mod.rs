//! One noun a file: a raw answer of the machine → a typed fact. Pure.

pub mod calendar;
pub mod chain;
pub mod command_line;
pub mod container;
pub mod crontab;
pub mod exec_line;
pub mod flags;
pub mod front;
pub mod http;
pub mod image;
pub mod journal;
pub mod mount;
pub mod nearest;
pub mod package;
pub mod permission;
pub mod podman;
pub mod ports;
pub mod process;
mod remote;
pub mod shadow;
pub mod storage;
pub mod subid;
pub mod sudoers;
pub mod sysctl;
pub mod unit_file;
pub mod version;
