//! `rootless-lab doctor`: what this host can do, as a table or as JSON. Exit code 1 when something fails.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::doctor::{self, Answer, Ask, Finding};
use crate::practice;

/// Tell what this host can do for the lab, and how to mend what is missing.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Print JSON for programs.
    #[arg(long)]
    json: bool,
    /// Connect to the registry of the lessons' image too, when it is not on this host.
    #[arg(long)]
    online: bool,
}

/// The JSON shape. `version` grows when a field changes its meaning.
#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    findings: &'a [Finding],
}

/// Looks at the host and says what it found. Exit code 0 when nothing fails, 1 otherwise.
pub fn run(args: Doctor) -> Result<ExitCode, practice::Error> {
    let findings = doctor::judge(&doctor::look(Ask { online: args.online }));
    if args.json {
        let report = Report { version: 1, findings: &findings };
        let json = serde_json::to_string_pretty(&report);
        println!(
            "{}",
            json.map_err(|bad| practice::Error::Program { program: "doctor".into(), said: bad.to_string() })?
        );
    } else {
        print!("{}", table(&findings));
    }
    let failed = findings.iter().any(|finding| finding.answer == Answer::Fail);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// One line a finding, with its fix below.
fn table(findings: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let answer = match finding.answer {
            Answer::Pass => "pass",
            Answer::Fail => "FAIL",
            Answer::Unknown => "unknown",
        };
        let fix = finding.fix.as_ref().map(|fix| format!("{:22}fix: {fix}\n", "")).unwrap_or_default();
        format!("{answer:<8} {:<12} {}\n{fix}", finding.name, finding.found)
    };
    findings.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_the_fix_below_what_fails() {
        let findings = [
            Finding {
                name: "podman",
                answer: Answer::Fail,
                found: "not installed".into(),
                fix: Some("install the package podman".into()),
            },
            Finding { name: "cgroup", answer: Answer::Pass, found: "version 2".into(), fix: None },
        ];
        let wanted = "FAIL     podman       not installed\n                      fix: install the package podman\npass     cgroup       version 2\n";
        assert_eq!(table(&findings), wanted);
    }
}
