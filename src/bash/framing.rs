//! What of bash's output is the learner's, and what is only the machinery of a prompt. Pure: pieces in, bytes to show and facts out.
//! It never touches what a command prints between its beginning and its end.

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
}

impl Framing {
    pub(crate) fn new(echo: Vec<u8>, ps2: Vec<u8>) -> Framing {
        Framing {
            phase: if echo.is_empty() { Phase::Lead } else { Phase::Echo },
            echo,
            ps1: Vec::new(),
            ps2,
            after: Vec::new(),
            tail: Vec::new(),
            ran: false,
            wants_more: false,
            direct: false,
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
            // What was sent on while the first command runs is echoed once, somewhere.
            Phase::Running => match memmem::find(bytes, &self.echo) {
                Some(at) => {
                    let shown = [&bytes[..at], &bytes[at + self.echo.len()..]].concat();
                    self.echo.clear();
                    self.keep(&shown);
                    Cow::Owned(shown)
                }
                None => {
                    self.keep(bytes);
                    Cow::Borrowed(bytes)
                }
            },
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
            Phase::Lead => {
                self.after.extend_from_slice(bytes);
                if !self.ps2.is_empty() && self.after == self.ps2 {
                    self.wants_more = true;
                    return Cow::Borrowed(&[]);
                }
                if self.ps2.starts_with(&self.after) {
                    return Cow::Borrowed(&[]);
                }
                let shown = std::mem::take(&mut self.after);
                self.keep(&shown);
                Cow::Owned(shown)
            }
            Phase::Prompting => {
                self.after.extend_from_slice(bytes);
                if self.ps1.is_empty() || !self.after.ends_with(&self.ps1) {
                    return Cow::Borrowed(&[]);
                }
                self.after.truncate(self.after.len() - self.ps1.len());
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

    /// Mark D.
    pub(crate) fn done(&mut self, ps1: Vec<u8>, ps2: Vec<u8>) -> Vec<u8> {
        let held = if self.wants_more { Vec::new() } else { std::mem::take(&mut self.after) };
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
            _ => Cow::Borrowed(&[]),
        }
    }

    fn ready(&mut self) -> Cow<'static, [u8]> {
        self.phase = Phase::Ready;
        Cow::Owned(std::mem::take(&mut self.after))
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
