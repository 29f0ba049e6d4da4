//! Writes to standard output and error. A reader that has gone away (`| head`) is no mistake; anything else is told once, at the end.

use std::fmt::Arguments;
use std::io::{Error, ErrorKind, Write};
use std::sync::Mutex;

/// The first failure of standard output that somebody has to hear of.
static TROUBLE: Mutex<Option<Error>> = Mutex::new(None);

/// Writes to standard output, at once.
pub(super) fn out(text: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            TROUBLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
        }
        _ => {}
    }
}

/// Writes to standard error; where that does not work there is nowhere left to say so.
pub(super) fn err(text: Arguments<'_>) {
    let _ = std::io::stderr().lock().write_fmt(text);
}

/// Why something that was said did not arrive.
pub(super) fn trouble() -> Option<Error> {
    TROUBLE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
}

/// `print!` that does not panic.
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::say::out(format_args!($($text)*)) };
}

/// `println!` that does not panic.
macro_rules! sayln {
    ($($text:tt)*) => { $crate::cli::say::out(format_args!("{}\n", format_args!($($text)*))) };
}

/// `eprintln!` that does not panic.
macro_rules! tell {
    ($($text:tt)*) => { $crate::cli::say::err(format_args!("{}\n", format_args!($($text)*))) };
}
