//! What the candidate's bash notes, as bytes → notes, and a note → the command line that was run. Pure.

use crate::exam::Typed;

/// What each note begins with: where a note was cut off, the next one is found by it.
const BEGIN: &[u8] = b"rootless-lab-note";
/// A note's fields after that.
const FIELDS: usize = 7;
/// No field is longer; what is beyond is left out.
const MOST: usize = 64 * 1024;

/// The note that is put behind all others once bash has ended.
pub(super) const END: &[u8] = b"rootless-lab-note\0end\0\0\0\0\0\0\0";

/// Why there is a note.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Why {
    /// The start-up files are done.
    #[default]
    Up,
    /// bash waits at a prompt.
    Prompt,
    /// It has ended.
    End,
}

/// What bash says at a prompt, or after its start-up files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// Why.
    pub(super) why: Why,
    /// `$?`.
    pub(super) status: Option<i32>,
    /// A command ran since the last note.
    pub(super) ran: bool,
    /// The number of the word that was left for the candidate and shown.
    pub(super) told: Option<u64>,
    /// The last simple command, as bash names it.
    pub(super) last: String,
    /// The directory.
    pub(super) cwd: String,
    /// The last entry of the history, with its number.
    pub(super) history: Option<(u64, String)>,
    /// For how many microseconds the command ran, where its beginning was seen. bash does not say it.
    pub(super) took: Option<u64>,
}

/// Bytes on their way to become notes.
#[derive(Debug, Default)]
pub(super) struct Reader {
    field: Vec<u8>,
    fields: Vec<Vec<u8>>,
}

impl Reader {
    /// The notes that are whole with these bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Note> {
        let mut notes = Vec::new();
        for byte in bytes {
            if *byte != 0 {
                if self.field.len() < MOST {
                    self.field.push(*byte);
                }
                continue;
            }
            let field = std::mem::take(&mut self.field);
            if field.ends_with(BEGIN) {
                self.fields = vec![field];
            } else if !self.fields.is_empty() {
                self.fields.push(field);
            }
            if self.fields.len() > FIELDS {
                notes.extend(note(&std::mem::take(&mut self.fields)));
            }
        }
        notes
    }
}

fn note(fields: &[Vec<u8>]) -> Option<Note> {
    let text = |nth: usize| fields.get(nth).map(|field| String::from_utf8_lossy(field).into_owned());
    Some(Note {
        why: match text(1)?.as_str() {
            "prompt" => Why::Prompt,
            "end" => Why::End,
            _ => Why::Up,
        },
        status: text(2)?.parse().ok(),
        ran: text(3)? == "1",
        told: text(4)?.parse().ok().filter(|number| *number > 0),
        last: text(5)?.trim_end_matches('\n').to_owned(),
        cwd: text(6)?,
        history: entry(&text(7)?),
        took: None,
    })
}

/// `  501  podman ps`: a number, perhaps a star, and the line.
fn entry(text: &str) -> Option<(u64, String)> {
    let text = text.trim_start();
    let (number, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let line = rest.strip_prefix(['*', ' '])?.strip_prefix(' ').unwrap_or_default();
    Some((number.parse().ok()?, line.trim_end_matches('\n').to_owned()))
}

/// Which entries of the history are known already.
#[derive(Debug, Default)]
pub(super) struct Lines {
    known: Option<u64>,
}

impl Lines {
    /// The line that was run before this note; none where none was. A line that the history does not keep (a space before it, the same
    /// again) is known by the last command in it.
    pub(super) fn line(&mut self, note: &Note, account: Option<&str>) -> Option<Typed> {
        let known = std::mem::replace(&mut self.known, note.history.as_ref().map(|(number, _)| *number));
        if !note.ran {
            return None;
        }
        let fresh = note.history.as_ref().filter(|(number, _)| known != Some(*number));
        Some(Typed {
            line: fresh.map_or_else(|| note.last.clone(), |(_, line)| line.clone()),
            status: note.status,
            cwd: Some(note.cwd.clone()),
            account: account.map(str::to_owned),
            took: note.took,
            inside: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(fields: &[&str]) -> Vec<u8> {
        fields.iter().flat_map(|field| [field.as_bytes(), b"\0"].concat()).collect()
    }

    fn prompt(ran: &str, last: &str, history: &str) -> Vec<u8> {
        bytes(&["rootless-lab-note", "prompt", "1", ran, "3", last, "/home/li sa", history])
    }

    #[test]
    fn a_note_is_read_whole_however_it_comes_and_after_one_that_was_cut_off() {
        let whole = prompt("1", "head -1\n", "  501  ls 'a\nb' | head -1\n");
        let wanted = Note {
            why: Why::Prompt,
            status: Some(1),
            ran: true,
            told: Some(3),
            last: "head -1".into(),
            cwd: "/home/li sa".into(),
            history: Some((501, "ls 'a\nb' | head -1".into())),
            took: None,
        };
        let mut reader = Reader::default();
        for cut in 0..whole.len() {
            assert_eq!(reader.take(&whole[..cut]), [], "{cut}");
            assert_eq!(reader.take(&whole[cut..]), std::slice::from_ref(&wanted), "{cut}");
            reader.take(&whole[..cut]);
        }
        assert_eq!(reader.take(&whole), std::slice::from_ref(&wanted));
        assert_eq!(reader.take(END).pop(), Some(Note { why: Why::End, ..Note::default() }));
        assert_eq!(reader.take(&[b"rubbish\0\0\0".as_slice(), &whole, &whole].concat()).len(), 2);
    }

    #[test]
    fn an_entry_of_the_history_is_its_number_and_its_line_as_it_was_typed() {
        for (text, wanted) in [
            ("    1  ls\n", Some((1, "ls"))),
            ("12345*   spaces before\n", Some((12345, "  spaces before"))),
            ("  501  two\nlines\n", Some((501, "two\nlines"))),
            ("  501  \n", Some((501, ""))),
            ("", None),
            ("no number", None),
            ("77", None),
        ] {
            assert_eq!(entry(text), wanted.map(|(number, line): (u64, &str)| (number, line.to_owned())), "{text:?}");
        }
    }

    #[test]
    fn what_ran_is_the_new_line_of_the_history_or_else_the_last_command() {
        let mut reader = Reader::default();
        let mut lines = Lines::default();
        let mut ran = |ran: &str, last: &str, history: &str| {
            let note = reader.take(&prompt(ran, last, history)).pop().unwrap();
            lines.line(&note, Some("lisa")).map(|typed| typed.line)
        };
        assert_eq!(ran("0", "x", "    7  of an earlier login\n"), None);
        assert_eq!(ran("0", "x", "    7  of an earlier login\n"), None, "an empty line");
        assert_eq!(ran("1", "head", "    8  ls | head\n").as_deref(), Some("ls | head"));
        assert_eq!(ran("1", "head", "    8  ls | head\n").as_deref(), Some("head"), "the same again");
        assert_eq!(ran("1", "id", "").as_deref(), Some("id"), "no history");
    }
}
