//! What waits at an empty prompt. A whole line that comes at once (pasted without brackets, typed fast over a slow line) is taken as it
//! is, with one write for its echo; a single key, and whatever else comes, is left to the line editor. It runs nothing.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::libc;
use nix::sys::termios::{
    ControlFlags, InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};
use nix::unistd::{dup2_stdin, dup2_stdout};
use unicode_width::UnicodeWidthStr;

use super::interrupt::Interruptible;
use super::{open, paint};

/// Less than the line editor reads at once.
const AT_ONCE: usize = 1000;
const PASTE_ON: &str = "\x1b[?2004h";
const PASTE_OFF: &str = "\x1b[?2004l";
const FROM_THE_LEFT: &str = "\r\x1b[K";

/// What came to an empty prompt.
pub(super) enum Came {
    /// A whole line, echoed; and what was typed behind it.
    Line(String, String),
    /// ^C from outside.
    Interrupted,
    /// The line editor is to go on: with this text, and as if it had read these bytes.
    Keys(String, Vec<u8>),
}

/// Who has the terminal, so that news can be put above the prompt that stands there.
#[derive(Clone, Default)]
pub(super) struct Standing(Arc<Mutex<Who>>);

#[derive(Default)]
enum Who {
    #[default]
    Nobody,
    /// This prompt stands at the gate.
    Gate(String),
    Editor,
}

impl Standing {
    fn lock(&self) -> MutexGuard<'_, Who> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line editor draws the prompt from now on.
    pub(super) fn editor(&self) {
        *self.lock() = Who::Editor;
    }

    /// No prompt stands there any more.
    pub(super) fn nobody(&self) {
        *self.lock() = Who::Nobody;
    }

    /// Prints above the prompt; false when that is the line editor's.
    pub(super) fn print(&self, text: &str) -> io::Result<bool> {
        let who = self.lock();
        match &*who {
            Who::Editor => return Ok(false),
            Who::Nobody => write(text)?,
            Who::Gate(prompt) => {
                let end = if text.ends_with('\n') { "" } else { "\n" };
                write(&format!("{FROM_THE_LEFT}{text}{end}{prompt}"))?;
            }
        }
        Ok(true)
    }
}

/// Whether this prompt can stand here: one line, with room behind it, so that the line editor can draw it again in its place.
pub(super) fn fits(bare: &str) -> bool {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one winsize.
    let said = unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &mut size) } == 0;
    said && !bare.contains('\n') && bare.width() + 1 < usize::from(size.ws_col)
}

/// Shows the prompt and waits. When keys are handed on, the prompt still stands there, and the terminal is as it was.
pub(super) fn wait(standing: &Standing, prompt: &str) -> io::Result<Came> {
    let interruptible = Interruptible::begin()?;
    let input = io::stdin();
    let raw = Raw::enter(input.as_fd())?;
    {
        let mut stands = standing.lock();
        write(&format!("{PASTE_ON}{FROM_THE_LEFT}{prompt}"))?;
        *stands = Who::Gate(prompt.to_owned());
    }
    if interruptible.came()? {
        standing.nobody();
        drop(raw);
        write(&format!("{PASTE_OFF}\n"))?;
        return Ok(Came::Interrupted);
    }
    // One key is the line editor's, and so is the end of a terminal: neither is read here.
    if unread(input.as_fd()) < 2 {
        return Ok(Came::Keys(String::new(), Vec::new()));
    }
    let mut keys = vec![0; AT_ONCE];
    let count = nix::unistd::read(input.as_fd(), &mut keys)?;
    keys.truncate(count);
    let Some((line, behind)) = whole(&keys) else {
        let text = letters(&keys);
        let rest = keys.split_off(text.len());
        return Ok(Came::Keys(text, rest));
    };
    standing.nobody();
    drop(raw);
    write(&format!("{}{PASTE_OFF}\n", paint::paint(line)))?;
    Ok(Came::Line(line.to_owned(), behind.to_owned()))
}

/// A line and what stands behind it, when all of it is letters and Enter.
fn whole(keys: &[u8]) -> Option<(&str, &str)> {
    let is_enter = |letter| matches!(letter, '\r' | '\n');
    let keys = std::str::from_utf8(keys).ok()?;
    let (line, behind) = keys.split_once(is_enter)?;
    (!keys.contains(|letter: char| letter.is_control() && !is_enter(letter)) && !open::is_open(line))
        .then_some((line, behind))
}

/// The letters before the first key that is none.
fn letters(keys: &[u8]) -> String {
    let text = keys.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    text.chars().take_while(|letter| !letter.is_control()).collect()
}

/// Has the line editor, which takes its keys and its screen where they are, see nothing of either: its next keys come from where
/// `swap` says, and nothing is drawn.
pub(super) fn apart<T>(read: impl FnOnce() -> T) -> io::Result<T> {
    let (input, output) = (io::stdin(), io::stdout());
    let _raw = Raw::enter(input.as_fd())?;
    let (keyboard, screen) = (input.as_fd().try_clone_to_owned()?, output.as_fd().try_clone_to_owned()?);
    dup2_stdout(std::fs::File::options().write(true).open("/dev/null")?)?;
    let done = read();
    dup2_stdout(&screen)?;
    dup2_stdin(&keyboard)?;
    Ok(done)
}

fn write(text: &str) -> io::Result<()> {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match nix::unistd::write(io::stdout().as_fd(), rest) {
            Ok(count) => rest = &rest[count..],
            Err(nix::Error::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn unread(fd: BorrowedFd<'_>) -> usize {
    let mut count: libc::c_int = 0;
    // SAFETY: FIONREAD writes one int.
    unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &mut count) };
    usize::try_from(count).unwrap_or(0)
}

/// Key by key and without echo, as the line editor has it, until this is dropped.
struct Raw<'a>(BorrowedFd<'a>, Termios);

impl<'a> Raw<'a> {
    fn enter(fd: BorrowedFd<'a>) -> io::Result<Raw<'a>> {
        let was = tcgetattr(fd)?;
        let mut raw = was.clone();
        raw.input_flags &=
            !(InputFlags::BRKINT | InputFlags::ICRNL | InputFlags::INPCK | InputFlags::ISTRIP | InputFlags::IXON);
        raw.control_flags |= ControlFlags::CS8;
        raw.local_flags &= !(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::IEXTEN | LocalFlags::ISIG);
        raw.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        raw.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        tcsetattr(fd, SetArg::TCSANOW, &raw)?;
        Ok(Raw(fd, was))
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.0, SetArg::TCSANOW, &self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn only_one_whole_line_of_letters_passes() {
        for (keys, wanted) in [
            (&b"true\r"[..], Some(("true", ""))),
            (b"ls -l \xc3\xa4\n", Some(("ls -l \u{e4}", ""))),
            (b"\r", Some(("", ""))),
            (b"a\rb\rc", Some(("a", "b\rc"))),
            (b"true", None),
            (b"a\tb\r", None),
            (b"\x1b[A\r", None),
            (b"\x03\r", None),
            (b"\xff\r", None),
            (b"echo 'a\r", None),
        ] {
            assert_eq!(whole(keys), wanted, "{}", keys.escape_ascii());
        }
    }
}
