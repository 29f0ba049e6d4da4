//! `rootless-lab exam grade`: judges every goal, and what outlasts a reboot, on the machine itself.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::attempt::{self, Kept};
use super::{looking, result};
use crate::cli::{Exit, Failure, beside, start};
use crate::exam::{Event, GradeKind, Machine, Phase, Reading, Time};
use crate::grading::{self, Due};
use crate::practice::{self, Ended};
use crate::screen::{self, Format, Look};

/// How long a machine may take to go down.
const GOING_DOWN: Duration = Duration::from_secs(150);

/// Grade an attempt by the state of the machine, now.
///
/// Every goal gets a verdict, and all that it rests on is kept with the attempt, so that it can be judged again. What could not be looked at
/// is neither given nor taken: it leaves a range. Ends with 0 where the exam is passed, 1 where it is not, and 7 where what could not be
/// looked at decides.
///
/// With `--reboot` it is graded, the machine is rebooted, and it is graded again: what was foretold, and what is proven. On a practice
/// machine that goes by itself. On this very host, say `rootless-lab exam grade` once more after the boot.
#[derive(Debug, Args)]
pub(in crate::cli) struct Grade {
    /// The attempt, by name or by folder. [default: the newest]
    attempt: Option<String>,
    /// Reboot the machine, and grade before and after.
    #[arg(long)]
    reboot: bool,
    /// The attempt is on the practice machine of this name: go in and grade it there.
    #[arg(long, value_name = "NAME", conflicts_with = "output")]
    machine: Option<String>,
    /// Reboot without asking.
    #[arg(long, short)]
    yes: bool,
    /// For whom the result is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Into this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Grade {
    /// Goes on with a grade that had the machine rebooted, for people.
    pub(super) fn after_reboot(name: String) -> Self {
        let attempt = Some(name);
        Self { attempt, reboot: false, machine: None, yes: false, format: Format::Human, output: None }
    }

    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        if let Some(machine) = &self.machine {
            return self.outside(machine, look);
        }
        let name = self.attempt.as_deref();
        let kept = attempt::open(name)?;
        looking::is_its_machine(&kept.name, &kept.attempt)?;
        if kept.attempt.phase != Phase::Running {
            attempt::nobody_sits()?;
        }
        let mut kept = self.handed_in(kept)?;
        let exam = kept.exam(look)?;
        if !kept.found.breaks().is_empty() {
            let name = screen::clean_line(&kept.name, look);
            tell!("The record is not as it was written; `rootless-lab exam verify {name}` says where.");
        }
        let due = grading::due(&kept.attempt, &kept.found.chain.entries, &now()?);
        let (kind, reboots) = match due {
            Due::Look(GradeKind::Proven) => {
                if self.reboot && !kept.attempt.rebooting {
                    tell!(
                        "The machine has been rebooted since the hand-in: that is the proof, and it is not rebooted again."
                    );
                }
                (GradeKind::Proven, false)
            }
            Due::Reboot if !self.reboot => {
                tell!("A reboot was asked for and has not come yet. `--reboot` asks for it again.");
                (GradeKind::Predicted, false)
            }
            _ => (GradeKind::Predicted, self.reboot),
        };
        if reboots {
            self.consent(&kept)?;
        }
        looking::look(&mut kept.folder, &exam, &kept.attempt, kind)?;
        kept = attempt::open(Some(&kept.name))?;
        let report = kept.report(&exam);
        if reboots {
            let Some(foretold) = report.predicted.as_ref().and_then(result::foretold) else {
                return Err(Failure::new(
                    Exit::Unknown,
                    "no goal could be looked at, so a reboot would prove nothing",
                    "`rootless-lab doctor` says what is missing",
                ));
            };
            tell!("Foretold: {foretold}.");
            return self.restart(&mut kept);
        }
        if report.proven.is_none() && self.format == Format::Human {
            tell!("No reboot has proven it: `rootless-lab exam grade --reboot` does.");
        }
        let text = screen::report(&report, self.format, look).map_err(std::io::Error::other)?;
        match &self.output {
            Some(path) => result::write(path, text.as_bytes())?,
            None => say!("{text}"),
        }
        Ok(result::exit(&report))
    }

    /// An attempt whose time is over for certain is handed in by the clock; one that is under way is not graded.
    fn handed_in(&self, mut kept: Kept) -> Result<Kept, Failure> {
        match grading::due(&kept.attempt, &kept.found.chain.entries, &now()?) {
            Due::UnderWay(Time::Over { certain: true, .. }) => {
                kept.folder.append_now(|attempt, now| attempt.by_clock(now))?;
                attempt::open(Some(&kept.name))
            }
            Due::UnderWay(_) => Err(Failure::new(
                Exit::Busy,
                format!("{} is still under way", kept.name),
                "`rootless-lab exam finish` hands it in",
            )),
            Due::Abandoned => {
                let way_out = "`rootless-lab exam start` begins a new one";
                Err(Failure::new(Exit::Usage, format!("{} was given up, and is not graded", kept.name), way_out))
            }
            Due::Look(_) | Due::Reboot => Ok(kept),
        }
    }

    fn consent(&self, kept: &Kept) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        let machine = plain(&match &kept.attempt.started.machine {
            Machine::Practice(name) => format!("the practice machine {name}"),
            Machine::Here(name) => format!("this host, {name}, with all that runs on it"),
        });
        let refused = || {
            Failure::new(Exit::NotAgreed, format!("{machine} was not rebooted"), "`--yes` reboots it without asking")
        };
        if !std::io::stdin().is_terminal() {
            return Err(refused());
        }
        say!("Grade, and reboot {machine}? [y/N] ");
        std::io::stdout().flush()?;
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer)?;
        let agreed = read > 0 && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
        agreed.then_some(()).ok_or_else(refused)
    }

    /// Reboots. Comes back only where that fails.
    fn restart(&self, kept: &mut Kept) -> Result<Exit, Failure> {
        kept.folder.append_now(|_, _| Some(Event::Rebooting))?;
        tell!(
            "Rebooting. After the boot, `rootless-lab exam grade {}` goes on; from outside of a practice machine that goes by itself.",
            plain(&kept.name)
        );
        grading::reboot().map_err(|said| {
            let way_out = format!("reboot it yourself; then `rootless-lab exam grade {}` goes on", kept.name);
            Failure::new(Exit::Machine, format!("the machine does not reboot: {said}"), way_out)
        })?;
        thread::sleep(GOING_DOWN);
        let way_out = "`systemctl list-jobs` says what it waits for; once it is rebooted, grade again";
        Err(Failure::new(Exit::Failed, "the machine was to reboot and is still up", way_out))
    }

    /// Grades on a practice machine, and goes in again after the reboot.
    fn outside(&self, name: &str, look: &Look) -> Result<Exit, Failure> {
        let machine = beside::running(name)?;
        let mut words = vec!["exam", "grade"];
        words.extend(self.attempt.as_deref());
        // Here nobody but the machine is rebooted.
        words.extend(self.reboot.then_some(["--reboot", "--yes"]).into_iter().flatten());
        let format = self.format.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        words.extend(["--format", &format]);
        let inside = start::inside(&words, look, start::no_colour(), start::language().as_deref());
        match practice::caretaker(&machine, beside::who_sits(&machine), &inside, &[], &mut |line| tell!("{line}"))? {
            // What is wrong was said inside.
            Ended::Left(status) => Exit::of(status).ok_or_else(|| {
                let way_out =
                    format!("`rootless-lab practice enter {name}` goes in; `rootless-lab exam grade` grades it there");
                Failure::new(Exit::Failed, format!("the grading on {name} broke off ({status})"), way_out)
            }),
            Ended::PoweredOff => Err(Failure::new(
                Exit::Machine,
                format!("{name} was powered off in the middle"),
                "say the same again: the record knows how far it was",
            )),
        }
    }
}

/// What a candidate named, as text.
fn plain(name: &str) -> String {
    screen::clean_line(name, &Look::FILE)
}

fn now() -> Result<Reading, Failure> {
    Ok(Reading::now()?)
}
