//! A unit file as systemd reads it (systemd.syntax(7)): sections, keys, continued lines, comments. Pure; knows no key's meaning.

use std::ops::RangeInclusive;

/// What stands in a unit file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitFile {
    /// The sections, in their order; one that comes twice stands here twice.
    pub sections: Vec<Section>,
}

/// One section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The name between the brackets.
    pub name: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its assignments, in their order.
    pub entries: Vec<Entry>,
}

/// One assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value, continued lines joined by a space.
    pub value: String,
    /// Its lines, from 1.
    pub lines: RangeInclusive<usize>,
}

impl UnitFile {
    /// Reads a file. Never fails: what cannot be read is passed over, as systemd does.
    pub fn read(text: &str) -> Self {
        let mut file = Self::default();
        let mut open: Option<(usize, String)> = None;
        let mut last = 0;
        for (number, raw) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
            last = number;
            let line = raw.trim_start();
            // A comment between continued lines is left out, and the statement goes on after it.
            if line.starts_with(['#', ';']) {
                continue;
            }
            let (first, mut statement) = open.take().unwrap_or((number, String::new()));
            statement.push_str(line);
            // A backslash that is itself escaped does not continue the line.
            if line.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1 {
                statement.pop();
                statement.push(' ');
                open = Some((first, statement));
            } else {
                file.statement(&statement, first..=number);
            }
        }
        if let Some((first, statement)) = open {
            file.statement(&statement, first..=last);
        }
        file
    }

    fn statement(&mut self, text: &str, lines: RangeInclusive<usize>) {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix('[') {
            if let Some(name) = rest.strip_suffix(']') {
                self.sections.push(Section { name: name.into(), line: *lines.start(), entries: Vec::new() });
            }
            return;
        }
        if let (Some((key, value)), Some(section)) = (text.split_once('='), self.sections.last_mut()) {
            section.entries.push(Entry { key: key.trim().to_owned(), value: value.trim().to_owned(), lines });
        }
    }

    /// The assignments to a key, over all sections of that name. An empty one takes back those before it.
    pub fn values(&self, section: &str, key: &str) -> Vec<&Entry> {
        let mut values = Vec::new();
        for entry in self.sections.iter().filter(|s| s.name == section).flat_map(|s| &s.entries) {
            match entry {
                Entry { key: k, .. } if k != key => {}
                Entry { value, .. } if value.is_empty() => values.clear(),
                entry => values.push(entry),
            }
        }
        values
    }

    /// Whether there is a section of that name.
    pub fn has(&self, section: &str) -> bool {
        self.sections.iter().any(|s| s.name == section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_continued_over_comments_and_know_their_place() {
        let file =
            UnitFile::read("[Service]\nExecStart=/bin/a \\\n# not this\n  ; nor this\n   b \\\n c\nRestart=no\n");
        let start = file.values("Service", "ExecStart");
        assert_eq!(start[0].value.split_whitespace().collect::<Vec<_>>(), ["/bin/a", "b", "c"]);
        assert_eq!(start[0].lines, 2..=6);
        assert_eq!(file.values("Service", "Restart")[0].lines, 7..=7);
        assert_eq!(UnitFile::read("[A]\nk=v\\\\\nl=w").values("A", "l").len(), 1);
    }

    #[test]
    fn an_empty_assignment_takes_back_and_sections_may_repeat() {
        let file = UnitFile::read(
            "[Install]\nWantedBy=a.target\n[Unit]\nAfter=x\n[Install]\nWantedBy=\nWantedBy=b.target c.target # d\n",
        );
        let values: Vec<_> = file.values("Install", "WantedBy").iter().map(|e| e.value.as_str()).collect();
        assert_eq!(values, ["b.target c.target # d"]);
        assert!(file.has("Unit") && !file.has("Service"));
    }

    #[test]
    fn what_systemd_passes_over_is_passed_over() {
        let file = UnitFile::read("A=b\n[Unit\n[X]\nnothing\n\nB=c\n");
        let entries = [Entry { key: "B".into(), value: "c".into(), lines: 6..=6 }];
        assert_eq!(file.sections, [Section { name: "X".into(), line: 3, entries: entries.into() }]);
    }
}
