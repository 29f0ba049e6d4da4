//! The room `cli`: one subcommand a file.

pub mod practice;
