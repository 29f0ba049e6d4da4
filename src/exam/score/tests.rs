//! What verdicts are worth: tables, and what holds for all of them.

use proptest::prelude::*;

use super::super::sheet::{Goal, Review};
use super::*;

fn pass() -> Verdict {
    Verdict::pass(checkers::Evidence::file("/a", "b"))
}

fn fail() -> Verdict {
    Verdict::fail("a", "b", checkers::Evidence::file("/a", "b"))
}

fn verdict(letter: char) -> Option<Verdict> {
    match letter {
        'p' => Some(pass()),
        'f' => Some(fail()),
        'u' => Some(Verdict::unknown("nobody could look")),
        _ => None,
    }
}

/// Goals with these points, named `a`, `b` …
fn task(id: &str, objective: &str, partial_credit: bool, points: &[u32]) -> Task {
    let goal = |(nth, points): (usize, &u32)| Goal {
        id: char::from(b'a' + nth as u8).to_string(),
        say: "So.".into(),
        check: serde_yaml::from_str("{linger: {account: anna}}").unwrap(),
        lasting: true,
        predicted_by: None,
        points: *points,
    };
    Task {
        id: id.into(),
        title: "A task".into(),
        text: "Do.".into(),
        objective: objective.into(),
        points: points.iter().sum(),
        partial_credit,
        prepare: Vec::new(),
        goals: points.iter().enumerate().map(goal).collect(),
        review: Review::default(),
    }
}

fn exam(pass_mark: u32, tasks: Vec<Task>) -> Exam {
    Exam {
        id: "trial".into(),
        title: "Trial".into(),
        about: "A trial.".into(),
        tracks: Vec::new(),
        author: None,
        minutes: 15,
        pass_mark,
        parameters: BTreeMap::new(),
        accounts: Vec::new(),
        needs: None,
        clean_up: Vec::new(),
        tasks,
    }
}

/// A letter for each goal in the order of the sheet: pass, fail, unknown, or not asked.
fn verdicts(exam: &Exam, letters: &str) -> BTreeMap<GoalId, Verdict> {
    assert_eq!(exam.goals().count(), letters.len());
    exam.goals().zip(letters.chars()).filter_map(|((task, goal), l)| Some((task.id_of(goal), verdict(l)?))).collect()
}

fn scored(exam: &Exam, letters: &str) -> Score {
    score(exam, GradeKind::Predicted, &verdicts(exam, letters))
}

fn trial() -> Exam {
    exam(
        70,
        vec![task("one", "x", false, &[6, 4]), task("two", "y", true, &[5, 3, 2]), task("three", "x", true, &[10])],
    )
}

#[test]
fn a_task_counts_whole_or_not_at_all_unless_it_gives_partial_credit() {
    let trial = trial();
    for (letters, total, of_tasks) in [
        ("pppppp", (30, 30), [(10, 10), (10, 10), (10, 10)]),
        ("pfpfpf", (7, 7), [(0, 0), (7, 7), (0, 0)]),
        ("puuppp", (15, 30), [(0, 10), (5, 10), (10, 10)]),
        ("fuffff", (0, 0), [(0, 0), (0, 0), (0, 0)]),
        ("ffffff", (0, 0), [(0, 0), (0, 0), (0, 0)]),
        ("p-pppp", (20, 30), [(0, 10), (10, 10), (10, 10)]),
    ] {
        let score = scored(&trial, letters);
        let tasks: Vec<_> = score.tasks.iter().map(|task| (task.sum.lowest, task.sum.highest)).collect();
        assert_eq!((score.total.points(), tasks), (Some(total), of_tasks.to_vec()), "{letters}");
    }
}

#[test]
fn tasks_of_one_objective_are_told_together_in_the_order_of_the_sheet() {
    let score = scored(&trial(), "pppffp");
    let said: Vec<_> = score.objectives.iter().map(|it| (it.objective.as_str(), it.sum.lowest, it.sum.whole)).collect();
    assert_eq!(said, [("x", 20, 20), ("y", 5, 10)]);
}

#[test]
fn nothing_judged_is_no_score_and_no_pass() {
    for letters in ["uuuuuu", "------", "u-u-u-"] {
        let score = scored(&trial(), letters);
        assert_eq!((score.total.points(), score.total.per_cent(), score.standing()), (None, None, Standing::NoScore));
        assert_eq!((score.total.judged, score.total.unknown), (0, 6));
    }
    assert_eq!(scored(&exam(1, Vec::new()), "").standing(), Standing::NoScore);
}

#[test]
fn the_pass_mark_is_met_exactly_or_not_at_all_and_per_cent_are_never_rounded_up() {
    let trial = exam(70, vec![task("one", "x", true, &[694, 5, 1, 300])]);
    let standing = |letters| scored(&trial, letters).standing();
    assert_eq!(standing("pppf"), Standing::Passed, "700 of 1000");
    assert_eq!(standing("ppff"), Standing::NotPassed, "699 of 1000");
    assert_eq!(scored(&trial, "ppff").total.per_cent(), Some((69, 69)));
    assert_eq!(standing("ppuf"), Standing::Open);
    assert_eq!(standing("pffu"), Standing::Open);
    assert_eq!(standing("ppfu"), Standing::Open);
    assert_eq!(standing("pppu"), Standing::Passed, "what is unknown no longer matters");
    assert_eq!(standing("fffu"), Standing::NotPassed);
}

fn letters(goals: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(prop::sample::select(vec!['p', 'f', 'u', '-']), goals)
        .prop_map(|letters| letters.into_iter().collect())
}

fn any_exam() -> impl Strategy<Value = (Exam, String)> {
    let goals = proptest::collection::vec(1..1000_u32, 1..5);
    proptest::collection::vec((goals, any::<bool>(), 0..3_u8), 1..6).prop_flat_map(|tasks| {
        let count = tasks.iter().map(|(goals, _, _)| goals.len()).sum();
        let task = |(nth, (goals, partial, objective)): (usize, (Vec<u32>, bool, u8))| {
            task(&format!("t{nth}"), &format!("o{objective}"), partial, &goals)
        };
        (Just(exam(70, tasks.into_iter().enumerate().map(task).collect())), letters(count))
    })
}

proptest! {
    #[test]
    fn no_score_is_above_the_whole_and_every_sum_adds_up((exam, letters) in any_exam()) {
        let score = scored(&exam, &letters);
        let total = score.total;
        prop_assert!(total.lowest <= total.highest && total.highest <= total.whole);
        prop_assert_eq!(total.whole, exam.points());
        prop_assert_eq!((total.judged + total.unknown) as usize, letters.len());
        let sums = [
            score.tasks.iter().map(|task| task.sum).collect::<Vec<_>>(),
            score.objectives.iter().map(|objective| objective.sum).collect(),
        ];
        for sums in sums {
            let mut added = Sum::default();
            sums.into_iter().for_each(|sum| added.add(sum));
            prop_assert_eq!(added, total);
        }
        for task in &score.tasks {
            let (lowest, highest) = task.goals.iter().fold((0, 0), |sum, goal| (sum.0 + goal.1, sum.1 + goal.2));
            prop_assert_eq!((lowest, highest), (task.sum.lowest, task.sum.highest));
        }
    }

    #[test]
    fn what_becomes_unknown_only_widens_the_range((exam, letters) in any_exam(), at in any::<prop::sample::Index>()) {
        let before = scored(&exam, &letters).total;
        let mut veiled: Vec<char> = letters.chars().collect();
        veiled[at.index(letters.len())] = 'u';
        let after = scored(&exam, &veiled.into_iter().collect::<String>()).total;
        prop_assert!(after.lowest <= before.lowest && after.highest >= before.highest);
    }

    #[test]
    fn what_turns_out_well_or_badly_stays_within_the_range((exam, letters) in any_exam()) {
        let open = scored(&exam, &letters).total;
        for (letter, points) in [('p', open.highest), ('f', open.lowest)] {
            let known: String = letters.chars().map(|l| if "pf".contains(l) { l } else { letter }).collect();
            let total = scored(&exam, &known).total;
            prop_assert_eq!((total.lowest, total.highest), (points, points));
        }
    }

    #[test]
    fn all_passes_are_full_marks_and_all_fails_are_none((exam, letters) in any_exam()) {
        let all = |letter: &str| scored(&exam, &letter.repeat(letters.len()));
        prop_assert_eq!(all("p").total.points(), Some((exam.points(), exam.points())));
        prop_assert_eq!(all("p").standing(), Standing::Passed);
        prop_assert_eq!(all("f").total.points(), Some((0, 0)));
        prop_assert_eq!(all("f").standing(), Standing::NotPassed);
    }
}
