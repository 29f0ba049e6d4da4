//! Somebody who plays a lesson as a person would: the real lab in a terminal, lines typed at its prompts, answers to questions. What
//! came of it is asked of the lab, not read off the screen.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use checkers::Verdict;
use regex::Regex;

use super::desk::{Desk, Told};
use super::terminal::Terminal;
use crate::author::report::Fault;
use crate::lesson::{Lesson, Prompt, Turn};
use crate::practice::Machine;
use crate::session::{GoalState, Pane};

/// How long anything may take that a person would wait for.
pub(super) const PATIENCE: Duration = Duration::from_secs(90);
/// How long a goal may take before it is helped along.
const ELSE: Duration = Duration::from_secs(40);
/// How long a prompt stands before a person's first key.
const HAND: Duration = Duration::from_millis(250);
/// How long a step may take to be left before the lab is asked to look.
const ASK: Duration = Duration::from_secs(45);
/// A machine goes down and comes back.
const REBOOT: Duration = Duration::from_secs(180);

/// The lab's own prompt, and that of a shell inside it, at the end of what is shown.
const LAB: &str = r"\[(\d+/\d+|done)[^\]]*\] *[^\n]*[$#] \z";
const INSIDE: &str = r"(?m)^[a-z_][a-z0-9_-]*@[^\n]*[$#] \z";

/// A pattern that is written above.
fn compiled(pattern: &str) -> Result<Regex, Fault> {
    Regex::new(pattern).map_err(|error| Fault::Failed(error.to_string()))
}

/// Where a lab is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum At {
    /// At this step, counted from 0.
    Step(usize),
    /// Past the last one.
    Done,
}

/// Somebody at a lab.
pub(super) struct Typist<'a> {
    terminal: Terminal,
    pub(super) desk: &'a Desk,
    machine: &'a Machine,
    lesson: &'a Lesson,
    boot: Option<String>,
}

impl<'a> Typist<'a> {
    /// Opens the lab on this machine as a person does, and waits for its prompt.
    pub(super) fn open(folder: &Path, lesson: &'a Lesson, machine: &'a Machine, desk: &'a Desk) -> Result<Self, Fault> {
        let failed = |error: std::io::Error| Fault::Failed(error.to_string());
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        command.arg("start").arg(folder.join("lesson.yaml")).args(["--yes", "--machine", machine.name()]);
        // What is typed and awaited is in the lesson's own language.
        command.env_remove("LANGUAGE").env("LC_ALL", "C.UTF-8").env("LANG", "C.UTF-8");
        let mut terminal = Terminal::start(command).map_err(failed)?;
        let seen = terminal.wait(&compiled(LAB)?, PATIENCE)?;
        terminal.step_back(seen.len());
        let typist = Self { terminal, desk, machine, lesson, boot: machine.boot_id() };
        let open = typist.desk.wait(PATIENCE, |told| told.pane.as_ref().map(drop));
        open.ok_or_else(|| typist.stuck("the lab's own word on where it is"))?;
        Ok(typist)
    }

    /// What stands on the screen while this is waited for.
    pub(super) fn stuck(&self, waited: &str) -> Fault {
        Fault::Stuck { waited: waited.to_owned(), screen: self.terminal.screen() }
    }

    /// Types a line at the lab's own prompt.
    pub(super) fn at_lab(&mut self, line: &str) -> Result<(), Fault> {
        self.at_prompt(LAB, line)
    }

    /// Types a line at a prompt: not in the instant in which it appears, but when it has stood there for as long as a hand needs.
    fn at_prompt(&mut self, prompt: &str, line: &str) -> Result<(), Fault> {
        self.terminal.wait(&compiled(prompt)?, PATIENCE)?;
        self.terminal.quiet(HAND, PATIENCE);
        // News above the prompt shows it anew: the next prompt is one that comes after this line.
        self.terminal.pass();
        self.terminal.line(line)
    }

    /// Waits until some shell waits for a line.
    pub(super) fn at_any_prompt(&mut self) -> Result<(), Fault> {
        let seen = self.terminal.wait(&compiled(&format!("{LAB}|{INSIDE}"))?, PATIENCE)?;
        self.terminal.step_back(seen.len());
        Ok(())
    }

    /// Before the first turn of a step.
    pub(super) fn begin(&mut self) {
        self.boot = self.machine.boot_id();
    }

    /// Plays one turn of a step.
    pub(super) fn turn(&mut self, turn: &Turn, step: usize) -> Result<(), Fault> {
        match turn {
            Turn::Line { at: Prompt::Lab, line } => self.at_lab(line),
            Turn::Line { line, .. } => self.at_prompt(INSIDE, line),
            Turn::Answer { question, answer, perhaps: false } => {
                self.terminal.wait(&text(question)?, PATIENCE)?;
                self.terminal.line(answer)
            }
            Turn::Answer { question, answer, perhaps: true } => {
                // Either the question comes, or the one that always comes after it.
                let either = compiled(&format!("{}|password:", regex::escape(question)))?;
                if self.terminal.wait(&either, PATIENCE)?.ends_with("password:") {
                    self.terminal.step_back("password:".len());
                    Ok(())
                } else {
                    self.terminal.line(answer)
                }
            }
            Turn::Sees(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| regex::escape(text)).collect();
                self.terminal.wait(&compiled(&texts.join("|"))?, PATIENCE).map(drop)
            }
            Turn::Goal { id, otherwise } => {
                let goal = self.lesson.steps[step].goals.iter().position(|goal| &goal.id == id).unwrap_or_default();
                let is_green = |told: &Told| {
                    let pane = told.pane.as_ref()?;
                    let green = at(pane, self.lesson) > At::Step(step)
                        || pane.goals.get(goal).is_some_and(|goal| is_green(&goal.state));
                    green.then_some(())
                };
                if let Some(line) = otherwise {
                    if self.desk.wait(ELSE, is_green).is_some() {
                        return Ok(());
                    }
                    self.terminal.line(line)?;
                }
                self.desk.wait(PATIENCE, is_green).ok_or_else(|| self.stuck(&format!("goal {id}")))
            }
            Turn::Reboot => self.reboot(),
        }
    }

    /// Waits until the machine has rebooted and the lab is back.
    fn reboot(&mut self) -> Result<(), Fault> {
        let until = Instant::now() + REBOOT;
        let boot = self.boot.clone().unwrap_or_default();
        while !self.machine.rebooted_since(&boot) {
            if Instant::now() > until {
                return Err(self.stuck("a reboot"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // What stood there before the reboot is nobody's prompt any more; the new one takes longer than this.
        self.terminal.pass();
        let open = self.desk.wait(PATIENCE, |told| told.pane.as_ref().map(drop));
        open.ok_or_else(|| self.stuck("the lab after the reboot"))
    }

    /// Where the lab is, once it has come to this step at least.
    pub(super) fn reached(&self, step: At) -> Option<At> {
        self.desk.wait(PATIENCE, |told| {
            let pane = told.pane.as_ref()?;
            Some(at(pane, self.lesson)).filter(|at| *at >= step)
        })
    }

    /// Waits until the lab has left this step. Where that takes long, it is asked to look, as a person would ask.
    pub(super) fn left(&self, step: usize) -> Option<At> {
        let later = |told: &Told| Some(at(told.pane.as_ref()?, self.lesson)).filter(|at| *at > At::Step(step));
        self.desk.wait(ASK, later).or_else(|| {
            // Its answer is in its state.
            let _ = self.desk.say(":check");
            self.desk.wait(PATIENCE, later)
        })
    }

    /// How the goals of this step stand now; none where the lab is elsewhere.
    pub(super) fn goals(&self, step: usize) -> Option<Vec<Option<Verdict>>> {
        self.desk.wait(Duration::ZERO, |told| verdicts(told, self.lesson, step))
    }

    /// Leaves the lab at its own prompt, out of whatever shell is open in it.
    pub(super) fn leave(mut self) -> Result<(), Fault> {
        let lab = compiled(&format!("{LAB}|{INSIDE}"))?;
        for _ in 0..4 {
            let seen = self.terminal.wait(&lab, PATIENCE)?;
            let is_lab = compiled(LAB)?.is_match(&seen);
            self.terminal.quiet(HAND, PATIENCE);
            self.terminal.pass();
            self.terminal.line(if is_lab { ":quit" } else { "exit" })?;
            if is_lab {
                return if self.terminal.end(PATIENCE) { Ok(()) } else { Err(self.stuck("the end of the lab")) };
            }
        }
        Err(self.stuck("the lab's own prompt"))
    }
}

/// A text as it stands.
fn text(text: &str) -> Result<Regex, Fault> {
    compiled(&regex::escape(text))
}

/// Where a lab with this state is. Steps that the machine is too old for are left out of its count.
pub(super) fn at(pane: &Pane, lesson: &Lesson) -> At {
    match pane.progress {
        None => At::Done,
        Some(progress) if progress.of == lesson.steps.len() => At::Step(progress.step.saturating_sub(1)),
        Some(progress) => {
            let named = lesson.steps.iter().position(|step| step.title == pane.title);
            At::Step(named.unwrap_or(progress.step.saturating_sub(1)))
        }
    }
}

/// The verdicts on a step's goals, none for one that was not judged; none at all where the lab is elsewhere.
pub(super) fn verdicts(told: &Told, lesson: &Lesson, step: usize) -> Option<Vec<Option<Verdict>>> {
    let pane = told.pane.as_ref().filter(|pane| at(pane, lesson) == At::Step(step))?;
    let verdict = |state: &GoalState| match state {
        GoalState::Judged(verdict) => Some(verdict.clone()),
        GoalState::Open | GoalState::Settling { .. } => None,
    };
    Some(pane.goals.iter().map(|goal| verdict(&goal.state)).collect())
}

fn is_green(state: &GoalState) -> bool {
    matches!(state, GoalState::Judged(verdict) if verdict.is_pass())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_known_at_the_end_and_nowhere_else() {
        let (lab, inside) = (Regex::new(LAB).unwrap(), Regex::new(INSIDE).unwrap());
        assert!(lab.is_match("x\n[3/20 login] lisa@m:~$ "));
        assert!(lab.is_match("[done login] lisa@m:~$ "));
        assert!(!lab.is_match("[3/20 login] lisa@m:~$ id"));
        assert!(inside.is_match("a\nconuser1@m:/home/lisa$ ") && !inside.is_match("[3/20 login] lisa@m:~$ "));
    }
}
