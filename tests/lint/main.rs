//! Lint as an author meets it: broken lessons and what is said of them first, large ones, hostile ones, and the command itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod beside;
mod limits;
mod sarif;

use std::path::{Path, PathBuf};

use rootless_lab::author::lint::{self, Finding};
use serde::Deserialize;

const WHOLE: &str = include_str!("../lessons/whole/lesson.yaml");
const BROKEN: &str = include_str!("../lessons/broken.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    from: Option<String>,
    to: Option<String>,
    file: Option<String>,
    line: usize,
    column: usize,
    code: String,
}

impl Case {
    fn text(&self) -> String {
        match (&self.from, &self.to, &self.file) {
            (Some(from), Some(to), None) => {
                assert!(WHOLE.contains(from), "`{from}` is not in the whole lesson");
                WHOLE.replacen(from, to, 1)
            }
            (None, None, Some(file)) => file.clone(),
            _ => panic!("a case has `from` and `to`, or `file`"),
        }
    }
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(BROKEN).unwrap()
}

fn linted(text: &str) -> Vec<Finding> {
    lint::text("lessons/whole/lesson.yaml", text)
}

fn place() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lessons/whole/lesson.yaml")
}

#[test]
fn nothing_is_said_of_the_whole_lesson() {
    assert_eq!(linted(WHOLE), []);
    assert_eq!(lint::Sheet::read("lessons/whole/lesson.yaml", WHOLE).files(&place()), []);
}

#[test]
fn of_each_of_a_hundred_broken_lessons_the_expected_is_said_first() {
    let cases = cases();
    assert!(cases.len() >= 100, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let text = case.text();
        let first = linted(&text).into_iter().next();
        let said = first.map(|it| (it.line, it.column, it.what.code(), it.what.to_string()));
        let (line, column, code, words) = said.unwrap_or_default();
        if (line, column, code.as_str()) != (case.line, case.column, case.code.as_str()) {
            let what = case.to.or(case.file).unwrap_or_default();
            let what: String = what.chars().take(60).collect();
            wrong.push(format!(
                "{what:?}: {line}:{column} {code} ({words}), expected {}:{} {}",
                case.line, case.column, case.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

const UNTIDY: &str = "\
# A comment that stays.
format: 1   \t
titel: A small service   # another one
summary: Says {{woh}}.
parameters:
  who: {value: anna, says: an account}
accounts:
  - {name: lisa, role: administratr}   # the one who sits here
  - {name: \"{{who}}\", role: created}
steps:
  - id: make
    title: Make it
    text: |
      \tMake it.
    goals:
      - id: there
        say: It is there.
        chek: {path: {path: \"~{{who}}/x\",   mode: 0640}}
    hints: [think, touch, \"`touch x`, `chmod 640 x`\"]
    solution:
      - lines: [touch x, chmod 640 x]
";

#[test]
fn what_needs_no_thought_is_mended_and_all_else_stays_as_it_was() {
    let (text, places) = lint::fixed(UNTIDY, &|text| linted(text));
    let wanted = UNTIDY
        .replace("format: 1   \t\n", "format: 1\n")
        .replace("titel", "title")
        .replace("{{woh}}", "{{who}}")
        .replace("administratr", "administrator")
        .replace("      \tMake", "        Make")
        .replace("chek", "check")
        .replace("0640", "\"0640\"");
    assert_eq!(text, wanted);
    assert_eq!(places, 7);
    let left: Vec<String> = linted(&text).iter().map(|one| one.what.to_string()).collect();
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(lint::fixed(&text, &|text| linted(text)), (text.clone(), 0));
}

#[test]
fn a_thousand_spaces_at_the_ends_of_lines_are_all_mended() {
    let untidy = WHOLE.replace('\n', " \n") + &"# more \n".repeat(1_000);
    let (text, places) = lint::fixed(&untidy, &|text| linted(text));
    assert_eq!(text, WHOLE.to_owned() + &"# more\n".repeat(1_000));
    assert_eq!(places, WHOLE.lines().count() + 1_000);
}

#[test]
fn a_slip_is_not_mended_into_a_key_that_is_there_already() {
    let text = WHOLE.replacen("title: A small service", "title: A small service\ntitel: Another", 1);
    assert_eq!(lint::fixed(&text, &|text| linted(text)), (text.clone(), 0));
}

/// A `man` that has one page with one entry.
const MAN: &str = "#!/bin/sh\nfor last; do :; done\n[ \"$last\" = useradd ] || exit 16\ncase \" $* \" in\n*' -w '*|*' --where '*|*' --path '*) echo \"$0\" ;;\n*) printf 'NAME\\n       useradd\\n\\nOPTIONS\\n       -\\010-m\\010m     Makes it.\\n' ;;\nesac\n";

#[test]
fn what_this_machine_s_manual_lacks_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let man = folder.path().join("man");
    std::fs::write(&man, MAN).unwrap();
    std::fs::set_permissions(&man, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let said = |man: &Path, text: &str| -> Vec<String> {
        let found =
            lint::Sheet::read("lessons/whole/lesson.yaml", text).pages(&rootless_lab::manual::Manuals::asking(man));
        assert!(found.iter().all(|one| one.what.severity() == lint::Severity::Warning));
        found.iter().map(|one| format!("{} {}", one.line, one.what.code())).collect()
    };
    assert_eq!(said(&man, WHOLE), ["45 no-entry"]);
    assert_eq!(said(&man, &WHOLE.replacen("page: useradd", "page: userdel", 1)), ["43 no-page"]);
    assert_eq!(said(Path::new("/no/such/man"), WHOLE), Vec::<String>::new());
}

/// The program on its own, in a folder of its own: its exit code, standard output, standard error.
fn run(arguments: &[&str], input: &str) -> (i32, String, String) {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_rootless-lab"))
        .args(["--plain", "lesson", "lint"])
        .args(arguments)
        .env("PATH", "/nowhere")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_ends_with_the_numbers_that_it_promises() {
    let file = place();
    let folder = file.parent().unwrap();
    let shelf = folder.parent().unwrap();
    for path in [&file, folder, shelf] {
        let (code, said, _) = run(&[path.to_str().unwrap()], "");
        assert_eq!((code, said.trim()), (0, "1 file: nothing to say."), "{}", path.display());
    }
    let warned = WHOLE.replacen("title: Run the container", "title: Run the container ", 1);
    let (code, said, _) = run(&["-"], &warned);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("warning: spaces at the end of the line")
            && said.ends_with("1 file: 0 errors, 1 warning. `--fix` mends 1.\n"),
        "{said}"
    );
    let (code, said, _) = run(&["-"], &WHOLE.replacen("{account:", "{acount:", 1));
    assert_eq!(code, 3);
    assert!(
        said.contains("error: unknown name `acount`")
            && said.contains("-:31:17")
            && said.contains("is `account` meant?"),
        "{said}"
    );
    assert_eq!(run(&["/no/such/lesson.yaml"], "").0, 3);
    assert_eq!(run(&[], "").0, 2);
}

#[test]
fn programs_read_findings_as_json_and_as_sarif() {
    let wrong = WHOLE.replacen("mode: \"0640\"", "mode: 0640", 1).replacen("once: true", "onse: true", 1);
    let (code, said, _) = run(&["--format", "json", "-"], &wrong);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(code, 3);
    assert_eq!(report["version"], 1);
    let first = &report["findings"][0];
    assert_eq!(
        (first["code"].as_str(), first["line"].as_u64(), first["column"].as_u64()),
        (Some("unknown-key"), Some(34), Some(9))
    );
    assert_eq!(
        (first["severity"].as_str(), first["way-out"].as_str(), first["fixable"].as_bool()),
        (Some("error"), Some("is `once` meant?"), Some(true))
    );

    let (_, said, _) = run(&["--format", "sarif", "-"], &wrong);
    let log: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let levels: Vec<_> =
        results.iter().map(|result| (result["ruleId"].as_str().unwrap(), result["level"].as_str().unwrap())).collect();
    assert_eq!(levels, [("unknown-key", "error"), ("bare-mode", "warning")]);
    let region = &results[1]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (region["startLine"].as_u64(), region["startColumn"].as_u64(), region["endColumn"].as_u64()),
        (Some(67), Some(19), Some(23))
    );
    assert_eq!(results[1]["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "\"0640\"");
}

#[test]
fn a_file_is_mended_where_it_stands_and_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lesson.yaml");
    std::fs::write(&file, UNTIDY).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let (code, said, _) = run(&["--fix", file.to_str().unwrap()], "");
    assert!(said.contains("7 places mended."), "{code} {said}");
    let mended = std::fs::read_to_string(&file).unwrap();
    assert!(mended.starts_with("# A comment that stays.\nformat: 1\ntitle:"), "{mended}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    let (_, text, report) = run(&["--fix", "-"], UNTIDY);
    assert_eq!(text, mended);
    assert!(report.contains("7 places mended."), "{report}");
}

#[test]
fn the_page_about_lint_describes_every_finding_of_the_broken_lessons() {
    let page = include_str!("../../book/src/author/lint.md");
    let mut codes: Vec<String> = cases().into_iter().map(|case| case.code).collect();
    codes.sort();
    codes.dedup();
    let missing: Vec<String> = codes.into_iter().filter(|code| !page.contains(&format!("| `{code}` |"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
