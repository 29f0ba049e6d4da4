//! `rootless-lab exam report|review|history` on attempts that lie on the disk.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use checkers::machine::Recorded;
use checkers::machine::witness::testify;
use rootless_lab::exam::evidence::Evidence;
use rootless_lab::exam::{Attempts, Event, Folder, GoalId, GradeKind, Graded, Reading};

use crate::sample::{self, EXAM};

fn keep(home: &Path, events: &[(Reading, Event)]) -> String {
    let [(at, Event::Started(started)), rest @ ..] = events else { panic!("an attempt begins with its start") };
    let (id, mut folder) = Attempts::new(home).begin(EXAM, at, (**started).clone()).unwrap();
    for (at, event) in rest {
        folder.append(at, event).unwrap();
    }
    id.to_string()
}

fn run(home: &Path, words: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    program.args(words).env("XDG_STATE_HOME", home).env("COLUMNS", "80").env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    program.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_kept_attempt_is_reported_in_every_form_by_its_name_and_by_its_folder() {
    let home = tempfile::tempdir().unwrap();
    let id = keep(home.path(), &sample::ordinary_events(&sample::sheet()));
    let folder = home.path().join("rootless-lab/exams").join(&id);
    for (format, begins) in [
        ("human", "A trial\nAttempt trial-1 of lisa\n"),
        ("json", "{\n  \"version\": 1,\n  \"attempt\": \"trial-1\""),
        ("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rootless-lab exam\" tests=\"10\""),
        ("html", "<!DOCTYPE html>"),
        ("csv", "\"attempt\",\"exam\""),
    ] {
        let by_name = run(home.path(), &["exam", "report", &id, "--format", format]);
        assert_eq!(by_name.status.code(), Some(0), "{}", said(&by_name));
        assert!(said(&by_name).starts_with(begins), "{}", said(&by_name));
        let newest = run(home.path(), &["exam", "report", "--format", format]);
        assert_eq!(said(&newest), said(&by_name));
        let by_folder =
            run(Path::new("/nonexistent"), &["exam", "report", folder.to_str().unwrap(), "--format", format]);
        assert_eq!(said(&by_folder), said(&by_name));
    }
}

#[test]
fn a_record_that_somebody_changed_is_said_to_be_so() {
    let home = tempfile::tempdir().unwrap();
    let id = keep(home.path(), &sample::ordinary_events(&sample::sheet()));
    let record = home.path().join("rootless-lab/exams").join(&id).join("record.jsonl");
    let text = fs::read_to_string(&record).unwrap().replace("sudo useradd -u 2342", "sudo useradd -u 2343");
    fs::write(&record, text).unwrap();
    let report = said(&run(home.path(), &["exam", "report", &id]));
    assert!(report.contains("Not whole: line 3 was changed."), "{report}");
    let json = said(&run(home.path(), &["exam", "report", &id, "--format", "json"]));
    assert!(json.contains("\"line 3 was changed\""), "{json}");
    let html = said(&run(home.path(), &["exam", "report", &id, "--format", "html"]));
    assert!(html.contains("class=\"fail\">Not whole: line 3 was changed."), "{html}");
}

#[test]
fn a_review_leads_to_the_lesson_and_is_not_given_while_somebody_still_sits_there() {
    let home = tempfile::tempdir().unwrap();
    let events = sample::ordinary_events(&sample::sheet());
    let sits = tempfile::tempdir().unwrap();
    let running = keep(sits.path(), &events[..4]);
    let refused = run(sits.path(), &["exam", "review", &running]);
    assert_eq!(refused.status.code(), Some(5), "{}", said(&refused));
    assert!(said(&refused).contains("trial-1 is still under way"), "{}", said(&refused));
    let ungraded = run(home.path(), &["exam", "review", &keep(home.path(), &events[..6])]);
    assert_eq!(ungraded.status.code(), Some(2), "{}", said(&ungraded));
    let review = said(&run(home.path(), &["exam", "review", &keep(home.path(), &events)]));
    assert!(review.contains("The lesson rootless-containers, step "), "{review}");
    assert!(review.contains("2. A service of the account (0 of 20)"), "{review}");
    assert!(review.contains("sudo useradd -u 2342 cricket"), "{review}");
}

#[test]
fn a_review_compares_the_candidates_file_as_it_was_seen_with_a_good_one() {
    let home = tempfile::tempdir().unwrap();
    let exam = sample::sheet();
    let user = &exam.parameters["user"];
    let check =
        format!("{{unit-file: {{path: ~/.config/systemd/user/web.service, as: {user}, sections: [Service, Timer]}}}}");
    let wish: checkers::Check = serde_yaml::from_str(&check).unwrap();
    let unit = "[Service]\nExecStart=/usr/bin/podman start web\n[Install]\nWantedBy=default.target\n";
    let machine =
        Recorded::new().account(user, 2342).file(format!("/home/{user}/.config/systemd/user/web.service"), unit);
    let (verdicts, testimony) = testify(&[wish], &machine, &checkers::Context::default());
    assert!(verdicts[0].is_fail(), "{verdicts:?}");
    let goal: GoalId = "service/active".parse().unwrap();
    let evidence = Evidence::new(vec![goal.clone()], verdicts.clone(), testimony);
    let events = sample::ordinary_events(&exam);
    let id = keep(home.path(), &events[..6]);
    let folder = home.path().join("rootless-lab/exams").join(&id);
    let testimonies = vec![evidence.keep(&folder.join("testimony")).unwrap()];
    let graded = Graded { kind: GradeKind::Predicted, verdicts: [(goal, verdicts[0].clone())].into(), testimonies };
    Folder::at(&folder).append(&events[6].0, &Event::Graded(Box::new(graded))).unwrap();
    let review = said(&run(home.path(), &["exam", "review", &id]));
    for line in [
        "web.service, from yours (-) to a good one (+):",
        "  - ExecStart=/usr/bin/podman start web\n",
        "  + ExecStart=/usr/bin/podman start -a web\n",
    ] {
        assert!(review.contains(line), "{line}\n{review}");
    }
    fs::remove_dir_all(folder.join("testimony")).unwrap();
    assert!(said(&run(home.path(), &["exam", "review", &id])).contains("yours is not on record"));
}

#[test]
fn the_history_leaves_out_what_cannot_be_read_and_says_so() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(said(&run(home.path(), &["exam", "history"])), "No attempt yet.\n");
    let exam = sample::sheet();
    keep(home.path(), &sample::ordinary_events(&exam));
    let other = keep(home.path(), &sample::ordinary_events(&exam));
    fs::write(home.path().join("rootless-lab/exams").join(&other).join("exam.yaml"), "another").unwrap();
    let history = run(home.path(), &["exam", "history"]);
    assert_eq!(history.status.code(), Some(0));
    let history = said(&history);
    assert!(history.contains("trial-1") && history.contains("Containers as services: now"), "{history}");
    assert!(history.contains("The attempt trial-2 is left out"), "{history}");
    assert_eq!(said(&run(home.path(), &["exam", "history", "another"])), "No attempt yet.\n");
}

#[test]
fn what_is_no_attempt_ends_with_a_way_out() {
    let home = tempfile::tempdir().unwrap();
    for (words, code) in [
        (["exam", "report", "nothing"].as_slice(), 2),
        (&["exam", "report", "trial-7"], 4),
        (&["exam", "report", "/nowhere/at/all"], 4),
        (&["exam", "report"], 4),
        (&["exam", "report", "trial-1", "--format", "pdf"], 2),
    ] {
        let output = run(home.path(), words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", said(&output));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{words:?}");
    }
}

#[test]
fn the_schema_of_a_report_is_printed() {
    let printed = |words: &[&str]| -> serde_json::Value {
        serde_json::from_slice(&run(Path::new("/nonexistent"), words).stdout).unwrap()
    };
    assert_eq!(printed(&["exam", "schema"]), rootless_lab::exam::report::report_schema());
    assert_eq!(printed(&["lesson", "schema", "--exam"]), rootless_lab::exam::form_schema());
}
