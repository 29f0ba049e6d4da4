//! A look that the learner asked for and that takes its time: it is said, and ^C ends the waiting and nothing else.

use terminal::Terminal;

use crate::rig::{Learner, PATIENCE, PROMPT, beside, have_root, lesson, one_step};

/// At the prompt of a lesson whose goal is waited for and never comes true.
fn looks_long() -> (Learner, Terminal) {
    let learner = Learner::new();
    let goal = "{within: {time: 18s, check: {path: {path: /nowhere/at/all}}}}";
    learner.lesson("tale", lesson(&one_step(1, &[("file", goal, "")])));
    let lab = learner.at_prompt("tale");
    (learner, lab)
}

#[test]
fn a_key_that_interrupts_while_the_lab_looks_ends_the_waiting_and_not_the_lab() {
    let (_learner, mut lab) = looks_long();
    let begun = std::time::Instant::now();
    lab.line(":check");
    // Nobody edits a line any more.
    while !lab.modes().local_flags.contains(nix::sys::termios::LocalFlags::ICANON) {
        std::thread::yield_now();
    }
    lab.keys("\x1c\x03");
    lab.wait("The lab looks on", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line("echo al''ive");
    lab.wait("\nalive\n", PATIENCE);
    assert!(begun.elapsed() < std::time::Duration::from_secs(15), "{:?}", begun.elapsed());
    lab.wait("nowhere", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
}

#[test]
fn whoever_waits_for_a_look_is_told_so_and_how_to_wait_no_longer() {
    let (_learner, mut lab) = looks_long();
    lab.line(":check");
    lab.wait(r"takes its time, up to 20 seconds\. \^C brings the prompt back\.", PATIENCE);
    lab.keys("\x03");
    lab.wait("The lab looks on", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    // In a shell of its own nobody has to say which prompt.
    if have_root() {
        let mut elsewhere = Terminal::start(beside(&lab, 0, &["check"]), 24, 80);
        elsewhere.wait(r"takes its time, up to 20 seconds\.\n", PATIENCE);
    }
}
