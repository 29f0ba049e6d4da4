//! `rootless-lab exam regrade`: stored evidence judged again, by the exam as it is now.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use checkers::Verdict;
use checkers::machine::witness::{Gap, Left};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::attempt;
use super::result::{self, Format};
use crate::cli::{Exit, Failure};
use crate::exam::evidence::{Change, What};
use crate::exam::{self, Folder, Form, GradeKind, Shelf, Source, Started};
use crate::grading::{self, Again, Rejudged};
use crate::screen::{self, Look};

/// Attempts up to this many are told one by one, whether something changed or not.
const FEW: usize = 20;

/// Judge stored attempts again by the exam as it is now, after a check or a lesson was mended.
///
/// Looks at no machine, so it works on any: copy the attempts' folders. The record stays that of the day. What rests on something that never
/// left the machine (a password's hash) keeps the verdict of the day, and that is said.
#[derive(Debug, Args)]
pub(in crate::cli) struct Regrade {
    /// The attempts, by name or by folder.
    #[arg(required = true, value_name = "ATTEMPT")]
    attempts: Vec<String>,
    /// The exam by its folder or file, where it is not the one of its name.
    #[arg(long, visible_alias = "lesson", value_name = "PATH")]
    exam: Option<PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// An attempt that was judged again, or why it was not.
type Judged = Result<Rejudged, String>;

impl Regrade {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        attempt::nobody_sits()?;
        let names = &self.attempts;
        let named: Vec<Result<PathBuf, String>> =
            names.iter().map(|name| attempt::place(name).map_err(|failure| failure.what)).collect();
        let paths: Vec<PathBuf> = named.iter().flatten().cloned().collect();
        let shelf = attempt::shelf();
        let given = match &self.exam {
            Some(path) => Some(Arc::new(attempt::shelf_at(path, look)?.form())),
            None => None,
        };
        let (then, now) = (Forms::default(), Forms::default());
        let exams = |started: &Started, folder: &Folder| {
            // Each folder's own texts are looked at: they may be others than those that its record names.
            let sat = folder.exam(started).map_err(|error| error.to_string())?;
            let lessons = folder.lessons(started).map_err(|error| error.to_string())?;
            let then = then.of(&format!("{} {}", started.exam, started.exam_digest), || Ok(sat))?;
            let find = || shelf.find(&started.exam).map(|found| found.0).map_err(|error| error.to_string());
            let now = match &given {
                Some(given) => is_at(started, given)?,
                None => now.of(&started.exam, find)?,
            };
            let kept =
                |shelf: &Shelf, form: &Form| shelf.kept(form, &started.parameters).map_err(|error| error.to_string());
            let today = kept(&shelf, &now)?;
            // Mostly it is the very same text. A lesson may be another one than then.
            let is_same = then.source().text == now.source().text && lessons.is_empty();
            let sat = if is_same { today.clone() } else { kept(&attempt::shelf().with_lessons(lessons), &then)? };
            Ok((sat, today))
        };
        let bar = bar(paths.len());
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let judged = grading::rejudge_all(&paths, &exams, threads, &|done| {
            if let Some(bar) = &bar {
                bar.set_position(done as u64);
            }
        });
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let mut judged = judged.into_iter().map(|one| one.map_err(|why| why.to_string()));
        // Each path has its answer, in the same order; what is no attempt's name has the reason already.
        let all: Vec<Judged> =
            named.into_iter().filter_map(|one| one.map_or_else(|why| Some(Err(why)), |_| judged.next())).collect();
        match self.format {
            Format::Human => say!("{}", human(names, &all, look)),
            Format::Json => say!("{}", screen::json(&object(names, &all)).map_err(std::io::Error::from)?),
        }
        Ok(if all.iter().any(Result::is_err) { Exit::Failed } else { Exit::Fine })
    }
}

/// The exam that is given, where the attempt is one at it.
fn is_at(started: &Started, given: &Arc<Form>) -> Result<Arc<Form>, String> {
    let (id, sat) = (given.source().id(), &started.exam);
    (id == *sat).then(|| Arc::clone(given)).ok_or_else(|| {
        format!("it is an attempt at `{sat}`, and not at `{id}`: the folder of a mended exam has the exam's name")
    })
}

/// Exams' texts that were read once for all attempts.
#[derive(Default)]
struct Forms(Mutex<BTreeMap<String, Arc<Form>>>);

impl Forms {
    fn of(&self, name: &str, find: impl FnOnce() -> Result<Source, String>) -> Result<Arc<Form>, String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(form) = known.get(name) {
            return Ok(Arc::clone(form));
        }
        let form = Arc::new(find()?.form());
        Ok(Arc::clone(known.entry(name.to_owned()).or_insert(form)))
    }
}

/// On a terminal only: what is told elsewhere is the result.
fn bar(length: usize) -> Option<ProgressBar> {
    let bar = (length > FEW && std::io::stderr().is_terminal()).then(|| ProgressBar::new(length as u64))?;
    if let Ok(style) = ProgressStyle::with_template("[{bar:30}] {pos}/{len} {elapsed}") {
        bar.set_style(style.progress_chars("=> "));
    }
    Some(bar)
}

fn human(names: &[String], all: &[Judged], look: &Look) -> String {
    let mut text = String::new();
    let mut changed = 0;
    for (name, one) in names.iter().zip(all) {
        let name = screen::clean_line(name, look);
        match one {
            Ok(judged) => {
                let moved = judged.grades.iter().any(|one| !one.changes.is_empty() || one.before != one.after);
                changed += usize::from(moved);
                if moved || names.len() <= FEW {
                    told(&mut text, &name, judged, look);
                }
            }
            Err(why) => {
                let _ = writeln!(text, "{name}: not judged again: {}", screen::clean_line(why, look));
            }
        }
    }
    if names.len() > 1 {
        let failed = all.iter().filter(|one| one.is_err()).count();
        let _ = writeln!(text, "{} attempts, {changed} with something new, {failed} not judged again.", names.len());
    }
    text
}

fn told(text: &mut String, name: &str, judged: &Rejudged, look: &Look) {
    if judged.is_broken {
        let _ = writeln!(text, "{name}: the record is not as it was written; `exam verify` says where");
    }
    for Again { kind, before, after, changes, kept } in &judged.grades {
        let kind = kind_of(*kind);
        if before == after {
            let _ = writeln!(text, "{name}, {kind}: as before: {}", result::line(after));
        } else {
            let _ = writeln!(text, "{name}, {kind}: {}\n  before: {}", result::line(after), result::line(before));
        }
        if *kept > 0 {
            let _ = writeln!(
                text,
                "  {kept} of these points rest on verdicts of that day, which nothing here has judged again"
            );
        }
        for Change { goal, what } in changes {
            let line = format!("{goal}: {}", words(what));
            let _ = writeln!(text, "  {}", screen::clean_line(&line, look));
        }
    }
}

fn kind_of(kind: GradeKind) -> &'static str {
    match kind {
        GradeKind::Predicted => "foretold",
        GradeKind::Proven => "proven",
    }
}

fn words(what: &What) -> String {
    match what {
        What::Turned { from, to } => format!("was {}; is {}", verdict(from), verdict(to)),
        What::Reworded { to, .. } => format!("the same answer in other words: {}", verdict(to)),
        What::Kept { verdict: kept, because } => {
            let because: Vec<String> = because.iter().map(gap).collect();
            let kept = kept.as_ref().map_or_else(|| "there is none".to_owned(), verdict);
            format!("the verdict of the day is kept ({kept}): {}", because.join("; "))
        }
        What::New(to) => format!("is new: {}", verdict(to)),
        What::Gone(from) => format!("is no goal any more; was {}", verdict(from)),
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Pass { .. } => "yes".into(),
        Verdict::Fail { wanted, found, .. } => format!("no (wanted {wanted}, found {found})"),
        Verdict::Unknown { why, .. } => format!("not known ({why})"),
    }
}

fn gap(gap: &Gap) -> String {
    match gap {
        Gap::Left(Left::Secret, what) => format!("it rests on what never leaves the machine: {what}"),
        Gap::Left(Left::Contents, what) => {
            format!("the contents were not kept, for the wish was not about them: {what}")
        }
        Gap::Left(Left::TooLarge, what) => format!("it was larger than what is kept: {what}"),
        Gap::Left(Left::Odd, what) => format!("it could not be written down: {what}"),
        Gap::NotOnRecord(what) => format!("nobody looked that day: {what}"),
    }
}

fn object(names: &[String], all: &[Judged]) -> Value {
    let attempts: Vec<Value> = names
        .iter()
        .zip(all)
        .map(|(name, one)| match one {
            Ok(judged) => {
                let grades: Vec<Value> = judged.grades.iter().map(again).collect();
                json!({"attempt": name, "record-is-whole": !judged.is_broken, "grades": grades})
            }
            Err(why) => json!({"attempt": name, "error": why}),
        })
        .collect();
    json!({"version": 1, "attempts": attempts})
}

fn again(again: &Again) -> Value {
    let changes: Vec<Value> = again
        .changes
        .iter()
        .map(|Change { goal, what }| match what {
            What::Turned { from, to } => json!({"goal": goal, "change": "turned", "from": from, "to": to}),
            What::Reworded { from, to } => json!({"goal": goal, "change": "reworded", "from": from, "to": to}),
            What::Kept { verdict, because } => {
                let because: Vec<String> = because.iter().map(gap).collect();
                json!({"goal": goal, "change": "kept", "verdict": verdict, "because": because})
            }
            What::New(to) => json!({"goal": goal, "change": "new", "to": to}),
            What::Gone(from) => json!({"goal": goal, "change": "gone", "from": from}),
        })
        .collect();
    let side = |score: &exam::Score| json!({"standing": result::standing(score), "total": result::sum(&score.total)});
    json!({"kind": again.kind, "before": side(&again.before), "after": side(&again.after), "kept-points": again.kept,
        "changes": changes})
}
