//! Attempts that have more in common than two people's can have by chance. Says what is alike, never who copied. Pure.

use std::collections::BTreeMap;

use super::Inspected;

/// Fewer commands than this are alike by chance.
const LEAST: usize = 5;

/// What several attempts have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    /// The first line of the record: one is a copy of the other.
    Record,
    /// What was seen of the machine, byte for byte: it was the same machine at the same moment.
    Testimony,
    /// The seed, and so all drawn values.
    Seed,
    /// All values, from different seeds.
    Parameters,
    /// The command lines, one by one.
    Commands,
    /// The command lines, but for the drawn values: a script that takes them, or one sheet's answers with another's names.
    CommandsButValues,
}

/// Attempts that are alike, by their places among those that were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// In what.
    pub what: Alike,
    /// Which.
    pub attempts: Vec<usize>,
}

/// What is alike among them. Copies of a whole record are not named a second time for what follows from that, nor are equal command lines
/// for being equal but for their values.
pub fn alike(attempts: &[Inspected]) -> Vec<Copied> {
    let mut groups: BTreeMap<(Alike, String), Vec<usize>> = BTreeMap::new();
    for (nth, attempt) in attempts.iter().enumerate() {
        let mut marks: Vec<(Alike, String)> = Vec::new();
        marks.extend(attempt.first.clone().map(|hash| (Alike::Record, hash)));
        marks.extend(attempt.testimonies.iter().cloned().map(|digest| (Alike::Testimony, digest)));
        if let Some(started) = &attempt.started {
            marks.push((Alike::Seed, format!("{} {}", started.exam, started.seed)));
            if !started.parameters.is_empty() {
                marks.push((Alike::Parameters, format!("{} {:?}", started.exam, started.parameters)));
            }
            if attempt.commands.len() >= LEAST {
                marks.push((Alike::Commands, format!("{:?}", attempt.commands)));
                marks.push((Alike::CommandsButValues, without_values(&attempt.commands, &started.parameters)));
            }
        }
        for mark in marks {
            let group = groups.entry(mark).or_default();
            if group.last() != Some(&nth) {
                group.push(nth);
            }
        }
    }
    let mut said: Vec<Copied> = Vec::new();
    for ((what, _), attempts) in groups.into_iter().filter(|(_, group)| group.len() > 1) {
        let follows = said.iter().any(|known| {
            let stronger = match what {
                Alike::Parameters => known.what == Alike::Seed,
                Alike::CommandsButValues => known.what == Alike::Commands,
                _ => known.what == what,
            };
            (known.what == Alike::Record || stronger) && attempts.iter().all(|one| known.attempts.contains(one))
        });
        if !follows {
            said.push(Copied { what, attempts });
        }
    }
    said
}

/// The command lines with each drawn value replaced by its name, the longest values first.
fn without_values(commands: &[String], parameters: &BTreeMap<String, String>) -> String {
    let mut values: Vec<_> = parameters.iter().filter(|(_, value)| !value.is_empty()).collect();
    values.sort_by_key(|(name, value)| (std::cmp::Reverse(value.len()), (*name).clone()));
    let mut text = commands.join("\n");
    for (name, value) in values {
        text = text.replace(value.as_str(), &format!("{{{{{name}}}}}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::stand_in::started;
    use super::*;

    fn attempt(first: &str, seed: u64, user: &str, commands: &[&str]) -> Inspected {
        let mut started = started();
        (started.seed, started.parameters) = (seed, [("user".to_owned(), user.to_owned())].into());
        Inspected {
            path: first.into(),
            started: Some(started),
            head: None,
            commands: commands.iter().map(|line| line.replace("USER", user)).collect(),
            testimonies: Vec::new(),
            first: Some(first.into()),
            findings: Vec::new(),
        }
    }

    fn said(attempts: &[Inspected]) -> Vec<(Alike, Vec<usize>)> {
        alike(attempts).into_iter().map(|one| (one.what, one.attempts)).collect()
    }

    const WAY: &[&str] = &["useradd USER", "id USER", "passwd USER", "su - USER", "exit"];

    #[test]
    fn people_who_did_it_each_in_their_own_way_have_nothing_in_common() {
        let other: &[&str] = &["adduser USER", "id USER", "passwd USER", "su - USER", "exit"];
        assert_eq!(said(&[attempt("a", 1, "anna", WAY), attempt("b", 2, "boris", other)]), []);
        let few = &WAY[..4];
        assert_eq!(said(&[attempt("a", 1, "anna", few), attempt("b", 2, "boris", few)]), [], "too few to tell");
    }

    #[test]
    fn each_thing_that_is_alike_is_named_once_with_all_who_share_it() {
        let all = [
            attempt("a", 1, "anna", WAY),
            attempt("b", 1, "anna", &["true"]),
            attempt("c", 3, "anna", &["false"]),
            attempt("d", 4, "boris", WAY),
        ];
        assert_eq!(
            said(&all),
            [(Alike::Seed, vec![0, 1]), (Alike::Parameters, vec![0, 1, 2]), (Alike::CommandsButValues, vec![0, 3])]
        );
        let same = [attempt("a", 1, "anna", WAY), attempt("b", 2, "anna", WAY)];
        assert_eq!(said(&same), [(Alike::Parameters, vec![0, 1]), (Alike::Commands, vec![0, 1])]);
    }

    #[test]
    fn a_copied_folder_is_named_as_that_and_as_nothing_else() {
        assert_eq!(said(&[attempt("a", 1, "anna", WAY), attempt("a", 1, "anna", WAY)]), [(Alike::Record, vec![0, 1])]);
    }
}
