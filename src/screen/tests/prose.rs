//! How sentences look whose words come from outside.

use insta::assert_snapshot;

use super::*;
use crate::screen::text;

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
fn a_comma_behind_code_never_begins_a_line() {
    for columns in 20..90 {
        let words = "systemd makes a place for it that is named `/run/user/UID`, owned by it (see `id`). Say `yes`.";
        let shown = text(&Show::Hint { number: 1, of: 1, text: words.into() }, &coloured(columns));
        for line in shown.lines().map(crate::screen::bare) {
            assert!(!line.trim_start().starts_with([',', '.', ')']), "{columns}: {shown}");
        }
    }
}
