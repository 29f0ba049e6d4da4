//! Explains what a command said: from the command line or from standard input, with the machine's facts where they are asked for.

use std::ffi::OsString;
use std::io::{IsTerminal, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use checkers::Context;
use clap::Args;
use serde_json::json;

use super::{Exit, Failure};
use crate::driver::{self, Sight};
use crate::lesson::Problem;
use crate::manual::Manuals;
use crate::mistakes::{Catalogue, Diagnosis, Setting, Suspect, Told, diagnose};
use crate::screen::{self, Look};
use crate::session::{Explained, Show};

/// No more is read: the last of it.
const MOST: usize = 1 << 20;

/// Say which known mistake a message is, why, and the way out. Ends with 1 where nothing is known of it.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// What a command printed; `-`, or nothing, reads it from standard input (`podman ps 2>&1 | rootless-lab explain`).
    #[arg(allow_hyphen_values = true)]
    text: Option<OsString>,
    /// Look at the machine too, as this account's mistake: the facts decide, and mistakes without a message are found.
    #[arg(long = "as", value_name = "USER")]
    account: Option<String>,
    /// The command line that printed it, where you know it: some mistakes are one program's only.
    #[arg(long, value_name = "COMMAND", allow_hyphen_values = true)]
    line: Option<String>,
    /// The exit status of that command.
    #[arg(long, value_name = "NUMBER")]
    status: Option<i32>,
    /// As JSON: the diagnoses, the surest first.
    #[arg(long)]
    json: bool,
    /// Known mistakes of your own, read instead of those of the program: a folder of YAML files. What is wrong with them is shown.
    #[arg(long, value_name = "FOLDER")]
    mistakes: Option<PathBuf>,
}

impl Explain {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let own = self.mistakes.as_deref().map(|folder| own(folder, look)).transpose()?;
        let catalogue = own.as_ref().unwrap_or_else(|| Catalogue::builtin());
        let Some(text) = self.text()? else {
            if self.mistakes.is_some() {
                sayln!("{} mistakes, no problem.", catalogue.entries().count());
                return Ok(Exit::Fine);
            }
            let way_out = "podman ps 2>&1 | rootless-lab explain, or rootless-lab explain 'the message'";
            return Err(Failure::new(Exit::Usage, "there is nothing to explain", way_out));
        };
        let diagnoses = self.diagnoses(catalogue, &text)?;
        if self.json {
            let diagnoses: Vec<_> = diagnoses.iter().map(as_json).collect();
            sayln!("{:#}", json!({ "diagnoses": diagnoses }));
        } else if diagnoses.is_empty() {
            sayln!("Nothing is known of this.");
        } else {
            let manual = diagnoses.first().and_then(|first| first.manual.as_ref());
            let manual = manual.map(|entry| Manuals::default().excerpt(entry));
            let show = Show::Diagnosis(Explained { diagnoses: diagnoses.clone(), manual, in_full: true });
            say!("{}", screen::text(&show, look));
        }
        Ok(if diagnoses.is_empty() { Exit::Red } else { Exit::Fine })
    }

    /// What is to be explained; none where nobody said anything.
    fn text(&self) -> Result<Option<Vec<u8>>, Failure> {
        match &self.text {
            Some(text) if text != "-" => return Ok(Some(text.as_bytes().to_vec())),
            None if std::io::stdin().is_terminal() => return Ok(None),
            _ => {}
        }
        let mut text = Vec::new();
        let mut stdin = std::io::stdin().lock();
        let mut bytes = vec![0; 1 << 16];
        loop {
            match stdin.read(&mut bytes) {
                Ok(0) => break,
                Ok(count) => text.extend_from_slice(&bytes[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
            if text.len() > 2 * MOST {
                text.drain(..text.len() - MOST);
            }
        }
        Ok(Some(text).filter(|text| !(text.is_empty() && self.mistakes.is_some() && self.account.is_none())))
    }

    fn diagnoses(&self, catalogue: &Catalogue, text: &[u8]) -> Result<Vec<Diagnosis>, Failure> {
        let told = Told { line: self.line.as_deref(), status: self.status, output: text };
        let Some(account) = &self.account else {
            let setting = driver::setting(driver::own_account().as_deref());
            return Ok(diagnose(&catalogue.suspects(&told, &setting), &[]));
        };
        let setting = driver::setting_of_all(account);
        if setting.me.is_none() {
            let way_out = "name one that exists: getent passwd";
            return Err(Failure::new(Exit::Usage, format!("there is no account `{account}`"), way_out));
        }
        let mut sight = Sight::default();
        let found = judged(&mut sight, &catalogue.suspects(&told, &setting));
        if found.is_empty() { Ok(silent(&mut sight, catalogue, &setting)) } else { Ok(found) }
    }
}

fn silent(sight: &mut Sight, catalogue: &Catalogue, setting: &Setting) -> Vec<Diagnosis> {
    judged(sight, &catalogue.silent(setting))
}

/// Has the facts looked at, and weighs them.
fn judged(sight: &mut Sight, suspects: &[Suspect]) -> Vec<Diagnosis> {
    let wishes: Vec<_> = suspects.iter().flat_map(Suspect::facts).collect();
    driver::weighed(suspects, sight.judge(&wishes, &Context::default()))
}

fn as_json(diagnosis: &Diagnosis) -> serde_json::Value {
    let seen = diagnosis.evidence.iter().map(|one| format!("{}: {}", screen::place(&one.source), one.said.trim()));
    let unseen = diagnosis.unseen.iter().map(|why| format!("not looked at: {why}"));
    let evidence: Vec<String> = seen.chain(unseen).collect();
    json!({
        "id": diagnosis.id,
        "title": diagnosis.title,
        "confidence": diagnosis.confidence,
        "cause": diagnosis.cause,
        "fix": diagnosis.fix,
        "evidence": evidence,
    })
}

/// Reads a folder of entries; everything that is wrong with them is shown.
fn own(folder: &Path, look: &Look) -> Result<Catalogue, Failure> {
    let unreadable = |error: std::io::Error| {
        let what = format!("cannot read {}", folder.display());
        Failure::new(Exit::Usage, what, error.to_string())
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|end| end == "yaml"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        files.push((path.display().to_string(), std::fs::read_to_string(&path).map_err(unreadable)?));
    }
    let (catalogue, mut problems) = Catalogue::read(&files);
    problems.extend(catalogue.samples_without_entry(&files));
    for problem in &problems {
        show(problem, &files, look);
    }
    if problems.is_empty() {
        return Ok(catalogue);
    }
    let what = format!("{} has {}", folder.display(), screen::counted(problems.len(), "problem"));
    Err(Failure::new(Exit::Lesson, what, "mend the places shown above"))
}

fn show(problem: &Problem, files: &[(String, String)], look: &Look) {
    use std::os::fd::AsFd;
    let look = super::look_of(std::io::stderr().as_fd(), look.plain);
    let text = files.iter().find(|(name, _)| *name == problem.file).map_or("", |(_, text)| text.as_str());
    let (what, help) = (problem.what.to_string(), screen::expected(&problem.what));
    let shown = screen::problem(&problem.file, text, problem.span.clone(), &what, help.as_deref(), &look);
    super::say::err(format_args!("{shown}"));
}
