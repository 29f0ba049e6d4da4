//! The way to a shell, drawn: legible without colour, at 80 and at 40 columns, and plain.

use insta::assert_snapshot;

use super::*;
use crate::screen::text;

fn is(what: &str, whose: &str, own: bool) -> Told {
    Told::Is { what: what.into(), whose: Some(whose.into()), own }
}

fn lisa() -> Link {
    Link {
        by: vec![By::Ssh],
        account: "lisa".into(),
        pid: 812,
        program: "bash".into(),
        session: is("4", "lisa", true),
        runtime_dir: is("/run/user/1000", "lisa", true),
        bus: is("/run/user/1000/bus", "lisa", true),
    }
}

fn after_su() -> Vec<Link> {
    let conuser1 = Link {
        by: vec![By::Su],
        account: "conuser1".into(),
        pid: 841,
        session: is("4", "lisa", false),
        runtime_dir: is("/run/user/1000", "lisa", false),
        bus: Told::Is { what: "/run/user/1000/bus".into(), whose: None, own: false },
        ..lisa()
    };
    vec![lisa(), conuser1]
}

fn drawn(links: Vec<Link>, look: &Look) -> String {
    text(&Show::Where(links), look)
}

#[test]
fn after_su_the_surroundings_are_another_accounts() {
    assert_snapshot!(drawn(after_su(), &at(80)), @r"
    ● lisa, a login by ssh (bash, process 812)
    │  ✓ session          4, its own
    │  ✓ XDG_RUNTIME_DIR  /run/user/1000, its own
    │  ✓ bus              /run/user/1000/bus, its own
    │
    ● conuser1, by su (bash, process 841) ◀ you are here
       ✗ session          4, which is lisa's
       ✗ XDG_RUNTIME_DIR  /run/user/1000, which is lisa's
       ✗ bus              /run/user/1000/bus, which conuser1 cannot reach

    You are conuser1, and what is around you is lisa's.
    podman and systemctl --user look there, and are refused.
    Out: exit, then a true login: :login conuser1
    ");
}

#[test]
fn the_same_at_40_columns() {
    assert_snapshot!(drawn(after_su(), &at(40)), @r"
    ● lisa, a login by ssh (bash)
    │  ✓ session: 4, its own
    │  ✓ runtime: /run/user/1000, its own
    │  ✓ bus: /run/user/1000/bus, its own
    │
    ● conuser1, by su (bash) ◀ you are here
       ✗ session: 4, which is lisa's
       ✗ runtime: /run/user/1000, which is
         lisa's
       ✗ bus: /run/user/1000/bus, which
         conuser1 cannot reach

    You are conuser1, and what is around you
    is lisa's.
    podman and systemctl --user look there,
    and are refused.
    Out: exit, then a true login: :login
    conuser1
    ");
}

#[test]
fn the_same_in_plain_lines_from_the_shell_that_su_opened() {
    assert_snapshot!(drawn(after_su(), &plain(80).elsewhere()), @r"
    1. lisa, a login by ssh (bash, process 812)
       [ok] session          4, its own
       [ok] XDG_RUNTIME_DIR  /run/user/1000, its own
       [ok] bus              /run/user/1000/bus, its own

    2. conuser1, by su (bash, process 841) <- you are here
       [no] session          4, which is lisa's
       [no] XDG_RUNTIME_DIR  /run/user/1000, which is lisa's
       [no] bus              /run/user/1000/bus, which conuser1 cannot reach

    You are conuser1, and what is around you is lisa's.
    podman and systemctl --user look there, and are refused.
    Out: exit, then a true login: ssh conuser1@localhost
    ");
}

#[test]
fn a_true_login_fits_together_and_colour_only_adds_to_it() {
    assert_snapshot!(drawn(vec![lisa()], &at(80)), @r"
    ● lisa, a login by ssh (bash, process 812) ◀ you are here
       ✓ session          4, its own
       ✓ XDG_RUNTIME_DIR  /run/user/1000, its own
       ✓ bus              /run/user/1000/bus, its own

    It all fits together: a true login of lisa.
    ");
    let painted = drawn(vec![lisa()], &coloured(80));
    assert!(painted.contains("\x1b[32m✓"), "{painted:?}");
    assert_eq!(crate::screen::bare(&painted), drawn(vec![lisa()], &at(80)));
}

#[test]
fn what_is_not_set_and_what_nobody_could_see_have_marks_and_ways_out_of_their_own() {
    let dash =
        Link { by: vec![By::Sudo, By::Su], runtime_dir: Told::Unset, bus: Told::Unset, session: Told::Unset, ..lisa() };
    let unseen = Told::Unknown("only lisa and root can look".into());
    let other = Link { by: vec![], runtime_dir: unseen.clone(), bus: unseen, ..lisa() };
    assert_snapshot!(drawn(vec![dash], &at(80)) + "---\n" + &drawn(vec![other], &at(80)), @r"
    ● lisa, by sudo, then su (bash, process 812) ◀ you are here
       · session          none
       · XDG_RUNTIME_DIR  none
       · bus              none

    Not everything is there: podman and systemctl --user have no place of lisa to
    work in.
    A true login brings all of it: :login lisa
    ---
    ● lisa, a login (bash, process 812) ◀ you are here
       ✓ session          4, its own
       ? XDG_RUNTIME_DIR  unknown: only lisa and root can look
       ? bus              unknown: only lisa and root can look

    What is unknown here the lab sees with root's eyes: rootless-lab doctor says
    how.
    ");
    let root = Link {
        account: "root".into(),
        by: vec![By::Sudo],
        runtime_dir: Told::Unset,
        session: is("4", "lisa", false),
        ..lisa()
    };
    assert!(drawn(vec![lisa(), root], &at(80)).contains("This is root"));
}
