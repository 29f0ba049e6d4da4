//! What is written for code hosts and editors is SARIF 2.1.0 by the schema that OASIS publishes.

use super::*;

const SCHEMA: &str = include_str!("../sarif/sarif-schema-2.1.0.json");

fn oracle() -> jsonschema::Validator {
    let mut schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    // The published pattern of a language has a bracket too many and is no regular expression. We write no language.
    for of in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][of]["properties"]["language"];
        assert_eq!(language["pattern"], "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$");
        language.as_object_mut().unwrap().remove("pattern");
    }
    jsonschema::draft7::options().should_validate_formats(true).build(&schema).unwrap()
}

#[test]
fn every_finding_of_the_broken_lessons_is_sarif_by_the_official_schema() {
    let mut files: Vec<(String, String, Vec<Finding>)> = cases()
        .iter()
        .map(Case::text)
        .chain([WHOLE.to_owned(), UNTIDY.to_owned()])
        .enumerate()
        .map(|(nth, text)| (format!("lessons/ä ö#%?{nth}/lesson.yaml"), text.clone(), linted(&text)))
        .collect();
    files.push(("-".to_owned(), String::new(), linted("")));
    let found: usize = files.iter().map(|(_, _, found)| found.len()).sum();
    let log = lint::sarif(&files, &|_| Some("a way out".to_owned()));
    let wrong: Vec<String> =
        oracle().iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{} wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(5)]);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), found);
    assert!(found > 100 && results.iter().any(|one| one.get("fixes").is_some()), "{found}");
}

#[test]
fn a_log_with_nothing_in_it_is_sarif_and_one_with_a_wrong_place_is_not() {
    let empty = lint::sarif(&[], &|_| None);
    assert!(oracle().is_valid(&empty));
    let files = [("lesson.yaml".to_owned(), String::new(), linted(""))];
    let mut log = lint::sarif(&files, &|_| None);
    assert!(oracle().is_valid(&log));
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0.into();
    assert!(!oracle().is_valid(&log), "the oracle looks at places");
}
