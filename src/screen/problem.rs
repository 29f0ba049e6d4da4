//! A problem in a file, with the place in it, as compilers show it.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::clean::{clean, clean_line};
use super::fold;
use super::look::Look;
use crate::lesson::ProblemKind;

/// A problem at `span` (bytes of `source`), with what was expected in `message` and the way out in `help`.
pub fn problem(file: &str, source: &str, span: Range<usize>, message: &str, help: Option<&str>, look: &Look) -> String {
    place(Level::ERROR, Place { file, source, span, message, help }, look)
}

/// The same for what may be right all the same.
pub fn warning(file: &str, source: &str, span: Range<usize>, message: &str, help: Option<&str>, look: &Look) -> String {
    place(Level::WARNING, Place { file, source, span, message, help }, look)
}

struct Place<'a> {
    file: &'a str,
    source: &'a str,
    span: Range<usize>,
    message: &'a str,
    help: Option<&'a str>,
}

fn place(level: Level<'_>, place: Place<'_>, look: &Look) -> String {
    let Place { file, source, span, message, help } = place;
    let (source, span) = cleaned(source, span, look);
    let (file, message) = (clean_line(file, look), clean_line(message, look));
    let help = help.map(|help| clean_line(help, look));
    let snippet = Snippet::source(&source).path(&file).annotation(AnnotationKind::Primary.span(span));
    let mut group = level.primary_title(&message).element(snippet);
    if let Some(help) = &help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if look.paints() { Renderer::styled() } else { Renderer::plain() };
    let decor = if look.symbols() { DecorStyle::Unicode } else { DecorStyle::Ascii };
    let text = renderer.term_width(look.columns()).decor_style(decor).render(&[group]);
    let folded = text.lines().flat_map(|line| fold::fold(line, look.columns(), "", ""));
    fold::settle(&folded.collect::<Vec<_>>().join("\n"), look.columns())
}

/// What was expected in place of what is wrong, where that can be named.
pub fn expected(what: &ProblemKind) -> Option<String> {
    let list = |names: &[String]| (!names.is_empty()).then(|| format!("expected one of: {}", names.join(", ")));
    match what {
        ProblemKind::UnknownKey { nearest: Some(nearest), .. }
        | ProblemKind::UnknownName { nearest: Some(nearest), .. }
        | ProblemKind::UnknownAccount { nearest: Some(nearest), .. }
        | ProblemKind::UnknownParameter { nearest: Some(nearest), .. } => Some(format!("is `{nearest}` meant?")),
        ProblemKind::UnknownKey { expected, .. }
        | ProblemKind::UnknownName { expected, .. }
        | ProblemKind::UnknownAccount { expected, .. }
        | ProblemKind::UnknownParameter { expected, .. } => list(expected),
        ProblemKind::Format { expected, .. } => Some(format!("expected format: {expected}")),
        ProblemKind::DuplicateKey { first_line, .. } | ProblemKind::NotUnique { first_line, .. } => {
            Some(format!("the first one is in line {first_line}"))
        }
        ProblemKind::ControlCharacter { .. } => Some("write it as text: what is shown obeys no sequences".into()),
        _ => None,
    }
}

/// The source as it is shown, and where the span is in it. Cleaning makes some characters longer.
fn cleaned(source: &str, span: Range<usize>, look: &Look) -> (String, Range<usize>) {
    let start = floor(source, span.start.min(span.end));
    let end = floor(source, span.end).max(start);
    let before = clean(&source[..start], look);
    let within = clean(&source[start..end], look);
    let after = clean(&source[end..], look);
    let span = before.len()..before.len() + within.len();
    (before + &within + &after, span)
}

fn floor(text: &str, mut place: usize) -> usize {
    place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}
