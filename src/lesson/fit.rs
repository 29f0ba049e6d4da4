//! Fits a tree to a Rust type, and goes on after each problem so that all are found at once. Never knows what a lesson is.
//!
//! Serde stops at the first error. So the smallest entry that holds the error is left out and the
//! fitting begins again, until it succeeds or nothing is left. Unknown and duplicate keys need no
//! second round: they are told and passed over.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::Range;

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};

use super::problem::{ProblemKind, expected, line_and_column, nearest};
use super::tree::{Key, Node, Value};

/// The struct name by which [`Placed`](super::document::Placed) asks for its place.
pub(super) const PLACED: &str = "$placed";

/// More problems than this are not told: nobody reads them, and a hostile file could have millions.
pub(crate) const MOST_PROBLEMS: usize = 100;

/// Nodes that all rounds together look at.
const MOST_STEPS: usize = 2_000_000;

/// A map with more keys is looked through by a table.
const SHORT: usize = 16;

/// A problem and its bytes.
pub(crate) type Found = (Range<usize>, ProblemKind);

/// What came of fitting a tree.
pub(crate) struct Fitted<T> {
    /// The value, without what had a problem.
    pub(crate) value: Option<T>,
    pub(crate) found: Vec<Found>,
    /// Keys whose value, or an item of whose list, was left out, with the bytes of the map they stand in.
    pub(crate) lost: Vec<(String, Range<usize>)>,
}

/// Fits the whole tree.
pub(crate) fn fit<T: DeserializeOwned>(tree: &Node, text: &str) -> Fitted<T> {
    fitted(tree, Sheet { text, found: RefCell::default(), left_out: RefCell::default(), filled: false })
}

/// Fits a tree into whose texts values were filled: where a number is wished, a text that is one will do.
pub(crate) fn fit_filled<T: DeserializeOwned>(tree: &Node, text: &str) -> Fitted<T> {
    fitted(tree, Sheet { text, found: RefCell::default(), left_out: RefCell::default(), filled: true })
}

fn fitted<T: DeserializeOwned>(tree: &Node, sheet: Sheet<'_>) -> Fitted<T> {
    // A round goes through the whole tree, so a large one gets fewer: no file takes long, however much is wrong with it.
    let rounds = (MOST_STEPS / tree.size()).clamp(4, MOST_PROBLEMS);
    for _ in 0..=rounds {
        match T::deserialize(Fit { node: tree, sheet: &sheet }) {
            Ok(value) => {
                let mut lost = Vec::new();
                sheet.lost(tree, &mut lost);
                return Fitted { value: Some(value), found: sheet.found.into_inner(), lost };
            }
            Err(misfit) => {
                let span = misfit.span.unwrap_or_else(|| tree.span.clone());
                if !misfit.told {
                    sheet.tell(span, *misfit.kind);
                }
                match misfit.entry {
                    Some(entry) if sheet.left_out.borrow_mut().insert(entry) => {}
                    _ => break,
                }
            }
        }
    }
    let mut found = sheet.found.into_inner();
    if rounds < MOST_PROBLEMS {
        let end = sheet.text.len();
        found.push((end..end, ProblemKind::TooMany { most: found.len() }));
    }
    Fitted { value: None, found, lost: Vec::new() }
}

struct Sheet<'t> {
    text: &'t str,
    found: RefCell<Vec<Found>>,
    /// Nodes by their address: the tree stays where it is while it is fitted.
    left_out: RefCell<BTreeSet<usize>>,
    /// Texts were filled in after the reading, numbers among them.
    filled: bool,
}

impl Sheet<'_> {
    /// More would not be told: what it takes to say it is not looked for either.
    fn is_full(&self) -> bool {
        self.found.borrow().len() > MOST_PROBLEMS
    }
    fn tell(&self, span: Range<usize>, kind: ProblemKind) {
        if self.is_full() {
            return;
        }
        let mut found = self.found.borrow_mut();
        if !found.iter().any(|(at, what)| *at == span && *what == kind) {
            found.push((span, kind));
        }
    }
    fn lost(&self, node: &Node, lost: &mut Vec<(String, Range<usize>)>) {
        match &node.value {
            Value::List(list) => list.iter().for_each(|item| self.lost(item, lost)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    let item_lost =
                        matches!(&value.value, Value::List(list) if list.iter().any(|item| self.is_left_out(item)));
                    if item_lost || self.is_left_out(value) {
                        lost.push((key.name.clone(), node.span.start..node.end()));
                    }
                    self.lost(value, lost);
                }
            }
            _ => {}
        }
    }
    fn is_left_out(&self, node: &Node) -> bool {
        self.left_out.borrow().contains(&address(node))
    }
}

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

/// Why a node does not fit.
#[derive(Debug)]
pub(super) struct Misfit {
    span: Option<Range<usize>>,
    /// Boxed, for it is large and every call here returns it.
    kind: Box<ProblemKind>,
    /// The entry of a list or map that can be left out.
    entry: Option<usize>,
    /// It follows from a problem that was told before.
    told: bool,
}

impl Misfit {
    fn new(kind: ProblemKind) -> Self {
        Self { span: None, kind: Box::new(kind), entry: None, told: false }
    }
    fn wrong_type(node: &Node, expected: impl Display) -> Self {
        let kind = ProblemKind::WrongType { expected: expected.to_string(), found: node.kind().to_owned() };
        Self { span: Some(node.span.clone()), ..Self::new(kind) }
    }
    fn within(mut self, node: &Node) -> Self {
        self.span.get_or_insert_with(|| node.span.clone());
        self
    }
    fn in_entry(mut self, node: &Node) -> Self {
        self.entry.get_or_insert_with(|| address(node));
        self.within(node)
    }
}

impl Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: Display>(why: T) -> Self {
        Self::new(ProblemKind::WrongValue { why: why.to_string() })
    }
    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(ProblemKind::WrongType { expected: wanted(&expected.to_string()), found: seen(found) })
    }
    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }
    fn unknown_variant(name: &str, expected: &'static [&'static str]) -> Self {
        Self::new(ProblemKind::UnknownName {
            name: name.to_owned(),
            expected: expected.iter().map(ToString::to_string).collect(),
            nearest: nearest(name, expected.iter().copied()),
        })
    }
    fn missing_field(key: &'static str) -> Self {
        Self::new(ProblemKind::Missing { key: key.to_owned() })
    }
}

/// What a type wants, in words for somebody who has never seen one.
fn wanted(of_serde: &str) -> String {
    match of_serde {
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "u8" | "usize" => "a whole number, 0 or more",
        "i32" | "i64" => "a whole number",
        "a boolean" => "true or false",
        "newtype variant" => "a map with that key",
        other => other,
    }
    .to_owned()
}

fn seen(found: de::Unexpected<'_>) -> String {
    match found {
        de::Unexpected::Str(text) => format!("the text `{text}`"),
        de::Unexpected::Bool(value) => format!("`{value}`"),
        de::Unexpected::Signed(number) => format!("the number {number}"),
        de::Unexpected::Unsigned(number) => format!("the number {number}"),
        de::Unexpected::Float(number) => format!("the number {number}"),
        de::Unexpected::Unit => "nothing".to_owned(),
        de::Unexpected::UnitVariant => "a single word".to_owned(),
        other => other.to_string(),
    }
}

struct Fit<'a, 't> {
    node: &'a Node,
    sheet: &'a Sheet<'t>,
}

impl<'a, 't> Fit<'a, 't> {
    fn on(&self, node: &'a Node) -> Self {
        Fit { node, sheet: self.sheet }
    }
    fn text(&self, expected: &dyn de::Expected) -> Result<&'a str, Misfit>
    where
        't: 'a,
    {
        match &self.node.value {
            Value::Text(text) => Ok(text),
            // `mode: 0700` and `section: 1` are numbers to YAML; as a text they are what was typed.
            Value::Whole(_) | Value::Float(_) => Ok(self.sheet.text.get(self.node.span.clone()).unwrap_or_default()),
            _ => Err(Misfit::wrong_type(self.node, expected)),
        }
    }
    /// A number: as YAML read it, or as it was filled into a text.
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.value {
            Value::Text(text) if self.sheet.filled => match text.parse() {
                Ok(number) => visitor.visit_u64(number).map_err(|misfit: Misfit| misfit.within(self.node)),
                Err(_) => de::Deserializer::deserialize_any(self, visitor),
            },
            _ => de::Deserializer::deserialize_any(self, visitor),
        }
    }
    /// The entries of a map, with duplicates told and passed over.
    fn entries(&self, expected: &dyn de::Expected) -> Result<Vec<&'a (Key, Node)>, Misfit> {
        let Value::Map(entries) = &self.node.value else {
            return Err(Misfit::wrong_type(self.node, expected));
        };
        let mut seen = std::collections::BTreeMap::new();
        let mut kept = Vec::with_capacity(entries.len());
        for (nth, entry) in entries.iter().enumerate() {
            let (key, value) = entry;
            // A map by hand is short: looking through it is quicker than a table.
            let first = if entries.len() <= SHORT {
                entries[..nth].iter().find(|(before, _)| before.name == key.name).map(|(before, _)| before.span.start)
            } else {
                let first = *seen.entry(key.name.as_str()).or_insert(key.span.start);
                Some(first).filter(|first| *first != key.span.start)
            };
            if let Some(first) = first {
                if !self.sheet.is_full() {
                    let first_line = line_and_column(self.sheet.text, first).0;
                    let what = ProblemKind::DuplicateKey { key: key.name.clone(), first_line };
                    self.sheet.tell(key.span.clone(), what);
                }
            } else if !self.sheet.is_left_out(value) {
                kept.push(entry);
            }
        }
        Ok(kept)
    }
    /// True when this map has an entry of that name that was left out.
    fn lost(&self, name: &str) -> bool {
        match &self.node.value {
            Value::Map(entries) => entries.iter().any(|(key, value)| key.name == name && self.sheet.is_left_out(value)),
            _ => false,
        }
    }
}

impl<'de> de::Deserializer<'de> for Fit<'_, '_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(v) => visitor.visit_bool(*v),
            Value::Whole(v) => match (u64::try_from(*v), i64::try_from(*v)) {
                (Ok(v), _) => visitor.visit_u64(v),
                (_, Ok(v)) => visitor.visit_i64(v),
                _ => visitor.visit_i128(*v),
            },
            Value::Float(v) => visitor.visit_f64(*v),
            Value::Text(v) => visitor.visit_str(v),
            Value::List(_) => return self.deserialize_seq(visitor),
            Value::Map(_) => return self.deserialize_map(visitor),
        }
        .map_err(|misfit: Misfit| misfit.within(self.node))
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let text = self.text(&"a text")?;
        visitor.visit_str(text).map_err(|misfit: Misfit| misfit.within(self.node))
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let Value::List(list) = &self.node.value else {
            return Err(Misfit::wrong_type(self.node, "a list"));
        };
        let items = list.iter().filter(|item| !self.sheet.is_left_out(item)).collect::<Vec<_>>();
        visitor.visit_seq(Items { fit: &self, items: items.into_iter() }).map_err(|misfit| misfit.within(self.node))
    }
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let entries = self.entries(&"a map")?;
        let access = Entries { fit: &self, entries: entries.into_iter(), value: None };
        visitor.visit_map(access).map_err(|misfit| misfit.within(self.node))
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if name == PLACED {
            return visitor.visit_seq(Place { fit: &self, turn: 0 });
        }
        let mut entries = self.entries(&"a map")?;
        entries.retain(|(key, _)| {
            let known = fields.contains(&key.name.as_str());
            if !known && !self.sheet.is_full() {
                let what = ProblemKind::UnknownKey {
                    key: key.name.clone(),
                    expected: expected(fields.iter().copied()),
                    nearest: nearest(&key.name, fields.iter().copied()),
                };
                self.sheet.tell(key.span.clone(), what);
            }
            known
        });
        let access = Entries { fit: &self, entries: entries.into_iter(), value: None };
        visitor.visit_map(access).map_err(|mut misfit: Misfit| {
            if let (None, ProblemKind::Missing { key }) = (&misfit.span, misfit.kind.as_ref()) {
                misfit.told |= self.lost(key);
            }
            misfit.within(self.node)
        })
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if let Value::Text(_) = &self.node.value {
            let word = self.text(&"a word")?;
            let access: de::value::StrDeserializer<'_, Misfit> = word.into_deserializer();
            return visitor.visit_enum(access).map_err(|misfit: Misfit| misfit.within(self.node));
        }
        let Value::Map(entries) = &self.node.value else {
            return Err(Misfit::wrong_type(self.node, "a name, or a map with one key"));
        };
        let [(key, value)] = entries.as_slice() else {
            let found = format!("a map with {} keys", entries.len());
            let what = ProblemKind::WrongType { expected: "a map with one key".to_owned(), found };
            let span = entries.get(1).map_or_else(|| self.node.span.clone(), |(second, _)| second.span.clone());
            return Err(Misfit { span: Some(span), ..Misfit::new(what) });
        };
        visitor.visit_enum(Variant { fit: &self, key, value })
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.number(visitor)
    }
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.number(visitor)
    }
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.number(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

struct Items<'f, 'a, 't> {
    fit: &'f Fit<'a, 't>,
    items: std::vec::IntoIter<&'a Node>,
}

impl<'de> de::SeqAccess<'de> for Items<'_, '_, '_> {
    type Error = Misfit;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(item) = self.items.next() else { return Ok(None) };
        seed.deserialize(self.fit.on(item)).map(Some).map_err(|misfit| misfit.in_entry(item))
    }
}

struct Entries<'f, 'a, 't> {
    fit: &'f Fit<'a, 't>,
    entries: std::vec::IntoIter<&'a (Key, Node)>,
    value: Option<&'a Node>,
}

impl<'de> de::MapAccess<'de> for Entries<'_, '_, '_> {
    type Error = Misfit;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        let name: de::value::StrDeserializer<'_, Misfit> = key.name.as_str().into_deserializer();
        seed.deserialize(name).map(Some).map_err(|mut misfit| {
            misfit.span = Some(key.span.clone());
            misfit.in_entry(value)
        })
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let Some(value) = self.value.take() else { return Err(de::Error::custom("a value before its key")) };
        seed.deserialize(self.fit.on(value)).map_err(|misfit| misfit.in_entry(value))
    }
}

struct Variant<'f, 'a, 't> {
    fit: &'f Fit<'a, 't>,
    key: &'a Key,
    value: &'a Node,
}

impl<'f, 'de, 'a, 't> de::EnumAccess<'de> for Variant<'f, 'a, 't> {
    type Error = Misfit;
    type Variant = Fit<'a, 't>;
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Misfit> {
        let name: de::value::StrDeserializer<'_, Misfit> = self.key.name.as_str().into_deserializer();
        let variant = seed.deserialize(name).map_err(|mut misfit| {
            misfit.span = Some(self.key.span.clone());
            misfit
        })?;
        Ok((variant, self.fit.on(self.value)))
    }
}

impl<'de> de::VariantAccess<'de> for Fit<'_, '_> {
    type Error = Misfit;
    fn unit_variant(self) -> Result<(), Misfit> {
        Err(Misfit::wrong_type(self.node, "a single word"))
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        let node = self.node;
        seed.deserialize(self).map_err(|misfit| misfit.within(node))
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        de::Deserializer::deserialize_seq(self, visitor)
    }
    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        de::Deserializer::deserialize_struct(self, "", fields, visitor)
    }
}

/// The start, the end and the value of a node.
struct Place<'f, 'a, 't> {
    fit: &'f Fit<'a, 't>,
    turn: u8,
}

impl<'de> de::SeqAccess<'de> for Place<'_, '_, '_> {
    type Error = Misfit;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        self.turn += 1;
        let span = &self.fit.node.span;
        match self.turn {
            1 => seed.deserialize((span.start as u64).into_deserializer()).map(Some),
            2 => seed.deserialize((span.end as u64).into_deserializer()).map(Some),
            3 => seed.deserialize(self.fit.on(self.fit.node)).map(Some),
            _ => Ok(None),
        }
    }
}
