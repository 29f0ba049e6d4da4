//! The pattern language of messages: literal words, captures, choices; compiled to a regular expression of linear time. Reads no file.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// What a capture is. A kind says which letters it takes, and stands in angle brackets where a value is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Word,
    Path,
    Account,
    Uid,
    Unit,
    Container,
    Image,
    Port,
    Number,
    Id,
    Option,
    Verb,
    Program,
    Any,
}

use Kind::{Account, Any, Container, Id, Image, Number, Path, Port, Program, Uid, Unit, Verb, Word};

/// A word of any letters, without what a sentence puts behind it.
const WORD: &str = r#"[^\s'"`´‘’‚“”„«»‹›,;]*[^\s'"`´‘’‚“”„«»‹›,;.:]"#;

/// Every kind: its name, what it matches, and an example.
const KINDS: &[(Kind, &str, &str, &str)] = &[
    (Word, "word", WORD, "word"),
    (Path, "path", r#"(?:/|~|\.{1,2}/)(?:[^\s'"`´‘’‚“”„«»‹›,;:)]*[^\s'"`´‘’‚“”„«»‹›,;:).])?"#, "/home/conuser1/file"),
    (Account, "account", r"[a-z_](?:[a-z0-9_.-]*[a-z0-9_-])?\$?", "conuser1"),
    (Uid, "uid", "[0-9]+", "1000"),
    (
        Unit,
        "unit",
        r"[a-z0-9:_.\\@-]+\.(?:service|socket|target|timer|path|mount|automount|slice|scope|device|swap)",
        "web1.service",
    ),
    (Container, "container", "[a-z0-9](?:[a-z0-9_.-]*[a-z0-9_-])?", "web1"),
    (Image, "image", "[a-z0-9](?:[a-z0-9_.:/@-]*[a-z0-9_-])?", "ubi8"),
    (Port, "port", "[0-9]{1,5}", "8080"),
    (Number, "number", "[0-9]+", "1"),
    (Id, "id", "[0-9a-f]{6,64}", "0123456789ab"),
    (Kind::Option, "option", "--?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", "--name"),
    (Verb, "verb", WORD, "start"),
    (Program, "program", WORD, "podman"),
    (Any, "any", r"[^\n]+?", "anything"),
];

/// Any quote, with the narrow spaces that French ones have inside, or none.
const QUOTE: &str = r#"(?:\\?['"`´‘’‚“”„«»‹›][\u{a0}\u{202f}]?|[\u{a0}\u{202f}][»›])?"#;
const QUOTES: &str = "'\"`´‘’‚“”„«»‹›";
/// A message with fewer letters of its own than this would fit nearly anything.
const LEAST: usize = 8;
/// No message is longer than this on either side of its longest word.
const AROUND: usize = 2048;
/// A message that stands there more often is the same one.
const MOST_LOOKS: usize = 64;

impl Kind {
    fn row(self) -> &'static (Kind, &'static str, &'static str, &'static str) {
        KINDS.iter().find(|row| row.0 == self).unwrap_or(&KINDS[0])
    }
    fn named(name: &str) -> std::option::Option<Self> {
        KINDS.iter().find(|row| row.1 == name).map(|row| row.0)
    }
    pub(super) fn name(self) -> &'static str {
        self.row().1
    }
    /// A value of this kind, for trying a text out.
    pub(super) fn example(self) -> &'static str {
        self.row().3
    }
}

/// A message as an entry writes it.
#[derive(Debug)]
pub(super) struct Pattern {
    /// As it was written.
    pub(super) text: String,
    expression: String,
    /// Lower-case letters that every match has in it: without them nothing is compiled.
    needle: String,
    /// Each capture's name, and its number in the expression.
    captures: Vec<(String, Kind, usize)>,
    /// Numbers of the groups for `…`.
    gaps: Vec<usize>,
    regex: OnceLock<std::option::Option<Regex>>,
}

/// What a message was found to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// The values by name.
    pub(super) values: BTreeMap<String, String>,
    /// How many bytes of the match are the pattern's own words.
    pub(super) literal: usize,
    /// The whole match.
    pub(super) said: String,
}

impl Pattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut reading = Reading::default();
        let letters: Vec<char> = text.trim().chars().collect();
        let at = reading.sequence(&letters, 0, 0)?;
        if at < letters.len() {
            return Err(format!("`{}` closes nothing", letters[at]));
        }
        if reading.own < LEAST {
            return Err(format!("at least {LEAST} letters of its own are needed, or it fits nearly anything"));
        }
        let mut expression = reading.expression;
        // What may be anything goes to the end of its line where nothing comes after it.
        if let Some(open) = expression.strip_suffix("+?)") {
            expression = format!("{open}+)");
        }
        reading.needles.push(reading.needle);
        let needle = reading.needles.into_iter().max_by_key(String::len).unwrap_or_default();
        Ok(Self {
            text: text.to_owned(),
            expression,
            needle,
            captures: reading.captures,
            gaps: reading.gaps,
            regex: OnceLock::new(),
        })
    }

    /// The names that a match may give values, with their kinds.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, Kind)> {
        self.captures.iter().map(|(name, kind, _)| (name.as_str(), *kind))
    }

    /// Finds the message in a text. `lower` is the text in ASCII lower case.
    pub(super) fn find(&self, text: &str, lower: &str) -> std::option::Option<Hit> {
        let mut seen = 0;
        for (at, _) in lower.match_indices(&self.needle).take(MOST_LOOKS * 64) {
            if at < seen {
                continue;
            }
            let window = boundary(text, at.saturating_sub(AROUND))..boundary(text, at + AROUND);
            seen = window.end - AROUND.min(window.len()) / 2;
            if let Some(hit) = self.find_in(&text[window]) {
                return Some(hit);
            }
        }
        None
    }

    fn find_in(&self, text: &str) -> std::option::Option<Hit> {
        let found = self.regex.get_or_init(|| self.compiled()).as_ref()?;
        found.captures_iter(text).take(MOST_LOOKS).find_map(|captures| {
            let whole = captures.get(0)?;
            let mut values = BTreeMap::new();
            let mut literal = whole.len();
            for (name, _, number) in &self.captures {
                let Some(value) = captures.get(*number) else { continue };
                literal = literal.saturating_sub(value.len());
                let value = value.as_str().trim().to_owned();
                // The same name twice is the same value twice.
                if values.insert(name.clone(), value.clone()).is_some_and(|before| before != value) {
                    return None;
                }
            }
            for gap in &self.gaps {
                literal = literal.saturating_sub(captures.get(*gap).map_or(0, |gap| gap.len()));
            }
            Some(Hit { values, literal, said: whole.as_str().to_owned() })
        })
    }

    fn compiled(&self) -> std::option::Option<Regex> {
        RegexBuilder::new(&self.expression).case_insensitive(true).size_limit(4 << 20).build().ok()
    }

    /// Whether the expression compiles: it always does, and a test says so of every entry.
    #[cfg(test)]
    pub(super) fn compiles(&self) -> bool {
        self.compiled().is_some()
    }
}

/// The nearest place before this one at which a character begins.
fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[derive(Default)]
struct Reading {
    expression: String,
    groups: usize,
    captures: Vec<(String, Kind, usize)>,
    gaps: Vec<usize>,
    /// Letters that stand in every match one after the other, and the runs before them.
    needle: String,
    needles: Vec<String>,
    /// How many letters and digits of its own a match has at the least.
    own: usize,
}

impl Reading {
    /// Reads up to what ends the group; the place of that.
    fn sequence(&mut self, letters: &[char], mut at: usize, depth: usize) -> Result<usize, String> {
        while let Some(&letter) = letters.get(at) {
            match letter {
                '|' if depth > 0 => return Ok(at),
                ']' | ')' => return Ok(at),
                '[' => {
                    at = self.group(letters, at, depth, ']')?;
                    self.expression.push('?');
                }
                '(' => at = self.group(letters, at, depth, ')')?,
                '{' => at = self.capture(letters, at)?,
                '…' => {
                    self.groups += 1;
                    self.gaps.push(self.groups);
                    self.cut();
                    self.expression.push_str(r"([^\n]*?)");
                    at += 1;
                }
                '\\' => {
                    let Some(&escaped) = letters.get(at + 1) else { return Err("nothing follows the `\\`".into()) };
                    self.literal(escaped, depth);
                    at += 2;
                }
                letter if letter.is_whitespace() => {
                    while letters.get(at).is_some_and(|letter| letter.is_whitespace()) {
                        at += 1;
                    }
                    self.cut();
                    self.expression.push_str(r"\s+");
                }
                letter if QUOTES.contains(letter) => {
                    self.cut();
                    self.expression.push_str(QUOTE);
                    at += 1;
                }
                letter => {
                    self.literal(letter, depth);
                    at += 1;
                }
            }
        }
        Ok(at)
    }

    fn literal(&mut self, letter: char, depth: usize) {
        self.expression.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
        self.own += usize::from(letter.is_alphanumeric());
        if depth > 0 {
            return;
        }
        // Letters outside ASCII may have other lengths in lower case.
        if letter.is_ascii() {
            self.needle.push(letter.to_ascii_lowercase());
        } else {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.needles.push(std::mem::take(&mut self.needle));
    }

    /// A part that may be missing, or one of several: both may hold choices.
    fn group(&mut self, letters: &[char], mut at: usize, depth: usize, close: char) -> Result<usize, String> {
        let open = letters[at];
        let before = self.own;
        let mut least = usize::MAX;
        self.cut();
        self.expression.push_str("(?:");
        loop {
            self.own = before;
            at = self.sequence(letters, at + 1, depth + 1)?;
            least = least.min(self.own);
            match letters.get(at) {
                Some('|') => self.expression.push('|'),
                Some(letter) if *letter == close => break,
                _ => return Err(format!("a `{open}` is not closed")),
            }
        }
        // What may be missing counts for nothing, of choices the shortest.
        self.own = if close == ']' { before } else { least };
        self.cut();
        self.expression.push(')');
        Ok(at + 1)
    }

    fn capture(&mut self, letters: &[char], at: usize) -> Result<usize, String> {
        let Some(length) = letters[at..].iter().position(|letter| *letter == '}') else {
            return Err("a `{` is not closed".into());
        };
        let inner: String = letters[at + 1..at + length].iter().collect();
        let (name, kind) = inner.split_once(':').unwrap_or((&inner, &inner));
        let Some(kind) = Kind::named(kind) else {
            let kinds: Vec<&str> = KINDS.iter().map(|row| row.1).collect();
            return Err(format!("`{kind}` is no kind of capture: {}", kinds.join(", ")));
        };
        if !crate::lesson::reading::is_name(name) {
            return Err(format!("`{name}` is no name: lower-case letters, digits and dashes, a letter first"));
        }
        self.groups += 1;
        self.captures.push((name.to_owned(), kind, self.groups));
        self.cut();
        self.expression.push_str(&format!("({})", kind.row().2));
        Ok(at + length + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn hit(pattern: &str, text: &str) -> Hit {
        let pattern = Pattern::read(pattern).unwrap();
        pattern.find(text, &text.to_ascii_lowercase()).unwrap_or_else(|| panic!("{} in {text}", pattern.expression))
    }

    fn misses(pattern: &str, text: &str) -> bool {
        Pattern::read(pattern).unwrap().find(text, &text.to_ascii_lowercase()).is_none()
    }

    #[test]
    fn every_kind_takes_its_own_and_leaves_what_follows() {
        for (pattern, text, value) in [
            ("mkdir {x:path}/libpod: denied", "mkdir /run/user/1000/libpod: denied", "/run/user/1000"),
            ("cannot open {x:path}", "cannot open /etc/a b.", "/etc/a"),
            ("cannot open {x:path}", "cannot open '/etc/a.conf'.", ""),
            ("user {x:account} does not exist", "user bob-1 does not exist", "bob-1"),
            ("/run/user/{x:uid}/bus: no such", "/run/user/1000/bus: No such", "1000"),
            ("Unit {x:unit} not found.", "Unit container-web1@2.service not found.", "container-web1@2.service"),
            ("no container with name '{x:container}'", "no container with name \"web.1\"", "web.1"),
            (
                "pulling image {x:image}: denied",
                "pulling image docker.io/a/b:1.2@sha256:ab: denied",
                "docker.io/a/b:1.2@sha256:ab",
            ),
            ("port {x:port}: permission denied", "port 80: permission denied", "80"),
            ("exit status {x:number}", "exit status 203", "203"),
            ("container id {x:id} is", "container ID 0123456789abcdef is", "0123456789abcdef"),
            ("unknown flag: {x:option}", "unknown flag: --nmae.", "--nmae"),
            ("the words {x:any} and more", "the words a b c and more", "a b c"),
            ("all the rest: {x:any}", "all the rest: a b c\nnext", "a b c"),
            ("single {x:word}: thing", "single w/x-y: thing", "w/x-y"),
        ] {
            if value.is_empty() {
                continue;
            }
            assert_eq!(hit(pattern, text).values["x"], value, "{pattern}");
        }
    }

    #[test]
    fn quotes_case_and_space_of_any_kind_are_one() {
        for text in [
            "USER 'bob' already exists",
            "user bob  already\nexists",
            "user «\u{a0}bob\u{a0}» already exists",
            "user \\\"bob\\\" already exists",
            "user „bob“ already exists",
        ] {
            assert_eq!(hit("user '{account}' already exists", text).values["account"], "bob", "{text}");
        }
    }

    #[test]
    fn parts_may_be_missing_choices_and_gaps_are_taken() {
        let pattern = r"[Error: ]open …: (permission denied|not allowed) \[x\]";
        let found = hit(pattern, "Error: open /a/b: not allowed [x] end");
        assert_eq!(found.said, "Error: open /a/b: not allowed [x]");
        assert_eq!(found.literal, found.said.len() - "/a/b".len());
        assert!(misses(pattern, "open /a\n/b: not allowed [x]"));
        assert_eq!(hit("a[ b] nothing more {word}", "a nothing more c").values["word"], "c");
    }

    #[test]
    fn the_same_name_twice_is_the_same_value_twice() {
        let pattern = "unit {unit} needs itself {unit}";
        assert_eq!(hit(pattern, "unit a.service needs itself a.service").values["unit"], "a.service");
        assert!(misses(pattern, "unit a.service needs itself b.service"));
    }

    #[test]
    fn what_is_no_pattern_is_told_why() {
        for (pattern, why) in [
            ("something [open", "a `[` is not closed"),
            ("something (open|or", "a `(` is not closed"),
            ("something {open", "a `{` is not closed"),
            ("something {x:thing}", "`thing` is no kind of capture"),
            ("something {X:word}", "`X` is no name"),
            ("something ) closed", "`)` closes nothing"),
            ("something \\", "nothing follows"),
            ("a {any} b", "at least 8 letters"),
        ] {
            let said = Pattern::read(pattern).unwrap_err();
            assert!(said.contains(why), "{pattern}: {said}");
        }
    }
}
