//! `:where` and `:login`: who the learner really is, asked at the lab's prompt, in a nested shell's stead and without a lab.

use crate::rig::{Learner, PATIENCE, PROMPT, beside, finish, have_root};

/// `games`, which the lessons of these tests declare.
const DECLARED: u32 = 5;

fn learner() -> Learner {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    learner
}

#[test]
fn the_way_to_the_labs_own_shell_is_drawn_and_to_the_shell_that_asks_from_elsewhere() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    lab.line(":where");
    let said = lab.wait(r"you are here(?s).*runtime|you are here(?s).*XDG_RUNTIME_DIR[^\n]*\n", PATIENCE);
    assert!(said.contains("(bash, process "), "{said}");
    lab.wait(PROMPT, PATIENCE);
    if !have_root() {
        return;
    }
    let answer = finish(beside(&lab, DECLARED, &["where"]));
    let said = String::from_utf8(answer.stdout).expect("text");
    assert!(answer.status.success() && said.contains("games, "), "{said}");
    assert!(said.contains("you are here") && !said.contains('\x1b'), "{said}");
}

#[test]
fn without_a_lab_the_way_is_drawn_all_the_same() {
    let learner = learner();
    let answer = learner.run(&["where"]);
    let said = String::from_utf8(answer.stdout).expect("text");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    assert!(said.contains("you are here") && said.contains("XDG_RUNTIME_DIR"), "{said}");
}

#[test]
fn a_login_that_cannot_be_is_one_clear_line_and_nothing_runs() {
    let learner = learner();
    let mut lab = learner.at_prompt("tale");
    for (word, said) in [
        (":login", "This lesson makes no account. Name one: :login ACCOUNT"),
        (":login nobody-of-that-name", r"There is no account nobody-of-that-name on this machine"),
        (":login -v;id", "There is no account -v;id on this machine"),
        (":login a b", r":login a b is not a word of the lab. Is :login meant\?"),
    ] {
        lab.line(word);
        lab.wait(said, PATIENCE);
        lab.wait(PROMPT, PATIENCE);
    }
    lab.keys(":login ga\t");
    lab.wait(":login games", PATIENCE);
}
