//! What was typed or pasted before anybody asked for it, as the lines that it is. Pure.

use crate::prompt;

/// Text that waits for its turn: whole lines, as if they were typed at the prompt, and the beginning of one.
/// A line that is open (a loop, a here-document) is one with what follows, and only the beginning of one when its end did not come.
#[derive(Default)]
pub(super) struct Ahead(String);

impl Ahead {
    /// What was typed while a command ran.
    pub(super) fn take_in(&mut self, bytes: &[u8]) {
        self.0.push_str(&String::from_utf8_lossy(bytes).replace('\r', "\n"));
    }

    /// The first line that is whole.
    pub(super) fn line(&mut self) -> Option<String> {
        let mut ends = self.0.match_indices('\n').map(|(end, _)| end);
        let end = ends.find(|end| !prompt::is_open(&self.0[..*end]))?;
        let line = self.0[..end].to_owned();
        self.0.drain(..=end);
        Some(line)
    }

    /// The first of some lines that were submitted at once, where it is a word for the lab: the others come next. Else all of them.
    pub(super) fn first(&mut self, mut text: String) -> String {
        if prompt::is_word(&text)
            && let Some(end) = text.find('\n')
        {
            self.0.insert_str(0, &format!("{}\n", &text[end + 1..]));
            text.truncate(end);
        }
        text
    }

    /// All of it, as the beginning of a line.
    pub(super) fn rest(&mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_a_word_for_the_lab_comes_next_and_before_what_waits() {
        let mut ahead = Ahead::default();
        ahead.take_in(b"later\r");
        assert_eq!(ahead.first(":hint\nfor i in 1 2\ndo :; done\n:nosuch".into()), ":hint");
        let come: Vec<String> = std::iter::from_fn(|| ahead.line()).collect();
        assert_eq!(come, ["for i in 1 2\ndo :; done", ":nosuch", "later"]);
        for whole in [": hint\necho", "echo\n:hint", ":hint"] {
            assert_eq!(ahead.first(whole.into()), whole);
            assert_eq!(ahead.rest(), "");
        }
    }
}
