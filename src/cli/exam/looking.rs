//! A look at the machine for a grade, from a terminal or without one: at the hand-in, and whenever somebody asks.

use std::io::IsTerminal;

use crate::cli::{Exit, Failure};
use crate::driver::Sight;
use crate::exam::{Attempt, Exam, Folder, GradeKind, Machine, Started};
use crate::grading::{self, GradeError};
use crate::host;
use crate::screen::{self, Look};

/// Refuses where this is not the machine on which it was sat: another machine says nothing about what was done on that one, and nothing
/// of it belongs into the record. `name`: of the attempt.
pub(super) fn is_its_machine(name: &str, attempt: &Attempt) -> Result<(), Failure> {
    let Started { identity, machine, .. } = &attempt.started;
    let (Machine::Here(then) | Machine::Practice(then)) = machine;
    let is_it = match (identity, host::identity()) {
        (Some(then), Some(here)) => *then == here,
        // Without an identity only the name is left; a practice machine's is its host name.
        _ => nix::unistd::gethostname().is_ok_and(|here| here.to_string_lossy() == *then),
    };
    if is_it {
        return Ok(());
    }
    let what =
        format!("{name} was sat on the machine {then}, and this is another one: what is here says nothing about it");
    let way_out = format!(
        "grade it there; `rootless-lab exam report {name}` tells what came of it, `exam regrade` judges what was seen there again"
    );
    Err(Failure::new(Exit::Machine, what, way_out))
}

/// Looks, and writes it down.
pub(super) fn look(folder: &mut Folder, exam: &Exam, attempt: &Attempt, kind: GradeKind) -> Result<(), Failure> {
    let mut sight = Sight::default();
    if std::io::stdin().is_terminal() && std::io::stderr().is_terminal() {
        sight.ask_password();
    }
    if let Some(blind) = sight.blind() {
        tell!("Other accounts cannot be looked at: {}. To change that, {}.", blind.why, blind.grant);
    }
    let looked = grading::look(folder, exam, attempt, kind, &mut sight, grading::settle(kind)).map_err(failure)?;
    if let Some(aside) = &looked.appended.mended {
        tell!(
            "A line that a crash cut off was set aside in {}.",
            screen::clean_line(&aside.display().to_string(), &Look::FILE)
        );
    }
    if let Some(error) = &looked.appended.behind {
        tell!("The grade is written, but not that it is the last line: {error}");
    }
    Ok(())
}

/// The look at what is handed in, as soon as it is: that one counts. Nothing where somebody has looked already.
pub(super) fn at_hand_in(folder: &mut Folder, exam: &Exam, attempt: &Attempt) -> Result<(), Failure> {
    if !attempt.is_handed_in() || !attempt.grades.is_empty() {
        return Ok(());
    }
    tell!("Looking at what is handed in …");
    look(folder, exam, attempt, GradeKind::Predicted).map_err(|failure| Failure {
        way_out: Some("it is handed in all the same; mend that and say `rootless-lab exam grade` soon".to_owned()),
        ..failure
    })
}

fn failure(error: GradeError) -> Failure {
    let what = error.to_string();
    match error {
        GradeError::Folder(error) => error.into(),
        GradeError::Evidence(_) => Failure::new(
            Exit::Machine,
            what,
            "nothing was graded; make room, or look at the folder's owner and rights, and grade again",
        ),
        GradeError::Clock(error) => error.into(),
    }
}
