//! Gives each wish to the eyes that it needs: this process's, or those of one child per account, which ends with the look. Root's eyes see only what
//! the catalogue keeps for root, and what stands at fixed places that anyone may read.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use checkers::machine::witness::{self, Seen, Testify, Testimony, depose, testify_with};
use checkers::machine::{Live, Machine};
use checkers::{Ask, Check, Context, Eyes, Verdict, judge_with};
use nix::unistd::{Uid, User, setsid};

use super::helper::Helper;
use super::line::MOST;
use super::request::{Answer, Request, running_time};
use super::seal;

#[cfg(test)]
mod tests;

/// No lesson needs more accounts at once.
const MOST_ACCOUNTS: usize = 16;
/// No more stand ready for the next looks.
const MOST_SPARE: usize = 6;

/// Where wishes are handed out.
#[derive(Default)]
pub(super) struct Desk {
    live: Live,
    /// Who looks as each account, for as long as the look takes.
    children: BTreeMap<String, (Uid, Helper)>,
    /// Who stands ready to look as any account, so that nobody waits for a process to start; and how many should.
    spare: Vec<Helper>,
    wanted: usize,
    /// Accounts as whom nobody answered in this round: an account can stop the processes that look as it.
    silent: BTreeSet<String>,
    /// Whose end ends every look: nobody waits for the answer then.
    asker: Option<std::io::Stdin>,
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
    /// One that looks for whoever holds the other end of standard input.
    pub(super) fn for_input() -> Self {
        Self { asker: Some(std::io::stdin()), ..Self::default() }
    }

    /// Verdicts in the order of the checks.
    pub(super) fn judge(&mut self, checks: &[Check], context: &Context) -> Vec<Verdict> {
        self.silent.clear();
        let singles = self.singles(checks, context, None);
        let parts = |(check, single): (_, Option<Told>)| match single {
            Some((verdict, _)) => verdict,
            None => judge_with(check, self, context),
        };
        let verdicts = checks.iter().zip(singles).map(parts).collect();
        self.let_go();
        verdicts
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
        self.let_go();
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
        let broken: Vec<Option<String>> = checks.iter().map(|check| seal::broken(check, context)).collect();
        let sound = checks.iter().enumerate().filter(|(at, _)| broken[*at].is_none());
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
        let here = |check: &Check| whose(check).is_none().then(|| judged(check));
        let mut verdicts: Vec<_> = checks.iter().map(|check| here(check).flatten()).collect();
        for (verdict, why) in verdicts.iter_mut().zip(broken) {
            *verdict = why.map(|why| (Verdict::unknown(why), None)).or(verdict.take());
        }
        for (asked, name, places) in asked {
            let mut told = asked.and_then(|time| self.answers(&name, places.len(), time));
            for (nth, at) in places.into_iter().enumerate() {
                verdicts[at] = Some(match &mut told {
                    Ok(told) => std::mem::replace(&mut told[nth], (Verdict::unknown(""), None)),
                    Err(why) => {
                        let said = Verdict::unknown(format!("cannot look as {name}: {why}"));
                        (said.clone(), room.map(|_| Seen::instead(said)))
                    }
                });
            }
        }
        verdicts
    }

    /// Asks an account's child, a new one where there is none; the time that the answer may take beyond the usual.
    fn ask(&mut self, name: &str, checks: Vec<Check>, context: &Context, testify: bool) -> Result<Duration, String> {
        if self.silent.contains(name) {
            return Err("it did not answer".into());
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
            return Err(format!("no more than {MOST_ACCOUNTS} accounts are looked at"));
        }
        let child = self.begin(name).and_then(|mut child| child.ask(&request).map(|()| child));
        self.children.insert(name.to_owned(), (uid, child.map_err(|error| error.to_string())?));
        Ok(time)
    }

    fn answers(&mut self, name: &str, count: usize, time: Duration) -> Result<Vec<Told>, String> {
        let asker = self.asker.as_ref().map(AsFd::as_fd);
        let why = match self.children.get_mut(name).map(|(_, child)| child.answer_for(asker, time)) {
            Some(Ok(Answer::Verdicts(verdicts))) if verdicts.len() == count => {
                return Ok(verdicts.into_iter().map(|verdict| (verdict, None)).collect());
            }
            Some(Ok(Answer::Seen(all))) if all.len() == count => return Ok(all.into_iter().map(seen).collect()),
            Some(Ok(Answer::Refused(why))) => why,
            Some(Err(error)) => error.to_string(),
            _ => "another answer than asked for".into(),
        };
        self.children.remove(name);
        self.silent.insert(name.to_owned());
        Err(why)
    }

    /// One who looks as this account: one of those who stand ready, where there is one.
    fn begin(&mut self, name: &str) -> io::Result<Helper> {
        while let Some(mut spare) = self.spare.pop() {
            if spare.tell(&name).is_ok() {
                return Ok(spare);
            }
        }
        Helper::start(&mut own_binary(&[&format!("--account={name}")]), MOST)
    }

    /// Ends whoever looked as an account: while a process runs as it, userdel and usermod leave it as it is.
    fn let_go(&mut self) {
        if !self.children.is_empty() {
            // A look at the goals is often followed by one for a mistake.
            self.wanted = (2 * self.children.len()).min(MOST_SPARE);
        }
        // All at once, and then all are waited for.
        self.children.values_mut().for_each(|(_, child)| child.close());
        self.children.clear();
    }

    /// Has as many stand ready as the last look needed, while nobody waits. One that cannot be started is started when it is needed.
    pub(super) fn make_ready(&mut self) {
        while self.spare.len() < self.wanted {
            let Ok(spare) = Helper::start(&mut own_binary(&["--account-follows"]), MOST) else { return };
            self.spare.push(spare);
        }
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
