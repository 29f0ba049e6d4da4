//! A wish in a few words, from its own keys. Looks at nothing.

use serde_json::Value;

use crate::catalogue::Check;

/// Keys that say what a wish is about, the first that there is; then whose it is.
const SUBJECTS: [&str; 8] = ["name", "path", "run", "file", "key", "url", "at", "number"];
const OWNERS: [&str; 3] = ["account", "user", "as"];
/// Keys whose values are for programs to read.
const PATTERNS: [&str; 2] = ["output", "matches"];

/// `container web1 of conuser1, running`.
pub(super) fn wish(check: &Check) -> String {
    let all = |parts: &[Check], between: &str| parts.iter().map(wish).collect::<Vec<_>>().join(between);
    match check {
        Check::All(parts) => all(parts, "; "),
        Check::Any(parts) => all(parts, " or "),
        Check::Not(inner) => format!("not: {}", wish(inner)),
        Check::Within(timed) | Check::For(timed) => wish(&timed.check),
        single => serde_json::to_value(single).ok().as_ref().and_then(of_single).unwrap_or_default(),
    }
}

fn of_single(tagged: &Value) -> Option<String> {
    let (kind, keys) = tagged.as_object()?.iter().next()?;
    let keys = keys.as_object()?;
    let text = |name: &str| keys.get(name).and_then(plain);
    let mut said = kind.replace('-', " ");
    let subject = SUBJECTS.iter().find(|name| keys.contains_key(**name));
    let owner = OWNERS.iter().find(|name| keys.contains_key(**name));
    if let Some(subject) = subject.and_then(|name| text(name)) {
        said.push_str(&format!(" {subject}"));
    }
    if let Some(owner) = owner.and_then(|name| text(name)) {
        said.push_str(&format!(" of {owner}"));
    }
    // What it shows, in words, speaks for the patterns.
    let shows = text("shows");
    for (name, value) in
        keys.iter().filter(|(name, _)| subject != Some(&name.as_str()) && owner != Some(&name.as_str()))
    {
        let name_said = name.replace('-', " ");
        let more = match value {
            _ if name == "shows" => format!("output that shows {}", shows.clone().unwrap_or_default()),
            _ if PATTERNS.contains(&name.as_str()) && shows.is_some() => continue,
            _ if PATTERNS.contains(&name.as_str()) => {
                format!("with such {}", if name == "output" { "output" } else { "text" })
            }
            Value::Bool(true) if name == "exists" => continue,
            Value::Bool(true) => name_said,
            Value::Bool(false) => format!("not {name_said}"),
            other => format!("{name_said} {}", plain(other)?),
        };
        said.push_str(&format!(", {more}"));
    }
    Some(said)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(list) => Some(list.iter().filter_map(plain).collect::<Vec<_>>().join(" ")),
        Value::Bool(yes) => Some(yes.to_string()),
        _ => Some(String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_said_in_a_few_words() {
        for (json, said) in [
            (
                r#"{"container":{"account":"conuser1","name":"web1","running":true}}"#,
                "container web1 of conuser1, running",
            ),
            (r#"{"path":{"path":"~/x","as":"lisa","exists":false}}"#, "path ~/x of lisa, not exists"),
            (r#"{"command":{"run":"podman ps","output":["a|b"]}}"#, "command podman ps, with such output"),
            (
                r#"{"command":{"run":"podman ps","output":["a|b"],"shows":"web1"}}"#,
                "command podman ps, output that shows web1",
            ),
            (
                r#"{"any":[{"linger":{"account":"lisa"}},{"port":{"number":80,"listening":false}}]}"#,
                "linger of lisa, enabled or port 80, not listening, protocol tcp",
            ),
        ] {
            let check: Check = serde_json::from_str(json).unwrap();
            assert_eq!(wish(&check), said);
        }
    }
}
