//! A person before the lab itself: types, sees, resizes, kills. Waits for what is seen, never for time.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};

use crate::rig;

const DEADLINE: Duration = Duration::from_secs(10);

pub struct Person {
    master: File,
    slave: File,
    lab: Child,
    home: Option<tempfile::TempDir>,
    before: Termios,
    seen: Vec<u8>,
    passed: usize,
    screen: vt100::Parser,
}

impl Person {
    /// At the lab's prompt, with these lines at the end of `~/.bashrc`.
    pub fn sits_down(bashrc: &str) -> Person {
        let home = rig::home();
        let mut file = std::fs::OpenOptions::new().append(true).open(home.path().join(".bashrc")).unwrap();
        writeln!(file, "{bashrc}").unwrap();
        Person::at(home)
    }

    fn at(home: tempfile::TempDir) -> Person {
        let (master, slave) = rig::terminal();
        let before = tcgetattr(&slave).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
        command.args(["start", "--yes", "--here"]).arg(rig::idle(home.path())).envs(rig::variables(home.path()));
        command.env("XDG_STATE_HOME", home.path().join("state")).env("SHELL", "/bin/bash");
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave.try_clone().unwrap());
        // SAFETY: both calls are async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let lab = command.spawn().unwrap();
        drop(command);
        let screen = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        let mut person = Person { master, slave, lab, home: Some(home), before, seen: Vec::new(), passed: 0, screen };
        person.sees("\u{1b}[?2004h");
        person.types(":play\r");
        person.sees("\u{1b}[?2004h");
        person
    }

    pub fn types(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    fn takes(&mut self, left: Duration) {
        let mut buffer = vec![0; 65536];
        if rig::readable(&self.master, u16::try_from(left.as_millis()).unwrap_or(u16::MAX)) {
            let count = self.master.read(&mut buffer).unwrap_or(0);
            self.seen.extend_from_slice(&buffer[..count]);
            self.screen.process(&buffer[..count]);
        }
    }

    fn waits(&mut self, what: &str, done: impl Fn(&mut Person) -> bool) {
        let until = Instant::now() + DEADLINE;
        while !done(self) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "{what:?} was not seen; the lab's end: {:?}; since then {:?}; screen:\n{}",
                self.lab.try_wait(),
                String::from_utf8_lossy(&self.seen[self.passed..]),
                self.screen.screen().contents()
            );
            self.takes(left.min(Duration::from_millis(50)));
        }
    }

    /// Waits until a command's output begins with this: right behind the line that was typed, where pasting in brackets ends.
    #[track_caller]
    pub fn sees_printed(&mut self, text: &str) {
        self.sees(&format!("\n\u{1b}[?2004l{text}"));
    }

    /// Waits until this is printed, after what was seen before.
    #[track_caller]
    pub fn sees(&mut self, text: &str) {
        self.waits(text, |person| {
            let found = memchr::memmem::find(&person.seen[person.passed..], text.as_bytes());
            person.passed += found.map_or(0, |at| at + text.len());
            found.is_some()
        });
    }

    /// Waits until this stands on the screen.
    pub fn sees_on_screen(&mut self, text: &str) {
        self.waits(text, |person| person.screen.screen().contents().contains(text));
    }

    pub fn cursor_column(&self) -> usize {
        usize::from(self.screen.screen().cursor_position().1)
    }

    pub fn cursor_line(&self) -> String {
        // Row by row: in its contents a line that was wrapped is one.
        let (row, columns) =
            (usize::from(self.screen.screen().cursor_position().0), self.screen.screen().size().1.get());
        self.screen.screen().rows(0, columns).nth(row).unwrap_or_default()
    }

    pub fn resize(&mut self, rows: u16, columns: u16) {
        let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: TIOCSWINSZ reads one winsize.
        unsafe { libc::ioctl(self.master.as_raw_fd(), libc::TIOCSWINSZ, &size) };
    }

    pub fn told(&mut self, signal: Signal) {
        kill(nix::unistd::Pid::from_raw(i32::try_from(self.lab.id()).unwrap()), signal).unwrap();
    }

    /// Waits for the lab's end.
    pub fn ends(&mut self) {
        self.waits("the end", |person| person.lab.try_wait().unwrap().is_some());
    }

    /// Takes the lab's life at once.
    pub fn kill(&mut self) {
        self.lab.kill().unwrap();
        self.lab.wait().unwrap();
    }

    /// The same person, at another terminal.
    pub fn sits_down_again(mut self) -> Person {
        Person::at(self.home.take().unwrap())
    }

    pub fn modes_before(&self) -> Termios {
        self.before.clone()
    }

    pub fn modes(&self) -> Termios {
        tcgetattr(&self.slave).unwrap()
    }

    /// The history's file.
    pub fn history(&self) -> PathBuf {
        self.home.as_ref().unwrap().path().join("state/rootless-lab/.history")
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let _ = self.lab.kill();
        let _ = self.lab.wait();
    }
}
