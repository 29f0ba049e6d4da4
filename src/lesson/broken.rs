//! Broken lessons and what must be said of them, with its place. Tests only.

use super::{ProblemKind, read};

const WHOLE: &str = r#"format: 1
title: A title
summary: A summary.
parameters:
  who: {value: anna, says: an account}
accounts:
  - {name: "{{who}}", role: created}
steps:
  - id: one
    title: First
    text: Do it.
    goals:
      - id: there
        say: It is there.
        check: {account: {name: "{{who}}"}}
      - id: seen
        say: It was seen.
        once: true
        check:
          command:
            run: podman ps
            output: ['a+']
    hints: [a nudge, a push, the command]
    solution:
      - lines: [do it]
    manual:
      - {page: ls, section: 1, entry: -l, otherwise: Shows more.}
"#;

/// What is replaced by what, and for each problem expected: the text at its place (or `line N` where it is empty), and the problem.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    ("format: 1\n", "", &[("line 1", "`format` is missing")]),
    ("format: 1", "format: 2", &[("2", "format 2 is not known here")]),
    ("format: 1", "format: one", &[("one", "found the text `one`, expected a whole number, 0 or more")]),
    ("title: A title", "titel: A title", &[("line 1", "`title` is missing"), ("titel", "unknown key `titel`")]),
    ("title: First", "title: ''", &[("''", "`title` is empty")]),
    ("title: First", "title: [a]", &[("[", "found a list, expected a text")]),
    ("title: First", "title:", &[("line 10", "found nothing, expected a text")]),
    ("title: First", "title: a\n    title: b", &[("title", "`title` stands here twice")]),
    (
        "id: one",
        "id: One step",
        &[("One step", "`One step` is not an id: lower-case letters, digits and dashes, a letter first")],
    ),
    ("id: seen", "id: there", &[("there", "`there` is not unique")]),
    ("check: {account: {name: \"{{who}}\"}}", "", &[("there", "`check` is missing")]),
    ("{account: {name: \"{{who}}\"}}", "{all: [{acount: {name: x}}]}", &[("acount", "unknown name `acount`")]),
    ("{account: {name:", "{acount: {name:", &[("acount", "unknown name `acount`")]),
    ("{account: {name:", "{account: {nam:", &[("{", "`name` is missing"), ("nam", "unknown key `nam`")]),
    ("{account: {name: \"{{who}}\"}}", "{account: {name: otto}}", &[("otto", "account `otto` is not declared")]),
    ("{account: {name: \"{{who}}\"}}", "{account: {name: \"{{woh}}\"}}", &[("{{woh}}", "no parameter `woh`")]),
    (
        "{account: {name: \"{{who}}\"}}",
        "{account: {name: x}, linger: {account: x}}",
        &[("linger", "found a map with 2 keys, expected a map with one key")],
    ),
    ("{account: {name: \"{{who}}\"}}", "{unit: {name: a.service}}", &[("unit", "`unit` asks nothing")]),
    ("{account: {name: \"{{who}}\"}}", "{sysctl: {key: kernel.x}}", &[("sysctl", "`sysctl` asks nothing")]),
    ("{account: {name: \"{{who}}\"}}", "{host-name: {}}", &[("host-name", "`host-name` asks nothing")]),
    ("{account: {name: \"{{who}}\"}}", "{journal: {matches: x}}", &[("journal", "`journal` asks nothing")]),
    ("{account: {name: \"{{who}}\"}}", "{firewall: {port: 80/tcp}}", &[("firewall", "`firewall` asks nothing")]),
    ("{account: {name: \"{{who}}\"}}", "{selinux: {path: /a}}", &[("selinux", "`selinux` asks nothing")]),
    (
        "{account: {name: \"{{who}}\"}}",
        "{group: {name: g, members: [otto]}}",
        &[("otto", "account `otto` is not declared")],
    ),
    (
        "{account: {name: \"{{who}}\"}}",
        "{sudo-rule: {account: root, runs: ALL, target: otto}}",
        &[("otto", "account `otto` is not declared")],
    ),
    ("{account: {name: \"{{who}}\"}}", "{shell: {}}", &[("shell", "`shell` asks nothing")]),
    ("{account: {name: \"{{who}}\"}}", "{all: []}", &[("all", "`all` asks nothing")]),
    ("{account: {name: \"{{who}}\"}}", "{not: {unit-file: {path: /a}}}", &[("unit-file", "`unit-file` asks nothing")]),
    (
        "{account: {name: \"{{who}}\"}}",
        "{within: {time: 10 s, check: {port: {number: 80}}}}",
        &[("10 s", "`10 s` is not a time: write 500ms, 10s or 2m")],
    ),
    (
        "{account: {name: \"{{who}}\"}}",
        "{port: {number: 99999}}",
        &[("99999", "found the number 99999, expected a whole number from 0 to 65535")],
    ),
    ("{account: {name: \"{{who}}\"}}", "{path: {path: /a, kind: folder}}", &[("folder", "unknown name `folder`")]),
    (
        "{account: {name: \"{{who}}\"}}",
        "{linger: {account: \"{{who}}\", enabled: yes}}",
        &[("yes", "found the text `yes`, expected true or false")],
    ),
    (
        "{account: {name: \"{{who}}\"}}",
        "{program: {file: ../x, as: \"{{who}}\"}}",
        &[("../x", "`../x` is outside of the lesson's folder")],
    ),
    (
        "{account: {name: \"{{who}}\"}}",
        "{program: {file: /bin/x, as: root}}",
        &[("/bin/x", "`/bin/x` is outside of the lesson's folder"), ("root", "a check program never runs as root")],
    ),
    (
        "{account: {name: \"{{who}}\"}}",
        "{program: {file: x, as: \"{{who}}\", time: 90s}}",
        &[("90s", "a check program is ended after 1m, whatever it asks for")],
    ),
    (
        "{account: {name: \"{{who}}\"}}",
        "{container: {account: \"{{who}}\", name: c, id-differs-from: first}}",
        &[("first", "nothing is remembered as `first` before this")],
    ),
    (
        "['a+']",
        "['a+', '(b', '[c']",
        &[
            ("(b", "`(b` is not a regular expression: unclosed group"),
            ("[c", "`[c` is not a regular expression: unclosed character class"),
        ],
    ),
    ("[a nudge, a push, the command]", "[a nudge, a push]", &[("one", "`hints`: 2 given, at least 3 needed")]),
    ("[a nudge, a push, the command]", "[a nudge, {a: push}, the command]", &[("{", "found a map, expected a text")]),
    ("      - lines: [do it]\n", "      []\n", &[("one", "`solution`: 0 given, at least 1 needed")]),
    ("      - lines: [do it]\n", "      - lines: []\n", &[("line 25", "`lines`: 0 given, at least 1 needed")]),
    ("text: Do it.", "text: \"Do \\e[31mit\"", &[("\"Do \\e[31mit\"", "control character U+001B")]),
    ("text: Do it.", "text: Do \u{202e}it", &[("\u{202e}", "control character U+202E")]),
    ("role: created", "role: boss", &[("boss", "unknown name `boss`")]),
    (", role: created", "", &[("{", "`role` is missing")]),
    ("  who: {", "  whom: {value: otto, says: nobody}\n  who: {", &[("whom", "parameter `whom` is not used")]),
    ("entry: -l", "entri: -l", &[("{", "`entry` is missing"), ("entri", "unknown key `entri`")]),
    ("title: First", "title: First\n    needs: {}", &[("{", "`needs` is empty")]),
    (
        "title: First",
        "title: First\n    needs: {podmn: 4.4}",
        &[("{", "`needs` is empty"), ("podmn", "unknown key `podmn`")],
    ),
    (
        "title: A title",
        "title: A title\nneeds: {podman: four}",
        &[("four", "`four` is not a version: write 4.4 or 250")],
    ),
    ("title: First", "title: First\n    needs: {systemd: '>= 250'}", &[("'>= 250'", "`>= 250` is not a version")]),
    ("title: A title", "title: A title\nclean-up: sudo reboot", &[("sudo reboot", "found a text, expected a list")]),
    ("title: A title", "title: A title\nclean-up: ['']", &[("''", "`clean-up` is empty")]),
    ("title: A title", "title: A title\nclean-up: [\"a\\nb\"]", &[("\"a\\nb\"", "`clean-up` is more than one line")]),
    ("text: Do it.", "text: *nowhere", &[("line 11", "not readable as YAML: alias references unknown anchor")]),
    ("text: Do it.", "text: !run x", &[("line 11", "not readable as YAML: unsupported tag")]),
    ("text: Do it.", "text: [Do", &[("line 12", "not readable as YAML: ")]),
];

fn place(text: &str, problem: &super::Problem) -> String {
    match &text[problem.span.clone()] {
        "" => format!("line {}", problem.line),
        part => part.to_owned(),
    }
}

#[test]
fn the_whole_lesson_has_no_problem() {
    let (lesson, problems) = read("lessons/whole/lesson.yaml", WHOLE);
    assert_eq!(problems, []);
    assert_eq!(lesson.map(|lesson| lesson.id).as_deref(), Some("whole"));
}

#[test]
fn each_break_is_said_at_its_place_and_nothing_else_is() {
    let mut wrong = Vec::new();
    for (from, to, expected) in CASES {
        assert!(WHOLE.contains(from), "{from}");
        let text = WHOLE.replacen(from, to, 1);
        let (lesson, problems) = read("lessons/broken/lesson.yaml", &text);
        let said: Vec<_> = problems.iter().map(|problem| (place(&text, problem), problem.what.to_string())).collect();
        let fits = said.len() == expected.len()
            && said.iter().zip(*expected).all(|((at, what), (place, start))| at == place && what.starts_with(start));
        if !fits || lesson.is_some() {
            wrong.push(format!("{from} → {to}\n   expected {expected:?}\n   said     {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_problems_are_said_at_once() {
    let text = WHOLE
        .replacen("format: 1", "format: one", 1)
        .replacen("{account: {name:", "{acount: {name:", 1)
        .replacen("run: podman ps", "run: []\n            acount: x", 1)
        .replacen("['a+']", "['(b']", 1)
        .replacen("a nudge, ", "", 1)
        .replacen("page: ls", "pge: ls", 1);
    let (_, problems) = read("lessons/broken/lesson.yaml", &text);
    let said: Vec<_> = problems.iter().map(|problem| format!("{}: {}", problem.line, problem.what)).collect();
    let expected = [
        "1: found the text `one`, expected a whole number, 0 or more",
        "9: `hints`: 2 given, at least 3 needed",
        "15: unknown name `acount`",
        "21: found a list, expected a text",
        "22: unknown key `acount`",
        "28: `page` is missing",
        "28: unknown key `pge`",
    ];
    assert_eq!(said, expected);
}

#[test]
fn the_nearest_right_name_is_offered() {
    let (_, problems) = read("lessons/a/lesson.yaml", &WHOLE.replacen("solution:", "solutoin:", 1));
    let nearest = problems.iter().find_map(|problem| match &problem.what {
        ProblemKind::UnknownKey { nearest, .. } => nearest.as_deref(),
        _ => None,
    });
    assert_eq!(nearest, Some("solution"));
}

#[test]
fn what_a_lesson_needs_and_how_to_clean_up_is_read_as_it_was_typed() {
    let text = WHOLE
        .replacen(
            "title: A title",
            "title: A title\nclean-up: [\"sudo userdel -r {{who}}\", exit]\nneeds: {podman: 4.10}",
            1,
        )
        .replacen("title: First", "title: First\n    needs: {podman: \"5\", systemd: 250}", 1);
    let (lesson, problems) = read("lessons/a/lesson.yaml", &text);
    assert_eq!(problems, []);
    let lesson = lesson.unwrap();
    let version = |text: &str| Some(text.to_owned());
    assert_eq!(lesson.clean_up, ["sudo userdel -r anna", "exit"]);
    assert_eq!(lesson.needs, Some(super::Needs { podman: version("4.10"), systemd: None }));
    assert_eq!(lesson.steps[0].needs, Some(super::Needs { podman: version("5"), systemd: version("250") }));
}

#[test]
fn other_values_take_the_place_of_parameters() {
    let given = [("who".to_owned(), "otto".to_owned())].into();
    let (lesson, _) = super::read_with("lessons/a/lesson.yaml", WHOLE, &given);
    assert_eq!(lesson.map(|lesson| lesson.accounts[0].name.clone()).as_deref(), Some("otto"));
}

#[test]
fn a_given_value_may_not_write_to_the_terminal() {
    let given = [("who".to_owned(), "o\u{1b}[2Jtto".to_owned())].into();
    let (lesson, problems) = super::read_with("lessons/a/lesson.yaml", WHOLE, &given);
    assert!(lesson.is_none());
    assert!(problems.iter().all(|problem| matches!(problem.what, ProblemKind::ControlCharacter { code: 0x1b })));
}

#[test]
fn braces_that_are_no_parameter_stay_as_they_are() {
    let (lesson, _) =
        read("lessons/a/lesson.yaml", &WHOLE.replacen("[do it]", "['podman ps --format {{.Names}} {{who}}']", 1));
    let line = lesson.map(|lesson| lesson.steps[0].solution[0].lines[0].clone());
    assert_eq!(line.as_deref(), Some("podman ps --format {{.Names}} anna"));
}

#[test]
fn a_lesson_with_a_hundred_thousand_mistakes_says_a_hundred_and_ends_soon() {
    let text = format!("{WHOLE}{}", "nonsense: x\n".repeat(15_000));
    let began = std::time::Instant::now();
    let (_, problems) = read("lessons/a/lesson.yaml", &text);
    assert_eq!(problems.len(), 101);
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = read("a/lesson.yaml", &text);
    }

    #[test]
    fn no_piece_cut_out_of_a_lesson_makes_the_reader_panic(from in 0..WHOLE.len(), len in 0_usize..80, put in "[-:{}\\[\\]a\u{e9}&*!|> \n\"']{0,4}") {
        let from = WHOLE.floor_char_boundary(from);
        let to = WHOLE.floor_char_boundary((from + len).min(WHOLE.len()));
        let text = format!("{}{put}{}", &WHOLE[..from], &WHOLE[to..]);
        let (lesson, problems) = read("a/lesson.yaml", &text);
        proptest::prop_assert_eq!(lesson.is_some(), problems.is_empty());
        for problem in problems {
            proptest::prop_assert!(text.get(problem.span).is_some());
        }
    }
}
