//! `rootless-lab doctor`: what this host can do, as a table or as JSON. Exit code 1 when something fails.

use checkers::{Evidence, Source, Verdict};
use clap::Args;
use serde::Serialize;

use super::{Exit, Failure};

use crate::doctor::{self, Answer, Ask, Finding};
use crate::screen::{self, Ability, Look};

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

impl Doctor {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let findings = doctor::judge(&doctor::look(Ask { online: self.online }));
        if self.json {
            let report = Report { version: 1, findings: &findings };
            sayln!("{}", serde_json::to_string_pretty(&report).map_err(std::io::Error::from)?);
        } else {
            say!("{}", screen::doctor(&findings.iter().map(ability).collect::<Vec<_>>(), look));
        }
        let failed = findings.iter().any(|finding| finding.answer == Answer::Fail);
        Ok(if failed { Exit::Red } else { Exit::Fine })
    }
}

fn ability(finding: &Finding) -> Ability {
    let found = finding.found.clone();
    let verdict = match finding.answer {
        Answer::Pass => Verdict::pass(Evidence::new(Source::Lab, found)),
        Answer::Fail => Verdict::fail(finding.name, found.clone(), Evidence::new(Source::Lab, found)),
        Answer::Unknown => Verdict::unknown(found),
    };
    Ability { name: finding.name.to_owned(), verdict, fix: finding.fix.clone() }
}
