//! Gives an attempt up.

use std::io::{BufRead, IsTerminal};

use clap::Args;

use super::attempt;
use crate::cli::{Exit, Failure};
use crate::exam::{Event, Phase, Reading};
use crate::screen::{self, Look};

/// Give up the attempt that is under way. It stays in the list, and is not graded.
#[derive(Debug, Args)]
pub(in crate::cli) struct Abandon {
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

impl Abandon {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let Some(mut kept) = attempt::running()? else {
            let way_out = "`rootless-lab exam list` says what became of the others";
            return Err(Failure::new(Exit::Machine, "no attempt is under way here", way_out));
        };
        if !self.yes {
            ask(&kept.name)?;
        }
        // Whoever handed in meanwhile has handed in.
        let given_up =
            kept.folder.append_now(|attempt, _| (attempt.phase == Phase::Running).then_some(Event::Abandoned))?;
        if given_up.is_none() {
            return Err(Failure::new(
                Exit::Machine,
                "the attempt is over already",
                "`rootless-lab exam status` says how",
            ));
        }
        kept.show(&Reading::now()?);
        let exam = kept.attempt.started.exam.clone();
        // The clean-up is a courtesy: an exam that cannot be read any more is given up all the same.
        let clean_up = kept.exam(look).map(|exam| exam.clean_up).unwrap_or_default();
        say!("{}", screen::given_up(&exam, &clean_up, look));
        Ok(Exit::Fine)
    }
}

fn ask(id: &str) -> Result<(), Failure> {
    let refused = |what: &str| Failure::new(Exit::NotAgreed, what, "`--yes` gives it up without asking");
    if !std::io::stdin().is_terminal() {
        return Err(refused("nobody was asked whether the attempt is to be given up"));
    }
    say!("Give up the attempt {id}? It cannot be taken back. [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer)?;
    let yes = read > 0 && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if yes { Ok(()) } else { Err(refused("the attempt goes on")) }
}
