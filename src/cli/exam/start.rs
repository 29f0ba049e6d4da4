//! Begins an exam, or goes on with the attempt that is under way: right here on a lab host, else on the practice machine.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Read};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;

use super::attempt::{self, Kept};
use super::grade::Grade;
use super::looking;
use crate::cli::start::{self as lab, Beside};
use crate::cli::{Exit, Failure, needs};
use crate::driver;
use crate::exam::{
    Attempt, Attempts, Candidate, Exam, Folder, Machine, Phase, Reading, Source, Started, Texts, is_built_in,
};
use crate::host::{self, Host};
use crate::lesson::{Origin, Versions};
use crate::practice::Release;
use crate::screen::{self, Cover, Look};
use crate::sitting::{self, Clash, Closed, Keeper, Sitting, Trouble};

/// The parameter that names whoever sits the exam.
const ADMINISTRATOR: &str = "administrator";
/// Seeds that every program reads exactly, JSON in a browser too.
const SEEDS: u64 = 1 << 53;
/// No name of a person is longer.
const MOST_NAME: usize = 100;
/// So many sheets are drawn where a name is taken already.
const DRAWS: u32 = 50;

/// Begin an exam, or go on with the attempt that is under way: opens your plain login with the clock in its prompt.
///
/// Says first what the exam is, how long it takes and everything that it will do, and asks once. The clock runs from then on, also
/// while no login is open. After a reboot, a lost terminal or `exit` the same command goes on.
#[derive(Debug, Args)]
pub(in crate::cli) struct Start {
    /// The exam, by name or by its file.
    exam: String,
    /// Draw names and numbers from this seed: the same seed gives the same sheet anywhere.
    #[arg(long, value_parser = clap::value_parser!(u64).range(..SEEDS))]
    seed: Option<u64>,
    /// Give other than the exam's own time.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=480))]
    minutes: Option<u32>,
    /// Sit it right here, on this very host.
    #[arg(long, conflicts_with = "practice")]
    here: bool,
    /// Sit it on the practice machine, even if this host is a lab host.
    #[arg(long)]
    practice: bool,
    /// The practice machine's release.
    #[arg(long, value_enum, conflicts_with = "here")]
    release: Option<Release>,
    /// The practice machine's name, where there are several.
    #[arg(long, value_name = "NAME", conflicts_with = "here")]
    machine: Option<String>,
    /// Answer every question with yes.
    #[arg(long, short)]
    yes: bool,
    /// Your name, for the report: of many who are lisa on a practice machine each is told from the others by it.
    #[arg(long, value_name = "NAME", value_parser = a_name)]
    name: Option<String>,
    /// The name of the practice machine that this is (said by the one outside).
    #[arg(long, hide = true)]
    on: Option<String>,
    /// The seed to begin with where none was asked for: another is drawn if a name on its sheet is taken (said by the one outside).
    #[arg(long, hide = true, conflicts_with = "seed", value_parser = clap::value_parser!(u64).range(..SEEDS))]
    proposed: Option<u64>,
    /// Somebody asked for it just now; whoever only comes back after a reboot begins nothing (said by the one outside).
    #[arg(long, hide = true)]
    begins: bool,
}

impl Start {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let host = Host::look();
        let elsewhere = self.practice || self.machine.is_some() || self.release.is_some();
        // An attempt that is under way here is gone on with here.
        let running = if elsewhere { None } else { attempt::running()? };
        if self.here || running.is_some() || (host.is_lab() && !elsewhere) {
            if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
                let way_out =
                    "open one (ssh -t, tmux, a console) and start again; `rootless-lab exam status` works without one";
                return Err(Failure::new(Exit::Machine, "an exam needs a terminal for its input and output", way_out));
            }
            let kept = match running {
                Some(kept) => self.is_this(kept)?,
                None if self.on.is_some() && !self.begins => return back(look),
                None => self.begin(look)?,
            };
            return go_on(kept, look);
        }
        self.beside(&host, look)
    }

    /// The attempt that is under way is one at this exam.
    fn is_this(&self, kept: Kept) -> Result<Kept, Failure> {
        let name = &kept.attempt.started.exam;
        let asked = if self.exam.contains('/') {
            attempt::shelf().find(&self.exam).map_or_else(|_| self.exam.clone(), |(source, _)| source.id())
        } else {
            self.exam.clone()
        };
        if asked == *name {
            return Ok(kept);
        }
        let way_out =
            format!("`rootless-lab exam start {name}` goes on with it, `rootless-lab exam abandon` gives it up");
        Err(Failure::new(Exit::Busy, format!("an attempt at {name} is under way ({})", kept.name), way_out))
    }

    /// A new attempt, after one question; the machine is ready for it.
    fn begin(&self, look: &Look) -> Result<Kept, Failure> {
        let (source, origin) = attempt::shelf().find(&self.exam).map_err(|error| attempt::not_found(error, look))?;
        let (me, uid) = me();
        let (seed, exam) = self.drawn(&source, me.as_deref(), look)?;
        let here = needs::versions();
        lack(&exam, &here)?;
        let minutes = self.minutes.unwrap_or(exam.minutes);
        let attempts = Attempts::of_candidate()?;
        let host = nix::unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let machine = match &self.on {
            Some(name) => format!("the practice machine {name}, which is this one"),
            None => format!("this very machine, {host}"),
        };
        let from = match &origin {
            Origin::File(file) => Some(file.display().to_string()),
            Origin::BuiltIn => None,
        };
        let kept = attempts.place().display().to_string();
        let lessons = attempt::shelf().lessons_of(&source, &exam.parameters);
        let lessons = lessons.map_err(|error| attempt::not_found(error, look))?;
        let instead = from.is_some() && is_built_in(&exam.id);
        let cover =
            Cover { exam: &exam, minutes, seed, machine: &machine, from: from.as_deref(), instead, kept: &kept };
        say!("{}", screen::cover(&cover, look));
        if !self.yes {
            ask()?;
        }
        sitting::prepare(&exam).map_err(|error| {
            let way_out = "mend that and start again: no attempt was begun";
            Failure::new(Exit::Machine, error.to_string(), way_out)
        })?;
        let Versions { podman, systemd } = here;
        let started = Started {
            exam: exam.id.clone(),
            // Both are made of the texts by whoever keeps them.
            exam_digest: String::new(),
            lessons: BTreeMap::new(),
            seed,
            parameters: exam.parameters.clone(),
            minutes,
            candidate: Candidate { account: me.unwrap_or_else(|| "root".to_owned()), uid, name: self.name.clone() },
            machine: self.on.clone().map_or(Machine::Here(host), Machine::Practice),
            identity: host::identity(),
            versions: sitting::versions([("podman", podman), ("systemd", systemd)]),
        };
        let (id, _) = attempts.begin(Texts { exam: source.text, lessons }, &Reading::now()?, started)?;
        attempt::open(Some(&id.to_string()))
    }

    /// The sheet of the seed that was asked for, or of a fresh one whose names nobody here bears.
    fn drawn(&self, source: &Source, me: Option<&str>, look: &Look) -> Result<(u64, Exam), Failure> {
        let given: BTreeMap<String, String> = me
            .filter(|name| *name != "root")
            .map(|name| (ADMINISTRATOR.to_owned(), name.to_owned()))
            .into_iter()
            .collect();
        let shelf = attempt::shelf().with_parameters(given);
        let mut draws = 0;
        loop {
            draws += 1;
            let proposed = self.proposed.filter(|_| draws == 1);
            let seed = self.seed.or(proposed).map_or_else(fresh, Ok)?;
            let exam = shelf.drawn(source, seed).map_err(|error| attempt::not_found(error, look))?;
            match sitting::clash(&exam) {
                None => return Ok((seed, exam)),
                Some(Clash::There(_) | Clash::Administrator(_) | Clash::Uid(_) | Clash::Port(_))
                    if self.seed.is_none() && draws < DRAWS => {}
                Some(clash) => return Err(refused(&clash)),
            }
        }
    }

    /// On the practice machine, as its administrator; in again after each reboot.
    fn beside(self, host: &Host, look: &Look) -> Result<Exit, Failure> {
        let (source, origin) = attempt::shelf().find(&self.exam).map_err(|error| attempt::not_found(error, look))?;
        let seed = self.seed.map_or_else(fresh, Ok)?;
        let exam = attempt::shelf().drawn(&source, seed).map_err(|error| attempt::not_found(error, look))?;
        let beside = Beside { release: self.release, machine: self.machine.clone(), yes: self.yes };
        let folder = match &origin {
            Origin::File(file) => file.parent().map(|folder| (folder, format!("exams/{}", exam.id))),
            Origin::BuiltIn => None,
        };
        let Some(found) = beside.machine(lab::accounts(&exam.accounts), folder, &|| Ok(()), host)? else {
            return Ok(Exit::Fine);
        };
        let what = ["exam", "start", "--here", "--on", beside.name(), &exam.id];
        let inside = lab::inside(&what, look, lab::no_colour(), lab::language().as_deref());
        // Only the first time: after a reboot it goes on.
        let mut first = vec!["--begins".to_owned(), self.seed_inside(seed)];
        first.extend(self.name.as_ref().map(|name| format!("--name={name}")));
        first.extend(self.minutes.map(|minutes| format!("--minutes={minutes}")));
        first.extend(self.yes.then(|| "--yes".to_owned()));
        lab::stay(&found, &inside, &first, "exam")
    }

    /// How the one inside is told the seed for whose sheet the machine was made. Who asked for that seed wants its sheet and no other.
    fn seed_inside(&self, seed: u64) -> String {
        format!("--{}={seed}", if self.seed.is_some() { "seed" } else { "proposed" })
    }
}

/// In again after a reboot, and no attempt is under way: goes on with what asked for the reboot. Never begins another exam.
fn back(look: &Look) -> Result<Exit, Failure> {
    let mut kept = attempt::open(None)?;
    if !kept.attempt.is_handed_in() {
        let way_out = format!("`rootless-lab exam start {}` begins another one", kept.attempt.started.exam);
        return Err(Failure::new(Exit::Machine, format!("{} was given up", kept.name), way_out));
    }
    if kept.attempt.rebooting {
        return Grade::after_reboot(kept.name).run(look);
    }
    let exam = kept.exam(look)?;
    handed_in(&mut kept.folder, &exam, &kept.attempt, look)
}

/// A line that says who somebody is.
fn a_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let is_line = !name.is_empty() && !name.chars().any(char::is_control);
    if is_line && name.chars().count() <= MOST_NAME {
        Ok(name.to_owned())
    } else {
        Err(format!("a name is one line of at most {MOST_NAME} characters"))
    }
}

/// Opens the login, until it is left.
fn go_on(kept: Kept, look: &Look) -> Result<Exit, Failure> {
    // As long as this is held nobody else opens it.
    let _claimed = kept.folder.claim()?;
    let exam = kept.exam(look)?;
    let (id, name) = (kept.name.clone(), kept.attempt.started.exam.clone());
    let again = kept.attempt.logins > 0;
    let account = kept.attempt.started.candidate.account.clone();
    let mut keeper = Keeper::of(kept.folder)?;
    keeper.nobody_is_in()?;
    match keeper.close()? {
        Some(Closed::ByClock) => return handed_in(&mut Folder::at(keeper.path()), &exam, keeper.attempt(), look),
        Some(Closed::Unsure) | None if again => {
            let now = Reading::now()?;
            let time = keeper.attempt().time_at(&now);
            say!("{}", screen::goes_on(&id, keeper.attempt().started.seed, &time, look));
        }
        Some(Closed::Unsure) | None => {}
    }
    say!("\n");
    say!("{}", screen::sheet(&exam, look));
    say!("\n");
    say!("{}", screen::ways(look));
    say!("\n");
    let keeper = Arc::new(Mutex::new(keeper));
    let sitting = Sitting { exam: &exam, account: &account, look: *look };
    let sat = sitting::sit(Arc::clone(&keeper), &sitting);
    let mut keeper = keeper.lock().unwrap_or_else(PoisonError::into_inner);
    match sat {
        Err(Trouble::Signal(signal)) => driver::end_by(signal),
        Err(Trouble::Record(error)) => return Err(error.into()),
        Err(error @ Trouble::Io { .. }) => {
            let way_out = format!("mend that; `rootless-lab exam start {name}` goes on, and the clock runs");
            return Err(Failure::new(Exit::Machine, error.to_string(), way_out));
        }
        Ok(()) => {}
    }
    // Whoever leaves after the time has handed in.
    keeper.close()?;
    if let Some(error) = keeper.trouble() {
        let what = format!("the last of the record could not be written: {error}");
        return Err(Failure::new(Exit::Failed, what, "make room; what was written before is whole"));
    }
    match keeper.attempt().phase {
        Phase::Running => {
            let time = keeper.attempt().time_at(&Reading::now()?);
            say!("{}", screen::left_open(&name, &time, look));
        }
        Phase::Finished { .. } => return handed_in(&mut Folder::at(keeper.path()), &exam, keeper.attempt(), look),
        Phase::Abandoned => {}
    }
    Ok(Exit::Fine)
}

/// The exam is over: what can be done now, and the look at what is handed in, where nobody has taken it.
fn handed_in(folder: &mut Folder, exam: &Exam, attempt: &Attempt, look: &Look) -> Result<Exit, Failure> {
    say!("{}", screen::handed_in(attempt.phase == Phase::Finished { by_clock: true }, look));
    looking::at_hand_in(folder, exam, attempt)?;
    Ok(Exit::Fine)
}

fn ask() -> Result<(), Failure> {
    say!("\nBegin now? The clock runs from then on. [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer)?;
    if read > 0 && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(
        Exit::NotAgreed,
        "the exam was not begun",
        "start it again when you want to; `--yes` begins at once",
    ))
}

/// Who runs this.
fn me() -> (Option<String>, u32) {
    let uid = nix::unistd::geteuid();
    (nix::unistd::User::from_uid(uid).ok().flatten().map(|user| user.name), uid.as_raw())
}

fn fresh() -> Result<u64, Failure> {
    let mut bytes = [0; 8];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes) % SEEDS)
}

fn lack(exam: &Exam, here: &Versions) -> Result<(), Failure> {
    match exam.needs.as_ref().and_then(|needs| needs.lack(here)) {
        None => Ok(()),
        Some(lack) => {
            let what = format!("the exam `{}` cannot be sat here: {}", exam.id, needs::words(&lack));
            let way_out = "sit it on a newer practice machine: `--practice --release trixie`, from outside of this one";
            Err(Failure::new(Exit::Machine, what, way_out))
        }
    }
}

fn refused(clash: &Clash) -> Failure {
    let way_out = match clash {
        Clash::There(name) => format!(
            "another `--seed` draws other names; if {name} is left from an earlier attempt, its clean-up removes it, and \
             `rootless-lab practice reset` throws a practice machine back"
        ),
        Clash::Administrator(_) | Clash::Uid(_) | Clash::Port(_) => {
            "another `--seed` draws other names and numbers".to_owned()
        }
        Clash::Missing(name) => {
            format!("make {name} first, or sit it with `--practice`, on a machine that has it from the start")
        }
        Clash::SomebodyElse { wanted, .. } => format!("sit it as {wanted}"),
    };
    Failure::new(Exit::Machine, clash.to_string(), way_out)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        start: Start,
    }

    #[test]
    fn only_a_seed_that_was_asked_for_is_asked_for_inside() {
        let inside = |words: &[&str]| Line::parse_from([&["exam", "trial"], words].concat()).start.seed_inside(7);
        assert_eq!(inside(&[]), "--proposed=7");
        assert_eq!(inside(&["--seed", "7"]), "--seed=7");
    }
}
