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
}

fn main() -> ExitCode {
    let Program::Practice(args) = Program::parse();
    match cli::practice::run(args) {
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
