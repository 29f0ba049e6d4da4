//! What belongs to one goal of an attempt, in one tar to attach to a report. The same attempt gives the same bytes; nothing secret is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

use checkers::Verdict;
use regex::Regex;
use serde::Serialize;
use serde_json::json;

use super::TESTIMONY;
use crate::exam::evidence::{self, Evidence};
use crate::exam::transcript::{Moment, between_looks, moments, since_the_last_turn};
use crate::exam::{
    Answer, Attempt, Event, Exam, Folder, FolderError, Goal, GoalId, GoalTurn, GradeKind, NoAttempt, Task, Typed,
};
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
    files.insert("transcript.txt".into(), transcript(&attempt, task).into_bytes());
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

/// Above the lines. What is exact and what is a guess is said where it is read.
const HOW_TO_READ: &str = "\
Exact: the lines, their numbers in the record, the minutes and seconds of the exam at which they were begun, and the looks
between which a goal turned. Not known: which line turned it; where only one ran in between, it stands to reason.
  *  it ran between two looks that saw a goal of this task turn
  |  it was begun after the goals that turned before
  ?  a guess: it names a value that stands in this task

";

/// The command lines that have to do with the task, in the order in which they were begun: what was typed from one turn to the next where
/// a goal of the task turned, and what names a value of its text.
fn transcript(attempt: &Attempt, task: &Task) -> String {
    let moments = moments(attempt);
    let (mut ran, mut since) = (BTreeSet::new(), BTreeSet::new());
    for turn in attempt.turns.iter().filter(|turn| turn.goal.task == task.id) {
        ran.extend(between_looks(&moments, turn).into_iter().flatten());
        since.extend(since_the_last_turn(&moments, turn));
    }
    let speaks = |value: &&String| {
        value.len() > 2 && (task.text.contains(*value) || task.goals.iter().any(|one| one.say.contains(*value)))
    };
    let values: Vec<&String> = attempt.started.parameters.values().filter(speaks).collect();
    let mut lines = String::new();
    for moment in &moments {
        let (n, at) = (moment.n(), clock(moment.at()));
        match moment {
            Moment::Turn(turn) if turn.goal.task == task.id => {
                let _ =
                    writeln!(lines, "{n:>6} {at:>8}   # {}", screen::clean_line(&turned(&moments, turn), &Look::FILE));
            }
            Moment::Turn(_) => {}
            Moment::Line(command) => {
                let named = values.iter().any(|value| command.typed.line.contains(*value));
                let mark = match (ran.contains(&n), since.contains(&n), named) {
                    (true, ..) => '*',
                    (_, true, _) => '|',
                    (.., true) => '?',
                    _ => continue,
                };
                let _ = writeln!(lines, "{n:>6} {at:>8} {mark} {}", shown(&command.typed));
            }
        }
    }
    if lines.is_empty() {
        lines.push_str("No goal of this task turned, and no command line names a value of it.\n");
    }
    format!("{HOW_TO_READ}{lines}")
}

/// What turned, since when at the earliest, and which lines ran meanwhile.
fn turned(moments: &[Moment<'_>], turn: &GoalTurn) -> String {
    let answer = match turn.answer {
        Answer::Pass => "true",
        Answer::Fail => "not true",
        Answer::Unknown => "not to be looked at",
    };
    let seen = format!("{} is seen to be {answer}", turn.goal);
    let (Some(within), Some(lines)) = (turn.within, between_looks(moments, turn)) else {
        return format!("{seen}; since when is not known");
    };
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let meanwhile = match lines.as_slice() {
        [] => "no line ran since then".to_owned(),
        [one] => format!("only line {one} ran since then"),
        _ => format!("since then ran the lines {}", lines.join(", ")),
    };
    format!("{seen}; at {} it was not yet, and {meanwhile}", clock(turn.used.saturating_sub(within)))
}

fn clock(us: u64) -> String {
    let seconds = us / 1_000_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn shown(typed: &Typed) -> String {
    let tells = TELLING.as_ref().is_none_or(|telling| telling.is_match(&typed.line));
    let line = if tells { LEFT_OUT } else { &typed.line };
    let account = typed.account.as_deref().unwrap_or("?");
    let end = match (&typed.inside, typed.status) {
        (Some(inside), _) => format!("read off the terminal, behind {}", inside.through.join(", ")),
        (None, Some(status)) => format!("exit status {status}"),
        (None, None) => "exit status not seen".to_owned(),
    };
    screen::clean_line(&format!("{account}$ {line}   ({end})"), &Look::FILE)
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
transcript.txt   command lines that were typed when a goal of this task turned, and those that name a value of it; it says at its
                 top what of it is exact and what is a guess. What may hold a password is left out, and so is all output
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
