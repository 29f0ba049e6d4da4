//! Which of several looks counts: a letter a look, `p`ass, `f`ail, `u`nknown, `-` for not asked; a bar where the machine was rebooted.

use super::super::Source;
use super::*;

fn exam() -> Exam {
    let text = "format: 1
title: A trial
about: It tries.
tracks: [None]
minutes: 15
pass-mark: 70
tasks:
  - id: one
    title: First
    text: It is so.
    objective: Files
    points: 10
    goals:
      - {id: lasts, say: It lasts., lasting: true, check: {path: {path: /a}}}
      - {id: now, say: It is so now., check: {path: {path: /b}}}
";
    let source = Source { file: "exams/trial/exam.yaml".into(), text: text.into() };
    source.kept(&BTreeMap::new(), &|_, _| None).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn verdict(letter: char) -> Option<Verdict> {
    let seen = || checkers::Evidence::file("/a", "b");
    match letter {
        'p' => Some(Verdict::pass(seen())),
        'f' => Some(Verdict::fail("a", "b", seen())),
        'u' => Some(Verdict::unknown("nobody could look")),
        _ => None,
    }
}

/// What counts for a goal before a reboot and after one, as letters; a space where there is no such side.
fn told(goal: &str, looks: &str) -> (char, char) {
    let id: GoalId = format!("one/{goal}").parse().unwrap();
    let mut kind = GradeKind::Predicted;
    let mut seen = Vec::new();
    for letter in looks.chars() {
        match letter {
            '|' => kind = GradeKind::Proven,
            letter => seen
                .push((kind, verdict(letter).map(|verdict| (id.clone(), verdict)).into_iter().collect::<Verdicts>())),
        }
    }
    let looks: Vec<Look<'_>> = seen.iter().map(|(kind, verdicts)| Look { kind: *kind, verdicts }).collect();
    let counts = counting(&exam(), &looks);
    let letter = |side: &Option<Verdicts>| match side.as_ref().map(|side| side.get(&id)) {
        None => ' ',
        Some(None) => '-',
        Some(Some(Verdict::Pass { .. })) => 'p',
        Some(Some(Verdict::Fail { .. })) => 'f',
        Some(Some(Verdict::Unknown { .. })) => 'u',
    };
    (letter(&counts.predicted), letter(&counts.proven))
}

#[test]
fn what_was_handed_in_counts_and_not_what_was_made_of_it_later() {
    for (looks, wanted) in [
        ("", ' '),
        ("p", 'p'),
        ("f", 'f'),
        ("fp", 'f'),
        ("fpp", 'f'),
        ("pf", 'p'),
        ("uf", 'f'),
        ("up", 'p'),
        ("ufp", 'f'),
        ("uu", 'u'),
        ("-p", 'p'),
        ("-", '-'),
    ] {
        for goal in ["lasts", "now"] {
            assert_eq!(told(goal, looks), (wanted, ' '), "{goal}: {looks}");
        }
    }
}

#[test]
fn what_must_last_is_judged_after_the_reboot_and_a_look_there_gives_nothing_that_was_made_in_between() {
    for (looks, wanted, why) in [
        ("p|p", 'p', "it was so and is so"),
        ("p|f", 'f', "it did not last"),
        ("f|f", 'f', "it never was so"),
        ("u|p", 'p', "nobody could tell before"),
        ("|p", 'p', "nobody looked before"),
        ("|f", 'f', "nobody looked before"),
        ("p|u", 'u', "nobody could tell afterwards"),
        ("p|up", 'p', "the next look could"),
        ("p|pf", 'p', "what a reboot has proven is proven"),
        ("fp|p", 'f', "made after the hand-in, before the reboot"),
        ("f|p", 'u', "a boot or a hand: a person decides"),
        ("p|fp", 'u', "late or by hand: a person decides"),
        ("f|fp", 'f', "by hand, whatever a boot does"),
        ("p|-", '-', "it was not asked"),
    ] {
        assert_eq!(told("lasts", looks).1, wanted, "{looks}: {why}");
    }
}

#[test]
fn what_need_not_last_counts_as_it_was_before_the_reboot_and_is_never_lost_by_one() {
    for (looks, wanted) in [
        ("p|-", 'p'),
        ("f|-", 'f'),
        ("f|p", 'f'),
        ("u|-", 'u'),
        ("u|p", 'p'),
        ("u|f", 'u'),
        ("|p", 'p'),
        ("|f", 'u'),
        ("|u", 'u'),
    ] {
        assert_eq!(told("now", looks).1, wanted, "{looks}");
    }
}

#[test]
fn no_later_look_adds_a_point_or_takes_one_that_was_proven() {
    let letters = ['p', 'f', 'u', '-'];
    let mut tried = 0;
    for before in letters {
        for after in letters {
            for later in letters {
                let (_, one) = told("lasts", &format!("{before}|{after}"));
                let (_, two) = told("lasts", &format!("{before}|{after}{later}"));
                // What was known stays, or a person decides.
                let fits = match one {
                    'p' => two == 'p',
                    'f' => two != 'p',
                    _ => true,
                };
                assert!(fits, "{before}|{after} is {one}, and with {later} {two}");
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 64);
}

#[test]
fn a_look_that_is_left_out_because_all_is_settled_changes_nothing() {
    let exam = exam();
    let ids = ["one/lasts", "one/now"].map(|id| id.parse::<GoalId>().unwrap());
    // Each look has a kind and a letter for each of the two goals.
    let letter = |nth: usize| ['p', 'f', 'u', '-'][nth % 4];
    let each: Vec<(GradeKind, Verdicts)> = (0..32)
        .map(|nth| {
            let kind = if nth < 16 { GradeKind::Predicted } else { GradeKind::Proven };
            let told = ids.iter().cloned().zip([letter(nth), letter(nth / 4)]);
            (kind, told.filter_map(|(id, letter)| Some((id, verdict(letter)?))).collect())
        })
        .collect();
    let mut left_out = 0;
    for (first, second, third) in (0..each.len().pow(3)).map(|n| (n / 1024, n / 32 % 32, n % 32)) {
        let all = [first, second, third].map(|nth| Look { kind: each[nth].0, verdicts: &each[nth].1 });
        let mut some: Vec<Look<'_>> = Vec::new();
        for look in all {
            if is_settled(&exam, &some, look.kind) {
                left_out += 1;
            } else {
                some.push(look);
            }
        }
        assert_eq!(counting(&exam, &some), counting(&exam, &all), "{all:?}");
    }
    assert!(left_out > 1000, "{left_out}");
}
