//! One noun a file: a raw answer of the machine → a typed fact. Pure.

pub mod chain;
pub mod command_line;
pub mod container;
pub mod exec_line;
pub mod flags;
pub mod front;
pub mod health;
pub mod image;
pub mod nearest;
pub mod network;
pub mod permission;
pub mod pod;
pub mod podman;
pub mod ports;
pub mod process;
pub mod quadlet;
mod remote;
pub mod secret;
pub mod settings;
pub mod shadow;
pub mod storage;
pub mod subid;
pub mod unit_file;
