//! Exams that are whole and exams that are broken, and what must be said of them, with its place.

use super::*;
use crate::lesson;

const WHOLE: &str = r#"format: 1
title: A trial
about: A trial, not an exam.
minutes: 15
pass-mark: 70
lasting: true
parameters:
  administrator: {value: lisa, says: who sits it}
draw:
  user: {from: [anna, boris, chen]}
  port: {between: [20000, 29999]}
  name: {words: 2}
accounts:
  - {name: "{{administrator}}", role: administrator}
  - {name: "{{user}}", role: created}
tasks:
  - id: one
    title: First
    text: Do it on {{port}}.
    objective: Accounts
    points: 10
    prepare:
      - directory: {account: "{{administrator}}", path: a/b}
      - file: {account: "{{administrator}}", path: a/c, text: "x\ny\n"}
    goals:
      - id: there
        say: It is there.
        check: {account: {name: "{{user}}"}}
      - id: listens
        say: It listens.
        lasting: false
        check: {port: {number: "{{port}}"}}
        predicted-by: {container: {account: "{{user}}", name: "{{name}}"}}
      - id: lingers
        say: It lingers.
        check: {linger: {account: "{{user}}"}}
    review:
      lesson: tale/linger
      files:
        - {account: "{{user}}", path: d, text: "z\n"}
  - lesson: tale/linger
    with: {account: "{{user}}"}
    objective: Services
    points: 7
    partial-credit: true
"#;

const TALE: &str = r#"format: 1
title: A tale
summary: A tale.
parameters:
  account: {value: conuser1, says: the account}
accounts:
  - {name: "{{account}}", role: created}
steps:
  - id: linger
    title: Staying
    text: Type `loginctl enable-linger`.
    goals:
      - id: typed
        say: You have typed it.
        check: {command: {run: loginctl}}
      - id: seen
        say: It was seen.
        once: true
        check: {manager: {user: "{{account}}", running: true}}
      - id: lingers
        say: "{{account}} lingers."
        check: {linger: {account: "{{account}}"}}
      - id: home
        say: It has a home.
        check: {path: {path: "~{{account}}", kind: directory}}
    hints: [a, b, c]
    solution: [{lines: [loginctl]}]
    manual:
      - {page: loginctl, section: 1, entry: enable-linger, otherwise: Lets it stay.}
  - id: typing
    title: Typing
    text: Type.
    goals:
      - {id: typed, say: You have typed it., check: {command: {run: ls}}}
    hints: [a, b, c]
    solution: [{lines: [ls]}]
"#;

fn tale(name: &str, values: &BTreeMap<String, String>) -> Option<Lesson> {
    (name == "tale").then(|| lesson::read_with("lessons/tale/lesson.yaml", TALE, values).0).flatten()
}

fn read(text: &str, seed: u64) -> Result<Exam, Vec<Problem>> {
    let source = Source { file: "lessons/exams/trial/exam.yaml".into(), text: text.into() };
    source.drawn(seed, &BTreeMap::new(), &tale)
}

#[test]
fn the_whole_exam_is_read_with_the_values_of_its_seed() {
    let exam = read(WHOLE, 5).unwrap();
    let value = |name: &str| exam.parameters[name].clone();
    assert_eq!((exam.id.as_str(), exam.minutes, exam.pass_mark, exam.points()), ("trial", 15, 70, 17));
    assert_eq!(exam.accounts[1].name, value("user"));
    let [first, second] = exam.tasks.as_slice() else { panic!("{:?}", exam.tasks) };
    assert_eq!(first.text, format!("Do it on {}.", value("port")));
    let points: Vec<u32> = first.goals.iter().map(|goal| goal.points).collect();
    assert_eq!(points, [4, 3, 3], "shared evenly, what is over goes to the first");
    assert_eq!(first.goals.iter().map(|goal| goal.lasting).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(first.review.step, Some(("tale".into(), "linger".into())));
    let file = |account: &str, path: &str, text: &str| PlacedFile {
        account: account.into(),
        path: path.into(),
        text: text.into(),
    };
    assert_eq!(
        first.prepare,
        [
            Preparation::Directory { account: "lisa".into(), path: "a/b".into() },
            Preparation::File(file("lisa", "a/c", "x\ny\n"))
        ]
    );
    assert_eq!(first.review.files, [file(&value("user"), "d", "z\n")]);
    assert_eq!((second.id.as_str(), second.title.as_str()), ("linger", "Staying"));
}

#[test]
fn a_step_of_a_lesson_gives_what_is_about_the_machine_and_never_its_way() {
    let exam = read(WHOLE, 5).unwrap();
    let (user, task) = (&exam.parameters["user"], &exam.tasks[1]);
    assert_eq!(task.text, format!("- {user} lingers.\n- It has a home."));
    let goals: Vec<_> = task.goals.iter().map(|goal| (goal.id.as_str(), goal.points, goal.lasting)).collect();
    assert_eq!(goals, [("lingers", 4, true), ("home", 3, true)]);
    let linger = format!("{{all: [{{account: {{name: {user}}}}}, {{linger: {{account: {user}}}}}]}}");
    assert_eq!(task.goals[0].check, serde_yaml::from_str(&linger).unwrap());
    assert_eq!((task.review.manual.len(), task.partial_credit), (1, true));
}

#[test]
fn whatever_is_about_an_account_that_the_candidate_makes_is_red_without_it_and_not_unknown() {
    let exam = read(WHOLE, 5).unwrap();
    let asks_first = |check: &Check| match check {
        Check::All(checks) => {
            matches!(&checks[..], [Check::Account(account), _] if account.name == exam.parameters["user"])
        }
        _ => false,
    };
    let [there, listens, lingers] = exam.tasks[0].goals.as_slice() else { panic!("{:?}", exam.tasks[0]) };
    assert!(asks_first(&lingers.check) && listens.predicted_by.as_ref().is_some_and(asks_first));
    assert!(!asks_first(&there.check) && !asks_first(&listens.check), "nothing is asked twice, or without need");
    let home = serde_yaml::from_str(&format!("{{path: {{path: ~{}/a}}}}", exam.parameters["user"])).unwrap();
    assert!(asks_first(&with_accounts(home, &[exam.parameters["user"].clone()])));
}

/// What is replaced by what, and for each problem expected: the text at its place (or `line N` where it is empty), and how it begins.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    ("format: 1\n", "", &[("line 1", "`format` is missing")]),
    ("minutes: 15\n", "", &[("line 1", "`minutes` is missing")]),
    ("minutes: 15", "minutes: 0", &[("0", "`minutes` is a whole number from 1 to 480")]),
    ("pass-mark: 70", "pass-mark: 101", &[("101", "`pass-mark` is a whole number from 1 to 100")]),
    ("pass-mark: 70", "pas-mark: 70", &[("line 1", "`pass-mark` is missing"), ("pas-mark", "unknown key `pas-mark`")]),
    ("about: A trial, not an exam.", "about: ' '", &[("' '", "`about` is empty")]),
    (
        "about: A trial",
        "about: \"\\e[31mA trial\"\ntracks: [a]\n#",
        &[("\"\\e[31mA trial\"", "control character U+001B")],
    ),
    ("{from: [anna, boris, chen]}", "{form: [anna]}", &[("form", "unknown name `form`")]),
    ("{from: [anna, boris, chen]}", "{from: []}", &[("{", "`from` is empty")]),
    ("boris", "Boris", &[("Boris", "`Boris` is not safe as a name everywhere")]),
    ("boris", "anna", &[("anna", "`anna` stands in the list twice")]),
    ("[20000, 29999]", "[2, 1]", &[("{", "`between` is two numbers, the lower one first")]),
    ("{words: 2}", "{words: 4}", &[("{", "`words` is a number from 1 to 3")]),
    (
        "{from: [anna, boris, chen]}",
        "{from: [anna]}\n  other: {from: [anna]}",
        &[("{", "1 values are too few"), ("other", "parameter `other` is not used"), ("{", "1 values are too few")],
    ),
    ("  name: {words: 2}", "  name: {words: 2}\n  more: {words: 1}", &[("more", "parameter `more` is not used")]),
    (
        "  name: {words: 2}",
        "  name: {words: 2}\n  administrator: {words: 1}",
        &[("administrator", "`administrator` is not unique")],
    ),
    ("text: Do it on {{port}}.", "text: Do it on {{prot}}.", &[("{{prot}}", "no parameter `prot`")]),
    ("points: 10", "points: 2", &[("2", "2 points are too few for 3 goals")]),
    ("points: 10", "points: 1001", &[("1001", "`points` is a whole number from 1 to 1000")]),
    ("    points: 10\n", "", &[("one", "`points` is missing")]),
    (
        "say: It is there.",
        "say: It is there.\n        points: 3",
        &[("3", "all goals of a task say their points, or none does")],
    ),
    ("objective: Accounts", "objective: \"a\\nb\"", &[("\"a\\nb\"", "`objective` is more than one line")]),
    ("id: listens", "id: there", &[("there", "`there` is not unique")]),
    ("{account: {name: \"{{user}}\"}}", "{acount: {name: x}}", &[("acount", "unknown name `acount`")]),
    ("{account: {name: \"{{user}}\"}}", "{account: {name: otto}}", &[("otto", "account `otto` is not declared")]),
    (
        "{account: {name: \"{{user}}\"}}",
        "{any: [{linger: {account: root}}, {command: {run: id}}]}",
        &[("command", "a grade rests on how the machine is: `command` is no check for an exam")],
    ),
    (
        "{account: {name: \"{{user}}\"}}",
        "{program: {file: p, as: \"{{user}}\"}}",
        &[("program", "a grade rests on how the machine is: `program` is no check for an exam")],
    ),
    ("path: a/b", "path: /etc", &[("/etc", "`/etc` is not a path below a home")]),
    ("path: a/c", "path: a/../../c", &[("a/../../c", "`a/../../c` is not a path below a home")]),
    (
        "directory: {account: \"{{administrator}}\"",
        "directory: {account: \"{{user}}\"",
        &[("\"{{user}}\"", "is not there when the exam starts")],
    ),
    ("file: {account: \"{{administrator}}\"", "file: {account: root", &[("root", "account `root` is not declared")]),
    ("lesson: tale/linger\n    with", "lesson: tale\n    with", &[("tale", "`tale` is not LESSON/STEP")]),
    ("lesson: tale/linger\n    with", "lesson: saga/x\n    with", &[("saga/x", "there is no sound lesson `saga`")]),
    ("lesson: tale/linger\n    with", "lesson: tale/lingr\n    with", &[("tale/lingr", "unknown name `lingr`")]),
    (
        "lesson: tale/linger\n    with",
        "lesson: tale/typing\n    with",
        &[("tale/typing", "no goal of that step is about how the machine is")],
    ),
    ("lesson: tale/linger\n      files", "lesson: tale/lingr\n      files", &[("tale/lingr", "unknown name `lingr`")]),
    ("with: {account: \"{{user}}\"}", "with: {acount: x, account: \"{{user}}\"}", &[("x", "no parameter `acount`")]),
    ("    with: {account: \"{{user}}\"}\n", "", &[("line 41", "account `conuser1` is not declared")]),
    (
        "points: 7",
        "points: 7\n    goals:\n      - {id: x, say: X., check: {linger: {account: root}}}",
        &[("{", "a task has goals of its own or those of a lesson's step, not both")],
    ),
    ("points: 7", "points: 1", &[("1", "1 points are too few for 2 goals")]),
];

fn place(text: &str, problem: &Problem) -> String {
    match &text[problem.span.clone()] {
        "" => format!("line {}", problem.line),
        part => part.to_owned(),
    }
}

#[test]
fn each_break_is_said_at_its_place_and_nothing_else_is() {
    let mut wrong = Vec::new();
    for (from, to, expected) in CASES {
        assert!(WHOLE.contains(from), "{from}");
        let text = WHOLE.replacen(from, to, 1);
        let problems = read(&text, 5).err().unwrap_or_default();
        let said: Vec<_> = problems.iter().map(|problem| (place(&text, problem), problem.what.to_string())).collect();
        let fits = said.len() == expected.len()
            && said.iter().zip(*expected).all(|((at, what), (place, start))| at == place && what.contains(start));
        if !fits {
            wrong.push(format!("{from} → {to}\n   expected {expected:?}\n   said     {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_problems_are_said_at_once() {
    let text = WHOLE
        .replacen("minutes: 15", "minutes: soon", 1)
        .replacen("boris", "Boris", 1)
        .replacen("points: 10", "points: 1", 1)
        .replacen("path: a/b", "path: /etc", 1)
        .replacen("tale/linger\n    with", "tale/x\n    with", 1);
    let said: Vec<_> = read(&text, 5).unwrap_err().iter().map(|problem| problem.line).collect();
    assert_eq!(said, [4, 10, 21, 23, 41]);
}

#[test]
fn goals_may_say_their_own_points_when_these_add_up() {
    let with = |points: [u32; 3]| {
        let mut text = WHOLE.to_owned();
        for (say, points) in ["It is there.", "It listens.", "It lingers."].iter().zip(points) {
            text = text.replacen(&format!("say: {say}"), &format!("say: {say}\n        points: {points}"), 1);
        }
        read(&text, 5)
    };
    let exam = with([7, 2, 1]).unwrap();
    assert_eq!(exam.tasks[0].goals.iter().map(|goal| goal.points).collect::<Vec<_>>(), [7, 2, 1]);
    let said = with([7, 2, 2]).unwrap_err();
    assert_eq!(said[0].what.to_string(), "the goals' points are 11 together, not 10");
}

#[test]
fn a_prediction_is_looked_at_only_before_a_reboot_and_only_where_something_is_to_last() {
    use crate::exam::GradeKind::{Predicted, Proven};
    let mut exam = read(WHOLE, 5).unwrap();
    let goal = &mut exam.tasks[0].goals[1];
    assert_eq!(goal.check_for(Predicted), &goal.check, "it need not last");
    goal.lasting = true;
    assert_eq!(Some(goal.check_for(Predicted)), goal.predicted_by.as_ref());
    assert_eq!(goal.check_for(Proven), &goal.check);
}

#[test]
fn what_the_schema_says_is_what_is_read() {
    let schema = form_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let valid = |text: &str| validator.is_valid(&serde_yaml::from_str::<serde_json::Value>(text).unwrap());
    // Words stand where numbers will be: the schema sees what the author writes.
    let drawn = WHOLE.replace("number: \"{{port}}\"", "number: 80");
    assert!(
        valid(&drawn),
        "{:?}",
        validator.iter_errors(&serde_yaml::from_str(&drawn).unwrap()).map(|e| e.to_string()).collect::<Vec<_>>()
    );
    for (from, to) in
        [("title: A trial", "titel: A trial"), ("minutes: 15", "minutes: 0"), ("{words: 2}", "{wrods: 2}")]
    {
        assert!(!valid(&drawn.replacen(from, to, 1)), "{to}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = read(&text, 1);
    }

    #[test]
    fn no_piece_cut_out_of_an_exam_makes_the_reader_panic(from in 0..WHOLE.len(), len in 0_usize..80, put in "[-:{}\\[\\]a\u{e9}&*!|> \n\"']{0,4}") {
        let from = WHOLE.floor_char_boundary(from);
        let to = WHOLE.floor_char_boundary((from + len).min(WHOLE.len()));
        let text = format!("{}{put}{}", &WHOLE[..from], &WHOLE[to..]);
        if let Err(problems) = read(&text, 1) {
            proptest::prop_assert!(!problems.is_empty());
            for problem in problems {
                proptest::prop_assert!(text.get(problem.span).is_some());
            }
        }
    }
}
