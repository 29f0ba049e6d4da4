//! A testimony as a machine: the same questions get the same answers, and what was never asked, or never written down, is said to be a gap.
//! Looks at no machine.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::answer::{Answer, Question};
use super::keep::{self, Left};
use super::testimony::{Look, Testimony};
use crate::catalogue::Judge;
use crate::machine::{
    AccountEntry, Bus, CouldNot, GroupEntry, LoginSession, Machine, Plain, Ran, Run, Stat, Value, Visit,
};
use crate::{Ask, Check, Eyes, Verdict, judge_with};

/// What a judgement would have needed and the record has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// It was seen and left out.
    Left(Left, String),
    /// Nobody asked for it.
    NotOnRecord(String),
}

/// What judging on record came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejudged {
    /// The verdict. Where there are gaps it is not to be trusted.
    pub verdict: Verdict,
    /// What was missing, each thing once.
    pub gaps: Vec<Gap>,
}

/// A testimony that is asked.
pub struct Replay<'t> {
    testimony: &'t Testimony,
    /// The places of the facts by their questions, each with the eyes that saw it. Made when somebody asks for what another look saw.
    by_question: OnceCell<HashMap<&'t Question, Vec<(&'t Eyes, usize)>>>,
}

impl<'t> Replay<'t> {
    /// Of this one.
    pub fn new(testimony: &'t Testimony) -> Self {
        Self { testimony, by_question: OnceCell::new() }
    }

    /// Judges a wish as if it stood at this place among those that were judged; none where it stood nowhere.
    pub fn judge(&self, wish: Option<usize>, check: &Check) -> Rejudged {
        let looks = self.testimony.looks.iter().filter(|look| Some(look.wish) == wish).collect();
        let mut again = Again { replay: self, looks, nth: 0, looked: false, clock: 0, gaps: Vec::new() };
        let verdict = judge_with(check, &mut again, &self.testimony.context);
        Rejudged { verdict, gaps: again.gaps }
    }

    /// What eyes like these saw at any time, the newest answer first.
    fn elsewhere(&self, question: &Question, eyes: &Eyes) -> Option<&'t Answer> {
        let by_question = self.by_question.get_or_init(|| {
            let mut all: HashMap<_, Vec<_>> = HashMap::new();
            for look in &self.testimony.looks {
                for place in &look.facts {
                    if let Some((question, _)) = self.testimony.facts.get(*place) {
                        all.entry(question).or_default().push((&look.eyes, *place));
                    }
                }
            }
            all
        });
        let seen = by_question.get(question)?.iter().rev();
        let (_, place) = seen.clone().find(|(by, _)| *by == eyes).or_else(|| {
            let mut seen = seen;
            seen.next().filter(|_| question.is_same_for_all())
        })?;
        self.testimony.facts.get(*place).map(|(_, answer)| answer)
    }
}

/// One wish, judged again.
struct Again<'a, 't> {
    replay: &'a Replay<'t>,
    looks: Vec<&'t Look>,
    nth: usize,
    looked: bool,
    clock: u64,
    gaps: Vec<Gap>,
}

impl Ask for Again<'_, '_> {
    fn look(&mut self, check: &Check, context: &crate::Context) -> Verdict {
        let Some(single) = check.single() else { return Verdict::unknown("a combination is no single check") };
        let look = self.looks.get(self.nth).or(self.looks.last()).copied();
        self.nth += 1;
        self.looked = true;
        let eyes = single.eyes();
        let look = look.filter(|look| look.eyes == eyes);
        if let Some(Look { instead: Some(said), .. }) = look {
            return said.clone();
        }
        if matches!(check, Check::Command(_)) && self.replay.testimony.commands_withheld {
            self.missing([Gap::Left(Left::Secret, "what commands printed".into())]);
        }
        let view = View::new(self.replay, look, single);
        let verdict = single.judge(&view, context);
        self.missing(view.gaps.into_inner());
        verdict
    }
    fn now(&mut self) -> u64 {
        // The clock was read before the look that comes, and after the one that was.
        let at = if self.looked { self.nth.checked_sub(1) } else { Some(self.nth) };
        if let Some((began, ended)) = at.and_then(|at| self.looks.get(at)).and_then(|look| look.time) {
            self.clock = if self.looked { ended } else { began };
        }
        self.looked = false;
        self.clock
    }
    fn pause(&mut self, time: Duration) {
        self.clock = self.clock.saturating_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
}

impl Again<'_, '_> {
    fn missing(&mut self, gaps: impl IntoIterator<Item = Gap>) {
        for gap in gaps {
            if !self.gaps.contains(&gap) {
                self.gaps.push(gap);
            }
        }
    }
}

/// The machine as one look saw it.
struct View<'a, 't> {
    replay: &'a Replay<'t>,
    single: &'a dyn Judge,
    /// What this look was answered, in its order. The last answer to a question stays.
    own: RefCell<HashMap<&'t Question, VecDeque<&'t Answer>>>,
    clock: RefCell<VecDeque<u64>>,
    now: Cell<u64>,
    gaps: RefCell<Vec<Gap>>,
}

impl<'a, 't> View<'a, 't> {
    fn new(replay: &'a Replay<'t>, look: Option<&'t Look>, single: &'a dyn Judge) -> Self {
        let mut own: HashMap<_, VecDeque<_>> = HashMap::new();
        let facts = look.map(|look| look.facts.as_slice()).unwrap_or_default();
        for (question, answer) in facts.iter().filter_map(|place| replay.testimony.facts.get(*place)) {
            own.entry(question).or_default().push_back(answer);
        }
        let clock: VecDeque<u64> = look.map(|look| look.clock.iter().copied().collect()).unwrap_or_default();
        // A check that reads the clock though it did not then: the nearest reading there is.
        let all = || replay.testimony.looks.iter();
        let read = || all().find_map(|look| look.clock.first().copied().or(look.time.map(|time| time.0)));
        let now = clock.front().copied().or_else(read).unwrap_or(replay.testimony.context.step_began);
        Self {
            replay,
            single,
            own: RefCell::new(own),
            clock: RefCell::new(clock),
            now: Cell::new(now),
            gaps: RefCell::default(),
        }
    }

    fn answer(&self, question: &Question) -> Result<&'t Answer, CouldNot> {
        let own = self
            .own
            .borrow_mut()
            .get_mut(question)
            .and_then(|answers| if answers.len() > 1 { answers.pop_front() } else { answers.front().copied() });
        match own.or_else(|| self.replay.elsewhere(question, &self.single.eyes())) {
            Some(Answer::CouldNot(why)) => Err(why.clone()),
            Some(Answer::Left(left)) => Err(self.gap(Gap::Left(*left, question.about()))),
            Some(answer) => Ok(answer),
            None => Err(self.gap(Gap::NotOnRecord(question.about()))),
        }
    }

    fn gap(&self, gap: Gap) -> CouldNot {
        let said = match &gap {
            Gap::Left(..) => "withheld",
            Gap::NotOnRecord(_) => "not on record",
        };
        self.gaps.borrow_mut().push(gap);
        CouldNot::Failed(said.into())
    }

    /// The answer in the form that belongs to the question.
    fn told<T>(&self, question: &Question, form: impl FnOnce(&Answer) -> Option<T>) -> Result<T, CouldNot> {
        let answer = self.answer(question)?;
        // Somebody wrote into the record.
        form(answer).ok_or_else(|| self.gap(Gap::Left(Left::Odd, question.about())))
    }

    fn property(&self, question: &Question) -> Result<Option<Value>, CouldNot> {
        self.told(question, |answer| match answer {
            Answer::Property(value) => Some(value.clone()),
            _ => None,
        })
    }

    fn found(&self, question: &Question) -> Result<Option<AccountEntry>, CouldNot> {
        self.told(question, |answer| match answer {
            Answer::Account(found) => Some(found.clone()),
            _ => None,
        })
    }

    fn ran(&self, question: &Question) -> Result<Ran, CouldNot> {
        self.told(question, |answer| match answer {
            Answer::Ran { status, output, errors } => {
                Some(Ran { status: *status, output: output.bytes(), errors: errors.bytes() })
            }
            _ => None,
        })
    }

    fn contents(&self, question: &Question, most: u64) -> Result<Vec<u8>, CouldNot> {
        let (mut bytes, read) = self.told(question, |answer| match answer {
            Answer::Contents { bytes, most } => Some((bytes.bytes(), *most)),
            _ => None,
        })?;
        if read.is_some_and(|read| read < most) {
            return Err(self.gap(Gap::Left(Left::TooLarge, question.about())));
        }
        bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(bytes)
    }
}

impl Machine for View<'_, '_> {
    fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, CouldNot> {
        self.contents(&Question::Read(path.into(), keep::form(path, self.single)), most)
    }
    fn stat(&self, path: &Path, follow: bool) -> Result<Stat, CouldNot> {
        self.told(&Question::Stat(path.into(), follow), |answer| match answer {
            Answer::Stat(stat) => Some(*stat),
            _ => None,
        })
    }
    fn list(&self, directory: &Path) -> Result<Vec<OsString>, CouldNot> {
        self.told(&Question::List(directory.into()), |answer| match answer {
            Answer::Names(names) => Some(names.iter().map(super::Bytes::os_string).collect()),
            _ => None,
        })
    }
    fn read_link(&self, path: &Path) -> Result<PathBuf, CouldNot> {
        self.told(&Question::ReadLink(path.into()), |answer| match answer {
            Answer::Target(target) => Some(target.path()),
            _ => None,
        })
    }
    fn has_acl(&self, path: &Path) -> Result<bool, CouldNot> {
        self.told(&Question::HasAcl(path.into()), |answer| match answer {
            Answer::Has(has) => Some(*has),
            _ => None,
        })
    }
    fn label(&self, path: &Path) -> Result<String, CouldNot> {
        self.told(&Question::Label(path.into()), |answer| match answer {
            Answer::Text(label) => Some(label.clone()),
            _ => None,
        })
    }
    fn account(&self, name: &str) -> Result<Option<AccountEntry>, CouldNot> {
        self.found(&Question::Account(name.into()))
    }
    fn account_by_uid(&self, uid: u32) -> Result<Option<AccountEntry>, CouldNot> {
        self.found(&Question::AccountByUid(uid))
    }
    fn groups_of(&self, account: &AccountEntry) -> Result<Vec<String>, CouldNot> {
        self.told(&Question::GroupsOf(account.name.clone(), account.gid), |answer| match answer {
            Answer::Texts(groups) => Some(groups.clone()),
            _ => None,
        })
    }
    fn group(&self, name: &str) -> Result<Option<GroupEntry>, CouldNot> {
        self.told(&Question::Group(name.into()), |answer| match answer {
            Answer::Group(found) => Some(found.clone()),
            _ => None,
        })
    }
    fn group_by_gid(&self, gid: u32) -> Result<Option<String>, CouldNot> {
        self.told(&Question::GroupByGid(gid), |answer| match answer {
            Answer::Name(name) => Some(name.clone()),
            _ => None,
        })
    }
    fn unit(&self, bus: &Bus, unit: &str, properties: &[&str]) -> Result<BTreeMap<String, Value>, CouldNot> {
        let question = |property: &str| Question::Unit(bus.clone(), unit.into(), property.into());
        if properties.is_empty() {
            return self.property(&question("")).map(|_| BTreeMap::new());
        }
        // All are asked for, so that each answer's turn comes in its order.
        let told: Vec<_> = properties.iter().map(|property| (property, self.property(&question(property)))).collect();
        let mut values = BTreeMap::new();
        for (property, value) in told {
            values.extend(value?.map(|value| ((*property).to_owned(), value)));
        }
        Ok(values)
    }
    fn manager(&self, bus: &Bus, property: &str) -> Result<Value, CouldNot> {
        let value = self.property(&Question::Manager(bus.clone(), property.into()))?;
        value.ok_or(CouldNot::Absent)
    }
    fn login(&self, uid: u32, property: &str) -> Result<Value, CouldNot> {
        self.property(&Question::Login(uid, property.into()))?.ok_or(CouldNot::Absent)
    }
    fn sessions(&self, uid: u32) -> Result<Vec<LoginSession>, CouldNot> {
        self.told(&Question::Sessions(uid), |answer| match answer {
            Answer::Sessions(all) => Some(all.clone()),
            _ => None,
        })
    }
    fn run(&self, program: &Run) -> Result<Ran, CouldNot> {
        self.ran(&program.into())
    }
    fn plain(&self, question: &Plain) -> Result<Ran, CouldNot> {
        self.ran(&Question::Plain(question.clone()))
    }
    fn visit(&self, visit: &Visit) -> Result<Vec<u8>, CouldNot> {
        self.contents(&Question::Visit(visit.clone()), u64::MAX)
    }
    fn now(&self) -> u64 {
        let next = self.clock.borrow_mut().pop_front();
        next.inspect(|now| self.now.set(*now)).unwrap_or(self.now.get())
    }
    fn pause(&self, time: Duration) {
        self.now.set(self.now.get().saturating_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)));
    }
}
