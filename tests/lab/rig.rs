//! A learner of a test's own: a home, lessons whose goals are files, and the program as it is built, in a terminal or without one.
//! As root every program gets a `/run` of its own, so that labs of other tests and of this host are neither met nor touched.

// A test's support may fail a test.
#![allow(clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use rootless_lab::session::Record;
use rootless_lab::store::Store;
use terminal::Terminal;

/// How long anything may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// The lab's prompt at the end of what is shown.
pub const PROMPT: &str = r"\[(\d+/\d+|done)[^\]\n]*\] *here> $";

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_rootless-lab");

/// A learner with a home; everything goes when this is dropped.
pub struct Learner {
    folder: tempfile::TempDir,
}

impl Learner {
    /// A learner whose bash says `here> ` when it waits.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("learner-").tempdir().expect("a folder");
        // Goals are looked at with the eyes of an account that has no rights.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("a folder of mine");
        let learner = Self { folder };
        for place in ["home", "lessons", "state"] {
            fs::create_dir(learner.place(place)).expect("a folder");
        }
        fs::DirBuilder::new().create(learner.place("run")).expect("a folder");
        learner.bashrc("PS1='here> '\n");
        learner
    }

    /// A place below the learner's own folder.
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces `~/.bashrc`.
    pub fn bashrc(&self, text: impl AsRef<[u8]>) {
        fs::write(self.place("home/.bashrc"), text).expect("a file");
    }

    /// Puts a lesson on the shelf.
    pub fn lesson(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let folder = self.place("lessons").join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("lesson.yaml");
        fs::write(&file, text).expect("a file");
        file
    }

    /// A lesson of so many steps; step N wants the file `goal-N` in the learner's folder.
    pub fn files_lesson(&self, name: &str, steps: usize) {
        let goal = |step: usize| format!("{{path: {{path: {}}}}}", self.goal(step).display());
        let steps: String = (1..=steps).map(|step| one_step(step, &[("file", &goal(step), "lasting: true")])).collect();
        self.lesson(name, lesson(&steps));
    }

    /// The file that a step wants.
    pub fn goal(&self, step: usize) -> PathBuf {
        self.place(&format!("goal-{step}"))
    }

    /// The record of a lesson, as the next start finds it.
    pub fn record(&self, lesson: &str) -> Option<Record> {
        self.store(lesson).look().expect("a record that can be read")
    }

    /// Where the record of a lesson is kept.
    pub fn store(&self, lesson: &str) -> Store {
        Store::new(&self.place("state"), lesson)
    }

    /// Gives everything of the learner's to another account.
    pub fn belongs_to(&self, uid: u32) {
        let give = Command::new("chown").arg("-R").arg(uid.to_string()).arg(self.folder.path()).status();
        assert!(give.expect("chown").success());
    }

    /// The program with these arguments and the learner's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.agree();
        let mut command = Command::new(PROGRAM);
        command.args(arguments);
        self.dress(&mut command);
        command
    }

    /// Agrees to all lessons on the shelf as they are now: most tests are about something else.
    fn agree(&self) {
        let agreed = rootless_lab::store::Agreed::new(&self.place("state"));
        for name in names(&self.place("lessons")) {
            let folder = self.place("lessons").join(name).canonicalize().expect("a folder");
            if let Ok(digest) = rootless_lab::lesson::digest(&folder) {
                agreed.keep(&folder, &digest).expect("it is kept");
            }
        }
    }

    /// Gives any command the learner's environment, and as root a `/run` of its own.
    pub fn dress(&self, command: &mut Command) {
        command.env_clear();
        for (name, place) in [
            ("HOME", "home"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
            ("ROOTLESS_LAB_PATH", "lessons"),
        ] {
            command.env(name, self.place(place));
        }
        command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").env("LANG", "C.UTF-8");
        command.env("SHELL", "/bin/bash").current_dir(self.place("home"));
        if is_root() {
            apart(command);
        }
    }

    /// The lab with a lesson in a terminal of 24×80.
    pub fn start(&self, lesson: &str) -> Terminal {
        Terminal::start(self.command(&["start", "--here", lesson]), 24, 80)
    }

    /// The lab at its first prompt.
    pub fn at_prompt(&self, lesson: &str) -> Terminal {
        let mut lab = self.start(lesson);
        lab.wait(PROMPT, PATIENCE);
        lab
    }

    /// Runs the program without a terminal and without input, to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        finish(self.command(arguments))
    }
}

/// Runs a command without input to its end; one that hangs fails the test.
pub fn finish(mut command: Command) -> Output {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let (mut out, mut errors) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
    let pid = nix::unistd::Pid::from_raw(child.id() as i32);
    let (ended, end) = std::sync::mpsc::channel();
    let readers = [
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = out.read_to_end(&mut text);
            text
        }),
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = errors.read_to_end(&mut text);
            text
        }),
    ];
    std::thread::spawn(move || ended.send(child.wait()));
    let Ok(status) = end.recv_timeout(PATIENCE) else {
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        panic!("it hangs: {command:?}");
    };
    let [stdout, stderr] = readers.map(|reader| reader.join().expect("a reader"));
    Output { status: status.expect("a child"), stdout, stderr }
}

/// The one line and the way out that an error is, with its exit code.
#[track_caller]
pub fn refused(output: &Output, code: i32, wanted: &str) -> String {
    let said = String::from_utf8(output.stderr.clone()).expect("text");
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(!said.contains('\x1b'), "a pipe gets no escape sequences: {said:?}");
    let last = said
        .lines()
        .position(|line| line.starts_with("rootless-lab: "))
        .unwrap_or_else(|| panic!("no error line: {said}"));
    let error: Vec<&str> = said.lines().skip(last).collect();
    assert!(error.iter().any(|line| line.starts_with("-> ") || line.starts_with("→ ")), "no way out: {said}");
    let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let pattern = regex::Regex::new(wanted).expect("a regular expression");
    assert!(pattern.is_match(&flat), "`{wanted}` is not in: {flat}");
    said
}

/// True when this test has root's rights.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// True with root's rights; says aloud that a test is skipped without them. Under `CI` a skip is a failure.
pub fn have_root() -> bool {
    if !is_root() {
        terminal::skipped("this test changes accounts or mounts and needs root");
    }
    is_root()
}

/// A mount namespace of the command's own, with an empty `/run`.
fn apart(command: &mut Command) {
    let aside = || {
        unshare(CloneFlags::CLONE_NEWNS)?;
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)?;
        mount(Some("tmpfs"), "/run", Some("tmpfs"), MsFlags::empty(), Some("mode=755"))?;
        Ok(())
    };
    // SAFETY: between fork and exec it makes system calls only; nix copies such short paths to the stack.
    unsafe { command.pre_exec(aside) };
}

/// Words that become a command run as another account, in the mount namespace of a running program.
pub fn beside(lab: &Terminal, uid: u32, arguments: &[&str]) -> Command {
    let mut command = Command::new("nsenter");
    command.arg("-t").arg(lab.pid().to_string()).args(["-m", "--", "sh", "-c"]);
    // By its descriptor: another account may not come by the path of a checkout.
    let ids = format!("--reuid={uid} --regid={uid} --clear-groups");
    command.arg(format!(r#"exec 9<"$0"; exec setpriv {ids} -- /proc/self/fd/9 "$@""#)).arg(PROGRAM).args(arguments);
    command.env("LANG", "C.UTF-8").env_remove("XDG_RUNTIME_DIR").current_dir("/");
    command
}

/// A whole lesson from its steps.
pub fn lesson(steps: &str) -> String {
    format!(
        "format: 1\ntitle: Files\nsummary: A few files are made.\naccounts:\n  - {{name: games, role: member}}\nsteps:\n{steps}"
    )
}

/// A step with goals: an id, a check and more keys each.
pub fn one_step(number: usize, goals: &[(&str, &str, &str)]) -> String {
    let mut text =
        format!("  - id: step-{number}\n    title: Number {number}\n    text: Make the file {number}.\n    goals:\n");
    for (id, check, more) in goals {
        let _ = write!(text, "      - id: {id}\n        say: The {id} of {number} is there.\n        check: {check}\n");
        if !more.is_empty() {
            let _ = writeln!(text, "        {more}");
        }
    }
    text + "    hints: [Look., Think., Touch it.]\n    solution:\n      - lines: [touch it]\n"
}

/// Which steps a text says the learner is at, one after the other.
pub fn steps_shown(text: &str) -> Vec<usize> {
    let pattern = regex::Regex::new(r"Step (\d+) of \d+").expect("a regular expression");
    pattern.captures_iter(text).map(|found| found[1].parse().expect("a number")).collect()
}

/// The files in a folder, by name.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
