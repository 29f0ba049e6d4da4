//! The forms that programs read.

use std::path::Path;
use std::process::Command;

use rootless_lab::exam::report::{Report, report_schema};
use rootless_lab::screen::{Format, Look, report};
use serde_json::Value;

use crate::sample;

const LOOK: Look = Look { width: 80, colour: false, plain: true, unicode: false, elsewhere: false };

fn all() -> [(&'static str, Report); 5] {
    [
        ("ordinary", sample::ordinary()),
        ("hostile", sample::hostile()),
        ("blind", sample::blind()),
        ("given up", sample::given_up()),
        ("doubtful", doubtful()),
    ]
}

fn written(of: &Report, format: Format) -> String {
    report(of, format, &LOOK).unwrap()
}

/// Nothing in a file that is shown in a terminal by mistake does anything there.
fn is_harmless(text: &str) -> bool {
    let harmless = |letter: char| letter == '\n' || letter == '\r' || !letter.is_control();
    text.chars().all(harmless) && !text.contains(['\u{202e}', '\u{200b}', '\u{2069}'])
}

#[test]
fn json_fits_its_schema_and_comes_back_as_it_was() {
    let schema = report_schema();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (name, report) in all() {
        let text = written(&report, Format::Json);
        assert!(is_harmless(&text), "{name}: {text:?}");
        let document: Value = serde_json::from_str(&text).unwrap();
        let refused: Vec<String> =
            schema.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(refused.is_empty(), "{name}: {refused:#?}");
        assert_eq!(serde_json::from_value::<Report>(document).unwrap(), report, "{name}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let schema = report_schema();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let right = serde_json::to_value(sample::ordinary()).unwrap();
    type Break = (&'static str, fn(&mut Value));
    let broken: [Break; 5] = [
        ("another version", |it| it["version"] = 2.into()),
        ("points with a fraction", |it| it["proven"]["total"]["of"] = 7.5.into()),
        ("a fourth answer", |it| it["tasks"][0]["goals"][0]["proven"]["answer"] = "perhaps".into()),
        ("evidence from nowhere", |it| it["tasks"][0]["goals"][0]["proven"]["evidence"][0]["source"] = "dream".into()),
        ("no tasks", |it| drop(it.as_object_mut().unwrap().remove("tasks"))),
    ];
    for (what, breaks) in broken {
        let mut document = right.clone();
        breaks(&mut document);
        assert!(!schema.is_valid(&document), "{what}");
    }
}

#[test]
fn junit_is_valid_by_the_schema_of_jenkins_and_unknown_is_neither_success_nor_failure() {
    let folder = tempfile::tempdir().unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/junit-10.xsd");
    for (name, report) in all() {
        let xml = written(&report, Format::Junit);
        assert!(is_harmless(&xml), "{name}: {xml:?}");
        let file = folder.path().join("report.xml");
        std::fs::write(&file, &xml).unwrap();
        let mut lint = Command::new("xmllint");
        match lint.args(["--noout", "--nonet", "--schema"]).arg(&schema).arg(&file).output() {
            Ok(output) => {
                assert!(output.status.success(), "{name}: {}\n{xml}", String::from_utf8_lossy(&output.stderr));
            }
            Err(why) => {
                terminal::skipped(&format!("not tried with xmllint (libxml2-utils): {why}"));
            }
        }
    }
    let xml = written(&sample::ordinary(), Format::Junit);
    assert!(
        xml.contains(r#"<testsuite name="trial-1, predicted" tests="5" skipped="0" errors="0" failures="1">"#),
        "{xml}"
    );
    assert!(
        xml.contains(r#"<testsuite name="trial-1, proven" tests="5" skipped="1" errors="0" failures="2">"#),
        "{xml}"
    );
    assert!(xml.contains("Nobody could look: /var/lib/systemd/linger: permission denied"), "{xml}");
    assert!(xml.contains("wanted: web.service active; found: inactive (dead)"), "{xml}");
}

/// A case as GitLab's parser takes it: its key, what became of it, and the text that is shown for it. It knows no suite, no property and no
/// attribute of a failure, and of two cases with one key it takes the first alone.
/// (docs.gitlab.com/ci/testing/unit_test_reports; lib/gitlab/ci/parsers/test/junit.rb)
fn as_gitlab_reads(xml: &str) -> Vec<((String, String), &'static str, String)> {
    let document = roxmltree::Document::parse(xml).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let cases = root
        .children()
        .filter(|node| node.has_tag_name("testsuite"))
        .flat_map(|suite| suite.children().filter(|node| node.has_tag_name("testcase")));
    let read = |case: roxmltree::Node<'_, '_>| {
        let attribute = |name| case.attribute(name).unwrap_or_default().to_owned();
        let child = |name| {
            case.children().find(|node| node.has_tag_name(name)).map(|node| node.text().unwrap_or("").to_owned())
        };
        let (what, text) = ["failure", "error", "skipped"]
            .into_iter()
            .find_map(|name| Some((name, child(name)?)))
            .unwrap_or_else(|| ("success", child("system-out").unwrap_or_default()));
        ((attribute("classname"), attribute("name")), what, text)
    };
    cases.map(read).collect()
}

#[test]
fn gitlab_shows_every_goal_of_every_grade_with_its_reason() {
    for (name, report) in all() {
        let cases = as_gitlab_reads(&written(&report, Format::Junit));
        let grades = usize::from(report.predicted.is_some()) + usize::from(report.proven.is_some());
        let keys: std::collections::BTreeSet<_> = cases.iter().map(|(key, ..)| key).collect();
        assert_eq!((cases.len(), keys.len()), (5 * grades, 5 * grades), "{name}: a key that is there twice is lost");
        for ((class, case), what, text) in &cases {
            assert!(
                !class.is_empty() && !case.is_empty() && !text.is_empty(),
                "{name}: {class} {case} {what}: no reason"
            );
        }
    }
    let cases = as_gitlab_reads(&written(&sample::ordinary(), Format::Junit));
    let said = |class: &str, goal: &str| {
        let found = cases.iter().find(|((of, name), ..)| of == class && name.starts_with(goal)).unwrap();
        (found.1, found.2.as_str())
    };
    assert_eq!(said("trial.predicted.account", "account/exists:").0, "success");
    let (what, text) = said("trial.proven.service", "service/active:");
    assert!(what == "failure" && text.contains("wanted: web.service active\nfound: inactive (dead)"), "{text}");
    let (what, text) = said("trial.proven.service", "service/lingers:");
    assert!(
        what == "skipped" && text.contains("Nobody could look: /var/lib/systemd/linger: permission denied"),
        "{text}"
    );
}

/// An attempt whose record was cut, that took too long, and of which a goal turned after the hand-in.
fn doubtful() -> Report {
    let mut report = sample::ordinary();
    report.record.breaks = vec!["record.jsonl: line 4 was changed".into()];
    report.time.over = 61_000_000;
    report.turned = vec![rootless_lab::exam::report::Turned {
        goal: "account/exists".into(),
        proven: true,
        first: Some(rootless_lab::exam::Answer::Fail),
        first_after: 1_000_000,
        now: Some(rootless_lab::exam::Answer::Pass),
        now_after: 61_000_000,
    }];
    report
}

#[test]
fn what_a_point_rests_on_stands_in_the_forms_for_programs_too() {
    let text = written(&doubtful(), Format::Csv);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let at: Vec<usize> = ["goal", "record", "turned", "over"]
        .map(|name| rows.headers().unwrap().iter().position(|head| head == name).unwrap_or_else(|| panic!("{name}")))
        .to_vec();
    for row in rows.records().map(Result::unwrap) {
        assert!(row[at[1]].contains("Not whole: record.jsonl: line 4 was changed."), "{row:?}");
        let turned =
            "account/exists was fail when it was first looked at, rebooted (0:01 after the hand-in), then pass (1:01).";
        assert_eq!(&row[at[2]], if &row[at[0]] == "account/exists" { turned } else { "" });
        assert_eq!(&row[at[3]], "1:01");
    }
    let xml = written(&doubtful(), Format::Junit);
    for wanted in [
        "name=\"record\" value=\"Not whole: record.jsonl: line 4 was changed.",
        "name=\"turned\" value=\"account/exists was fail when",
        "name=\"over\" value=\"1:01\"",
    ] {
        assert!(xml.contains(wanted), "{wanted}: {xml}");
    }
    let ordinary = written(&sample::ordinary(), Format::Junit);
    assert!(
        ordinary.contains("name=\"turned\" value=\"\"") && ordinary.contains("name=\"over\" value=\"0:00\""),
        "{ordinary}"
    );
}

#[test]
fn a_row_of_csv_is_a_goal_and_no_cell_is_a_formula() {
    for (name, report) in all() {
        let text = written(&report, Format::Csv);
        assert!(is_harmless(&text), "{name}: {text:?}");
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let columns = rows.headers().unwrap().len();
        let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 5, "{name}");
        for row in &rows {
            assert_eq!(row.len(), columns, "{name}");
            for cell in row {
                assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}: {cell:?}");
            }
        }
    }
    let text = written(&sample::hostile(), Format::Csv);
    assert!(text.contains("\"'=cmd|"), "a cell that begins so is text: {text}");
    let row = "\"trial-1\",\"trial\",\"lisa\",\"42\",\"14:02 of 15:00 used, 1 login\",\
               \"Looked at 0:01 after the hand-in; 0:38 (rebooted).\",\"Accounts\",\"account\",\"account/home\"";
    assert!(written(&sample::ordinary(), Format::Csv).contains(row));
}

#[test]
fn html_is_one_file_in_which_everything_foreign_is_text() {
    for (name, report) in all() {
        let html = written(&report, Format::Html);
        assert!(is_harmless(&html), "{name}");
        for outside in ["<script", "src=", "href=", "url(", "@import", "<link", "<img", "onerror", "http:", "https:"] {
            assert!(!html.contains(outside), "{name}: {outside}");
        }
        let opened = html.matches("<style>").count();
        assert_eq!((opened, html.matches("</style>").count()), (1, 1), "{name}");
    }
    let html = written(&sample::hostile(), Format::Html);
    for shown in [
        "&lt;script&gt;alert(1)&lt;&#x2f;script&gt;",
        "&quot;quotes&quot;",
        "\\x1b[31mred",
        "\\u{202e}txt.exe",
        "{{ seed }}",
    ] {
        assert!(html.contains(shown), "{shown}");
    }
}
