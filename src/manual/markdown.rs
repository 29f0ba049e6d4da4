//! Lines of a page → Markdown: `**bold**`, `*italic*`, lists and code blocks. What only looks like Markdown is escaped with a backslash.

use super::glyph::{Glyph, Line, Mark};

/// At `MANWIDTH=2000` a line that long goes on in the next one.
const FULL_LINE: usize = 1800;

/// An entry: its heads as the first paragraph, then its text.
pub(super) fn entry(heads: &[Vec<Glyph>], body: &[Line]) -> String {
    let heads: Vec<String> = heads.iter().map(|head| inline(head)).collect();
    let mut out = heads.join(", ");
    let base = body.iter().filter(|line| !line.is_blank()).map(|line| line.indent).min().unwrap_or(0);
    let mut blocks = Blocks { base, items: Vec::new(), out: &mut out };
    for block in body.split(Line::is_blank).filter(|block| !block.is_empty()) {
        blocks.block(block);
    }
    out
}

struct Blocks<'a> {
    base: usize,
    /// Where the texts of the list items that are open begin, the innermost last.
    items: Vec<usize>,
    out: &'a mut String,
}

impl Blocks<'_> {
    /// Lines without an empty one between.
    fn block(&mut self, lines: &[Line]) {
        let mut rest = lines;
        while let [line, after @ ..] = rest {
            rest = after;
            self.items.retain(|item| *item <= line.indent);
            if let Some(text) = bullet(line) {
                let first = self.item(line.indent + text);
                self.paragraph(&first, &line.glyphs[text..], &mut rest);
            } else if rest.first().is_some_and(|next| next.indent > line.indent) && line.begins_marked() {
                let mut text = inline(&line.glyphs);
                if !text.ends_with(':') {
                    text.push(':');
                }
                let first = self.item(rest.first().map_or(line.indent, |next| next.indent));
                self.start(&format!("{first}{text} "));
                if let [next, after @ ..] = rest {
                    rest = after;
                    self.out.push_str(&inline(&next.glyphs));
                }
            } else if line.indent == self.base || self.items.contains(&line.indent) || is_prose(line) {
                self.paragraph("", &line.glyphs, &mut rest);
            } else {
                let end = rest.iter().position(|next| next.indent < line.indent).unwrap_or(rest.len());
                let (code, after) = lines[lines.len() - rest.len() - 1..].split_at(end + 1);
                rest = after;
                self.code(code);
            }
        }
    }

    /// Opens a list item; what its line begins with. Markdown takes four spaces for code, so that is the end of depth.
    fn item(&mut self, text: usize) -> String {
        let depth = self.items.len().min(3);
        self.items.push(text);
        format!("{}- ", " ".repeat(depth))
    }

    fn start(&mut self, first: &str) {
        let is_item = |line: &str| line.trim_start().starts_with("- ");
        let list = is_item(first) && self.out.rsplit('\n').next().is_some_and(is_item);
        self.out.push_str(if list { "\n" } else { "\n\n" });
        self.out.push_str(first);
    }

    fn paragraph(&mut self, first: &str, glyphs: &[Glyph], rest: &mut &[Line]) {
        self.start(first);
        let mut length = glyphs.len();
        let mut text = inline(glyphs);
        while let [next, after @ ..] = *rest
            && length > FULL_LINE
        {
            text.push(' ');
            text.push_str(&inline(&next.glyphs));
            length = next.glyphs.len();
            *rest = after;
        }
        if first.is_empty() && text.starts_with(['-', '+', '#', '>', '|']) {
            text.insert(0, '\\');
        }
        self.out.push_str(&text);
    }

    fn code(&mut self, lines: &[Line]) {
        let least = lines.iter().map(|line| line.indent).min().unwrap_or(0);
        let text = |line: &Line| format!("{}{}\n", " ".repeat(line.indent - least), line.text().replace("```", "'''"));
        let code: String = lines.iter().map(text).collect();
        match self.out.strip_suffix("\n```") {
            // A code block with an empty line in it.
            Some(before) => *self.out = format!("{before}\n\n{code}```"),
            None => {
                self.out.push_str("\n\n```\n");
                self.out.push_str(&code);
                self.out.push_str("```");
            }
        }
    }
}

/// A bullet and where its text begins.
fn bullet(line: &Line) -> Option<usize> {
    let first = line.glyphs.first()?.letter;
    let spaces = line.glyphs[1..].iter().take_while(|glyph| glyph.letter == ' ').count();
    ("•·∙*o-".contains(first) && (spaces > 1 || (spaces > 0 && first == '•')) && line.glyphs.len() > 1 + spaces)
        .then_some(1 + spaces)
}

/// An indented line that is no example: it has marked words, or is longer than anybody types.
fn is_prose(line: &Line) -> bool {
    line.glyphs.len() > 100 || line.glyphs.iter().any(|glyph| glyph.mark != Mark::None)
}

fn inline(glyphs: &[Glyph]) -> String {
    let mut out = String::new();
    let mut open = Mark::None;
    for (at, glyph) in glyphs.iter().enumerate() {
        // A space between two words of one mark belongs to it.
        let mark = if glyph.letter == ' ' {
            match glyphs.get(at + 1) {
                Some(next) if next.mark == open => open,
                _ => Mark::None,
            }
        } else {
            glyph.mark
        };
        if glyph.letter == ' ' && out.ends_with(' ') {
            continue;
        }
        if mark != open {
            out.push_str(fence(open));
            out.push_str(fence(mark));
            open = mark;
        }
        if matches!(glyph.letter, '*' | '`' | '~' | '|' | '\\') {
            out.push('\\');
        }
        out.push(glyph.letter);
    }
    out.push_str(fence(open));
    out
}

fn fence(mark: Mark) -> &'static str {
    match mark {
        Mark::None => "",
        Mark::Bold => "**",
        Mark::Italic => "*",
    }
}
