//! What is wrong with the translations that lie beside a lesson, what they lack, and what they translate from an older text.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::doubt::Doubt;
use super::finding::{Finding, Loose, What, doubt, in_order};
use crate::lesson::translation::{Gap, problems};
use crate::lesson::{Origin, Shelf};

/// Each translation of the lesson in `file` (whose text is given): its file's name, its text, and what was found in it.
pub fn translations(file: &Path, text: &str) -> Vec<(String, String, Vec<Finding>)> {
    let languages = Shelf::default().languages("", &Origin::File(file.to_owned()));
    let names = languages.iter().map(|language| format!("lesson.{language}.yaml"));
    let one = |name: String| {
        // One that cannot be read is told by whoever opens the lesson in that language.
        let translation = fs::read_to_string(file.with_file_name(&name)).ok()?;
        let found = text_of(text, &name, &translation);
        Some((name, translation, found))
    };
    names.filter_map(one).collect()
}

fn text_of(lesson: &str, name: &str, translation: &str) -> Vec<Finding> {
    let (wrong, gaps) = problems(lesson, name, translation);
    let mut found: Vec<Loose> =
        wrong.into_iter().map(|problem| (problem.span, What::Problem(problem.what), None)).collect();
    let (missing, old): (Vec<Gap>, Vec<Gap>) = gaps.into_iter().partition(|gap| gap.of.is_none());
    for gap in old {
        found.push(doubt(gap.span, Doubt::OldTranslation { place: gap.place, now: gap.now }));
    }
    // One for each step: a translation begins with few texts, and nobody reads a hundred lines.
    let mut steps: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for gap in missing {
        let parts: Vec<&str> = gap.place.splitn(3, ": ").collect();
        let (step, text) = match parts.as_slice() {
            ["steps", step, text] => (format!("the step `{step}`"), *text),
            _ => ("the lesson".to_owned(), gap.place.as_str()),
        };
        steps.entry(step).or_default().push(format!("{text} ({})", gap.now));
    }
    for (of, texts) in steps {
        found.push(doubt(0..0, Doubt::NotTranslated { of, texts: texts.join(", ") }));
    }
    in_order(translation, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::author::lint::Severity;
    use crate::lesson::translation::digest_of;

    const LESSON: &str =
        "format: 1\ntitle: A title\nsummary: A summary.\nsteps:\n  - id: one\n    title: First\n    text: Do.\n";

    #[test]
    fn what_a_translation_lacks_is_a_warning_a_step_and_what_is_wrong_with_it_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lesson.yaml");
        let german =
            "format: 1\ntitle: Ein Titel\nsummary: {of: abcdef01, text: Kurz.}\nsteps:\n  one: {title: Erstens}\n";
        fs::write(folder.path().join("lesson.de.yaml"), german).unwrap();
        fs::write(folder.path().join("lesson.fr.yaml"), "format: 1\ntitre: Un titre\n").unwrap();
        let all = translations(&file, LESSON);
        let said: Vec<String> = all
            .iter()
            .flat_map(|(name, _, found)| {
                found.iter().map(move |f| format!("{name}:{}:{}: {}", f.line, f.column, f.what))
            })
            .collect();
        let now = digest_of;
        assert_eq!(
            said,
            [
                format!("lesson.de.yaml:1:1: the step `one` is not translated as a whole: text ({})", now("Do.")),
                "lesson.de.yaml:3:15: `summary` translates an older text".to_owned(),
                "lesson.fr.yaml:2:1: unknown key `titre`".to_owned(),
            ]
        );
        let severity: Vec<_> = all.iter().flat_map(|(_, _, found)| found).map(|f| f.what.severity()).collect();
        assert_eq!(severity, [Severity::Warning, Severity::Warning, Severity::Error]);
    }
}
