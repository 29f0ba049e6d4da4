//! What the fuzzer begins with: the whole lesson of the tests, the hundred broken ones made of it, our own lessons, and the words
//! that lessons and YAML are made of.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

pub const WHOLE: &str = include_str!("../../../tests/lessons/whole/lesson.yaml");
/// Any of the wrong answers.
const WRONG: &str = include_str!("../../../src/author/begin/others-may-read.txt");
const BROKEN: &str = include_str!("../../../tests/lessons/broken.yaml");
const OWN: [&str; 6] = [
    include_str!("../../../lessons/rootless-containers/lesson.de.yaml"),
    include_str!("../../../lessons/rootless-containers/solutions/typed.txt"),
    WRONG,
    include_str!("../../../lessons/rootless-containers/lesson.yaml"),
    include_str!("../../../lessons/quadlet-containers/lesson.yaml"),
    include_str!("../../../lessons/rootless-storage-and-ids/lesson.yaml"),
];
/// As a dictionary of libFuzzer writes them.
const YAML: [&str; 29] = [
    r"\x0a",
    r"\x0a  ",
    r"\x0a    ",
    r"\x0a  - ",
    r"\x0a      - ",
    r"|\x0a",
    r">-\x0a",
    r"---\x0a",
    r"...\x0a",
    "&a ",
    "*a",
    "<<: ",
    "? ",
    "!!str ",
    "# ",
    "{{who}}",
    "{{box}}",
    "}}",
    r"\x09",
    r"\x1b[2J",
    r"\xef\xbb\xbf",
    r"\xe2\x80\xae",
    "true",
    "null",
    "~",
    "10s",
    r"\x220640\x22",
    "(a+)+$",
    "[[:alpha:]]{1000}",
];

#[derive(Deserialize)]
struct Case {
    from: Option<String>,
    to: Option<String>,
    file: Option<String>,
}

impl Case {
    fn text(self) -> String {
        let changed = self.from.zip(self.to).map(|(from, to)| WHOLE.replacen(&from, &to, 1));
        self.file.or(changed).unwrap_or_default()
    }
}

/// Every key that the schema has.
fn keys(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Object(properties)) = map.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            map.values().for_each(|value| self::keys(value, keys));
        }
        Value::Array(list) => list.iter().for_each(|value| self::keys(value, keys)),
        _ => {}
    }
}

/// Lays them where `cargo fuzz` looks; called before libFuzzer reads them.
pub fn lay_out() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = fuzz.join("corpus/lint");
    std::fs::create_dir_all(&corpus).expect("the corpus can be written");
    let broken: Vec<Case> = serde_yaml::from_str(BROKEN).expect("the broken lessons are listed in YAML");
    let texts = broken.into_iter().map(Case::text).chain([WHOLE].into_iter().chain(OWN).map(str::to_owned));
    for (number, text) in texts.enumerate() {
        std::fs::write(corpus.join(format!("seed-{number:03}")), text).expect("the corpus can be written");
    }
    let mut words = BTreeSet::new();
    keys(&rootless_lab::lesson::schema(), &mut words);
    let words = words.iter().map(|key| format!("{key}: ")).chain(YAML.map(str::to_owned));
    let lines: String = words.map(|word| format!("\"{word}\"\n")).collect();
    std::fs::write(fuzz.join("corpus/words.dict"), lines).expect("the dictionary can be written");
}
