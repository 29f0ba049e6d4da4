//! Records that were changed, and what is said of them.

use proptest::prelude::*;

use super::super::attempt::tests::{at, started};
use super::super::attempt::{Answer, Typed};
use super::*;

/// A record of so many lines, and its head.
fn record(lines: u64) -> (String, Head) {
    let mut head = Head::none();
    let mut text = String::new();
    for n in 1..=lines {
        let event = match n {
            1 => Event::Started(Box::new(started())),
            n if n % 3 == 0 => {
                Event::Turned { goal: "account/exists".parse().unwrap(), answer: Answer::Pass, within: None }
            }
            n => {
                let line = format!("echo \"{n}\n<script>\u{1b}[2J\",\"hash\":\"");
                Event::Command(Box::new(Typed {
                    line,
                    status: Some(0),
                    cwd: None,
                    account: None,
                    took: None,
                    inside: None,
                }))
            }
        };
        let (line, next) = head.next(&at(n), &event).unwrap();
        text.push_str(&line);
        head = next;
    }
    (text, head)
}

fn breaks(text: impl AsRef<[u8]>) -> Vec<Break> {
    Chain::read(text.as_ref()).unwrap().breaks
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let (text, head) = record(7);
    let chain = Chain::read(text.as_bytes()).unwrap();
    assert_eq!((chain.breaks.as_slice(), chain.torn.as_slice(), chain.head()), (&[][..], &[][..], head.clone()));
    assert_eq!(chain.entries.iter().map(|entry| entry.n).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(chain.against(&head), None);
    let Event::Command(typed) = &chain.entries[1].event else { panic!("{:?}", chain.entries[1]) };
    assert_eq!(typed.line, "echo \"2\n<script>\u{1b}[2J\",\"hash\":\"");
    assert_eq!(Chain::read(b"").unwrap().head(), Head::none());
}

/// The form is fixed: records are verified by other programs and other versions.
#[test]
fn a_line_is_written_in_this_form() {
    let (line, head) = Head::none().next(&at(1), &Event::Opened).unwrap();
    let body = r#"{"version":2,"n":1,"previous":"0000000000000000000000000000000000000000000000000000000000000000","at":{"wall":1700000001000000,"up":1000000,"awake":1000000,"boot":"a"},"event":"opened""#;
    assert_eq!(line, format!("{body},\"hash\":\"{}\"}}\n", digest(body.as_bytes())));
    assert_eq!(head.hash, digest(body.as_bytes()));
}

#[test]
fn the_end_that_was_cut_off_shows_only_against_a_later_head() {
    let (text, head) = record(5);
    let cut: String = lines(&text)[..3].concat();
    let chain = Chain::read(cut.as_bytes()).unwrap();
    assert_eq!(chain.breaks, [], "a shorter record is whole in itself");
    assert_eq!(chain.against(&head), Some(Break::HeadMissing { n: 5 }));
    let third = chain.head();
    assert_eq!(Chain::read(text.as_bytes()).unwrap().against(&third), None, "an older head is a true one");
}

#[test]
fn a_record_that_was_written_anew_from_some_line_shows_only_against_the_old_head() {
    let (text, head) = record(5);
    let mut forged: String = lines(&text)[..3].concat();
    let mut end = Chain::read(forged.as_bytes()).unwrap().head();
    for _ in 0..2 {
        let (line, next) = end.next(&at(99), &Event::Looked).unwrap();
        forged.push_str(&line);
        end = next;
    }
    let chain = Chain::read(forged.as_bytes()).unwrap();
    assert_eq!((chain.breaks.as_slice(), chain.against(&head)), (&[][..], Some(Break::HeadMissing { n: 5 })));
}

#[test]
fn a_line_with_a_right_hash_from_another_record_does_not_belong() {
    let (text, _) = record(4);
    let other = Head { n: 2, hash: digest(b"another") };
    let (line, _) = other.next(&at(3), &Event::Looked).unwrap();
    let mut all = lines(&text);
    all[2] = &line;
    assert_eq!(breaks(all.concat()), [Break::Unlinked { line: 3 }, Break::Unlinked { line: 4 }]);
}

#[test]
fn what_a_crash_cut_off_is_kept_apart_wherever_it_was_cut() {
    let (text, _) = record(3);
    let start = text.len() - lines(&text)[2].len();
    for cut in start + 1..text.len() {
        let chain = Chain::read(&text.as_bytes()[..cut]).unwrap();
        assert_eq!((chain.entries.len(), chain.breaks.as_slice()), (2, &[Break::Torn { line: 3 }][..]));
        assert_eq!(chain.torn, &text.as_bytes()[start..cut]);
    }
}

#[test]
fn a_record_goes_on_after_damage_and_the_damage_stays_named() {
    let (text, _) = record(3);
    let mut damaged = text.replacen("\"answer\":\"pass\"", "\"answer\":\"fail\"", 1);
    let head = Chain::read(damaged.as_bytes()).unwrap().head();
    let (line, _) = head.next(&at(9), &Event::Looked).unwrap();
    damaged.push_str(&line);
    let chain = Chain::read(damaged.as_bytes()).unwrap();
    assert_eq!((chain.entries.len(), chain.breaks), (3, vec![Break::Changed { line: 3 }]));
}

#[test]
fn a_newer_form_is_refused_by_its_number_and_a_damaged_one_is_not_taken_for_newer() {
    let (text, head) = record(2);
    let body = format!(r#"{{"version":3,"n":3,"previous":"{}","novel":true"#, head.hash);
    let newer = format!("{text}{body},\"hash\":\"{}\"}}\n", digest(body.as_bytes()));
    assert!(matches!(Chain::read(newer.as_bytes()), Err(ChainError::Newer { line: 3, found: 3 })));
    let damaged = text.replacen("\"version\":2", "\"version\":3", 1);
    assert_eq!(breaks(damaged), [Break::Changed { line: 1 }]);
}

/// As the first form wrote it: nothing of how long a line ran, nor of where it was typed.
#[test]
fn a_record_of_the_first_form_is_read_and_goes_on_in_the_present_one() {
    let body = format!(
        r#"{{"version":1,"n":1,"previous":"{}","at":{{"wall":1,"up":1,"awake":1,"boot":"a"}},"event":{{"command":{{"line":"id","status":0,"cwd":null,"account":"lisa"}}}}"#,
        Head::none().hash
    );
    let mut text = format!("{body},\"hash\":\"{}\"}}\n", digest(body.as_bytes()));
    let (line, _) = Chain::read(text.as_bytes()).unwrap().head().next(&at(2), &Event::Opened).unwrap();
    text.push_str(&line);
    let chain = Chain::read(text.as_bytes()).unwrap();
    assert_eq!((chain.entries.len(), chain.breaks), (2, vec![]));
    let Event::Command(typed) = &chain.entries[0].event else { panic!("{:?}", chain.entries[0]) };
    assert_eq!((typed.line.as_str(), typed.took, &typed.inside), ("id", None, &None));
    assert!(text.lines().nth(1).unwrap().starts_with(r#"{"version":2,"#));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn each_single_byte_that_is_changed_is_found_in_its_line(at in any::<prop::sample::Index>(), to: u8) {
        let (text, _) = record(6);
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
        bytes[at] = to;
        let found = breaks(&bytes);
        let named = |found: &Break| match found {
            Break::Changed { line } | Break::NotALine { line } | Break::Torn { line } => Some(*line),
            _ => None,
        };
        prop_assert!(found.first().and_then(named) == Some(line), "byte {at} in line {line} is now {to}: {found:?}");
    }

    #[test]
    fn each_byte_that_is_left_out_or_put_in_is_found_in_its_line(at in any::<prop::sample::Index>(), put: Option<u8>) {
        let (text, _) = record(5);
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
        match put {
            Some(byte) => bytes.insert(at, byte),
            None => drop(bytes.remove(at)),
        }
        let found = breaks(&bytes);
        let first = found.first().map(|found| match found {
            Break::Changed { line } | Break::NotALine { line } | Break::Torn { line } => *line,
            other => panic!("{other:?}"),
        });
        prop_assert_eq!(first, Some(line), "{:?}", found);
    }

    #[test]
    fn each_line_that_is_cut_out_is_found(count in 2..9_u64, which: prop::sample::Index) {
        let (text, head) = record(count);
        let mut all = lines(&text);
        let which = which.index(all.len());
        all.remove(which);
        let text = all.concat();
        let chain = Chain::read(text.as_bytes()).unwrap();
        let line = which as u64 + 1;
        if line == count {
            prop_assert_eq!(chain.breaks.as_slice(), &[]);
            prop_assert_eq!(chain.against(&head), Some(Break::HeadMissing { n: count }));
        } else {
            prop_assert_eq!(chain.breaks.as_slice(), &[Break::Missing { line, missing: 1 }]);
            prop_assert_eq!(chain.against(&head), None);
        }
    }

    #[test]
    fn two_lines_that_change_places_are_found(count in 2..9_u64, one: prop::sample::Index, other: prop::sample::Index) {
        let (text, _) = record(count);
        let mut all = lines(&text);
        let (one, other) = (one.index(all.len()), other.index(all.len()));
        prop_assume!(one != other);
        all.swap(one, other);
        let (first, second) = (one.min(other) as u64 + 1, one.max(other) as u64 + 1);
        let found = breaks(all.concat());
        prop_assert_eq!(found.first(), Some(&Break::Missing { line: first, missing: second - first }), "{:?}", found);
        prop_assert!(found.contains(&Break::Moved { line: second, n: first }) || second == first + 1, "{:?}", found);
    }

    #[test]
    fn a_line_that_stands_twice_is_found(count in 1..9_u64, which: prop::sample::Index) {
        let (text, _) = record(count);
        let mut all = lines(&text);
        let which = which.index(all.len());
        all.insert(which, all[which]);
        let n = which as u64 + 1;
        prop_assert_eq!(breaks(all.concat()), [Break::Moved { line: n + 1, n }]);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let chain = Chain::read(&bytes).unwrap();
        prop_assert_eq!(chain.breaks.is_empty(), bytes.is_empty());
    }
}
