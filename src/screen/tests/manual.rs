//! How excerpts of man pages look, and what stands in their place.

use insta::assert_snapshot;

use super::*;
use crate::screen::text;

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
