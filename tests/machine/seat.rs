//! A person's seat at a machine: a login in a terminal, with or without the lab in it. Judges by what stands on the screen, and waits
//! for it.

// It fails the test that uses it.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::rig::Rig;
use terminal::{Screen, Terminal};

pub const SOON: Duration = Duration::from_secs(40);
pub const SIZE: (u16, u16) = (24, 80);

/// Where somebody types.
pub struct Seat {
    terminal: Terminal,
    /// What stands in front of the cursor when a shell waits for a line.
    pub prompt: String,
    asked: u32,
}

impl Deref for Seat {
    type Target = Terminal;

    fn deref(&self) -> &Terminal {
        &self.terminal
    }
}

impl DerefMut for Seat {
    fn deref_mut(&mut self) -> &mut Terminal {
        &mut self.terminal
    }
}

/// The cursor's row up to the cursor, if nothing stands behind it.
fn cursor_line(screen: &Screen) -> Option<String> {
    let ((row, column), (_, columns)) = (screen.cursor_position(), screen.size());
    let mut rows = screen.rows(0, columns.get());
    let line = rows.nth(usize::from(row))?;
    let before = screen.rows(0, column).nth(usize::from(row))?;
    // What was never written is no space of the line's.
    let before = format!("{before:<0$}", usize::from(column));
    (line.trim_end().len() <= before.len()).then_some(before)
}

/// True of a screen with the cursor at the end of such a line, and no full-screen program.
fn ends_in(pattern: &str) -> impl Fn(&Screen) -> bool + use<> {
    let line = regex::Regex::new(&format!("^(?:{pattern})$")).unwrap();
    move |screen| {
        let waits = !screen.alternate_screen() && !screen.hide_cursor();
        waits && cursor_line(screen).is_some_and(|text| line.is_match(&text))
    }
}

/// The last row.
pub fn bottom(screen: &Screen) -> String {
    screen.rows(0, screen.size().1.get()).last().unwrap_or_default()
}

impl Seat {
    /// Logged in at a plain shell.
    pub fn login(rig: &Rig, account: &str) -> Self {
        let terminal = Terminal::start(rig.enter_command(account, &[]).unwrap(), SIZE.0, SIZE.1);
        let mut seat = Self { terminal, prompt: format!(r"{account}@[^ ]*\$ "), asked: 0 };
        seat.at_prompt();
        seat
    }

    /// From here on a lab with this lesson is in front.
    pub fn open_lab(&mut self, lesson: &str) {
        self.prompt = format!(r"\[(\d+/\d+|done)[^\]]*\] *{}", self.prompt);
        self.line(&format!("rootless-lab start --here {lesson}"));
        self.at_prompt();
    }

    /// Waits until a shell waits for a line: its prompt in front of the cursor, nothing behind it, and no full-screen program.
    #[track_caller]
    pub fn at_prompt(&mut self) -> String {
        let pattern = self.prompt.clone();
        self.typed(&pattern)
    }

    /// Presses ^C until the prompt is back: also in a plain shell, sudo and bash's line editor miss one that comes in the very instant
    /// in which they begin to wait.
    #[track_caller]
    pub fn interrupt(&mut self) -> String {
        let is_prompt = ends_in(&self.prompt);
        for _ in 0..4 {
            self.keys("\x03");
            if self.terminal.comes(SOON / 8, &is_prompt) {
                break;
            }
        }
        self.at_prompt()
    }

    /// Waits until the cursor stands at the end of such a line, and no full-screen program has the terminal.
    #[track_caller]
    pub fn typed(&mut self, pattern: &str) -> String {
        self.terminal.until(&format!("a line `{pattern}`"), SOON, ends_in(pattern))
    }

    /// Runs a line; what it printed, and the prompt again.
    #[track_caller]
    pub fn run(&mut self, line: &str) -> String {
        self.asked += 1;
        self.terminal.line(&format!("{line}; echo do''ne-{}", self.asked));
        let said = self.terminal.wait(&format!("\ndone-{}\n", self.asked), SOON);
        let said = said.rsplit_once(&format!("echo do''ne-{}", self.asked)).map_or(said.as_str(), |(_, rest)| rest);
        let said = said.replace(&format!("done-{}", self.asked), "").trim().to_owned();
        self.at_prompt();
        said
    }

    /// The modes of the terminal that the shell has.
    #[track_caller]
    pub fn shell_modes(&mut self) -> String {
        self.run("stty -g")
    }

    /// Waits until a pager has drawn all of itself: the whole screen, the cursor in such a last row.
    #[track_caller]
    pub fn pager(&mut self, last: &str) -> String {
        self.full_screen(last, |rows, at| at + 1 == rows.len())
    }

    /// Waits until an editor has drawn all of itself: the whole screen, and the cursor in the first row.
    #[track_caller]
    pub fn editor(&mut self, last: &str) -> String {
        self.full_screen(last, |rows, at| at == 0 && rows[rows.len() - 2].starts_with('~'))
    }

    #[track_caller]
    fn full_screen(&mut self, last: &str, is_drawn: impl Fn(&[String], usize) -> bool) -> String {
        let pattern = regex::Regex::new(last).unwrap();
        self.terminal.until(&format!("a last row `{last}`"), SOON, |screen| {
            let rows: Vec<String> = screen.rows(0, screen.size().1.get()).collect();
            let at = usize::from(screen.cursor_position().0);
            screen.alternate_screen() && is_drawn(&rows, at) && pattern.is_match(&rows[rows.len() - 1])
        })
    }

    /// Draws the window to at least this size while a program has it, until that program has drawn itself anew. A program that is
    /// between two looks for it (less, top) misses a move also in a plain shell, so the hand at the window's corner moves on.
    #[track_caller]
    pub fn drawn_anew(&mut self, what: &str, (rows, columns): (u16, u16), is: impl Fn(&Screen) -> bool) -> String {
        for more in 0..4 {
            self.resize(rows, columns + more);
            if self.terminal.comes(SOON / 8, &is) {
                return self.screen();
            }
        }
        self.terminal.until(what, SOON / 8, is)
    }

    /// Gives the window another size while a loop in the shell waits for it. A shell that is still reading a line is given no other
    /// size: bash in a terminal that it knows nothing of (as in a container) loses the Enter then, also where no lab is.
    #[track_caller]
    pub fn resized(&mut self, rows: u16, columns: u16) {
        self.asked += 1;
        let asked = self.asked;
        // A container may have no `stty` of its own.
        let size = "$(stty size 2>/dev/null || busybox stty size)";
        self.line(&format!(
            r#"echo wait''s-{asked}; while [ "{size}" != "{rows} {columns}" ]; do sleep .05; done; echo do''ne-{asked}"#
        ));
        self.wait(&format!("\nwaits-{asked}"), SOON);
        self.resize(rows, columns);
        self.wait(&format!("\ndone-{asked}\n"), SOON);
        self.at_prompt();
    }
}
