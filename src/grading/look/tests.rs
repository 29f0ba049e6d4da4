//! Looks for a grade: what is asked when, what is written first, and what a fault costs.

use std::collections::BTreeMap;
use std::fs;

use super::super::stand_in::*;
use super::*;
use crate::exam::Break;

const A_MOMENT: Duration = Duration::from_secs(5);

fn entry(n: u64, boot: &str, event: Event) -> Entry {
    Entry { n, at: at(n, boot), event, hash: String::new() }
}

fn of(events: &[(&str, Event)]) -> (Attempt, Vec<Entry>) {
    let start = entry(1, "a", Event::Started(Box::new(started())));
    let rest = (2..).zip(events).map(|(n, (boot, event))| entry(n, boot, event.clone()));
    let entries: Vec<Entry> = std::iter::once(start).chain(rest).collect();
    (Attempt::of(&entries).unwrap(), entries)
}

fn asked(events: &[(&str, Event)], boot: &str) -> Due {
    let (attempt, entries) = of(events);
    due(&attempt, &entries, &at(50, boot))
}

#[test]
fn what_is_due_follows_from_the_record_and_the_boot() {
    let done = || Event::Finished { by_clock: false };
    let saw = |kind| Event::Graded(Box::new(Graded { kind, verdicts: BTreeMap::new(), testimonies: Vec::new() }));
    let (foretold, proof) = (|| saw(GradeKind::Predicted), || saw(GradeKind::Proven));
    assert!(matches!(asked(&[], "a"), Due::UnderWay(Time::Left(_))));
    assert_eq!(asked(&[("a", Event::Abandoned)], "a"), Due::Abandoned);
    assert_eq!(asked(&[("a", done())], "a"), Due::Look(GradeKind::Predicted));
    assert_eq!(asked(&[("a", done())], "b"), Due::Look(GradeKind::Proven), "somebody rebooted after the hand-in");
    assert_eq!(asked(&[("b", done())], "b"), Due::Look(GradeKind::Predicted), "a reboot before it proves nothing");
    let waiting = [("a", done()), ("a", foretold()), ("a", Event::Rebooting)];
    assert_eq!(asked(&waiting, "a"), Due::Reboot, "a grader that died before it could ask for the reboot");
    assert_eq!(asked(&waiting, "b"), Due::Look(GradeKind::Proven));
    let again = [("a", done()), ("a", Event::Rebooting), ("b", proof()), ("b", foretold()), ("b", Event::Rebooting)];
    assert_eq!(asked(&again, "b"), Due::Reboot);
    assert_eq!(asked(&again, "c"), Due::Look(GradeKind::Proven));
}

#[test]
fn before_a_reboot_all_goals_are_asked_and_after_it_those_that_must_last() {
    let state = tempfile::tempdir().unwrap();
    let mut folder = handed_in(state.path(), "a");
    let exam = exam();
    let before =
        look(&mut folder, &exam, &finished(), GradeKind::Predicted, &mut Row(vec![solved()]), A_MOMENT).unwrap().graded;
    assert!(before.verdicts.len() == 2 && before.verdicts.values().all(Verdict::is_pass), "{before:?}");
    let so_far = attempt(&folder);
    let after =
        look(&mut folder, &exam, &so_far, GradeKind::Proven, &mut Row(vec![solved()]), A_MOMENT).unwrap().graded;
    assert_eq!(after.verdicts.keys().map(ToString::to_string).collect::<Vec<_>>(), ["one/lasts"]);
    let kept = attempt(&folder);
    assert_eq!(kept.grades.iter().map(|grade| grade.graded.clone()).collect::<Vec<_>>(), [before, after]);
    for grade in &kept.grades {
        let seen = Evidence::read(&folder.path().join(TESTIMONY), &grade.graded.testimonies[0]).unwrap();
        assert_eq!(seen.judged().len(), grade.graded.verdicts.len());
    }
}

#[test]
fn after_a_boot_what_is_not_there_yet_is_waited_for() {
    let state = tempfile::tempdir().unwrap();
    let mut folder = handed_in(state.path(), "a");
    look(&mut folder, &exam(), &finished(), GradeKind::Predicted, &mut Row(vec![solved()]), A_MOMENT).unwrap();
    let late = Row(vec![machine(&[]), machine(&[]), solved()]);
    let before = attempt(&folder);
    let after = look(&mut folder, &exam(), &before, GradeKind::Proven, &mut { late }, A_MOMENT).unwrap().graded;
    assert!(after.verdicts.values().all(Verdict::is_pass), "{after:?}");
    assert_eq!(attempt(&folder).grades.len(), 2, "only the last look is a grade");
}

#[test]
fn what_does_not_come_back_is_waited_for_once_and_then_it_is_not_there() {
    let state = tempfile::tempdir().unwrap();
    let mut folder = handed_in(state.path(), "a");
    look(&mut folder, &exam(), &finished(), GradeKind::Predicted, &mut Row(vec![solved()]), A_MOMENT).unwrap();
    for waits in [true, false] {
        let (before, begun) = (attempt(&folder), Instant::now());
        let gone = &mut Row(vec![machine(&[])]);
        let wait = Duration::from_secs(1);
        let after = look(&mut folder, &exam(), &before, GradeKind::Proven, gone, wait).unwrap().graded;
        assert!(after.verdicts.values().all(Verdict::is_fail), "{after:?}");
        assert_eq!(begun.elapsed() >= wait, waits);
    }
}

#[test]
fn a_machine_gets_time_to_settle_only_after_its_boot() {
    let s = Duration::from_secs;
    let cases = [(None, s(20)), (Some(s(5)), s(55)), (Some(s(59)), s(20)), (Some(s(300)), s(20)), (Some(s(301)), s(0))];
    for (up, wanted) in cases {
        assert_eq!(settling(up), wanted, "{up:?}");
    }
    let kernel = std::fs::read_to_string("/proc/uptime").unwrap();
    let kernel: f64 = kernel.split('.').next().unwrap().parse().unwrap();
    assert!(up().unwrap().as_secs_f64() <= kernel + 2.0);
}

/// Eyes that could not be opened, as a machine without sudo, without podman or with a full /run has them.
struct Shut(&'static str);

impl Eyes for Shut {
    fn look(&mut self, wishes: &[Check], context: &Context) -> (Vec<Verdict>, Testimony) {
        let verdicts = wishes.iter().map(|_| Verdict::unknown(self.0)).collect();
        (verdicts, Testimony::of_nobody(wishes, context, &Verdict::unknown(self.0)))
    }
}

#[test]
fn where_nobody_could_look_every_goal_is_unknown_with_the_reason_and_there_is_no_score() {
    let state = tempfile::tempdir().unwrap();
    let mut folder = handed_in(state.path(), "a");
    let seen =
        look(&mut folder, &exam(), &finished(), GradeKind::Predicted, &mut Shut("sudo is gone"), A_MOMENT).unwrap();
    let why = |verdict: &Verdict| matches!(verdict, Verdict::Unknown { why, .. } if why == "sudo is gone");
    assert!(seen.graded.verdicts.len() == 2 && seen.graded.verdicts.values().all(why));
    let counts = counting(&exam(), &attempt(&folder).looks()).predicted.unwrap();
    let score = crate::exam::score(&exam(), GradeKind::Predicted, &counts);
    assert_eq!((score.total.points(), score.standing()), (None, crate::exam::Standing::NoScore));
    assert_eq!(score.total.highest, 20);
}

#[test]
fn what_was_seen_is_on_the_disk_before_the_record_speaks_of_it() {
    let state = tempfile::tempdir().unwrap();
    let mut folder = handed_in(state.path(), "a");
    // Nobody can write there: as with a disk that is full.
    fs::write(folder.path().join(TESTIMONY), "in the way").unwrap();
    let failed = look(&mut folder, &exam(), &finished(), GradeKind::Predicted, &mut Row(vec![solved()]), A_MOMENT);
    assert!(matches!(failed, Err(GradeError::Evidence(_))));
    assert_eq!((attempt(&folder).grades.len(), folder.read().unwrap().breaks()), (0, Vec::<Break>::new()));
    fs::remove_file(folder.path().join(TESTIMONY)).unwrap();
    look(&mut folder, &exam(), &finished(), GradeKind::Predicted, &mut Row(vec![solved()]), A_MOMENT).unwrap();
    assert_eq!(attempt(&folder).grades.len(), 1);
}
