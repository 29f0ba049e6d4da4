//! The schema against the reader, with a validator as oracle, and against the language server that editors run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use proptest::prelude::*;
use rootless_lab::lesson::{ProblemKind, read, schema};
use serde_json::{Map, Value, json};

static SCHEMA: LazyLock<Value> = LazyLock::new(schema);
static ORACLE: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::draft202012::options().should_validate_formats(true).build(&SCHEMA).unwrap());

const WHOLE: &str = include_str!("lessons/whole/lesson.yaml");

/// A document drawn from the schema's own shape, one choice after the other; when the choices are used up the first of each is taken.
struct Draw<'a> {
    choices: std::slice::Iter<'a, u32>,
}

impl Draw<'_> {
    fn below(&mut self, end: usize) -> usize {
        self.choices.next().map_or(0, |choice| *choice as usize % end.max(1))
    }

    fn one_in(&mut self, many: usize) -> bool {
        many > 0 && self.below(many) == many - 1
    }

    fn value(&mut self, schema: &Value, depth: usize) -> Value {
        // A slip of the author's now and then: another kind of thing.
        if self.one_in(60) {
            let others = [
                json!(null),
                json!(true),
                json!(7),
                json!("x"),
                json!([]),
                json!({}),
                json!(["a"]),
                json!({"a": "b"}),
                json!(-1),
            ];
            return others[self.below(others.len())].clone();
        }
        if let Some(to) = schema.get("$ref").and_then(Value::as_str) {
            let target = SCHEMA.pointer(to.trim_start_matches('#')).unwrap();
            return self.value(target, depth + 1);
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.value(&parts[0], depth);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(parts) = schema.get(key).and_then(Value::as_array).filter(|_| schema.get("type").is_none()) {
                // Deep down only what does not go deeper.
                let leaf =
                    |part: &&Value| !part.to_string().contains("/Check\"") && !part.to_string().contains("/Timed\"");
                let parts: Vec<&Value> = parts.iter().filter(|part| depth < 12 || leaf(part)).collect();
                let part = parts[self.below(parts.len())];
                return self.value(part, depth + 1);
            }
        }
        if let Some(one) = schema.get("const") {
            return one.clone();
        }
        if let Some(list) = schema.get("enum").and_then(Value::as_array) {
            return list[self.below(list.len())].clone();
        }
        let of_type = match &schema["type"] {
            Value::String(one) => one.clone(),
            Value::Array(several) => several[usize::from(self.one_in(12)) % several.len()].as_str().unwrap().to_owned(),
            _ => "string".to_owned(),
        };
        match of_type.as_str() {
            "object" => self.map(schema, depth),
            "array" => {
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0) as usize;
                let length = if self.one_in(25) { self.below(2) } else { least + self.below(2) };
                (0..length).map(|_| self.value(&schema["items"], depth + 1)).collect()
            }
            "boolean" => json!(self.below(2) == 1),
            "integer" => json!([1_i64, 0, 80, 65_536, 5_000_000_000, -1][self.below(6)]),
            "number" => [json!(4), json!(250), json!(4.5), json!(-3), json!(20_000)][self.below(5)].clone(),
            _ => self.text(schema),
        }
    }

    fn text(&mut self, schema: &Value) -> Value {
        const FITTING: &[&str] =
            &["anna", "web-1", "10s", "4.4", "250", "127.0.0.1", "::1", "~/x/y", "one line", "0640"];
        const OTHERS: &[&str] =
            &["", " ", "two\nlines", "end\n", "A b", "10 s", "v4", "1.2.3.4.5", "{{.Names}}", "\n x", "é", "true", "7"];
        let pattern = schema.get("pattern").and_then(Value::as_str).map(|pattern| regex::Regex::new(pattern).unwrap());
        if self.one_in(20) {
            return json!(OTHERS[self.below(OTHERS.len())]);
        }
        let fitting: Vec<&str> = FITTING
            .iter()
            .copied()
            .filter(|text| pattern.as_ref().is_none_or(|pattern| pattern.is_match(text)))
            .collect();
        json!(fitting[self.below(fitting.len())])
    }

    fn map(&mut self, schema: &Value, depth: usize) -> Value {
        let mut map = Map::new();
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let wanted = if required.contains(&name.as_str()) { !self.one_in(40) } else { self.one_in(3) };
            if wanted {
                let name = if self.one_in(80) { format!("{name}x") } else { name.clone() };
                map.insert(name, self.value(property, depth + 1));
            }
        }
        if let Some(items) = schema.get("additionalProperties").filter(|items| items.is_object()) {
            for name in ["one", "two", "Three x"].iter().take(self.below(4)) {
                map.insert((*name).to_owned(), self.value(items, depth + 1));
            }
        }
        Value::Object(map)
    }
}

/// Problems of the form, which a schema can express. The others need the whole lesson: that an account is declared, say.
fn is_of_the_form(what: &ProblemKind) -> bool {
    use ProblemKind::{
        BadId, Empty, Format, Missing, NotOneLine, TooFew, UnknownKey, UnknownName, WrongType, WrongValue,
    };
    matches!(
        what,
        BadId { .. }
            | Empty { .. }
            | Format { .. }
            | Missing { .. }
            | NotOneLine { .. }
            | TooFew { .. }
            | UnknownKey { .. }
            | UnknownName { .. }
            | WrongType { .. }
            | WrongValue { .. }
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_schema_and_the_reader_agree_about_any_document(choices in prop::collection::vec(any::<u32>(), 0..600)) {
        let document = Draw { choices: choices.iter() }.value(&SCHEMA, 0);
        // JSON is YAML.
        let text = serde_json::to_string(&document).unwrap();
        let (_, problems) = read("lessons/drawn/lesson.yaml", &text);
        let found: Vec<_> = problems.iter().map(|problem| &problem.what).filter(|what| is_of_the_form(what)).collect();
        let yaml = problems.iter().any(|problem| matches!(problem.what, ProblemKind::NotYaml { .. }));
        prop_assert!(!yaml, "{problems:?} {text}");
        let refused: Vec<String> = ORACLE.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        prop_assert_eq!(found.is_empty(), refused.is_empty(), "the reader: {:?}\nthe schema: {:?}\n{}", found, refused, text);
    }
}

#[test]
fn documents_are_drawn_on_both_sides_of_the_line() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let choices = prop::collection::vec(any::<u32>(), 0..600);
    let (mut right, mut wrong) = (0, 0);
    for _ in 0..300 {
        let choices = proptest::strategy::ValueTree::current(&choices.new_tree(&mut runner).unwrap());
        let document = Draw { choices: choices.iter() }.value(&SCHEMA, 0);
        if ORACLE.is_valid(&document) { right += 1 } else { wrong += 1 }
    }
    assert!(right > 20 && wrong > 20, "{right} right, {wrong} wrong");
}

#[test]
fn lessons_of_this_house_fit_the_schema() {
    for text in [WHOLE, include_str!("../lessons/rootless-containers/lesson.yaml")] {
        let document: Value = serde_yaml::from_str(text).unwrap();
        let refused: Vec<String> =
            ORACLE.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(refused.is_empty(), "{refused:#?}");
    }
}

#[test]
fn every_key_of_the_schema_is_documented() {
    let mut bare = Vec::new();
    let mut open = vec![(String::new(), &*SCHEMA)];
    let mut keys = 0;
    while let Some((place, value)) = open.pop() {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                keys += 1;
                let inner = property.get("pattern").is_some() && place.contains("allOf");
                let words = property.get("description").and_then(Value::as_str).unwrap_or_default();
                if (words.is_empty() && !inner) || words.contains("](crate") {
                    bare.push(format!("{place}/{name}"));
                }
            }
        }
        match value {
            Value::Object(map) => open.extend(map.iter().map(|(key, value)| (format!("{place}/{key}"), value))),
            Value::Array(list) => {
                open.extend(list.iter().enumerate().map(|(at, value)| (format!("{place}/{at}"), value)))
            }
            _ => {}
        }
    }
    assert!(keys > 100, "{keys}");
    assert!(bare.is_empty(), "{bare:#?}");
}

/// The version is fixed, so that a new one is tried on purpose.
const SERVER: &str = "yaml-language-server@2.0.0";

/// The server's file, installed by npm into a folder outside of the checkout; the reason where there is none.
fn server() -> Result<PathBuf, String> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache"))).ok_or("no home")?;
    let folder = cache.join("rootless-lab/tools").join(SERVER);
    let file = folder.join("node_modules/yaml-language-server/bin/yaml-language-server");
    if !file.exists() {
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-fund", "--no-audit", "--prefix"]).arg(&folder).arg(SERVER);
        let output = npm.stdin(Stdio::null()).output().map_err(|error| format!("npm cannot be run: {error}"))?;
        if !output.status.success() {
            return Err(format!("npm cannot install {SERVER}: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
    }
    Ok(file)
}

/// An editor, as the server sees one.
struct Editor {
    server: std::process::Child,
    news: Receiver<Value>,
    last: i64,
}

impl Editor {
    fn open(server: &Path) -> Self {
        let mut server = Command::new("node")
            .arg(server)
            .arg("--stdio")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(server.stdout.take().unwrap());
        let (sender, news) = channel();
        std::thread::spawn(move || {
            while let Some(message) = message(&mut out) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut editor = Self { server, news, last: 0 };
        editor.ask("initialize", json!({"processId": null, "rootUri": null, "capabilities": {}}));
        editor.say(json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}));
        let settings =
            json!({"yaml": {"validate": true, "completion": true, "hover": true, "schemaStore": {"enable": false}}});
        editor.say(
            json!({"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration", "params": {"settings": settings}}),
        );
        editor
    }

    fn say(&mut self, message: Value) {
        let text = message.to_string();
        let input = self.server.stdin.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    /// The first message for which `of` has something, within a minute. What the server asks meanwhile is answered with nothing.
    fn hear<T>(&mut self, of: impl Fn(&Value) -> Option<T>) -> T {
        loop {
            let message =
                self.news.recv_timeout(Duration::from_secs(60)).expect("the server says nothing for a minute");
            if let Some(heard) = of(&message) {
                return heard;
            }
            if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
                let items = message["params"]["items"].as_array().map_or(0, Vec::len);
                let answer = json!({"jsonrpc": "2.0", "id": id, "result": vec![Value::Null; items]});
                self.say(answer);
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.say(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.hear(|message| (message["id"] == id && message.get("method").is_none()).then(|| message["result"].clone()))
    }

    /// Opens a file, and what the server says of it.
    fn diagnoses(&mut self, file: &Path, text: &str) -> Vec<String> {
        let uri = format!("file://{}", file.display());
        let document = json!({"uri": uri, "languageId": "yaml", "version": 1, "text": text});
        self.say(json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}));
        self.hear(|message| {
            let ours =
                message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri.as_str();
            let list = ours.then(|| message["params"]["diagnostics"].as_array().cloned().unwrap_or_default())?;
            Some(
                list.iter()
                    .map(|one| format!("{}: {}", one["range"]["start"]["line"].as_u64().unwrap() + 1, one["message"]))
                    .collect(),
            )
        })
    }

    fn labels(&mut self, file: &Path, line: usize, column: usize) -> Vec<String> {
        let params = json!({
            "textDocument": {"uri": format!("file://{}", file.display())},
            "position": {"line": line, "character": column},
        });
        let answer = self.ask("textDocument/completion", params);
        let items = answer.get("items").unwrap_or(&answer).as_array().cloned().unwrap_or_default();
        items.iter().filter_map(|item| item["label"].as_str().map(str::to_owned)).collect()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn message(out: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if out.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim() {
            "" => break,
            line => {
                if let Some(number) = line.strip_prefix("Content-Length: ") {
                    length = number.parse().ok()?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    out.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

#[test]
fn an_editor_with_the_modeline_checks_and_completes_a_lesson() {
    let server = match server() {
        Ok(server) => server,
        Err(why) => {
            terminal::skipped(&format!("not tried with {SERVER}: {why}"));
            return;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lesson.schema.json"), SCHEMA.to_string()).unwrap();
    let modeline = "# yaml-language-server: $schema=./lesson.schema.json\n";
    let mut editor = Editor::open(&server);

    let right = format!("{modeline}{WHOLE}");
    let file = folder.path().join("lesson.yaml");
    assert_eq!(editor.diagnoses(&file, &right), Vec::<String>::new());

    let wrong = right.replacen("title: A small", "titel: A small", 1).replacen("{account: {name", "{acount: {name", 1);
    let file = folder.path().join("wrong.yaml");
    let said = editor.diagnoses(&file, &wrong).join("\n");
    assert!(said.contains("titel") && said.contains("acount"), "{said}");

    let begun = format!("{modeline}format: 1\ntitle: A\nsummary: B\n\n");
    let file = folder.path().join("begun.yaml");
    editor.diagnoses(&file, &begun);
    let labels = editor.labels(&file, 4, 0);
    for key in ["steps", "accounts", "clean-up", "needs"] {
        assert!(labels.iter().any(|label| label == key), "{key}: {labels:?}");
    }
}
