//! What the login's terminal shows, read along: which prompt is the login's own, and what is typed at any other. Bytes in, lines out; who
//! is in front is asked of a `Companion`. A line is what a line editor, or the terminal itself, showed of it: what is typed without being
//! shown is not seen here either, and nothing is read from a program that has the whole screen.

use crate::bash::{Nested, Piece, Scanner, Submitted};

use super::way::Way;

/// What a shell asks with for the rest of a line, where nobody set another.
pub(super) const CONTINUES: &str = ">";
/// By this a line editor says that it waits.
const WAITS: &[u8] = b"\x1b[?2004h";

/// Who is told what is read, at once, and asked meanwhile.
pub(super) trait Companion {
    /// The login's bash said that it prompts, since this was asked last.
    fn own_prompt(&mut self) -> bool;
    /// Who reads the terminal.
    fn way(&mut self) -> Way;
    /// This was read.
    fn read(&mut self, read: Read);
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// The login's own bash has a line, and runs it now.
    Own,
    /// A shell inside has one.
    Line(Submitted, Way),
    /// A shell inside waits for the next one.
    Waits,
}

/// Who reads along.
pub(super) struct Inside {
    scanner: Scanner,
    nested: Nested,
    /// The prompt that waits is the login's own.
    own: bool,
    /// The login's bash has a line, and nothing was shown since: what comes may ask for the rest of it.
    begun: bool,
    way: Way,
}

impl Inside {
    pub(super) fn new(columns: u16) -> Self {
        // No mark of ours stands in this terminal.
        let scanner = Scanner::new("");
        Self { scanner, nested: Nested::new(columns), own: true, begun: false, way: Way::default() }
    }

    pub(super) fn resize(&mut self, columns: u16) {
        self.nested.resize(columns);
    }

    /// Keys go to the login.
    pub(super) fn keys(&mut self, keys: &[u8], with: &mut dyn Companion) {
        let bare = self.nested.looks_like_prompt();
        if bare || self.nested.is_fresh() {
            let way = with.way();
            if bare && way.shell && !way.own {
                self.nested.typed_at_bare_prompt();
            }
            // Who reads the first key is who prompts.
            (self.own, self.way) = (way.own, way);
        }
        self.nested.typed(keys);
    }

    /// The login shows this.
    pub(super) fn shown(&mut self, bytes: &[u8], with: &mut dyn Companion) {
        let mut scanner = std::mem::take(&mut self.scanner);
        scanner.feed(bytes, &mut |piece| match piece {
            Piece::Text(text) => {
                let was_edited = self.nested.edits();
                self.nested.output(text);
                if !was_edited {
                    let before = text.strip_suffix(WAITS).unwrap_or(text);
                    self.begun &= before.iter().all(u8::is_ascii_whitespace);
                }
                self.taken(with);
            }
            Piece::Mode(number, set) => {
                self.nested.mode(number, set);
                if (number, set) == (2004, true) {
                    self.own = with.own_prompt();
                    if !self.own {
                        self.way = with.way();
                        with.read(Read::Waits);
                    }
                }
                self.taken(with);
            }
            Piece::Mark(_) => {}
        });
        self.scanner = scanner;
    }

    fn taken(&mut self, with: &mut dyn Companion) {
        let Some(line) = self.nested.take_submitted() else { return };
        // The rest of a line that spans several has no prompt of which bash tells.
        let own = self.own || (std::mem::take(&mut self.begun) && line.prompt == CONTINUES);
        self.begun = own;
        with.read(if own { Read::Own } else { Read::Line(line, self.way.clone()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What bash notes and who is in front, as a test sets it.
    #[derive(Default)]
    struct Set {
        prompts: bool,
        way: Way,
        read: Vec<Read>,
    }

    impl Companion for Set {
        fn own_prompt(&mut self) -> bool {
            std::mem::take(&mut self.prompts)
        }

        fn way(&mut self) -> Way {
            self.way.clone()
        }

        fn read(&mut self, read: Read) {
            self.read.push(read);
        }
    }

    fn su(shell: &str) -> Way {
        Way { own: false, shell: true, through: vec!["su".into(), shell.into()], account: Some("anna".into()) }
    }

    struct Story {
        inside: Inside,
        eyes: Set,
    }

    impl Story {
        fn new() -> Self {
            Self { inside: Inside::new(80), eyes: Set::default() }
        }

        fn keys(&mut self, keys: &str) -> &mut Self {
            self.inside.keys(keys.as_bytes(), &mut self.eyes);
            self
        }

        fn shown(&mut self, bytes: &str) -> &mut Self {
            self.inside.shown(bytes.as_bytes(), &mut self.eyes);
            self
        }

        /// The login's own bash prompts.
        fn own(&mut self) -> &mut Self {
            self.eyes.prompts = true;
            self.eyes.way = Way { own: true, ..Way::default() };
            self.shown("\x1b[?2004h[9 min] lisa$ ")
        }

        fn in_front(&mut self, way: Way) -> &mut Self {
            self.eyes.way = way;
            self
        }

        /// What was read in shells inside, with the prompt; `+` for a line of the login's own.
        fn lines(&self) -> Vec<String> {
            let line = |read: &Read| match read {
                Read::Own => Some("+".to_owned()),
                Read::Line(line, way) => Some(format!("{}|{}|{}", way.through.join(" "), line.prompt, line.line)),
                Read::Waits => None,
            };
            self.eyes.read.iter().filter_map(line).collect()
        }
    }

    #[test]
    fn a_line_of_the_logins_own_is_known_and_one_inside_is_read_with_its_prompt_and_its_way() {
        let mut story = Story::new();
        story.own().keys("su - anna\r").shown("su - anna\r\n\x1b[?2004l\rPassword: ");
        story.in_front(su("bash")).keys("geheim\r").shown("\r\n\x1b[?2004hanna@pc:~$ ");
        story.keys("i").shown("i").keys("d\r").shown("d\r\n\x1b[?2004l\ruid=1\r\n\x1b[?2004hanna@pc:~$ ");
        story.keys("\x04").shown("\x1b[?2004l\r\nlogout\r\n").own().keys("id\r").shown("id\r\n\x1b[?2004l\r");
        assert_eq!(story.lines(), ["+", "su bash|anna@pc:~$|id", "+"]);
        assert!(!format!("{:?}", story.eyes.read).contains("geheim"), "{:?}", story.eyes.read);
    }

    #[test]
    fn a_line_typed_before_its_prompt_was_there_belongs_to_whoever_takes_it() {
        let mut story = Story::new();
        story.own().keys("sleep 1\rfor i in 1\rdo :\rdone\r").shown("sleep 1\r\n\x1b[?2004l\r");
        story.own().in_front(su("bash"));
        story.shown("for i in 1\r\n\x1b[?2004l\r\x1b[?2004h> do :\r\n\x1b[?2004l\r\x1b[?2004h> done\r\n\x1b[?2004l\r");
        assert_eq!(story.lines(), ["+", "+", "+", "+"]);
        story.keys("ls\rpwd\r").shown("\x1b[?2004hanna$ ls\r\n\x1b[?2004l\ra\r\n\x1b[?2004hanna$ pwd\r\n\x1b[?2004l\r");
        assert_eq!(story.lines()[4..], ["su bash|anna$|ls", "su bash|anna$|pwd"]);
    }

    #[test]
    fn the_way_is_read_at_a_shell_without_a_line_editor_and_never_where_nothing_is_shown() {
        let mut story = Story::new();
        story.own().keys("su anna\r").shown("su anna\r\n\x1b[?2004l\r$ ").in_front(su("dash"));
        story.keys("id").shown("id").keys("\r").shown("\r\nuid=1\r\n$ ");
        // As after `stty -echo`.
        story.keys("geheim\r").shown("\r\n$ ");
        story.keys("passwd\r").shown("passwd\r\nNew password: ").keys("geheim\r").shown("\r\n$ ");
        story.keys("x").shown("x").keys("\x03").shown("^C\r\n$ ");
        assert_eq!(story.lines(), ["+", "su dash|$|id", "su dash|$|passwd"]);
        assert!(!format!("{:?}", story.eyes.read).contains("geheim"), "{:?}", story.eyes.read);
        // A program that asks is no shell.
        story
            .in_front(Way { shell: false, ..su("python3") })
            .shown("Tell> $ ")
            .keys("a secret\r")
            .shown("a secret\r\n");
        assert_eq!(story.lines().len(), 3, "{:?}", story.lines());
    }

    #[test]
    fn nothing_is_read_from_a_program_that_has_the_whole_screen() {
        let mut story = Story::new();
        story.own().keys("vim\r").shown("vim\r\n\x1b[?2004l\r").in_front(su("bash"));
        story.shown("\x1b[?1049h\x1b[?2004h$ ").keys("a secret\r").shown("a secret\r\n\x1b[?2004l$ ");
        story.keys("another\r").shown("another\r\n\x1b[?1049l");
        assert_eq!(story.lines(), ["+"]);
    }
}
