//! Translations, whole, partial, old and broken.

use super::*;
use crate::lesson::read;

const LESSON: &str = "format: 1
title: A title
summary: A summary.
parameters: {who: {value: ada, says: an account}}
accounts: [{name: \"{{who}}\", role: created}]
steps:
  - id: one
    title: First
    text: |
      Do it, {{who}}.
    goals: [{id: there, say: It is there., check: {account: {name: \"{{who}}\"}}}]
    hints: [a nudge, a push, the command]
    solution: [{lines: [do it]}, {lines: [do it], because: It is so.}]
    manual: [{page: ls, section: 1, entry: -l, otherwise: Shows more.}]
";

const WHOLE: &str = "format: 1
title: Ein Titel
summary: {of: SUMMARY, text: Eine Zusammenfassung.}
steps:
  one:
    title: Erstens
    text:
      of: TEXT
      text: |
        Tu es, {{who}}.
    goals: {there: Es ist da.}
    hints: [ein Wink, ein Stoß, der Befehl]
    because: [~, Es ist so.]
    manual: [Zeigt mehr.]
";

fn whole() -> String {
    WHOLE.replace("SUMMARY", &digest_of("A summary.")).replace("TEXT", &digest_of("Do it, {{who}}.\n"))
}

fn laid(translation: &str) -> Result<Lesson, Vec<Problem>> {
    let mut lesson = read("tale/lesson.yaml", LESSON).0.unwrap();
    lay_over(&mut lesson, LESSON, "tale/lesson.de.yaml", translation).map(|()| lesson)
}

#[test]
fn every_text_is_shown_in_the_other_language_and_nothing_else_changes() {
    let lesson = laid(&whole()).unwrap();
    let step = &lesson.steps[0];
    assert_eq!((lesson.title.as_str(), lesson.summary.as_str()), ("Ein Titel", "Eine Zusammenfassung."));
    assert_eq!((step.title.as_str(), step.text.as_str()), ("Erstens", "Tu es, ada."));
    assert_eq!((step.goals[0].say.as_str(), step.hints[1].as_str()), ("Es ist da.", "ein Stoß"));
    assert_eq!((step.solution[0].because.as_deref(), step.solution[1].because.as_deref()), (None, Some("Es ist so.")));
    assert_eq!(step.manual[0].otherwise, "Zeigt mehr.");
    assert_eq!(problems(LESSON, "tale/lesson.de.yaml", &whole()), (vec![], vec![]));
    let original = read("tale/lesson.yaml", LESSON).0.unwrap();
    assert_eq!(
        (&step.id, &step.goals[0].check, &lesson.accounts),
        (&original.steps[0].id, &original.steps[0].goals[0].check, &original.accounts)
    );
}

#[test]
fn what_is_missing_or_old_is_told_and_shown_as_in_the_original() {
    let text = whole().replace("title: Ein Titel\n", "").replace("[ein Wink, ein Stoß, der Befehl]", "[~, ein Stoß]");
    let text = text.replace(&digest_of("A summary."), "00000000");
    let lesson = laid(&text).unwrap();
    assert_eq!((lesson.title.as_str(), lesson.summary.as_str()), ("A title", "A summary."));
    assert_eq!(lesson.steps[0].hints, ["a nudge", "ein Stoß", "the command"]);
    let (wrong, gaps) = problems(LESSON, "tale/lesson.de.yaml", &text);
    assert_eq!(wrong, []);
    let said: Vec<String> = gaps.iter().map(|gap| format!("{}: {gap}", gap.line)).collect();
    let now = digest_of;
    assert_eq!(
        said,
        [
            format!("1: `steps: one: hints: 1` is not translated (of: {})", now("a nudge")),
            format!("1: `steps: one: hints: 3` is not translated (of: {})", now("the command")),
            format!("2: `summary` translates an older text (of: 00000000; now it is {})", now("A summary.")),
            format!("1: `title` is not translated (of: {})", now("A title")),
        ]
    );
}

#[test]
fn what_is_wrong_is_told_at_its_place_and_nothing_is_shown_of_it() {
    for (from, to, place, what) in [
        ("format: 1\n", "", (1, 1), "expected format: 1"),
        ("  one:", "  ona:", (5, 3), "unknown key `ona`"),
        ("there: Es", "their: Es", (11, 13), "unknown key `their`"),
        ("    because:", "    becuase:", (13, 5), "unknown key `becuase`"),
        ("of: TEXT\n      text:", "of: TEXT\n      txt:", (8, 7), "`text` is missing"),
        ("[Zeigt mehr.]", "[Zeigt mehr., Noch mehr.]", (14, 27), "the lesson has no text number 2 here"),
        ("because: [~,", "because: [Weil.,", (13, 15), "the lesson has no text number 1 here"),
        ("Tu es, {{who}}.", "Tu es, {{woh}}.", (10, 16), "no parameter `woh`"),
        ("title: Erstens", "title: \"Erst\\nens\"", (6, 12), "`title` is more than one line"),
        ("title: Erstens", "title: \"Erst\\e[2Jens\"", (6, 12), "control character U+001B"),
        ("title: Erstens", "title: ''", (6, 12), "`title` is empty"),
        ("title: Erstens", "title: [a]", (6, 12), "found a list, expected a text"),
        ("title: Erstens", "title: a\n    title: b", (7, 5), "`title` stands here twice"),
        ("steps:", "steps: [", (4, 1), "not readable as YAML"),
    ] {
        assert!(WHOLE.contains(from), "{from}");
        let text = WHOLE.replacen(from, to, 1);
        let text = text.replace("SUMMARY", &digest_of("A summary.")).replace("TEXT", &digest_of("Do it, {{who}}."));
        let problems = laid(&text).unwrap_err();
        let first = &problems[0];
        assert!(first.what.to_string().starts_with(what), "{to}: {problems:#?}");
        if !what.starts_with("not readable") {
            assert_eq!((first.line, first.column), place, "{to}: {problems:#?}");
        }
        assert_eq!(super::problems(LESSON, "tale/lesson.de.yaml", &text).0, problems);
    }
}
