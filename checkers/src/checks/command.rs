//! A command that the learner ran in the lab's terminal, for steps whose very subject is its outcome.
//!
#![doc = include_str!("command.md")]

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, pattern};
use crate::catalogue::Judge;
use crate::context::{CommandFact, Context};
use crate::facts::command_line::{self, Simple, StatusIs};
use crate::facts::flags::Options;
use crate::facts::podman;
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine, Run};
use crate::verdict::{Evidence, Source, Verdict};

/// What is wished of a command run during this step. The newest one that fits `run` is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// The program and the words that name what it does: `podman run`, `systemctl daemon-reload`, `ls`.
    pub run: String,
    /// Flags that it must have, by long name or letter as the program's own `--help` knows them: `[detach, tty, user]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Words that must be among its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// The account that ran it: whose shell it was, or whom `sudo` made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// It succeeded (status 0), or failed. In a nested shell the status cannot be seen: prefer `output` there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub succeeded: Option<bool>,
    /// The exit status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// Regular expressions; at least one matches somewhere in what it printed (`^` and `$` are lines).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output: Vec<String>,
    /// What `output` stands for, in words: a learner is told "output that shows" this, and not the expressions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
}

impl Judge for Command {
    fn eyes(&self) -> Eyes {
        match &self.account {
            // The program's help is asked as the account that ran it.
            Some(account) if !self.flags.is_empty() => Eyes::Account(account.clone()),
            _ => Eyes::Anyone,
        }
    }

    fn rests_on(&self) -> Vec<Ground> {
        vec![]
    }

    fn judge(&self, machine: &dyn Machine, context: &Context) -> Verdict {
        let wanted: Vec<&str> = self.run.split_whitespace().collect();
        let Some((program, verb)) = wanted.split_first() else {
            return Verdict::unknown("`run` names no program");
        };
        let newest = context.commands.iter().rev().find_map(|fact| {
            let mut simple = command_line::read(&fact.line).into_iter().rev();
            simple.find_map(|simple| Some((fact, words(&simple, program, verb)?, simple)))
        });
        let Some((fact, words, simple)) = newest else {
            let evidence = context.commands.last().map_or_else(
                || Evidence::new(Source::Command(String::new()), "no command in this step so far"),
                |fact| {
                    Evidence::new(Source::Command(fact.line.clone()), "the line typed last, which is another command")
                },
            );
            let wanted = format!("`{}` run in this terminal", self.run);
            return Verdict::Fail { wanted, found: "not yet".into(), evidence: vec![evidence], see: None };
        };
        let mut findings = Findings::default();
        let status = fact.status.map_or("status not seen".into(), |status| format!("status {status}"));
        let output: String =
            fact.output.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("").chars().take(300).collect();
        let said = if output.is_empty() { status } else { format!("{status}, {output}") };
        findings.saw(Evidence::new(Source::Command(fact.line.clone()), said));
        self.judge_account(simple.by.as_ref().or(fact.account.as_ref()), &mut findings);
        self.judge_outcome(fact, simple.status, &mut findings);
        for word in &self.arguments {
            let there = words
                .before
                .iter()
                .chain(&words.behind)
                .any(|w| w == word || w.split_once('=').is_some_and(|(_, value)| value == word));
            findings.wish(there, format!("`{word}` among its words"), format!("no `{word}` in `{}`", fact.line));
        }
        if !self.flags.is_empty() {
            self.judge_flags(machine, program, verb, &words, &mut findings);
        }
        match findings.verdict() {
            Verdict::Fail { wanted, found, evidence, .. } => Verdict::Fail { wanted, found, evidence, see: None },
            other => other,
        }
    }
}

/// The words of a command: those before the end of its verb (options of the program itself), and those behind it.
struct Words {
    before: Vec<String>,
    behind: Vec<String>,
}

/// The words of a command beside its program and its verb; none when it is another command. Options may stand between the words of the
/// verb, and so may a word after an option, which can be its value.
fn words(simple: &Simple, program: &str, verb: &[&str]) -> Option<Words> {
    let (first, words) = simple.words.split_first()?;
    if first.rsplit('/').next() != Some(program) {
        return None;
    }
    let words = if program == "podman" { &podman::in_short(words) } else { words };
    let (mut before, mut at, mut after_option) = (Vec::new(), 0, false);
    let mut verb = verb.iter().peekable();
    while let Some(next) = verb.peek() {
        let word = words.get(at)?;
        at += 1;
        if word == **next {
            verb.next();
            after_option = false;
        } else if word.starts_with('-') || after_option {
            after_option = word.starts_with('-') && !word.contains('=');
            before.push(word.clone());
        } else {
            return None;
        }
    }
    Some(Words { before, behind: words.get(at..).unwrap_or_default().to_vec() })
}

impl Command {
    fn judge_account(&self, found: Option<&String>, findings: &mut Findings) {
        match (&self.account, found) {
            (None, _) => {}
            (Some(wanted), Some(found)) => {
                findings.wish(wanted == found, format!("run by {wanted}"), format!("run by {found}"))
            }
            (Some(_), None) => findings.unknown(Verdict::unknown("it is not known whose shell ran it")),
        }
    }

    fn judge_outcome(&self, fact: &CommandFact, meaning: StatusIs, findings: &mut Findings) {
        if self.succeeded.is_some() || self.status.is_some() {
            match (fact.status, meaning) {
                (None, _) => {
                    findings.unknown(Verdict::unknown("the exit status cannot be seen inside a nested shell"));
                }
                (Some(status), StatusIs::Its) | (Some(status @ 0), StatusIs::ItsWhenZero) => {
                    let say = |succeeded| if succeeded { "it succeeds" } else { "it fails" };
                    if let Some(wanted) = self.succeeded {
                        findings.wish(
                            wanted == (status == 0),
                            say(wanted),
                            format!("{} (status {status})", say(status == 0)),
                        );
                    }
                    if let Some(wanted) = self.status {
                        findings.wish(wanted == status, format!("status {wanted}"), format!("status {status}"));
                    }
                }
                _ => findings.unknown(Verdict::Unknown {
                    why: "the line's exit status is not this command's alone".into(),
                    grant: Some("the command on a line of its own".into()),
                }),
            }
        }
        if self.output.is_empty() {
            return;
        }
        let mut fits = false;
        for text in &self.output {
            match pattern(text) {
                Ok(regex) => fits |= regex.is_match(&fact.output),
                Err(unknown) => return findings.unknown(unknown),
            }
        }
        let last = fact.output.lines().rev().find(|l| !l.trim().is_empty());
        let found = last
            .map_or("no output".into(), |l| format!("output ending in `{}`", l.chars().take(200).collect::<String>()));
        let wanted = match &self.shows {
            Some(shows) => format!("output that shows {shows}"),
            None => format!("output that matches `{}`", self.output.join("` or `")),
        };
        findings.wish(fits, wanted, found);
    }

    fn judge_flags(&self, machine: &dyn Machine, program: &str, verb: &[&str], words: &Words, findings: &mut Findings) {
        let flags = self.flags.iter().map(|flag| flag.trim_start_matches('-'));
        let options = match options(machine, program, verb) {
            Ok(options) => options,
            // What stands in full before any operand needs nobody to explain it.
            Err(_) if flags.clone().all(|flag| words.spelled(flag)) => return,
            Err(unknown) => return findings.unknown(unknown),
        };
        let (before, behind) = (options.read(&words.before), options.read(&words.behind));
        for flag in flags {
            let holds = before.on.contains(flag) || behind.on.contains(flag);
            let typed = dashed(flag);
            findings.wish(holds, format!("`{} {typed}`", self.run), format!("`{}` without {typed}", self.run));
        }
    }
}

/// A flag as it is typed.
fn dashed(flag: &str) -> String {
    let dashes = if flag.chars().count() == 1 { "-" } else { "--" };
    format!("{dashes}{flag}")
}

impl Words {
    /// The flag stands there letter by letter, before anything that could end the options.
    fn spelled(&self, flag: &str) -> bool {
        let whole = dashed(flag);
        [&self.before, &self.behind]
            .into_iter()
            .any(|words| words.iter().take_while(|w| w.starts_with('-') && *w != "--").any(|w| *w == whole))
    }
}

/// The options of a program, from its own `--help`. Only a plain `PROGRAM --help` of the system's own folders is run, never with other words of a lesson:
/// `bash x --help` would run x.
fn options(machine: &dyn Machine, program: &str, verb: &[&str]) -> Result<Options, Verdict> {
    if program == "podman" {
        let verb = verb.join(" ");
        return podman::options(&verb)
            .ok_or_else(|| Verdict::unknown(format!("the options of `podman {verb}` are not known here")));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+.-".contains(c);
    if !program.chars().all(plain) || program.starts_with(['-', '.']) {
        return Err(Verdict::unknown(format!("`{program}` is not the plain name of a program")));
    }
    let mut help = Err(CouldNot::Absent);
    // Debian 11 can keep systemctl in /bin alone, and administrators' programs stand in sbin.
    for folder in ["/usr/bin", "/bin", "/usr/sbin", "/sbin"] {
        let (program, arguments, time) =
            (Path::new(folder).join(program), vec!["--help".into()], Duration::from_secs(2));
        help = machine.run(&Run { program, arguments, input: Vec::new(), time });
        if !matches!(help, Err(CouldNot::Absent)) {
            break;
        }
    }
    let help = help.map_err(|why| could_not(format_args!("`{program} --help`"), &why))?;
    let options = Options::from_help(&String::from_utf8_lossy(&help.output));
    if options.longs.is_empty() && options.letters.is_empty() {
        return Err(Verdict::unknown(format!("`{program} --help` names no options")));
    }
    Ok(options)
}

#[cfg(test)]
mod tests;
