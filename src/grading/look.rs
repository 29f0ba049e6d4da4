//! One look at the machine for a grade: every goal is judged, what was seen is on the disk before the record speaks of it, and the record is
//! one line longer. Killed at any point, it leaves a record that is whole and the same question open.

use std::io;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use checkers::machine::witness::Testimony;
use checkers::time::Span;
use checkers::{Check, Context, Verdict};

use super::TESTIMONY;
use crate::driver::Sight;
use crate::exam::evidence::{self, Evidence};
use crate::exam::{
    Appended, Attempt, Entry, Event, Exam, Folder, FolderError, Goal, GoalId, Grade, GradeKind, Graded, Phase, Reading,
    Task, Time, counting,
};

/// How long one combination of checks may wait for what it waits for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How old a boot is when what it starts is there.
const SETTLED: Duration = Duration::from_secs(60);
/// What it gets at the least, where it was slow.
const LEAST: Duration = Duration::from_secs(20);
/// A boot that is older has had its time.
const LONG_AGO: Duration = Duration::from_secs(300);
/// What is just coming up at the hand-in gets so long.
const COMING_UP: Duration = Duration::from_secs(3);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// Whoever can look at the machine.
pub trait Eyes {
    /// One verdict a wish, in their order, and what was seen for them.
    fn look(&mut self, wishes: &[Check], context: &Context) -> (Vec<Verdict>, Testimony);
}

impl Eyes for Sight {
    fn look(&mut self, wishes: &[Check], context: &Context) -> (Vec<Verdict>, Testimony) {
        self.judge_with_testimony(wishes, context)
    }
}

/// What a grade at this moment would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// A look of this kind.
    Look(GradeKind),
    /// A reboot that was asked for has not come yet: before it, a look.
    Reboot,
    /// The candidate is still at it.
    UnderWay(Time),
    /// It was given up: there is nothing to grade.
    Abandoned,
}

/// What a grade would be now. After the hand-in a machine that has booted since is proof; before that it is foretold.
pub fn due(attempt: &Attempt, entries: &[Entry], now: &Reading) -> Due {
    match attempt.phase {
        Phase::Running => Due::UnderWay(attempt.time_at(now)),
        Phase::Abandoned => Due::Abandoned,
        Phase::Finished { .. } => {
            let last = |wanted: fn(&Event) -> bool| entries.iter().rev().find(|entry| wanted(&entry.event));
            let asked = last(|event| *event == Event::Rebooting).filter(|_| attempt.rebooting);
            let handed_in = last(|event| matches!(event, Event::Finished { .. }));
            match (asked, handed_in) {
                (Some(asked), _) if asked.at.boot == now.boot => Due::Reboot,
                (Some(_), _) => Due::Look(GradeKind::Proven),
                (None, Some(handed_in)) if handed_in.at.boot != now.boot => Due::Look(GradeKind::Proven),
                _ => Due::Look(GradeKind::Predicted),
            }
        }
    }
}

/// How long the first look of a kind goes on looking while something is not there.
pub fn settle(kind: GradeKind) -> Duration {
    match kind {
        GradeKind::Predicted => COMING_UP,
        GradeKind::Proven => settling(up()),
    }
}

/// How long a machine may take to come to rest that has been up for so long; where nobody can tell, a moment.
fn settling(up: Option<Duration>) -> Duration {
    match up {
        None => LEAST,
        Some(up) if up > LONG_AGO => Duration::ZERO,
        Some(up) => SETTLED.saturating_sub(up).max(LEAST),
    }
}

/// For how long the first process has been there: in a container that is not the kernel's time.
fn up() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/1/stat").ok()?;
    // proc(5): the 22nd field; the second, in brackets, may have anything in it.
    let begun: u64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    let ticks = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK).ok()??;
    let begun = Duration::from_secs_f64(begun as f64 / ticks as f64);
    let up = Duration::from(nix::time::clock_gettime(nix::time::ClockId::CLOCK_BOOTTIME).ok()?);
    Some(up.saturating_sub(begun))
}

/// What came of a look.
#[derive(Debug)]
pub struct Looked {
    /// What was seen, as the record has it.
    pub graded: Graded,
    /// What appending it did.
    pub appended: Appended,
}

/// Why there is no grade.
#[derive(Debug, thiserror::Error)]
pub enum GradeError {
    /// What was seen cannot be kept.
    #[error("what was seen cannot be kept: {0}")]
    Evidence(#[from] evidence::Error),
    /// The record cannot go on.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The kernel does not say which boot this is.
    #[error("the clocks cannot be read: {0}")]
    Clock(io::Error),
}

/// Looks at the machine for all goals that such a grade asks for, and writes it down. The first look of its kind goes on for so long while
/// something is not there: a machine that has just booted comes to rest, and at the hand-in something may be just coming up.
pub fn look(
    folder: &mut Folder,
    exam: &Exam,
    attempt: &Attempt,
    kind: GradeKind,
    eyes: &mut dyn Eyes,
    settle: Duration,
) -> Result<Looked, GradeError> {
    let now = Reading::now().map_err(GradeError::Clock)?;
    let before = counting(exam, &attempt.looks()).predicted.unwrap_or_default();
    // What need not last was looked at before the reboot; where nobody could, it is looked at now.
    let is_known = |id: &GoalId| before.get(id).is_some_and(|verdict| !matches!(verdict, Verdict::Unknown { .. }));
    let is_asked =
        |(task, goal): &(&Task, &Goal)| kind == GradeKind::Predicted || goal.lasting || !is_known(&task.id_of(goal));
    let asked = exam.goals().filter(is_asked);
    let (goals, wishes): (Vec<GoalId>, Vec<Check>) =
        asked.map(|(task, goal)| (task.id_of(goal), goal.check_for(kind).clone())).unzip();
    let context = Context {
        step_began: u64::try_from(attempt.began.wall).unwrap_or(0),
        patience: Span(PATIENCE),
        ..Context::default()
    };
    // Once it was looked at in this boot, it had its time.
    let is_other = |grade: &Grade| grade.graded.kind != kind || grade.at.boot != now.boot;
    let settle = if attempt.grades.iter().all(is_other) { settle } else { Duration::ZERO };
    let (verdicts, testimony) = settled(&wishes, &context, settle, eyes);
    let evidence = Evidence::new(goals, verdicts, testimony);
    let digest = evidence.keep(&folder.path().join(TESTIMONY))?;
    let verdicts = evidence.judged().iter().cloned().map(|judged| (judged.goal, judged.verdict)).collect();
    let graded = Graded { kind, verdicts, testimonies: vec![digest] };
    let now = Reading::now().map_err(GradeError::Clock)?;
    let appended = folder.append(&now, &Event::Graded(Box::new(graded.clone())))?;
    Ok(Looked { graded, appended })
}

/// The last look of several: a machine that has just booted is looked at again while something is not there.
fn settled(wishes: &[Check], context: &Context, settle: Duration, eyes: &mut dyn Eyes) -> (Vec<Verdict>, Testimony) {
    let end = Instant::now() + settle;
    loop {
        let seen = eyes.look(wishes, context);
        if seen.0.iter().all(Verdict::is_pass) || Instant::now() >= end {
            return seen;
        }
        thread::sleep(PAUSE);
    }
}

/// Asks logind for a reboot: as root, else through sudo, else as whoever this is. Comes back where it was asked for, with what was said
/// otherwise.
pub fn reboot() -> Result<(), String> {
    let mut said = String::new();
    let ways: &[&[&str]] = if nix::unistd::geteuid().is_root() {
        &[&["systemctl", "reboot"]]
    } else {
        &[&["sudo", "-n", "--", "systemctl", "reboot"], &["systemctl", "--no-ask-password", "reboot"]]
    };
    for way in ways {
        let Some((program, words)) = way.split_first() else { continue };
        match Command::new(program).args(words).stdin(std::process::Stdio::null()).output() {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => said = String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => said = format!("{program}: {error}"),
        }
    }
    Err(said)
}

#[cfg(test)]
mod tests;
