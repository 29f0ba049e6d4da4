//! The learner's own prompt behind the step and the badge.

use super::*;
use crate::screen::{bare, prompt, prompt_again};
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

#[test]
fn a_prompt_that_stands_there_is_renewed_exactly_as_wide_or_not_at_all() {
    let at_step = |step: Option<usize>, badge| PromptFacts {
        progress: step.map(|step| Progress { step, of: 20 }),
        badge,
        play: false,
    };
    for look in [at(80), coloured(80)] {
        for (stood, now, wanted) in [
            (Some(3), Some(4), Some("[4/20 su] lisa$ ")),
            (Some(9), Some(10), Some("[10/20 su]lisa$ ")),
            (Some(20), None, Some("[done su]  lisa$ ")),
            (None, Some(20), Some("[20/20 su]lisa$ ")),
        ] {
            let (stood, now) = (at_step(stood, Badge::Su), at_step(now, Badge::Su));
            let again = prompt_again(&now, &stood, "lisa$ ", &look).map(|text| bare(&text));
            assert_eq!(again.as_deref(), wanted);
            assert_eq!(again.map(|text| text.len()), Some(bare(&prompt(&stood, "lisa$ ", &look)).len()));
        }
        let wider = prompt_again(&at_step(Some(3), Badge::Login), &at_step(Some(3), Badge::Su), "lisa$ ", &look);
        assert_eq!(wider, None);
    }
}
