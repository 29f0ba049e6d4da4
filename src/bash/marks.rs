//! Cuts the lab's own marks out of a stream of terminal bytes and notices the few modes that matter. Pure: bytes in, pieces out.
//! It never takes a mark without this session's nonce for one.

use memchr::{memchr, memmem};

/// One piece of the stream, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Bytes for the learner's terminal.
    Text(&'a [u8]),
    /// A private mode (`ESC [ ? number h` or `l`) was set or cleared by the text piece just before.
    Mode(u32, bool),
    /// One of our marks.
    Mark(Mark),
}

/// What bash's hooks say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A command begins.
    Begin,
    /// bash is about to prompt.
    Done {
        /// `$?`.
        status: i32,
        /// `$PWD`.
        cwd: Vec<u8>,
        /// PS1, expanded.
        ps1: Vec<u8>,
        /// PS2, expanded.
        ps2: Vec<u8>,
        /// bash's prompt goes elsewhere than to the terminal (`exec 2>file`).
        dark: bool,
        /// bash's own readline reads the next line (`set -o vi`).
        editing: bool,
    },
    /// bash waits for our answer before it prompts.
    Hold,
    /// An answer to a question for completions: how to take them, then the candidates.
    Reply(Vec<Vec<u8>>),
}

/// What bash itself puts into PS2: not said in a mark that does not speak of it.
const PS2: &[u8] = b"> ";
/// A mark longer than this is none.
const LONGEST: usize = 4 << 20;

/// The scanner of one session.
#[derive(Default)]
pub(crate) struct Scanner {
    intro: Vec<u8>,
    /// The beginning of a sequence whose end is still to come.
    held: Vec<u8>,
    /// So much of it was given out already: nobody wanted to wait for it any longer.
    given: usize,
}

impl Scanner {
    pub(crate) fn new(nonce: &str) -> Scanner {
        Scanner { intro: format!("\x1b]7741;{nonce};").into_bytes(), held: Vec::new(), given: 0 }
    }

    /// Whether bytes are held back because they may be the start of a mark.
    pub(crate) fn holds(&self) -> bool {
        self.held.len() > self.given
    }

    /// Takes the next bytes; `on` is called for each piece in order.
    pub(crate) fn feed(&mut self, chunk: &[u8], on: &mut dyn FnMut(Piece<'_>)) {
        if self.held.is_empty() {
            let rest = scan(&self.intro, chunk, 0, on);
            self.held.extend_from_slice(rest);
        } else {
            let mut all = std::mem::take(&mut self.held);
            all.extend_from_slice(chunk);
            let rest = scan(&self.intro, &all, self.given, on).len();
            if rest < all.len() {
                self.given = 0;
            }
            all.drain(..all.len() - rest);
            self.held = all;
        }
    }

    /// Gives up waiting: what was held back is given out as text. Its end may still come, and is known for what it is: a program
    /// at the other end of a network takes its time between two halves. A mark that is under way stays held.
    pub(crate) fn flush(&mut self, on: &mut dyn FnMut(Piece<'_>)) {
        if self.holds() && !self.held.starts_with(&self.intro) {
            on(Piece::Text(&self.held[self.given..]));
            self.given = self.held.len();
        }
    }
}

enum Found {
    Mark(Mark, usize),
    Mode(u32, bool, usize),
    More,
    Other,
}

/// The pieces of `bytes`, of which the first `given` were given out already; what may be the beginning of a sequence is left.
fn scan<'a>(intro: &[u8], bytes: &'a [u8], given: usize, on: &mut dyn FnMut(Piece<'_>)) -> &'a [u8] {
    let (mut from, mut at) = (given, 0);
    while let Some(found) = memchr(0x1b, &bytes[at..]) {
        let escape = at + found;
        let (upto, next, piece) = match recognise(intro, &bytes[escape..]) {
            Found::Mark(mark, length) => (escape, escape + length, Piece::Mark(mark)),
            Found::Mode(number, set, length) => (escape + length, escape + length, Piece::Mode(number, set)),
            Found::Other => {
                at = escape + 1;
                continue;
            }
            Found::More => {
                if escape > from {
                    on(Piece::Text(&bytes[from..escape]));
                }
                return &bytes[escape..];
            }
        };
        if upto > from {
            on(Piece::Text(&bytes[from..upto]));
        }
        on(piece);
        (from, at) = (next, next);
    }
    if from < bytes.len() {
        on(Piece::Text(&bytes[from..]));
    }
    &[]
}

fn recognise(intro: &[u8], bytes: &[u8]) -> Found {
    if let Some(body) = bytes.strip_prefix(intro) {
        return mark(body).map_or_else(
            || if bytes.len() > LONGEST { Found::Other } else { Found::More },
            |(mark, length)| mark.map_or(Found::Other, |mark| Found::Mark(mark, intro.len() + length)),
        );
    }
    if intro.starts_with(bytes) {
        return Found::More;
    }
    match bytes.strip_prefix(b"\x1b[?") {
        Some(rest) => mode(rest),
        None if b"\x1b[?".starts_with(bytes) => Found::More,
        None => Found::Other,
    }
}

fn mode(rest: &[u8]) -> Found {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 5 {
        return Found::Other;
    }
    let number = rest[..digits].iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    match rest.get(digits) {
        None => Found::More,
        Some(b'h') => Found::Mode(number, true, 3 + digits + 1),
        Some(b'l') => Found::Mode(number, false, 3 + digits + 1),
        Some(_) => Found::Other,
    }
}

/// None: not whole yet. Some((None, _)): ours, but nothing we know.
fn mark(body: &[u8]) -> Option<(Option<Mark>, usize)> {
    match body.get(..2)? {
        b"C;" => memchr(0x07, body).map(|end| (Some(Mark::Begin), end + 1)),
        b"H;" => memchr(0x07, body).map(|end| (Some(Mark::Hold), end + 1)),
        b"D;" | b"P;" | b"E;" | b"Q;" => {
            let mut rest = &body[2..];
            let mut field = || {
                let end = memchr(0, rest)?;
                let field = rest[..end].to_vec();
                rest = &rest[end + 1..];
                Some(field)
            };
            let (status, cwd, ps1) = (field()?, field()?, field()?);
            let ps2 = if body[0] == b'D' { PS2.to_vec() } else { field()? };
            let bell = *rest.first()?;
            let length = body.len() - rest.len() + 1;
            let status = String::from_utf8_lossy(&status).parse().ok();
            let (dark, editing) = (body[0] == b'Q', body[0] == b'E');
            let done = status.filter(|_| bell == 7).map(|status| Mark::Done { status, cwd, ps1, ps2, dark, editing });
            Some((done, length))
        }
        b"R;" => {
            let end = memmem::find(body, b"\0\0\x07")?;
            let items = body[2..end].split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
            Some((Some(Mark::Reply(items)), end + 3))
        }
        _ => Some((None, 2)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, Piece, Scanner};

    /// Text and modes as one string, marks in brackets.
    fn heard(chunks: &[&[u8]]) -> String {
        heard_with(chunks, false)
    }

    /// The same for somebody who loses patience after each chunk.
    fn heard_with(chunks: &[&[u8]], impatient: bool) -> String {
        let (mut scanner, mut heard) = (Scanner::new("no"), String::new());
        let mut on = |piece: Piece<'_>| match piece {
            Piece::Text(text) => heard.push_str(&text.escape_ascii().to_string()),
            Piece::Mode(number, set) => heard.push_str(&format!("[{number}{}]", if set { 'h' } else { 'l' })),
            Piece::Mark(mark) => heard.push_str(&match mark {
                Mark::Begin => "[C]".to_owned(),
                Mark::Hold => "[H]".to_owned(),
                Mark::Done { status, cwd, ps1, ps2, dark, editing } => format!(
                    "[D {status} {} {} {} {dark} {editing}]",
                    cwd.escape_ascii(),
                    ps1.escape_ascii(),
                    ps2.escape_ascii()
                ),
                Mark::Reply(items) => format!("[R {}]", items.join(&b' ').escape_ascii()),
            }),
        };
        for chunk in chunks {
            scanner.feed(chunk, &mut on);
            if impatient {
                scanner.flush(&mut on);
            }
        }
        scanner.flush(&mut on);
        heard
    }

    const TABLE: &[(&[u8], &str)] = &[
        (b"plain text\r\n", "plain text\\r\\n"),
        (b"a\x1b]7741;no;C;hook\x07b", "a[C]b"),
        (b"\x1b]7741;no;D;130\0/tmp\0\x1b]0;t\x07$ \0\x07z", "[D 130 /tmp \\x1b]0;t\\x07$  >  false false]z"),
        (b"\x1b]7741;no;P;0\0/\0$ \0\x07more \0\x07z", "[D 0 / $  \\x07more  false false]z"),
        (b"\x1b]7741;no;Q;0\0\xff\n\0\0\0\x07", "[D 0 \\xff\\n   true false]"),
        (b"\x1b]7741;no;E;0\0/\0\0\0\x07", "[D 0 /   false true]"),
        (b"\x1b]7741;no;H;\x07", "[H]"),
        (b"\x1b]7741;no;R;files\0a b\0c\0\0\x07", "[R files a b c]"),
        (b"\x1b]7741;other;C;\x07", "\\x1b]7741;other;C;\\x07"),
        (b"\x1b]7741;no", "\\x1b]7741;no"),
        (b"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        (b"\x1b[?1049hvi\x1b[?1049l\x1b[?2004h", "\\x1b[?1049h[1049h]vi\\x1b[?1049l[1049l]\\x1b[?2004h[2004h]"),
        (b"\x1b[?25\x1b[?1;2h\x1b\x1b\x1b]", "\\x1b[?25\\x1b[?1;2h\\x1b\\x1b\\x1b]"),
        (b"end \x1b", "end \\x1b"),
    ];

    #[test]
    fn pieces_are_the_same_wherever_the_stream_is_cut() {
        for (bytes, wanted) in TABLE {
            assert_eq!(heard(&[bytes]), *wanted);
            for at in 0..=bytes.len() {
                assert_eq!(heard(&[&bytes[..at], &bytes[at..]]), *wanted, "cut at {at}");
            }
            let single: Vec<_> = bytes.chunks(1).collect();
            assert_eq!(heard(&single), *wanted, "byte by byte");
        }
    }

    #[test]
    fn a_mode_is_heard_and_shown_once_however_late_its_second_half_comes() {
        let bytes: &[u8] = b"a\x1b[?2004hb\x1b[?1049l\x1b[?25\x1b[?1;2h\x1b[31m\x1b\x1b[?47h";
        let wanted = heard(&[bytes]);
        for at in 0..=bytes.len() {
            assert_eq!(heard_with(&[&bytes[..at], &bytes[at..]], true), wanted, "cut at {at}");
        }
        assert_eq!(heard_with(&bytes.chunks(1).collect::<Vec<_>>(), true), wanted, "byte by byte");
    }

    #[test]
    fn a_mark_without_the_nonce_is_only_text() {
        assert_eq!(heard(&[b"\x1b]7741;;C;\x07\x1b]7741;nope;D;0\0"]), "\\x1b]7741;;C;\\x07\\x1b]7741;nope;D;0\\x00");
    }
}
