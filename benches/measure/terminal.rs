//! A program in a pseudo terminal, and a clock: how long from a key to what is waited for. Reads as fast as it can; parses nothing.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::figures::since;

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Terminal {
    pub child: Child,
    master: File,
    seen: Vec<u8>,
    /// The number of the prompt that was seen last.
    prompt: usize,
    buffer: Vec<u8>,
}

impl Terminal {
    /// Starts a program and waits for its first prompt; also how long that took, from fork to prompt.
    pub fn start(mut command: Command) -> (Terminal, f64) {
        let begun = Instant::now();
        let mut terminal = Terminal::of(command.env("MEASURE", "1"));
        terminal.next_prompt();
        (terminal, since(begun))
    }

    /// Starts a program.
    pub fn of(command: &mut Command) -> Terminal {
        let size = libc::winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let ends = nix::pty::openpty(Some(&size), None).expect("a pseudo terminal");
        for end in [&ends.master, &ends.slave] {
            nix::fcntl::fcntl(end, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC))
                .expect("close on exec");
        }
        let slave = File::from(ends.slave);
        let handle = || slave.try_clone().expect("a handle");
        command.stdin(handle()).stdout(handle()).stderr(handle()).env("TERM", "xterm-256color");
        // SAFETY: between fork and exec only setsid(2) and ioctl(2) are called, both async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let child = command.spawn().expect("the program starts");
        // Nobody but the program has its terminal.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let master = File::from(ends.master);
        Terminal { child, master, seen: Vec::new(), prompt: 0, buffer: vec![0; 1 << 17] }
    }

    /// Types a line and Enter; how long until the next prompt stands there.
    pub fn line(&mut self, text: &str) -> f64 {
        self.seen.clear();
        let keys = format!("{text}\r");
        let begun = Instant::now();
        self.master.write_all(keys.as_bytes()).expect("it takes keys");
        self.next_prompt();
        since(begun)
    }

    /// Types a word of the lab, after which the same prompt comes back: waits for quiet.
    pub fn word(&mut self, text: &str) {
        self.master.write_all(format!("{text}\r").as_bytes()).expect("it takes keys");
        self.quiet(Duration::from_millis(300));
    }

    /// Waits until nothing has come for so long.
    pub fn quiet(&mut self, time: Duration) {
        while self.read(time) {}
    }

    /// Types a line after which the program ends, and waits for that.
    pub fn leave(mut self, text: &str) {
        self.master.write_all(format!("{text}\r").as_bytes()).expect("it takes keys");
        while self.read(PATIENCE) {}
        let _ = self.child.wait();
    }

    fn next_prompt(&mut self) {
        self.prompt += 1;
        self.until(format!("#{}$ ", self.prompt).as_bytes());
    }

    /// What was shown so far does not count any more.
    pub fn forget(&mut self) {
        self.seen.clear();
    }

    /// Waits until this is shown.
    pub fn until(&mut self, wanted: &[u8]) {
        let mut from = 0;
        while memchr::memmem::find(&self.seen[from..], wanted).is_none() {
            from = self.seen.len().saturating_sub(wanted.len());
            let more = self.read(PATIENCE);
            let tail = String::from_utf8_lossy(&self.seen[self.seen.len().saturating_sub(2000)..]);
            assert!(more, "{:?} does not come; seen:\n{tail}", String::from_utf8_lossy(wanted));
        }
    }

    /// Reads what there is, waiting for it at most so long; whether something came.
    fn read(&mut self, time: Duration) -> bool {
        let wait = PollTimeout::try_from(time.as_millis()).expect("a short time");
        match poll(&mut [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)], wait) {
            Ok(0) => false,
            Ok(_) => match self.master.read(&mut self.buffer) {
                Ok(count) if count > 0 => {
                    self.seen.extend_from_slice(&self.buffer[..count]);
                    true
                }
                _ => false,
            },
            Err(error) => panic!("poll: {error}"),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
