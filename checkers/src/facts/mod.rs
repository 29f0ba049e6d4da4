//! One noun a file: a raw answer of the machine → a typed fact. Pure.

pub mod command_line;
pub mod exec_line;
pub mod flags;
pub mod permission;
pub mod podman;
pub mod ports;
pub mod shadow;
pub mod subid;
pub mod unit_file;
