//! Gives each wish to the eyes that it needs: this process's, or those of one child per account, which is let go soon. Root's eyes see only what
//! the catalogue keeps for root, and what stands at fixed places that anyone may read.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use checkers::machine::witness::{self, Seen, Testify, Testimony, depose, testify_with};
use checkers::machine::{Live, Machine};
use checkers::{Ask, Check, Context, Eyes, Verdict, judge_with, sure_looks};
use nix::unistd::{Uid, User, setsid};

use super::asker::Asker;
use super::client::AGAIN;
use super::helper::Helper;
use super::line::MOST;
use super::request::{Answer, Request, running_time};
use super::seal;

#[cfg(test)]
mod tests;

/// No lesson needs more accounts at once.
const MOST_ACCOUNTS: usize = 16;

/// Where wishes are handed out.
#[derive(Default)]
pub(super) struct Desk {
    live: Live,
    /// Who looks as each account, until it is let go.
    children: BTreeMap<String, (Uid, Helper)>,
    /// Accounts as whom nobody answered in this round: an account can stop the processes that look as it.
    silent: BTreeSet<String>,
    /// For whom it is looked.
    asker: Asker,
    /// Whose end ends every look: nobody waits for the answer then.
    input: Option<std::io::Stdin>,
}

impl Ask for Desk {
    fn look(&mut self, check: &Check, context: &Context) -> Verdict {
        self.one(check, context, None).0
    }
    fn now(&mut self) -> u64 {
        self.live.now()
    }
    fn pause(&mut self, time: Duration) {
        self.live.pause(time);
    }
}

/// A verdict, and what was seen for it where that was asked for.
type Told = (Verdict, Option<Seen>);

fn seen((verdict, seen): (Verdict, Seen)) -> Told {
    (verdict, Some(seen))
}

/// A desk that has looked already, once, where every judging of these checks looks first: in one question to each account's child.
struct First<'a> {
    desk: &'a mut Desk,
    told: VecDeque<(&'a Check, Verdict)>,
}

impl Ask for First<'_> {
    fn look(&mut self, check: &Check, context: &Context) -> Verdict {
        let told = self.told.pop_front_if(|(looked, _)| std::ptr::eq(*looked, check));
        told.map_or_else(|| self.desk.look(check, context), |(_, verdict)| verdict)
    }
    fn now(&mut self) -> u64 {
        self.desk.now()
    }
    fn pause(&mut self, time: Duration) {
        Ask::pause(self.desk, time);
    }
}

/// A desk that tells what was seen.
struct Writing<'a> {
    desk: &'a mut Desk,
    room: &'a Cell<usize>,
}

impl Testify for Writing<'_> {
    fn look(&mut self, check: &Check, context: &Context) -> (Verdict, Seen) {
        let (verdict, seen) = self.desk.one(check, context, Some(self.room));
        (verdict, seen.unwrap_or_default())
    }
    fn now(&mut self) -> u64 {
        self.desk.now()
    }
    fn pause(&mut self, time: Duration) {
        Ask::pause(self.desk, time);
    }
}

impl Desk {
    /// One that looks for this asker, who holds the other end of standard input.
    pub(super) fn for_input(asker: Asker) -> Self {
        Self { asker, input: Some(std::io::stdin()), ..Self::default() }
    }

    /// Verdicts in the order of the checks.
    pub(super) fn judge(&mut self, checks: &[Check], context: &Context) -> Vec<Verdict> {
        self.silent.clear();
        let sure: Vec<&Check> = checks.iter().flat_map(sure_looks).collect();
        let told = self.singles(&sure.iter().map(|check| (*check).clone()).collect::<Vec<_>>(), context, None);
        let first = sure.into_iter().zip(told.into_iter().flatten().map(|(verdict, _)| verdict)).collect();
        let mut first = First { desk: self, told: first };
        checks.iter().map(|check| judge_with(check, &mut first, context)).collect()
    }

    /// The same, and all that was seen for it.
    pub(super) fn testify(&mut self, checks: &[Check], context: &Context) -> (Vec<Verdict>, Testimony) {
        self.silent.clear();
        let room = Cell::new(witness::MOST);
        let mut testimony = Testimony::new(checks, context);
        let singles = self.singles(checks, context, Some(&room));
        let mut verdicts = Vec::with_capacity(checks.len());
        for (nth, (check, single)) in checks.iter().zip(singles).enumerate() {
            verdicts.push(match single {
                Some((verdict, seen)) => {
                    testimony.add(nth, check, seen.unwrap_or_default());
                    verdict
                }
                None => testify_with(check, &mut Writing { desk: self, room: &room }, context, &mut testimony, nth),
            });
        }
        (verdicts, testimony)
    }

    fn one(&mut self, check: &Check, context: &Context, room: Option<&Cell<usize>>) -> Told {
        let told = self.singles(std::slice::from_ref(check), context, room).pop().flatten();
        told.unwrap_or_else(|| (Verdict::unknown("a combination is no single check"), None))
    }

    /// What is told of each single check, none for a combination. Every account's child is asked at once. Where there is room for it, what
    /// was seen is told too.
    fn singles(&mut self, checks: &[Check], context: &Context, room: Option<&Cell<usize>>) -> Vec<Option<Told>> {
        self.live = self.live.again();
        let mut away: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut refused = |check| {
            let broken = seal::broken(check, context).map(Verdict::unknown);
            broken.or_else(|| self.asker.refused(check, &self.live))
        };
        let refused: Vec<Option<Verdict>> = checks.iter().map(&mut refused).collect();
        let sound = checks.iter().enumerate().filter(|(at, _)| refused[*at].is_none());
        for (at, name) in sound.filter_map(|(at, check)| Some((at, whose(check)?))) {
            away.entry(name).or_default().push(at);
        }
        let asked: Vec<_> = away
            .into_iter()
            .map(|(name, places)| {
                let theirs = places.iter().filter_map(|at| checks.get(*at)).cloned().collect();
                (self.ask(&name, theirs, context, room.is_some()), name, places)
            })
            .collect();
        let judged = |check: &Check| match room {
            None => check.single().map(|single| (single.judge(&self.live, context), None)),
            Some(room) => check.single().map(|_| depose(check, &self.live, context, room)).map(seen),
        };
        let here = |(check, refused): (&Check, Option<Verdict>)| match refused {
            Some(said) => Some((said.clone(), room.map(|_| Seen::instead(said)))),
            None if whose(check).is_none() => judged(check),
            None => None,
        };
        let mut verdicts: Vec<_> = checks.iter().zip(refused).map(here).collect();
        for (asked, name, places) in asked {
            let mut told = asked.and_then(|time| self.answers(&name, places.len(), time));
            for (nth, at) in places.into_iter().enumerate() {
                verdicts[at] = Some(match &mut told {
                    Ok(told) => std::mem::replace(&mut told[nth], (Verdict::unknown(""), None)),
                    Err(why) => {
                        let said = why.unknown(&name);
                        (said.clone(), room.map(|_| Seen::instead(said)))
                    }
                });
            }
        }
        verdicts
    }

    /// Asks an account's child, a new one where there is none; the time that the answer may take beyond the usual.
    fn ask(&mut self, name: &str, checks: Vec<Check>, context: &Context, testify: bool) -> Result<Duration, Why> {
        if self.silent.contains(name) {
            return Err(Why::Silent);
        }
        let uid = account(name)?;
        let time = checks.iter().map(running_time).sum();
        let mut context = Box::new(context.clone());
        if !checks.iter().any(|check| matches!(check, Check::Command(_))) {
            context.commands.clear();
        }
        let request = if testify { Request::Testify { checks, context } } else { Request::Judge { checks, context } };
        if let Some((before, child)) = self.children.get_mut(name)
            && *before == uid
            && child.ask(&request).is_ok()
        {
            return Ok(time);
        }
        self.children.remove(name);
        if self.children.len() >= MOST_ACCOUNTS {
            return Err(format!("no more than {MOST_ACCOUNTS} accounts are looked at").into());
        }
        let child = Helper::start(&mut own_binary(&[&format!("--account={name}")]), MOST);
        let child = child.and_then(|mut child| child.ask(&request).map(|()| child));
        self.children.insert(name.to_owned(), (uid, child?));
        Ok(time)
    }

    fn answers(&mut self, name: &str, count: usize, time: Duration) -> Result<Vec<Told>, Why> {
        let input = self.input.as_ref().map(AsFd::as_fd);
        let why = match self.children.get_mut(name).map(|(_, child)| child.answer_for(input, time)) {
            Some(Ok(Answer::Verdicts(verdicts))) if verdicts.len() == count => {
                return Ok(verdicts.into_iter().map(|verdict| (verdict, None)).collect());
            }
            Some(Ok(Answer::Seen(all))) if all.len() == count => return Ok(all.into_iter().map(seen).collect()),
            Some(Ok(Answer::Refused(why))) => why.into(),
            Some(Err(error)) => error.into(),
            _ => "another answer than asked for".to_owned().into(),
        };
        self.children.remove(name);
        self.silent.insert(name.to_owned());
        Err(why)
    }

    /// Ends whoever looked as an account: while a process runs as it, userdel and usermod leave it as it is.
    pub(super) fn let_go(&mut self) {
        // All at once, and then all are waited for.
        self.children.values_mut().for_each(|(_, child)| child.close());
        self.children.clear();
    }
}

/// Why nobody could look as an account.
enum Why {
    /// Whoever looked was ended: the account itself may do that.
    Ended,
    /// Nobody answered a moment ago.
    Silent,
    /// It cannot be done.
    Other(String),
}

impl From<String> for Why {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // An end of a pipe is the end of whoever held the other one.
            ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => Self::Ended,
            _ => Self::Other(error.to_string()),
        }
    }
}

impl Why {
    fn unknown(&self, name: &str) -> Verdict {
        let (why, again) = match self {
            Self::Ended => ("whoever looked was ended before the answer", true),
            Self::Silent => ("nobody answered a moment ago", true),
            Self::Other(why) => (why.as_str(), false),
        };
        Verdict::Unknown { why: format!("cannot look as {name}: {why}"), grant: again.then(|| AGAIN.to_owned()) }
    }
}

/// Our own binary as an observer, with an empty environment. `/proc/self/exe` stays the same file when the binary is replaced.
pub(super) fn own_binary(arguments: &[&str]) -> Command {
    // Where the program runs through a loader of its own, /proc/self/exe is that loader.
    let carried = crate::host::own_program().ok().filter(|program| program.starts_with(crate::host::CARRIED));
    let mut command = Command::new(carried.unwrap_or_else(|| "/proc/self/exe".into()));
    command.arg0("rootless-lab").arg("observer").args(arguments).env_clear().current_dir("/");
    // Keys are for the lab: ^Z in the terminal would stop the observer too, and a lab that waits for one that is stopped before
    // its exec cannot be stopped itself.
    // SAFETY: between fork and exec it makes one system call and touches no memory of ours.
    unsafe { command.pre_exec(|| setsid().map(drop).map_err(Into::into)) };
    command
}

/// The account with whose eyes a single check is judged; none for this process's own, and for a combination.
fn whose(check: &Check) -> Option<String> {
    use Check::{Account, Group, Linger, Manager, Port, Session, Timer, Unit};
    match check.single()?.eyes() {
        Eyes::Root => None,
        Eyes::Account(name) => Some(name),
        // These read fixed places that anyone may read; a path of a lesson's choice is never looked at with root's eyes.
        Eyes::Anyone
            if matches!(
                check,
                Account(_) | Group(_) | Linger(_) | Session(_) | Port(_) | Unit(_) | Timer(_) | Manager(_)
            ) =>
        {
            None
        }
        Eyes::Anyone => Some(home_of(check).filter(|name| account(name).is_ok()).unwrap_or("nobody").into()),
    }
}

/// The account whose home a path begins with: `~conuser1/notes` is that account's to see.
fn home_of(check: &Check) -> Option<&str> {
    let path = match check {
        Check::Path(wish) => &wish.path,
        Check::UnitFile(wish) => &wish.path,
        Check::Selinux(wish) => wish.path.as_deref()?,
        _ => return None,
    };
    path.strip_prefix('~')?.split('/').next().filter(|name| !name.is_empty())
}

/// The uid of an account with whose eyes may be looked: never root's.
fn account(name: &str) -> Result<Uid, String> {
    match User::from_name(name) {
        Ok(Some(user)) if user.uid.is_root() => Err("it is root, as whom no lesson looks".into()),
        Ok(Some(user)) => Ok(user.uid),
        Ok(None) => Err("there is no such account".into()),
        Err(error) => Err(error.to_string()),
    }
}
