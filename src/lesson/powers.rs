//! What a lesson may do on a machine, taken from its text: accounts, whose eyes it looks with, programs it brings, lines it asks for.
//! Pure; never says whether that is good.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use checkers::time::Span;
use checkers::{Check, Eyes};

use super::model::{Declared, Lesson};

/// What a lesson may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Powers {
    /// The accounts it speaks of, with what they may do.
    pub accounts: Vec<Declared>,
    /// Whether a goal is looked at with root's eyes. That reads; nothing is changed by it.
    pub looks_as_root: bool,
    /// The accounts with whose eyes goals are looked at, sorted.
    pub looks_as: Vec<String>,
    /// The check programs that it brings, in order of their paths.
    pub programs: Vec<OwnProgram>,
    /// Whether it asks for a reboot.
    pub reboots: bool,
    /// The lines with which the administrator cleans up after it.
    pub clean_up: Vec<String>,
}

/// A check program that a lesson brings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnProgram {
    /// Its file, beginning at the lesson's folder.
    pub file: PathBuf,
    /// The account as which it runs. Never root.
    pub account: String,
    /// It is ended after this time.
    pub time: Span,
}

/// What this lesson, whose file lies in that folder, may do.
pub fn powers(lesson: &Lesson, folder: &Path) -> Powers {
    let mut programs = BTreeSet::new();
    let mut looks_as = BTreeSet::new();
    let mut looks_as_root = false;
    let goals = lesson.steps.iter().flat_map(|step| &step.goals);
    for check in goals.flat_map(|goal| goal.check.singles().into_iter().chain(prediction(goal))) {
        if let Check::Program(program) = check {
            let file = program.file.strip_prefix(folder).unwrap_or(&program.file).to_owned();
            programs.insert(OwnProgram { file, account: program.account.clone(), time: program.time });
        }
        match check.single().map(checkers::catalogue::Judge::eyes) {
            Some(Eyes::Root) => looks_as_root = true,
            Some(Eyes::Account(name)) if name != "root" => drop(looks_as.insert(name)),
            Some(Eyes::Account(_)) => looks_as_root = true,
            Some(Eyes::Anyone) | None => {}
        }
    }
    Powers {
        accounts: lesson.accounts.clone(),
        looks_as_root,
        looks_as: looks_as.into_iter().collect(),
        programs: programs.into_iter().collect(),
        reboots: lesson.steps.iter().any(|step| step.reboot),
        clean_up: lesson.clean_up.clone(),
    }
}

fn prediction(goal: &super::model::Goal) -> Vec<&Check> {
    goal.predicted_by.as_ref().map(Check::singles).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_lesson_may_do_is_found_also_where_it_is_hidden_in_combinations_and_predictions() {
        let text = r#"format: 1
title: A title
summary: A summary.
accounts:
  - {name: ada, role: created}
  - {name: bea, role: administrator}
clean-up: [sudo userdel -r ada]
steps:
  - id: one
    title: First
    text: Do it.
    reboot: true
    goals:
      - id: there
        say: It is there.
        lasting: true
        check: {all: [{any: [{not: {program: {file: programs/b, as: ada}}}]}, {path: {path: /x, as: bea}}]}
        predicted-by: {within: {time: 1s, check: {program: {file: a, as: bea, time: 2s}}}}
      - id: word
        say: It has a password.
        check: {password: {account: ada, set: true}}
    hints: [a nudge, a push, the command]
    solution: [{lines: [do it]}]
"#;
        let (lesson, problems) = super::super::read("/shelf/tale/lesson.yaml", text);
        assert_eq!(problems, []);
        let powers = powers(&lesson.unwrap(), Path::new("/shelf/tale"));
        let program = |file: &str, account: &str, seconds| OwnProgram {
            file: file.into(),
            account: account.into(),
            time: Span(std::time::Duration::from_secs(seconds)),
        };
        assert_eq!(powers.programs, [program("a", "bea", 2), program("programs/b", "ada", 5)]);
        assert_eq!(powers.looks_as, ["ada", "bea"]);
        assert!(powers.looks_as_root && powers.reboots);
        assert_eq!(powers.clean_up, ["sudo userdel -r ada"]);
        assert_eq!(powers.accounts.len(), 2);
    }
}
