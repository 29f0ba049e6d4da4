//! A seed → the values of an exam's open words. The same seed gives the same values on any machine and in any version, for ever:
//! the rules are written out here in full, and no generator of a library is asked.
//!
//! A word's numbers come from SHA-256 over the seed, the word's name and a counter. So a word that an author adds moves no other one
//! (but where two words would have the same value). Words are drawn in the order of their names; a value that an earlier one has is
//! passed over, because no two words of an exam are the same.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::words::WORDS;

/// What a word may be. Every value of every rule can be an account's, a container's and a unit's name, or is a plain number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// One of these.
    From(Vec<String>),
    /// A whole number, both ends included.
    Between(u32, u32),
    /// So many words of the list with dashes between them. 1 to 3.
    Words(usize),
}

/// What is drawn, by the word's name.
pub type Draw = BTreeMap<String, Rule>;

/// More tries than this are not made by chance; then the first value that is free is taken.
const TRIES: u64 = 64;

/// The values of this seed. Names whose rule has no free value left are missing; [`crowded`] finds such a draw beforehand.
pub fn draw(rules: &Draw, seed: u64) -> BTreeMap<String, String> {
    let mut taken = BTreeSet::new();
    let mut drawn = BTreeMap::new();
    for (name, rule) in rules {
        let mut numbers = Numbers { seed, name, next: 0 };
        let by_chance = (0..TRIES).map(|_| rule.value(&mut numbers)).find(|value| !taken.contains(value));
        if let Some(value) = by_chance.or_else(|| rule.all().find(|value| !taken.contains(value))) {
            taken.insert(value.clone());
            drawn.insert(name.clone(), value);
        }
    }
    drawn
}

/// The words for which another value could be missing, each with how many values it has and how many others may take of them.
pub(super) fn crowded(rules: &Draw) -> Vec<(&str, u64, usize)> {
    let mut found = Vec::new();
    for (name, rule) in rules {
        let rivals = rules.iter().filter(|(other, with)| *other != name && rule.overlaps(with)).count();
        if rule.count() <= rivals as u64 {
            found.push((name.as_str(), rule.count(), rivals));
        }
    }
    found
}

impl Rule {
    /// How many values it has.
    pub fn count(&self) -> u64 {
        match self {
            Self::From(list) => list.len() as u64,
            Self::Between(low, high) => u64::from(high.saturating_sub(*low)) + 1,
            Self::Words(count) => (0..*count).fold(1, |all, _| all * WORDS.len() as u64),
        }
    }

    fn value(&self, numbers: &mut Numbers<'_>) -> String {
        match self {
            Self::From(list) => {
                let nth = usize::try_from(numbers.below(list.len().max(1) as u64)).unwrap_or_default();
                list.get(nth).cloned().unwrap_or_default()
            }
            Self::Between(low, _) => (u64::from(*low) + numbers.below(self.count())).to_string(),
            Self::Words(count) => {
                let word = |_| WORDS[usize::try_from(numbers.below(WORDS.len() as u64)).unwrap_or_default()];
                (0..*count).map(word).collect::<Vec<_>>().join("-")
            }
        }
    }

    /// Every value, in a fixed order.
    fn all(&self) -> Box<dyn Iterator<Item = String> + '_> {
        match self {
            Self::From(list) => Box::new(list.iter().cloned()),
            Self::Between(low, high) => Box::new((*low..=*high).map(|number| number.to_string())),
            Self::Words(count) => Box::new((0..self.count()).map(|nth| {
                let word = |left: &mut u64| {
                    let word = WORDS[usize::try_from(*left % WORDS.len() as u64).unwrap_or_default()];
                    *left /= WORDS.len() as u64;
                    word
                };
                let mut left = nth;
                (0..*count).map(|_| word(&mut left)).collect::<Vec<_>>().join("-")
            })),
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Between(a, b), Self::Between(c, d)) => a <= d && c <= b,
            (Self::Words(a), Self::Words(b)) => a == b,
            (Self::From(list), other) | (other, Self::From(list)) => list.iter().any(|value| other.has(value)),
            (Self::Between(..), Self::Words(_)) | (Self::Words(_), Self::Between(..)) => false,
        }
    }

    fn has(&self, value: &str) -> bool {
        match self {
            Self::From(list) => list.iter().any(|one| one == value),
            Self::Between(low, high) => value.parse::<u32>().is_ok_and(|number| (*low..=*high).contains(&number)),
            Self::Words(count) => {
                value.split('-').count() == *count && value.split('-').all(|word| WORDS.contains(&word))
            }
        }
    }
}

/// The numbers of one word.
struct Numbers<'n> {
    seed: u64,
    name: &'n str,
    next: u64,
}

impl Numbers<'_> {
    fn number(&mut self) -> u64 {
        let mut hash = Sha256::new();
        hash.update(b"rootless-lab draw 1\0");
        hash.update(self.seed.to_be_bytes());
        hash.update(self.next.to_be_bytes());
        hash.update(self.name.as_bytes());
        self.next += 1;
        let digest: [u8; 32] = hash.finalize().into();
        digest[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// A number from 0 to just below `end`, each as likely as any other.
    fn below(&mut self, end: u64) -> u64 {
        // The numbers above the last whole multiple would make the first ones likelier.
        let rest = (u64::MAX % end + 1) % end;
        loop {
            let number = self.number();
            if number <= u64::MAX - rest {
                return number % end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules() -> Draw {
        let list = |names: &[&str]| Rule::From(names.iter().map(|name| (*name).to_owned()).collect());
        let named = |(name, rule): (&str, Rule)| (name.to_owned(), rule);
        [
            ("user", list(&["anna", "boris", "chen", "dalia"])),
            ("other", list(&["anna", "boris", "chen", "dalia"])),
            ("port", Rule::Between(20_000, 29_999)),
            ("uid", Rule::Between(0, u32::MAX)),
            ("container", Rule::Words(2)),
            ("volume", Rule::Words(1)),
        ]
        .map(named)
        .into()
    }

    /// What these seeds give is written on sheets and in records: it never changes.
    #[test]
    fn what_a_seed_gives_is_fixed_for_ever() {
        let said = [0, 1, 42, u64::MAX].map(|seed| {
            let values = draw(&rules(), seed);
            values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        });
        assert_eq!(said, GOLDEN);
    }

    const GOLDEN: [&str; 4] = [
        "container=badger-condor other=chen port=29800 uid=264233175 user=dalia volume=osprey",
        "container=alder-fjord other=boris port=29512 uid=2573908672 user=chen volume=poppy",
        "container=plover-robin other=dalia port=23642 uid=2148255226 user=anna volume=meadow",
        "container=mallow-cricket other=dalia port=27527 uid=3463540584 user=chen volume=spruce",
    ];

    /// The numbers themselves, as anybody can compute them with `sha256sum`.
    #[test]
    fn a_words_numbers_are_the_first_bytes_of_the_digests() {
        let mut numbers = Numbers { seed: 42, name: "port", next: 0 };
        assert_eq!([numbers.number(), numbers.number()], [0x8a52cf9b61c2c43a, 0x71816ce6ddce1163]);
    }

    #[test]
    fn a_word_more_moves_no_other_one() {
        for seed in 0..50 {
            let before = draw(&rules(), seed);
            let mut more = rules();
            more.insert("aaa".into(), Rule::Between(1, 9));
            let mut after = draw(&more, seed);
            after.remove("aaa");
            assert_eq!(after, before);
        }
    }

    #[test]
    fn a_list_as_long_as_its_words_is_dealt_out_whole() {
        let list = Rule::From(["a", "b", "c"].map(str::to_owned).to_vec());
        let rules: Draw = ["x", "y", "z"].map(|name| (name.to_owned(), list.clone())).into();
        for seed in 0..200 {
            let values: BTreeSet<String> = draw(&rules, seed).into_values().collect();
            assert_eq!(values.len(), 3, "{seed}");
        }
        assert!(crowded(&rules).is_empty());
        let four: Draw = ["w", "x", "y", "z"].map(|name| (name.to_owned(), list.clone())).into();
        assert_eq!(crowded(&four).len(), 4);
    }

    #[test]
    fn every_value_of_a_small_range_comes_up_about_as_often() {
        let rules: Draw = [("n".to_owned(), Rule::Between(1, 5))].into();
        let mut counted = BTreeMap::new();
        for seed in 0..5000 {
            *counted.entry(draw(&rules, seed)["n"].clone()).or_insert(0) += 1;
        }
        assert!(counted.len() == 5 && counted.values().all(|n| (900..1100).contains(n)), "{counted:?}");
    }

    proptest! {
        #[test]
        fn no_two_words_have_the_same_value_and_every_one_is_safe(seed: u64) {
            let values = draw(&rules(), seed);
            prop_assert_eq!(values.len(), rules().len());
            let distinct: BTreeSet<&String> = values.values().collect();
            prop_assert_eq!(distinct.len(), values.len());
            for (name, value) in &values {
                let number = value.parse::<u32>().is_ok();
                prop_assert!(number || super::super::words::is_safe(value), "{} {}", name, value);
            }
        }

        #[test]
        fn a_range_is_never_left(seed: u64, low in 0..100_u32, more in 0..100_u32) {
            let rules: Draw = [("n".to_owned(), Rule::Between(low, low + more))].into();
            let number: u32 = draw(&rules, seed)["n"].parse().unwrap();
            prop_assert!((low..=low + more).contains(&number));
        }
    }
}
