//! How a proof is reported, to people and to test servers.

use std::time::Duration;

use insta::assert_snapshot;

use super::*;
use crate::author::{Case, Fault, Outcome, Proof, Reason, Trial, What};

fn case(what: What, place: &str, line: Option<usize>, outcome: Outcome) -> Case {
    Case { what, place: place.into(), line, outcome }
}

fn proof() -> Proof {
    let green = Outcome::Broken(Fault::Green(vec!["hostile \x1b[2J".into()]));
    let alive = Outcome::Broken(Fault::StillPasses(vec!["path.mode: \"0644\" → \"0600\"".into()]));
    let left = Outcome::Broken(Fault::Changed(vec!["+ file /home/lisa/note.txt".into()]));
    let passed = Outcome::LeftOut(Reason::Passed("no".into()));
    let untouched = vec![
        case(What::LookingTouchesNothing, "", None, Outcome::Held),
        case(What::RedUntouched, "write/private", Some(47), green),
    ];
    let solution = vec![
        case(What::GreenWhenSolved, "write/private", Some(47), Outcome::Held),
        case(What::OtherWishesFail, "write/private", Some(47), alive),
        case(What::OtherWishesFail, "write/looked", Some(54), passed),
        case(What::CleanedUp, "", None, left),
    ];
    let trial = |name: &str, cases, kept: Option<&str>| Trial {
        name: name.into(),
        cases,
        time: Duration::from_millis(12_300),
        kept: kept.map(str::to_owned),
    };
    let trials = vec![
        trial("untouched", untouched, Some("prove-1-0")),
        trial("solution typed", solution, None),
        trial("wrong a", vec![case(What::RedWhenWrong, "write/private", Some(47), Outcome::Held)], None),
    ];
    Proof { lesson: "note".into(), release: "trixie".into(), trials }
}

#[test]
fn a_report_says_what_is_not_so_with_its_place_and_what_was_seen() {
    assert_snapshot!(crate::screen::proofs(&[proof()], &at(80)), @r#"
    note on trixie
    ✗ untouched: 1 of 2 as they must be, 12 s
      write/private (line 47): green though nobody did anything
        seen: hostile ␛[2J
      The machine is kept: rootless-lab practice enter prove-1-0
    ✗ solution typed: 1 of 4 as they must be, 12 s
      write/private (line 47): still green when its wish is altered
        path.mode: "0644" → "0600"
      write/looked (line 54): not tried: the goal was green for a moment only, so
        no other wish can be compared with it (no)
      after the clean-up the machine is not as it was
        + file /home/lisa/note.txt
    ✓ wrong a: 1 of 1 as they must be, 12 s

    7 things asked: 3 not so, 1 not tried.
    "#);
}

#[test]
fn a_report_for_test_servers_has_a_case_for_each_thing_asked_and_nothing_that_xml_forbids() {
    let report = crate::screen::junit(&[proof()]).unwrap();
    assert!(!report.contains('\x1b'), "{report}");
    assert!(
        report.contains(r#"<testsuite name="note on trixie" tests="7" skipped="1" errors="0" failures="3""#),
        "{report}"
    );
    assert_eq!(report.matches("<testcase ").count(), 7, "{report}");
    assert_eq!(report.matches("<skipped ").count(), 1, "{report}");
    assert!(report.contains("write/private (line 47): still green when its wish is altered"), "{report}");
}
