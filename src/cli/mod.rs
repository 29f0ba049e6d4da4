//! The command line: one subcommand a file. A subcommand's doc comment is its help.

#[macro_use]
mod say;

mod ask;
mod beside;
mod check;
mod checks;
mod consent;
mod doctor;
mod exam;
mod exit;
mod explain;
mod lesson;
mod man;
mod needs;
mod observer;
mod practice;
mod reset;
mod start;
mod status;
mod watch;
mod r#where;

use std::os::fd::{AsFd, BorrowedFd};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};

pub use exit::{Exit, Failure};

use crate::screen::{Look, Wish};

/// What stands last where nothing was asked for.
const BEGIN: &str = "Begin here:  rootless-lab start\nEvery command has --help; rootless-lab --help also says what the exit codes mean.";

/// Learn Linux in a real bash on a real machine: a lesson says what the machine must look like, and looks.
#[derive(Debug, Parser)]
#[command(name = "rootless-lab", version, arg_required_else_help = true, after_help = exit::HELP)]
struct Cli {
    /// Plain lines: no colour, no boxes, no cursor movement (for screen readers, logs and simple terminals).
    #[arg(long, global = true)]
    plain: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Start(start::Start),
    Check(check::Check),
    /// A hint for the current step; each one says more.
    Hint,
    /// What to type in the current step.
    Solution,
    /// Show the current step again.
    Step,
    Man(man::Man),
    /// What was wanted, what was found, and where.
    Why,
    Explain(explain::Explain),
    Status(status::Status),
    Watch(watch::Watch),
    /// Who you really are: the way from the login to this shell, and which surroundings fit.
    Where,
    Reset(reset::Reset),
    Checks(checks::Checks),
    #[command(subcommand)]
    Exam(exam::Exam),
    #[command(subcommand)]
    Lesson(lesson::Lesson),
    Practice(practice::Practice),
    Doctor(doctor::Doctor),
    #[command(hide = true)]
    Observer(observer::Observer),
}

/// The command line as data, for the book's page of commands and the tests of what the documentation promises.
pub fn command() -> clap::Command {
    let mut command = Cli::command();
    command.build();
    command
}

/// Parses the command line, runs it, and says how it went.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // Who typed nothing more wants to know how to begin, and that stands last.
        Err(error)
            if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                && std::env::args_os().len() == 1 =>
        {
            say::err(format_args!("{}", Cli::command().after_help(BEGIN).render_help()));
            return Exit::Usage.into();
        }
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Fine.into() };
        }
    };
    let plain = cli.plain;
    let look = look_of(std::io::stdout().as_fd(), plain);
    let done = match cli.command {
        // An exam has no hints, whatever else of this program is asked for one.
        Command::Start(start) => start.run(exam::nobody_sits, &look),
        Command::Check(check) => exam::nobody_sits().and_then(|()| check.run(&look)),
        Command::Hint => exam::nobody_sits().and_then(|()| ask::run(":hint", &look)),
        Command::Solution => exam::nobody_sits().and_then(|()| ask::run(":solution", &look)),
        Command::Man(man) => exam::nobody_sits().and_then(|()| man.run(&look)),
        Command::Step => exam::nobody_sits().and_then(|()| ask::run(":step", &look)),
        Command::Why => exam::nobody_sits().and_then(|()| ask::run(":why", &look)),
        Command::Watch(watch) => match exam::nobody_sits().and_then(|()| watch.run(&look)) {
            Ok(code) => return code,
            Err(failure) => Err(failure),
        },
        Command::Where => r#where::run(&look),
        Command::Explain(explain) => exam::nobody_sits().and_then(|()| explain.run(&look)),
        Command::Status(status) => status.run(&look),
        Command::Reset(reset) => reset.run(&look),
        Command::Checks(checks) => checks.run(&look),
        Command::Exam(exam) => exam.run(&look),
        Command::Lesson(lesson) => lesson.run(&look),
        Command::Practice(practice) => match practice::run(practice) {
            Ok(code) if code != ExitCode::SUCCESS => return code,
            done => done.map(|_| Exit::Fine).map_err(Failure::from),
        },
        Command::Doctor(doctor) => doctor.run(&look),
        Command::Observer(observer) => observer.run(),
    };
    let done = match say::trouble() {
        Some(error) => done.and(Err(Failure::new(
            Exit::Failed,
            format!("the answer cannot be written: {error}"),
            "make room where standard output goes",
        ))),
        None => done,
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let errors = look_of(std::io::stderr().as_fd(), plain);
            say::err(format_args!("{}", crate::screen::error(&failure.what, failure.way_out.as_deref(), &errors)));
            failure.exit.into()
        }
    }
}

/// How the terminal at `output` wants to be written to.
fn look_of(output: BorrowedFd<'_>, plain: bool) -> Look {
    Look::of_terminal(Wish { plain }, output, |name| std::env::var(name).ok())
}
