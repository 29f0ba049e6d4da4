//! The room `cli`: one subcommand a file.

pub mod doctor;
pub mod practice;
