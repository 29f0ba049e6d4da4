//! A check program that a lesson's author brings: JSON on its standard input, a verdict on its standard output. Runs as an account, never as root.
//!
#![doc = include_str!("program.md")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::findings::could_not;
use crate::catalogue::Judge;
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine, Run};
use crate::verdict::{Evidence, Source, Verdict};

use crate::time::Span;

/// An author's own check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Program {
    /// The program's file, in the lesson's folder (the reader of the lesson makes it a full path).
    pub file: std::path::PathBuf,
    /// Arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// The account to run it as. Never root.
    #[serde(rename = "as")]
    pub account: String,
    /// It is killed with its children after this time, a minute at the most. `5s` unless said.
    #[serde(default = "default_time")]
    pub time: Span,
}

fn default_time() -> Span {
    Span(std::time::Duration::from_secs(5))
}

/// No program is given more time.
pub const LONGEST_TIME: Span = Span(std::time::Duration::from_secs(60));

/// The version of what is asked and answered.
const VERSION: u32 = 1;

/// No text of a program is longer, in characters.
const LONGEST: usize = 400;
/// No program says more things seen.
const MOST_EVIDENCE: usize = 20;

#[derive(Serialize)]
struct Question<'a> {
    version: u32,
    account: &'a str,
    arguments: &'a [String],
    remembered: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// Looked at before the rest.
    #[serde(default, rename = "version")]
    _version: u32,
    verdict: Word,
    #[serde(default)]
    wanted: String,
    #[serde(default)]
    found: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    evidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Pass,
    Fail,
    Unknown,
}

impl Judge for Program {
    fn eyes(&self) -> Eyes {
        Eyes::Account(self.account.clone())
    }

    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Program]
    }

    fn judge(&self, machine: &dyn Machine, context: &Context) -> Verdict {
        let name = clean(&self.file.file_name().unwrap_or(self.file.as_os_str()).to_string_lossy());
        match machine.account(&self.account) {
            Ok(Some(account)) if account.uid != 0 => {}
            Ok(Some(_)) => return Verdict::unknown(format!("check program {name} is refused: never run as root")),
            Ok(None) => {
                return Verdict::unknown(format!("check program {name}: no account {} to run it", self.account));
            }
            Err(why) => return could_not(format_args!("account {}", self.account), &why),
        }
        if !self.file.is_absolute() {
            return Verdict::unknown(format!("check program {name}: its place is not known"));
        }
        let question = Question {
            version: VERSION,
            account: &self.account,
            arguments: &self.arguments,
            remembered: &context.remembered,
        };
        let input = match serde_json::to_vec(&question) {
            Ok(input) => input,
            Err(error) => return Verdict::unknown(format!("check program {name}: {error}")),
        };
        let time = self.time.0.min(LONGEST_TIME.0);
        let (program, arguments) = (self.file.clone(), self.arguments.clone());
        let ran = match machine.run(&Run { program, arguments, input, time }) {
            Ok(ran) => ran,
            Err(CouldNot::TimedOut) => {
                return Verdict::unknown(format!("check program {name} did not end within {}", Span(time)));
            }
            Err(CouldNot::TooLarge) => return Verdict::unknown(format!("check program {name} printed too much")),
            Err(why) => return could_not(format_args!("check program {name}"), &why),
        };
        match read(&ran.output) {
            Ok(answer) => verdict(&name, answer),
            Err(why) => {
                let status = ran.status.map_or("was ended by a signal".into(), |s| format!("ended with status {s}"));
                let said = clean(&String::from_utf8_lossy(&ran.errors));
                // What it complained says more than what is wrong with its answer.
                let said = if said.is_empty() { why.map(|why| clean(&why)).unwrap_or_default() } else { said };
                let said = if said.is_empty() { said } else { format!(": {said}") };
                Verdict::unknown(format!("check program {name} {status} and gave no verdict{said}"))
            }
        }
    }
}

/// The answer in what was printed, or what is wrong with it; nothing where nothing was printed.
fn read(output: &[u8]) -> Result<Answer, Option<String>> {
    #[derive(Deserialize)]
    struct Only {
        version: Option<u32>,
    }
    if output.trim_ascii().is_empty() {
        return Err(None);
    }
    // Another version may have other keys, so it comes first.
    match serde_json::from_slice(output) {
        Ok(Only { version: Some(version) }) if version != VERSION => {
            return Err(Some(format!("it answers in version {version}, and only version {VERSION} is known here")));
        }
        _ => {}
    }
    serde_json::from_slice(output).map_err(|error| Some(error.to_string()))
}

fn verdict(name: &str, answer: Answer) -> Verdict {
    let source = || Source::Program(name.to_owned());
    let said = answer.evidence.iter().take(MOST_EVIDENCE).map(|text| Evidence::new(source(), clean(text)));
    let mut evidence: Vec<Evidence> = said.filter(|e| !e.said.is_empty()).collect();
    let or = |text: &str, otherwise: &str| Some(clean(text)).filter(|t| !t.is_empty()).unwrap_or(otherwise.into());
    if evidence.is_empty() {
        let said = if matches!(answer.verdict, Word::Fail) { or(&answer.found, "fail") } else { "pass".into() };
        evidence.push(Evidence::new(source(), said));
    }
    match answer.verdict {
        Word::Pass => Verdict::Pass { evidence, remember: BTreeMap::new() },
        Word::Fail => {
            let wanted = or(&answer.wanted, &format!("what {name} asks for"));
            Verdict::Fail { wanted, found: or(&answer.found, "something else"), evidence, see: None }
        }
        Word::Unknown => {
            Verdict::unknown(format!("{name}: {}", or(&answer.why, "it could not look, and does not say why")))
        }
    }
}

/// Text of a stranger: no control characters (line ends become spaces), not too long.
fn clean(text: &str) -> String {
    let invisible =
        |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c);
    let text: String =
        text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !invisible(*c)).collect();
    let text = text.trim();
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::witness::{MOST, depose};
    use crate::machine::{Ran, Recorded};

    fn judged(account: &str, ran: Result<Ran, CouldNot>) -> Verdict {
        let machine = Recorded::new().account("root", 0).account("ada", 1000).program("/lesson/check", &["a"], ran);
        let check = Program {
            file: "/lesson/check".into(),
            arguments: vec!["a".into()],
            account: account.into(),
            time: default_time(),
        };
        assert_eq!(check.eyes(), Eyes::Account(account.into()));
        check.judge_in_all_ways(&machine, &Context::default())
    }
    fn said(output: &str) -> Result<Ran, CouldNot> {
        Ok(Ran { status: Some(0), output: output.into(), errors: b"oops\x1b[2J\n".to_vec() })
    }

    fn quiet(output: &str) -> Result<Ran, CouldNot> {
        Ok(Ran { status: Some(0), output: output.into(), errors: Vec::new() })
    }

    #[test]
    fn program_passes_when_it_says_so() {
        let verdict = judged("ada", said(r#"{"verdict":"pass","evidence":["3 files"]}"#));
        assert_eq!(verdict, Verdict::pass(Evidence::new(Source::Program("check".into()), "3 files")));
        assert_eq!(judged("ada", said(r#"{"version":1,"verdict":"pass"}"#)).evidence().len(), 1);
    }

    #[test]
    fn program_fails_with_clean_and_short_words() {
        let long = "x".repeat(1000);
        let text = format!(r#"{{"verdict":"fail","wanted":"three\u001b[31m\nfiles","found":"{long}"}}"#);
        let verdict = judged("ada", said(&text));
        let Verdict::Fail { wanted, found, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!((wanted.as_str(), found.chars().count()), ("three[31m files", LONGEST));
    }

    #[test]
    fn program_is_asked_as_the_book_says_and_has_a_minute_at_the_most() {
        let ran = said(r#"{"verdict":"pass"}"#);
        let machine = Recorded::new().account("ada", 1000).program("/lesson/check", &["inbox", "3"], ran);
        let context = Context { remembered: [("id".to_owned(), "7".to_owned())].into(), ..Context::default() };
        let asked = |time: u64| {
            let check = Program {
                file: "/lesson/check".into(),
                arguments: vec!["inbox".into(), "3".into()],
                account: "ada".into(),
                time: Span(Duration::from_secs(time)),
            };
            let (verdict, seen) = depose(&check.into(), &machine, &context, &Cell::new(MOST));
            assert!(matches!(verdict, Verdict::Pass { .. }), "{verdict:?}");
            let seen = serde_json::to_value(&seen).unwrap();
            let run = seen["facts"].as_array().unwrap().iter().find_map(|fact| fact[0].get("run")).unwrap().clone();
            (run["input"]["text"].as_str().unwrap().to_owned(), run["time"]["secs"].as_u64().unwrap())
        };
        let question = r#"{"version":1,"account":"ada","arguments":["inbox","3"],"remembered":{"id":"7"}}"#;
        assert_eq!(asked(5), (question.to_owned(), 5));
        assert_eq!(asked(3600).1, 60);
    }

    #[test]
    fn program_is_unknown_when_it_gives_no_verdict_in_time_and_in_bounds() {
        for (ran, why) in [
            (said("no json"), "gave no verdict: oops[2J"),
            (
                quiet(r#"{"verdict":"pass","evidense":[]}"#),
                "gave no verdict: unknown field `evidense`, expected one of",
            ),
            (quiet(r#"{"verdict":"pass"} {"verdict":"fail"}"#), "trailing characters"),
            (quiet(r#"{"version":2,"state":"fine"}"#), "it answers in version 2, and only version 1 is known here"),
            (said(r#"{"verdict":"green"}"#), "gave no verdict"),
            (said(""), "ended with status 0"),
            (said(r#"{"verdict":"unknown","why":"no net"}"#), "check: no net"),
            (Err(CouldNot::TimedOut), "within 5s"),
            (Err(CouldNot::TooLarge), "too much"),
            (Err(CouldNot::Denied), "no permission"),
        ] {
            let verdict = judged("ada", ran);
            assert!(matches!(&verdict, Verdict::Unknown { why: said, .. } if said.contains(why)), "{why}: {verdict:?}");
        }
        let pass = || said(r#"{"verdict":"pass"}"#);
        assert!(judged("root", pass()).is_unknown(), "never as root");
        assert!(judged("nobody-here", pass()).is_unknown());
    }
}
