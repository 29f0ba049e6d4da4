//! How each picture looks: wide, narrow, plain and coloured, with escape sequences in what comes from outside.

use insta::assert_snapshot;

use super::*;
use crate::screen::text;

const TEXT: &str = "\
An account without a password cannot log in.
Give it one that `passwd` reads from a pipe:

```
echo conuser1 | sudo passwd --stdin conuser1
```

- `--stdin` is *not* on every machine; ask **yours**
- \x1b[2Jnothing is cleared\n";

#[test]
fn a_step_at_80_columns() {
    assert_snapshot!(text(&step(TEXT), &at(80)), @r"
    Step 3 of 20 · A password for conuser1                      ━━──────────────────
    An account without a password cannot log in. Give it one that `passwd` reads
    from a pipe:

        echo conuser1 | sudo passwd --stdin conuser1

    • `--stdin` is not on every machine; ask yours
    • ␛[2Jnothing is cleared

    · open     The account conuser1 has a password.
    ✗ red      It can log in.

    In our own words: this machine's passwd(1) has no entry --stdin
    │ Reads the new password from standard input, which can be a pipe.

    :hint a nudge · :check what is missing · :help all words
    ");
}

#[test]
fn a_step_at_40_columns() {
    assert_snapshot!(text(&step(TEXT), &at(40)), @r"
    Step 3 of 20 · A password for conuser1
    An account without a password cannot log
    in. Give it one that `passwd` reads from
    a pipe:

        echo conuser1 | sudo passwd --stdin
        conuser1

    • `--stdin` is not on every machine; ask
      yours
    • ␛[2Jnothing is cleared

    · open     The account conuser1 has a
               password.
    ✗ red      It can log in.

    In our own words: this machine's
    passwd(1) has no entry --stdin
    │ Reads the new password from standard
    │ input, which can be a pipe.

    :hint a nudge · :check what is missing ·
    :help all words
    ");
}

#[test]
fn a_step_at_20_columns() {
    assert_snapshot!(text(&step(TEXT), &at(20)), @r"
    Step 3 of 20 · A
    password for
    conuser1
    An account without a
    password cannot log
    in. Give it one that
    `passwd` reads from
    a pipe:

      echo conuser1 |
      sudo passwd
      --stdin conuser1

    • `--stdin` is not
      on every machine;
      ask yours
    • ␛[2Jnothing is
      cleared

    · The account
      conuser1 has a
      password.
    ✗ It can log in.

    :man the manual ·
    :hint a nudge ·
    :check what is
    missing · :help all
    words
    ");
}

#[test]
fn a_step_in_plain_text() {
    assert_snapshot!(text(&step(TEXT), &plain(80)), @r"
    Step 3 of 20 - A password for conuser1
    An account without a password cannot log in. Give it one that `passwd` reads
    from a pipe:

        echo conuser1 | sudo passwd --stdin conuser1

    * `--stdin` is not on every machine; ask yours
    * \x1b[2Jnothing is cleared

    [  ] The account conuser1 has a password.
    [no] It can log in.

    In our own words: this machine's passwd(1) has no entry --stdin
        Reads the new password from standard input, which can be a pipe.

    :hint a nudge - :check what is missing - :help all words
    ");
}

#[test]
fn a_step_in_colour() {
    assert_snapshot!(text(&step(TEXT), &coloured(80)).replace('\x1b', "<ESC>"), @r"
    <ESC>[1;36mStep 3 of 20 · A password for conuser1<ESC>[0m                      <ESC>[1;36m━━<ESC>[0m<ESC>[2m──────────────────<ESC>[0m
    An account without a password cannot log in. Give it one that <ESC>[38;5;6mpasswd<ESC>[39m reads from
    a pipe:

        <ESC>[38;5;6mecho conuser1 | sudo passwd --stdin conuser1<ESC>[39m

    • <ESC>[38;5;6m--stdin<ESC>[39m is <ESC>[4mnot<ESC>[0m on every machine; ask <ESC>[1myours<ESC>[0m
    • ␛[2Jnothing is cleared

    <ESC>[2m· open<ESC>[0m     The account conuser1 has a password.
    <ESC>[31m✗ red<ESC>[0m      It can log in.

    <ESC>[2mIn our own words: this machine's passwd(1) has no entry --stdin<ESC>[0m
    │ Reads the new password from <ESC>[1mstandard input<ESC>[0m, which can be a pipe.

    <ESC>[2m:hint a nudge · :check what is missing · :help all words<ESC>[0m
    ");
}

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
fn why_shows_the_evidence() {
    let goals = vec![goal("The account conuser1 exists.", Some(pass())), goal("It can log in.", Some(fail()))];
    assert_snapshot!(text(&Show::Why { goals, in_full: true }, &at(80)), @r"
    ✓ green    The account conuser1 exists.
               seen in: /etc/passwd: conuser1:x:1001:1001
    ✗ red      It can log in.
               wanted:  a password that is set
               found:   a locked password
               see:     sudo passwd -S conuser1
               seen in: /etc/shadow: conuser1:!:20415
    ");
}

#[test]
fn an_excerpt_of_the_machines_own_page_says_so() {
    let excerpt = machine_page(
        "**daemon-reload**\n\nReload the systemd manager configuration. This will rerun all generators (see **systemd.generator**(7)), reload all unit files.\n\nThis command should not be confused with the **reload** command.",
    );
    assert_snapshot!(text(&Show::Manual(excerpt.clone()), &at(80)), @r"
    systemctl(1), this machine's own page
    │ daemon-reload
    │     Reload the systemd manager configuration. This will rerun all generators
    │     (see systemd.generator(7)), reload all unit files.
    │
    │     This command should not be confused with the reload command.
    ");
    assert_snapshot!(text(&Show::Manual(excerpt), &plain(40)), @r"
    systemctl(1), this machine's own page
        daemon-reload
            Reload the systemd manager
            configuration. This will rerun
            all generators (see
            systemd.generator(7)), reload
            all unit files.

            This command should not be
            confused with the reload
            command.
    ");
}

#[test]
fn our_own_words_say_so_with_the_reason_and_the_package() {
    let words = own_words("Reads the password from standard input.");
    let From::Ourselves { text: summary, .. } = &words.from else { panic!("own words") };
    for (why, package) in
        [(Missing::NoMan, Some("man-db")), (Missing::NoPage, Some("passwd")), (Missing::NoEntry, None)]
    {
        let from = From::Ourselves { text: summary.clone(), why, package: package.map(str::to_owned) };
        let shown = text(&Show::Manual(Excerpt { from, ..words.clone() }), &at(80));
        assert!(shown.starts_with("In our own words: "), "{shown}");
        assert_eq!(shown.contains("(package "), package.is_some(), "{shown}");
    }
}

#[test]
fn what_is_not_there_is_answered_with_the_nearest() {
    let from = From::Nothing { why: Missing::NoEntry, nearest: Some("daemon-reload".into()) };
    let shown = text(&Show::Manual(Excerpt { from, entry: "deamon-reload".into(), ..machine_page("") }), &at(80));
    assert_snapshot!(shown, @r"
    There is no excerpt: this machine's systemctl(1) has no entry deamon-reload.
    The nearest entry is daemon-reload: :man systemctl daemon-reload
    ");
}

#[test]
fn another_way_is_shown_as_a_difference_without_blame() {
    let other = OtherWay {
        typed: "podman run --detach --tty --name rootless-container ubi8".into(),
        solution: "podman run -dt --name rootless-container ubi8".into(),
    };
    let show = Show::StepDone { title: "Run it again".into(), other_way: Some(other) };
    assert_snapshot!(text(&show, &at(80)), @r"
    ✓ Done: Run it again
    Another way than the lesson's, {yours → the lesson's}:
        podman run {--detach --tty → -dt} --name rootless-container ubi8
    ");
    assert_snapshot!(text(&show, &coloured(40)).replace('\x1b', "<ESC>"), @r"
    <ESC>[32m✓<ESC>[0m Done: Run it again
    Another way than the lesson's, {yours →
    the lesson's}:
        podman run {<ESC>[33m--detach --tty<ESC>[0m → <ESC>[32m-dt<ESC>[0m}
        --name rootless-container ubi8
    ");
}

#[test]
fn a_long_command_of_a_solution_can_be_pasted_as_it_is_folded() {
    let line =
        "podman generate systemd --new --name rootless-container > ~/.config/systemd/user/rootless-container.service";
    let show = Show::Solution { lines: vec![line.into()], because: Some("It is `podman`'s own.".into()) };
    assert_snapshot!(text(&show, &at(80)), @r"
    One way to do it:
        podman generate systemd --new --name rootless-container > \
        ~/.config/systemd/user/rootless-container.service
    It is `podman`'s own.
    ");
}

#[test]
fn a_command_is_not_folded_within_its_quotes() {
    let line = "sed -i 's/^Description=.*/Description=My rootless container/' ~/.config/systemd/user/c.service";
    assert_snapshot!(text(&Show::Solution { lines: vec![line.into()], because: None }, &at(70)), @r"
    One way to do it:
        sed -i 's/^Description=.*/Description=My rootless container/' \
        ~/.config/systemd/user/c.service
    ");
}

#[test]
fn the_status_names_each_step_and_what_cannot_be_looked_at() {
    let steps = vec![
        ("What rootless means".into(), StepState::Done),
        ("The account".into(), StepState::Skipped),
        ("A password".into(), StepState::Current),
        ("The wrong way in".into(), StepState::Ahead),
    ];
    let show = Show::Status { title: "Rootless containers".into(), steps, blind: vec!["conuser1: no sudo".into()] };
    assert_snapshot!(text(&show, &at(80)), @r"
    Rootless containers
    ✓  1 What rootless means
    -  2 The account (skipped)
    >  3 A password (you are here)
       4 The wrong way in
    1 of 4 steps done.

    What the lab cannot look at:
    ? conuser1: no sudo
    ");
    assert_snapshot!(text(&show, &plain(80)), @r"
    Rootless containers
    [done]  1 What rootless means
    [skip]  2 The account
    [here]  3 A password
    [    ]  4 The wrong way in
    1 of 4 steps done.

    What the lab cannot look at:
    [??] conuser1: no sudo
    ");
}

#[test]
fn the_lab_words_stand_in_a_column() {
    let word = |word: &str, says: &str| WordHelp { word: word.into(), says: says.into() };
    let show = Show::Help(vec![
        word(":hint", "a nudge; each one says more"),
        word(":man PAGE WORD", "the machine's own manual"),
    ]);
    assert_snapshot!(text(&show, &at(80)), @r"
    Everything you type runs in your own bash, except the lab's words:
      :hint           a nudge; each one says more
      :man PAGE WORD  the machine's own manual
    In a shell that su, sudo or ssh opened, and in other terminals, the lab does not
    read what you type. There:
      rootless-lab hint | check | why | step | status | where | watch
    ");
    assert_snapshot!(text(&show, &at(20)), @r"
    Everything you type
    runs in your own
    bash, except the
    lab's words:
    :hint
      a nudge; each one
      says more
    :man PAGE WORD
      the machine's own
      manual
    In a shell that su,
    sudo or ssh opened,
    and in other
    terminals, the lab
    does not read what
    you type. There:
      rootless-lab hint
      | check | why |
      step | status |
      where | watch
    ");
}

#[test]
fn the_notes_in_their_own_words() {
    let all: String = notes("FOREIGN").iter().map(|note| text(&Show::Note(note.clone()), &at(80))).collect();
    assert_snapshot!(all, @r"
    FOREIGN is not a word of the lab. Is FOREIGN meant? :help lists them all.
    FOREIGN is not a word of the lab. :help lists them.
    That was the last hint. :solution shows what to type.
    Play: try things, nothing is judged. :play again goes back to the step.
    Play is over. The step's goals are judged again.
    Skipped: FOREIGN. :back returns to it.
    This is the first step.
    That bash ended with status 3. Here is a new one: its variables and functions
    are gone, the step is the same. :quit leaves the lab.
    The machine is further than the record: it fits step 4, FOREIGN.
    :step 4 goes there; the step here can be done all the same.
    The machine is behind the record. Red again in step 2, FOREIGN:
      FOREIGN
    :step 2 goes there.
    Going on at step 7.
    The machine was rebooted since the lab ran last.
    The record of progress cannot be used: FOREIGN.
    It is kept as FOREIGN. A new one begins.
    Progress cannot be saved: FOREIGN.
    The lesson goes on; the next start will not know of it.
    Goals about other accounts stay unknown: FOREIGN.
    To let the lab look: FOREIGN
    Progress is cleared. The machine is as it was.
    Saved at step 7. rootless-lab start goes on here.
    The lesson is done, and stays so. rootless-lab reset --all begins it anew.
    Left at step 7. Nothing of it is saved; `:step 7` goes there next time.
    A login session of FOREIGN (exit ends it):
        FOREIGN
    There is no account FOREIGN on this machine yet. The lesson has you make it;
    :status shows in which step.
    There is no account FOREIGN on this machine. getent passwd lists those that
    there are.
    Nothing here opens a login session of FOREIGN: no sshd listens on port 22, and
    neither machinectl nor run0 is installed. Log in as FOREIGN in another terminal,
    or install openssh-server.
    This lesson makes no account. Name one: :login ACCOUNT
    The way to this shell cannot be seen: FOREIGN.
    There is nothing to compare yet: no command was typed in this step.
    This step has no man page of its own. Name one: :man systemctl daemon-reload
    ");
}

#[test]
fn an_escape_sequence_is_shown_as_text() {
    let show = Show::Hint { number: 1, of: 3, text: "\x1b]0;title\x07 and \x1b[2J, \u{202e}back".into() };
    assert_snapshot!(text(&show, &coloured(80)).replace('\x1b', "<ESC>"), @r"
    <ESC>[1mHint 1 of 3<ESC>[0m
      ␛]0;title␇ and ␛[2J, \u{202e}back
    ");
    assert_snapshot!(text(&show, &plain(80)), @r"
    Hint 1 of 3
      \x1b]0;title\x07 and \x1b[2J, \u{202e}back
    ");
}

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
               see:     /run/user/1000/bus
               fix:     log in for real: ssh localhost
    ? unknown  sudo
               Nobody could look: sudo asks for a password
               to look: sudo -v, then :check

    3 looked at: 1 red, 1 unknown.
    ");
}

#[test]
fn where_another_shell_reads_the_next_line_the_lab_words_are_commands() {
    let shown = text(&step("Do it."), &at(80).elsewhere());
    assert!(shown.ends_with("\nrootless-lab hint a nudge · rootless-lab check what is missing\n"), "{shown}");
    assert!(!shown.contains(" :"), "{shown}");
}

#[test]
fn a_comma_behind_code_never_begins_a_line() {
    for columns in 20..90 {
        let words = "systemd makes a place for it that is named `/run/user/UID`, owned by it (see `id`). Say `yes`.";
        let shown = text(&Show::Hint { number: 1, of: 1, text: words.into() }, &coloured(columns));
        for line in shown.lines().map(crate::screen::bare) {
            assert!(!line.trim_start().starts_with([',', '.', ')']), "{columns}: {shown}");
        }
    }
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

#[test]
fn nothing_is_predicted_of_a_lesson_whose_steps_were_skipped() {
    let end = |proven, skipped| text(&Show::LessonDone { title: "A tale".into(), proven, skipped }, &at(80));
    assert!(end(true, 0).contains("Proven: ") && end(false, 0).contains("Predicted: "));
    assert!(!end(false, 3).contains("Predicted") && end(false, 3).contains("Not proven"), "{}", end(false, 3));
}
