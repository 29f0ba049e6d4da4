//! How the terminal wants to be written to. Never writes to it.

use std::os::fd::{AsRawFd, BorrowedFd};

use nix::libc;
use serde::{Deserialize, Serialize};

/// How text is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Columns. No line is wider; below [`Look::NARROWEST`] that many are used.
    pub width: usize,
    /// Colours and bold may be used.
    pub colour: bool,
    /// No boxes, symbols, colours or cursor tricks: for screen readers, logs and dumb terminals.
    pub plain: bool,
    /// The terminal reads UTF-8.
    pub unicode: bool,
    /// Somebody else reads the line that is typed next (a nested shell, another terminal): the lab's words are commands there.
    #[serde(default)]
    pub elsewhere: bool,
}

/// What the command line asks of the look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// `--plain` was given.
    pub plain: bool,
}

impl Look {
    /// The narrowest width that is laid out for.
    pub const NARROWEST: usize = 20;

    /// Of what goes into a file, whoever reads it and where: control characters are spelled `\x1b`, for XML has no place for them and not
    /// every font has the symbols for them.
    pub const FILE: Self = Self { width: 80, colour: false, plain: true, unicode: false, elsewhere: false };

    /// The look that suits the terminal at `output`, the environment and the command line.
    ///
    /// `environment` answers one variable; `std::env::var(name).ok()` in the program.
    pub fn of_terminal(wish: Wish, output: BorrowedFd<'_>, environment: impl Fn(&str) -> Option<String>) -> Self {
        let terminal = std::io::IsTerminal::is_terminal(&output);
        let set = |name: &str| environment(name).filter(|value| !value.is_empty());
        // Terminals that no line editor can move the cursor on.
        let dumb = set("TERM").map_or(terminal, |term| matches!(term.as_str(), "dumb" | "cons25" | "emacs"));
        let plain = wish.plain || dumb;
        let columns = || set("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
        let width = if terminal { size_of(output).or_else(columns) } else { columns() };
        Self {
            width: width.unwrap_or(80),
            colour: terminal && !plain && set("NO_COLOR").is_none(),
            plain,
            unicode: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).is_some_and(|locale| {
                let locale = locale.to_ascii_lowercase();
                locale.contains("utf-8") || locale.contains("utf8")
            }),
            elsewhere: false,
        }
    }

    /// The same look where a lab word would go to another shell.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        Self { elsewhere: true, ..self }
    }

    /// A lab word as it is typed here: `:hint`, or `rootless-lab hint` where only commands reach the lab.
    pub(crate) fn word(&self, word: &str) -> String {
        if self.elsewhere { format!("rootless-lab {word}") } else { format!(":{word}") }
    }

    /// The same look at the width that standard output has now.
    #[must_use]
    pub fn now(self) -> Self {
        use std::os::fd::AsFd;
        Self { width: size_of(std::io::stdout().as_fd()).unwrap_or(self.width), ..self }
    }

    /// The rows of the terminal at standard output; none where it is no terminal.
    pub fn rows() -> Option<usize> {
        use std::os::fd::AsFd;
        size_at(std::io::stdout().as_fd()).map(|size| usize::from(size.ws_row)).filter(|rows| *rows > 0)
    }

    pub(crate) fn columns(&self) -> usize {
        self.width.max(Self::NARROWEST)
    }

    /// Symbols outside ASCII may be used.
    pub(crate) fn symbols(&self) -> bool {
        self.unicode && !self.plain
    }

    pub(crate) fn paints(&self) -> bool {
        self.colour && !self.plain
    }

    /// One of two spellings of our own text.
    pub(crate) fn either<'a>(&self, symbol: &'a str, ascii: &'a str) -> &'a str {
        if self.symbols() { symbol } else { ascii }
    }
}

fn size_of(output: BorrowedFd<'_>) -> Option<usize> {
    size_at(output).map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

fn size_at(output: BorrowedFd<'_>) -> Option<libc::winsize> {
    nix::ioctl_read_bad!(window_size, libc::TIOCGWINSZ, libc::winsize);
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the descriptor is borrowed and so is open; the kernel writes one `winsize` to the place given.
    let answer = unsafe { window_size(output.as_raw_fd(), &raw mut size) };
    answer.ok().map(|_| size)
}
