//! Versions of packages, compared as dpkg (deb-version(7)) and as rpm (rpm-version(7)) do. Pure.

use std::cmp::Ordering;

/// Whose rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// dpkg's.
    Dpkg,
    /// rpm's.
    Rpm,
}

/// A version in its parts.
struct Parts<'v> {
    epoch: Option<u64>,
    version: &'v str,
    release: Option<&'v str>,
}

impl<'v> Parts<'v> {
    fn of(version: &'v str) -> Self {
        let (epoch, rest) = match version.split_once(':') {
            Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch.parse().ok(), rest),
            _ => (None, version),
        };
        let (version, release) =
            rest.rsplit_once('-').map_or((rest, None), |(version, release)| (version, Some(release)));
        Self { epoch, version, release }
    }
}

/// Whether the version that is there is this one or a later one. An epoch or a release that the wish does not name is not looked at.
pub fn at_least(there: &str, wanted: &str, rules: Rules) -> bool {
    let (there, wanted) = (Parts::of(there), Parts::of(wanted));
    let compare = match rules {
        Rules::Dpkg => dpkg,
        Rules::Rpm => rpm,
    };
    let epoch = wanted.epoch.map_or(Ordering::Equal, |wanted| there.epoch.unwrap_or(0).cmp(&wanted));
    let release = || wanted.release.map_or(Ordering::Equal, |wanted| compare(there.release.unwrap_or(""), wanted));
    epoch.then_with(|| compare(there.version, wanted.version)).then_with(release) != Ordering::Less
}

/// Turns of text and numbers. In texts `~` comes before the end, letters before all else.
fn dpkg(one: &str, other: &str) -> Ordering {
    let weight = |byte: Option<&u8>| match byte {
        None => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    };
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    let is_text = |part: &[u8]| part.first().is_some_and(|byte| !byte.is_ascii_digit());
    while !one.is_empty() || !other.is_empty() {
        while is_text(one) || is_text(other) {
            match weight(one.first()).cmp(&weight(other.first())) {
                Ordering::Equal => (one, other) = (rest(one, 1), rest(other, 1)),
                unequal => return unequal,
            }
        }
        let (left, right) = (digits(one), digits(other));
        match number(left, right) {
            Ordering::Equal => (one, other) = (rest(one, left.len()), rest(other, right.len())),
            unequal => return unequal,
        }
    }
    Ordering::Equal
}

/// Segments of letters or digits; what stands between them only parts them, but for `~` (before the end) and `^` (after the end, and
/// before all else).
fn rpm(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        let parts = |byte: &u8| !byte.is_ascii_alphanumeric() && !matches!(byte, b'~' | b'^');
        (one, other) = (skip(one, parts), skip(other, parts));
        match (one.first(), other.first()) {
            (Some(b'~'), Some(b'~')) | (Some(b'^'), Some(b'^')) => (one, other) = (rest(one, 1), rest(other, 1)),
            (Some(b'~'), _) => return Ordering::Less,
            (_, Some(b'~')) => return Ordering::Greater,
            (Some(b'^'), None) => return Ordering::Greater,
            (None, Some(b'^')) => return Ordering::Less,
            (Some(b'^'), _) => return Ordering::Less,
            (_, Some(b'^')) => return Ordering::Greater,
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => {
                let compared = match (left.is_ascii_digit(), right.is_ascii_digit()) {
                    (true, false) => return Ordering::Greater,
                    (false, true) => return Ordering::Less,
                    (true, true) => (digits(one).len(), digits(other).len(), number(digits(one), digits(other))),
                    (false, false) => (letters(one).len(), letters(other).len(), letters(one).cmp(letters(other))),
                };
                match compared {
                    (left, right, Ordering::Equal) => (one, other) = (rest(one, left), rest(other, right)),
                    (_, _, unequal) => return unequal,
                }
            }
        }
    }
}

fn rest(text: &[u8], count: usize) -> &[u8] {
    text.get(count..).unwrap_or_default()
}
fn skip(text: &[u8], what: impl Fn(&u8) -> bool) -> &[u8] {
    rest(text, text.iter().take_while(|byte| what(byte)).count())
}
fn run(text: &[u8], what: impl Fn(&u8) -> bool) -> &[u8] {
    text.get(..text.iter().take_while(|byte| what(byte)).count()).unwrap_or_default()
}
fn digits(text: &[u8]) -> &[u8] {
    run(text, u8::is_ascii_digit)
}
fn letters(text: &[u8]) -> &[u8] {
    run(text, u8::is_ascii_alphabetic)
}

/// Numbers of any length.
fn number(one: &[u8], other: &[u8]) -> Ordering {
    let (one, other) = (skip(one, |byte| *byte == b'0'), skip(other, |byte| *byte == b'0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dpkg_s_order_is_that_of_its_manual() {
        let rising = ["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a", "1.0+b", "1.0.1", "1.2", "1.10", "1.10-1"];
        for pair in rising.windows(2) {
            assert!(at_least(pair[1], pair[0], Rules::Dpkg), "{pair:?}");
        }
        for pair in rising[..9].windows(2) {
            assert!(!at_least(pair[0], pair[1], Rules::Dpkg), "{pair:?}");
        }
        assert!(at_least("5.4.2+ds1-2+b2", "5.4", Rules::Dpkg));
        assert!(!at_least("5.4.2+ds1-2", "5.10", Rules::Dpkg));
    }

    #[test]
    fn rpm_s_order_is_that_of_its_own_tests() {
        for (lower, higher) in [
            ("1.0", "2.0"),
            ("2.0", "2.0.1"),
            ("2.0.1", "2.0.1a"),
            ("5.5p1", "5.5p2"),
            ("10xyz", "10.1xyz"),
            ("xyz10", "xyz10.1"),
            ("xyz.4", "8"),
            ("6.5p1", "6.6p1"),
            ("1.0~rc1", "1.0"),
            ("1.0~rc1", "1.0~rc2"),
            ("1.0", "1.0^"),
            ("1.0^git1", "1.01"),
            ("1.0^20160101", "1.0.1"),
        ] {
            assert_eq!(rpm(lower, higher), Ordering::Less, "{lower} {higher}");
            assert_eq!(rpm(higher, lower), Ordering::Greater, "{lower} {higher}");
        }
        for (one, other) in [("1.0", "1.0"), ("1.0010", "1.010"), ("2_0", "2.0"), ("a+", "a_"), ("1.05", "1.5")] {
            assert_eq!(rpm(one, other), Ordering::Equal, "{one} {other}");
        }
    }

    #[test]
    fn what_the_wish_leaves_open_is_not_looked_at() {
        for rules in [Rules::Dpkg, Rules::Rpm] {
            assert!(at_least("1:2.0-5", "2.0", rules));
            assert!(!at_least("1:2.0-5", "2:1.0", rules));
            assert!(at_least("0:2.0-5", "0:2.0-5", rules));
            assert!(!at_least("2.0-5", "2.0-6", rules));
            assert!(at_least("2.0-5", "1.9-6", rules));
            assert!(at_least("99999999999999999999999.1", "99999999999999999999998.2", rules));
        }
    }
}
