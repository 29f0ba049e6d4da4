//! What belongs to one goal of an attempt, in one tar to attach to a report. The same attempt gives the same bytes; nothing secret is in it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use checkers::Verdict;
use regex::Regex;
use serde::Serialize;
use serde_json::json;

use super::TESTIMONY;
use crate::exam::evidence::{self, Evidence};
use crate::exam::{Attempt, Event, Exam, Folder, FolderError, Goal, GoalId, GradeKind, NoAttempt, Task, Typed};
use crate::screen::{self, Look};

/// Above the transcript's redaction: what may carry a password on a command line.
static TELLING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)pass|secret|token|credential|\bkeys?\b|BEGIN .*KEY|\$(?:y|6|5|1|2[aby])\$").ok());
/// What stands in place of such a line.
const LEFT_OUT: &str = "(left out: it may hold a password)";

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The attempt cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// It is no attempt.
    #[error(transparent)]
    NoAttempt(#[from] NoAttempt),
    /// What was seen cannot be read.
    #[error(transparent)]
    Evidence(#[from] evidence::Error),
    /// The exam has no such goal.
    #[error("the exam has no goal `{0}`")]
    NoGoal(GoalId),
    /// It was never graded, so there is nothing to dispute.
    #[error("it was never graded")]
    NotGraded,
    /// It cannot be written.
    #[error("the bundle cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// One grade's word on the goal.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Word {
    kind: GradeKind,
    line: u64,
    at: i64,
    verdict: Option<Verdict>,
    testimony: Option<String>,
}

/// Writes the bundle of a goal.
pub fn dispute(path: &Path, exam: &Exam, goal: &GoalId, to: &mut dyn io::Write) -> Result<(), BundleError> {
    let folder = Folder::at(path);
    let found = folder.read()?;
    let attempt = Attempt::of(&found.chain.entries)?;
    let (task, wish) = exam.goal(goal).ok_or_else(|| BundleError::NoGoal(goal.clone()))?;
    if attempt.grades.is_empty() {
        return Err(BundleError::NotGraded);
    }
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut words = Vec::new();
    for grade in &attempt.grades {
        let mut testimony = None;
        for digest in &grade.graded.testimonies {
            if let Some(only) = Evidence::read(&path.join(TESTIMONY), digest)?.only(goal) {
                files.insert(format!("facts-line-{}.json", grade.n), pretty(&only)?);
                testimony = Some(digest.clone());
            }
        }
        let verdict = grade.graded.verdicts.get(goal).cloned();
        words.push(Word { kind: grade.graded.kind, line: grade.n, at: grade.at.wall, verdict, testimony });
    }
    let said = json!({"version": 1, "goal": goal, "task": task.title, "requirement": task.text, "say": wish.say,
        "points": wish.points, "lasting": wish.lasting, "wish": wish.check, "predicted-by": wish.predicted_by});
    files.insert("goal.json".into(), pretty(&said)?);
    files.insert("verdicts.json".into(), pretty(&words)?);
    let versions = json!({"rootless-lab-that-bundled": env!("CARGO_PKG_VERSION"), "when-it-was-sat": attempt.started.versions,
        "exam": attempt.started.exam, "exam-digest": attempt.started.exam_digest});
    files.insert("versions.json".into(), pretty(&versions)?);
    files.insert("transcript.txt".into(), transcript(&attempt, task, goal, &found.chain.entries).into_bytes());
    let head = found.chain.head();
    let breaks: Vec<String> = found.breaks().iter().map(ToString::to_string).collect();
    let lines: Vec<_> = found
        .chain
        .entries
        .iter()
        .filter(|entry| concerns(&entry.event, goal))
        .map(|entry| json!({"n": entry.n, "at": entry.at, "hash": entry.hash, "event": told(&entry.event, goal)}))
        .collect();
    let chain = json!({"head": {"n": head.n, "hash": head.hash}, "breaks": breaks, "lines": lines});
    files.insert("record.json".into(), pretty(&chain)?);
    files.insert("README.txt".into(), readme(&attempt, task, wish, goal).into_bytes());
    Ok(pack(&files, to)?)
}

fn pretty(what: &impl Serialize) -> io::Result<Vec<u8>> {
    Ok(screen::json(what)?.into_bytes())
}

fn concerns(event: &Event, goal: &GoalId) -> bool {
    match event {
        Event::Turned { goal: turned, .. } => turned == goal,
        Event::Command(_) | Event::Looked | Event::Opened | Event::Left { .. } => false,
        _ => true,
    }
}

/// Of a grade only what it says about this goal.
fn told(event: &Event, goal: &GoalId) -> Event {
    let mut event = event.clone();
    if let Event::Graded(graded) = &mut event {
        graded.verdicts.retain(|other, _| other == goal);
    }
    event
}

/// The command lines that have to do with the task, as far as that can be told: those that name a value of its text, and the one before
/// each turn of one of its goals.
fn transcript(attempt: &Attempt, task: &Task, goal: &GoalId, entries: &[crate::exam::Entry]) -> String {
    let speaks = |value: &&String| {
        value.len() > 2 && (task.text.contains(*value) || task.goals.iter().any(|one| one.say.contains(*value)))
    };
    let values: Vec<&String> = attempt.started.parameters.values().filter(speaks).collect();
    let mut lines: Vec<(u64, String)> = Vec::new();
    let mut last: Option<(u64, &Typed)> = None;
    for entry in entries {
        match &entry.event {
            Event::Command(typed) => {
                last = Some((entry.n, typed));
                if values.iter().any(|value| typed.line.contains(*value)) {
                    lines.push((entry.n, shown(typed)));
                }
            }
            Event::Turned { goal: turned, answer } if turned.task == goal.task => {
                lines.extend(last.take().map(|(n, typed)| (n, shown(typed))));
                let turned = format!("# {turned} is {answer:?} from here on");
                lines.push((entry.n, screen::clean_line(&turned, &Look::FILE)));
            }
            _ => {}
        }
    }
    lines.sort();
    lines.dedup();
    let lines: String = lines.into_iter().map(|(n, line)| format!("{n:>6}  {line}\n")).collect();
    if lines.is_empty() { "No command line could be told to belong to this task.\n".into() } else { lines }
}

fn shown(typed: &Typed) -> String {
    let tells = TELLING.as_ref().is_none_or(|telling| telling.is_match(&typed.line));
    let line = if tells { LEFT_OUT } else { &typed.line };
    let account = typed.account.as_deref().unwrap_or("?");
    let status = typed.status.map_or_else(|| "?".to_owned(), |status| status.to_string());
    screen::clean_line(&format!("{account}$ {line}   (exit status {status})"), &Look::FILE)
}

fn readme(attempt: &Attempt, task: &Task, wish: &Goal, goal: &GoalId) -> String {
    let text = format!(
        "A verdict is disputed.

Exam      {exam} (seed {seed})
Task      {title}
Goal      {goal}: {say}

goal.json        the requirement, and the wish as the program checks it
verdicts.json    what each grade said about it, with its line in the record
facts-line-N.json  what was seen of the machine for that, and nothing else. The program can judge it again
record.json      the record's head and the lines that concern this goal. A line's hash is that of the whole line in record.jsonl,
                 which has more in it: compare it with the attempt's own folder
transcript.txt   command lines that name a value of this task, or came before one of its goals turned. What may hold a
                 password is left out, and so is all output
versions.json    what was installed then, and which program made this

No password's hash, private key or content of a file that the goal is not about is in here. Look through it all the same
before you send it to anybody.
",
        exam = attempt.started.exam,
        seed = attempt.started.seed,
        title = task.title,
        say = wish.say,
    );
    screen::clean(&text, &Look::FILE)
}

/// Always the same bytes for the same files: sorted, of nobody, of no time.
fn pack(files: &BTreeMap<String, Vec<u8>>, to: &mut dyn io::Write) -> io::Result<()> {
    let mut tar = tar::Builder::new(to);
    for (name, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, name, content.as_slice())?;
    }
    tar.finish()
}

#[cfg(test)]
mod tests;
