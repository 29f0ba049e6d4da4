//! The lab words: a colon followed at once by a letter. Bash's own `: …` is left alone.

use super::show::WordHelp;

/// A lab word with what follows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The words.
    Help,
    /// The step again, or go to another one (counted from 1).
    Step(Option<usize>),
    /// Judge now, and say how every goal stands.
    Check,
    /// The next hint.
    Hint,
    /// The solution.
    Solution,
    /// A man page entry.
    Man(Vec<String>),
    /// Every goal: wanted, found, seen.
    Why,
    /// The last line beside the solution.
    Diff,
    /// Try things unjudged, or stop doing so.
    Play,
    /// Leave this step out.
    Skip,
    /// The step before.
    Back,
    /// Begin this step (or, with `all`, the lesson) anew.
    Reset {
        /// The whole lesson.
        all: bool,
    },
    /// Where the learner is.
    Status,
    /// Who the learner really is: the way from the login to this shell.
    Where,
    /// A true login session of an account; of the one that the lesson makes, where none is named.
    Login(Option<String>),
    /// Leave.
    Quit,
}

impl Word {
    /// The word that is typed so; none where it is no lab word.
    pub fn of(typed: &str) -> Option<Self> {
        match read(typed) {
            Typed::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether another terminal may say it: looking and asking, never what changes the way through the lesson.
    pub fn may_be_asked(&self) -> bool {
        matches!(
            self,
            Self::Check
                | Self::Hint
                | Self::Solution
                | Self::Step(None)
                | Self::Why
                | Self::Status
                | Self::Where
                | Self::Help
                | Self::Man(_)
        )
    }
}

/// Every lab word and what it does, in the order of `:help`.
pub const WORDS: &[(&str, &str)] = &[
    (":help", "these words"),
    (":step", "show the step again; `:step 7` goes to step 7"),
    (":check", "look at the machine now, and say how each goal stands"),
    (":hint", "a hint; each one says more"),
    (":solution", "what to type"),
    (":man", "the manual entry of this step; `:man podman run --name` for any other"),
    (":why", "every goal with what was seen, and all about the last mistake, the way out last"),
    (":diff", "your last line beside the solution"),
    (":play", "try things unjudged; `:play` again ends it"),
    (":skip", "leave this step out"),
    (":back", "the step before"),
    (":reset", "begin this step anew; `:reset all` the whole lesson"),
    (":status", "where you are in the lesson"),
    (":where", "who you really are: the way from the login to this shell"),
    (":login", "a true login session here; `:login lisa` of another account"),
    (":quit", "leave; the next start goes on here"),
];

/// What a typed line is to the lab.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line for bash.
    ForBash,
    /// A lab word.
    Word(Word),
    /// Looks like a lab word, and is none.
    NoSuch { word: String, nearest: Option<String> },
}

/// Tells lab words from lines for bash.
pub(super) fn read(line: &str) -> Typed {
    let line = line.trim();
    let mut letters = line.chars();
    if letters.next() != Some(':') || !letters.next().is_some_and(char::is_alphabetic) {
        return Typed::ForBash;
    }
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default().to_ascii_lowercase();
    let rest: Vec<&str> = words.collect();
    let word = match (first.as_str(), rest.as_slice()) {
        (":help", _) => Word::Help,
        (":step", []) => Word::Step(None),
        (":step", [number]) if number.parse::<usize>().is_ok() => Word::Step(number.parse().ok()),
        (":check", _) => Word::Check,
        (":hint", _) => Word::Hint,
        (":solution", _) => Word::Solution,
        (":man", words) => Word::Man(words.iter().map(|w| (*w).to_owned()).collect()),
        (":why", _) => Word::Why,
        (":diff", _) => Word::Diff,
        (":play", _) => Word::Play,
        (":skip", _) => Word::Skip,
        (":back", _) => Word::Back,
        (":reset", []) => Word::Reset { all: false },
        (":reset", ["all" | "--all"]) => Word::Reset { all: true },
        (":status", _) => Word::Status,
        (":where", _) => Word::Where,
        (":login", []) => Word::Login(None),
        (":login", [name]) => Word::Login(Some((*name).to_owned())),
        (":quit" | ":q" | ":exit", _) => Word::Quit,
        _ => {
            return Typed::NoSuch { word: line.to_owned(), nearest: nearest(&first) };
        }
    };
    Typed::Word(word)
}

/// The word that was meant: one slip in a short word, two in a longer one, or its beginning where no other begins so.
fn nearest(typed: &str) -> Option<String> {
    let slips = if typed.len() <= ":word".len() { 1 } else { 2 };
    let known = || WORDS.iter().map(|(known, _)| *known);
    let near = known().map(|known| (strsim::damerau_levenshtein(known, typed), known)).min();
    let near = near.filter(|(distance, _)| *distance <= slips).map(|(_, known)| known);
    let mut longer = known().filter(|known| typed.len() > ":w".len() && known.starts_with(typed));
    let begun = longer.next().filter(|_| longer.next().is_none());
    begun.or(near).map(str::to_owned)
}

/// The words as a picture.
pub(super) fn help() -> Vec<WordHelp> {
    WORDS.iter().map(|(word, says)| WordHelp { word: (*word).into(), says: (*says).into() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colon_and_a_space_belong_to_bash() {
        for line in [": ${x:=1}", ":", "echo :hint", ":>file", ":|cat", "::x"] {
            assert_eq!(read(line), Typed::ForBash, "{line}");
        }
    }

    #[test]
    fn a_mistyped_word_is_answered_with_the_nearest_one() {
        for (typed, meant) in [
            (":hnit", Some(":hint")),
            (":äh", None),
            (":solutoin", Some(":solution")),
            (":sol", Some(":solution")),
            (":chekc now", Some(":check")),
            (":foo", None),
            (":next", None),
            (":st", None),
            (":xyzzyplugh", None),
        ] {
            let Typed::NoSuch { nearest, .. } = read(typed) else { panic!("{typed} is sent to bash") };
            assert_eq!(nearest.as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn a_word_takes_what_follows_it() {
        assert_eq!(read(":step 7"), Typed::Word(Word::Step(Some(7))));
        assert_eq!(read(":reset all"), Typed::Word(Word::Reset { all: true }));
        assert_eq!(read("  :MAN mkdir -p "), Typed::Word(Word::Man(vec!["mkdir".into(), "-p".into()])));
    }

    #[test]
    fn every_word_of_the_help_is_known() {
        for (word, _) in WORDS {
            assert!(matches!(read(word), Typed::Word(_)), "{word}");
        }
    }
}
