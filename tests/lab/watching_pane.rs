//! `rootless-lab watch`: the lab in one pane, hosted by itself or attached to an open one, for several watchers at once, as a log, and
//! with a terminal that is always left as it was.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use terminal::Terminal;

use crate::rig::{Learner, PATIENCE, PROMPT, beside, finish, have_root, one_step};

const DECLARED: u32 = 5;
const STRANGER: u32 = 1;
const KEYS: &str = "n next · h hint 0/3 · m manual · w why · q quit";

fn learner() -> Learner {
    let learner = Learner::new();
    learner.files_lesson("tale", 3);
    learner
}

fn watch(learner: &Learner, rows: u16, columns: u16) -> Terminal {
    Terminal::start(learner.command(&["watch", "--here", "tale"]), rows, columns)
}

/// A watch in a shell of its own, beside a lab that is open.
fn attached(lab: &Terminal, arguments: &[&str]) -> Terminal {
    Terminal::start(beside(lab, nix::unistd::geteuid().as_raw(), arguments), 24, 80)
}

#[test]
fn a_goal_turns_green_in_the_pane_when_its_file_appears_and_the_next_step_comes() {
    let learner = learner();
    let mut pane = watch(&learner, 24, 80);
    pane.wait("Step 1 of 3 · Number 1", PATIENCE);
    pane.wait("✗ red +The file of 1 is there", PATIENCE);
    assert!(pane.screen().contains("Make the file 1."), "{}", pane.screen());
    assert!(pane.screen().lines().last().is_some_and(|last| last == KEYS), "{}", pane.screen());
    fs::write(learner.goal(1), "").expect("a file");
    pane.wait("Step 2 of 3 · Number 2", PATIENCE);
    pane.wait("✓ Done: Number 1", PATIENCE);
    let modes = pane.modes();
    pane.keys("q");
    pane.wait("Saved at step 2", PATIENCE);
    assert!(pane.end(PATIENCE).success());
    assert_ne!(pane.modes(), modes, "the keys are read one by one only while it runs");
    assert_eq!(learner.record("tale").and_then(|record| record.step).as_deref(), Some("step-2"));
}

#[test]
fn keys_ask_for_hints_the_reason_and_the_next_step_and_skip_only_when_asked_twice() {
    let learner = learner();
    let mut pane = watch(&learner, 24, 80);
    // A first look that comes later would take a text that was asked for off the pane.
    pane.wait("✗ red", PATIENCE);
    pane.wait(KEYS, PATIENCE);
    pane.keys("h");
    pane.wait("Hint 1 of 3", PATIENCE);
    pane.keys("h");
    pane.wait("Hint 2 of 3", PATIENCE);
    assert!(pane.screen().contains("h hint 2/3"), "{}", pane.screen());
    pane.keys("w");
    pane.wait(r"seen in: +\S*goal-1", PATIENCE);
    pane.wait("any key back", PATIENCE);
    pane.keys("x");
    pane.wait("Make the file 1", PATIENCE);
    pane.keys("m");
    pane.wait("This step has no man page", PATIENCE);
    pane.keys("xn");
    pane.wait("n once more leaves this step out", PATIENCE);
    pane.keys("hn");
    pane.wait("n once more leaves this step out", PATIENCE);
    assert!(pane.screen().contains("Step 1 of 3"), "another key between takes it back:\n{}", pane.screen());
    pane.keys("n");
    pane.wait("Step 2 of 3", PATIENCE);
    pane.wait("Skipped: Number 1", PATIENCE);
    pane.keys("\x04");
    assert!(pane.end(PATIENCE).success());
    let record = learner.record("tale").expect("a record");
    assert!(record.skipped.contains("step-1"), "{record:?}");
}

#[test]
fn it_is_legible_at_40_columns_and_in_12_rows_and_follows_a_resize() {
    let learner = learner();
    let mut pane = watch(&learner, 12, 40);
    pane.wait("n next  h hint 0/3  m man  w why  q quit", PATIENCE);
    let screen = pane.screen();
    for wanted in ["Step 1 of 3 · Number 1", "The file of 1", "Make the file 1."] {
        assert!(screen.contains(wanted), "{wanted}:\n{screen}");
    }
    pane.resize(24, 100);
    pane.wait(KEYS, PATIENCE);
    pane.resize(5, 20);
    pane.wait("Step 1 of 3", PATIENCE);
    pane.wait("more", PATIENCE);
    pane.keys("jj");
    pane.wait("↑ 2 more", PATIENCE);
    pane.keys("q");
    assert!(pane.end(PATIENCE).success());
}

#[test]
fn what_is_typed_elsewhere_is_unknown_to_a_lab_without_a_shell_and_never_red() {
    let learner = Learner::new();
    let typed = one_step(1, &[("typed", "{command: {run: id}}", "once: true")]);
    learner.lesson("tale", crate::rig::lesson(&typed));
    let mut pane = watch(&learner, 24, 80);
    pane.wait(r"\? unknown +The typed of 1", PATIENCE);
    pane.wait("only a lab with a shell of its own sees what is\\s+typed", PATIENCE);
    assert!(!pane.all().contains("red"), "{}", pane.all());
}

#[test]
fn in_plain_mode_it_is_a_log_without_any_sequence_and_the_keys_are_there_all_the_same() {
    let learner = learner();
    let mut log = Terminal::start(learner.command(&["--plain", "watch", "--here", "tale"]), 24, 80);
    log.wait(r"\d\d:\d\d:\d\d Step 1 of 3: Number 1\n", PATIENCE);
    log.wait(r"\d\d:\d\d:\d\d red: The file of 1 is there\.\n", PATIENCE);
    log.keys("h");
    log.wait("hint 1 of 3: Look", PATIENCE);
    log.keys("w");
    log.wait(r"\[no\] The file of 1", PATIENCE);
    fs::write(learner.goal(1), "").expect("a file");
    log.wait("green: The file of 1 is there", PATIENCE);
    log.wait("done: Number 1", PATIENCE);
    log.wait("Step 2 of 3: Number 2", PATIENCE);
    log.keys("q");
    assert!(log.end(PATIENCE).success());
    assert!(!log.raw().contains(&0x1b), "{:?}", log.all());
}

#[test]
fn without_a_terminal_it_is_a_log_that_ends_in_peace_at_an_interrupt() {
    let learner = learner();
    let mut command = learner.command(&["watch", "--here", "tale"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|line| line.expect("text"));
    assert!(lines.any(|line| line.ends_with("red: The file of 1 is there.")));
    fs::write(learner.goal(1), "").expect("a file");
    assert!(lines.any(|line| line.ends_with("Step 2 of 3: Number 2")));
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).expect("it lives");
    assert!(lines.any(|line| line.contains("Saved at step 2")));
    assert!(child.wait().expect("a child").success());
}

#[test]
fn a_log_that_nobody_reads_any_more_ends_by_itself() {
    let learner = learner();
    let mut command = learner.command(&["watch", "--here", "tale"]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|line| line.expect("text"));
    assert!(lines.any(|line| line.ends_with("Step 1 of 3: Number 1")));
    drop(lines);
    assert!(child.wait().expect("a child").success());
}

#[test]
fn a_suspended_watch_leaves_the_terminal_to_the_shell_and_comes_back() {
    let learner = learner();
    let mut shell = Command::new("bash");
    shell.args(["--norc", "-i"]);
    learner.dress(&mut shell);
    shell.env("PS1", "shell> ").env("PATH", format!("{}:/usr/bin:/bin", bin()));
    let mut shell = Terminal::start(shell, 24, 80);
    shell.wait("shell> $", PATIENCE);
    shell.line("stty -a | grep -o -- '-\\?icanon -\\?iexten'; rootless-lab watch --here --yes tale");
    shell.wait(KEYS, PATIENCE);
    shell.keys("\x1a");
    shell.wait(r"Stopped[^\n]*\n(?s).*shell> $", PATIENCE);
    assert!(shell.all().contains("icanon"));
    assert!(!shell.screen().contains("Step 1"), "the other screen is left:\n{}", shell.screen());
    shell.line("echo al''ive; stty -a | tr ' ;' '\\n\\n' | grep icanon; fg");
    shell.wait("\nalive\nicanon\n", PATIENCE);
    shell.wait(KEYS, PATIENCE);
    shell.until("the pane", PATIENCE, |screen| screen.contents().contains("Step 1 of 3"));
    shell.keys("\x03");
    shell.wait("Saved at step 1", PATIENCE);
    shell.wait("shell> $", PATIENCE);
    shell.line("stty -a | tr ' ;' '\\n\\n' | grep -x echo");
    shell.wait("\necho\n", PATIENCE);
}

fn bin() -> String {
    let program = std::path::Path::new(crate::rig::PROGRAM);
    program.parent().map(|folder| folder.display().to_string()).unwrap_or_default()
}

#[test]
fn a_terminated_watch_puts_the_terminal_back_and_leaves_no_socket() {
    let learner = learner();
    let mut pane = watch(&learner, 24, 80);
    pane.wait(KEYS, PATIENCE);
    kill(Pid::from_raw(pane.pid()), Signal::SIGTERM).expect("it lives");
    let status = pane.end(PATIENCE);
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(Signal::SIGTERM as i32));
    let raw = String::from_utf8_lossy(&pane.raw()).into_owned();
    assert!(raw.contains("\x1b[?1049l") && raw.contains("\x1b[?25h"), "{raw:?}");
    use nix::sys::termios::LocalFlags;
    assert!(pane.modes().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
    assert_eq!(crate::rig::names(&learner.place("run")), [] as [String; 0]);
}

#[test]
fn several_watch_one_lab_each_in_its_own_width_and_one_that_dies_holds_up_nobody() {
    if !have_root() {
        return;
    }
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    let mut first = attached(&lab, &["watch"]);
    first.wait(KEYS, PATIENCE);
    let mut second = Terminal::start(beside(&lab, DECLARED, &["watch"]), 12, 40);
    second.wait("n next  h hint 0/3", PATIENCE);
    let mut dies = attached(&lab, &["watch"]);
    dies.wait(KEYS, PATIENCE);
    kill(Pid::from_raw(dies.pid()), Signal::SIGSTOP).expect("it lives");
    // A hint is shared, whoever asks.
    second.keys("h");
    second.wait("hint 1/3", PATIENCE);
    first.wait("Hint 1 of 3", PATIENCE);
    lab.line(":hint");
    lab.wait("Hint 2 of 3", PATIENCE);
    first.wait("Hint 2 of 3", PATIENCE);
    killpg(Pid::from_raw(dies.pid()), Signal::SIGKILL).expect("it lives");
    dies.end(PATIENCE);
    // Another account looks and asks, and leaves no step out.
    second.keys("nn");
    second.wait(":skip is a word for the lab", PATIENCE);
    first.keys("nn");
    first.wait("Step 2 of 3", PATIENCE);
    second.wait("Step 2 of 3", PATIENCE);
    lab.wait("Step 2 of 3", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(&format!("touch {}", learner.goal(2).display()));
    for pane in [&mut first, &mut second] {
        pane.wait("Step 3 of 3", PATIENCE);
        pane.wait("Done: Number 2", PATIENCE);
    }
    // A stranger is shown nothing, and has no lab of their own to watch.
    let answer = finish(beside(&lab, STRANGER, &["watch", "no-such-lesson"]));
    assert!(matches!(answer.status.code(), Some(3 | 4)) && answer.stdout.is_empty(), "{answer:?}");
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    for pane in [&mut first, &mut second] {
        pane.wait("The lab was closed", PATIENCE);
        assert!(pane.end(PATIENCE).success());
    }
}

#[test]
fn a_lab_that_dies_is_said_and_ends_the_watch_with_its_own_number() {
    if !have_root() {
        return;
    }
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    let mut pane = attached(&lab, &["watch"]);
    pane.wait(KEYS, PATIENCE);
    killpg(Pid::from_raw(lab.pid()), Signal::SIGKILL).expect("a process group");
    lab.end(PATIENCE);
    pane.wait("the lab is gone: it ended without a word", PATIENCE);
    assert_eq!(pane.end(PATIENCE).code(), Some(6));
}

#[test]
fn a_watch_that_hosts_the_lab_answers_the_words_and_other_watchers_and_is_in_the_way_of_another_lab() {
    if !have_root() {
        return;
    }
    let learner = learner();
    let mut pane = watch(&learner, 24, 80);
    pane.wait(KEYS, PATIENCE);
    let answer = finish(beside(&pane, DECLARED, &["check"]));
    let said = String::from_utf8(answer.stdout).expect("text");
    assert_eq!(answer.status.code(), Some(1), "{said}");
    assert!(said.contains("The file of 1"), "{said}");
    let mut other = attached(&pane, &["watch"]);
    other.wait(KEYS, PATIENCE);
    fs::write(learner.goal(1), "").expect("a file");
    other.wait("Step 2 of 3", PATIENCE);
    let mut lab = learner.start("tale");
    lab.wait("another lab|is open in|going on", PATIENCE);
    assert_eq!(lab.end(PATIENCE).code(), Some(5));
    pane.keys("q");
    assert!(pane.end(PATIENCE).success());
    other.wait("The lab was closed", PATIENCE);
}
