//! What a proof found as JUnit's XML, for the servers that show test results: a suite a lesson and release, a case a thing asked.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::proof::{asked, details, headline, reason_of};
use crate::author::{Outcome, Proof, Trial};

/// The report; why there is none.
pub fn junit(proofs: &[Proof]) -> Result<String, String> {
    let mut report = Report::new("rootless-lab lesson prove");
    for proof in proofs {
        let mut suite = TestSuite::new(format!("{} on {}", proof.lesson, proof.release));
        for trial in &proof.trials {
            suite.add_test_cases(cases(&proof.lesson, trial));
        }
        suite.set_time(proof.trials.iter().map(|trial| trial.time).sum());
        report.add_test_suite(suite);
    }
    xml(&report)
}

/// The XML. The schema that Jenkins validates against knows no `skipped` of the whole, only of each suite: it goes.
pub(super) fn xml(report: &Report) -> Result<String, String> {
    let xml = report.to_string().map_err(|error| error.to_string())?;
    let Some((head, rest)) = xml.split_once("<testsuites").and_then(|(_, rest)| rest.split_once('>')) else {
        return Ok(xml);
    };
    let head = head.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1);
    Ok(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites{head}>{rest}"))
}

fn cases(lesson: &str, trial: &Trial) -> Vec<TestCase> {
    let case = |case: &crate::author::Case| {
        let status = match &case.outcome {
            Outcome::Held => TestCaseStatus::success(),
            Outcome::LeftOut(reason) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(reason_of(reason));
                status
            }
            outcome @ Outcome::Broken(_) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(headline(case)).set_description(details(outcome).join("\n"));
                status
            }
        };
        let what = asked(case.what);
        let name = if case.place.is_empty() { what.to_owned() } else { format!("{}: {what}", case.place) };
        let mut one = TestCase::new(format!("{}: {name}", trial.name), status);
        one.set_classname(lesson);
        one
    };
    trial.cases.iter().map(case).collect()
}
