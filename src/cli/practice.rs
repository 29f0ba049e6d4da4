//! `rootless-lab practice`: the disposable machine by hand. Decides wording and exit codes only.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use super::Exit;
use crate::practice::{self, Account, Ended, Error, From, Machine, Machines, Progress, Recipe, Release};

/// Make and use a practice machine: a disposable machine with a real systemd, beside your own system.
#[derive(Debug, Args)]
pub struct Practice {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a machine. The first of a release takes about half a minute, later ones a second.
    Create(Create),
    /// Boot a machine and wait until one can log in.
    Start(Named),
    /// Log in to a running machine, in this terminal.
    Enter(Enter),
    /// Throw a machine back to how it was made. What is in it is lost.
    Reset(Named),
    /// Shut a machine down.
    Stop(Named),
    /// Remove a stopped machine for good.
    Remove(Remove),
    /// List all machines.
    List,
}

/// A machine by its name.
#[derive(Debug, Args)]
struct Named {
    /// The machine.
    #[arg(default_value = "practice")]
    name: String,
}

#[derive(Debug, Args)]
struct Create {
    /// The machine's name, and its host name. [default: practice, or the release's name when one is given]
    name: Option<String>,
    /// The Debian release it is. [default: trixie]
    #[arg(long, value_enum)]
    release: Option<Release>,
    /// A root file system of your own instead: a directory, or a tar file (it is copied).
    #[arg(long, value_name = "DIR|TAR", conflicts_with = "release")]
    from: Option<PathBuf>,
    /// Share this host's network and use the real registry.
    #[arg(long)]
    online: bool,
    /// Install what this host lacks without asking.
    #[arg(long, short)]
    yes: bool,
}

#[derive(Debug, Args)]
struct Enter {
    /// The machine.
    #[arg(default_value = "practice")]
    name: String,
    /// Who to log in as. [default: the machine's first account]
    #[arg(long, short, value_name = "ACCOUNT")]
    user: Option<String>,
    /// What to run there instead of a login shell.
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Debug, Args)]
struct Remove {
    /// The machine.
    #[arg(default_value = "practice")]
    name: String,
    /// Remove the base trees too that no machine stands on any more.
    #[arg(long)]
    bases: bool,
}

/// Runs a `practice` subcommand. Its exit code is 0, or that of what ran inside.
pub fn run(args: Practice) -> Result<ExitCode, Error> {
    let as_root = || practice::as_root(&mut |command| tell!("Practice machines need root: {command}"));
    if practice::need_root().is_err() && !matches!(args.command, Command::List) {
        return Err(as_root());
    }
    let machines = Machines::open()?;
    match args.command {
        Command::Create(args) => return create(&machines, args),
        Command::Start(args) => {
            let machine = machines.find(&args.name)?;
            let now = machine.start()?;
            sayln!("{} {}.", machine.name(), if now { "is up" } else { "was running already" });
            sayln!("Enter it with: rootless-lab practice enter {}", machine.name());
        }
        Command::Enter(args) => return enter(&machines.find(&args.name)?, args),
        Command::Reset(args) => {
            machines.find(&args.name)?.reset()?;
            sayln!("{} is as it was made.", args.name);
        }
        Command::Stop(args) => {
            let stopped = machines.find(&args.name)?.stop()?;
            sayln!("{} {}.", args.name, if stopped { "is shut down" } else { "was not running" });
        }
        Command::Remove(args) => {
            machines.remove(&args.name)?;
            sayln!("{} is removed.", args.name);
            if args.bases {
                sayln!("Base trees removed: {}.", machines.sweep()?);
            }
        }
        Command::List => match list(&machines) {
            Err(Error::NotRoot) => return Err(as_root()),
            listed => listed?,
        },
    }
    Ok(ExitCode::SUCCESS)
}

fn create(machines: &Machines, args: Create) -> Result<ExitCode, Error> {
    let name =
        args.name.or(args.release.map(|release| release.name().to_owned())).unwrap_or_else(|| "practice".to_owned());
    let from = match args.from {
        Some(tree) => {
            From::Tree(tree.canonicalize().map_err(|source| Error::Io { what: "read", path: tree, source })?)
        }
        None => From::Release(args.release.unwrap_or(Release::Trixie)),
    };
    if !provide(&from, args.yes)? {
        return Ok(Exit::NotAgreed.into());
    }
    let recipe = Recipe { name, from, accounts: vec![Account::lisa()], online: args.online };
    let bar = Bar::new();
    let machine = machines.create(&recipe, &mut |progress| bar.show(&progress))?;
    bar.finish();
    sayln!(
        "{} is made ({}). Start it with: rootless-lab practice start {}",
        machine.name(),
        machine.from(),
        machine.name()
    );
    Ok(ExitCode::SUCCESS)
}

/// Installs what the host lacks, shown first. Answers whether it is all there.
pub(super) fn provide(from: &From, yes: bool) -> Result<bool, Error> {
    let missing = practice::missing_packages(from);
    if missing.is_empty() {
        return Ok(true);
    }
    let commands = practice::install(&missing)?;
    sayln!("This host lacks: {}", missing.join(", "));
    for command in &commands {
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        sayln!("To be run: {} {}", command.get_program().to_string_lossy(), words.join(" "));
    }
    if !yes {
        say!("Install now? [Y/n] ");
        let mut answer = String::new();
        let read = io::stdout().flush().and_then(|()| io::stdin().lock().read_line(&mut answer));
        if read.unwrap_or(0) == 0 || !matches!(answer.trim(), "" | "y" | "Y" | "yes") {
            sayln!("Nothing was installed. `--yes` installs without asking.");
            return Ok(false);
        }
    }
    let failed = |said: String| Error::Program { program: "apt-get".into(), said };
    for mut command in commands {
        let status = command.status().map_err(|error| failed(error.to_string()))?;
        if !status.success() {
            return Err(failed(format!("ended with {status}")));
        }
    }
    Ok(true)
}

fn enter(machine: &Machine, args: Enter) -> Result<ExitCode, Error> {
    let first = machine.accounts().first().map_or("root", |account| &account.name);
    let user = args.user.as_deref().unwrap_or(first);
    if args.user.is_some() && !machine.lacking(&[user])?.is_empty() {
        return Err(Error::NoAccount { machine: machine.name().to_owned(), account: user.to_owned() });
    }
    if !args.command.is_empty() {
        // never again after a reboot: the command may be the reboot
        return Ok(code(machine.enter(user, &args.command)?));
    }
    match practice::caretaker(machine, user, &[], &[], &mut |line| tell!("{line}"))? {
        Ended::Left(status) => Ok(code(status)),
        Ended::PoweredOff => {
            tell!("{} was powered off. Start it with: rootless-lab practice start {}", machine.name(), machine.name());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The exit code of what ran inside; 255 where a signal ended it.
pub(super) fn code(status: ExitStatus) -> ExitCode {
    ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(255))
}

fn list(machines: &Machines) -> Result<(), Error> {
    let all = machines.all()?;
    if all.is_empty() {
        sayln!("No practice machines. Make one with: rootless-lab practice create");
    }
    for machine in all {
        let state = if machine.is_running() { "running" } else { "stopped" };
        sayln!("{:<20} {:<10} {state}", machine.name(), machine.from().to_string());
    }
    Ok(())
}

/// Shows a build: a bar on a terminal, a line a stage elsewhere.
pub(super) struct Bar {
    bar: Option<ProgressBar>,
}

impl Bar {
    pub(super) fn new() -> Bar {
        let style = ProgressStyle::with_template("[{bar:30}] {percent:>3}% {elapsed} {wide_msg}");
        let bar = io::stderr().is_terminal().then(|| ProgressBar::new(100));
        if let (Some(bar), Ok(style)) = (&bar, style) {
            bar.set_style(style.progress_chars("=> "));
            bar.enable_steady_tick(std::time::Duration::from_millis(500));
        }
        Bar { bar }
    }

    pub(super) fn show(&self, progress: &Progress) {
        match &self.bar {
            Some(bar) => {
                bar.set_position(progress.percent.into());
                bar.set_message(progress.doing.clone());
            }
            None => tell!("{:>3}% {}", progress.percent, progress.doing),
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
