//! The book says what the program does: its tables are compared with the source they describe.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn found(pattern: &str, text: &str) -> BTreeSet<String> {
    Regex::new(pattern).unwrap().captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn the_page_of_lab_words_has_each_word_and_no_other() {
    let words: BTreeSet<String> = rootless_lab::session::WORDS.iter().map(|(word, _)| (*word).to_owned()).collect();
    assert!(words.len() > 10, "{words:?}");
    assert_eq!(found(r"(?m)^\| `(:[a-z]+)` \|", &read("book/src/learner/words.md")), words);
}

#[test]
fn the_page_of_exit_codes_says_what_the_help_says() {
    let help = found(r"(?m)^  (\d  .+?)(?:;|$)", &read("src/cli/exit.rs").replace("\";", ""));
    assert!(help.len() > 5, "{help:?}");
    let page: BTreeSet<String> = Regex::new(r"(?m)^\| (\d) \| ([^;|\n]+?)(?:;| \|)")
        .unwrap()
        .captures_iter(&read("book/src/reference/exit-codes.md"))
        .map(|row| format!("{}  {}", &row[1], &row[2]))
        .collect();
    let plain = |lines: &BTreeSet<String>| -> Vec<String> {
        lines.iter().map(|line| line.split([':', '(']).next().unwrap_or_default().trim().to_owned()).collect()
    };
    assert_eq!(plain(&page), plain(&help));
}

#[test]
fn the_page_of_checks_has_each_check_of_the_catalogue() {
    let pages = found(r"checks/([a-z_]+)\.md", &read("book/src/reference/checks.md"));
    let names: BTreeSet<String> = checkers::Check::PAGES.iter().map(|(name, _)| name.replace('-', "_")).collect();
    assert_eq!(pages, names);
}

#[test]
fn every_chapter_of_the_summary_is_there_and_every_page_is_a_chapter() {
    let chapters = found(r"\]\(([^)]+\.md)\)", &read("book/src/SUMMARY.md"));
    let mut pages = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src");
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") && !path.ends_with("SUMMARY.md") {
                pages.insert(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(chapters, pages);
}
