//! Opens a lab: right here on a lab host, else on the practice machine.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

use clap::Args;

use super::{Exit, Failure, consent, practice};
use crate::bash;
use crate::driver;
use crate::host::Host;
use crate::lesson::{AccountRole, Declared, LANGUAGE, Lesson, Origin, Shelf, ShelfError};
use crate::practice as machine;
use crate::practice::{Account, Ended, Machines, Recipe, Release};
use crate::screen::{self, Look};
use crate::store::Store;

/// The parameter that names whoever sits at the lab.
const ADMINISTRATOR: &str = "administrator";
/// The lesson that is played when none is named.
pub(super) const LESSON: &str = "rootless-containers";

/// Open a lesson, or go on with it.
#[derive(Debug, Args)]
pub(super) struct Start {
    /// The lesson, by name or by its file.
    #[arg(default_value = LESSON)]
    lesson: String,
    /// Play right here, on this very host.
    #[arg(long, conflicts_with = "practice")]
    here: bool,
    /// Play on the practice machine, even if this host is a lab host.
    #[arg(long)]
    practice: bool,
    /// The practice machine's release.
    #[arg(long, value_enum)]
    release: Option<Release>,
    /// The practice machine's name, where there are several.
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,
    /// Another value for one of the lesson's parameters, on this very host (`account=web`). May stand several times.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Answer every question with yes: that a lesson from elsewhere may run, that a practice machine is made.
    #[arg(long, short)]
    yes: bool,
}

impl Start {
    /// `may` says whether a lab may be opened on this host at all.
    pub(super) fn run(self, may: impl FnOnce() -> Result<(), Failure>, look: &Look) -> Result<Exit, Failure> {
        let host = Host::look();
        if self.here || (host.is_lab() && !self.practice && self.machine.is_none()) {
            may()?;
            // Bash comes up while the lesson is read; where that says no, or asks, nobody sees anything of bash.
            let waking = at_a_terminal().then(|| driver::Waking::begin(look));
            let (lesson, origin) = find(&self.lesson, BTreeMap::new(), look)?;
            let mut lesson = fit(lesson, &self.lesson, &self.set, look)?;
            consent::agree(&mut lesson, &origin, self.yes, look)?;
            if let Some(lacks) = screen::lacks(host.systemd, host.podman, look) {
                tell!("{}", lacks.trim_end());
            }
            return play(lesson, waking, look);
        }
        let (mut lesson, origin) = find(&self.lesson, BTreeMap::new(), look)?;
        consent::agree(&mut lesson, &origin, self.yes, look)?;
        self.practise(&lesson, &origin, &host, look)
    }

    /// Plays on the practice machine, as the lesson's administrator.
    fn practise(self, lesson: &Lesson, origin: &Origin, host: &Host, look: &Look) -> Result<Exit, Failure> {
        let beside = Beside { release: self.release, machine: self.machine, yes: self.yes };
        let folder = match origin {
            Origin::File(file) => file.parent().map(|folder| (folder, lesson.id.clone())),
            Origin::BuiltIn => None,
        };
        let Some(found) = beside.machine(accounts(&lesson.accounts), folder, &|| consent::unchanged(lesson), host)?
        else {
            return Ok(Exit::Fine);
        };
        let inside = inside(&["start", "--here", &lesson.id], look, no_colour(), language().as_deref());
        stay(&found, &inside, &[], "lab")
    }
}

/// The practice machine beside this host that somebody asked for.
pub(super) struct Beside {
    pub(super) release: Option<Release>,
    pub(super) machine: Option<String>,
    pub(super) yes: bool,
}

impl Beside {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.machine.as_deref().unwrap_or_else(|| self.release.map_or("practice", |release| release.name()))
    }

    /// The machine, running; it is made after one question, with these accounts. What is in the folder is given to it under that name
    /// below its lessons, if it still is what was agreed to. None where the learner wants none.
    pub(super) fn machine(
        &self,
        accounts: Vec<Account>,
        folder: Option<(&Path, String)>,
        unchanged: &dyn Fn() -> Result<(), Failure>,
        host: &Host,
    ) -> Result<Option<machine::Machine>, Failure> {
        if let Err(error) = machine::need_root() {
            // Only comes back when sudo could not be started at all.
            let _ = error;
            return Err(machine::as_root(&mut |command| tell!("A practice machine needs root: {command}")).into());
        }
        let names: Vec<String> = accounts.iter().map(|account| account.name.clone()).collect();
        let release = self.release.unwrap_or(Release::Trixie);
        let machines = Machines::open()?;
        let found = match machines.find(self.name()) {
            Ok(found) => found,
            Err(machine::Error::NoMachine(_)) => {
                self.offer(host, release, machines.state())?;
                let from = machine::From::Release(release);
                let recipe = Recipe { name: self.name().to_owned(), from, accounts, online: false };
                if !practice::provide(&recipe.from, true)? {
                    return Ok(None);
                }
                let bar = practice::Bar::new();
                let made = machines.create(&recipe, &mut |progress| bar.show(&progress));
                bar.finish();
                made?
            }
            Err(error) => return Err(error.into()),
        };
        found.start()?;
        has_all(&found, &names)?;
        if let Some((folder, name)) = folder {
            // Making the machine took its time.
            unchanged()?;
            found.give(folder, &format!("/usr/share/rootless-lab/lessons/{name}"))?;
        }
        Ok(Some(found))
    }

    /// The one question, with everything that a yes will do.
    fn offer(&self, host: &Host, release: Release, state: &Path) -> Result<(), Failure> {
        let why = match (&host.disposable, host.systemd, host.podman) {
            (_, false, _) => "systemd is not process 1 here",
            (_, _, false) => "podman is not installed here",
            _ => "this is nobody's throw-away machine, and it carries no mark",
        };
        sayln!("This host is no place to practise on: {why}.");
        sayln!("A practice machine is a disposable Debian ({}) beside it:", release.name());
        sayln!("about 600 MB in {}, made in a minute or two.", state.display());
        let missing = machine::missing_packages(&machine::From::Release(release));
        if !missing.is_empty() {
            sayln!("To make one, these packages are installed on this host: {}.", missing.join(", "));
        }
        if self.yes {
            return Ok(());
        }
        loop {
            say!("Make it now? [Y/n] ");
            std::io::stdout().flush()?;
            let mut answer = String::new();
            let read = std::io::stdin().lock().read_line(&mut answer)?;
            match answer.trim().to_ascii_lowercase().as_str() {
                "" | "y" | "yes" if read > 0 => return Ok(()),
                // Neither yes nor no: a slip of the finger decides nothing.
                other if read > 0 && !matches!(other, "n" | "no") => sayln!("Type y for yes or n for no."),
                _ => {
                    return Err(Failure::new(
                        Exit::NotAgreed,
                        "nothing was made",
                        "start again when you want it; `--yes` asks nothing",
                    ));
                }
            }
        }
    }
}

/// Goes into the machine as its first account, and again after each reboot, until what runs there ends.
pub(super) fn stay(found: &machine::Machine, inside: &[String], first: &[String], what: &str) -> Result<Exit, Failure> {
    let user = found.accounts().first().map_or("root", |account| account.name.as_str());
    match machine::caretaker(found, user, inside, first, &mut |line| tell!("{line}"))? {
        // Whoever runs inside has said why.
        Ended::Left(status) => Exit::of(status).ok_or_else(|| {
            let way_out = format!("the command that opened the {what} goes on where you were");
            let what = format!("the {what} on the practice machine ended with {status}");
            Failure::new(Exit::Failed, what, way_out)
        }),
        Ended::PoweredOff => {
            sayln!(
                "The practice machine was powered off. Open the {what} again: that boots it and goes on where you were."
            );
            Ok(Exit::Fine)
        }
    }
}

fn at_a_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

fn play(lesson: Lesson, waking: Option<Result<driver::Waking, driver::Error>>, look: &Look) -> Result<Exit, Failure> {
    let Some(waking) = waking else {
        let way_out = "open one (ssh -t, tmux, a console) and start again; `rootless-lab check` works without one";
        return Err(Failure::new(Exit::Machine, "a lab needs a terminal for its input and output", way_out));
    };
    let lesson = super::needs::met(lesson)?;
    match waking.and_then(|waking| driver::play(lesson, waking, *look)) {
        Ok(()) => Ok(Exit::Fine),
        Err(driver::Error::Store(error)) => Err(error.into()),
        Err(driver::Error::Bash(bash::Error::Signal(signal))) => driver::end_by(signal),
        Err(error @ driver::Error::Bash(bash::Error::NoBash)) => {
            Err(Failure::new(Exit::Machine, error.to_string(), "install bash, or put its folder into PATH"))
        }
        Err(error) => {
            let way_out =
                "mend that and start again: the lab goes on where you were; `rootless-lab doctor` may say more";
            Err(Failure::new(Exit::Machine, error.to_string(), way_out))
        }
    }
}

/// The language that the learner's surroundings ask for.
pub(super) fn language() -> Option<String> {
    crate::lesson::wished_language(|name| std::env::var(name).ok())
}

/// No colour is wished for.
pub(super) fn no_colour() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// What is run on the practice machine. Of the environment only TERM comes along, so what was wished of the lab's look is said in words.
pub(super) fn inside(what: &[&str], look: &Look, no_colour: bool, language: Option<&str>) -> Vec<String> {
    let mut words = vec!["env"];
    // Not as a locale: the machine need not have it, and the learner's programs speak as they ever do.
    let language = language.map(|language| format!("{LANGUAGE}={language}"));
    words.extend(language.as_deref());
    if no_colour {
        words.push("NO_COLOR=1");
    }
    words.push("rootless-lab");
    words.extend(what);
    if look.plain {
        words.push("--plain");
    }
    words.into_iter().map(str::to_owned).collect()
}

/// A machine that was made for another lesson may lack accounts that this one starts with.
fn has_all(machine: &machine::Machine, names: &[String]) -> Result<(), Failure> {
    let lacks = machine.lacking(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    if lacks.is_empty() {
        return Ok(());
    }
    let what =
        format!("practice machine `{}` has no account {}, which the lesson needs", machine.name(), lacks.join(", "));
    Err(Failure::new(Exit::Machine, what, "`--machine NAME` with a name of its own makes one for this lesson"))
}

/// On a host of the learner's own the administrator is whoever sits there, and `--set` changes any parameter. A lesson that was
/// begun goes on with what it was begun with.
fn fit(lesson: Lesson, name: &str, set: &[String], look: &Look) -> Result<Lesson, Failure> {
    let mut given = begun_with(&lesson);
    let me = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten().filter(|me| !me.uid.is_root());
    if let Some(me) = me.filter(|_| lesson.parameters.iter().any(|one| one.name == ADMINISTRATOR)) {
        given.entry(ADMINISTRATOR.to_owned()).or_insert(me.name);
    }
    for set in set {
        let known = set.split_once('=').filter(|(name, _)| lesson.parameters.iter().any(|one| one.name == *name));
        let Some((name, value)) = known else {
            let names: Vec<&str> = lesson.parameters.iter().map(|one| one.name.as_str()).collect();
            let way_out = format!("write NAME=VALUE; this lesson has: {}", names.join(", "));
            return Err(Failure::new(Exit::Usage, format!("`{set}` sets no parameter of the lesson"), way_out));
        };
        given.insert(name.to_owned(), value.to_owned());
    }
    if lesson.parameters.iter().all(|one| given.get(&one.name).is_none_or(|value| *value == one.value)) {
        return Ok(lesson);
    }
    find(name, given, look).map(|(lesson, _)| lesson)
}

/// Finds and reads a lesson as it is played on this very host, and asks whether it may be.
pub(super) fn fitted(name: &str, yes: bool, look: &Look) -> Result<Lesson, Failure> {
    let (lesson, origin) = find(name, BTreeMap::new(), look)?;
    let mut lesson = fit(lesson, name, &[], look)?;
    consent::agree(&mut lesson, &origin, yes, look)?;
    Ok(lesson)
}

/// The accounts that the machine starts with: those the learner does not make.
pub(super) fn accounts(declared: &[Declared]) -> Vec<Account> {
    let there = declared.iter().filter(|account| account.role != AccountRole::Created);
    let mut accounts: Vec<Account> = there
        .map(|account| Account {
            name: account.name.clone(),
            password: account.password.clone(),
            sudo: account.role == AccountRole::Administrator,
        })
        .collect();
    // The administrator comes first: whoever enters without a name is that one.
    accounts.sort_by_key(|account| !account.sudo);
    if accounts.is_empty() { vec![Account::lisa()] } else { accounts }
}

/// Finds and reads a lesson as this learner began it.
pub(super) fn lesson(name: &str, look: &Look) -> Result<(Lesson, Origin), Failure> {
    let (lesson, origin) = find(name, BTreeMap::new(), look)?;
    let given = begun_with(&lesson);
    if given.is_empty() { Ok((lesson, origin)) } else { find(name, given, look) }
}

/// The values of the lesson's parameters that this learner's record was begun with.
fn begun_with(lesson: &Lesson) -> BTreeMap<String, String> {
    let record = Store::of_learner(&lesson.id).ok().and_then(|store| store.look().ok().flatten());
    let mut given = record.map(|record| record.parameters).unwrap_or_default();
    given.retain(|name, _| lesson.parameters.iter().any(|one| one.name == *name));
    given
}

/// Finds and reads a lesson; all its problems are shown.
pub(super) fn find(name: &str, given: BTreeMap<String, String>, look: &Look) -> Result<(Lesson, Origin), Failure> {
    Shelf::of_this_process().with_parameters(given).find(name).map_err(|error| not_found(error, look))
}

/// Why there is no lesson to play; all problems of one with mistakes are shown.
pub(super) fn not_found(error: ShelfError, look: &Look) -> Failure {
    let what = error.to_string();
    let way_out = match &error {
        ShelfError::Broken { file, text, problems } => {
            use std::os::fd::AsFd;
            let look = super::look_of(std::io::stderr().as_fd(), look.plain);
            let path = file.display().to_string();
            for problem in problems {
                let (what, help) = (problem.what.to_string(), screen::expected(&problem.what));
                let shown = screen::problem(&path, text, problem.span.clone(), &what, help.as_deref(), &look);
                super::say::err(format_args!("{shown}"));
            }
            "mend the places shown above".to_owned()
        }
        ShelfError::Unknown { nearest: Some(nearest), .. } => format!("is `{nearest}` meant?"),
        ShelfError::Unknown { known, .. } => format!("there are: {}", known.join(", ")),
        ShelfError::Unreadable { source, .. } => source.to_string(),
    };
    Failure::new(Exit::Lesson, what, way_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_the_lab_is_to_look_is_said_on_the_practice_machine_too() {
        let look = Look { width: 80, colour: true, plain: false, unicode: true, elsewhere: false };
        let said = |look: Look, no_colour| inside(&["start", "--here", "tale"], &look, no_colour, None).join(" ");
        assert_eq!(said(look, false), "env rootless-lab start --here tale");
        assert_eq!(said(look, true), "env NO_COLOR=1 rootless-lab start --here tale");
        assert_eq!(said(Look { plain: true, ..look }, false), "env rootless-lab start --here tale --plain");
        let german = inside(&["watch"], &look, false, Some("de_AT")).join(" ");
        assert_eq!(german, "env ROOTLESS_LAB_LANGUAGE=de_AT rootless-lab watch");
    }
}
