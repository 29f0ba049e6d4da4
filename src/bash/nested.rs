//! A shell inside the running command (su, ssh, sudo -i …), seen only through the bytes it prints. Pure.
//! It never holds a byte back and never asks anybody.

use std::num::NonZeroU16;

/// As much of a prompt line or an output as is kept.
const KEPT: usize = super::framing::KEPT;

/// A command that was typed into a nested shell, read from its echo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedCommand {
    /// What was typed, as the line editor showed it.
    pub line: String,
    /// The last 64 KiB of what it printed, without control sequences.
    pub output: String,
}

/// A line at the moment at which a shell took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submitted {
    /// The last line of the prompt before it.
    pub(crate) prompt: String,
    /// What was typed.
    pub(crate) line: String,
}

/// What is known of it.
pub(crate) struct Nested {
    columns: u16,
    full_screen: bool,
    /// A line editor waits (bracketed paste is on).
    editing: bool,
    /// Without a line editor: a shell reads what the terminal itself echoes.
    bare: bool,
    touched: bool,
    told: bool,
    /// Since the line editor began to wait: its prompt, then the echo.
    line: Vec<u8>,
    /// The prompt as it stood before the first key.
    prompt: Vec<u8>,
    /// The last line of the prompt before.
    last: String,
    /// So many lines were typed that nobody took yet: a prompt may be over before any key is seen at it.
    pending: usize,
    typed: Option<String>,
    submitted: Option<Submitted>,
    output: Vec<u8>,
    commands: Vec<NestedCommand>,
}

impl Nested {
    pub(crate) fn new(columns: u16) -> Nested {
        Nested {
            columns,
            full_screen: false,
            editing: false,
            bare: false,
            touched: false,
            told: false,
            line: Vec::new(),
            prompt: Vec::new(),
            last: String::new(),
            pending: 0,
            typed: None,
            submitted: None,
            output: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// A new line of our own bash: nothing is nested yet.
    pub(super) fn begin(&mut self) {
        *self = Nested::new(self.columns);
    }

    pub(crate) fn resize(&mut self, columns: u16) {
        self.columns = columns;
    }

    pub(crate) fn output(&mut self, bytes: &[u8]) {
        if self.bare
            && let Some(end) = memchr::memchr(b'\n', bytes)
        {
            self.line.extend_from_slice(&bytes[..end]);
            self.taken();
            return self.output(&bytes[end..]);
        }
        let into = if self.editing { &mut self.line } else { &mut self.output };
        into.extend_from_slice(&bytes[bytes.len().saturating_sub(KEPT)..]);
        if into.len() > 4 * KEPT {
            into.drain(..into.len() - KEPT);
        }
        self.told = false;
    }

    pub(crate) fn mode(&mut self, number: u32, set: bool) {
        match number {
            47 | 1047 | 1049 => {
                self.full_screen = set;
                if !set && !self.editing {
                    // What a pager left on its last line is no part of the prompt that follows: shown again, it would move
                    // the cursor back to where the pager began.
                    self.output.push(b'\n');
                }
            }
            2004 if set && !self.full_screen => {
                if let Some(line) = self.typed.take() {
                    let kept = &self.output[self.output.len().saturating_sub(KEPT)..];
                    self.commands.push(NestedCommand {
                        line,
                        output: crate::plain::plain(kept).trim_start_matches('\n').to_owned(),
                    });
                }
                self.bare = false;
                // A shell may print its prompt before it says that it waits: what stands on the line belongs to it.
                self.line = self.output.split_off(last_line(&self.output));
                self.output.clear();
                (self.editing, self.touched) = (true, false);
                self.prompt.clear();
            }
            2004 if !set && self.editing && !self.bare => self.taken(),
            _ => {}
        }
    }

    /// Whoever waited has the line.
    fn taken(&mut self) {
        (self.editing, self.bare) = (false, false);
        self.output.clear();
        if !self.touched && self.pending == 0 {
            return;
        }
        self.pending = self.pending.saturating_sub(1);
        let shown = self.text(&self.line);
        let seen = self.text(&self.prompt);
        let seen = seen.trim_end().rsplit('\n').next().unwrap_or_default();
        // What was typed before the prompt came may have been shown behind it before the first key was.
        let is_more = seen.strip_prefix(&self.last).is_some_and(|more| more.starts_with(' '));
        let (prompt, line) = split(&shown, if seen.is_empty() || is_more { &self.last } else { seen });
        // Broken off by ^C: nobody runs it.
        let line = Some(line.trim()).filter(|line| !line.is_empty() && !line.ends_with("^C"));
        self.typed = line.map(str::to_owned);
        self.submitted = line.map(|line| Submitted { prompt: prompt.to_owned(), line: line.to_owned() });
        prompt.clone_into(&mut self.last);
    }

    /// Keys went to the terminal.
    pub(crate) fn typed(&mut self, keys: &[u8]) {
        if self.editing && !self.touched {
            self.touched = true;
            self.prompt.clone_from(&self.line);
        }
        self.pending += keys.iter().filter(|key| b"\r\n".contains(key)).count();
    }

    /// Keys go to a shell that has no line editor and waits behind what looks like a prompt.
    pub(crate) fn typed_at_bare_prompt(&mut self) {
        if self.looks_like_prompt() {
            let from = memchr::memrchr(b'\n', &self.output).map_or(0, |at| at + 1);
            self.prompt = self.output.split_off(from);
            self.line.clone_from(&self.prompt);
            (self.editing, self.bare, self.touched) = (true, true, true);
        }
    }

    /// Whether what is shown belongs to a line that is typed.
    pub(crate) fn edits(&self) -> bool {
        self.editing
    }

    /// Whether a line editor waits at which nothing was typed yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.editing && !self.touched
    }

    /// The line that was taken last; once.
    pub(crate) fn take_submitted(&mut self) -> Option<Submitted> {
        self.submitted.take()
    }

    /// Whether a nested shell waits at its prompt; once for each time it falls quiet.
    pub(super) fn waits(&mut self) -> bool {
        self.editing && !self.full_screen && !self.line.is_empty() && !std::mem::replace(&mut self.told, true)
    }

    /// There is news: a shell that waits is to be seen once more.
    pub(super) fn ask_again(&mut self) {
        self.told = false;
    }

    /// Whether what stands at the end looks like the prompt of a shell that does not say when it waits (dash, bash before 5.1, a
    /// dumb terminal); once for each time it falls quiet. Whether it really is one has to be asked.
    pub(super) fn may_wait(&mut self) -> bool {
        self.looks_like_prompt() && !std::mem::replace(&mut self.told, true)
    }

    pub(crate) fn looks_like_prompt(&self) -> bool {
        let tail = &self.output[self.output.len().saturating_sub(KEPT)..];
        let line = &tail[memchr::memrchr(b'\n', tail).map_or(0, |at| at + 1)..];
        let prompts = [b"$ ", b"# ", b"% ", b"> "].iter().any(|end| line.ends_with(*end)) && !moves_about(line);
        prompts && !self.editing && !self.full_screen
    }

    /// Whether nothing was typed at this prompt yet.
    pub(super) fn untouched(&self) -> bool {
        !(self.editing && self.touched)
    }

    /// Whether commands ended that nobody was told of, and the next one is typed already: there is no quiet prompt between them.
    pub(super) fn is_typed_on(&self) -> bool {
        !self.commands.is_empty() && (self.touched || self.pending > 0 || !self.editing)
    }

    pub(super) fn take_commands(&mut self) -> Vec<NestedCommand> {
        std::mem::take(&mut self.commands)
    }

    /// The bytes that show `text` above the waiting prompt, and the prompt again. `afresh` is what begins a line there.
    pub(super) fn above(&self, text: &str, afresh: &[u8]) -> Vec<u8> {
        let mut bytes = afresh.to_vec();
        for line in text.lines() {
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        let prompt = if self.editing { &self.line } else { &self.output };
        bytes.extend_from_slice(&prompt[last_line(prompt)..]);
        bytes
    }

    fn text(&self, bytes: &[u8]) -> String {
        // As tall as it can get: nothing scrolls away.
        let rows = u16::try_from(bytes.len() / usize::from(self.columns.max(1)) + 8).unwrap_or(500).min(500);
        let (one, columns) = (NonZeroU16::MIN, NonZeroU16::new(self.columns.max(2)));
        let mut screen = vt100::Parser::new(NonZeroU16::new(rows).unwrap_or(one), columns.unwrap_or(one), 0);
        screen.process(bytes);
        screen.screen().contents()
    }
}

/// Where the line begins on which a prompt stands: behind the last newline, or behind what wiped the screen (`clear`), which is to be
/// done once and not again with the prompt.
fn last_line(bytes: &[u8]) -> usize {
    let newline = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
    let wipes = |at: &usize| {
        let start = bytes[..*at].iter().rposition(|byte| !byte.is_ascii_digit());
        start.is_some_and(|start| bytes[..=start].ends_with(b"\x1b["))
    };
    memchr::memrchr_iter(b'J', bytes).find(wipes).map_or(newline, |at| newline.max(at + 1))
}

/// What stands before the line that was typed, and the line: behind the last prompt that is shown, for a list of completions repeats it.
/// Where that prompt is not shown, behind anything that looks like one.
fn split<'s>(shown: &'s str, prompt: &str) -> (&'s str, &'s str) {
    let starts_row = |at: &usize| *at == 0 || shown[..*at].ends_with('\n');
    let row = shown.match_indices(prompt).map(|(at, _)| at).filter(starts_row).last().filter(|_| !prompt.is_empty());
    if let Some(row) = row {
        return shown[row..].split_at(prompt.len());
    }
    let ends = ["$ ", "# ", "% ", "> "].iter().filter_map(|end| shown.find(end)).min();
    match ends {
        Some(at) => (&shown[..=at], &shown[at + 1..]),
        None if shown.trim_end().ends_with(['$', '#', '%', '>']) => (shown, ""),
        None => ("", shown),
    }
}

/// True for what a program prints that draws on the whole screen, also one that uses no other screen for it: the cursor goes to
/// another row. No prompt can be shown again from that.
fn moves_about(line: &[u8]) -> bool {
    memchr::memmem::find_iter(line, b"\x1b[").any(|at| {
        let last = line[at + 2..].iter().find(|byte| (0x40..=0x7e).contains(*byte));
        last.is_some_and(|last| b"ABEFHJLMSTdf".contains(last))
    })
}

#[cfg(test)]
mod tests {
    use super::{Nested, NestedCommand};

    /// A prompt as systemd's and a colourful user's shells print it, a line, its output, the prompt again.
    #[test]
    fn a_command_is_read_without_the_colours_and_titles_around_it() {
        let prompt =
            "\x1b]3008;start=1;type=shell\x1b\\\x1b]0;title\x07\x1b[0;1;38:5:185mconuser1\x1b[0m:~\x1b=\x1b>$ ";
        let mut nested = Nested::new(80);
        nested.mode(2004, true);
        nested.output(prompt.as_bytes());
        assert!(nested.waits() && nested.untouched());
        assert_eq!(nested.above("said\nhere", b"\r\x1b[K"), [b"\r\x1b[Ksaid\r\nhere\r\n", prompt.as_bytes()].concat());
        nested.typed(b"k");
        nested.output(b"id -\x08 \x08-un\r\n");
        nested.mode(2004, false);
        nested.output(b"\r\x1b]8;;file:///\x1b\\\x1b[38:2::1:2:3mconuser1\x1b[m\x1b]8;;\x1b\\\r\n");
        nested.mode(2004, true);
        let command = NestedCommand { line: "id -un".into(), output: "conuser1\n".into() };
        assert_eq!(nested.take_commands(), [command]);
    }

    /// What bash shows of a line, for keys that are more than its letters.
    #[test]
    fn a_line_is_what_stands_behind_the_last_prompt_and_none_that_was_broken_off() {
        for (shown, wanted) in [
            ("ls /u\r\nusr/  usr2/\r\nanna$ ls /usr/\r\n", Some(("anna$", "ls /usr/"))),
            ("\r(reverse-i-search)`x': ex\x1b[K\ranna$ exit\x1b[K\r\n", Some(("anna$", "exit"))),
            ("echo anna$ \r\n", Some(("anna$", "echo anna$"))),
            ("half a line^C\r\n", None),
            ("  \r\n", None),
        ] {
            let mut nested = Nested::new(80);
            nested.mode(2004, true);
            nested.output(b"anna$ ");
            nested.typed(b"k");
            nested.output(shown.as_bytes());
            nested.mode(2004, false);
            let taken = nested.take_submitted();
            let taken = taken.as_ref().map(|taken| (taken.prompt.as_str(), taken.line.as_str()));
            assert_eq!(taken, wanted, "{shown:?}");
            assert_eq!(nested.take_submitted(), None, "once");
        }
    }

    #[test]
    fn a_prompt_that_is_left_untouched_is_no_line() {
        for pending in [&b""[..], b"password\r"] {
            let mut nested = Nested::new(80);
            nested.typed(pending);
            nested.mode(2004, true);
            nested.output(b"anna@pc:~$ ");
            nested.mode(2004, false);
            assert_eq!(nested.take_submitted(), None, "{pending:?}");
        }
    }

    #[test]
    fn a_program_that_draws_on_the_whole_screen_is_no_prompt_whatever_it_shows() {
        for (shown, waits) in [
            ("bash-4.4# ", true),
            ("\x1b]0;title\x07\x1b[01;32muser@host\x1b[00m:~$ ", true),
            ("text\r\n\x1b[23;1H# ", false),
            ("\x1b[H\x1b[2J$ ", false),
            ("yes or no? ", false),
        ] {
            let mut nested = Nested::new(80);
            nested.output(shown.as_bytes());
            assert_eq!(nested.may_wait(), waits, "{shown:?}");
            assert!(!nested.may_wait(), "once");
        }
    }

    #[test]
    fn what_a_pager_leaves_behind_is_no_part_of_the_prompt_that_is_shown_again() {
        let mut nested = Nested::new(80);
        nested.mode(2004, true);
        nested.output(b"$ ");
        nested.typed(b"k");
        nested.output(b"less f\r\n");
        nested.mode(2004, false);
        nested.output(b"\x1b[?1049h");
        nested.mode(1049, true);
        nested.output(b"text\r\n\x1b[7m(END)\x1b[27m\r\x1b[K\x1b[?1049l");
        nested.mode(1049, false);
        nested.output(b"\x1b[?2004h");
        nested.mode(2004, true);
        nested.output(b"$ ");
        assert!(nested.waits());
        assert_eq!(nested.above("said", b"\r\x1b[K"), b"\r\x1b[Ksaid\r\n\x1b[?2004h$ ");
        assert!(nested.take_commands()[0].output.contains("text"));
    }

    #[test]
    fn a_prompt_that_is_shown_again_wipes_the_screen_no_second_time() {
        for (wiped, prompt) in
            [("\x1b[H\x1b[J\x1b[3J", "\x1b[01;32mJim\x1b[00m$ "), ("\x1b[H\x1b[2J", "J$ "), ("out\r\n", "\x1b[1mJ$ ")]
        {
            let mut nested = Nested::new(80);
            nested.output(wiped.as_bytes());
            nested.output(b"\x1b[?2004h");
            nested.mode(2004, true);
            nested.output(prompt.as_bytes());
            let shown = String::from_utf8(nested.above("said", b"\r\x1b[K")).unwrap();
            assert_eq!(shown, format!("\r\x1b[Ksaid\r\n\x1b[?2004h{prompt}"), "{wiped:?}");
        }
    }
}
