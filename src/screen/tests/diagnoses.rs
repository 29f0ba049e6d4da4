//! Diagnoses as they look: five lines at eighty columns, legible at forty, plain for whoever wants it so.

use super::*;
use crate::mistakes::{Confidence, Diagnosis};
use crate::screen::text;
use crate::session::{Explained, Show, Unexplained};

pub(super) fn diagnosis(confidence: Confidence) -> Diagnosis {
    Diagnosis {
        id: "runtime-dir-of-another".into(),
        title: "The runtime directory belongs to lisa".into(),
        confidence,
        cause:
            "podman keeps its runtime files in XDG_RUNTIME_DIR. That is still /run/user/1000, which belongs to lisa;\n\
                you are conuser1. su changes the account and not the session, so the variable stays as it was.\n"
                .into(),
        fix: vec!["# leave the shell of su".into(), "exit".into(), "ssh conuser1@localhost".into()],
        evidence: vec![checkers::Evidence::file("/run/user/1000", "owned by lisa")],
        unseen: vec!["only root sees this".into()],
        manual: None,
        link: Some("https://example.org/issue/1".into()),
        tell_apart: vec!["`ls -ld PATH`".into()],
        half_done: false,
    }
}

/// Foreign text wherever a diagnosis can have some.
pub(super) fn foreign(words: &str, confidence: Confidence) -> Vec<Diagnosis> {
    let word = || words.to_owned();
    let one = Diagnosis {
        title: word(),
        cause: word(),
        fix: vec![word(), format!("# {words}")],
        evidence: vec![checkers::Evidence::new(checkers::Source::Command(word()), word())],
        unseen: vec![word()],
        link: Some(word()),
        tell_apart: vec![word()],
        ..diagnosis(confidence)
    };
    vec![one.clone(), one]
}

fn told(diagnoses: Vec<Diagnosis>, in_full: bool) -> Show {
    Show::Diagnosis(Explained { diagnoses, manual: None, in_full })
}

#[test]
fn five_lines_are_enough_at_eighty_columns() {
    let look = at(80);
    let shown = text(&told(vec![diagnosis(Confidence::Certain)], false), &look);
    insta::assert_snapshot!(crate::screen::bare(&shown), @r"
    ✗ The runtime directory belongs to lisa
      podman keeps its runtime files in XDG_RUNTIME_DIR. That is still
      /run/user/1000, which belongs to lisa; you are conuser1.
      → exit → ssh conuser1@localhost
      :why says more.
    ");
    assert!(shown.lines().count() <= 5);
    let two = vec![diagnosis(Confidence::Possible), diagnosis(Confidence::Possible)];
    insta::assert_snapshot!(crate::screen::bare(&text(&told(two, false), &look)), @r"
    ? Perhaps: The runtime directory belongs to lisa
      or: The runtime directory belongs to lisa
      :why says what tells them apart.
    ");
}

#[test]
fn a_cause_that_is_too_long_ends_with_a_sentence_or_behind_a_whole_word() {
    let shown = |cause: &str| {
        let one = Diagnosis { cause: cause.into(), fix: vec![], ..diagnosis(Confidence::Certain) };
        let text = crate::screen::bare(&text(&told(vec![one], false), &at(40)));
        text.lines().skip(1).take_while(|line| !line.contains(":why")).map(str::trim).collect::<Vec<_>>().join(" ")
    };
    let more = "and the rest of it is told to whoever asks for all of it and then goes on for a while";
    assert_eq!(
        shown(&format!("It was there long before you came to it. {more}")),
        "It was there long before you came to it."
    );
    assert_eq!(
        shown(&format!("So it is. It was there, and never, {more}")),
        "So it is. It was there, and never, and the rest of it is told to whoever…"
    );
    assert_eq!(
        shown(&format!("It was there for a long time, as long as anybody remembers: {}", "x".repeat(30))),
        "It was there for a long time, as long as anybody remembers…"
    );
    assert!(!shown(&format!("One. {}", "x".repeat(90))).contains(".…"));
}

#[test]
fn a_command_that_holds_on_a_condition_only_waits_for_the_long_form() {
    let fix =
        ["id lisa", "# Keep it, and go on. Or throw it away:", "sudo userdel -r lisa"].map(str::to_owned).to_vec();
    let shown = text(&told(vec![Diagnosis { fix, ..diagnosis(Confidence::Certain) }], false), &at(80));
    assert!(shown.contains("→ id lisa\n") && !shown.contains("userdel"), "{shown}");
    assert!(shown.contains(":why has the whole way out."), "{shown}");
}

#[test]
fn forty_columns_and_plain_lines_say_the_same() {
    insta::assert_snapshot!(text(&told(vec![diagnosis(Confidence::Likely)], false), &plain(40)), @r"
    ? Likely: The runtime directory belongs
      to lisa
      podman keeps its runtime files in...
      > exit, then ssh conuser1@localhost
      :why says more.
    ");
}

#[test]
fn all_of_it_is_shown_on_asking() {
    insta::assert_snapshot!(text(&told(vec![diagnosis(Confidence::Certain)], true), &plain(80)), @r"
    ! The runtime directory belongs to lisa
      podman keeps its runtime files in XDG_RUNTIME_DIR. That is still
      /run/user/1000, which belongs to lisa; you are conuser1. su changes the
      account and not the session, so the variable stays as it was.
      seen: /run/user/1000: owned by lisa
      not seen: only root sees this
      to tell: `ls -ld PATH`
      see: https://example.org/issue/1
      The way out:
        # leave the shell of su
        exit
        ssh conuser1@localhost
    ");
}

#[test]
fn a_way_out_that_is_folded_can_be_pasted() {
    let mut one = diagnosis(Confidence::Certain);
    let whole =
        "podman generate systemd --new --name rootless-container > ~/.config/systemd/user/rootless-container.service";
    one.fix = vec!["# As conuser1:".into(), whole.into()];
    let shown = text(&told(vec![one], true), &at(80));
    let (_, way) = shown.split_once("# As conuser1:\n").expect("the remark");
    let pasted = way.lines().map(str::trim_start).collect::<Vec<_>>().join("\n").replace(" \\\n", " ");
    assert_eq!((way.lines().count(), pasted.as_str()), (2, whole), "{shown}");
}

#[test]
fn what_nobody_knows_is_one_line() {
    let said = |status, sudo_refused| {
        let unknown = Unexplained { program: "podman".into(), status, sudo_refused, manual: None, in_full: false };
        text(&Show::Unexplained(unknown), &plain(80))
    };
    insta::assert_snapshot!(said(Some(125), false), @r"
    ? podman failed with status 125: no known mistake.
    ");
    insta::assert_snapshot!(said(Some(1), true), @r"
    ? sudo refused (status 1), podman did not run: no known mistake.
    ");
    insta::assert_snapshot!(said(None, false), @r"
    ? podman complains: no known mistake.
    ");
    insta::assert_snapshot!(said(None, true), @r"
    ? sudo refused, podman did not run: no known mistake.
    ");
}
