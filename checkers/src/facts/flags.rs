//! What the options of a command line mean: `-dt` is `-d -t` is `--detach --tty`. Options are known from a program's own `--help`. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// The options of a program, and how it reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Letter → long name, where it has one.
    pub letters: BTreeMap<char, Option<String>>,
    /// Letters and long names that take the next word as their value.
    pub valued: BTreeSet<String>,
    /// Every long name.
    pub longs: BTreeSet<String>,
    /// The first operand ends the options (`podman run IMAGE -d`: that `-d` belongs to the container's command).
    pub operand_ends: bool,
}

/// What a command line says, read with a program's [`Options`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The options that are on: long names, and letters.
    pub on: BTreeSet<String>,
    /// Values by long name, or by letter where there is no long name; the last one counts.
    pub values: BTreeMap<String, String>,
    /// The words that are no options.
    pub operands: Vec<String>,
}

impl Options {
    /// Reads a program's `--help`: GNU, util-linux, systemd and cobra forms.
    pub fn from_help(help: &str) -> Self {
        let mut options = Self::default();
        let mut usage = false;
        for line in help.lines() {
            let text = line.trim_start();
            usage = text.to_ascii_lowercase().starts_with("usage") || (usage && line.starts_with(' '));
            options.operand_ends |= usage && text.to_ascii_lowercase().contains("[arg");
            if text.starts_with('-') {
                // The description stands two spaces away, or on the next line.
                options.add(text.split("  ").next().unwrap_or(text));
            }
        }
        options
    }

    /// `-m, --mode=MODE`, `-t --type=TYPE`, `--name string`, `--context[=CTX]`, `-Z`.
    fn add(&mut self, spec: &str) {
        let (mut letter, mut long, mut valued) = (None, None, false);
        for token in spec.split([' ', ',']).filter(|t| !t.is_empty()) {
            let (name, value) = token.split_once('=').map_or((token, ""), |(n, v)| (n, v));
            // `[=CTX]`: the value is optional, so the next word is never it.
            let optional = name.ends_with('[');
            let name = name.trim_end_matches('[');
            valued |= !value.is_empty() && !optional;
            if let Some(name) = name.strip_prefix("--") {
                long = Some(name.to_owned());
            } else if let Some(name) = name.strip_prefix('-') {
                letter = name.chars().next();
            } else {
                valued = true;
            }
        }
        self.insert(letter, long, valued);
    }

    /// One more option.
    pub fn insert(&mut self, letter: Option<char>, long: Option<String>, valued: bool) {
        if valued {
            self.valued.extend(letter.map(String::from).into_iter().chain(long.clone()));
        }
        self.longs.extend(long.clone());
        if let Some(letter) = letter {
            self.letters.insert(letter, long);
        }
    }

    /// Reads the words after the program and its verb.
    pub fn read(&self, words: &[String]) -> Parsed {
        let mut parsed = Parsed::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                parsed.operands.extend(words.by_ref().cloned());
            } else if let Some(long) = word.strip_prefix("--") {
                self.long(long, &mut words, &mut parsed);
            } else if word.len() > 1 && word.starts_with('-') {
                self.cluster(&word[1..], &mut words, &mut parsed);
            } else {
                parsed.operands.push(word.clone());
                if self.operand_ends {
                    parsed.operands.extend(words.by_ref().cloned());
                }
            }
        }
        parsed
    }

    fn long(&self, text: &str, words: &mut std::slice::Iter<'_, String>, parsed: &mut Parsed) {
        let (name, given) = text.split_once('=').map_or((text, None), |(n, v)| (n, Some(v.to_owned())));
        let name = self.full(name);
        let value = given.or_else(|| self.valued.contains(name).then(|| words.next().cloned()).flatten());
        self.put(name.to_owned(), value, parsed);
    }

    /// getopt_long(3) takes the beginning of a long name where only one begins so.
    fn full<'a>(&'a self, name: &'a str) -> &'a str {
        let mut begins = self.longs.iter().filter(|l| l.starts_with(name));
        match (self.longs.contains(name), begins.next(), begins.next()) {
            (false, Some(only), None) => only,
            _ => name,
        }
    }

    fn cluster(&self, letters: &str, words: &mut std::slice::Iter<'_, String>, parsed: &mut Parsed) {
        for (at, letter) in letters.char_indices() {
            let name = match self.letters.get(&letter) {
                Some(Some(long)) => long.clone(),
                _ => letter.to_string(),
            };
            if self.valued.contains(&letter.to_string()) {
                let tail = &letters[at + letter.len_utf8()..];
                let value =
                    if tail.is_empty() { words.next().cloned() } else { Some(tail.trim_start_matches('=').to_owned()) };
                self.put(name, value, parsed);
                return;
            }
            self.put(name, None, parsed);
        }
    }

    fn put(&self, name: String, value: Option<String>, parsed: &mut Parsed) {
        let letters: Vec<String> =
            self.letters.iter().filter(|(_, l)| l.as_deref() == Some(&name)).map(|(c, _)| c.to_string()).collect();
        let on = self.valued.contains(&name) || !matches!(value.as_deref(), Some("false" | "no" | "0"));
        for name in letters.iter().chain([&name]) {
            if on {
                parsed.on.insert(name.clone());
            } else {
                parsed.on.remove(name);
            }
        }
        if let Some(value) = value {
            parsed.values.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(help: &str, line: &str) -> Parsed {
        Options::from_help(help).read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }
    const PODMAN: &str = include_str!("../../recorded/podman-run-help-5.4.txt");
    const MKDIR: &str = include_str!("../../recorded/mkdir-help.txt");
    const SYSTEMCTL: &str = include_str!("../../recorded/systemctl-help-257.txt");
    const USERADD: &str = include_str!("../../recorded/useradd-help.txt");

    #[test]
    fn all_spellings_of_detach_and_tty_are_the_same() {
        for line in [
            "-dt --name c ubi8",
            "-d -t --name=c ubi8",
            "--detach --tty --name c ubi8",
            "--detach=true -t --name c ubi8 ls -i",
        ] {
            let parsed = read(PODMAN, line);
            assert!(parsed.on.contains("detach") && parsed.on.contains("tty") && parsed.on.contains("d"), "{line}");
            assert!(!parsed.on.contains("interactive"), "{line}");
            assert_eq!((parsed.values["name"].as_str(), parsed.operands[0].as_str()), ("c", "ubi8"), "{line}");
        }
        assert!(!read(PODMAN, "-d --detach=false ubi8").on.contains("d"));
        assert_eq!(read(PODMAN, "-eA=b -p8080:80 ubi8").values["env"], "A=b");
    }

    #[test]
    fn gnu_programs_take_options_after_operands_and_shortened_names() {
        assert!(read(MKDIR, "a/b -p").on.contains("parents"));
        assert!(read(MKDIR, "--par a/b").on.contains("p"));
        assert_eq!(read(MKDIR, "-m 700 a").operands, ["a"]);
        assert_eq!(read(MKDIR, "--context a").operands, ["a"]);
        assert!(read(MKDIR, "-- -p").on.is_empty());
    }

    #[test]
    fn systemd_and_shadow_forms_are_read() {
        let parsed = read(SYSTEMCTL, "--user -t service enable --now a.service");
        assert!(parsed.on.contains("user") && parsed.on.contains("now"));
        assert_eq!((parsed.values["type"].as_str(), parsed.operands.len()), ("service", 2));
        let parsed = read(USERADD, "-mb /srv -s /bin/bash ada");
        assert_eq!((parsed.values["base-dir"].as_str(), parsed.operands[0].as_str()), ("/srv", "ada"));
        assert!(parsed.on.contains("create-home"));
    }

    #[test]
    fn what_the_help_does_not_know_is_an_option_all_the_same() {
        let parsed = read(MKDIR, "-q --quux a");
        assert!(parsed.on.contains("q") && parsed.on.contains("quux"));
        assert_eq!(parsed.operands, ["a"]);
    }
}
