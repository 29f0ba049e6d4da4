//! A report at a terminal.

use insta::assert_snapshot;
use rootless_lab::screen::{Format, Look, bare, report};

use crate::sample;

fn look(width: usize) -> Look {
    Look { width, colour: false, plain: false, unicode: true, elsewhere: false }
}

fn plain(width: usize) -> Look {
    Look { plain: true, ..look(width) }
}

fn human(of: &rootless_lab::exam::report::Report, look: &Look) -> String {
    report(of, Format::Human, look).unwrap()
}

#[test]
fn a_report_says_all_of_every_goal_and_tells_predicted_from_proven() {
    assert_snapshot!(human(&sample::ordinary(), &look(80)), @r"
    A trial
    Attempt trial-1 of lisa
    2023-11-14 22:13 UTC, on the practice machine trixie
    14:02 of 15:00 used, 1 login. Handed in.
    Looked at 0:01 after the hand-in; 0:38 (rebooted).
    ! After 10:00: the machine was suspended for 5:00; that time counts.
    ! Of the time used, 5:00 rests on the machine's wall clock alone or passed while
      it was suspended.

    Not passed: 70 per cent are needed.
    Proven by a reboot: 11 of 35 points, 31 per cent
    Predicted, without a reboot: 31 of 35 points, 88 per cent
    ? 1 of 5 goals could not be looked at. They are neither right nor wrong.

      Accounts                                                             11 of 15
      Containers as services                                               0 of 20

    1. An account
       Accounts
       6 of 10
    ✓ green    The account cricket has the user id 2342. (6 of 6)
               seen in: /etc/passwd: cricket:x:2342:2342::/home/cricket:/bin/bash
    ✗ red      It has a home directory that belongs to it. (0 of 4)
               wanted:  directory ~cricket of cricket
               found:   nothing there
               see:     systemctl --user status web.service
               seen in: ActiveState of web.service (bus user@2342): nothing there

    2. A service of the account
       Containers as services
       0 of 20; 20 of 20 predicted, all goals or none
    ✗ red      web.service of cricket's manager is active. (0 of 10)
               wanted:  web.service active
               found:   inactive (dead)
               see:     systemctl --user status web.service
               seen in: ActiveState of web.service (bus user@2342): inactive (dead)
               Before the reboot this was green.
    ? unknown  cricket's services run without a login. (0 of 10)
               Nobody could look: /var/lib/systemd/linger: permission denied
               to look: sudo for the account that looks
               Before the reboot this was green.

    3. A note
       Accounts
       5 of 5
    ✓ green    The note has the mode 0640. (5 of 5)
               seen in: /home/cricket/note: mode 0640

    Seed 42: uid 2342, user cricket
    Versions: podman 5.4.2, systemd 257
    Exam trial: a526de7062e5c0f75da5a37a143cc860a2456d912a31b32f1013bb96d78007bf
    Record: Whole, 10 lines. The last one has the hash
      1cf077520bc5d974753eef7007eaf340ea4c53678d223af4a7428e1195e013c1
    ");
}

#[test]
fn it_reads_on_a_narrow_and_plain_terminal() {
    assert_snapshot!(human(&sample::ordinary(), &plain(40)), @r"
    A trial
    Attempt trial-1 of lisa
    2023-11-14 22:13 UTC, on the practice
    machine trixie
    14:02 of 15:00 used, 1 login. Handed in.
    Looked at 0:01 after the hand-in; 0:38
    (rebooted).
    [!!] After 10:00: the machine was
         suspended for 5:00; that time
         counts.
    [!!] Of the time used, 5:00 rests on the
         machine's wall clock alone or
         passed while it was suspended.

    Not passed: 70 per cent are needed.
    Proven by a reboot: 11 of 35 points, 31
    per cent
    Predicted, without a reboot: 31 of 35
    points, 88 per cent
    [??] 1 of 5 goals could not be looked
         at. They are neither right nor
         wrong.

      Accounts
        11 of 15
      Containers as services
        0 of 20

    1. An account
       Accounts
       6 of 10
    [ok] The account cricket has the user id
         2342. (6 of 6)
         seen in: /etc/passwd:
                  cricket:x:2342:2342::/
                  home/cricket:/bin/bash
    [no] It has a home directory that
         belongs to it. (0 of 4)
         wanted:  directory ~cricket of
                  cricket
         found:   nothing there
         see:     systemctl --user status
                  web.service
         seen in: ActiveState of web.service
                  (bus user@2342): nothing
                  there

    2. A service of the account
       Containers as services
       0 of 20; 20 of 20 predicted, all
       goals or none
    [no] web.service of cricket's manager is
         active. (0 of 10)
         wanted:  web.service active
         found:   inactive (dead)
         see:     systemctl --user status
                  web.service
         seen in: ActiveState of web.service
                  (bus user@2342): inactive
                  (dead)
         Before the reboot this was green.
    [??] cricket's services run without a
         login. (0 of 10)
         Nobody could look:
         /var/lib/systemd/linger: permission
         denied
         to look: sudo for the account that
                  looks
         Before the reboot this was green.

    3. A note
       Accounts
       5 of 5
    [ok] The note has the mode 0640. (5 of
         5)
         seen in: /home/cricket/note: mode
                  0640

    Seed 42: uid 2342, user cricket
    Versions: podman 5.4.2, systemd 257
    Exam trial:
    a526de7062e5c0f75da5a37a143cc860a2456d91
    2a31b32f1013bb96d78007bf
    Record: Whole, 10 lines. The last one
            has the hash
      1cf077520bc5d974753eef7007eaf340ea4c53
      678d223af4a7428e1195e013c1
    ");
}

#[test]
fn nothing_judged_is_no_score_and_given_up_is_none_either() {
    let blind = human(&sample::blind(), &look(80));
    assert!(blind.contains("No goal could be judged, so there is no score."), "{blind}");
    assert!(blind.contains("Predicted, without a reboot: no score"), "{blind}");
    let given_up = human(&sample::given_up(), &look(80));
    assert!(given_up.contains("Given up: there is no score.") && given_up.contains("Not graded."), "{given_up}");
}

#[test]
fn no_line_is_too_wide_and_nothing_of_a_candidate_reaches_the_terminal_but_text() {
    for width in [20, 40, 80, 200] {
        for look in [look(width), plain(width), Look { colour: true, ..look(width) }] {
            let text = human(&sample::hostile(), &look);
            let bare = bare(&text);
            assert!(bare.chars().all(|letter| letter == '\n' || !letter.is_control()), "{bare:?}");
            assert!(!bare.contains(['\u{202e}', '\u{200b}', '\u{2069}']), "{bare:?}");
            assert!(bare.lines().all(|line| line.chars().count() <= width), "{width}: {bare}");
            assert!(look.colour || text == bare, "colour without being asked for");
        }
    }
}
