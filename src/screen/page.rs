//! A page being written: lines, gaps and Markdown, folded to the look's width. Never prints.

use super::clean::clean_line;
use super::fold;
use super::ink::Ink;
use super::look::Look;
use super::markdown;

/// A page being written.
pub(super) struct Page<'a> {
    pub(super) look: &'a Look,
    text: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(look: &'a Look) -> Self {
        Self { look, text: String::new() }
    }

    /// A line of our own, as it is.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One empty line, unless there is one already or the page is empty.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A sentence, folded under its beginning. `first` is ours; the text may be foreign.
    pub(super) fn say(&mut self, first: &str, text: &str) {
        let text = clean_line(text, self.look);
        self.ours(first, &text);
    }

    /// The same with text of our own that may hold colour codes.
    pub(super) fn ours(&mut self, first: &str, text: &str) {
        let rest = " ".repeat(fold::width(first));
        self.folded(first, &rest, text, None);
    }

    /// A foreign text in one ink.
    pub(super) fn inked(&mut self, first: &str, text: &str, ink: Ink) {
        let text = clean_line(text, self.look);
        let rest = " ".repeat(fold::width(first));
        self.folded(first, &rest, &text, Some(ink));
    }

    /// A foreign text behind a first lead and another for the lines that follow.
    pub(super) fn hanging(&mut self, first: &str, rest: &str, text: &str, ink: Option<Ink>) {
        let text = clean_line(text, self.look);
        self.folded(first, rest, &text, ink);
    }

    fn folded(&mut self, first: &str, rest: &str, text: &str, ink: Option<Ink>) {
        let lead = fold::width(first).max(fold::width(rest));
        let columns = self.look.columns().saturating_sub(lead).max(8);
        for (number, line) in fold::fold(text, columns, "", "").iter().enumerate() {
            let line = ink.map_or_else(|| line.clone(), |ink| ink.on(line, self.look));
            self.line(&format!("{}{line}", if number == 0 { first } else { rest }));
        }
    }

    /// A foreign text in one ink, each line behind `before`.
    pub(super) fn framed(&mut self, before: &str, text: &str, ink: Ink) {
        let text = clean_line(text, self.look);
        self.folded(before, before, &text, Some(ink));
    }

    /// A foreign Markdown text, each line behind `before`.
    pub(super) fn markdown(&mut self, before: &str, text: &str) {
        for line in self.markdown_lines(fold::width(before), text) {
            self.line(&format!("{before}{line}"));
        }
    }

    /// A foreign Markdown text as lines, `less` columns narrower than the page.
    pub(super) fn markdown_lines(&self, less: usize, text: &str) -> Vec<String> {
        let columns = self.look.columns().saturating_sub(less).max(8);
        markdown::lines(text, columns, self.look)
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> usize {
        self.text.lines().count()
    }

    /// The page as text.
    pub(super) fn done(self) -> String {
        fold::settle(self.text.trim_end_matches('\n'), self.look.columns())
    }
}
