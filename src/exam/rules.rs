//! What an exam must have beside the right form. Pure; every problem with its place.

use std::ops::Range;
use std::path::{Component, Path};

use checkers::Check;

use super::document::{Document, FileForm, GoalForm, PreparationForm, RuleForm, TaskForm};
use super::draw::{Draw, Rule, crowded};
use super::words::is_safe;
use crate::lesson::reading::{Found, Node, Placed, Role, Rules, Text, Wishes, place_of, place_or, reach};
use crate::lesson::{Goal, ProblemKind, Step};

const MOST_MINUTES: u32 = 480;
const MOST_POINTS: u32 = 1000;
const MOST_WORDS: u32 = 3;

/// All that is wrong with the content of a document. `steps` are the steps that its tasks take their goals from, in the tasks' order.
pub(super) fn check(document: &Document, tree: &Node, text: &str, steps: &[Option<Step>]) -> Vec<Found> {
    let mut exam = ExamRules { rules: Rules::new(text), text, document };
    exam.rules.characters(tree);
    exam.head(tree);
    exam.draw();
    let mut wishes = Wishes::new(&document.accounts);
    let top = tree.span.start..tree.span.start;
    if let Some(tasks) = exam.rules.filled_list("tasks", document.tasks.as_ref(), top) {
        exam.rules.unique(tasks.iter().map(|task| &task.value.id));
        for (nth, task) in tasks.iter().enumerate() {
            exam.task(task, steps.get(nth).and_then(Option::as_ref), &mut wishes);
        }
    }
    exam.rules.found.extend(wishes.into_problems());
    exam.rules.found
}

/// The rule that a form stands for; none where it is none.
pub(super) fn rule(form: &RuleForm) -> Option<Rule> {
    match form {
        RuleForm::From(list) if !list.is_empty() => Some(Rule::From(list.clone())),
        RuleForm::Between(ends) => match ends.as_slice() {
            [low, high] if low <= high => Some(Rule::Between(*low, *high)),
            _ => None,
        },
        RuleForm::Words(count) if (1..=MOST_WORDS).contains(count) => usize::try_from(*count).ok().map(Rule::Words),
        _ => None,
    }
}

/// Whether a lesson's goal can be an exam's: it is about how the machine is, not about what somebody typed or saw.
pub(super) fn is_state(goal: &Goal) -> bool {
    !goal.once
        && no_state(&goal.check).is_none()
        && goal.predicted_by.as_ref().is_none_or(|check| no_state(check).is_none())
}

/// The name of a check that a grade cannot rest on.
fn no_state(check: &Check) -> Option<&'static str> {
    match check {
        Check::Command(_) => Some("command"),
        Check::Shell(_) => Some("shell"),
        Check::Program(_) => Some("program"),
        Check::Container(container) if container.id_differs_from.is_some() => Some("id-differs-from"),
        Check::All(checks) | Check::Any(checks) => checks.iter().find_map(no_state),
        Check::Not(check) => no_state(check),
        Check::Within(timed) | Check::For(timed) => no_state(&timed.check),
        _ => None,
    }
}

struct ExamRules<'d> {
    rules: Rules<'d>,
    text: &'d str,
    document: &'d Document,
}

impl ExamRules<'_> {
    fn wrong(&mut self, span: Range<usize>, why: impl Into<String>) {
        self.rules.tell(span, ProblemKind::WrongValue { why: why.into() });
    }

    fn head(&mut self, tree: &Node) {
        let (document, top) = (self.document, tree.span.start..tree.span.start);
        self.rules.format(document.format.as_ref(), &top);
        self.rules.one_line("title", &document.title, &top);
        self.rules.some_text("about", &document.about, &top);
        self.number("minutes", document.minutes.as_ref(), MOST_MINUTES, &top);
        self.number("pass-mark", document.pass_mark.as_ref(), 100, &top);
        self.rules.parameters(&document.parameters, &top);
        self.rules.accounts(&document.accounts);
        self.rules.needs(document.needs.as_ref());
        self.rules.lines("clean-up", &document.clean_up);
    }

    fn number(&mut self, key: &str, number: Option<&Placed<u32>>, most: u32, place: &Range<usize>) {
        match number {
            None => self.rules.tell(place.clone(), ProblemKind::Missing { key: key.to_owned() }),
            Some(number) if !(1..=most).contains(&number.value) => {
                self.wrong(number.span(), format!("`{key}` is a whole number from 1 to {most}"));
            }
            Some(_) => {}
        }
    }

    fn draw(&mut self) {
        let mut sound = Draw::new();
        for (name, form) in &self.document.draw {
            let place = reach(self.text, &form.span());
            match (&form.value, rule(&form.value)) {
                (RuleForm::From(list), Some(rule)) => {
                    for value in list.iter().filter(|value| !is_safe(value)) {
                        let why = format!(
                            "`{value}` is not safe as a name everywhere: lower-case letters, digits and single dashes, a letter \
                             first, at most 31"
                        );
                        self.wrong(place_of(self.text, place.clone(), value), why);
                    }
                    let mut known = std::collections::BTreeSet::new();
                    if let Some(twice) = list.iter().find(|value| !known.insert(*value)) {
                        self.wrong(place_of(self.text, place, twice), format!("`{twice}` stands in the list twice"));
                    }
                    sound.insert(name.clone(), rule);
                }
                (_, Some(rule)) => {
                    sound.insert(name.clone(), rule);
                }
                (RuleForm::From(_), None) => {
                    self.rules.tell(form.span(), ProblemKind::Empty { key: "from".to_owned() })
                }
                (RuleForm::Between(_), None) => {
                    self.wrong(form.span(), "`between` is two numbers, the lower one first")
                }
                (RuleForm::Words(_), None) => {
                    self.wrong(form.span(), format!("`words` is a number from 1 to {MOST_WORDS}"))
                }
            }
        }
        for (name, values, rivals) in crowded(&sound) {
            let why =
                format!("{values} values are too few: {rivals} other words may take of them, and no two are the same");
            let place = self.document.draw.get(name).map_or(0..0, Placed::span);
            self.wrong(place, why);
        }
    }

    fn task(&mut self, task: &Placed<TaskForm>, step: Option<&Step>, wishes: &mut Wishes<'_>) {
        let form = &task.value;
        let place = place_or(&form.id, &place_or(&form.lesson, &task.span()));
        if form.lesson.is_none() || form.id.is_some() {
            self.rules.id(&form.id, &place);
        }
        if form.lesson.is_none() || form.title.is_some() {
            self.rules.one_line("title", &form.title, &place);
        }
        if form.lesson.is_none() || form.text.is_some() {
            self.rules.some_text("text", &form.text, &place);
        }
        self.rules.one_line("objective", &form.objective, &place);
        self.number("points", form.points.as_ref(), MOST_POINTS, &place);
        for preparation in &form.prepare {
            self.preparation(preparation);
        }
        if let Some(review) = &form.review {
            review.manual.iter().for_each(|entry| self.rules.entry(entry, true));
            for file in &review.files {
                self.file(&file.value, &file.span());
            }
        }
        match &form.lesson {
            Some(lesson) => self.of_a_lesson(form, lesson.span(), step, wishes),
            None => self.own_goals(form, &place, wishes),
        }
    }

    fn own_goals(&mut self, form: &TaskForm, place: &Range<usize>, wishes: &mut Wishes<'_>) {
        if let Some((name, value)) = form.values.first_key_value() {
            self.wrong(value.span(), format!("`with` gives `{name}` to a lesson, and none is named"));
        }
        self.rules.at_least("goals", &form.goals, 1, place);
        self.rules.unique(form.goals.iter().map(|goal| &goal.value.id));
        for goal in &form.goals {
            self.goal(goal, wishes);
        }
        let said: Vec<&Placed<u32>> = form.goals.iter().filter_map(|goal| goal.value.points.as_ref()).collect();
        for points in &said {
            self.number("points", Some(points), MOST_POINTS, place);
        }
        if let (Some(first), Some(points)) = (said.first(), &form.points) {
            let sum: u64 = said.iter().map(|points| u64::from(points.value)).sum();
            if said.len() != form.goals.len() {
                self.wrong(first.span(), "all goals of a task say their points, or none does");
            } else if sum != u64::from(points.value) {
                self.wrong(points.span(), format!("the goals' points are {sum} together, not {}", points.value));
            }
        }
        self.enough_points(form, form.goals.len());
    }

    fn enough_points(&mut self, form: &TaskForm, goals: usize) {
        if let Some(points) = &form.points
            && (points.value as usize) < goals
        {
            self.wrong(points.span(), format!("{} points are too few for {goals} goals", points.value));
        }
    }

    fn of_a_lesson(&mut self, form: &TaskForm, place: Range<usize>, step: Option<&Step>, wishes: &mut Wishes<'_>) {
        if let Some(goal) = form.goals.first() {
            self.wrong(goal.span(), "a task has goals of its own or those of a lesson's step, not both");
        }
        // A lesson that is not found is told where it was looked for.
        let Some(step) = step else { return };
        let goals: Vec<&Goal> = step.goals.iter().filter(|goal| is_state(goal)).collect();
        if goals.is_empty() {
            self.wrong(place, "no goal of that step is about how the machine is");
            return;
        }
        for goal in &goals {
            for check in std::iter::once(&goal.check).chain(&goal.predicted_by) {
                wishes.look(check, self.text, &place);
            }
        }
        self.enough_points(form, goals.len());
    }

    fn goal(&mut self, goal: &Placed<GoalForm>, wishes: &mut Wishes<'_>) {
        let place = goal.span();
        self.rules.id(&goal.value.id, &place);
        let place = place_or(&goal.value.id, &place);
        self.rules.one_line("say", &goal.value.say, &place);
        if goal.value.check.is_none() {
            self.rules.tell(place, ProblemKind::Missing { key: "check".to_owned() });
        }
        for check in goal.value.check.iter().chain(&goal.value.predicted_by) {
            let span = reach(self.text, &check.span());
            if let Some(name) = no_state(&check.value) {
                let why = format!("a grade rests on how the machine is: `{name}` is no check for an exam");
                self.wrong(place_of(self.text, span.clone(), name), why);
            }
            wishes.look(&check.value, self.text, &check.span());
        }
    }

    fn preparation(&mut self, preparation: &Placed<PreparationForm>) {
        let place = preparation.span();
        let account = match &preparation.value {
            PreparationForm::Directory(form) => {
                self.in_a_home(&form.account, &form.path, &place);
                &form.account
            }
            PreparationForm::File(form) => {
                self.file(form, &place);
                &form.account
            }
        };
        let made_later = |name: &str| {
            let mut accounts = self.document.accounts.iter().map(|account| &account.value);
            accounts.any(|account| {
                account.name.as_ref().is_some_and(|it| it.value == name) && matches!(account.role, Some(Role::Created))
            })
        };
        if let Some(account) = account.as_ref().filter(|account| made_later(&account.value)) {
            self.wrong(account.span(), format!("`{}` is not there when the exam starts", account.value));
        }
    }

    fn file(&mut self, form: &FileForm, place: &Range<usize>) {
        self.in_a_home(&form.account, &form.path, place);
        self.rules.some_text("text", &form.text, place);
    }

    /// Nothing of an exam's is written anywhere but in the home of an account that it declares.
    fn in_a_home(&mut self, account: &Text, path: &Text, place: &Range<usize>) {
        self.rules.one_line("account", account, place);
        self.rules.one_line("path", path, place);
        let is_declared = |name: &str| {
            let mut names = self.document.accounts.iter().filter_map(|account| account.value.name.as_ref());
            names.any(|declared| declared.value == name)
        };
        if let Some(account) = account.as_ref().filter(|account| !is_declared(&account.value)) {
            let names = self.document.accounts.iter().filter_map(|account| account.value.name.as_ref());
            let expected: Vec<String> = names.map(|name| name.value.clone()).collect();
            let name = account.value.clone();
            let nearest = crate::lesson::reading::nearest(&name, expected.iter().map(String::as_str));
            self.rules.tell(account.span(), ProblemKind::UnknownAccount { name, expected, nearest });
        }
        let leads_out = |path: &str| Path::new(path).components().any(|part| !matches!(part, Component::Normal(_)));
        if let Some(path) = path.as_ref().filter(|path| leads_out(&path.value)) {
            self.wrong(path.span(), format!("`{}` is not a path below a home: write `.config/a/b`", path.value));
        }
    }
}
