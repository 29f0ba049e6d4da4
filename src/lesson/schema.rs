//! The JSON Schema (2020-12) of `lesson.yaml`, made from the types that read it. Holds no list of keys of its own.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::document::Document;

/// Where the schema says it stands; editors are told a path instead.
const ID: &str = "https://github.com/rootless-lab/rootless-lab/lesson.schema.json";

/// The schema, with the documentation of every key.
pub fn schema() -> Value {
    let mut schema = schema_of::<Document>(ID, "A lesson for rootless-lab");
    // A place in a man page has a summary where it is shown; as a condition of a way it needs none.
    if let Some(items) = schema.pointer_mut("/$defs/Step/properties/manual/items") {
        *items = json!({"allOf": [items.take(), {"required": ["otherwise"], "properties": {"otherwise": {"pattern": r"\S"}}}]});
    }
    schema
}

/// The schema of a form that is read as lessons are.
pub(crate) fn schema_of<D: JsonSchema>(id: &str, title: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<D>().to_value();
    as_read(&mut schema);
    if let Value::Object(root) = &mut schema {
        root.insert("$id".to_owned(), json!(id));
        root.insert("title".to_owned(), json!(title));
    }
    words_of_the_checks(&mut schema);
    schema
}

/// Brings the generator's reading of the types in line with the reader's: no nulls, numbers where a text stands, whole numbers with their
/// bounds.
fn as_read(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(as_read),
        Value::Object(map) => {
            without_null(map);
            numbers(map);
            map.values_mut().for_each(as_read);
        }
        _ => {}
    }
}

fn without_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|one| one != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            map.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(any)) = map.get_mut("anyOf") {
        any.retain(|one| one.get("type") != Some(&json!("null")));
        if let [Value::Object(one)] = any.as_slice() {
            let one = one.clone();
            map.remove("anyOf");
            for (key, value) in one {
                map.entry(key).or_insert(value);
            }
        }
    }
    if map.get("default") == Some(&Value::Null) {
        map.remove("default");
    }
}

fn numbers(map: &mut Map<String, Value>) {
    let plain = !["enum", "const", "format"].iter().any(|key| map.contains_key(*key));
    let strict = [super::document::ID, "^[0-9]{1,12}(ms|s|m)$"];
    let is_strict = map.get("pattern").and_then(Value::as_str).is_some_and(|pattern| strict.contains(&pattern));
    if map.get("type") == Some(&json!("string")) && plain && !is_strict {
        map.insert("type".to_owned(), json!(["string", "number"]));
    }
    // The generator's `ip` is known to no validator.
    if map.get("format") == Some(&json!("ip")) {
        map.remove("format");
        map.insert("anyOf".to_owned(), json!([{"format": "ipv4"}, {"format": "ipv6"}]));
    }
    let bounds = match map.get("format").and_then(Value::as_str) {
        Some("uint16") => Some((0, i64::from(u16::MAX))),
        Some("uint32") => Some((0, i64::from(u32::MAX))),
        Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        _ => None,
    };
    if let Some((least, most)) = bounds {
        // A form may say narrower ones.
        map.entry("minimum").or_insert_with(|| json!(least));
        map.entry("maximum").or_insert_with(|| json!(most));
        map.remove("format");
    }
}

/// The words about each combination stand at its variant, those about a check at its own definition; editors show what stands at the name.
fn words_of_the_checks(schema: &mut Value) {
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    let Some(Value::Array(checks)) = schema.pointer_mut("/$defs/Check/oneOf") else { return };
    for check in checks {
        let own = check.as_object_mut().and_then(|check| check.remove("description"));
        let Some(Value::Object(properties)) = check.get_mut("properties") else { continue };
        for (name, property) in properties {
            let target = property.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix("#/$defs/"));
            let words =
                target.filter(|to| *to != "Check" && *to != "Timed").and_then(|to| definitions[to].get("description"));
            let words = words.or(own.as_ref()).and_then(Value::as_str).unwrap_or_default();
            let words = format!("{words}\n\nSee `rootless-lab checks {name}`.");
            if let Value::Object(property) = property {
                property.insert("description".to_owned(), json!(words));
            }
        }
    }
}
