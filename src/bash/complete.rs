//! Asks bash, at its prompt, what its own programmable completion says. It never runs while a command does.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::marks::{Mark, Piece};
use super::session::{Bash, question_signal, quoted};

/// How to take the candidates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum How {
    /// A word: a space goes behind it.
    #[default]
    Word,
    /// File names: quoted as bash needs it, a slash behind a directory, else a space.
    Files,
    /// As it is, nothing behind it.
    NoSpace,
    /// A command's name.
    Command,
}

/// bash's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// The byte in the line where the word to replace begins.
    pub start: usize,
    /// What could stand there, sorted, each once.
    pub candidates: Vec<String>,
    /// How to take them.
    pub how: How,
}

impl Completion {
    /// For each candidate what to list and what to put in the place of the word: quoted, with a space or slash behind it as bash does.
    /// `cwd` is bash's directory. Nothing in them moves the cursor: a file may have any name, and only those of files are kept then.
    pub fn items(&self, cwd: &std::path::Path) -> Vec<(String, String)> {
        let home = std::env::var_os("HOME").unwrap_or_default();
        let item = |candidate: &String| {
            if candidate.contains(char::is_control) {
                return self.hostile(candidate, cwd);
            }
            let text = candidate.trim_end();
            if self.how == How::NoSpace || text.len() < candidate.len() {
                return Some((text.to_owned(), candidate.clone()));
            }
            let path = match text.strip_prefix('~').map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
                Some(("", rest)) => std::path::Path::new(&home).join(rest),
                Some((name, rest)) => home_of(name).map_or_else(|| cwd.join(text), |home| home.join(rest)),
                None => cwd.join(text),
            };
            let folder = self.how != How::Word && (text.contains('/') || self.how == How::Files) && path.is_dir();
            let last = text.trim_end_matches('/').rsplit('/').next().unwrap_or(text);
            Some(match (self.how, folder) {
                (How::Files | How::Command, true) => {
                    (format!("{last}/"), format!("{}/", escaped(text.trim_end_matches('/'))))
                }
                (How::Files, false) => (last.to_owned(), format!("{} ", escaped(text))),
                _ if text.ends_with(['=', '/']) => (text.to_owned(), text.to_owned()),
                _ => (text.to_owned(), format!("{text} ")),
            })
        };
        self.candidates.iter().filter_map(item).collect()
    }

    /// A file whose name has control characters: listed without them, and put as `$'…'`, within which a `~` would stand for itself.
    fn hostile(&self, name: &str, cwd: &std::path::Path) -> Option<(String, String)> {
        if self.how != How::Files || name.starts_with('~') {
            return None;
        }
        let listed = name.trim_end_matches('/').rsplit('/').next().unwrap_or(name);
        let listed = listed.replace(char::is_control, "?");
        let put = quoted(name.as_bytes());
        Some(if cwd.join(name).is_dir() {
            (format!("{listed}/"), format!("{put}/"))
        } else {
            (listed, format!("{put} "))
        })
    }
}

/// The home of the account of this name.
fn home_of(name: &str) -> Option<std::path::PathBuf> {
    nix::unistd::User::from_name(name).ok().flatten().map(|account| account.dir)
}

/// A file's name as bash needs it outside of quotes.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for (at, c) in name.char_indices() {
        if " \t\\'\"`$&|;<>()*?[]{}!#".contains(c) && !(at == 0 && c == '$') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A signal that arrives between bash's prompt and its read is noticed only with the next one.
const AGAIN: Duration = Duration::from_millis(30);

impl Bash {
    /// What bash would offer for `line` at the byte `cursor`. Empty when bash does not answer within two seconds.
    pub fn complete(&mut self, line: &str, cursor: usize) -> Completion {
        self.in_silence(|bash| bash.ask(line, cursor))
    }

    fn ask(&mut self, line: &str, cursor: usize) -> Completion {
        let cursor = cursor.min(line.len());
        let Some(upto) = line.get(..cursor) else { return Completion::default() };
        let (words, start) = words(upto);
        let empty = Completion { start, ..Completion::default() };
        if self.gone.is_some() || !self.listens() {
            return empty;
        }
        self.settle();
        let list = words.iter().map(|word| quoted(word.as_bytes())).collect::<Vec<_>>().join(" ");
        let question = format!("{}\n{cursor}\n{list}\n{}\n", quoted(line.as_bytes()), words.len() - 1);
        // A fifo takes so much at once, or nothing.
        if question.len() > 4096 || self.answer(question.as_bytes()).is_err() {
            return empty;
        }
        let Some(mut items) = self.reply() else { return empty };
        let how = match items.first().map(Vec::as_slice) {
            Some(b"files") => How::Files,
            Some(b"nospace") => How::NoSpace,
            Some(b"command") => How::Command,
            _ => How::Word,
        };
        let mut candidates: Vec<String> = items
            .drain(..)
            .skip(1)
            .filter(|item| !item.is_empty())
            .map(|item| String::from_utf8_lossy(&item).into_owned())
            .collect();
        candidates.sort();
        candidates.dedup();
        Completion { start, candidates, how }
    }

    /// Whether bash has a handler for our signal: else it would die of it.
    fn listens(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        caught >> (question_signal() - 1) & 1 == 1 && self.front().leader() == Some(self.pid())
    }

    fn reply(&mut self) -> Option<Vec<Vec<u8>>> {
        let deadline = Instant::now() + Duration::from_secs(2);
        let (mut reply, mut late, mut due) = (None, Vec::new(), true);
        let mut buffer = std::mem::take(&mut self.buffer);
        while reply.is_none() {
            let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
            let Some(left) = left else { break };
            if due {
                // SAFETY: a plain system call on our own child, which has a handler for it.
                unsafe { libc::kill(self.pid(), question_signal()) };
            }
            let timeout = PollTimeout::try_from(left.min(AGAIN)).unwrap_or(PollTimeout::ZERO);
            due = !poll(&mut [PollFd::new(self.pty.master.as_fd(), PollFlags::POLLIN)], timeout).is_ok_and(|n| n > 0);
            match self.pty.read(&mut buffer) {
                Ok(count) if count > 0 => self.scanner.feed(&buffer[..count], &mut |piece| match piece {
                    Piece::Mark(Mark::Reply(items)) => reply = Some(items),
                    Piece::Text(text) => late.extend_from_slice(text),
                    _ => {}
                }),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                _ => break,
            }
        }
        self.buffer = buffer;
        self.late.extend(late);
        reply
    }
}

/// The words of the last simple command as bash's completion counts them, quotes kept, and where the last one begins.
fn words(line: &str) -> (Vec<String>, usize) {
    let (mut words, mut word, mut start) = (Vec::new(), String::new(), line.len());
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in line.char_indices() {
        let blank = quote.is_none() && !escaped && matches!(c, ' ' | '\t' | '\n');
        let control = quote.is_none() && !escaped && matches!(c, ';' | '|' | '&' | '(' | ')' | '<' | '>' | '`');
        if blank || control {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if matches!(c, '<' | '>') {
                words.push(c.to_string());
            } else if control {
                words.clear();
            }
            start = line.len();
            continue;
        }
        if word.is_empty() {
            start = at;
        }
        word.push(c);
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != Some('\'') {
            escaped = true;
        } else if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '\'' | '"') {
            quote = Some(c);
        }
    }
    words.push(word);
    // Assignments before a command are no command names of their own.
    while words.len() > 1 && words[0].contains('=') {
        words.remove(0);
    }
    (words, start)
}
