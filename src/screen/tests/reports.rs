//! How problems, errors and the doctor look.

use insta::assert_snapshot;

use super::*;

#[test]
fn a_problem_has_its_place_and_the_way_out() {
    let source = "steps:\n  - id: one\n    goalz: []\n";
    let shown = |look: &Look| {
        crate::screen::problem(
            "lesson.yaml",
            source,
            23..28,
            "unknown key `goalz`",
            Some("did you mean `goals`?"),
            look,
        )
    };
    assert_snapshot!(shown(&at(80)), @r"
    error: unknown key `goalz`
      ╭▸ lesson.yaml:3:5
      │
    3 │     goalz: []
      │     ━━━━━
      │
      ╰ help: did you mean `goals`?
    ");
    assert_snapshot!(shown(&plain(20)), @r"
    error: unknown key
    `goalz`
     --> lesson.yaml:3:5
      |
    3 |     goalz: []
      |     ^^^^^
      |
      = help: did you
    mean `goals`?
    ");
}

#[test]
fn an_error_is_one_line_with_the_way_out() {
    let shown =
        |look: &Look| crate::screen::error("no lesson is called podmen", Some("rootless-lab lessons lists them"), look);
    assert_snapshot!(shown(&at(80)), @r"
    rootless-lab: no lesson is called podmen
    → rootless-lab lessons lists them
    ");
    assert_snapshot!(shown(&plain(20)), @r"
    rootless-lab: no
    lesson is called
    podmen
    -> rootless-lab
       lessons lists
       them
    ");
}

#[test]
fn the_doctor_lists_answers_and_fixes() {
    let ability = |name: &str, verdict, fix: Option<&str>| crate::screen::Ability {
        name: name.into(),
        verdict,
        fix: fix.map(str::to_owned),
    };
    let podman = Verdict::pass(Evidence::file("/usr/bin/podman", "5.4.2"));
    let table = [
        ability("podman", podman, None),
        ability(
            "user bus",
            Verdict::fail("a socket", "none", Evidence::file("/run/user/1000/bus", "absent")),
            Some("log in for real: ssh localhost"),
        ),
        ability("sudo", unknown(), None),
    ];
    assert_snapshot!(crate::screen::doctor(&table, &at(80)), @r"
    ✓ green    podman: 5.4.2
    ✗ red      user bus
               wanted:  a socket
               found:   none
               seen in: /run/user/1000/bus
               fix:     log in for real: ssh localhost
    ? unknown  sudo
               Nobody could look: sudo asks for a password
               to look: sudo -v, then :check

    3 looked at: 1 red, 1 unknown.
    ");
}

#[test]
fn what_a_host_lacks_is_folded_at_words() {
    let said = |systemd, podman| crate::screen::lacks(systemd, podman, &at(40)).unwrap_or_default();
    assert_eq!(said(true, true), "");
    assert!(said(true, false).starts_with("This host has no podman: goals about"));
    assert!(said(false, true).starts_with("This host has no systemd as its first"));
    assert_snapshot!(said(false, false), @r"
    This host has no systemd as its first
    process and no podman: goals about that
    cannot be reached here.
    `rootless-lab doctor` says what helps.
    ");
}
