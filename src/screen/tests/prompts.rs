//! The learner's own prompt behind the step and the badge.

use super::*;
use crate::screen::{bare, prompt};
use crate::session::{Badge, PromptFacts};

fn facts(badge: Badge) -> PromptFacts {
    PromptFacts { progress: Some(Progress { step: 3, of: 20 }), badge, play: false }
}

#[test]
fn the_step_and_what_the_shell_is_stand_before_the_own_prompt() {
    assert_eq!(prompt(&facts(Badge::Su), "[conuser1@lab ~]$ ", &at(80)), "[3/20 su] [conuser1@lab ~]$ ");
    assert_eq!(prompt(&facts(Badge::Login), "$ ", &at(80)), "[3/20 login] $ ");
    assert_eq!(prompt(&facts(Badge::Unknown), "$ ", &at(80)), "[3/20] $ ");
    let done = PromptFacts { progress: None, badge: Badge::Sudo, play: true };
    assert_eq!(prompt(&done, "# ", &at(80)), "[done sudo play] # ");
}

#[test]
fn a_title_and_the_marks_of_bash_go_and_colours_stay() {
    let debian = "\x01\x1b]0;lisa@lab: ~\x07\x02\x01\x1b[01;32m\x02lisa@lab\x01\x1b[00m\x02:~$ ";
    let line = prompt(&facts(Badge::Login), debian, &coloured(80));
    assert_eq!(line, "\x1b[1;36m[3/20 login]\x1b[0m \x1b[01;32mlisa@lab\x1b[00m:~$ ");
    assert_eq!(bare(&line), "[3/20 login] lisa@lab:~$ ");
    assert_eq!(prompt(&facts(Badge::Login), debian, &at(80)), "[3/20 login] lisa@lab:~$ ");
}

#[test]
fn a_prompt_of_several_lines_keeps_them_and_an_empty_first_line_stays_first() {
    assert_eq!(prompt(&facts(Badge::Su), "\n~/src\n> ", &at(80)), "\n[3/20 su] ~/src\n> ");
}

#[test]
fn a_title_without_an_end_takes_nothing_but_the_prompt_with_it() {
    assert_eq!(prompt(&facts(Badge::Su), "\x1b]0;never ended", &coloured(80)), "\x1b[1;36m[3/20 su]\x1b[0m ");
    assert_eq!(prompt(&facts(Badge::Su), "\x1b", &at(80)), "[3/20 su] ");
    assert_eq!(prompt(&facts(Badge::Su), "\x1b[é$ ", &at(80)), "[3/20 su] é$ ");
}
