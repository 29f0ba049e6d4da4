//! What of bash's output is the learner's, and what is only the machinery of a prompt. Pure: pieces in, bytes to show and facts out.
//! Of what a command prints between its beginning and its end it takes nothing but the echo of lines that were sent on to it.

use std::borrow::Cow;

use memchr::memmem;

/// As much of the output as facts may need.
pub(crate) const KEPT: usize = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The echo of what was sent is expected.
    Echo,
    /// The echo is over and no command has begun yet: history expansion, PS2, a syntax error.
    Lead,
    /// A command runs.
    Running,
    /// bash said that it is done; its prompt is expected.
    Prompting,
    /// The prompt stands.
    Ready,
}

/// One submission, from the line sent to the next prompt.
pub(crate) struct Framing {
    pub(crate) phase: Phase,
    echo: Vec<u8>,
    ps1: Vec<u8>,
    ps2: Vec<u8>,
    after: Vec<u8>,
    tail: Vec<u8>,
    pub(crate) ran: bool,
    /// PS2 was printed: bash wants more.
    pub(crate) wants_more: bool,
    /// The learner types on straight into bash: nothing is taken off before the command begins.
    pub(crate) direct: bool,
    /// bash's readline shows the line: all of it is machinery, until it stops waiting.
    pub(crate) editing: bool,
}

const WAITS: &[u8] = b"\x1b[?2004h";
const WAITED: &[u8] = b"\x1b[?2004l\r";

impl Framing {
    pub(crate) fn new(ps1: Vec<u8>, ps2: Vec<u8>) -> Framing {
        Framing {
            phase: Phase::Lead,
            echo: Vec::new(),
            ps1,
            ps2,
            after: Vec::new(),
            tail: Vec::new(),
            ran: false,
            wants_more: false,
            direct: false,
            editing: false,
        }
    }

    /// Nothing of the submission is left, but bash wants more of it: from now on the learner sees what bash prints.
    pub(crate) fn go_direct(&mut self) -> Vec<u8> {
        self.direct = true;
        self.wants_more = false;
        std::mem::take(&mut self.after)
    }

    /// The announced prompt of bash as it stands at the very end of the output, though bash did not say that it is done.
    pub(crate) fn ends_with(&self, prompt: &[u8]) -> bool {
        !prompt.is_empty() && self.tail.ends_with(prompt)
    }

    /// A further line of the same submission was sent.
    pub(crate) fn sent(&mut self, echo: &[u8]) {
        self.wants_more = false;
        self.echo.extend_from_slice(echo);
        if self.phase == Phase::Lead && !self.echo.is_empty() {
            self.phase = Phase::Echo;
        }
    }

    pub(crate) fn text<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        match self.phase {
            Phase::Running if self.echo.is_empty() => {
                self.keep(bytes);
                Cow::Borrowed(bytes)
            }
            Phase::Running => {
                self.after.extend_from_slice(bytes);
                let mut shown = self.without_echo();
                // The beginning of an echo may end this chunk.
                let held = (1..=shown.len().min(self.echo.len())).rev().find(|n| shown.ends_with(&self.echo[..*n]));
                self.after = shown.split_off(shown.len() - held.unwrap_or(0));
                self.keep(&shown);
                Cow::Owned(shown)
            }
            Phase::Echo => {
                let same = bytes.iter().zip(&self.echo).take_while(|(byte, echo)| byte == echo).count();
                self.echo.drain(..same);
                if same == bytes.len() && !self.echo.is_empty() {
                    return Cow::Borrowed(&[]);
                }
                self.echo.clear();
                self.phase = Phase::Lead;
                self.text(&bytes[same..])
            }
            Phase::Lead if self.direct => {
                self.keep(bytes);
                Cow::Borrowed(bytes)
            }
            Phase::Lead if self.editing => {
                self.after.extend_from_slice(bytes);
                let Some(end) = memmem::find(&self.after, WAITED).map(|at| at + WAITED.len()) else {
                    return Cow::Borrowed(&[]);
                };
                self.editing = false;
                let rest = self.after.split_off(end);
                self.after.clear();
                Cow::Owned(self.text(&rest).into_owned())
            }
            Phase::Lead => {
                self.after.extend_from_slice(bytes);
                if !self.ps2.is_empty() && self.after == self.ps2 {
                    self.wants_more = true;
                    return Cow::Borrowed(&[]);
                }
                if self.ps2.starts_with(&self.after) {
                    return Cow::Borrowed(&[]);
                }
                let mut shown = std::mem::take(&mut self.after);
                // A history expansion that fails: bash asks again and runs no PROMPT_COMMAND.
                if !self.ps1.is_empty() && shown.ends_with(&self.ps1) {
                    shown.truncate(shown.len() - self.ps1.len());
                    self.phase = Phase::Ready;
                }
                self.keep(&shown);
                Cow::Owned(shown)
            }
            Phase::Prompting => {
                let from = self.after.len().saturating_sub(self.ps1.len());
                self.after.extend_from_slice(bytes);
                let Some(at) = self.prompt_behind(from) else { return Cow::Borrowed(&[]) };
                let end = at + self.ps1.len();
                let start = if self.after[..at].ends_with(WAITS) { at - WAITS.len() } else { at };
                self.after.drain(start..end);
                self.ready()
            }
            Phase::Ready => Cow::Owned(bytes.to_vec()),
        }
    }

    /// Mark C. What was held is shown unless it was PS2.
    pub(crate) fn begin(&mut self) {
        self.ran = true;
        self.echo.clear();
        self.after.clear();
        self.phase = Phase::Running;
    }

    /// Lines were sent on while the command runs.
    pub(crate) fn sent_on(&mut self, echo: Vec<u8>) {
        self.echo.extend(echo);
    }

    /// Mark D.
    pub(crate) fn done(&mut self, ps1: Vec<u8>, ps2: Vec<u8>) -> Vec<u8> {
        let held = if self.wants_more { Vec::new() } else { self.without_echo() };
        self.after.clear();
        self.keep(&held);
        (self.ps1, self.ps2) = (ps1, ps2);
        self.phase = Phase::Prompting;
        held
    }

    /// Nothing came for a while. Gives what was held back and need not be any more.
    pub(crate) fn quiet(&mut self) -> Cow<'static, [u8]> {
        match self.phase {
            Phase::Prompting => {
                // A prompt that differs from what was announced (a clock in it): its lines are as many as announced.
                let newlines = memchr::memchr_iter(b'\n', &self.ps1).count();
                let cut = if self.ps1.is_empty() {
                    self.after.len()
                } else {
                    memchr::memrchr_iter(b'\n', &self.after).nth(newlines).map_or(0, |at| at + 1)
                };
                self.after.truncate(cut);
                self.ready()
            }
            Phase::Echo => {
                self.echo.clear();
                self.phase = Phase::Lead;
                Cow::Borrowed(&[])
            }
            Phase::Running => {
                let held = std::mem::take(&mut self.after);
                // No echo comes so late.
                self.echo.truncate(memchr::memrchr(b'\n', &self.echo).map_or(0, |end| end + 1));
                self.keep(&held);
                Cow::Owned(held)
            }
            _ => Cow::Borrowed(&[]),
        }
    }

    /// Where the announced prompt stands in what is held, behind `from`: at the very end, or where it begins a line, for a
    /// background job may print right behind it.
    fn prompt_behind(&self, from: usize) -> Option<usize> {
        if self.ps1.is_empty() {
            return None;
        }
        let held = &self.after;
        let begins_line = |at: usize| at == 0 || held[at - 1] == b'\n' || held[..at].ends_with(WAITS);
        memmem::rfind_iter(&held[from..], &self.ps1)
            .map(|at| from + at)
            .find(|at| at + self.ps1.len() == held.len() || begins_line(*at))
    }

    fn ready(&mut self) -> Cow<'static, [u8]> {
        self.phase = Phase::Ready;
        Cow::Owned(self.without_echo())
    }

    /// What is held, without the echo of the lines that were sent on while a command runs. Each line is echoed once, somewhere.
    fn without_echo(&mut self) -> Vec<u8> {
        let mut held = std::mem::take(&mut self.after);
        let mut from = 0;
        while let Some(line) = memchr::memchr(b'\n', &self.echo).map(|end| end + 1) {
            let Some(at) = memmem::find(&held[from..], &self.echo[..line]) else { break };
            held.drain(from + at..from + at + line);
            from += at;
            self.echo.drain(..line);
        }
        // The beginning of a line is a word like any other: it is the echo only where that is the newest, or comes first.
        if !self.echo.is_empty() && !self.echo.contains(&b'\n') {
            let (end, rest) = (held.len(), held.len() - from);
            let at = [end.saturating_sub(self.echo.len()), from];
            let echo = at.into_iter().find(|at| rest >= self.echo.len() && held[*at..].starts_with(&self.echo));
            if let Some(at) = echo {
                held.drain(at..at + self.echo.len());
                self.echo.clear();
            }
        }
        held
    }

    fn keep(&mut self, bytes: &[u8]) {
        if bytes.len() >= KEPT {
            self.tail.clear();
            self.tail.extend_from_slice(&bytes[bytes.len() - KEPT..]);
            return;
        }
        if self.tail.len() + bytes.len() > 4 * KEPT {
            self.tail.drain(..self.tail.len() - KEPT);
        }
        self.tail.extend_from_slice(bytes);
    }

    /// The last of what was shown.
    pub(crate) fn tail(&self) -> &[u8] {
        &self.tail[self.tail.len().saturating_sub(KEPT)..]
    }
}

#[cfg(test)]
mod tests {
    use super::{Framing, Phase};

    /// Feeds chunks: `C` and `D` stand for the marks, all else is text. Gives what is shown.
    fn shown(echo: &str, chunks: &[&str]) -> (String, Framing) {
        let mut framing = Framing::new(b"$ ".to_vec(), b"> ".to_vec());
        framing.sent(echo.as_bytes());
        let mut shown = Vec::new();
        for chunk in chunks {
            match *chunk {
                "C" => framing.begin(),
                "D" => shown.extend(framing.done(b"$ ".to_vec(), b"> ".to_vec())),
                text => shown.extend_from_slice(&framing.text(text.as_bytes())),
            }
        }
        (String::from_utf8(shown).unwrap(), framing)
    }

    #[test]
    fn only_the_machinery_of_a_prompt_is_taken_off() {
        for (name, echo, chunks, wanted) in [
            ("a command", "ls\r\n", &["ls\r\n", "C", "a b\r\n", "D", "$ "][..], "a b\r\n"),
            ("no output", "true\r\n", &["true\r\n", "C", "D", "$ "], ""),
            ("a syntax error", ")\r\n", &[")\r\n", "bash: wrong\r\n", "D", "$ "], "bash: wrong\r\n"),
            ("an empty line", "\r\n", &["\r\n", "D", "$ "], ""),
            ("history expansion", "!!\r\n", &["!!\r\n", "echo a\r\n", "C", "a\r\n", "D", "$ "], "echo a\r\na\r\n"),
            (
                "history that is not there",
                "!x\r\n",
                &["!x\r\n", "bash: !x: event not found\r\n$ "],
                "bash: !x: event not found\r\n",
            ),
            ("no echo", "", &["C", "a\r\n", "D", "$ "], "a\r\n"),
            ("output like a prompt", "x\r\n", &["x\r\n", "C", "$ $ \r\n$ ", "D", "$ "], "$ $ \r\n$ "),
            ("a job that is done", "x\r\n", &["x\r\n", "C", "D", "[1]+  Done\r\n", "$ "], "[1]+  Done\r\n"),
            ("a prompt in pieces", "x\r\n", &["x\r\n", "C", "D", "$", " "], ""),
            ("a job behind the prompt", "x\r\n", &["x\r\n", "C", "D", "$ job\r\n"], "job\r\n"),
            ("a job all around", "x\r\n", &["x\r\n", "C", "D", "a$ job\r\n", "job\r\n$", " j"], "a$ job\r\njob\r\nj"),
        ] {
            let (shown, framing) = shown(echo, chunks);
            assert_eq!(shown, wanted, "{name}");
            assert_eq!(framing.phase, Phase::Ready, "{name}");
        }
    }

    #[test]
    fn what_looks_like_the_prompt_within_a_line_is_none() {
        let (shown, framing) = shown("x\r\n", &["x\r\n", "C", "D", "5$ a job\r\n"]);
        assert_eq!((shown.as_str(), framing.phase), ("", Phase::Prompting));
    }

    #[test]
    fn the_echo_is_taken_off_wherever_it_is_cut() {
        let all = "echo one\r\nbash: wrong\r\n";
        for at in 0..=all.len() {
            assert_eq!(shown("echo one\r\n", &[&all[..at], &all[at..], "D", "$ "]).0, "bash: wrong\r\n", "cut at {at}");
        }
    }

    #[test]
    fn lines_sent_on_are_echoed_once_and_taken_off_wherever_the_output_is_cut() {
        let all = "a\r\necho b\r\necho c\r\nb\r\n";
        for at in 0..=all.len() {
            let mut framing = Framing::new(b"$ ".to_vec(), b"> ".to_vec());
            framing.begin();
            framing.sent_on(b"echo b\r\necho c\r\n".to_vec());
            let mut shown = framing.text(&all.as_bytes()[..at]).into_owned();
            shown.extend_from_slice(&framing.text(&all.as_bytes()[at..]));
            shown.extend(framing.done(b"$ ".to_vec(), Vec::new()));
            assert_eq!(String::from_utf8_lossy(&shown), "a\r\nb\r\n", "cut at {at}");
        }
    }

    #[test]
    fn the_beginning_of_a_line_sent_on_is_taken_off_where_it_is_the_echo_and_not_later() {
        for (chunks, wanted) in [
            (&["secr", "et\r\n"][..], "et\r\n"),
            (&["se", "cr"], ""),
            (&["a secr"], "a "),
            (&["a", "secr", "secr"], "asecr"),
            (&["in secret"], "in secret"),
        ] {
            let mut framing = Framing::new(Vec::new(), Vec::new());
            framing.begin();
            framing.sent_on(b"secr".to_vec());
            let mut shown: Vec<u8> =
                chunks.iter().flat_map(|chunk| framing.text(chunk.as_bytes()).into_owned()).collect();
            shown.extend_from_slice(&framing.quiet());
            assert_eq!(String::from_utf8_lossy(&shown), wanted, "{chunks:?}");
            assert_eq!(&*framing.text(b"secr"), b"secr", "{chunks:?}");
        }
    }

    #[test]
    fn ps2_asks_for_the_next_line() {
        let (shown, framing) = shown("if true\r\n", &["if true\r\n", "> "]);
        assert_eq!((shown.as_str(), framing.wants_more), ("", true));
    }

    #[test]
    fn facts_come_from_the_last_64_kib() {
        let mut framing = Framing::new(Vec::new(), Vec::new());
        framing.begin();
        for _ in 0..20 {
            framing.text(&[b'x'; 30_000]);
        }
        framing.text(b"end");
        assert_eq!(framing.tail().len(), super::KEPT);
        assert!(framing.tail().ends_with(b"xend"));
    }
}
