//! Where a candidate sits in these tests: an exam of two files on the shelf, a login with its clock, and what is on record afterwards.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use rootless_lab::exam::{Attempt, Attempts, Candidate, Folder, Found, Machine, Reading, Started};
use terminal::Terminal;

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
        let text = fs::read_to_string(self.exam("trial", 15).join("exam.yaml")).expect("a file");
        let mut at = Reading::now().expect("clocks");
        at.wall -= i64::try_from(ago * 1_000_000).expect("a short time");
        match boot {
            // That kernel had run as long as this one has: only the wall clock tells of the time between.
            Some(boot) => at.boot = boot.to_owned(),
            None => (at.up, at.awake) = (at.up - ago * 1_000_000, at.awake - ago * 1_000_000),
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

pub fn until(what: &str, mut is: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + PATIENCE;
    while !is() {
        assert!(std::time::Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn is_alive(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Leaves and comes back to the end of the program.
pub fn leave(login: &mut Terminal) -> String {
    login.line("exit");
    let said = login.wait("exam finish hands in|handed in", PATIENCE);
    assert!(login.end(PATIENCE).success());
    said
}
