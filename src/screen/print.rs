//! A lesson as a page for printing and projecting: one HTML file with everything in it, light and dark. Foreign text is only ever text:
//! the template escapes it, and Markdown brings no HTML of its own and no links but plain ones.

use minijinja::{Environment, Value, context};
use pulldown_cmark::{CowStr, Event, LinkType, Parser, Tag};

use super::clean::clean;
use super::look::Look;
use crate::lesson::{Lesson, Step};

const PAGE: &str = include_str!("print.html");
/// Text on paper has symbols and no colours of a terminal.
const PAPER: Look = Look { width: 80, colour: false, plain: false, unicode: true, elsewhere: false };

/// The page; why there is none.
pub fn print(lesson: &Lesson) -> Result<String, String> {
    let mut environment = Environment::new();
    // A name that ends in .html has what is filled in escaped.
    environment.add_template("print.html", PAGE).map_err(|error| error.to_string())?;
    let template = environment.get_template("print.html").map_err(|error| error.to_string())?;
    let steps: Vec<Value> = lesson.steps.iter().map(step).collect();
    let page = template.render(context! {
        title => line(&lesson.title),
        summary => markdown(&lesson.summary),
        tracks => lesson.tracks.iter().map(|track| line(track)).collect::<Vec<_>>(),
        author => lesson.author.as_ref().map(|author| line(&author.name)),
        clean_up => lesson.clean_up.iter().map(|one| line(one)).collect::<Vec<_>>(),
        steps,
    });
    page.map_err(|error| error.to_string())
}

fn step(step: &Step) -> Value {
    let ways = step.solution.iter().map(|way| {
        let lines: Vec<String> = way.lines.iter().map(|one| clean(one, &PAPER)).collect();
        context! { lines, because => way.because.as_deref().map(markdown) }
    });
    let manual = step.manual.iter().map(|entry| {
        let place = format!("{}({}), {}", line(&entry.page), line(&entry.section), line(&entry.entry));
        context! { place, otherwise => markdown(&entry.otherwise) }
    });
    context! {
        title => line(&step.title),
        text => markdown(&step.text),
        goals => step.goals.iter().map(|goal| line(&goal.say)).collect::<Vec<_>>(),
        hints => step.hints.iter().map(|hint| markdown(hint)).collect::<Vec<_>>(),
        ways => ways.collect::<Vec<_>>(),
        manual => manual.collect::<Vec<_>>(),
    }
}

fn line(text: &str) -> String {
    super::clean::clean_line(text, &PAPER)
}

/// Markdown as HTML.
fn markdown(text: &str) -> Value {
    let text = clean(text, &PAPER);
    let harmless = Parser::new(&text).map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let plain = ["https://", "http://", "mailto:"].iter().any(|scheme| dest_url.starts_with(scheme));
            let dest_url = if plain { dest_url } else { CowStr::Borrowed("#") };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        // Nothing is fetched for a page that is printed.
        Event::Start(Tag::Image { title, id, .. }) => {
            let dest_url = CowStr::Borrowed("#");
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id })
        }
        Event::End(pulldown_cmark::TagEnd::Image) => Event::End(pulldown_cmark::TagEnd::Link),
        other => other,
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, harmless);
    Value::from_safe_string(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESSON: &str = include_str!("../author/begin/lesson.yaml");

    fn lesson() -> Lesson {
        crate::lesson::read("small/lesson.yaml", LESSON).0.unwrap()
    }

    #[test]
    fn a_page_holds_every_text_of_the_lesson_and_fetches_nothing() {
        let page = print(&lesson()).unwrap();
        for text in [
            "A note that only your group may read",
            "Your group may read note.txt",
            "chmod 640 ~&#x2f;note.txt",
            "reference",
        ] {
            assert!(page.contains(text), "{text}\n{page}");
        }
        for outside in ["src=", "url(", "@import", "<script", "<link"] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn foreign_text_stays_text() {
        let mut lesson = lesson();
        let hostile = "<script>x</script> [a](javascript:x) ![b](https://e.example/p.png)\n\n<img src=x onerror=y>";
        lesson.title = hostile.into();
        lesson.summary = hostile.into();
        lesson.steps[0].text = hostile.into();
        lesson.steps[0].hints[0] = hostile.into();
        lesson.steps[0].goals[0].say = hostile.into();
        lesson.steps[0].solution[0].lines[0] = hostile.into();
        let page = print(&lesson).unwrap();
        for tag in ["<script", "<img", "javascript:x\"", "e.example/p.png\""] {
            assert!(!page.contains(tag), "{tag}\n{page}");
        }
    }
}
