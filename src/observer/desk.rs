//! Gives each wish to the eyes that it needs: this process's, or those of one child per account. Root's eyes see only what
//! the catalogue keeps for root, and what stands at fixed places that anyone may read.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use checkers::machine::Live;
use checkers::machine::Machine;
use checkers::{Ask, Check, Context, Eyes, Verdict, judge_with};
use nix::unistd::{Uid, User};

use super::helper::Helper;
use super::request::{Answer, Request};

/// A child that nobody asked for so long is ended.
const IDLE: Duration = Duration::from_secs(300);
/// No lesson needs more accounts at once.
const MOST: usize = 16;

/// Where wishes are handed out.
#[derive(Default)]
pub(super) struct Desk {
    live: Live,
    children: BTreeMap<String, (Uid, Helper)>,
}

impl Ask for Desk {
    fn look(&mut self, check: &Check, context: &Context) -> Verdict {
        self.judge(std::slice::from_ref(check), context).pop().unwrap_or_else(|| Verdict::unknown("nobody answered"))
    }
    fn now(&mut self) -> u64 {
        self.live.now()
    }
    fn pause(&mut self, time: Duration) {
        self.live.pause(time);
    }
}

enum Seat {
    Here,
    As(String),
}

impl Desk {
    /// Verdicts in the order of the checks. Every account's child is asked at once.
    pub(super) fn judge(&mut self, checks: &[Check], context: &Context) -> Vec<Verdict> {
        self.live = self.live.again();
        let mut verdicts: Vec<Option<Verdict>> = checks.iter().map(|_| None).collect();
        let mut away: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, check) in checks.iter().enumerate() {
            if check.single().is_some()
                && let Seat::As(name) = seat(check)
            {
                away.entry(name).or_default().push(at);
            }
        }
        let asked = away.into_iter().map(|(name, places)| {
            let theirs: Vec<Check> = places.iter().filter_map(|at| checks.get(*at)).cloned().collect();
            let sent = self.ask(&name, theirs, context);
            (name, places, sent)
        });
        let asked: Vec<(String, Vec<usize>, Result<(), String>)> = asked.collect();
        for (check, verdict) in checks.iter().zip(&mut verdicts) {
            if let (Some(single), Seat::Here) = (check.single(), seat(check)) {
                *verdict = Some(single.judge(&self.live, context));
            }
        }
        for (name, places, sent) in asked {
            let answers = sent.and_then(|()| self.answers(&name, places.len()));
            for (nth, at) in places.into_iter().enumerate() {
                let one = match &answers {
                    Ok(all) => all.get(nth).cloned(),
                    Err(why) => Some(Verdict::unknown(why.clone())),
                };
                verdicts[at] = one;
            }
        }
        for (check, verdict) in checks.iter().zip(&mut verdicts).filter(|(_, verdict)| verdict.is_none()) {
            *verdict = Some(match check.single() {
                Some(_) => Verdict::unknown("nobody answered"),
                None => judge_with(check, self, context),
            });
        }
        verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(|| Verdict::unknown("nobody answered"))).collect()
    }

    fn ask(&mut self, name: &str, checks: Vec<Check>, context: &Context) -> Result<(), String> {
        let mut context = Box::new(context.clone());
        if !checks.iter().any(|check| matches!(check, Check::Command(_))) {
            context.commands.clear();
        }
        let request = Request::Judge { checks, context };
        let uid = account(name)?;
        self.children.retain(|_, (_, child)| child.used.elapsed() < IDLE);
        let known =
            self.children.get_mut(name).is_some_and(|(before, child)| *before == uid && child.ask(&request).is_ok());
        if known {
            return Ok(());
        }
        self.children.remove(name);
        if self.children.len() >= MOST {
            return Err(format!("no more than {MOST} accounts are looked at"));
        }
        let cannot = |error: std::io::Error| format!("cannot look as {name}: {error}");
        let mut child = Helper::start(&mut own_binary(&["--account", name])).map_err(cannot)?;
        child.ask(&request).map_err(cannot)?;
        self.children.insert(name.to_owned(), (uid, child));
        Ok(())
    }

    fn answers(&mut self, name: &str, count: usize) -> Result<Vec<Verdict>, String> {
        let Some((_, child)) = self.children.get_mut(name) else { return Err(format!("nobody looks as {name}")) };
        match child.answer(Duration::ZERO) {
            Ok(Answer::Verdicts(verdicts)) if verdicts.len() == count => Ok(verdicts),
            other => {
                self.children.remove(name);
                Err(match other {
                    Ok(Answer::Refused(why)) => format!("looking as {name} was refused: {why}"),
                    Ok(_) => format!("looking as {name} gave another answer than asked for"),
                    Err(error) => format!("looking as {name} broke off: {error}"),
                })
            }
        }
    }

    /// Ends the children that nobody needs any more.
    pub(super) fn tidy(&mut self) {
        self.children.retain(|_, (_, child)| child.used.elapsed() < IDLE);
    }
}

/// Our own binary as an observer, with an empty environment. `/proc/self/exe` stays the same file when the binary is replaced.
pub(super) fn own_binary(arguments: &[&str]) -> Command {
    // Where the program runs through a loader of its own, /proc/self/exe is that loader.
    let carried = crate::host::own_program().ok().filter(|program| program.starts_with(crate::host::CARRIED));
    let mut command = Command::new(carried.unwrap_or_else(|| "/proc/self/exe".into()));
    command.arg0("rootless-lab").arg("observer").args(arguments).env_clear().current_dir("/");
    command
}

fn seat(check: &Check) -> Seat {
    let eyes = check.single().map_or(Eyes::Anyone, |single| single.eyes());
    match (eyes, check) {
        (Eyes::Root, _) => Seat::Here,
        (Eyes::Account(name), _) => Seat::As(name),
        // These read fixed places that anyone may read; a path of a lesson's choice is never looked at with root's eyes.
        (
            Eyes::Anyone,
            Check::Account(_)
            | Check::Linger(_)
            | Check::Session(_)
            | Check::Port(_)
            | Check::Unit(_)
            | Check::Manager(_),
        ) => Seat::Here,
        (Eyes::Anyone, _) => Seat::As("nobody".into()),
    }
}

/// The uid of an account with whose eyes may be looked: never root's.
fn account(name: &str) -> Result<Uid, String> {
    match User::from_name(name) {
        Ok(Some(user)) if user.uid.is_root() => Err(format!("{name} is root, as whom no lesson looks")),
        Ok(Some(user)) => Ok(user.uid),
        Ok(None) => Err(format!("there is no account {name}")),
        Err(error) => Err(format!("the account {name}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whose(json: &str) -> String {
        match seat(&serde_json::from_str(json).unwrap()) {
            Seat::Here => "here".into(),
            Seat::As(name) => name,
        }
    }

    #[test]
    fn a_place_of_the_lesson_s_choice_is_never_looked_at_as_root() {
        assert_eq!(whose(r#"{"path":{"path":"/root/secret"}}"#), "nobody");
        assert_eq!(whose(r#"{"unit-file":{"path":"/root/x.service"}}"#), "nobody");
        assert_eq!(whose(r#"{"path":{"path":"~/x","as":"conuser1"}}"#), "conuser1");
        assert_eq!(whose(r#"{"linger":{"account":"conuser1"}}"#), "here");
        assert_eq!(whose(r#"{"password":{"account":"conuser1"}}"#), "here");
    }

    #[test]
    fn nobody_looks_as_root_nor_as_an_account_that_is_not_there() {
        let wishes =
            [r#"{"path":{"path":"/etc/shadow","as":"root"}}"#, r#"{"path":{"path":"~","as":"no-such-account"}}"#];
        let wishes = wishes.map(|json| serde_json::from_str(json).unwrap());
        let verdicts = Desk::default().judge(&wishes, &Context::default());
        assert!(verdicts.iter().all(Verdict::is_unknown), "{verdicts:?}");
    }

    #[test]
    fn verdicts_keep_the_order_of_the_wishes_and_combinations_are_judged_by_their_parts() {
        let wishes = [
            r#"{"account":{"name":"no-such-account","exists":false}}"#,
            r#"{"all":[{"account":{"name":"root"}},{"not":{"account":{"name":"no-such-account"}}}]}"#,
            r#"{"all":[]}"#,
            r#"{"account":{"name":"no-such-account"}}"#,
        ];
        let verdicts =
            Desk::default().judge(&wishes.map(|json| serde_json::from_str(json).unwrap()), &Context::default());
        assert!(verdicts[0].is_pass() && verdicts[1].is_pass(), "{verdicts:?}");
        assert!(verdicts[2].is_unknown() && verdicts[3].is_fail(), "{verdicts:?}");
    }
}
