//! Where a candidate sits in these tests: an exam of two files on the shelf, a login with its clock, and what is on record afterwards.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::process::Output;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rootless_lab::exam::{Attempt, Attempts, Candidate, Folder, Found, Machine, Reading, Started};
use terminal::Terminal;

use crate::changes::Changes;
use crate::rig::{Learner, PATIENCE};

/// The prompt of an exam's login at the end of what is shown.
pub const CLOCK: &str = r"\[\d+ (min|s)\] here> $";
pub const DONE: &str = r"\[handed in\] here> $";

impl Learner {
    /// An exam of two tasks, each a file, and an account that a seed names.
    pub fn exam(&self, name: &str, minutes: u32) -> PathBuf {
        let task = |number: usize, points: u32| {
            format!(
                "  - id: task-{number}\n    title: Number {number}\n    text: There is a file of {{{{word}}}}.\n    \
                 objective: Files\n    points: {points}\n    goals:\n      - id: there\n        say: It is there.\n        \
                 check: {{path: {{path: {}}}}}\n",
                self.goal(number).display()
            )
        };
        let text = format!(
            "format: 1\ntitle: Files\nabout: |\n  A trial, and no real exam.\ntracks: [trial]\nminutes: {minutes}\npass-mark: 50\n\
             parameters:\n  administrator: {{value: games, says: who sits it}}\n\
             draw:\n  user: {{words: 2}}\n  word: {{words: 2}}\n\
             accounts:\n  - {{name: \"{{{{administrator}}}}\", role: administrator}}\n  - {{name: \"{{{{user}}}}\", role: created}}\n\
             clean-up: [\"sudo userdel {{{{user}}}}\"]\ntasks:\n{}{}",
            task(1, 3),
            task(2, 1)
        );
        let folder = self.place("lessons/exams").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("exam.yaml"), text).expect("a file");
        folder
    }

    /// A login whose first file is `text`, and whose prompt is `here> ` if nothing there says otherwise.
    pub fn profile(&self, text: &str) {
        fs::write(self.place("home/.bash_profile"), format!("PS1='here> '\n{text}")).expect("a file");
    }

    pub fn sit(&self, arguments: &[&str]) -> Terminal {
        let words = [&["exam", "start", "--here"], arguments].concat();
        Terminal::start(self.command(&words), 40, 80)
    }

    /// In the login of a new attempt.
    pub fn sitting(&self) -> Terminal {
        self.exam("trial", 15);
        self.profile("");
        let mut login = self.sit(&["trial", "--yes", "--seed", "7"]);
        login.wait(CLOCK, PATIENCE);
        login
    }

    pub fn attempts(&self) -> Attempts {
        Attempts::new(&self.place("state"))
    }

    pub fn folder(&self) -> Folder {
        let ids = self.attempts().ids().expect("a folder of attempts");
        self.attempts().folder(ids.last().expect("an attempt"))
    }

    pub fn found(&self) -> Found {
        self.folder().read().expect("a record")
    }

    pub fn attempt(&self) -> Attempt {
        Attempt::of(&self.found().chain.entries).expect("an attempt")
    }

    /// An attempt that began so many seconds ago; in the boot that is named, or in this one.
    pub fn began(&self, minutes: u32, ago: u64, boot: Option<&str>) {
        self.began_at(minutes, i64::try_from(ago).expect("a short time"), boot);
    }

    /// The same; where the time is negative, by a wall clock that was set back since.
    pub fn began_at(&self, minutes: u32, ago: i64, boot: Option<&str>) {
        let text = fs::read_to_string(self.exam("trial", 15).join("exam.yaml")).expect("a file");
        let mut at = Reading::now().expect("clocks");
        at.wall -= ago * 1_000_000;
        let ran = u64::try_from(ago).unwrap_or(0) * 1_000_000;
        match boot {
            // That kernel had run as long as this one has: only the wall clock tells of the time between.
            Some(boot) => at.boot = boot.to_owned(),
            None => (at.up, at.awake) = (at.up - ran, at.awake - ran),
        }
        let parameters = ["user", "word", "administrator"].map(|name| (name.to_owned(), format!("drawn-{name}")));
        let started = Started {
            exam: "trial".into(),
            exam_digest: String::new(),
            lessons: [].into(),
            seed: 7,
            parameters: parameters.into(),
            minutes,
            candidate: Candidate { account: "games".into(), uid: 5, name: None },
            machine: Machine::Here("host".into()),
            identity: rootless_lab::host::identity(),
            versions: [].into(),
        };
        self.attempts().begin(&text, &at, started).expect("an attempt");
    }

    /// The login of the attempt that is under way.
    pub fn again(&self) -> Terminal {
        let mut login = self.sit(&["trial"]);
        login.wait(CLOCK, PATIENCE);
        login
    }

    /// Waits until the record of the newest attempt is so: looks when it changes.
    #[track_caller]
    pub fn recorded(&self, what: &str, mut is: impl FnMut(&Attempt) -> bool) {
        Changes::of(self.folder().path()).until(what, PATIENCE, || is(&self.attempt()));
    }

    pub fn status(&self) -> serde_json::Value {
        let said = self.run(&["exam", "status", "--json"]);
        serde_json::from_slice(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(&said)))
    }
}

pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub fn lines(attempt: &Attempt) -> Vec<(&str, Option<i32>)> {
    attempt.commands.iter().map(|one| (one.typed.line.as_str(), one.typed.status)).collect()
}

/// A process that is nobody's child here, and whose end is told all the same.
pub struct Alive(OwnedFd);

impl Alive {
    /// It is there now.
    pub fn now(pid: i32) -> Self {
        // SAFETY: it takes two numbers; what it gives is a descriptor of ours alone, or -1.
        let fd = unsafe { nix::libc::syscall(nix::libc::SYS_pidfd_open, pid, 0) };
        assert!(fd >= 0, "{pid}: {}", std::io::Error::last_os_error());
        // SAFETY: as said above.
        Self(unsafe { OwnedFd::from_raw_fd(fd as i32) })
    }

    /// Waits until it has ended.
    #[track_caller]
    pub fn ends(self) {
        let mut news = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        let told = poll(&mut news, PollTimeout::try_from(PATIENCE).expect("a short time"));
        assert_eq!(told, Ok(1), "it does not end");
    }
}

/// Leaves and comes back to the end of the program.
pub fn leave(login: &mut Terminal) -> String {
    login.line("exit");
    let said = login.wait("exam finish hands in|handed in", PATIENCE);
    assert!(login.end(PATIENCE).success());
    said
}
