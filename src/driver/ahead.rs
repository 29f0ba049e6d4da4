//! What was typed or pasted before anybody asked for it, as the lines that it is. Pure.

use crate::prompt;

/// Text that waits for its turn: whole lines, as if they were typed at the prompt, and the beginning of one.
/// A line that is open (a loop, a here-document) is one with what follows, and only the beginning of one when its end did not come.
#[derive(Default)]
pub(super) struct Ahead(String);

impl Ahead {
    /// What was typed while a command ran. ^C throws away all of it, and ^U a line. Other keys that are no text (arrows, ^D) meant nothing
    /// to a line that was not there yet.
    pub(super) fn take_in(&mut self, bytes: &[u8]) {
        let typed = String::from_utf8_lossy(bytes);
        let mut keys = typed.chars().peekable();
        while let Some(key) = keys.next() {
            match key {
                '\x1b' => match keys.next_if(|next| !next.is_control()) {
                    Some('[') => while keys.next().is_some_and(|key| !('@'..='~').contains(&key)) {},
                    Some('O') => drop(keys.next_if(|next| !next.is_control())),
                    _ => {}
                },
                '\r' => self.0.push('\n'),
                '\n' | '\t' => self.0.push(key),
                '\x03' => self.0.clear(),
                '\x15' => self.0.truncate(self.0.rfind('\n').map_or(0, |end| end + 1)),
                // Backspace.
                '\x08' | '\x7f' if !self.0.ends_with('\n') => drop(self.0.pop()),
                key if key.is_control() => {}
                key => self.0.push(key),
            }
        }
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

    /// All of it, as a terminal sends it.
    pub(super) fn keys(&mut self) -> Vec<u8> {
        self.rest().replace('\n', "\r").into_bytes()
    }

    /// All of it, as the beginning of a line.
    pub(super) fn rest(&mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> (Vec<String>, String) {
        let mut ahead = Ahead::default();
        ahead.take_in(bytes);
        (std::iter::from_fn(|| ahead.line()).collect(), ahead.rest())
    }

    #[test]
    fn keys_that_are_no_text_are_left_out_and_a_backspace_takes_one_back() {
        for (typed, line) in [
            ("\x04id -un\r", "id -un"),
            ("\x1b[Aid\x1b[1;5C\x1bOB -un\x1b[3~\n", "id -un"),
            ("\x1b[200~id -un\x1b[201~\r", "id -un"),
            ("\x01i\0d -u\u{9b}n\x1b\r", "id -un"),
            ("\x1bfid -un\x1b\x1b[A\r", "id -un"),
            ("lx\x7f\x7f\x7f\x7fid -um\x08n\r", "id -un"),
            ("\tls\t\r", "\tls\t"),
        ] {
            assert_eq!(lines(typed.as_bytes()), (vec![line.to_owned()], String::new()), "{typed:?}");
        }
        assert_eq!(lines(b"a\r\x7fb\x1b["), (vec!["a".to_owned()], "b".to_owned()));
    }

    #[test]
    fn an_interrupt_throws_away_what_was_typed_and_the_kill_key_a_line() {
        assert_eq!(lines(b"rm a\rrm b\x03ls\rc"), (vec!["ls".to_owned()], "c".to_owned()));
        assert_eq!(lines(b"ls\rrm b\x15c"), (vec!["ls".to_owned()], "c".to_owned()));
    }

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
