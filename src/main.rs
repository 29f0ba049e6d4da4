//! Parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use rootless_lab::cli;

/// An interactive learning shell for Linux.
#[derive(Debug, Parser)]
#[command(version)]
enum Program {
    /// Make and use a practice machine.
    Practice(cli::practice::Practice),
    /// Tell what this host can do for the lab, and how to mend what is missing.
    Doctor(cli::doctor::Doctor),
}

fn main() -> ExitCode {
    let ran = match Program::parse() {
        Program::Practice(args) => cli::practice::run(args),
        Program::Doctor(args) => cli::doctor::run(args),
    };
    match ran {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rootless-lab: {error}");
            if let Some(way_out) = error.way_out() {
                eprintln!("  {way_out}");
            }
            ExitCode::FAILURE
        }
    }
}
