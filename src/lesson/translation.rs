//! `lesson.LANGUAGE.yaml` laid over a lesson: its texts in another language, by id, each with the digest of the text that it
//! translates. Pure; never changes what a lesson asks of the machine.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fill::fill_texts;
use super::fit::{Found, MOST_PROBLEMS};
use super::folder::sha256;
use super::model::Lesson;
use super::problem::{Lines, Problem, ProblemKind, line_and_column, nearest};
use super::read::in_order;
use super::rules::hostile_characters;
use super::tree::{self, Key, MOST_BYTES, Node, Value};

/// Where a text stands in a lesson: `steps`, the step's id, `goals`, the goal's id. Entries of lists are numbered from 1.
type Place = Vec<String>;
/// The texts of a translation that may be shown, by their places.
type Shown = BTreeMap<Place, String>;

/// A text that is not, or no longer, translated. The lesson is played all the same: the original stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Where: `steps: login: hints: 2`.
    pub place: String,
    /// The line in the translation's file, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// The bytes of that file that are meant; empty where the text is missing.
    pub span: Range<usize>,
    /// The digest that `of` would have to be.
    pub now: String,
    /// The digest that stands there; none where there is no text.
    pub of: Option<String>,
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.of {
            Some(of) => write!(f, "`{}` translates an older text (of: {of}; now it is {})", self.place, self.now),
            None => write!(f, "`{}` is not translated (of: {})", self.place, self.now),
        }
    }
}

/// The short digest of a text, as `of` says it: spaces and line ends at its end do not count.
pub fn digest_of(text: &str) -> String {
    sha256(text.trim_end().as_bytes())[..8].to_owned()
}

/// Everything that is wrong with a translation of this lesson, and all texts that it lacks or translates from an older original.
/// A lesson that cannot be read has no translation to speak of.
pub fn problems(lesson: &str, file: &str, translation: &str) -> (Vec<Problem>, Vec<Gap>) {
    let Ok(original) = tree::parse(lesson) else { return (Vec::new(), Vec::new()) };
    match opened(&original, translation, &names_in(&original)) {
        Err(found) => (in_order(file, translation, found), Vec::new()),
        Ok((_, gaps)) => (Vec::new(), gaps),
    }
}

/// Puts the texts of a translation in the place of the lesson's own. Those that translate an older text are left out.
pub(super) fn lay_over(lesson: &mut Lesson, text: &str, file: &str, translation: &str) -> Result<(), Vec<Problem>> {
    let Ok(original) = tree::parse(text) else { return Ok(()) };
    let names = lesson.parameters.iter().map(|one| (one.name.clone(), one.value.clone())).collect();
    let (shown, _) = opened(&original, translation, &names).map_err(|found| in_order(file, translation, found))?;
    let put = |place: &[&str], into: &mut String| {
        if let Some(text) = shown.get(&place.iter().map(|part| (*part).to_owned()).collect::<Place>()) {
            text.clone_into(into);
        }
    };
    put(&["title"], &mut lesson.title);
    put(&["summary"], &mut lesson.summary);
    for step in &mut lesson.steps {
        let id = step.id.clone();
        put(&["steps", &id, "title"], &mut step.title);
        put(&["steps", &id, "text"], &mut step.text);
        for goal in &mut step.goals {
            put(&["steps", &id, "goals", &goal.id], &mut goal.say);
        }
        for (hint, number) in step.hints.iter_mut().zip(1..) {
            put(&["steps", &id, "hints", &number.to_string()], hint);
        }
        for (way, number) in step.solution.iter_mut().zip(1..) {
            if let Some(because) = &mut way.because {
                put(&["steps", &id, "because", &number.to_string()], because);
            }
        }
        for (entry, number) in step.manual.iter_mut().zip(1..) {
            put(&["steps", &id, "manual", &number.to_string()], &mut entry.otherwise);
        }
    }
    Ok(())
}

/// A text of the translation and where it stands there.
struct Text {
    span: Range<usize>,
    text: String,
    of: Option<(String, Range<usize>)>,
}

fn opened(
    original: &Node,
    translation: &str,
    names: &BTreeMap<String, String>,
) -> Result<(Shown, Vec<Gap>), Vec<Found>> {
    if translation.len() > MOST_BYTES {
        return Err(vec![(0..0, ProblemKind::TooLarge { most: MOST_BYTES })]);
    }
    let mut tree = tree::parse(translation).map_err(|no| vec![(no.span, ProblemKind::NotYaml { why: no.why })])?;
    let originals = originals(original);
    let mut found = fill_texts(&mut tree, translation, names);
    found.extend(hostile_characters(&tree, translation));
    let mut reading = Reading { translation, originals: &originals, texts: BTreeMap::new(), found };
    reading.top(&tree);
    let Reading { texts, mut found, .. } = reading;
    for (place, text) in &texts {
        let key = || place.last().cloned().unwrap_or_default();
        if text.text.trim().is_empty() {
            found.push((text.span.clone(), ProblemKind::Empty { key: key() }));
        } else if is_one_line(place) && text.text.trim_end().contains('\n') {
            found.push((text.span.clone(), ProblemKind::NotOneLine { key: key() }));
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let (mut shown, mut gaps) = (Shown::new(), Vec::new());
    let lines = Lines::of(translation);
    for (place, original) in originals {
        let now = digest_of(&original);
        match texts.get(&place) {
            Some(Text { of: Some((of, span)), .. }) if *of != now => {
                gaps.push(gap(&place, &lines, span.clone(), now, Some(of.clone())));
            }
            Some(text) => drop(shown.insert(place, text.text.trim_end().to_owned())),
            None => gaps.push(gap(&place, &lines, 0..0, now, None)),
        }
    }
    Ok((shown, gaps))
}

fn gap(place: &Place, lines: &Lines<'_>, span: Range<usize>, now: String, of: Option<String>) -> Gap {
    let (line, column) = lines.place(span.start);
    Gap { place: place.join(": "), line, column, span, now, of }
}

fn is_one_line(place: &Place) -> bool {
    place.last().is_some_and(|last| last == "title") || place.get(2).is_some_and(|part| part == "goals")
}

/// The values of the parameters, as the file has them.
fn names_in(original: &Node) -> BTreeMap<String, String> {
    let parameters = entry(original, "parameters").map(entries).unwrap_or_default();
    parameters.iter().map(|(key, value)| (key.name.clone(), text(value, "value").unwrap_or_default())).collect()
}

/// Every text of the lesson that can be translated, with its parameters still open.
fn originals(lesson: &Node) -> BTreeMap<Place, String> {
    let mut all = BTreeMap::new();
    let mut add = |place: &[&str], text: Option<String>| {
        if let Some(text) = text {
            all.insert(place.iter().map(|part| (*part).to_owned()).collect(), text);
        }
    };
    add(&["title"], text(lesson, "title"));
    add(&["summary"], text(lesson, "summary"));
    for step in list(lesson, "steps") {
        let Some(id) = text(step, "id") else { continue };
        add(&["steps", &id, "title"], text(step, "title"));
        add(&["steps", &id, "text"], text(step, "text"));
        for goal in list(step, "goals") {
            let goal_id = text(goal, "id").unwrap_or_default();
            add(&["steps", &id, "goals", &goal_id], text(goal, "say"));
        }
        for (hint, number) in list(step, "hints").iter().zip(1..) {
            let Value::Text(hint) = &hint.value else { continue };
            add(&["steps", &id, "hints", &number.to_string()], Some(hint.clone()));
        }
        for (way, number) in list(step, "solution").iter().zip(1..) {
            add(&["steps", &id, "because", &number.to_string()], text(way, "because"));
        }
        for (page, number) in list(step, "manual").iter().zip(1..) {
            add(&["steps", &id, "manual", &number.to_string()], text(page, "otherwise"));
        }
    }
    all
}

fn entries(node: &Node) -> &[(Key, Node)] {
    match &node.value {
        Value::Map(entries) => entries,
        _ => &[],
    }
}

fn entry<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    entries(node).iter().find(|(name, _)| name.name == key).map(|(_, value)| value)
}

fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    match entry(node, key).map(|node| &node.value) {
        Some(Value::List(list)) => list,
        _ => &[],
    }
}

fn text(node: &Node, key: &str) -> Option<String> {
    match entry(node, key).map(|node| &node.value) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

struct Reading<'o> {
    translation: &'o str,
    originals: &'o BTreeMap<Place, String>,
    texts: BTreeMap<Place, Text>,
    found: Vec<Found>,
}

impl Reading<'_> {
    fn top(&mut self, tree: &Node) {
        if entry(tree, "format").is_none_or(|format| format.value != Value::Whole(1)) {
            let span = entry(tree, "format").map_or(0..0, |node| node.span.clone());
            self.found.push((span, ProblemKind::WrongValue { why: "expected format: 1".to_owned() }));
        }
        self.below(&[], tree, &["format"]);
    }

    /// A map whose keys are the next part of a place.
    fn below(&mut self, place: &[String], node: &Node, passed_over: &[&str]) {
        let expected = self.next_parts(place);
        let Value::Map(map) = &node.value else {
            return self.wrong(node, "a map");
        };
        let mut seen = BTreeMap::new();
        for (key, value) in map {
            if self.found.len() > MOST_PROBLEMS {
                return;
            }
            if let Some(first) = seen.get(key.name.as_str()) {
                let (first_line, _) = line_and_column(self.translation, *first);
                self.found.push((key.span.clone(), ProblemKind::DuplicateKey { key: key.name.clone(), first_line }));
                continue;
            }
            seen.insert(key.name.as_str(), key.span.start);
            if passed_over.contains(&key.name.as_str()) {
            } else if expected.binary_search(&key.name).is_ok() {
                let place = [place, std::slice::from_ref(&key.name)].concat();
                self.one(&place, value);
            } else {
                let nearest = nearest(&key.name, expected.iter().map(String::as_str));
                let expected = super::problem::expected(expected.iter().map(String::as_str));
                self.found
                    .push((key.span.clone(), ProblemKind::UnknownKey { key: key.name.clone(), expected, nearest }));
            }
        }
    }

    fn one(&mut self, place: &[String], node: &Node) {
        match &node.value {
            // Left open on purpose.
            Value::Null => {}
            Value::List(items) if !self.originals.contains_key(place) => {
                for (item, number) in items.iter().zip(1..) {
                    let place = [place, &[number.to_string()]].concat();
                    if self.originals.contains_key(&place) {
                        self.one(&place, item);
                    } else if item.value != Value::Null {
                        let why = format!("the lesson has no text number {number} here");
                        self.found.push((item.span.clone(), ProblemKind::WrongValue { why }));
                    }
                }
            }
            _ if !self.originals.contains_key(place) => self.below(place, node, &[]),
            Value::Text(text) => self.text(place, node.span.clone(), text, None),
            Value::Map(map) => {
                let of = map.iter().find(|(key, _)| key.name == "of").map(|(_, of)| of);
                // `12345678` and `1234e567` are numbers to YAML.
                let of = of.and_then(|of| match &of.value {
                    Value::Text(text) => Some((text.clone(), of.span.clone())),
                    Value::Whole(_) | Value::Float(_) => {
                        Some((self.translation.get(of.span.clone())?.to_owned(), of.span.clone()))
                    }
                    _ => {
                        self.wrong(of, "eight hexadecimal digits");
                        None
                    }
                });
                for (key, _) in map.iter().filter(|(key, _)| !["of", "text"].contains(&key.name.as_str())) {
                    let expected = vec!["of".to_owned(), "text".to_owned()];
                    let nearest = nearest(&key.name, ["of", "text"]);
                    self.found
                        .push((key.span.clone(), ProblemKind::UnknownKey { key: key.name.clone(), expected, nearest }));
                }
                match map.iter().find(|(key, _)| key.name == "text").map(|(_, text)| text) {
                    Some(Node { value: Value::Text(text), span }) => self.text(place, span.clone(), text, of),
                    Some(other) => self.wrong(other, "a text"),
                    None => self.found.push((node.span.clone(), ProblemKind::Missing { key: "text".to_owned() })),
                }
            }
            _ => self.wrong(node, "a text"),
        }
    }

    fn text(&mut self, place: &[String], span: Range<usize>, text: &str, of: Option<(String, Range<usize>)>) {
        self.texts.insert(place.to_vec(), Text { span, text: text.to_owned(), of });
    }

    fn wrong(&mut self, node: &Node, expected: &str) {
        let what = ProblemKind::WrongType { expected: expected.to_owned(), found: node.kind().to_owned() };
        self.found.push((node.span.clone(), what));
    }

    /// What may stand below this place.
    fn next_parts(&self, place: &[String]) -> Vec<String> {
        let from = self.originals.range(place.to_vec()..).map(|(one, _)| one);
        let below = from.take_while(|one| one.starts_with(place)).filter(|one| one.len() > place.len());
        let mut parts: Vec<String> = below.map(|one| one[place.len()].clone()).collect();
        parts.sort();
        parts.dedup();
        parts
    }
}

#[cfg(test)]
mod tests;
