//! A lesson's YAML as a tree in which every key and value knows its bytes. Never knows what a lesson is.

use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{DuplicateKeyPolicy, Spanned};

/// The longest file that is read, in bytes.
pub(crate) const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

impl Node {
    /// Where its last part ends. The span of a block map or list itself is empty.
    pub(crate) fn end(&self) -> usize {
        let last = match &self.value {
            Value::List(list) => list.last(),
            Value::Map(entries) => entries.last().map(|(_, value)| value),
            _ => None,
        };
        last.map_or(0, Node::end).max(self.span.end)
    }
    /// How many nodes it has, itself included.
    pub(crate) fn size(&self) -> usize {
        let below: usize = match &self.value {
            Value::List(list) => list.iter().map(Node::size).sum(),
            Value::Map(entries) => entries.iter().map(|(_, value)| value.size()).sum(),
            _ => 0,
        };
        below + 1
    }
    /// What kind of thing it is, in the words of the file's author.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Whole(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}

/// What YAML can say. A map keeps its entries in the file's order, duplicates included.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Whole(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) span: Range<usize>,
    pub(crate) name: String,
}

/// Why there is no tree.
#[derive(Debug)]
pub(crate) struct NoTree {
    pub(crate) span: Range<usize>,
    pub(crate) why: String,
}

/// Reads one YAML document. What a lesson of ten thousand steps can need is allowed; aliases are few and can never multiply.
pub(crate) fn parse(text: &str) -> Result<Node, NoTree> {
    let options = serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_documents: 1,
            max_depth: 32,
            max_nodes: 400_000,
            max_events: 1_000_000,
            max_aliases: 50,
            max_anchors: 50,
            max_merge_keys: 0,
            max_total_scalar_bytes: MOST_BYTES,
        },
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: 5_000, max_replay_stack_depth: 4 },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    match serde_yaml::from_str_with_options::<Spanned<Value>>(text, options) {
        Ok(root) => Ok(Node::from(root)),
        Err(error) => {
            let start = error.location().map_or(0, |place| byte_of(text, place.line(), place.column()));
            Err(NoTree { span: start..start, why: first_line(&error.without_snippet().to_string()) })
        }
    }
}

/// The byte of a line and a column (in characters), both counted from 1. Errors of the syntax know no bytes.
fn byte_of(text: &str, line: u64, column: u64) -> usize {
    let counted = |n: u64| usize::try_from(n.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut before = 0;
    for (number, content) in text.split_inclusive('\n').enumerate() {
        if number == counted(line) {
            let within = content.char_indices().nth(counted(column)).map_or(content.trim_end().len(), |(at, _)| at);
            return before + within;
        }
        before += content.len();
    }
    text.len()
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().trim().to_owned()
}

fn bytes(location: &serde_yaml::Location) -> Range<usize> {
    let span = location.span();
    let start = span.byte_offset().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let len = span.byte_len().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    start..start.saturating_add(len)
}

impl From<Spanned<Value>> for Node {
    fn from(spanned: Spanned<Value>) -> Self {
        Self { span: bytes(&spanned.referenced), value: spanned.value }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Whole(v.into()))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(Value::Whole(v.into()))
    }
    fn visit_i128<E>(self, v: i128) -> Result<Value, E> {
        Ok(Value::Whole(v))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(Value::Float(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::Text(v.to_owned()))
    }
    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::Text(v))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element::<Spanned<Value>>()? {
            list.push(item.into());
        }
        // Most are short, and a list that grows makes room for more than it has.
        list.shrink_to_fit();
        Ok(Value::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let key = Key { span: bytes(&key.referenced), name: key.value };
            entries.push((key, map.next_value::<Spanned<Value>>()?.into()));
        }
        entries.shrink_to_fit();
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(node: &Node, text: &str, seen: &mut Vec<String>) {
        match &node.value {
            Value::List(list) => list.iter().for_each(|item| pieces(item, text, seen)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    seen.push(format!("{}:", &text[key.span.clone()]));
                    pieces(value, text, seen);
                }
            }
            _ => seen.push(text[node.span.clone()].to_owned()),
        }
    }

    #[test]
    fn every_key_and_value_knows_its_bytes() {
        let text = "ä: 1\nb:\n  - x y\n  - c: \"q\"\ne: {f: [g, 010]}\nä: no\n";
        let mut seen = Vec::new();
        pieces(&parse(text).unwrap(), text, &mut seen);
        assert_eq!(seen, ["ä:", "1", "b:", "x y", "c:", "\"q\"", "e:", "f:", "g", "010", "ä:", "no"]);
    }

    #[test]
    fn a_bomb_a_well_and_a_flood_are_refused_at_once() {
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                    d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
        for hostile in [bomb.to_owned(), "[".repeat(100_000), "- a\n".repeat(500_000), "&a ".repeat(100_000)] {
            // Its own processor time: a busy machine is not the lesson's fault.
            let spent = || nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap();
            let began = spent();
            assert!(parse(&hostile).is_err());
            let took = spent() - began;
            // Code that is not optimised; `tests/lint/limits.rs` holds what learners run to a second.
            assert!(took.tv_sec() < 5, "took {took}");
        }
    }
}
