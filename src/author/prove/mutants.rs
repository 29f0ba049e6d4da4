//! Other wishes than a goal's: each with one name, mode or state altered, so that the machine that grants the wish should refuse it.
//! Pure: never judges one.

use checkers::Check;
use serde_json::{Map, Value};

/// Another wish.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mutant {
    /// What was altered: `path.mode: "0644" → "0640"`.
    pub(super) what: String,
    /// The wish.
    pub(super) check: Check,
}

/// What says how to look, not what is wished.
const NOT_WISHED: &[&str] = &["as", "time", "remember-id", "shows"];
/// States and modes that take the place of another, by field.
const STATES: &[(&str, &[&str])] = &[
    ("active", &["inactive", "active"]),
    ("entered", &["su", "login"]),
    ("file-state", &["disabled", "enabled"]),
    ("kind", &["directory", "file"]),
    ("load", &["not-found", "loaded"]),
    ("made", &["tied", "new"]),
    ("mode", &["0600", "0640"]),
    ("protocol", &["udp", "tcp"]),
    ("sub", &["dead", "running"]),
];

/// A wish that can be judged at once: what may take time is asked about now.
pub(super) fn now(check: &Check) -> Check {
    match check {
        Check::All(parts) => Check::All(parts.iter().map(now).collect()),
        Check::Any(parts) => Check::Any(parts.iter().map(now).collect()),
        Check::Not(part) => Check::Not(Box::new(now(part))),
        Check::Within(timed) | Check::For(timed) => now(&timed.check),
        single => single.clone(),
    }
}

/// The alternatives of which one is enough: which of them are true has to be known before they are altered.
pub(super) fn alternatives(check: &Check) -> Vec<&Check> {
    match check {
        Check::All(parts) => parts.iter().flat_map(alternatives).collect(),
        Check::Any(parts) => parts.iter().flat_map(|part| std::iter::once(part).chain(alternatives(part))).collect(),
        Check::Within(timed) | Check::For(timed) => alternatives(&timed.check),
        _ => Vec::new(),
    }
}

/// Every wish with one thing altered. An alternative that is true is altered alone, without the others that could save it; one
/// that is not true says nothing and is left out.
pub(super) fn of(check: &Check, is_true: &dyn Fn(&Check) -> bool) -> Vec<Mutant> {
    match check {
        Check::All(parts) => {
            let altered = |nth: usize, part: &Check| {
                let put = move |mutant: Mutant| {
                    let mut parts = parts.clone();
                    parts[nth] = mutant.check;
                    Mutant { check: Check::All(parts), ..mutant }
                };
                of(part, is_true).into_iter().map(put).collect::<Vec<_>>()
            };
            parts.iter().enumerate().flat_map(|(nth, part)| altered(nth, part)).collect()
        }
        Check::Any(parts) => parts.iter().filter(|part| is_true(part)).flat_map(|part| of(part, is_true)).collect(),
        Check::Not(part) => vec![Mutant { what: "without `not`".into(), check: (**part).clone() }],
        Check::Within(timed) | Check::For(timed) => of(&timed.check, is_true),
        single => singles(single),
    }
}

/// Each field of a single check altered.
fn singles(check: &Check) -> Vec<Mutant> {
    let Ok(Value::Object(whole)) = serde_json::to_value(check) else { return Vec::new() };
    let Some((name, Value::Object(fields))) = whole.iter().next() else { return Vec::new() };
    // That a thing is not there is true of every other name too.
    let absent = ["exists", "listening"].into_iter().find(|key| fields.get(*key) == Some(&Value::Bool(false)));
    let wished = fields.iter().filter(|(key, _)| !NOT_WISHED.contains(&key.as_str()));
    let wished = wished.filter(|(key, _)| absent.is_none_or(|absent| absent == key.as_str()));
    wished.filter_map(|(key, value)| altered(check, name, fields, key, value)).collect()
}

fn altered(check: &Check, name: &str, fields: &Map<String, Value>, key: &str, value: &Value) -> Option<Mutant> {
    // Who may not write, may: another account may not write either.
    if key == "not-writable-by" {
        let mut fields = fields.clone();
        let accounts = fields.remove(key)?;
        fields.insert("writable-by".into(), accounts);
        let what = format!("{name}: writable-by in place of {key}");
        return read(name, fields).map(|check| Mutant { what, check });
    }
    others(key, value).into_iter().find_map(|other| {
        let mut fields = fields.clone();
        fields.insert(key.to_owned(), other.clone());
        let mutant = read(name, fields).filter(|mutant| mutant != check)?;
        Some(Mutant { what: format!("{name}.{key}: {value} → {other}"), check: mutant })
    })
}

fn read(name: &str, fields: Map<String, Value>) -> Option<Check> {
    let whole = Map::from_iter([(name.to_owned(), Value::Object(fields))]);
    serde_json::from_value(Value::Object(whole)).ok()
}

/// Other values of the same kind, the one that is tried first in front. Which of them the check can read is for the check to say.
fn others(key: &str, value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(is) => vec![Value::Bool(!is)],
        // At least so many: one more may be there too.
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            [number.saturating_mul(1000).saturating_add(7), number + 1, number - 1].map(Value::from).to_vec()
        }
        Value::String(text) => {
            let named = if text.starts_with(['/', '~']) { format!("{text}-zz") } else { format!("zz-{text}") };
            let states = STATES.iter().find(|(name, _)| *name == key).map_or(&[][..], |(_, states)| states);
            states.iter().map(|state| (*state).to_owned()).chain([named]).map(Value::from).collect()
        }
        // All of them or one of them: neither is so of a text that stands nowhere.
        Value::Array(_) => vec![Value::from(vec!["zz-nowhere"])],
        Value::Object(map) => {
            map.keys().map(|key| Value::Object(Map::from_iter([(key.clone(), "zz-nowhere".into())]))).collect()
        }
        Value::Null => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value) -> Check {
        serde_json::from_value(value).unwrap()
    }

    fn altered(value: Value, is_true: &dyn Fn(&Check) -> bool) -> Vec<String> {
        of(&check(value), is_true).into_iter().map(|mutant| mutant.what).collect()
    }

    #[test]
    fn each_name_mode_and_state_is_altered_in_turn() {
        let path = json!({"path": {"path": "~/a", "as": "lisa", "mode": "0644", "kind": "file", "contains": ["x"]}});
        let told = altered(path, &|_| true);
        let told: Vec<&str> = told.iter().map(String::as_str).collect();
        assert_eq!(
            told,
            [
                r#"path.contains: ["x"] → ["zz-nowhere"]"#,
                "path.exists: true → false",
                r#"path.kind: "file" → "directory""#,
                r#"path.mode: "0644" → "0600""#,
                r#"path.path: "~/a" → "~/a-zz""#,
            ]
        );
        let unit = json!({"unit": {"name": "web.service", "user": "lisa", "active": "inactive", "restarted": true}});
        assert!(altered(unit, &|_| true).contains(&r#"unit.active: "inactive" → "active""#.to_owned()));
    }

    #[test]
    fn what_is_not_there_is_only_wished_to_be_there() {
        let gone = json!({"container": {"account": "lisa", "name": "web", "exists": false}});
        assert_eq!(altered(gone, &|_| true), ["container.exists: false → true"]);
        let not = json!({"not": {"linger": {"account": "lisa"}}});
        assert_eq!(altered(not, &|_| true), ["without `not`"]);
    }

    #[test]
    fn an_alternative_that_is_true_is_altered_without_the_others_and_one_that_is_not_is_left_out() {
        let (linger, session) = (json!({"linger": {"account": "lisa"}}), json!({"session": {"account": "lisa"}}));
        let any = json!({"within": {"time": "9s", "check": {"any": [linger, session]}}});
        let lingers = check(linger);
        let mutants = of(&check(any.clone()), &|part| *part == lingers);
        assert_eq!(mutants.len(), 2, "{mutants:?}");
        assert!(mutants.iter().all(|mutant| matches!(mutant.check, Check::Linger(_))), "{mutants:?}");
        assert_eq!(alternatives(&check(any)).len(), 2);
    }

    #[test]
    fn each_mutant_of_every_example_is_another_wish_that_can_be_read() {
        for (name, page) in Check::PAGES {
            let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
            let check: Check = serde_yaml::from_str(example).unwrap();
            let mutants = of(&check, &|_| true);
            assert!(!mutants.is_empty(), "{name}");
            for mutant in mutants {
                assert!(mutant.check != check && mutant.what.starts_with(*name), "{mutant:?}");
            }
        }
    }
}
