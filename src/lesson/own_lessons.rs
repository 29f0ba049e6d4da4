//! What holds for the lessons of this repository. Tests only.

use super::{Lesson, Shelf};

fn lesson(name: &str) -> Lesson {
    match Shelf::default().find(name) {
        Ok((lesson, _)) => lesson,
        Err(super::ShelfError::Broken { problems, .. }) => panic!("{problems:#?}"),
        Err(error) => panic!("{error}"),
    }
}

/// How many lines a text takes at that width; a blank line and an indented one stay as they are.
fn lines_at(width: usize, text: &str) -> usize {
    let mut lines: usize = 0;
    let mut room = 0;
    for line in text.lines() {
        let stands_alone = line.is_empty() || line.starts_with("    ") || line.starts_with("- ");
        if stands_alone || room == 0 {
            lines += 1;
            room = width;
        }
        for word in line.split_whitespace() {
            let long = word.chars().count() + 1;
            if long > room {
                lines += 1;
                room = width;
            }
            room = room.saturating_sub(long);
        }
        if line.is_empty() || line.starts_with("    ") {
            room = 0;
        }
    }
    lines
}

/// Every lesson of the program, and how many steps it has.
const OWN: [(&str, usize); 3] =
    [("quadlet-containers", 14), ("rootless-containers", 20), ("rootless-storage-and-ids", 12)];

fn own() -> impl Iterator<Item = Lesson> {
    OWN.into_iter().map(|(name, _)| lesson(name))
}

/// The solutions of a lesson, each with its file's name.
fn solutions(lesson: &str) -> Vec<(String, Vec<super::TypedStep>)> {
    let folder = format!("{}/lessons/{lesson}/solutions", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let read = |file: std::io::Result<std::fs::DirEntry>| {
        let file = file.unwrap();
        let name = format!("{lesson}/{}", file.file_name().display());
        let text = std::fs::read_to_string(file.path()).unwrap();
        let steps = super::read_typed(&text).unwrap_or_else(|line| panic!("{name}: line {line}"));
        (name, steps)
    };
    files.map(read).collect()
}

#[test]
fn the_built_in_lessons_read_without_a_problem_and_have_their_steps() {
    let names: Vec<String> = Shelf::default().names();
    assert_eq!(names, OWN.map(|(name, _)| name));
    for (name, steps) in OWN {
        assert_eq!(lesson(name).steps.len(), steps, "{name}");
    }
}

#[test]
fn a_step_fits_a_screen_of_24_lines_with_its_goals() {
    for step in own().flat_map(|lesson| lesson.steps) {
        let text = lines_at(78, &step.text);
        let goals: usize = step.goals.iter().map(|goal| lines_at(74, &goal.say)).sum();
        assert!(text <= 12, "{}: {text} lines of text", step.id);
        assert!(text + goals <= 18, "{}: {text} lines of text and {goals} of goals", step.id);
    }
}

#[test]
fn every_step_names_a_place_in_the_manual() {
    for step in own().flat_map(|lesson| lesson.steps) {
        assert!(!step.manual.is_empty(), "{}", step.id);
    }
}

#[test]
fn the_last_hint_but_a_way_out_holds_a_command_of_the_solution() {
    for step in own().flat_map(|lesson| lesson.steps) {
        let last = step.solution.last().and_then(|way| way.lines.last()).cloned().unwrap_or_default();
        let word = last.split_whitespace().next().unwrap_or_default();
        assert!(step.hints.iter().skip(1).any(|hint| hint.contains(word)), "{}: {word}", step.id);
    }
}

#[test]
fn every_typed_solution_takes_every_step_in_order_and_awaits_only_goals_of_its_step() {
    for lesson in own() {
        let ids: Vec<&String> = lesson.steps.iter().map(|step| &step.id).collect();
        for (name, typed) in solutions(&lesson.id) {
            assert_eq!(typed.iter().map(|step| &step.id).collect::<Vec<_>>(), ids, "{name}");
            for (step, typed) in lesson.steps.iter().zip(&typed) {
                for turn in &typed.turns {
                    if let super::Turn::Goal { id, .. } = turn {
                        assert!(step.goals.iter().any(|goal| goal.id == *id), "{name}, {}: no goal {id}", step.id);
                    }
                }
            }
        }
    }
}

#[test]
fn the_first_typed_solution_types_every_line_that_the_lesson_shows() {
    for lesson in own() {
        let own = format!("{}/typed.txt", lesson.id);
        let solutions = solutions(&lesson.id);
        let (_, typed) = solutions.iter().find(|(name, _)| *name == own).unwrap_or_else(|| panic!("no {own}"));
        for (step, typed) in lesson.steps.iter().zip(typed) {
            let line = |turn: &super::Turn| match turn {
                super::Turn::Line { line, .. } => Some(line.clone()),
                _ => None,
            };
            let lines: Vec<String> = typed.turns.iter().filter_map(line).collect();
            for line in step.solution.iter().flat_map(|way| &way.lines) {
                assert!(lines.iter().any(|typed| typed.contains(line)), "{own}, {}: `{line}` is not typed", step.id);
            }
        }
    }
}

#[test]
fn the_example_in_the_description_of_lessons_is_a_lesson() {
    let page = include_str!("../../lessons/README.md");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap_or_default();
    assert!(example.contains("steps:"));
    let (_, problems) = super::read("lessons/example/lesson.yaml", example);
    assert_eq!(problems, []);
}

#[test]
fn each_built_in_translation_is_sound_translates_no_older_text_and_fits_the_screen() {
    let original = include_str!("../../lessons/rootless-containers/lesson.yaml");
    let german = include_str!("../../lessons/rootless-containers/lesson.de.yaml");
    let (problems, gaps) = super::translation::problems(original, "lesson.de.yaml", german);
    assert_eq!(problems, []);
    // It is partial: four whole steps, and no text of any other.
    let old: Vec<String> = gaps.iter().filter(|gap| gap.of.is_some()).map(ToString::to_string).collect();
    assert_eq!(old, [""; 0]);
    let shelf = Shelf::default().in_language(Some("de_AT"));
    let (translated, _) = shelf.find("rootless-containers").unwrap();
    let english = lesson("rootless-containers");
    for (number, (step, before)) in translated.steps.iter().zip(&english.steps).enumerate() {
        let here = format!("steps: {}: ", step.id);
        assert_eq!(gaps.iter().any(|gap| gap.place.starts_with(&here)), number >= 4, "{}", step.id);
        assert_eq!(step.text != before.text, number < 4, "{}", step.id);
        let text = lines_at(78, &step.text);
        let goals: usize = step.goals.iter().map(|goal| lines_at(74, &goal.say)).sum();
        assert!(text <= 12 && text + goals <= 18, "{}: {text} lines of text and {goals} of goals", step.id);
    }
}
