//! What was written down of one judging: every fact once, and which look at the machine saw which of them, and when.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answer::{Answer, Form, Question};
use super::keep::{Left, is_secret};
use super::{MOST, depose};
use crate::facts::command_line;
use crate::machine::Machine;
use crate::{Ask, Check, CommandFact, Context, Eyes, Verdict, judge_with};

/// The form in which testimonies are written.
const VERSION: u32 = 1;
/// No testimony is larger, however many accounts' eyes looked.
const MOST_ALL: usize = 8 << 20;
/// All that commands printed and is kept is no larger.
const MOST_PRINTED: usize = 256 << 10;

/// What was written down of one judging of several wishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Testimony {
    version: u32,
    /// What the lab had observed itself, as far as these wishes speak of it.
    pub(super) context: Context,
    /// Commands of which something is withheld were among it.
    #[serde(default)]
    pub(super) commands_withheld: bool,
    pub(super) facts: Vec<(Question, Answer)>,
    pub(super) looks: Vec<Look>,
    /// Where each fact's question stands, while this is written.
    #[serde(skip)]
    places: Places,
}

/// What only the writer needs. All are equal.
#[derive(Debug, Clone, Default)]
struct Places {
    by_question: HashMap<Question, Vec<usize>>,
    size: usize,
}

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
impl Eq for Places {}

/// One single check, judged once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Look {
    /// The place of the wish that it was for.
    pub(super) wish: usize,
    /// Whose eyes the check needed.
    pub(super) eyes: Eyes,
    /// The places of the facts, in the order in which they were asked for.
    pub(super) facts: Vec<usize>,
    /// What the check read from the clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) clock: Vec<u64>,
    /// Before and after, by the clock of whoever combines checks; none for a wish that is no combination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) time: Option<(u64, u64)>,
    /// What was said instead of looking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) instead: Option<Verdict>,
}

/// What one look saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Seen {
    pub(super) facts: Vec<(Question, Answer)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) clock: Vec<u64>,
    /// What was said instead of looking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instead: Option<Verdict>,
}

impl Seen {
    /// Nobody looked, and this was said.
    pub fn instead(said: Verdict) -> Self {
        Self { instead: Some(said), ..Self::default() }
    }
}

/// Why a testimony cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It was written by a later version of this program.
    #[error("it is of version {0}, and this program reads version {VERSION}")]
    Newer(u32),
    /// It is none.
    #[error("it is no testimony: {0}")]
    Broken(String),
}

impl Testimony {
    /// An empty one about these wishes.
    pub fn new(wishes: &[Check], context: &Context) -> Self {
        let (context, commands_withheld) = observed(wishes, context);
        Self {
            version: VERSION,
            context,
            commands_withheld,
            facts: Vec::new(),
            looks: Vec::new(),
            places: Places::default(),
        }
    }

    /// One of a judging in which nobody could look, for this reason.
    pub fn of_nobody(wishes: &[Check], context: &Context, said: &Verdict) -> Self {
        let mut testimony = Self::new(wishes, context);
        for (nth, wish) in wishes.iter().enumerate() {
            for single in wish.singles() {
                testimony.add(nth, single, Seen::instead(said.clone()));
            }
        }
        testimony
    }

    /// Reads one.
    pub fn read(json: &[u8]) -> Result<Self, Unreadable> {
        let broken = |error: serde_json::Error| Unreadable::Broken(error.to_string());
        match serde_json::from_slice::<Self>(json) {
            Ok(read) => read.checked(),
            Err(error) => {
                #[derive(Deserialize)]
                struct Only {
                    version: u32,
                }
                match serde_json::from_slice(json) {
                    Ok(Only { version }) if version > VERSION => Err(Unreadable::Newer(version)),
                    _ => Err(broken(error)),
                }
            }
        }
    }

    /// One that came within something else.
    pub fn checked(self) -> Result<Self, Unreadable> {
        if self.version != VERSION {
            return Err(Unreadable::Newer(self.version));
        }
        let whole = self.looks.iter().flat_map(|look| &look.facts).all(|fact| *fact < self.facts.len());
        if whole { Ok(self) } else { Err(Unreadable::Broken("a look names a fact that is not there".into())) }
    }

    /// What was seen for the wish at this place alone, as if it had been the only one.
    #[must_use]
    pub fn only(&self, wish: usize) -> Self {
        let mut only = Self { facts: Vec::new(), looks: Vec::new(), places: Places::default(), ..self.clone() };
        for look in self.looks.iter().filter(|look| look.wish == wish) {
            let facts = look.facts.iter().filter_map(|place| self.facts.get(*place).cloned());
            let facts = facts.map(|(question, answer)| only.place(question, answer)).collect();
            only.looks.push(Look { wish: 0, facts, ..look.clone() });
        }
        only
    }

    /// What stood in a file below an account's home, where all of it was kept.
    pub fn file_of(&self, account: &str, path: &Path) -> Option<Vec<u8>> {
        let home = self.facts.iter().find_map(|fact| match fact {
            (Question::Account(name), Answer::Account(Some(entry))) if name == account => Some(&entry.home),
            _ => None,
        })?;
        let wanted = home.join(path);
        self.facts.iter().find_map(|fact| match fact {
            (Question::Read(at, Form::Text), Answer::Contents { bytes, most: None }) if at.path() == wanted => {
                Some(bytes.bytes())
            }
            _ => None,
        })
    }

    /// Adds what was seen for a single check that stands at this place among the wishes.
    pub fn add(&mut self, wish: usize, check: &Check, seen: Seen) {
        self.add_at(wish, check, seen, None);
    }

    fn add_at(&mut self, wish: usize, check: &Check, seen: Seen, began: Option<u64>) {
        let eyes = check.single().map_or(Eyes::Anyone, |single| single.eyes());
        let facts = seen.facts.into_iter().map(|(question, answer)| self.place(question, answer)).collect();
        let time = began.map(|began| (began, began));
        self.looks.push(Look { wish, eyes, facts, clock: seen.clock, time, instead: seen.instead });
    }

    fn place(&mut self, question: Question, answer: Answer) -> usize {
        let known = self.places.by_question.entry(question.clone()).or_default();
        if let Some(place) = known.iter().find(|place| self.facts.get(**place).is_some_and(|fact| fact.1 == answer)) {
            return *place;
        }
        let place = self.facts.len();
        known.push(place);
        let size = serde_json::to_vec(&(&question, &answer)).map_or(usize::MAX, |json| json.len());
        let room = MOST_ALL.checked_sub(self.places.size.saturating_add(size));
        let answer = if room.is_some() { answer } else { Answer::Left(Left::TooLarge) };
        self.places.size += room.map_or(0, |_| size);
        self.facts.push((question, answer));
        place
    }
}

/// Who judges single checks and tells what was asked for that, and whose time passes.
pub trait Testify {
    /// Judges one single check.
    fn look(&mut self, check: &Check, context: &Context) -> (Verdict, Seen);
    /// Microseconds, by any clock.
    fn now(&mut self) -> u64;
    /// Waits.
    fn pause(&mut self, time: Duration);
}

/// Judges wishes against one machine, each single or combined, and says what was seen for that.
pub fn testify(wishes: &[Check], machine: &dyn Machine, context: &Context) -> (Vec<Verdict>, Testimony) {
    let mut testimony = Testimony::new(wishes, context);
    let mut one = One { machine, room: Cell::new(MOST) };
    let mut judge = |(nth, wish)| testify_with(wish, &mut one, context, &mut testimony, nth);
    let verdicts = wishes.iter().enumerate().map(&mut judge).collect();
    (verdicts, testimony)
}

/// Judges one wish, single or combined; every single check in it is asked of `witness`, and what it saw is added.
pub fn testify_with(
    wish: &Check,
    witness: &mut dyn Testify,
    context: &Context,
    testimony: &mut Testimony,
    nth: usize,
) -> Verdict {
    judge_with(wish, &mut Writing { witness, testimony, nth, began: None, looked: false }, context)
}

struct One<'m> {
    machine: &'m dyn Machine,
    room: Cell<usize>,
}

impl Testify for One<'_> {
    fn look(&mut self, check: &Check, context: &Context) -> (Verdict, Seen) {
        depose(check, self.machine, context, &self.room)
    }
    fn now(&mut self) -> u64 {
        self.machine.now()
    }
    fn pause(&mut self, time: Duration) {
        self.machine.pause(time);
    }
}

/// Whoever combines checks reads the clock before and after each look; both readings belong to the look.
struct Writing<'a> {
    witness: &'a mut dyn Testify,
    testimony: &'a mut Testimony,
    nth: usize,
    began: Option<u64>,
    looked: bool,
}

impl Ask for Writing<'_> {
    fn look(&mut self, check: &Check, context: &Context) -> Verdict {
        let (verdict, seen) = self.witness.look(check, context);
        self.testimony.add_at(self.nth, check, seen, self.began.take());
        self.looked = true;
        verdict
    }
    fn now(&mut self) -> u64 {
        let now = self.witness.now();
        match self.testimony.looks.last_mut().and_then(|look| look.time.as_mut()).filter(|_| self.looked) {
            Some((_, ended)) => *ended = now,
            None => self.began = Some(now),
        }
        self.looked = false;
        now
    }
    fn pause(&mut self, time: Duration) {
        self.witness.pause(time);
    }
}

/// What the lab observed itself, as far as these wishes speak of it, and whether a part of that is withheld. What was typed and printed is
/// kept only where a wish is about a command, and only of commands of that program; of the newest one, the line.
fn observed(wishes: &[Check], context: &Context) -> (Context, bool) {
    let singles = wishes.iter().flat_map(Check::singles);
    let programs: Vec<&str> = singles
        .filter_map(|check| match check {
            Check::Command(command) => Some(command.run.split_whitespace().next().unwrap_or_default()),
            _ => None,
        })
        .collect();
    let mut kept = Context { commands: Vec::new(), ..context.clone() };
    let mut withheld = false;
    kept.remembered.retain(|name, value| {
        let keep = !is_secret(name) && !is_secret(value);
        withheld |= !keep;
        keep
    });
    if programs.is_empty() {
        return (kept, withheld);
    }
    let mut room = MOST_PRINTED;
    for (nth, fact) in context.commands.iter().enumerate().rev() {
        let is_newest = nth + 1 == context.commands.len();
        let runs = |simple: &command_line::Simple| {
            simple.words.first().and_then(|word| word.rsplit('/').next()).is_some_and(|word| programs.contains(&word))
        };
        let is_about = command_line::read(&fact.line).iter().any(runs);
        if !is_about && !is_newest {
            continue;
        }
        let fact = if is_about { fact.clone() } else { CommandFact { output: String::new(), ..fact.clone() } };
        let left = room.checked_sub(fact.line.len() + fact.output.len());
        match left {
            Some(left) if !is_secret(&fact.line) && !is_secret(&fact.output) => {
                room = left;
                kept.commands.insert(0, fact);
            }
            _ => withheld = true,
        }
    }
    (kept, withheld)
}
