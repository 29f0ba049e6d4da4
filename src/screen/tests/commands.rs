//! How commands look that are shown to be typed or compared.

use insta::assert_snapshot;

use super::*;
use crate::screen::text;

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
    let Show::StepDone { other_way: Some(other), .. } = &show else { panic!("another picture") };
    let late = Show::DifferenceIn { title: "Run it again".into(), other: other.clone() };
    assert_snapshot!(text(&late, &at(80)), @r"
    Another way than the lesson's in the step before, Run it again, {yours → the
    lesson's}:
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
fn a_word_more_or_less_at_the_end_stands_apart_from_the_one_before_it() {
    let shown = |typed: &str, solution: &str| {
        let other = OtherWay { typed: typed.into(), solution: solution.into() };
        text(&Show::Difference(other), &at(80)).lines().last().unwrap_or_default().trim().to_owned()
    };
    assert_eq!(shown("podman ps -a", "podman ps"), "podman ps {-a →}");
    assert_eq!(shown("podman ps", "podman ps -a"), "podman ps {→ -a}");
    assert_eq!(shown("sudo useradd -m bob", "sudo useradd bob"), "sudo useradd {-m →} bob");
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
