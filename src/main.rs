//! Parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    rootless_lab::cli::main()
}
