//! The helper process itself: makes itself small, then answers line by line until its input ends. Never acts on a line that it does not understand.

use std::cell::Cell;
use std::io::{ErrorKind, stderr, stdin, stdout};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::sync::Once;
use std::time::{Duration, Instant};

use checkers::machine::{
    Bus, Live,
    witness::{self, Seen},
};
use checkers::{
    Check, Verdict,
    facts::{chain, front},
};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};

use super::asker::Asker;
use super::desk::Desk;
use super::line::{self, Lines, MOST};
use super::request::{Answer, ROOM, Request};
use super::rights::{alone, become_account, become_small};
use super::watch::Watch;

/// How long a question may be on its way, and its answer.
const MINUTE: Duration = Duration::from_secs(60);
/// How long after an answer who looked as an account is let go: prompts that follow one another at once start no process, and whoever types a
/// command by hand finds none that runs as an account.
const SOON: Duration = Duration::from_secs(1);
/// How often that is done beside.
const SELDOM: Duration = Duration::from_secs(60);

/// Answers as root until standard input ends. For the hidden subcommand `observer`.
pub fn serve() -> Result<(), String> {
    let asker = Asker::of_this_process();
    become_small()?;
    let mut desk = Desk::for_input(asker);
    let mut live = Live::new();
    answer_all((stdin(), stdout(), stderr()), Some(Watch::default()), |request| match request {
        None => {
            desk.let_go();
            Answer::Refused(String::new())
        }
        Some(Request::Judge { checks, context }) => Answer::Verdicts(desk.judge(&checks, &context)),
        Some(Request::Testify { checks, context }) => {
            let (verdicts, testimony) = desk.testify(&checks, &context);
            Answer::Testimony { verdicts, testimony: Box::new(testimony) }
        }
        Some(Request::Front(pid)) => {
            live = live.again();
            match front::look(&live, pid) {
                Ok(front) => Answer::Front(Box::new(front)),
                Err(why) => Answer::Refused(why.to_string()),
            }
        }
        Some(Request::Chain(pid)) => {
            live = live.again();
            match chain::look(&live, pid) {
                Ok(links) => Answer::Chain(links),
                Err(why) => Answer::Refused(why.to_string()),
            }
        }
        Some(Request::Room(_)) => match room() {
            Ok(()) => Answer::Room(ROOM.into()),
            Err(error) => Answer::Refused(format!("{ROOM}: {error}")),
        },
        Some(Request::Alone(_)) => match alone() {
            Ok(()) => Answer::Alone,
            Err(error) => Answer::Refused(error.to_string()),
        },
        Some(Request::Watch { .. }) => Answer::Refused("nobody watches here".into()),
    })
}

/// Becomes this account for good, then answers as it until standard input ends. For `observer --account NAME`.
pub fn serve_as(name: &str) -> Result<(), String> {
    let mut asker = Asker::of_this_process();
    become_account(name)?;
    become_small()?;
    // What a check program starts and leaves behind becomes a child of this process, which ends it.
    prctl::set_child_subreaper(true).map_err(|error| error.to_string())?;
    // A sudden end would leave a program behind; the end of our input, which comes with the parent's, does not.
    prctl::set_pdeathsig(None).map_err(|error| error.to_string())?;
    let mut live = Live::new().before_programs(end_programs_with_input);
    answer_all((stdin(), stdout(), stderr()), None, |request| match request {
        Some(Request::Judge { checks, context }) => {
            live = live.again();
            let one = |check: &Check| match check.single() {
                Some(single) => asker.refused(check, &live).unwrap_or_else(|| single.judge(&live, &context)),
                None => Verdict::unknown("a combination is not judged here"),
            };
            Answer::Verdicts(managers_last(&checks, &live, one))
        }
        Some(Request::Testify { checks, context }) => {
            live = live.again();
            let room = Cell::new(witness::MOST);
            let one = |check: &Check| match asker.refused(check, &live) {
                Some(said) => (said.clone(), Seen::instead(said)),
                None => witness::depose(check, &live, &context, &room),
            };
            Answer::Seen(managers_last(&checks, &live, one))
        }
        _ => Answer::Refused("only single checks are judged here".into()),
    })
}

/// What is found of each check, in their order. The account's manager takes half a millisecond to welcome somebody: it is asked last.
fn managers_last<T>(checks: &[Check], live: &Live, mut find: impl FnMut(&Check) -> T) -> Vec<T> {
    let is_asked = |check: &Check| matches!(check, Check::Unit(_) | Check::Timer(_) | Check::Manager(_));
    if checks.iter().any(is_asked) {
        live.expect(&Bus::User(geteuid().as_raw()));
    }
    let (last, first): (Vec<_>, Vec<_>) = checks.iter().enumerate().partition(|(_, check)| is_asked(check));
    let mut found: Vec<_> = first.into_iter().chain(last).map(|(at, check)| (at, find(check))).collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, found)| found).collect()
}

/// When nobody is left who asks, whatever program runs is ended, and each that is begun after it, until this process ends: whoever
/// runs a program ends all that is left of it, and then finds that nobody takes the answer.
fn end_programs_with_input() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| drop(std::thread::spawn(end_programs)));
}

fn end_programs() {
    line::wait_for_end(stdin());
    loop {
        let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let children = tasks.map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
        for child in children.collect::<String>().split_whitespace().filter_map(|pid| pid.parse().ok()) {
            let _ = kill(Pid::from_raw(child), Signal::SIGKILL);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Watches with this process's own rights, and answers nothing else, until its input ends. For a thread of the lab.
pub(super) fn serve_watch(from: impl AsFd, answers: impl AsFd, stirs: impl AsFd) -> Result<(), String> {
    let refuse = |_| Answer::Refused("it is only watched here".into());
    answer_all((from, answers, stirs), Some(Watch::default()), refuse)
}

/// Hands each request on, and none when there is time for what no request waits for. What stirs is told beside the answers, so that these stay one a question.
fn answer_all(
    (from, out, stirs): (impl AsFd, impl AsFd, impl AsFd),
    mut watch: Option<Watch>,
    mut answer: impl FnMut(Option<Request>) -> Answer,
) -> Result<(), String> {
    let mut lines = Lines::new(from, MOST);
    let told = |error: std::io::Error| error.to_string();
    let mut quiet = Instant::now() + SELDOM;
    loop {
        let streams = watch.as_ref().map(Watch::streams).unwrap_or_default();
        let until = watch.as_ref().and_then(Watch::due).map_or(quiet, |due| due.min(quiet));
        let asked = lines.ready(&streams, until).map_err(told)?;
        let now = Instant::now();
        if let Some(watch) = &mut watch
            && let Some(stir) = watch.turn(now)
            && line::write(&stirs, &stir, now).is_err()
        {
            // Nobody reads: not now, or not at all.
            watch.untold(stir);
        }
        if quiet <= now {
            quiet = now + SELDOM;
            answer(None);
        }
        if !asked {
            continue;
        }
        let given = match lines.next(now + MINUTE) {
            Ok(None) => return Ok(()),
            Ok(Some(line)) => match (line::read(&line), &mut watch) {
                (Ok(Request::Watch { round, grounds }), Some(watch)) => {
                    line::patient(&stirs).map_err(told)?;
                    watch.set(round, grounds).map_or_else(Answer::Refused, |()| Answer::Watching)
                }
                (Ok(request), _) => answer(Some(request)),
                (Err(why), _) => Answer::Refused(why),
            },
            Err(error) if error.kind() == ErrorKind::TimedOut => continue,
            Err(error) => {
                let _ = line::write(&out, &Answer::Refused("the line is too long".into()), Instant::now() + MINUTE);
                return Err(error.to_string());
            }
        };
        line::write(&out, &given, Instant::now() + MINUTE).map_err(told)?;
        quiet = Instant::now() + SOON;
    }
}

/// The folder for the lab's socket: root's, with room for everybody's own names. One that stands there already must be root's.
fn room() -> std::io::Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).create(ROOM) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = std::fs::symlink_metadata(ROOM)?;
    if !found.is_dir() || found.uid() != 0 {
        return Err(ErrorKind::AlreadyExists.into());
    }
    std::fs::set_permissions(ROOM, std::fs::Permissions::from_mode(0o1777))
}
