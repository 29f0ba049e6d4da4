//! What can fail where a line is asked for.

use rustyline::error::ReadlineError;

/// Why no line could be asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nobody to ask.
    #[error("standard input is not a terminal")]
    NoTerminal,
    /// The terminal or the history failed.
    #[error("{doing}: {why}")]
    Failed {
        /// What was being done.
        doing: &'static str,
        /// The reason.
        why: String,
    },
}

pub(super) fn failed(doing: &'static str) -> impl Fn(ReadlineError) -> Error {
    move |why| Error::Failed { doing, why: why.to_string() }
}
