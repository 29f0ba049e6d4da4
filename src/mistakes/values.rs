//! Values in braces: which ones a text uses, and the text with them filled in. Knows nothing of what they mean.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::lesson::reading::{Node, Value, is_name};

/// Values by name.
pub(super) type Values = BTreeMap<String, String>;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a sentence, or in a check.
    Words,
    /// In a command: quoted where a shell would read it otherwise.
    Command,
}

/// The names that a text uses, with their places, braces included.
pub(super) fn used(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('{').map(|open| at + open) {
        // `{{.Names}}` is podman's, `${x}` the shell's.
        if text[..open].ends_with('$') || text[open + 1..].starts_with('{') {
            at = text[open..].find('}').map_or(text.len(), |close| open + close + 1);
            continue;
        }
        let Some(close) = text[open..].find('}').map(|close| open + close) else { break };
        let name = &text[open + 1..close];
        if name.split('.').all(is_name) && name.matches('.').count() < 2 {
            found.push((open..close + 1, name));
            at = close + 1;
        } else {
            at = open + 1;
        }
    }
    found
}

/// The text with every value in its place; the names that have none are given to `missing`, whose answer stands instead.
pub(super) fn fill(
    text: &str,
    values: &Values,
    place: Place,
    mut missing: impl FnMut(&str) -> Option<String>,
) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (range, name) in used(text) {
        out.push_str(&text[from..range.start]);
        match values.get(name) {
            Some(value) if place == Place::Command && name != "line" => out.push_str(&quoted(value)),
            Some(value) => out.push_str(value),
            None => out.push_str(&missing(name)?),
        }
        from = range.end;
    }
    out.push_str(&text[from..]);
    Some(out)
}

/// What came from a program's output is one word of a command and nothing else.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:@%+,~".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

/// Every text of a tree changed so; none where one of them cannot be.
pub(super) fn in_tree(node: &Node, change: &mut dyn FnMut(&str) -> Option<String>) -> Option<Node> {
    let value = match &node.value {
        Value::Text(text) => Value::Text(change(text)?),
        Value::List(list) => Value::List(list.iter().map(|item| in_tree(item, change)).collect::<Option<_>>()?),
        Value::Map(entries) => {
            let entry =
                |(key, value): &(_, Node)| Some((crate::lesson::reading::Key::clone(key), in_tree(value, change)?));
            Value::Map(entries.iter().map(entry).collect::<Option<_>>()?)
        }
        other => other.clone(),
    };
    Some(Node { span: node.span.clone(), value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_in_single_braces_are_values() {
        let text = "a {me} b {{.Names}} ${x} {A} {a,b} {owner.account} {a.b.c} {open";
        let names: Vec<_> = used(text).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["me", "owner.account"]);
    }

    #[test]
    fn a_value_in_a_command_is_one_word() {
        let values = Values::from([("x".into(), "a; rm -rf ~".into()), ("y".into(), "web-1".into())]);
        let fill = |place| fill("podman rm {x} {y} {z}", &values, place, |name| Some(format!("<{name}>"))).unwrap();
        assert_eq!(fill(Place::Command), "podman rm 'a; rm -rf ~' web-1 <z>");
        assert_eq!(fill(Place::Words), "podman rm a; rm -rf ~ web-1 <z>");
    }
}
