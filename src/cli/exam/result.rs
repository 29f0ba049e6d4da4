//! A grade as text and as JSON.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use checkers::Verdict;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::collected::Open;
use crate::cli::{Exit, Failure};
use crate::exam::{Exam, Score, Standing, Sum};
use crate::grading::{Difference, Grades, Side};
use crate::screen::{self, Look};

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// One JSON object.
    Json,
}

/// The result of an attempt's grades.
pub(super) fn report(open: &Open, exam: &Exam, grades: &Grades, format: Format, look: &Look) -> String {
    match format {
        Format::Human => human(open, exam, grades, look),
        Format::Json => format!("{:#}\n", object(open, exam, grades)),
    }
}

/// How `grade` ends.
pub(super) fn exit(grades: &Grades) -> Exit {
    match grades.counts().map(|side| side.score.standing()) {
        Some(Standing::Passed) => Exit::Fine,
        Some(Standing::NotPassed) => Exit::Red,
        Some(Standing::Open | Standing::NoScore) | None => Exit::Unknown,
    }
}

/// A score in one line.
pub(super) fn line(score: &Score) -> String {
    let standing = match score.standing() {
        Standing::NoScore => return "no score: no goal could be looked at".into(),
        Standing::Passed => "passed",
        Standing::NotPassed => "not passed",
        Standing::Open => "open: what could not be looked at decides",
    };
    format!("{} of {} points, pass mark {} %: {standing}", points(&score.total), score.total.whole, score.pass_mark)
}

fn points(sum: &Sum) -> String {
    match sum.points() {
        None => "-".into(),
        Some((lowest, highest)) if lowest == highest => lowest.to_string(),
        Some((lowest, highest)) => format!("{lowest} to {highest}"),
    }
}

fn human(open: &Open, exam: &Exam, grades: &Grades, look: &Look) -> String {
    let clean = |text: &str| screen::clean(text, look).replace('\n', " ");
    let started = &open.attempt.started;
    let mut text = format!(
        "{}: {}, {}, seed {}\n",
        open.name,
        clean(&exam.title),
        clean(&started.candidate.account),
        started.seed
    );
    let Some(counts) = grades.counts() else { return text + "It was never graded.\n" };
    let mut unknown = Vec::new();
    for (task, score) in exam.tasks.iter().zip(&counts.score.tasks) {
        let _ = writeln!(text, "\n{}  {} of {}", clean(&task.title), points(&score.sum), score.sum.whole);
        for goal in &task.goals {
            let id = task.id_of(goal);
            match counts.verdicts.get(&id) {
                Some(Verdict::Pass { .. }) => {
                    let _ = writeln!(text, "  yes  {}  [{id}]", clean(&goal.say));
                }
                Some(Verdict::Fail { wanted, found, .. }) => {
                    let _ = writeln!(text, "  no   {}  [{id}]", clean(&goal.say));
                    let _ = writeln!(text, "       wanted {}, found {}", clean(wanted), clean(found));
                }
                Some(Verdict::Unknown { why, .. }) => unknown.push((id, &goal.say, why.as_str())),
                None => unknown.push((id, &goal.say, "nobody looked")),
            }
        }
    }
    text.push('\n');
    for objective in &counts.score.objectives {
        let _ =
            writeln!(text, "{}  {} of {}", clean(&objective.objective), points(&objective.sum), objective.sum.whole);
    }
    if !unknown.is_empty() {
        let _ = writeln!(text, "\nCould not be looked at, and is neither given nor taken:");
        for (id, say, why) in unknown {
            let _ = writeln!(text, "  ?    {}  [{id}]\n       {}", clean(say), clean(why));
        }
    }
    text.push('\n');
    let sides = [("Foretold", &grades.predicted), ("Proven by a reboot", &grades.proven)];
    for (what, side) in sides.into_iter().filter_map(|(what, side)| Some((what, side.as_ref()?))) {
        let _ = writeln!(text, "{what}: {}", line(&side.score));
    }
    for one in grades.differ() {
        let _ = writeln!(text, "  {}", turned(&one));
    }
    if grades.proven.is_none() {
        text.push_str("No reboot has proven it: `exam grade --reboot` does.\n");
    }
    for one in &counts.turned {
        let _ = writeln!(text, "Not as when it was first graded after the hand-in: {}", turned(one));
    }
    text
}

fn turned(one: &Difference) -> String {
    let said = |answer: &Option<_>| match answer {
        Some(crate::exam::Answer::Pass) => "yes",
        Some(crate::exam::Answer::Fail) => "no",
        Some(crate::exam::Answer::Unknown) => "could not be looked at",
        None => "was not asked",
    };
    format!("{}: {}, then {}", one.goal, said(&one.from), said(&one.to))
}

fn object(open: &Open, exam: &Exam, grades: &Grades) -> Value {
    let started = &open.attempt.started;
    let differ: Vec<Value> = grades.differ().iter().map(difference).collect();
    json!({"version": 1, "attempt": open.name, "exam": started.exam, "seed": started.seed, "candidate": started.candidate,
        "predicted": grades.predicted.as_ref().map(|one| side(exam, one)), "proven": grades.proven.as_ref().map(|one| side(exam, one)),
        "differ": differ})
}

fn difference(one: &Difference) -> Value {
    json!({"goal": one.goal, "from": one.from, "to": one.to})
}

fn side(exam: &Exam, side: &Side) -> Value {
    let goals: Vec<Value> = exam
        .goals()
        .map(|(task, goal)| {
            let id = task.id_of(goal);
            json!({"goal": id, "say": goal.say, "points": goal.points, "verdict": side.verdicts.get(&id)})
        })
        .collect();
    let tasks: Vec<Value> =
        side.score.tasks.iter().map(|task| json!({"task": task.task, "score": sum(&task.sum)})).collect();
    let objectives = side.score.objectives.iter();
    let objectives: Vec<Value> =
        objectives.map(|one| json!({"objective": one.objective, "score": sum(&one.sum)})).collect();
    let standing = standing(&side.score);
    json!({"line": side.line, "standing": standing, "total": sum(&side.score.total), "pass-mark": side.score.pass_mark,
        "objectives": objectives, "tasks": tasks, "goals": goals,
        "turned-since-first": side.turned.iter().map(difference).collect::<Vec<_>>()})
}

/// Its name in JSON.
pub(super) fn standing(score: &Score) -> &'static str {
    match score.standing() {
        Standing::NoScore => "no-score",
        Standing::Passed => "passed",
        Standing::NotPassed => "not-passed",
        Standing::Open => "open",
    }
}

/// Points in JSON; no score is null.
pub(super) fn sum(sum: &Sum) -> Value {
    let points = sum.points();
    json!({"lowest": points.map(|one| one.0), "highest": points.map(|one| one.1), "of": sum.whole,
        "judged": sum.judged, "unknown": sum.unknown})
}

/// Writes a file that says much about somebody: for its owner alone.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let open = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    open.and_then(|mut file| file.write_all(bytes)).map_err(|error| {
        Failure::new(Exit::Machine, format!("{}: {error}", path.display()), "name another file with `--output`")
    })
}
