//! What a lesson must have beside the right form. Pure; every problem with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use super::document::{Account, Document, EntryForm, GoalForm, NeedsForm, Parameter, Placed, StepForm, Text, WayForm};
use super::fill::is_name;
use super::fit::{Found, MOST_PROBLEMS};
use super::problem::{ProblemKind, line_and_column};
use super::tree::{Node, Value};
use super::wish::Wishes;

/// The form that is read.
const FORMAT: u32 = 1;
/// From nudge to command.
const LEAST_HINTS: usize = 3;

/// All that is wrong with the content of a document.
pub(super) fn check(document: &Document, tree: &Node, text: &str) -> Vec<Found> {
    let mut rules = Rules::new(text);
    rules.characters(tree);
    rules.head(document, tree);
    let mut wishes = Wishes::new(&document.accounts);
    if let Some(steps) = rules.filled_list("steps", document.steps.as_ref(), tree.span.clone()) {
        rules.unique(steps.iter().map(|step| &step.value.id));
        for step in steps {
            rules.step(step, &mut wishes);
        }
    }
    rules.found.extend(wishes.into_problems());
    rules.found
}

/// Characters that no text of a file may hold.
pub(crate) fn hostile_characters(tree: &Node, text: &str) -> Vec<Found> {
    let mut rules = Rules::new(text);
    rules.characters(tree);
    rules.found
}

/// The place of `part` within a stretch of the text; the whole stretch when it does not stand there as it is.
pub(crate) fn place_of(text: &str, span: Range<usize>, part: &str) -> Range<usize> {
    match text.get(span.clone()).and_then(|stretch| stretch.find(part)) {
        Some(at) if !part.is_empty() => span.start + at..span.start + at + part.len(),
        _ => span,
    }
}

/// What all forms of this house have in common. Each method tells what is wrong with one part.
pub(crate) struct Rules<'t> {
    text: &'t str,
    pub(crate) found: Vec<Found>,
}

impl<'t> Rules<'t> {
    /// Nothing found yet in `text`.
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    /// More would not be told: what it takes to say it is not looked for either.
    fn is_full(&self) -> bool {
        self.found.len() > MOST_PROBLEMS
    }

    pub(crate) fn tell(&mut self, span: Range<usize>, what: ProblemKind) {
        if !self.is_full() {
            self.found.push((span, what));
        }
    }

    /// Nothing may reach the screen but text: an escape sequence would write where the author likes.
    pub(crate) fn characters(&mut self, node: &Node) {
        match &node.value {
            Value::Text(value) => self.text_characters(value, &node.span),
            Value::List(list) => list.iter().for_each(|item| self.characters(item)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    self.text_characters(&key.name, &key.span);
                    self.characters(value);
                }
            }
            _ => {}
        }
    }

    fn text_characters(&mut self, value: &str, span: &Range<usize>) {
        if let Some(wrong) = value.chars().find(|&c| is_hostile(c)) {
            let mut buffer = [0; 4];
            let place = place_of(self.text, span.clone(), wrong.encode_utf8(&mut buffer));
            self.tell(place, ProblemKind::ControlCharacter { code: wrong.into() });
        }
    }

    fn head(&mut self, document: &Document, tree: &Node) {
        let top = tree.span.start..tree.span.start;
        self.format(document.format.as_ref(), &top);
        self.one_line("title", &document.title, &top);
        self.some_text("summary", &document.summary, &top);
        self.parameters(&document.parameters, &top);
        self.accounts(&document.accounts);
        self.needs(document.needs.as_ref());
        self.lines("clean-up", &document.clean_up);
    }

    pub(crate) fn format(&mut self, format: Option<&Placed<u32>>, top: &Range<usize>) {
        match format {
            None => self.tell(top.clone(), ProblemKind::Missing { key: "format".to_owned() }),
            Some(format) if format.value != FORMAT => {
                self.tell(format.span(), ProblemKind::Format { found: format.value, expected: FORMAT });
            }
            Some(_) => {}
        }
    }

    pub(crate) fn parameters(&mut self, parameters: &BTreeMap<String, Parameter>, top: &Range<usize>) {
        for parameter in parameters.values() {
            self.some_text("value", &parameter.value, &place_or(&parameter.says, top));
            self.some_text("says", &parameter.says, &place_or(&parameter.value, top));
        }
    }

    pub(crate) fn accounts(&mut self, accounts: &[Placed<Account>]) {
        for account in accounts {
            self.some_text("name", &account.value.name, &account.span());
            if account.value.role.is_none() {
                self.tell(account.span(), ProblemKind::Missing { key: "role".to_owned() });
            }
        }
        self.unique(accounts.iter().map(|account| &account.value.name));
    }

    fn step(&mut self, step: &Placed<StepForm>, wishes: &mut Wishes<'_>) {
        let (place, form) = (step.span(), &step.value);
        self.id(&form.id, &place);
        let place = place_or(&form.id, &place);
        self.one_line("title", &form.title, &place);
        self.some_text("text", &form.text, &place);
        self.at_least("goals", &form.goals, 1, &place);
        self.at_least("hints", &form.hints, LEAST_HINTS, &place);
        self.at_least("solution", &form.solution, 1, &place);
        self.needs(form.needs.as_ref());
        self.filled("hints", &form.hints);
        self.unique(form.goals.iter().map(|goal| &goal.value.id));
        for goal in &form.goals {
            self.goal(goal, wishes);
        }
        for way in &form.solution {
            self.way(way);
        }
        for entry in &form.manual {
            self.entry(entry, true);
        }
    }

    fn goal(&mut self, goal: &Placed<GoalForm>, wishes: &mut Wishes<'_>) {
        let place = goal.span();
        self.id(&goal.value.id, &place);
        let place = place_or(&goal.value.id, &place);
        self.one_line("say", &goal.value.say, &place);
        if goal.value.check.is_none() {
            self.tell(place, ProblemKind::Missing { key: "check".to_owned() });
        }
        for check in goal.value.check.iter().chain(&goal.value.predicted_by) {
            wishes.look(&check.value, self.text, &check.span());
        }
    }

    fn way(&mut self, way: &Placed<WayForm>) {
        self.at_least("lines", &way.value.lines, 1, &way.span());
        if way.value.lines.iter().any(|line| line.value.contains('\n')) {
            self.tell(way.span(), ProblemKind::NotOneLine { key: "lines".to_owned() });
        }
        if let Some(when) = &way.value.when {
            self.entry(when, false);
        }
    }

    pub(crate) fn needs(&mut self, needs: Option<&Placed<NeedsForm>>) {
        let Some(needs) = needs else { return };
        let versions = [&needs.value.podman, &needs.value.systemd];
        if versions.iter().all(|version| version.is_none()) {
            self.tell(needs.span(), ProblemKind::Empty { key: "needs".to_owned() });
        }
        for version in versions.into_iter().flatten().filter(|version| !is_version(&version.value)) {
            let why = format!("`{}` is not a version: write 4.4 or 250", version.value);
            self.tell(version.span(), ProblemKind::WrongValue { why });
        }
    }

    pub(crate) fn filled(&mut self, key: &str, texts: &[Placed<String>]) {
        for text in texts.iter().filter(|text| text.value.trim().is_empty()) {
            self.tell(text.span(), ProblemKind::Empty { key: key.to_owned() });
        }
    }

    pub(crate) fn lines(&mut self, key: &str, lines: &[Placed<String>]) {
        self.filled(key, lines);
        for line in lines.iter().filter(|line| line.value.trim_end().contains('\n')) {
            self.tell(line.span(), ProblemKind::NotOneLine { key: key.to_owned() });
        }
    }

    pub(crate) fn entry(&mut self, entry: &Placed<EntryForm>, summary: bool) {
        let place = entry.span();
        self.one_line("page", &entry.value.page, &place);
        self.one_line("section", &entry.value.section, &place);
        self.one_line("entry", &entry.value.entry, &place);
        if summary {
            self.some_text("otherwise", &entry.value.otherwise, &place);
        }
    }

    pub(crate) fn id(&mut self, id: &Text, place: &Range<usize>) {
        match id {
            None => self.tell(place.clone(), ProblemKind::Missing { key: "id".to_owned() }),
            Some(id) if !is_name(&id.value) => self.tell(id.span(), ProblemKind::BadId { id: id.value.clone() }),
            Some(_) => {}
        }
    }

    pub(crate) fn some_text(&mut self, key: &str, value: &Text, place: &Range<usize>) {
        match value {
            None => self.tell(place.clone(), ProblemKind::Missing { key: key.to_owned() }),
            Some(value) if value.value.trim().is_empty() => {
                self.tell(value.span(), ProblemKind::Empty { key: key.to_owned() });
            }
            Some(_) => {}
        }
    }

    pub(crate) fn one_line(&mut self, key: &str, value: &Text, place: &Range<usize>) {
        self.some_text(key, value, place);
        if let Some(value) = value.as_ref().filter(|value| value.value.trim_end().contains('\n')) {
            self.tell(value.span(), ProblemKind::NotOneLine { key: key.to_owned() });
        }
    }

    pub(crate) fn at_least<T>(&mut self, key: &str, list: &[T], least: usize, place: &Range<usize>) {
        if list.len() < least {
            self.tell(place.clone(), ProblemKind::TooFew { key: key.to_owned(), found: list.len(), least });
        }
    }

    pub(crate) fn filled_list<'d, T>(
        &mut self,
        key: &str,
        list: Option<&'d Placed<Vec<T>>>,
        place: Range<usize>,
    ) -> Option<&'d [T]> {
        match list {
            None => self.tell(place, ProblemKind::Missing { key: key.to_owned() }),
            Some(list) if list.value.is_empty() => self.tell(list.span(), ProblemKind::Empty { key: key.to_owned() }),
            Some(list) => return Some(&list.value),
        }
        None
    }

    pub(crate) fn unique<'d>(&mut self, ids: impl Iterator<Item = &'d Text>) {
        let mut first = BTreeMap::new();
        for id in ids.flatten() {
            if self.is_full() {
                return;
            }
            if let Some(start) = first.get(id.value.as_str()) {
                let first_line = line_and_column(self.text, *start).0;
                self.tell(id.span(), ProblemKind::NotUnique { id: id.value.clone(), first_line });
            } else {
                first.insert(id.value.as_str(), id.start);
            }
        }
    }
}

/// The bytes of a map with all that is in it. A block map's own span is empty: it ends at the first later line that is indented less.
pub(crate) fn reach(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |n| n + 1);
    let column = text[line_start..start].chars().count();
    let mut at = start;
    for line in text[start..].split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if at > start && indent < column && !line.trim().is_empty() {
            break;
        }
        at += line.len();
    }
    start..at.max(span.end)
}

pub(crate) fn place_or(text: &Text, otherwise: &Range<usize>) -> Range<usize> {
    text.as_ref().map_or_else(|| otherwise.clone(), Placed::span)
}

/// One to three numbers with dots between them.
fn is_version(text: &str) -> bool {
    let number = |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split('.').count() <= 3 && text.split('.').all(number)
}

/// Characters that move the cursor, change colours, or turn the direction of the text around.
fn is_hostile(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}
