//! Our own few colours, all from the terminal's palette so that they suit light and dark ones. Colour never carries a meaning alone.

use super::look::Look;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// A heading, or a word to type.
    Strong,
    /// Of less weight.
    Faint,
    /// True.
    Good,
    /// Not true.
    Bad,
    /// Nobody could look.
    Unsure,
    /// Where the learner is.
    Here,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Unsure => "33",
            Self::Here => "1;36",
        }
    }

    /// The text in this ink, where the look paints.
    pub(super) fn on(self, text: &str, look: &Look) -> String {
        if look.paints() && !text.is_empty() { format!("\x1b[{}m{text}\x1b[0m", self.code()) } else { text.to_owned() }
    }
}
