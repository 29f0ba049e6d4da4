//! The lessons there are, as a list. Finds none.

use super::ink::Ink;
use super::look::Look;
use super::page::Page;

/// One lesson of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OnShelf {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where it comes from: a folder, or words.
    pub from: String,
    /// How many steps it has.
    pub steps: usize,
    /// The exams or courses it serves.
    pub tracks: Vec<String>,
    /// The languages into which it is translated: `de`.
    pub languages: Vec<String>,
    /// Why it cannot be played, where it cannot.
    pub trouble: Option<String>,
}

/// The list, in the order given.
pub fn shelf(lessons: &[OnShelf], look: &Look) -> String {
    let mut page = Page::new(look);
    for lesson in lessons {
        page.inked("", &lesson.name, Ink::Strong);
        if let Some(trouble) = &lesson.trouble {
            page.say("  ", &format!("cannot be read: {trouble}"));
            continue;
        }
        page.say("  ", &lesson.title);
        let steps = if lesson.steps == 1 { "1 step".to_owned() } else { format!("{} steps", lesson.steps) };
        let tracks = lesson.tracks.join(", ");
        let languages = lesson.languages.join(", ");
        let languages = if languages.is_empty() { languages } else { format!("also in: {languages}") };
        let more = [steps.as_str(), &lesson.from, &tracks, &languages].into_iter().filter(|part| !part.is_empty());
        page.inked("  ", &more.collect::<Vec<_>>().join(look.either(" · ", "; ")), Ink::Faint);
    }
    page.done()
}
