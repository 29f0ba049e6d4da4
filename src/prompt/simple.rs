//! Asks for a line on a terminal that nothing moves the cursor of: the terminal itself edits the line, and no sequence is ever sent.
//! For screen readers, logs and dumb terminals. Keeps no history and completes nothing.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, PoisonError};

use super::editor::Read;
use super::interrupt::Interruptible;

/// What stands in front of the line that is being typed, so that news can put it there again.
#[derive(Debug, Clone, Default)]
pub(super) struct Head(Arc<Mutex<String>>);

impl Head {
    fn set(&self, text: &str) {
        text.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Prints `text` in lines of its own, and the prompt again.
    pub(super) fn print(&self, text: &str) -> io::Result<()> {
        let head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = io::stdout().lock();
        write!(out, "\n{text}{head}")?;
        out.flush()
    }
}

/// Asks for a line; `initial` was typed already. `is_open` says whether more has to follow.
pub(super) fn read(head: &Head, prompt: &str, initial: &str, is_open: impl Fn(&str) -> bool) -> io::Result<Read> {
    let interruptible = Interruptible::begin()?;
    // A prompt of several lines shows its last one again.
    head.set(prompt.rsplit('\n').next().unwrap_or(prompt));
    let mut out = io::stdout().lock();
    write!(out, "{prompt}{initial}")?;
    out.flush()?;
    drop(out);
    let mut bytes = initial.as_bytes().to_vec();
    let mut buffer = [0; 4096];
    loop {
        if interruptible.came()? {
            io::stdout().write_all(b"\n")?;
            return Ok(Read::Interrupted);
        }
        let count = match nix::unistd::read(io::stdin().as_fd(), &mut buffer) {
            Ok(count) => count,
            Err(nix::Error::EINTR) => continue,
            Err(error) => return Err(error.into()),
        };
        bytes.extend_from_slice(&buffer[..count]);
        let typed = String::from_utf8_lossy(&bytes);
        match typed.strip_suffix('\n') {
            Some(line) if !is_open(line) => return Ok(Read::Line(line.to_owned())),
            Some(_) => {
                head.set("> ");
                io::stdout().write_all(b"> ").and_then(|()| io::stdout().flush())?;
            }
            None if count == 0 && bytes.is_empty() => return Ok(Read::EndOfInput),
            // ^D behind a half line hands over what is typed, and no more; twice ends what is open.
            None if count == 0 => return Ok(Read::Line(typed.into_owned())),
            None => {}
        }
    }
}
