//! The lab without a shell, in one pane: an open one is watched, or one is opened for the watching.

use clap::Args;

use super::{Exit, Failure, start};
use crate::driver::{self, DeskError, Watched};
use crate::host::Host;
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
    #[arg(long)]
    here: bool,
}

impl Watch {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        match driver::watch(*look) {
            Ok(ended) => return end(ended),
            Err(DeskError::NoLab | DeskError::NotYou(_)) => {}
            Err(error @ DeskError::Broken(_)) => {
                return Err(Failure::new(Exit::Failed, error.to_string(), "try again"));
            }
        }
        if !self.here && !Host::look().is_lab() {
            let way_out = "start one with `rootless-lab start`, log in to it in another terminal with `rootless-lab practice \
                           enter` and watch there; or `--here` to practise on this very host";
            return Err(Failure::new(
                Exit::Machine,
                "no lab is open here, and this host is no place to practise on",
                way_out,
            ));
        }
        let lesson = start::fitted(&self.lesson, look)?;
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
}

fn end(ended: Watched) -> Result<Exit, Failure> {
    match ended {
        Watched::Left => Ok(Exit::Fine),
        Watched::Closed => {
            sayln!("The lab was closed.");
            Ok(Exit::Fine)
        }
        Watched::Lost => {
            let way_out = "`rootless-lab start` or `watch` goes on where it was";
            Err(Failure::new(Exit::Failed, "the lab is gone: it ended without a word", way_out))
        }
        Watched::Signal(signal) => driver::end_by(signal),
    }
}
