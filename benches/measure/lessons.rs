//! Lessons for the clock, written where the program finds them. All are made of the eighteen facts.

use std::fs;
use std::path::Path;

use rootless_lab::lesson::Shelf;

use super::bed::ROOM;

/// The eighteen wishes themselves.
pub fn facts() -> Vec<checkers::Check> {
    let (lesson, _) = Shelf::default().find(&format!("{ROOM}/facts")).unwrap_or_else(|error| panic!("{error}"));
    let goals = lesson.steps.into_iter().flat_map(|step| step.goals);
    goals.map(|goal| goal.check).collect()
}

/// A shelf with the lesson `open` on it, whose step is never done because of one more goal, and so many others.
pub fn shelf(place: &Path, others: usize) {
    let facts = fs::read_to_string(format!("{ROOM}/facts/lesson.yaml")).expect("the facts");
    let never = "      - {id: never, say: This is never so., check: {path: {path: /run/never-there}}}\n    hints:";
    let open = facts.replacen("    hints:", never, 1);
    let names = (0..others).map(|number| format!("other-{number}")).chain(["open".to_owned()]);
    for folder in names.map(|name| place.join(name)) {
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("lesson.yaml"), &open).expect("a lesson");
    }
}
