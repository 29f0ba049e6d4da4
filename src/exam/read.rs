//! YAML text and a seed → an exam and all its problems. Opens no file: whoever calls says where lessons come from.

use std::cell::RefCell;
use std::collections::BTreeMap;

use checkers::Check;
use checkers::checks::account::Account;

use super::document::{DirectoryForm, Document, FileForm, GoalForm, PreparationForm, ReviewForm, RuleForm, TaskForm};
use super::draw::{Draw, draw};
use super::rules;
use super::sheet::{Exam, Goal, PlacedFile, Preparation, Review, Task};
use crate::lesson::reading::{
    Found, Node, OpenWords, Opened, Placed, Role, Text, Value, Wishes, body, declared, fit_filled, id_of, in_order,
    is_name, line, manual, nearest, needs, open_as, schema_of, tree_of,
};
use crate::lesson::{Author, Lesson, Problem, ProblemKind, Step};

const ID: &str = "https://github.com/rootless-lab/rootless-lab/exam.schema.json";

/// Where lessons come from: a name and values for the lesson's parameters → the lesson.
pub(super) type Lessons<'l> = dyn Fn(&str, &BTreeMap<String, String>) -> Option<Lesson> + 'l;

/// An exam's text, before a seed is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, as it is named in problems. The name of its folder is the exam's id.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// The JSON Schema (2020-12) of `exam.yaml`, made from the types that read it.
pub fn form_schema() -> serde_json::Value {
    schema_of::<Document>(ID, "An exam for rootless-lab")
}

/// Where the values of drawn words come from.
enum Values<'v> {
    Seed(u64),
    Kept(&'v BTreeMap<String, String>),
}

impl Source {
    /// The exam's id.
    pub fn id(&self) -> String {
        id_of(&self.file)
    }

    /// The exam of a seed, with other values for some of its parameters (the administrator's name on this machine, say).
    ///
    /// Tasks may take their goals from lessons: `lessons` gives one by its name, with values for its parameters. There is an exam exactly
    /// when there is no problem.
    pub fn drawn(
        &self,
        seed: u64,
        given: &BTreeMap<String, String>,
        lessons: &Lessons<'_>,
    ) -> Result<Exam, Vec<Problem>> {
        self.form().read(&Values::Seed(seed), given, lessons)
    }

    /// The exam of an attempt, with the values that its record has. What it was drawn from counts no more.
    pub fn kept(&self, parameters: &BTreeMap<String, String>, lessons: &Lessons<'_>) -> Result<Exam, Vec<Problem>> {
        self.form().kept(parameters, lessons)
    }

    /// The same, for many attempts: its text is read once.
    pub fn form(&self) -> Form {
        Form { source: self.clone(), tree: tree_of(&self.text) }
    }
}

/// An exam's text that was read, and in which no word is filled in.
#[derive(Debug, Clone)]
pub struct Form {
    source: Source,
    tree: Result<Node, Found>,
}

impl Form {
    /// The text.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// As [`Source::kept`].
    pub fn kept(&self, parameters: &BTreeMap<String, String>, lessons: &Lessons<'_>) -> Result<Exam, Vec<Problem>> {
        self.read(&Values::Kept(parameters), parameters, lessons)
    }

    fn read(
        &self,
        values: &Values<'_>,
        given: &BTreeMap<String, String>,
        lessons: &Lessons<'_>,
    ) -> Result<Exam, Vec<Problem>> {
        let Source { file, text } = &self.source;
        let parameters = RefCell::new(BTreeMap::new());
        let mut steps = Vec::new();
        let fill_in = |tree: &mut Node| {
            let mut words = OpenWords::of(tree, text);
            words.give(given);
            draw_into(&mut words, tree, text, values);
            parameters.borrow_mut().clone_from(words.values());
            words.fill(tree, text, &["draw"])
        };
        let Opened { document, found, .. } =
            open_as(file, text, self.tree.clone(), fill_in, fit_filled::<Document>, |document, tree| {
                // Whoever goes on with an attempt needs its goals; that its reviews lead somewhere was seen when it was drawn.
                let reviews = matches!(values, Values::Seed(_));
                let (taken, mut found) = steps_of(document, &parameters.borrow(), lessons, reviews);
                found.extend(rules::check(document, tree, text, &taken));
                steps = taken;
                found
            });
        match document {
            Some(document) if found.is_empty() => Ok(exam(self.source.id(), parameters.into_inner(), document, steps)),
            _ => Err(in_order(file, text, found)),
        }
    }
}

/// Declares the drawn words with their values. What is wrong with a rule is told when the whole document is looked at.
fn draw_into(words: &mut OpenWords, tree: &Node, text: &str, values: &Values<'_>) {
    let Value::Map(entries) = &tree.value else { return };
    let Some((_, node)) = entries.iter().find(|(key, _)| key.name == "draw") else { return };
    let Value::Map(names) = &node.value else { return };
    let forms = fit_filled::<BTreeMap<String, RuleForm>>(node, text).value.unwrap_or_default();
    let rules: Draw = forms.iter().filter_map(|(name, form)| Some((name.clone(), rules::rule(form)?))).collect();
    let drawn = match values {
        Values::Seed(seed) => draw(&rules, *seed),
        Values::Kept(kept) => (*kept).clone(),
    };
    for (key, _) in names {
        // Where a rule is wrong something stands in, so that nothing else is told that only follows from it.
        let stand_in = || match forms.get(&key.name) {
            Some(RuleForm::Between(_)) => "1".to_owned(),
            _ => key.name.clone(),
        };
        let value = drawn.get(&key.name).cloned().unwrap_or_else(stand_in);
        words.declare(text, &key.name, key.span.clone(), value);
    }
}

/// The steps that tasks take their goals from, in the tasks' order, and what is wrong with the references to lessons.
fn steps_of(
    document: &Document,
    parameters: &BTreeMap<String, String>,
    lessons: &Lessons<'_>,
    reviews: bool,
) -> (Vec<Option<Step>>, Vec<Found>) {
    let mut found = Vec::new();
    let tasks = document.tasks.as_ref().map(|tasks| tasks.value.as_slice()).unwrap_or_default();
    let none = BTreeMap::new();
    let mut steps = Vec::new();
    for task in tasks.iter().map(|task| &task.value) {
        let mut of = |name: &Text, with: &BTreeMap<String, Placed<String>>| {
            let step = step_of(name.as_ref()?, with, parameters, lessons);
            step.map_err(|problem| found.push(problem)).ok()
        };
        steps.push(of(&task.lesson, &task.values));
        if let Some(review) = task.review.as_ref().filter(|_| reviews) {
            of(&review.lesson, &none);
        }
    }
    (steps, found)
}

fn step_of(
    name: &Placed<String>,
    with: &BTreeMap<String, Placed<String>>,
    parameters: &BTreeMap<String, String>,
    lessons: &Lessons<'_>,
) -> Result<Step, Found> {
    let wrong = |why: String| (name.span(), ProblemKind::WrongValue { why });
    let (lesson, step) = parts(name).ok_or_else(|| wrong(format!("`{}` is not LESSON/STEP", name.value)))?;
    let mut values = parameters.clone();
    values.extend(with.iter().map(|(name, value)| (name.clone(), value.value.clone())));
    let lesson = lessons(lesson, &values).ok_or_else(|| wrong(format!("there is no sound lesson `{lesson}`")))?;
    if let Some((name, value)) =
        with.iter().find(|(name, _)| lesson.parameters.iter().all(|known| known.name != **name))
    {
        let expected: Vec<String> = lesson.parameters.iter().map(|known| known.name.clone()).collect();
        let nearest = nearest(name, expected.iter().map(String::as_str));
        return Err((value.span(), ProblemKind::UnknownParameter { name: name.clone(), expected, nearest }));
    }
    let ids: Vec<String> = lesson.steps.iter().map(|step| step.id.clone()).collect();
    lesson.steps.into_iter().find(|known| known.id == step).ok_or_else(|| {
        let nearest = nearest(step, ids.iter().map(String::as_str));
        (name.span(), ProblemKind::UnknownName { name: step.to_owned(), expected: ids, nearest })
    })
}

fn parts(name: &Placed<String>) -> Option<(&str, &str)> {
    name.value.split_once('/').filter(|(lesson, step)| is_name(lesson) && is_name(step))
}

fn exam(id: String, parameters: BTreeMap<String, String>, document: Document, steps: Vec<Option<Step>>) -> Exam {
    let (partial, lasting) = (document.partial_credit, document.lasting);
    let tasks = document.tasks.map(|tasks| tasks.value).unwrap_or_default();
    let accounts = document.accounts.iter().map(|account| &account.value);
    let made = accounts.filter(|account| matches!(account.role, Some(Role::Created)));
    let made: Vec<String> = made.map(|account| line(account.name.clone())).collect();
    Exam {
        id,
        title: line(document.title),
        about: body(document.about),
        tracks: document.tracks,
        author: document.author.map(|writer| Author { name: line(writer.name) }),
        minutes: number(document.minutes.as_ref()),
        pass_mark: number(document.pass_mark.as_ref()),
        parameters,
        accounts: document.accounts.into_iter().map(|form| declared(form.value)).collect(),
        needs: document.needs.map(|form| needs(form.value)),
        clean_up: document.clean_up.into_iter().map(|line| line.value.trim_end().to_owned()).collect(),
        tasks: tasks
            .into_iter()
            .zip(steps)
            .map(|(form, step)| task(form.value, step, partial, lasting, &made))
            .collect(),
    }
}

fn number(form: Option<&Placed<u32>>) -> u32 {
    form.map_or(0, |form| form.value)
}

/// The check, and that the accounts which it is about are there, where the candidate makes them. Of an account that is not there nothing else
/// can be known; in an exam that is red.
fn with_accounts(check: Check, made: &[String]) -> Check {
    let about = Wishes::accounts_of(&check);
    let is_missing = |name: &&String| about.contains(*name) && !matches!(&check, Check::Account(_));
    let there = |name: &String| Account { name: name.clone(), exists: true, ..Account::default() };
    let there: Vec<Check> = made.iter().filter(is_missing).map(|name| Check::Account(there(name))).collect();
    if there.is_empty() { check } else { Check::All(there.into_iter().chain([check]).collect()) }
}

fn task(form: TaskForm, step: Option<Step>, partial: bool, lasting: bool, made: &[String]) -> Task {
    let points = number(form.points.as_ref());
    let lasting = form.lasting.unwrap_or(lasting);
    let own = |text: Text, of_step: Option<&String>| match text {
        Some(_) => body(text),
        None => of_step.cloned().unwrap_or_default(),
    };
    let id = own(form.id, step.as_ref().map(|step| &step.id));
    let title = own(form.title, step.as_ref().map(|step| &step.title));
    let named = form.lesson.as_ref().and_then(parts).map(|(lesson, step)| (lesson.to_owned(), step.to_owned()));
    let (goals, manual) = match step {
        Some(step) => {
            let goals = step.goals.into_iter().filter(rules::is_state);
            let goal = |goal: crate::lesson::Goal| Goal {
                id: goal.id,
                say: goal.say,
                check: goal.check,
                lasting: goal.lasting || lasting,
                predicted_by: goal.predicted_by,
                points: 0,
            };
            (shared(goals.map(goal).collect(), points), step.manual)
        }
        None => (own_goals(form.goals, lasting, points), Vec::new()),
    };
    let says = goals.iter().map(|goal| format!("- {}", goal.say)).collect::<Vec<_>>().join("\n");
    let text = own(form.text, Some(&says));
    let mut review = form.review.map(self::review).unwrap_or_default();
    review.step = review.step.or(named);
    review.manual.extend(manual);
    let sure = |goal: Goal| Goal {
        check: with_accounts(goal.check, made),
        predicted_by: goal.predicted_by.map(|check| with_accounts(check, made)),
        ..goal
    };
    Task {
        id,
        title,
        text,
        objective: line(form.objective),
        points,
        partial_credit: form.partial_credit.unwrap_or(partial),
        prepare: form.prepare.into_iter().map(|form| preparation(form.value)).collect(),
        goals: goals.into_iter().map(sure).collect(),
        review,
    }
}

fn own_goals(forms: Vec<Placed<GoalForm>>, lasting: bool, points: u32) -> Vec<Goal> {
    let says_points = forms.iter().any(|goal| goal.value.points.is_some());
    let goal = |form: GoalForm| {
        Some(Goal {
            id: line(form.id),
            say: line(form.say),
            check: form.check?.value,
            lasting: form.lasting.unwrap_or(lasting),
            predicted_by: form.predicted_by.map(|check| check.value),
            points: number(form.points.as_ref()),
        })
    };
    let goals: Vec<Goal> = forms.into_iter().filter_map(|form| goal(form.value)).collect();
    if says_points { goals } else { shared(goals, points) }
}

/// Deals the points out evenly; the first goals get what is over.
fn shared(mut goals: Vec<Goal>, points: u32) -> Vec<Goal> {
    let count = u32::try_from(goals.len()).unwrap_or(u32::MAX).max(1);
    for (nth, goal) in (0..).zip(&mut goals) {
        goal.points = points / count + u32::from(nth < points % count);
    }
    goals
}

fn preparation(form: PreparationForm) -> Preparation {
    match form {
        PreparationForm::Directory(DirectoryForm { account, path }) => {
            Preparation::Directory { account: line(account), path: line(path) }
        }
        PreparationForm::File(form) => Preparation::File(file(form)),
    }
}

fn file(form: FileForm) -> PlacedFile {
    let text = form.text.map(|text| text.value).unwrap_or_default();
    PlacedFile { account: line(form.account), path: line(form.path), text }
}

fn review(form: ReviewForm) -> Review {
    Review {
        step: form.lesson.as_ref().and_then(parts).map(|(lesson, step)| (lesson.to_owned(), step.to_owned())),
        manual: form.manual.into_iter().map(|entry| manual(entry.value)).collect(),
        files: form.files.into_iter().map(|form| file(form.value)).collect(),
    }
}

#[cfg(test)]
mod tests;
