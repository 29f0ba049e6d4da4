//! The lab without a shell, in one pane: an open one is watched, or one is opened for the watching.

use std::process::ExitCode;

use clap::Args;

use super::{Exit, Failure, practice, start};
use crate::driver::{self, DeskError, Watched};
use crate::host::Host;
use crate::practice as machine;
use crate::practice::{Machine, Machines};
use crate::screen::Look;

/// The lab without a shell: step, goals and hints in one pane, while you work in any other terminal.
///
/// Watches the lab that is open on this machine, also one of another account that lets yours ask; several may watch one lab. Where
/// none is open, it opens one itself. Keys: n next step, h hint, m manual, w why, q quit. With --plain, or where standard output is
/// no terminal, it is a log: one line for each thing that is new.
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// The lesson, by name or by its file, where no lab is open.
    #[arg(default_value = start::LESSON)]
    lesson: String,
    /// Open the lab right here, on this very host, even if it is no lab host.
    #[arg(long, conflicts_with = "machine")]
    here: bool,
    /// The practice machine to watch on, where several run.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// Let a lesson from elsewhere run without asking.
    #[arg(long, short)]
    yes: bool,
}

impl Watch {
    pub(super) fn run(self, look: &Look) -> Result<ExitCode, Failure> {
        if self.machine.is_some() {
            return self.inside(look);
        }
        match driver::watch(*look) {
            Ok(ended) => return end(ended),
            Err(DeskError::NoLab) if !self.here && !Host::look().is_lab() => return self.inside(look),
            Err(error @ DeskError::NotYou(_)) if !self.here && !Host::look().is_lab() => return Err(error.into()),
            Err(DeskError::NoLab | DeskError::NotYou(_)) => {}
            Err(error @ DeskError::Broken(_)) => return Err(error.into()),
        }
        let lesson = super::needs::met(start::fitted(&self.lesson, self.yes, look)?)?;
        match driver::host(lesson, *look) {
            Ok((ended, said)) => {
                say!("{said}");
                end(ended)
            }
            Err(driver::Error::Store(error)) => Err(error.into()),
            Err(error) => {
                let way_out =
                    "mend that and watch again: the lab goes on where you were; `rootless-lab doctor` may say more";
                Err(Failure::new(Exit::Machine, error.to_string(), way_out))
            }
        }
    }

    /// Watches on the practice machine that runs beside this host, logged in there as whoever plays.
    fn inside(self, look: &Look) -> Result<ExitCode, Failure> {
        if machine::need_root().is_err() {
            // Only comes back when sudo could not be started at all.
            return Err(machine::as_root(&mut |command| tell!("A practice machine needs root: {command}")).into());
        }
        let machines = Machines::open()?;
        let found = match &self.machine {
            Some(name) => vec![machines.find(name)?],
            None => machines.all()?,
        };
        let mut running: Vec<Machine> = found.into_iter().filter(Machine::is_running).collect();
        let (Some(only), true) = (running.pop(), running.is_empty()) else {
            let what = "no lab is open here, and not exactly one practice machine runs";
            let way_out = "`rootless-lab start` boots one, and `--machine NAME` names one of several; or `--here` to \
                           practise on this very host";
            return Err(Failure::new(Exit::Machine, what, way_out));
        };
        let user = only.accounts().first().map_or("root", |account| account.name.as_str());
        let words = start::inside(&["watch", &self.lesson], look, start::no_colour(), start::language().as_deref());
        Ok(practice::code(only.enter(user, &words)?))
    }
}

fn end(ended: Watched) -> Result<ExitCode, Failure> {
    match ended {
        Watched::Left => Ok(Exit::Fine.into()),
        Watched::Closed => {
            sayln!("The lab was closed.");
            Ok(Exit::Fine.into())
        }
        Watched::Lost => {
            let way_out = "`rootless-lab start` or `watch` goes on where it was";
            Err(Failure::new(Exit::Failed, "the lab is gone: it ended without a word", way_out))
        }
        Watched::Signal(signal) => driver::end_by(signal),
    }
}
