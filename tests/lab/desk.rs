//! The lab's words from elsewhere: another terminal of the same account, of a declared one, of a stranger; with no lab, a killed one,
//! and one in which a full-screen program runs.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::rig::{Learner, PATIENCE, PROMPT, beside, finish, have_root, lesson, one_step, refused};

const WORDS: [&str; 5] = ["check", "hint", "step", "why", "status"];
/// `games`, which the lessons of these tests declare, and `daemon`, which they do not.
const DECLARED: u32 = 5;
const STRANGER: u32 = 1;

fn learner() -> Learner {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    learner
}

#[test]
fn without_a_lab_the_words_say_how_to_open_one() {
    let learner = learner();
    for word in ["hint", "step", "why"] {
        refused(&learner.run(&[word]), 4, "no lab is open.*rootless-lab start");
    }
}

#[test]
fn another_terminal_of_the_same_and_of_a_declared_account_is_answered_and_a_stranger_is_not() {
    if !have_root() {
        return;
    }
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    for uid in [0, DECLARED] {
        for word in WORDS {
            let answer = finish(beside(&lab, uid, &[word]));
            let said = String::from_utf8(answer.stdout).expect("text");
            let code = if word == "check" { 1 } else { 0 };
            let errors = String::from_utf8_lossy(&answer.stderr);
            assert_eq!(answer.status.code(), Some(code), "{word} as {uid}: {said}{errors}");
            assert!(
                said.contains("Number 1") || said.contains("The file of 1") || said.contains("Hint"),
                "{word}: {said}"
            );
            assert!(!said.contains('\x1b'), "{word}: a pipe gets no sequences");
        }
    }
    for (words, has) in [(&["solution"][..], "touch "), (&["man", "mkdir", "-p"], "mkdir")] {
        let answer = finish(beside(&lab, DECLARED, words));
        let said = String::from_utf8(answer.stdout).expect("text");
        assert!(answer.status.success() && said.contains(has), "{words:?}: {said}");
    }
    for word in ["hint", "solution", "step", "why"] {
        let answer = finish(beside(&lab, STRANGER, &[word]));
        refused(&answer, 4, "the lab of root does not answer this account");
        assert!(answer.stdout.is_empty());
    }
    // What moves the lesson on from elsewhere is said in the lab too. The lab may notice the file before it is asked: then
    // the question is about the next step already.
    fs::write(learner.goal(1), "").expect("a file");
    let answer = finish(beside(&lab, DECLARED, &["check"]));
    let said = String::from_utf8(answer.stdout).expect("text");
    let by_asking = answer.status.success() && said.contains("Step 2 of 2");
    assert!(by_asking || said.contains("The file of 2 is there."), "{said}");
    lab.wait("Step 2 of 2", PATIENCE);
    lab.line("echo al''ive");
    lab.wait("\nalive\n", PATIENCE);
}

#[test]
fn a_lab_that_was_killed_leaves_nothing_that_is_in_the_way() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    killpg(Pid::from_raw(lab.pid()), Signal::SIGKILL).expect("a process group");
    lab.end(PATIENCE);
    // The socket of the killed lab: as root it went with its /run; without root it lies in the runtime folder.
    let socket = learner.place("run").join(format!("lab-{}.sock", nix::unistd::geteuid()));
    if !socket.exists() {
        drop(std::os::unix::net::UnixListener::bind(&socket).expect("a socket"));
    }
    refused(&learner.run(&["hint"]), 4, "no lab is open");
    let check = learner.run(&["check", "--lesson", "tale"]);
    assert_eq!(check.status.code(), Some(1));
    let mut lab = learner.at_prompt("tale");
    lab.line("rootless-lab-is-here 2>/dev/null; echo al''ive");
    lab.wait("\nalive\n", PATIENCE);
}

#[test]
fn a_full_screen_program_is_left_alone_while_the_words_are_answered() {
    if !have_root() {
        return;
    }
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    let text: String = (0..500).map(|number| format!("row {number}\n")).collect();
    fs::write(learner.place("home/text"), text).expect("a file");
    lab.line("less text");
    lab.wait("row 20", PATIENCE);
    for word in WORDS {
        let answer = finish(beside(&lab, DECLARED, &[word]));
        assert!(!answer.stdout.is_empty(), "{word}: {}", String::from_utf8_lossy(&answer.stderr));
    }
    fs::write(learner.goal(1), "").expect("a file");
    // The lab may have noticed by itself: then the question is about the next step, whose goal is red.
    let said = String::from_utf8(finish(beside(&lab, DECLARED, &["check"])).stdout).expect("text");
    assert!(said.contains("The file of 1 is there.") || said.contains("The file of 2 is there."), "{said}");
    lab.keys("G");
    lab.wait("row 499", PATIENCE);
    assert!(!lab.screen().contains("Step 2"), "nothing is painted over the program:\n{}", lab.screen());
    lab.keys("q");
    lab.wait("Step 2 of 2", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
}

#[test]
fn a_check_from_another_terminal_ends_with_the_number_of_what_was_found() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let known = format!("{{path: {{path: {}}}}}", learner.goal(1).display());
    let goals = [("known", known.as_str(), ""), ("unknown", "{program: {file: programs/nonsense, as: games}}", "")];
    let programs = learner.lesson("tale", lesson(&one_step(1, &goals))).with_file_name("programs");
    fs::create_dir(&programs).expect("a folder");
    fs::write(programs.join("nonsense"), "#!/bin/sh\necho nonsense\n").expect("a file");
    fs::set_permissions(programs.join("nonsense"), fs::Permissions::from_mode(0o755)).expect("a file");
    let mut lab = learner.at_prompt("tale");
    let check = || finish(beside(&lab, 0, &["check"])).status.code();
    assert_eq!(check(), Some(1), "a goal is red");
    fs::write(learner.goal(1), "").expect("a file");
    assert_eq!(check(), Some(7), "no goal is red, and one is unknown");
    lab.line(":skip");
    lab.wait("The lesson is done", PATIENCE);
    assert_eq!(finish(beside(&lab, 0, &["check"])).status.code(), Some(0), "the lesson is done");
}

#[test]
fn a_check_from_another_terminal_that_takes_its_time_keeps_nobody_from_working() {
    if !have_root() {
        return;
    }
    let learner = Learner::new();
    let goal = "{within: {time: 12s, check: {path: {path: /nowhere/at/all}}}}";
    learner.lesson("tale", lesson(&one_step(1, &[("file", goal, "")])));
    let mut lab = learner.at_prompt("tale");
    let mut check = beside(&lab, 0, &["check"]).stdout(Stdio::null()).spawn().expect("the program");
    let mut longest = Duration::ZERO;
    while check.try_wait().expect("a child").is_none() {
        let begun = Instant::now();
        lab.line("true");
        lab.wait(PROMPT, PATIENCE);
        longest = longest.max(begun.elapsed());
    }
    assert!(longest < Duration::from_secs(6), "a line took {longest:?}");
}

#[test]
fn what_is_noticed_while_a_command_runs_stands_before_what_comes_of_it() {
    let learner = learner();
    let goals = [1, 2].map(|number| format!("{{path: {{path: {}}}}}", learner.goal(number).display()));
    let first = one_step(1, &[("file", &goals[0], "once: true"), ("other", &goals[1], "")]);
    let last = one_step(2, &[("file", "{path: {path: /nowhere}}", "")]);
    learner.lesson("two", lesson(&(first + &last)));
    let mut lab = learner.at_prompt("two");
    lab.line(&format!(
        "touch {}; echo ma''de; read -r; touch {}",
        learner.goal(1).display(),
        learner.goal(2).display()
    ));
    lab.wait("\nmade", PATIENCE);
    let until = Instant::now() + PATIENCE;
    while !learner.record("two").is_some_and(|record| record.seen.contains("file")) {
        assert!(Instant::now() < until, "it is noticed while the command runs");
        std::thread::yield_now();
    }
    lab.line("");
    lab.wait("Step 2 of 2", PATIENCE);
    // Where the command is slow to print, a shell seems to wait, and what was noticed is said at once.
    let said = lab.all();
    let place = |text: &str| said.find(&format!("green    {text}")).unwrap_or_else(|| panic!("{text}: {said}"));
    assert!(place("The file of 1 is there.") < place("The other of 1 is there."), "{said}");
}

#[test]
fn nonsense_at_the_desk_harms_nobody() {
    if !have_root() {
        return;
    }
    let learner = learner();
    // Without root's own /run the socket can be met from here: it lies where XDG_RUNTIME_DIR says.
    let mut lab = learner.at_prompt("tale");
    let path = format!("/proc/{}/root/run/rootless-lab/lab-0.sock", lab.pid());
    let connect = || UnixStream::connect(&path).expect("a desk");
    for nonsense in [&b"\n"[..], b"{}\n", b"\xff\xfe\n", b"{\"word\":\":quit\"}\n", &[b'x'; 100_000]] {
        // It may be closed before everything is written.
        let _ = connect().write_all(nonsense);
    }
    // Somebody who connects and says nothing does not shut others out for long.
    let silent = connect();
    let begun = Instant::now();
    let answer = finish(beside(&lab, 0, &["hint"]));
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    drop(silent);
    lab.line("echo al''ive");
    lab.wait("\nalive\n", PATIENCE);
}
