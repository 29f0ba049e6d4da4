//! A machine that writes down what it is asked and what it answers, so that a wish can be judged again later and elsewhere. Asks nothing of
//! its own. What is secret is judged and never written: see [`keep`].

mod answer;
mod keep;
mod replay;
mod testimony;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{AccountEntry, Bus, CouldNot, GroupEntry, LoginSession, Machine, Plain, Ran, Run, Stat, Value, Visit};
use crate::catalogue::Judge;
use crate::{Check, Context, Verdict};

pub use answer::{Answer, Bytes, Form, Question};
pub use keep::{Left, is_secret, without_secrets};
pub use replay::{Gap, Rejudged, Replay};
pub use testimony::{Seen, Testify, Testimony, Unreadable, testify, testify_with};

/// Everything that one judging writes down is no larger, in bytes of JSON.
pub const MOST: usize = 2 << 20;
/// No single answer is larger; the questions about it are judged as ever, and cannot be judged again.
const MOST_ANSWER: usize = 256 << 10;

/// Judges a single check and writes down what it asked, in as many bytes as `room` has left. A combination is unknown, and asks nothing.
pub fn depose<'m>(
    check: &Check,
    machine: &'m dyn Machine,
    context: &Context,
    room: &'m Cell<usize>,
) -> (Verdict, Seen) {
    let Some(single) = check.single() else {
        return (Verdict::unknown("a combination is no single check"), Seen::default());
    };
    let witness = Witness { machine, single, seen: RefCell::default(), room };
    let verdict = single.judge(&witness, context);
    (verdict, witness.seen.into_inner())
}

/// A machine beside which somebody writes.
struct Witness<'m> {
    machine: &'m dyn Machine,
    single: &'m dyn Judge,
    seen: RefCell<Seen>,
    room: &'m Cell<usize>,
}

impl Witness<'_> {
    fn write(&self, question: Question, answer: Result<Answer, CouldNot>) {
        let answer = answer.unwrap_or_else(Answer::CouldNot);
        let mut fits = |size: usize| {
            let left = self.room.get().checked_sub(size).filter(|_| size <= MOST_ANSWER);
            left.inspect(|left| self.room.set(*left)).is_some()
        };
        self.seen.borrow_mut().facts.extend(keep::weighed(question, answer, &mut fits));
    }

    /// Writes down an answer as it is, and hands it on.
    fn noted<T>(
        &self,
        question: Question,
        told: Result<T, CouldNot>,
        as_answer: impl FnOnce(&T) -> Answer,
    ) -> Result<T, CouldNot> {
        self.write(question, told.as_ref().map(as_answer).map_err(CouldNot::clone));
        told
    }
}

impl Machine for Witness<'_> {
    fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, CouldNot> {
        let form = keep::form(path, self.single);
        self.noted(Question::Read(path.into(), form), self.machine.read(path, most), |bytes| {
            keep::contents(path, bytes, Some(most).filter(|most| bytes.len() as u64 >= *most), form)
        })
    }
    fn stat(&self, path: &Path, follow: bool) -> Result<Stat, CouldNot> {
        self.noted(Question::Stat(path.into(), follow), self.machine.stat(path, follow), |stat| Answer::Stat(*stat))
    }
    fn list(&self, directory: &Path) -> Result<Vec<OsString>, CouldNot> {
        self.noted(Question::List(directory.into()), self.machine.list(directory), |names| {
            Answer::Names(names.iter().map(|name| name.as_os_str().into()).collect())
        })
    }
    fn read_link(&self, path: &Path) -> Result<PathBuf, CouldNot> {
        let told = self.machine.read_link(path);
        self.noted(Question::ReadLink(path.into()), told, |target| Answer::Target(target.as_path().into()))
    }
    fn has_acl(&self, path: &Path) -> Result<bool, CouldNot> {
        self.noted(Question::HasAcl(path.into()), self.machine.has_acl(path), |has| Answer::Has(*has))
    }
    fn label(&self, path: &Path) -> Result<String, CouldNot> {
        self.noted(Question::Label(path.into()), self.machine.label(path), |label| Answer::Text(label.clone()))
    }
    fn account(&self, name: &str) -> Result<Option<AccountEntry>, CouldNot> {
        self.noted(Question::Account(name.into()), self.machine.account(name), |found| Answer::Account(found.clone()))
    }
    fn account_by_uid(&self, uid: u32) -> Result<Option<AccountEntry>, CouldNot> {
        let told = self.machine.account_by_uid(uid);
        self.noted(Question::AccountByUid(uid), told, |found| Answer::Account(found.clone()))
    }
    fn groups_of(&self, account: &AccountEntry) -> Result<Vec<String>, CouldNot> {
        let question = Question::GroupsOf(account.name.clone(), account.gid);
        self.noted(question, self.machine.groups_of(account), |groups| Answer::Texts(groups.clone()))
    }
    fn group(&self, name: &str) -> Result<Option<GroupEntry>, CouldNot> {
        self.noted(Question::Group(name.into()), self.machine.group(name), |found| Answer::Group(found.clone()))
    }
    fn group_by_gid(&self, gid: u32) -> Result<Option<String>, CouldNot> {
        self.noted(Question::GroupByGid(gid), self.machine.group_by_gid(gid), |name| Answer::Name(name.clone()))
    }
    /// Each property is written down by itself, so that another wish may ask for fewer of them.
    fn unit(&self, bus: &Bus, unit: &str, properties: &[&str]) -> Result<BTreeMap<String, Value>, CouldNot> {
        let told = self.machine.unit(bus, unit, properties);
        let question = |property: &str| Question::Unit(bus.clone(), unit.into(), property.into());
        for property in properties {
            let answer = told.as_ref().map(|told| Answer::Property(told.get(*property).cloned()));
            self.write(question(property), answer.map_err(CouldNot::clone));
        }
        if properties.is_empty() {
            self.write(question(""), told.as_ref().map(|_| Answer::Property(None)).map_err(CouldNot::clone));
        }
        told
    }
    fn manager(&self, bus: &Bus, property: &str) -> Result<Value, CouldNot> {
        let question = Question::Manager(bus.clone(), property.into());
        self.noted(question, self.machine.manager(bus, property), |value| Answer::Property(Some(value.clone())))
    }
    fn login(&self, uid: u32, property: &str) -> Result<Value, CouldNot> {
        let question = Question::Login(uid, property.into());
        self.noted(question, self.machine.login(uid, property), |value| Answer::Property(Some(value.clone())))
    }
    fn sessions(&self, uid: u32) -> Result<Vec<LoginSession>, CouldNot> {
        self.noted(Question::Sessions(uid), self.machine.sessions(uid), |all| Answer::Sessions(all.clone()))
    }
    fn run(&self, program: &Run) -> Result<Ran, CouldNot> {
        self.noted(program.into(), self.machine.run(program), |ran| ran.into())
    }
    fn plain(&self, question: &Plain) -> Result<Ran, CouldNot> {
        self.noted(Question::Plain(question.clone()), self.machine.plain(question), |ran| ran.into())
    }
    fn visit(&self, visit: &Visit) -> Result<Vec<u8>, CouldNot> {
        self.noted(Question::Visit(visit.clone()), self.machine.visit(visit), |said| Answer::Contents {
            bytes: said.as_slice().into(),
            most: None,
        })
    }
    fn now(&self) -> u64 {
        let now = self.machine.now();
        self.seen.borrow_mut().clock.push(now);
        now
    }
    fn pause(&self, time: Duration) {
        self.machine.pause(time);
    }
}
