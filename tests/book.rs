//! The book says what the program does: its tables are compared with the source they describe.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use rootless_lab::screen::{self, Cover, Look, bare};
use serde_json::Value;

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

/// A page that is made from the program: the same words, or written anew with `UPDATE_BOOK=1`.
fn made(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src").join(path);
    if std::env::var_os("UPDATE_BOOK").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "book/src/{path} is old: UPDATE_BOOK=1 cargo test --test book");
}

#[test]
fn the_book_has_the_page_of_every_check_and_names_it_in_the_summary() {
    let summary = read("book/src/SUMMARY.md");
    let pages = checkers::Check::PAGES.iter().chain([&("combine", checkers::Check::COMBINE)]);
    let mut names = BTreeSet::new();
    for (name, page) in pages {
        made(&format!("reference/checks/{name}.md"), page);
        assert!(summary.contains(&format!("(reference/checks/{name}.md)")), "SUMMARY.md: {name}");
        names.insert((*name).to_owned());
    }
    assert_eq!(found(r"reference/checks/([a-z-]+)\.md", &summary), names);
}

#[test]
fn the_page_of_commands_is_the_programs_own_help() {
    let mut page = String::from(
        "# Commands\n\nWhat `rootless-lab help` and `rootless-lab COMMAND --help` say. The numbers with which a command \
         ends stand under [exit codes](exit-codes.md).\n",
    );
    let mut open = vec![rootless_lab::cli::command()];
    while let Some(command) = open.pop() {
        let name = command.get_bin_name().unwrap_or("rootless-lab").to_owned();
        let help = command.clone().term_width(90).render_long_help().to_string();
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        page.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", lines.join("\n").trim_end()));
        let below = command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help");
        open.extend(below.cloned().collect::<Vec<_>>().into_iter().rev());
    }
    assert!(page.contains("## rootless-lab practice create"), "{page}");
    made("reference/commands.md", &page);
}

/// What a field takes, in a word or two.
fn takes(field: &Value) -> String {
    if let Some(name) = field["$ref"].as_str().and_then(|place| place.strip_prefix("#/$defs/")) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    let parts = ["allOf", "anyOf", "oneOf"].into_iter().find_map(|key| field[key].as_array());
    let words: Vec<&str> = match &field["enum"] {
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    match (&field["type"], parts) {
        _ if !words.is_empty() => format!("`{}`", words.join("`, `")),
        (Value::String(kind), _) if kind == "array" => format!("a list of {}", takes(&field["items"])),
        (Value::String(kind), _) if kind == "object" => "a map".into(),
        (Value::String(kind), _) if kind == "boolean" => "`true` or `false`".into(),
        (Value::String(kind), _) if kind == "integer" => "a whole number".into(),
        (Value::Array(kinds), _) if kinds.len() == 2 && kinds[0] == "integer" && kinds[1] == "null" => {
            "a whole number or null".into()
        }
        (Value::Array(kinds), _) if kinds.len() == 2 && kinds[0] == "string" && kinds[1] == "null" => {
            "a text or null".into()
        }
        (Value::String(_) | Value::Array(_), _) => "a text".into(),
        (_, Some(parts)) => {
            let null = if parts.iter().any(|part| part["type"] == "null") { " or null" } else { "" };
            takes(parts.iter().find(|part| part["type"] != "null").unwrap_or(&parts[0])) + null
        }
        _ => "any value".into(),
    }
}

/// A page with the fields of every map of a schema that is not in `but`, and how many fields they are.
fn fields(intro: &str, whole: &str, schema: &Value, but: &BTreeSet<String>) -> (String, usize) {
    let mut page = intro.to_owned();
    let whole = (whole.to_owned(), schema);
    let parts = schema["$defs"].as_object().unwrap().iter().map(|(name, part)| (name.clone(), part));
    let mut fields = 0;
    for (name, part) in std::iter::once(whole).chain(parts.filter(|(name, _)| !but.contains(name))) {
        page.push_str(&format!("\n## {name}\n"));
        let cell = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        if let Some(about) = part["description"].as_str() {
            page.push_str(&format!("\n{}\n", cell(about)));
        }
        // A map with one key, as a rule of a draw is: each of them stands apart.
        let one_of = part["oneOf"].as_array().into_iter().flatten();
        let ways = one_of.filter_map(|way| way["properties"].as_object().zip(way["description"].as_str()));
        let ways: Vec<_> = ways.map(|(properties, about)| (properties, Some(about))).collect();
        let all = part["properties"].as_object().map(|properties| (properties, None));
        let tables: Vec<_> = all.into_iter().chain(ways).collect();
        // One word of several.
        let words = part["oneOf"].as_array().into_iter().flatten();
        let words: Vec<_> =
            words.filter_map(|word| Some((word["const"].as_str()?, word["description"].as_str()?))).collect();
        if !words.is_empty() {
            page.push_str("\n| word | what it says |\n|---|---|\n");
            words.iter().for_each(|(word, about)| page.push_str(&format!("| `{word}` | {} |\n", cell(about))));
        }
        if tables.is_empty() {
            continue;
        }
        page.push_str("\n| field | takes | what it says |\n|---|---|---|\n");
        for (field, is, about) in
            tables.into_iter().flat_map(|(fields, about)| fields.iter().map(move |(field, is)| (field, is, about)))
        {
            let must = part["required"].as_array().is_some_and(|all| all.iter().any(|one| one == field));
            let about = cell(is["description"].as_str().or(about).unwrap_or_default());
            let must = if must { ", needed" } else { "" };
            page.push_str(&format!("| `{field}` | {}{must} | {about} |\n", takes(is)));
            fields += 1;
        }
    }
    (page, fields)
}

#[test]
fn the_page_of_fields_is_made_from_the_types_that_are_read() {
    let intro = "# Every field\n\nWhat `lesson.yaml` may hold, from the same types that read it. `rootless-lab lesson schema` gives it to an \
                 editor. The names of [checks](checks.md) have pages of their own.\n";
    let (page, fields) = fields(intro, "The lesson", &rootless_lab::lesson::schema(), &BTreeSet::new());
    assert!(fields > 150, "{fields}");
    made("reference/fields.md", &page);
}

#[test]
fn the_page_of_an_exams_fields_is_made_from_the_types_that_are_read() {
    let lesson = rootless_lab::lesson::schema();
    let known: BTreeSet<String> = lesson["$defs"].as_object().unwrap().keys().cloned().collect();
    let intro = "# Every field of an exam\n\nWhat `exam.yaml` may hold, from the same types that read it. `rootless-lab lesson schema --exam` \
                 gives it to an editor. What an exam shares with a lesson stands under [every field](fields.md).\n";
    let (page, fields) = fields(intro, "The exam", &rootless_lab::exam::form_schema(), &known);
    let linked = Regex::new(r"\]\(#([a-z]+)\)").unwrap();
    let here = |name: &str| page.to_lowercase().contains(&format!("\n## {name}\n"));
    let page = linked.replace_all(&page, |link: &regex::Captures<'_>| {
        if here(&link[1]) { link[0].to_owned() } else { format!("](fields.md#{})", &link[1]) }
    });
    assert!(fields > 30, "{fields}");
    made("reference/exam-fields.md", &page);
}

#[test]
fn the_schema_of_a_report_and_the_page_of_its_fields_are_made_from_the_types_that_are_written() {
    let schema = rootless_lab::exam::report::report_schema();
    let intro = "# A report in JSON\n\nWhat `rootless-lab exam report --format json` writes, from the same types that write it. Its schema is \
                 [a file of its own](exam-report.schema.json), and `rootless-lab exam schema` prints it. `version` is 1; a field that \
                 is new does not change it, one that goes or means something else does.\n";
    let (page, fields) = fields(intro, "The report", &schema, &BTreeSet::new());
    assert!(fields > 60, "{fields}");
    made("reference/exam-report.md", &page);
    made("reference/exam-report.schema.json", &format!("{schema:#}\n"));
}

/// The screens of the candidate's page: the first one, the sheet and the list of tasks are the program's own, of the seed that stands there.
#[test]
fn the_candidates_page_shows_the_exam_that_there_is() {
    let page = read("book/src/candidate/sitting.md");
    let shelf = rootless_lab::exam::Shelf::default();
    let (source, _) = shelf.find("rootless-sprint").unwrap();
    let seed = found(r"seed +(\d+): names", &page).pop_first().unwrap().parse().unwrap();
    let exam = shelf.drawn(&source, seed).unwrap();
    // As a terminal with colours shows it, which a page has none of.
    let look = Look { colour: true, plain: false, unicode: true, ..Look::FILE };
    let cover = Cover {
        exam: &exam,
        minutes: exam.minutes,
        seed,
        machine: "the practice machine practice, which is this one",
        from: None,
        instead: false,
        kept: "/home/lisa/.local/state/rootless-lab/exams",
    };
    let cover = bare(&screen::cover(&cover, &look));
    assert!(page.contains(&cover), "{cover}");
    let sheet = bare(&screen::sheet(&exam, &look));
    assert!(page.contains(&format!("```text\n{sheet}\n[14 min] lisa@practice:~$\n```")), "{sheet}");
    for (nth, task) in (1..).zip(&exam.tasks) {
        let listed = format!("\n{nth}. {} ({} points)\n", task.title, task.points);
        assert!(page.contains(&listed), "{listed}");
    }
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

/// The fenced blocks of a page: the language, and what stands in it.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "lessons/README.md"]
        .iter()
        .map(|file| root.join(file))
        .collect();
    let mut folders = vec![root.join("book/src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                all.push(path);
            }
        }
    }
    all
}

/// What the program says to a command line of the documentation: nothing, or why it is none of its own.
fn refused(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "rootless-lab")?;
    let end = words.iter().position(|word| ["|", ">", "&&", "#"].contains(word)).unwrap_or(words.len());
    let error = rootless_lab::cli::command().try_get_matches_from(&words[at..end.max(at + 1)]).err()?;
    error.use_stderr().then(|| error.to_string())
}

/// Whether the subcommands and options of a line exist. What a reader fills in, and alternatives (`a|b`), are not looked at.
fn is_known(line: &str) -> bool {
    let line = line.split(['|', '[', '…']).next().unwrap_or_default();
    let mut command = rootless_lab::cli::command();
    for word in line.split_whitespace().skip(1).take_while(|word| word.chars().all(|c| c.is_ascii_lowercase())) {
        match command.find_subcommand(word) {
            Some(below) => command = below.clone(),
            None if command.has_subcommands() => return false,
            None => break,
        }
    }
    line.split_whitespace().filter_map(|word| word.strip_prefix("--")).all(|option| {
        let option = option.split('=').next().unwrap_or_default();
        option.is_empty() || command.get_arguments().any(|known| known.get_long() == Some(option))
    })
}

#[test]
fn every_block_of_the_documentation_is_of_a_kind_that_is_tested() {
    let mut seen = BTreeSet::new();
    for file in documents() {
        for (language, text) in blocks(&fs::read_to_string(&file).unwrap()) {
            let place = file.display();
            match language.as_str() {
                // A session: each command of our own is one that the program knows.
                "console" => {
                    for line in text.lines().filter_map(|line| line.split_once("$ ").map(|(_, command)| command)) {
                        let own =
                            line.replace("cargo run --release --", "rootless-lab").replace("./target/release/", "");
                        assert_eq!(refused(&own), None, "{place}: {line}");
                        if let Some(bench) = line.strip_prefix("cargo bench --bench ") {
                            let file = format!("benches/{}.rs", bench.split_whitespace().next().unwrap_or_default());
                            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).exists(), "{place}: {file}");
                        }
                    }
                }
                "yaml" if text.starts_with("format:") => {
                    let (lesson, problems) = rootless_lab::lesson::read("lesson.yaml", &text);
                    assert!(lesson.is_some() && problems.is_empty(), "{place}: {problems:?}");
                }
                "yaml" if text.starts_with("# exam.") => {
                    let source = rootless_lab::exam::Source { file: "exams/example/exam.yaml".into(), text };
                    let exam = rootless_lab::exam::Shelf::default().drawn(&source, 1);
                    assert!(exam.is_ok(), "{place}: {exam:?}");
                }
                // A translation of the lesson that stands there as an example.
                "yaml" if text.starts_with("# lesson.") => {
                    let example = read("lessons/README.md");
                    let mut lessons = blocks(&example).into_iter().filter(|(_, text)| text.starts_with("format:"));
                    let (_, lesson) = lessons.next().unwrap();
                    let (problems, gaps) = rootless_lab::lesson::translation::problems(&lesson, "lesson.yaml", &text);
                    assert!(problems.is_empty(), "{place}: {problems:?}");
                    assert!(gaps.iter().all(|gap| gap.of.is_none()), "{place}: {gaps:?}");
                }
                "yaml" => {
                    let check: Result<checkers::Check, _> = serde_yaml::from_str(&text);
                    assert!(check.is_ok(), "{place}: {check:?}\n{text}");
                }
                // A list of commands: the same. Any other text is a screen.
                "text" => {
                    for line in text.lines().filter(|line| line.starts_with("rootless-lab ")) {
                        assert!(is_known(line.split("  ").next().unwrap_or_default()), "{place}: {line}");
                    }
                }
                // A half-solution: the very file that tests/machine/exams.rs runs.
                "bash" if file.ends_with("author/exam.md") => {
                    assert_eq!(text, read("lessons/exams/rootless-sprint/half/no-linger.sh"), "{place}");
                }
                // Check programs: run on a practice machine by tests/machine/programs.rs, and here by tests/lab/programs.rs.
                "bash" | "python" => assert!(file.ends_with("author/programs.md"), "{place}: run by nobody"),
                other => panic!("{place}: a block of {other:?} is tested by nobody; console, yaml or text"),
            }
            seen.insert(language);
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["bash", "console", "python", "text", "yaml"]);
}

#[test]
fn every_command_that_the_documentation_names_exists() {
    let word = Regex::new(r"`(rootless-lab [a-z][^`\n]*)`").unwrap();
    let mut seen = 0;
    for file in documents() {
        for found in word.captures_iter(&fs::read_to_string(&file).unwrap()) {
            seen += 1;
            assert!(is_known(&found[1]), "{}: {}", file.display(), &found[1]);
        }
    }
    assert!(seen > 5, "{seen}");
}

#[test]
fn ci_runs_the_second_command_of_the_readme_as_it_stands_there() {
    // The first is run by a test on a real machine.
    let readme = read("README.md");
    let block = readme.split("```console\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let commands: Vec<&str> = block.lines().map(|line| line.strip_prefix("$ ").unwrap()).collect();
    assert_eq!(commands.len(), 2, "{block}");
    assert!(read(".ci/run").lines().any(|line| line == commands[1]), "{}", commands[1]);
}

#[test]
fn every_proof_that_the_book_names_is_a_test_and_every_promise_has_one() {
    let page = read("book/src/inside/proofs.md");
    let proof = Regex::new(r"`([a-z0-9_/]+\.rs)::([a-z0-9_]+)`").unwrap();
    for row in page.lines().filter(|line| line.starts_with("| ") && *line != "| promise | proof |") {
        assert!(proof.is_match(row), "a promise without a proof: {row}");
    }
    for named in proof.captures_iter(&page) {
        let test = format!(r"#\[test\]\s+(#\[[^\n]+\]\s+)*fn {}\(", &named[2]);
        assert!(Regex::new(&test).unwrap().is_match(&read(&named[1])), "no such test: {}", &named[0]);
    }
}
