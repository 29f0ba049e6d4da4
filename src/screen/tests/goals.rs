//! How goals look: what changed, why, and with which evidence.

use insta::assert_snapshot;

use super::*;
use crate::screen::text;

#[test]
fn a_change_says_what_was_wanted_found_and_how_to_see_it() {
    let changes = vec![
        Change { say: "The account conuser1 exists.".into(), now: pass(), lost: false },
        Change { say: "It can log in.".into(), now: fail(), lost: true },
        Change { say: "Its password is conuser1.".into(), now: unknown(), lost: false },
    ];
    let show = Show::Changed { changes, green: 1, of: 3 };
    assert_snapshot!(text(&show, &at(80)), @r"
    ✓ green    The account conuser1 exists.
    ✗ red      It can log in.
               This was green before.
               wanted:  a password that is set
               found:   a locked password
               see:     sudo passwd -S conuser1
    ? unknown  Its password is conuser1.
               Nobody could look: sudo asks for a password
               to look: sudo -v, then :check
    1 of 3 goals green.
    ");
    assert_snapshot!(text(&show, &at(20)), @r"
    ✓ The account
      conuser1 exists.
    ✗ It can log in.
      This was green
        before.
      wanted: a password
        that is
        set
      found: a locked
        password
      see: sudo passwd
        -S conuser1
    ? Its password is
      conuser1.
      Nobody could
        look: sudo asks
        for a password
      to look: sudo -v,
        then
        :check
    1 of 3 goals green.
    ");
    assert_snapshot!(text(&show, &plain(40)), @r"
    [ok] The account conuser1 exists.
    [no] It can log in.
         This was green before.
         wanted:  a password that is set
         found:   a locked password
         see:     sudo passwd -S conuser1
    [??] Its password is conuser1.
         Nobody could look: sudo asks for a
         password
         to look: sudo -v, then :check
    1 of 3 goals green.
    ");
}

#[test]
fn a_goal_that_has_to_stay_so_says_how_long() {
    let time = checkers::time::Span(std::time::Duration::from_secs(2));
    let say = "The container box runs, and goes on running.".to_owned();
    assert_snapshot!(text(&Show::Note(Note::Settles { say: say.clone(), time }), &at(80)), @r"
    The container box runs, and goes on running. It is so now, and counts once it
    has stayed so for 2s.
    ");
    let goals = vec![GoalLine { say, state: GoalState::Settling { verdict: pass(), time } }];
    assert_snapshot!(text(&Show::Why { goals, in_full: false }, &at(80)), @r"
    · open     The container box runs, and goes on running.
               It is so now, and has to stay so for 2s.
    ");
}

#[test]
fn why_shows_the_evidence_of_what_is_not_green() {
    let goals = vec![goal("The account conuser1 exists.", Some(pass())), goal("It can log in.", Some(fail()))];
    assert_snapshot!(text(&Show::Why { goals, in_full: true }, &at(80)), @r"
    ✓ green    The account conuser1 exists.
    ✗ red      It can log in.
               wanted:  a password that is set
               found:   a locked password
               see:     sudo passwd -S conuser1
               seen in: /etc/shadow: conuser1:!:20415
    ");
}

#[test]
fn a_long_path_is_folded_behind_a_slash_and_a_long_command_keeps_in_one_piece() {
    let path = "/home/conuser1/.local/share/containers/storage/overlay-containers/containers.json";
    let see = "cat /home/conuser1/.config/systemd/user/rootless-container.service";
    let verdict = Verdict::fail("a unit", "none", Evidence::file(path, "none")).see(see);
    let show = Show::Why { goals: vec![goal("There is a unit.", Some(verdict))], in_full: true };
    assert_snapshot!(text(&show, &at(80)), @r"
    ✗ red      There is a unit.
               wanted:  a unit
               found:   none
               see:
        cat /home/conuser1/.config/systemd/user/rootless-container.service
               seen in: /home/conuser1/.local/share/containers/storage/
                        overlay-containers/containers.json: none
    ");
}

#[test]
fn one_reason_why_nobody_could_look_is_said_once() {
    let goals = vec![goal("First.", Some(unknown())), goal("Second.", Some(unknown()))];
    let shown = text(&Show::Why { goals, in_full: false }, &at(80));
    assert_eq!(shown.matches("sudo asks for a password").count(), 1, "{shown}");
}
