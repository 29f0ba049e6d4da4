//! The look follows the terminal, the environment and the command line.

use std::fs::File;
use std::os::fd::AsFd;

use nix::pty::{Winsize, openpty};

use super::Look;
use crate::screen::Wish;

fn look(output: impl AsFd, wish: Wish, environment: &[(&str, &str)]) -> Look {
    let variable = |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    Look::of_terminal(wish, output.as_fd(), variable)
}

fn on_terminal(environment: &[(&str, &str)]) -> Look {
    let size = Winsize { ws_row: 24, ws_col: 97, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).unwrap();
    look(&terminal.slave, Wish::default(), environment)
}

#[test]
fn a_terminal_gives_its_width_and_may_be_coloured() {
    let look = on_terminal(&[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("COLUMNS", "33")]);
    assert_eq!(look, Look { width: 97, colour: true, plain: false, unicode: true, elsewhere: false });
}

#[test]
fn no_color_takes_the_colour_and_nothing_else() {
    let look = on_terminal(&[("TERM", "xterm"), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")]);
    assert_eq!(look, Look { width: 97, colour: false, plain: false, unicode: true, elsewhere: false });
    assert!(on_terminal(&[("TERM", "xterm"), ("NO_COLOR", "")]).colour, "an empty NO_COLOR is none");
}

#[test]
fn a_dumb_terminal_and_the_wish_for_plain_text_are_plain() {
    for environment in [&[("TERM", "dumb")][..], &[]] {
        let look = on_terminal(environment);
        assert!(look.plain && !look.colour, "{environment:?}");
    }
    let wished = look(File::open("/dev/null").unwrap(), Wish { plain: true }, &[("TERM", "xterm")]);
    assert!(wished.plain);
}

#[test]
fn a_file_is_80_columns_wide_or_what_columns_says_and_has_no_colour() {
    let file = || File::open("/dev/null").unwrap();
    assert_eq!(
        look(file(), Wish::default(), &[]),
        Look { width: 80, colour: false, plain: false, unicode: false, elsewhere: false }
    );
    assert_eq!(look(file(), Wish::default(), &[("COLUMNS", "44")]).width, 44);
    assert_eq!(look(file(), Wish::default(), &[("COLUMNS", "0")]).width, 80);
}

#[test]
fn the_first_locale_that_is_set_decides_about_symbols() {
    assert!(on_terminal(&[("TERM", "xterm"), ("LANG", "en_GB.utf8")]).unicode);
    assert!(!on_terminal(&[("TERM", "xterm"), ("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]).unicode);
}
