//! Keys that come in handfuls: pasted without brackets, or typed fast over a slow line. None is lost, and each stays in its place.

use std::fs;

use crate::rig::{Learner, PATIENCE, PROMPT};

fn learner() -> Learner {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    learner
}

#[test]
fn lines_pasted_without_brackets_run_in_their_order_however_many() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    let said = learner.place("said");
    let lines: String = (0..150).map(|number| format!("echo {number} >>../said\r")).collect();
    // A command of several lines in the middle and at the end: each is read to its end before it runs.
    lab.keys(&format!("{lines}for a in x y\rdo echo $a >>../said\rdone\recho 'the\rend' >>../said\recho all''done\r"));
    lab.wait("\nalldone\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    let wanted: String = (0..150).map(|number| format!("{number}\n")).collect();
    assert_eq!(fs::read_to_string(said).unwrap_or_default(), wanted + "x\ny\nthe\nend\n");
}

#[test]
fn a_key_alone_and_then_a_handful_are_one_line_and_the_beginning_of_the_next() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    lab.keys("e");
    lab.wait("here> e$", PATIENCE);
    lab.keys("cho fir''st\recho sec''ond\recho th");
    lab.wait("\nfirst\n", PATIENCE);
    lab.wait("\nsecond\n", PATIENCE);
    lab.wait("echo th$", PATIENCE);
    lab.keys("ir''d\r");
    lab.wait("\nthird\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
}

#[test]
fn keys_of_the_line_editor_are_its_own_even_in_a_handful() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    lab.line("echo ag''ain");
    lab.wait("\nagain\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    // Up, Enter.
    lab.keys("\x1b[A\r");
    lab.wait("\nagain\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.keys("wrong\x15echo ri''ght\r");
    lab.wait("\nright\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.keys("echo 'op\r");
    lab.wait("'op", PATIENCE);
    lab.keys("en'\r");
    lab.wait("\nop\nen\n", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.keys("half\x03");
    lab.wait(PROMPT, PATIENCE);
    lab.keys(":qu\t\r");
    assert!(lab.end(PATIENCE).success());
}
