//! What every check of the catalogue has to have: a page whose examples can be read, and cases for all three answers. Tests only.

use super::all_ways;
use crate::Context;
use crate::catalogue::Check;
use crate::machine::Recorded;

/// The examples on a page: its ```yaml blocks.
fn examples(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in page.lines() {
        match (&mut open, line) {
            (None, "```yaml") => open = Some(String::new()),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some(block), line) => {
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

/// The keys that a wish has in a lesson: its check's name, and its fields.
fn keys(check: &Check) -> (String, Vec<String>) {
    let serde_json::Value::Object(map) = serde_json::to_value(check).unwrap() else { panic!("a check is a map") };
    assert_eq!(map.len(), 1, "a check is a map with one key");
    let (name, fields) = map.into_iter().next().unwrap();
    (name, fields.as_object().map(|f| f.keys().cloned().collect()).unwrap_or_default())
}

#[test]
fn every_example_on_every_page_is_a_wish_for_that_check() {
    for (name, page) in Check::PAGES {
        let examples = examples(page);
        assert!(!examples.is_empty(), "{name}.md has no example");
        for example in examples {
            let check: Check = serde_yaml::from_str(&example).unwrap_or_else(|e| panic!("{name}.md: {e}\n{example}"));
            let (found, fields) = keys(&check);
            assert_eq!(&found, name, "{example}");
            for field in fields {
                assert!(page.contains(&format!("- `{field}`")), "{name}.md does not say what `{field}` is");
            }
        }
    }
}

#[test]
fn every_example_is_judged_the_same_on_record() {
    let furnished = Recorded::new().account("conuser1", 1001).account("lisa", 1000).file("/etc/shadow", "").at(9);
    let pages = Check::PAGES.iter().map(|(_, page)| *page).chain([Check::COMBINE]);
    for example in pages.flat_map(examples) {
        let check: Check = serde_yaml::from_str(&example).unwrap();
        for machine in [&Recorded::new(), &furnished] {
            all_ways::judge(&check, machine, &Context::default());
        }
    }
}

#[test]
fn every_case_is_judged_the_same_on_record() {
    for (name, _) in Check::PAGES {
        let source = source(name);
        let cases = source.split_once("#[cfg(test)]").unwrap().1;
        assert!(cases.contains(".judge_in_all_ways("), "{name}: its cases are not judged on record");
        assert!(!cases.contains(".judge("), "{name}: a case is judged in one way only");
    }
}

#[test]
fn the_page_of_combinations_has_each_of_their_words() {
    let page = Check::COMBINE;
    for example in examples(page) {
        let check: Check = serde_yaml::from_str(&example).unwrap_or_else(|e| panic!("combine.md: {e}\n{example}"));
        assert!(check.single().is_none(), "{example}");
    }
    let source = include_str!("../catalogue.rs");
    let words =
        source.split("            /// Every one of these.").nth(1).unwrap().split("\n        }").next().unwrap();
    let words: Vec<String> =
        words.lines().filter_map(|line| Some(line.trim().split_once('(')?.0.to_lowercase())).collect();
    assert_eq!(words, ["all", "any", "not", "within", "for"]);
    for word in words {
        assert!(page.contains(&format!("- `{word}`:")), "combine.md does not say what `{word}` is");
    }
    for words in ["**Pass**", "**Fail**", "**Unknown**", "See it yourself"] {
        assert!(page.contains(words), "combine.md does not say {words}");
    }
}

#[test]
fn every_page_says_when_it_passes_fails_and_is_unknown() {
    for (name, page) in Check::PAGES {
        assert!(page.starts_with("# "), "{name}.md has no title");
        for words in ["**Pass**", "**Fail**", "**Unknown**", "See it yourself"] {
            assert!(page.contains(words), "{name}.md does not say {words}");
        }
        assert!(!page.lines().any(|line| line.starts_with('|')), "{name}.md has a table");
    }
}

#[test]
fn every_field_of_every_check_stands_on_its_page() {
    for (name, page) in Check::PAGES {
        let source = source(name);
        let spec = source.split("pub struct ").nth(1).unwrap().split("\n}").next().unwrap();
        let mut renamed = None;
        for line in spec.lines().map(str::trim) {
            renamed = line.split("rename = \"").nth(1).and_then(|rest| rest.split('"').next()).or(renamed);
            let Some(field) = line.strip_prefix("pub ").and_then(|field| field.split(':').next()) else { continue };
            let field = renamed.take().unwrap_or(field).replace('_', "-");
            assert!(page.contains(&format!("- `{field}`")), "{name}.md does not say what `{field}` is");
        }
    }
}

#[test]
fn every_written_check_has_cases_for_all_three_answers() {
    let unwritten =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks/unwritten.rs")).unwrap_or_default();
    for (name, _) in Check::PAGES {
        let module = name.replace('-', "_");
        if unwritten.contains(&format!("{module}::")) {
            continue;
        }
        let source = source(name);
        for answer in ["passes", "fails", "is_unknown"] {
            assert!(source.contains(&format!("fn {module}_{answer}")), "{module}.rs: no test {module}_{answer}…");
        }
        assert!(source.contains(&format!("include_str!(\"{module}.md\")")), "{module}.rs does not show its page");
    }
}

/// The check's file, with its cases where they have grown into a file of their own.
fn source(name: &str) -> String {
    let path = format!("{}/src/checks/{}", env!("CARGO_MANIFEST_DIR"), name.replace('-', "_"));
    let source = std::fs::read_to_string(format!("{path}.rs")).unwrap_or_else(|e| panic!("{path}.rs: {e}"));
    source + &std::fs::read_to_string(format!("{path}/tests.rs")).unwrap_or_default()
}
