//! One noun a file: a raw answer of the machine → a typed fact. Pure.

pub mod container;
pub mod front;
pub mod image;
pub mod nearest;
pub mod process;
mod remote;
pub mod storage;
