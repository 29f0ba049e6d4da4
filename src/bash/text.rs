//! Terminal bytes as a person reads them, for facts about what was printed. Pure; nothing shown goes through it.

/// Terminal bytes as plain text: no control sequences, lines end in a newline.
pub(crate) fn plain(bytes: &[u8]) -> String {
    struct Plain(String);
    impl vte::Perform for Plain {
        fn print(&mut self, c: char) {
            self.0.push(c);
        }
        fn execute(&mut self, byte: u8) {
            match byte {
                b'\n' | b'\t' => self.0.push(char::from(byte)),
                8 => drop(self.0.pop()),
                _ => {}
            }
        }
    }
    let mut plain = Plain(String::with_capacity(bytes.len()));
    vte::Parser::new().advance(&mut plain, bytes);
    plain.0
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn control_sequences_of_any_kind_are_no_text() {
        assert_eq!(plain(b"\x1b[1mb\x1b[0m\r\n\x1b]0;title\x07t\tu\r\n"), "b\nt\tu\n");
        assert_eq!(plain(b"\x1b=\x1b>\x1b[0;1;38:5:185mc\x1b]8;;x\x1b\\d\x1b]3008;end=1\x1b\\"), "cd");
    }
}
