//! The files of the catalogue → entries, and all the problems they have, each with its place. Opens no file.

use std::collections::BTreeMap;
use std::sync::Arc;

use checkers::Check;

use super::document::{Document, EntryForm, ProvokeForm, ReleaseName};
use super::model::{Asks, Entry, Provoke};
use super::pattern::{Kind, Pattern};
use super::suspect::DERIVED;
use super::values;
use crate::lesson::Problem;
use crate::lesson::ProblemKind;
use crate::lesson::reading::{
    Found, MOST_BYTES, Node, Placed, Text, Value, fit_filled, hostile_characters, in_order, is_name, manual, nearest,
    parse, place_of,
};

/// Values that every command has.
const ALWAYS: [(&str, &str); 6] = [
    ("me", "conuser1"),
    ("my-uid", "1001"),
    ("my-home", "/home/conuser1"),
    ("my-runtime", "/run/user/1001"),
    ("line", "true"),
    ("program", "true"),
];

/// Reads the text of one file. A file that has a problem has no entries.
pub(super) fn read(file: &str, text: &str, ids: &mut BTreeMap<String, String>) -> (Vec<Entry>, Vec<Problem>) {
    match read_text(file, text, ids) {
        Ok(entries) => (entries, Vec::new()),
        Err(found) => (Vec::new(), in_order(file, text, found)),
    }
}

fn read_text(file: &str, text: &str, ids: &mut BTreeMap<String, String>) -> Result<Vec<Entry>, Vec<Found>> {
    if text.len() > MOST_BYTES {
        return Err(vec![(0..0, ProblemKind::TooLarge { most: MOST_BYTES })]);
    }
    let tree = parse(text).map_err(|no| vec![(no.span, ProblemKind::NotYaml { why: no.why })])?;
    let fitted = fit_filled::<Document>(&tried_out(&tree), text);
    let mut found = fitted.found;
    found.extend(hostile_characters(&tree, text));
    let Some(Document { mistakes: Some(forms) }) = fitted.value else {
        if found.is_empty() {
            found.push((0..0, ProblemKind::Missing { key: "mistakes".into() }));
        }
        return Err(found);
    };
    let source: Arc<str> = text.into();
    let mut entries = Vec::new();
    let count = forms.value.len();
    let starts: Vec<usize> = forms.value.iter().map(|form| form.start).chain([text.len()]).collect();
    for (nth, form) in forms.value.into_iter().enumerate().take(count) {
        let range = starts[nth]..starts[nth + 1];
        // What follows from a problem that is told already is not told again.
        if found.iter().any(|(span, _)| range.contains(&span.start)) {
            continue;
        }
        let mut reading =
            Reading { text, file, ids, found: Vec::new(), kinds: BTreeMap::new(), remembered: Vec::new() };
        let entry = reading.entry(form, node_of(&tree, range.start), &source);
        found.extend(reading.found);
        entries.push(entry);
    }
    if found.is_empty() { Ok(entries) } else { Err(found) }
}

/// The tree with an example in the place of every value in a fact, so that the facts can be read as checks.
fn tried_out(tree: &Node) -> Node {
    let mut tree = tree.clone();
    for entry in entries_mut(&mut tree) {
        let mut names: BTreeMap<String, String> =
            ALWAYS.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let kinds = texts(entry, "messages").filter_map(|message| Pattern::read(&message).ok()).collect::<Vec<_>>();
        for (name, kind) in kinds.iter().flat_map(Pattern::names) {
            names.insert(name.to_owned(), kind.example().to_owned());
            names.insert(format!("{name}.account"), Kind::Account.example().to_owned());
            names.insert(format!("{name}.nearest"), Kind::Unit.example().to_owned());
        }
        for (name, kind) in subjects() {
            names.entry(name.to_owned()).or_insert_with(|| kind.example().to_owned());
        }
        let Value::Map(fields) = &mut entry.value else { continue };
        for (_, facts) in fields.iter_mut().filter(|(key, _)| ["when", "unless"].contains(&key.name.as_str())) {
            let mut fill =
                |text: &str| values::fill(text, &names, values::Place::Words, |name| Some(format!("{{{name}}}")));
            if let Some(filled) = values::in_tree(facts, &mut fill) {
                *facts = filled;
            }
        }
    }
    tree
}

fn subjects() -> [(&'static str, Kind); 5] {
    [
        ("account", Kind::Account),
        ("admin", Kind::Account),
        ("unit", Kind::Unit),
        ("container", Kind::Container),
        ("image", Kind::Image),
    ]
}

fn entries_mut(tree: &mut Node) -> impl Iterator<Item = &mut Node> {
    let fields: &mut [_] = if let Value::Map(fields) = &mut tree.value { fields } else { &mut [] };
    let lists = fields.iter_mut().filter(|(key, _)| key.name == "mistakes").map(|(_, list)| list);
    lists.flat_map(|list| -> &mut [Node] {
        if let Value::List(list) = &mut list.value { list } else { &mut [] }
    })
}

fn field<'n>(entry: &'n Node, name: &str) -> &'n [Node] {
    let Value::Map(fields) = &entry.value else { return &[] };
    match fields.iter().find(|(key, _)| key.name == name).map(|(_, node)| &node.value) {
        Some(Value::List(list)) => list,
        _ => &[],
    }
}

fn texts(entry: &Node, name: &str) -> impl Iterator<Item = String> {
    let texts = field(entry, name).iter().filter_map(|node| match &node.value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    });
    texts.collect::<Vec<_>>().into_iter()
}

fn node_of(tree: &Node, start: usize) -> Option<&Node> {
    let Value::Map(fields) = &tree.value else { return None };
    let list = fields.iter().find(|(key, _)| key.name == "mistakes").map(|(_, list)| &list.value);
    let Some(Value::List(list)) = list else { return None };
    list.iter().find(|entry| entry.span.start == start)
}

/// The names under which a fact remembers something.
fn remembered(fact: &Node, names: &mut Vec<String>) {
    match &fact.value {
        Value::List(list) => list.iter().for_each(|item| remembered(item, names)),
        Value::Map(fields) => {
            for (key, value) in fields {
                match &value.value {
                    Value::Text(name) if key.name.starts_with("remember-") => names.push(name.clone()),
                    _ => remembered(value, names),
                }
            }
        }
        _ => {}
    }
}

struct Reading<'a> {
    text: &'a str,
    file: &'a str,
    ids: &'a mut BTreeMap<String, String>,
    found: Vec<Found>,
    kinds: BTreeMap<String, Kind>,
    /// What the facts are asked to remember: the way out may use it, and a line of it is left out where nothing was.
    remembered: Vec<String>,
}

impl Reading<'_> {
    fn entry(&mut self, form: Placed<EntryForm>, node: Option<&Node>, source: &Arc<str>) -> Entry {
        let (start, form) = (form.start, form.value);
        let id = self.id(&form.id, start);
        let messages = self.messages(&form.messages);
        let (when, unless) = node.map_or((&[][..], &[][..]), |node| (field(node, "when"), field(node, "unless")));
        self.silence(&form, start);
        self.proof(&form, start);
        let title = self.one_line("title", &form.title, start);
        let why = self.some_text("why", &form.why, start);
        if form.fix.is_empty() {
            self.missing("fix", start);
        }
        let asks: Vec<Asks> = form.asks.iter().map(|ask| ask.value).collect();
        for (text, span) in [(&form.title, start..start), (&form.why, start..start)] {
            if let Some(text) = text {
                self.values(&text.value, text.span(), &asks);
            } else {
                self.values("", span, &asks);
            }
        }
        when.iter().for_each(|fact| remembered(fact, &mut self.remembered));
        self.remembered.extend(DERIVED.map(str::to_owned));
        for line in &form.fix {
            self.values(&line.value, line.span(), &asks);
        }
        self.remembered.clear();
        for fact in when.iter().chain(unless) {
            self.facts(fact, &asks);
        }
        for check in form.when.iter().chain(&form.unless) {
            self.check(&check.value, check.span());
        }
        if let Some(entry) = &form.manual {
            let of = &entry.value;
            for (key, value) in
                [("page", &of.page), ("section", &of.section), ("entry", &of.entry), ("otherwise", &of.otherwise)]
            {
                self.some_text(key, value, entry.start);
            }
        }
        Entry {
            id,
            title,
            programs: form.programs,
            status: form.status,
            why: why.trim_end().to_owned(),
            fix: form.fix.into_iter().map(|line| line.value.trim_end().to_owned()).collect(),
            manual: form.manual.map(|entry| manual(entry.value)),
            link: form.link.map(|link| link.value),
            asks,
            half_done: form.half_done,
            provoke: form.provoke.map(|provoke| self::provoke(provoke.value)),
            documented: form.documented.map(|place| place.value),
            samples: form.samples.into_iter().map(|sample| sample.value).collect(),
            messages,
            when: when.to_vec(),
            unless: unless.to_vec(),
            kinds: std::mem::take(&mut self.kinds),
            source: Arc::clone(source),
        }
    }

    fn id(&mut self, id: &Text, start: usize) -> String {
        let Some(id) = id else {
            self.missing("id", start);
            return String::new();
        };
        if !is_name(&id.value) {
            self.found.push((id.span(), ProblemKind::BadId { id: id.value.clone() }));
        }
        if let Some(file) = self.ids.insert(id.value.clone(), self.file.to_owned()) {
            let why = format!("the id `{}` stands in {file} already", id.value);
            self.found.push((id.span(), ProblemKind::WrongValue { why }));
        }
        id.value.clone()
    }

    fn messages(&mut self, messages: &[Placed<String>]) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for message in messages {
            match Pattern::read(&message.value) {
                Ok(pattern) => {
                    for (name, kind) in pattern.names() {
                        self.kinds.insert(name.to_owned(), kind);
                    }
                    patterns.push(pattern);
                }
                Err(why) => {
                    let pattern = message.value.clone();
                    self.wrong(message.span(), format!("`{pattern}` is no pattern: {why}"));
                }
            }
        }
        patterns
    }

    /// A mistake with no message rests on facts alone; names are tried for such a one only.
    fn silence(&mut self, form: &EntryForm, start: usize) {
        if form.messages.is_empty() && form.when.is_empty() {
            self.wrong(start..start, "neither messages nor facts: it would never be found".into());
        }
        if let (Some(ask), false) = (form.asks.first(), form.messages.is_empty()) {
            self.wrong(ask.span(), "`asks` is for mistakes without a message".into());
        }
        if form.half_done && !form.messages.is_empty() {
            self.wrong(start..start, "`half-done` is for mistakes without a message".into());
        }
    }

    /// A message was seen on a real machine, or stands somewhere.
    fn proof(&mut self, form: &EntryForm, start: usize) {
        match (&form.provoke, &form.documented) {
            (None, None) => self.missing("provoke", start),
            (Some(provoke), _) if provoke.value.typed.is_none() => self.missing("typed", provoke.start),
            (None, Some(_)) if form.samples.is_empty() && !form.messages.is_empty() => self.missing("samples", start),
            _ => {}
        }
    }

    /// Every value that a text uses is one that it can have.
    fn values(&mut self, text: &str, span: std::ops::Range<usize>, asks: &[Asks]) {
        for (_, name) in values::used(text) {
            if !self.has(name, asks) {
                let place = place_of(self.text, span.clone(), &format!("{{{name}}}"));
                let expected = self.expected(asks);
                let nearest = nearest(name, expected.iter().map(String::as_str));
                self.found.push((place, ProblemKind::UnknownName { name: name.to_owned(), expected, nearest }));
            }
        }
    }

    fn has(&self, name: &str, asks: &[Asks]) -> bool {
        match name.split_once('.') {
            Some((name, "account")) => self.kinds.get(name) == Some(&Kind::Uid),
            Some((name, "nearest")) => {
                let has = [Kind::Unit, Kind::Account, Kind::Program, Kind::Verb];
                self.kinds.get(name).is_some_and(|kind| has.contains(kind))
            }
            Some(_) => false,
            None => self.expected(asks).iter().any(|known| known == name),
        }
    }

    fn expected(&self, asks: &[Asks]) -> Vec<String> {
        let asked = |ask: &Asks| match ask {
            Asks::Account => "account",
            Asks::Admin => "admin",
            Asks::Unit => "unit",
            Asks::Container => "container",
            Asks::Image => "image",
        };
        let always = ALWAYS.iter().map(|(name, _)| *name).chain(asks.iter().map(asked));
        always.map(str::to_owned).chain(self.kinds.keys().cloned()).chain(self.remembered.iter().cloned()).collect()
    }

    fn facts(&mut self, node: &Node, asks: &[Asks]) {
        match &node.value {
            // `{uid}` in a path is the check's own.
            Value::Text(text) => self.values(&text.replace("{uid}", ""), node.span.clone(), asks),
            Value::List(list) => list.iter().for_each(|item| self.facts(item, asks)),
            Value::Map(entries) => entries.iter().for_each(|(_, value)| self.facts(value, asks)),
            _ => {}
        }
    }

    fn check(&mut self, check: &Check, span: std::ops::Range<usize>) {
        match check {
            Check::All(parts) | Check::Any(parts) => parts.iter().for_each(|part| self.check(part, span.clone())),
            Check::Not(part) => self.check(part, span),
            Check::Within(timed) | Check::For(timed) => self.check(&timed.check, span),
            Check::Program(_) => self.wrong(span, "a mistake runs no program".into()),
            Check::Path(path) => {
                for pattern in &path.matches {
                    if let Err(error) = regex::RegexBuilder::new(pattern).size_limit(1 << 20).build() {
                        let why = error.to_string().lines().last().unwrap_or_default().to_owned();
                        self.found.push((span.clone(), ProblemKind::BadPattern { pattern: pattern.clone(), why }));
                    }
                }
            }
            _ => {}
        }
    }

    fn some_text(&mut self, key: &str, text: &Text, start: usize) -> String {
        match text {
            None => self.missing(key, start),
            Some(text) if text.value.trim().is_empty() => {
                self.found.push((text.span(), ProblemKind::Empty { key: key.to_owned() }));
            }
            Some(text) => return text.value.clone(),
        }
        String::new()
    }

    fn one_line(&mut self, key: &str, text: &Text, start: usize) -> String {
        let value = self.some_text(key, text, start);
        if value.trim_end().contains('\n') {
            let span = text.as_ref().map_or(start..start, Placed::span);
            self.found.push((span, ProblemKind::NotOneLine { key: key.to_owned() }));
        }
        value.trim_end().to_owned()
    }

    fn missing(&mut self, key: &str, start: usize) {
        self.found.push((start..start, ProblemKind::Missing { key: key.to_owned() }));
    }

    fn wrong(&mut self, span: std::ops::Range<usize>, why: String) {
        self.found.push((span, ProblemKind::WrongValue { why }));
    }
}

fn provoke(form: ProvokeForm) -> Provoke {
    let all = [ReleaseName::Bullseye, ReleaseName::Bookworm, ReleaseName::Trixie, ReleaseName::Forky];
    let on: Vec<ReleaseName> = form.on.iter().map(|name| name.value).collect();
    let on = if on.is_empty() { all.to_vec() } else { on };
    Provoke {
        given: form.given,
        typed: form.typed.map(|line| line.value).unwrap_or_default(),
        after: form.after,
        on: on.into_iter().map(|name| name.name().to_owned()).collect(),
    }
}
