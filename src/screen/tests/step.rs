//! How a step looks: wide, narrow, plain and coloured.

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
fn where_another_shell_reads_the_next_line_the_lab_words_are_commands() {
    let shown = text(&step("Do it."), &at(80).elsewhere());
    assert!(shown.ends_with("\nrootless-lab hint a nudge · rootless-lab check what is missing\n"), "{shown}");
    assert!(!shown.contains(" :"), "{shown}");
}
