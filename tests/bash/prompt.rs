//! The lab's prompt as a person sees it: the lab itself in a terminal, at a lesson that is not judged.

use std::os::unix::fs::PermissionsExt;

use crate::person::Person;

const WAITS: &str = "\u{1b}[?2004h";

#[test]
fn tab_asks_the_machine_and_the_lab_words() {
    let mut lab = Person::sits_down("");
    lab.types("complete -W 'start stop status' svc; mkdir 'a folder'\r");
    lab.sees(WAITS);
    // As in bash: the second TAB lists.
    lab.types("svc sta\t\t");
    lab.sees("start");
    lab.sees("status");
    lab.types("\u{3}");
    lab.sees(WAITS);
    lab.types("cd a\t\r");
    lab.sees(WAITS);
    lab.types("basename \"$PWD\"\r");
    lab.sees_printed("a folder\r\n");
    lab.sees(WAITS);
    // A folder, whichever way it is named.
    lab.types("ls -d ~daem\t");
    lab.sees("~daemon/");
    lab.types("\u{3}");
    lab.sees(WAITS);
    lab.types(":hi\t");
    lab.sees(":hint ");
}

#[test]
fn an_output_that_ends_in_the_middle_of_a_line_is_left_to_be_read() {
    let mut lab = Person::sits_down("");
    lab.types("printf 'ab%s' c\r");
    lab.sees_printed("abc\r\n");
    lab.sees(WAITS);
    lab.sees_on_screen("\nabc\n[");
}

#[test]
fn a_bash_that_ends_unasked_is_followed_by_another_one_and_one_that_was_left_is_not() {
    let mut lab = Person::sits_down("");
    for line in ["exec sh -c 'echo ne''w; exit 5'", "set -e; sh -c 'exit 5'"] {
        lab.types(&format!("{line}\r"));
        lab.sees("That bash ended with status 5.");
        lab.sees(WAITS);
        lab.types("echo al''ive\r");
        lab.sees_printed("alive\r\n");
        lab.sees(WAITS);
    }
    for line in ["exit", "exit 3", "cd /; exit", "sleep 9 & exit", "true && logout || exit", "\u{4}"] {
        let mut lab = Person::sits_down("");
        lab.types(&format!("{line}{}", if line == "\u{4}" { "" } else { "\r" }));
        lab.sees("Saved at step 1.");
        lab.ends();
    }
}

#[test]
fn a_coloured_prompt_is_shown_and_counted_by_what_is_seen() {
    let mut lab = Person::sits_down("PS1='\\[\\e[1;32m\\]me\\[\\e[0m\\]:\\[\\e[1;34m\\]\\W\\[\\e[0m\\]\\$ '");
    lab.types("true\r");
    lab.sees(WAITS);
    lab.sees("\u{1b}[1;32mme\u{1b}[0m:");
    lab.types("echo abc");
    lab.sees_on_screen("# echo abc");
    // Where the cursor stands is where the text ends: `[1/1 …] me:~# ` and eight letters.
    let line = lab.cursor_line();
    assert_eq!(lab.cursor_column(), line.trim_end().chars().count(), "{line:?}");
}

#[test]
fn a_here_document_is_one_submission_and_ctrl_c_throws_a_line_away() {
    let mut lab = Person::sits_down("");
    lab.types("cat <<E\rone\rE\r");
    lab.sees_printed("one\r\n");
    lab.sees(WAITS);
    // What came behind it in one breath is not thrown away.
    lab.types("echo thrown away\u{3}echo first\recho thrown too\u{3}");
    lab.sees_printed("first\r\n");
    lab.sees(WAITS);
    lab.types("\u{3}if true\rthen\u{3}echo kept\r");
    lab.sees_printed("kept\r\n");
}

#[test]
fn the_history_is_kept_through_a_sudden_end_and_read_again() {
    let mut lab = Person::sits_down("");
    lab.types("echo 'one\rtwo' \\\\\r");
    lab.sees("\ntwo \\\r\n");
    lab.sees(WAITS);
    lab.kill();
    let history = lab.history();
    assert_eq!(std::fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
    let mut lab = lab.sits_down_again();
    // The word that was typed on sitting down comes first.
    lab.types("\u{10}\u{10}");
    lab.sees("two");
    lab.types("\r");
    lab.sees("\ntwo \\\r\n");
}

#[test]
fn a_background_job_is_heard_above_the_line_that_is_edited() {
    let mut lab = Person::sits_down("");
    lab.types("(sleep 0.3; echo from behind; seq 30000 >/dev/tty; echo done >done) &\r");
    lab.sees(WAITS);
    lab.types("echo half");
    lab.sees("from behind");
    lab.sees("30000");
    lab.sees_on_screen("$ echo half");
    lab.types(" a line\r");
    lab.sees_printed("half a line\r\n");
    lab.sees(WAITS);
    lab.types("cat done\r");
    lab.sees_printed("done\r\n");
}

#[test]
fn the_terminal_is_given_back_when_the_lab_is_told_to_end() {
    for busy in [false, true] {
        let mut lab = Person::sits_down("");
        let before = lab.modes_before();
        if busy {
            lab.types("sh -c 'stty raw -echo; echo raw; sleep 20'\r");
            // Not the echo of what was typed: what the program prints once it has the terminal.
            lab.sees_printed("raw");
        }
        lab.told(nix::sys::signal::Signal::SIGTERM);
        lab.ends();
        assert_eq!(lab.modes(), before, "busy: {busy}");
    }
}

/// Each line makes the terminal raw and gives it back several times: one of many ends falls between.
#[test]
fn the_terminal_is_given_back_whenever_the_lab_is_told_to_end() {
    for nth in 0..60 {
        let mut lab = Person::sits_down("");
        let before = lab.modes_before();
        lab.types(&"true\r".repeat(150));
        for _ in 0..nth {
            lab.sees(WAITS);
        }
        lab.told(nix::sys::signal::Signal::SIGTERM);
        lab.ends();
        assert_eq!(lab.modes(), before, "told at prompt {nth}");
    }
}

#[test]
fn a_new_size_reaches_the_line_that_is_edited_and_then_bash() {
    let mut lab = Person::sits_down("");
    lab.types("stty si");
    lab.resize(30, 100);
    lab.types("ze\r");
    lab.sees_printed("30 100\r\n");
}
