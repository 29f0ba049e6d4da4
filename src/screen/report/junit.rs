//! A report as JUnit's XML: a suite a grade, a case a goal. What nobody could look at is skipped, with the reason: it is neither a success
//! nor a failure.

use quick_junit::{NonSuccessKind, Property, Report as Xml, TestCase, TestCaseStatus, TestSuite};

use super::super::clean::{clean, clean_line};
use super::super::goals::place;
use super::super::junit::xml;
use super::super::look::Look;
use super::words;
use crate::exam::Answer;
use crate::exam::report::{GoalReport, Marks, Outcome, Report};

type Side = fn(&GoalReport) -> Option<&Outcome>;

/// The XML.
pub(super) fn junit(report: &Report) -> Result<String, String> {
    let mut all = Xml::new("rootless-lab exam");
    let sides: [(&str, &Option<Marks>, Side); 2] = [
        ("predicted", &report.predicted, |goal| goal.predicted.as_ref()),
        ("proven", &report.proven, |goal| goal.proven.as_ref()),
    ];
    for (name, marks, side) in sides {
        if let Some(marks) = marks {
            all.add_test_suite(suite(report, name, marks, side));
        }
    }
    xml(&all)
}

fn suite(report: &Report, name: &str, marks: &Marks, side: Side) -> TestSuite {
    let mut suite = TestSuite::new(line(&format!("{}, {name}", report.attempt)));
    let facts = [
        ("attempt", report.attempt.clone()),
        ("candidate", words::candidate(report)),
        ("seed", report.seed.clone()),
        ("score", words::total(marks.total)),
        ("standing", words::standing(marks, report.exam.pass_mark)),
        ("time", words::time(report)),
        ("over", words::span(report.time.over)),
        ("looks", words::looks(report).unwrap_or_default()),
        ("turned", words::turned(report).join(" ")),
        ("record", words::record_in_a_line(report)),
    ];
    let own = facts.into_iter().map(|(name, value)| (name.to_owned(), value));
    let drawn = report.parameters.iter().map(|(name, value)| (format!("parameter {name}"), value.clone()));
    let versions = report.versions.iter().map(|(name, value)| (format!("version {name}"), value.clone()));
    for (name, value) in own.chain(drawn).chain(versions) {
        suite.add_property(Property::new(line(&name), line(&value)));
    }
    for (task, goal) in report.tasks.iter().flat_map(|task| task.goals.iter().map(move |goal| (task, goal))) {
        suite.add_test_case(case(&format!("{}.{name}.{}", report.exam.id, task.id), goal, side(goal)));
    }
    suite
}

/// A case of this class, which names the grade: GitLab takes of two cases of one class and name the first alone, and knows no suite.
fn case(class: &str, goal: &GoalReport, outcome: Option<&Outcome>) -> TestCase {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let status = match outcome.map(|outcome| (outcome.answer, outcome)) {
        Some((Answer::Pass, _)) => TestCaseStatus::success(),
        Some((Answer::Fail, outcome)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let says = format!("wanted: {}; found: {}", text(&outcome.wanted), text(&outcome.found));
            status.set_type("fail").set_message(line(&says));
            status.set_description(details(goal, outcome));
            status
        }
        Some((Answer::Unknown, outcome)) => skipped(&format!("Nobody could look: {}", text(&outcome.why))),
        None => skipped("not asked in this grade"),
    };
    let mut case = TestCase::new(line(&format!("{}: {}", goal.id, goal.say)), status);
    case.set_classname(line(class));
    if let Some(outcome) = outcome.filter(|outcome| outcome.answer == Answer::Pass) {
        case.set_system_out(details(goal, outcome));
    }
    case
}

/// Said twice: some read the attribute, some the text.
fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(line(why)).set_description(clean(why, &Look::FILE));
    status
}

fn details(goal: &GoalReport, outcome: &Outcome) -> String {
    let mut lines = vec![format!("points: {} of {}", words::range(outcome.adds), goal.points)];
    lines.extend(outcome.wanted.iter().map(|wanted| format!("wanted: {wanted}")));
    lines.extend(outcome.found.iter().map(|found| format!("found: {found}")));
    lines.extend(outcome.see.iter().map(|see| format!("see: {see}")));
    lines.extend(outcome.evidence.iter().map(|one| format!("seen in {}: {}", place(&one.source), one.said.trim())));
    clean(&lines.join("\n"), &Look::FILE)
}

fn line(text: &str) -> String {
    clean_line(text, &Look::FILE)
}
