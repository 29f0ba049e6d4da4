//! Lines of a man page as `man` prints them for a printer: overstrikes → letters with marks. Takes any bytes.

/// A letter, and whether the page marks it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glyph {
    pub(super) letter: char,
    pub(super) mark: Mark,
}

/// How a letter is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    Bold,
    Italic,
}

/// A line of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Spaces before the first letter.
    pub(super) indent: usize,
    /// What follows, without spaces at the end.
    pub(super) glyphs: Vec<Glyph>,
}

impl Line {
    /// The letters without their marks.
    pub(super) fn text(&self) -> String {
        self.glyphs.iter().map(|glyph| glyph.letter).collect()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.glyphs.is_empty()
    }

    /// Begins with a marked letter.
    pub(super) fn begins_marked(&self) -> bool {
        self.glyphs.first().is_some_and(|glyph| glyph.mark != Mark::None)
    }
}

/// The lines of a page.
pub(super) fn lines(page: &str) -> Vec<Line> {
    page.lines().map(line).collect()
}

fn line(text: &str) -> Line {
    let mut glyphs = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(first) = letters.next() {
        let mut struck = vec![first];
        while letters.next_if_eq(&'\x08').is_some() {
            struck.extend(letters.next());
        }
        let before = glyphs.last().map_or(Mark::None, |glyph: &Glyph| glyph.mark);
        glyphs.push(glyph(&struck, before));
    }
    while glyphs.last().is_some_and(|glyph| glyph.letter.is_whitespace()) {
        glyphs.pop();
    }
    let indent = glyphs.iter().take_while(|glyph| glyph.letter == ' ').count();
    glyphs.drain(..indent);
    Line { indent, glyphs }
}

/// One place on the paper: `x x` is bold, `_ x` italic, `_ x x` both, which counts as italic. `_ _` may be either
/// and takes the mark of the letter before it.
fn glyph(struck: &[char], before: Mark) -> Glyph {
    let letter = struck.last().copied().unwrap_or(' ');
    let mark = match struck {
        [_] | [] => Mark::None,
        ['_', '_', ..] => {
            if before == Mark::None {
                Mark::Bold
            } else {
                before
            }
        }
        ['_', ..] => Mark::Italic,
        _ => Mark::Bold,
    };
    Glyph { letter, mark }
}
