//! The observer is killed while an exam is sat, and while it is graded: the sitting goes on, nothing is awarded or taken wrongly, and what
//! could not be looked at is said to be unknown until somebody looks again. The moment is one that is seen: an observer appears in /proc,
//! or is held while it opens a file for the nth time.

// the functions beside the tests are tests too
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use checkers::Verdict;
use nix::sys::termios::LocalFlags;
use rootless_lab::exam::{Answer, Attempt, Attempts, Candidate, Event, Folder, Machine, Reading, Started};

use terminal::Terminal;

use crate::exam_seat::{CLOCK, DONE, leave};
use crate::held::Held;
use crate::killer::{Killer, end, observers};
use crate::rig::{Learner, PATIENCE, have_root};

/// What is known of each task, one answer after the other.
fn known(attempt: &Attempt, nth: usize) -> Vec<Answer> {
    let turns = attempt.turns.iter().filter(|turn| turn.goal.task == format!("task-{nth}"));
    let mut known: Vec<Answer> = turns.map(|turn| turn.answer).filter(|answer| *answer != Answer::Unknown).collect();
    known.dedup();
    known
}

/// How the tasks stand.
fn stand(attempt: &Attempt) -> Vec<Answer> {
    let last = |nth: &str| attempt.turns.iter().rev().find(|turn| turn.goal.task == nth).map(|turn| turn.answer);
    ["task-1", "task-2"].into_iter().filter_map(last).collect()
}

/// The modes that a program has the terminal in.
fn modes(login: &mut Terminal) -> String {
    login.line("stty -g");
    let said = login.wait(r"[0-9a-f:]{40,}\n", PATIENCE);
    login.wait(CLOCK, PATIENCE);
    said.lines().last().unwrap().to_owned()
}

#[test]
fn an_observer_that_is_killed_while_an_exam_is_sat_costs_the_sitting_nothing() {
    // Without root's rights nobody looks but the login's own process.
    if !have_root() {
        return;
    }
    use Answer::{Fail, Pass, Unknown};
    let learner = Learner::new();
    let mut login = learner.sitting();
    let modes = modes(&mut login);
    learner.recorded("both are looked at", |attempt| stand(attempt) == [Fail, Fail]);

    // Once: another one comes, and listens as the first one did. Nobody touches a key.
    let first = observers(login.pid());
    assert!(!first.is_empty());
    first.into_iter().for_each(end);
    fs::write(learner.goal(1), "").unwrap();
    learner.recorded("what happens is seen again", |attempt| stand(attempt) == [Pass, Fail]);

    // Again and again: what cannot be looked at is neither there nor missing.
    let killer = Killer::of(login.pid());
    login.line(&format!("touch '{}'; echo do'ne'", learner.goal(2).display()));
    login.wait("done\n", PATIENCE);
    login.wait(CLOCK, PATIENCE);
    learner.recorded("it is said to be unknown", |attempt| stand(attempt) == [Unknown, Unknown]);
    assert_eq!(self::modes(&mut login), modes);
    let killed = killer.rest();
    assert!(killed > 2, "only {killed} were killed");

    // And once nobody does that any more, all of it is seen, also what happened meanwhile.
    learner.recorded("all is seen", |attempt| stand(attempt) == [Pass, Pass]);
    fs::remove_file(learner.goal(1)).unwrap();
    learner.recorded("it is listened to", |attempt| stand(attempt) == [Fail, Pass]);
    fs::write(learner.goal(1), "").unwrap();
    learner.recorded("it is listened to", |attempt| stand(attempt) == [Pass, Pass]);
    let attempt = learner.attempt();
    assert_eq!(known(&attempt, 1), [Fail, Pass, Fail, Pass], "{:?}", attempt.turns);
    assert_eq!(known(&attempt, 2), [Fail, Pass], "{:?}", attempt.turns);

    login.line(&format!("'{}' exam finish", crate::rig::PROGRAM));
    login.wait(DONE, PATIENCE);
    leave(&mut login);
    assert!(login.modes().local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO));
    for never in ["observer", "Broken pipe", "panicked"] {
        assert!(!login.all().contains(never), "{}", login.all());
    }
    let attempt = learner.attempt();
    assert_eq!((learner.found().breaks(), attempt.misplaced.len(), attempt.commands.len()), (vec![], 0, 3));
    assert_eq!(learner.run(&["exam", "grade"]).status.code(), Some(0));
}

/// A file that is there, one that is not as it should be, and one that never becomes so however long it is waited for.
pub fn handed_in(learner: &Learner) -> Folder {
    let task = |nth: usize, check: String| {
        format!(
            "  - id: t{nth}\n    title: Number {nth}\n    text: There is a file.\n    objective: Files\n    points: 10\n    goals:\n      \
             - {{id: file, say: The file is as wanted., check: {check}}}\n"
        )
    };
    let good = |nth: usize| format!("{{path: {{path: '{}', contains: [good]}}}}", learner.goal(nth).display());
    let text = format!(
        "format: 1\ntitle: Files\nabout: Files.\ntracks: [None]\nminutes: 15\npass-mark: 60\nlasting: true\naccounts:\n  \
         - {{name: games, role: administrator}}\ntasks:\n{}{}{}",
        task(1, good(1)),
        task(2, good(2)),
        task(3, format!("{{within: {{time: 2s, check: {}}}}}", good(3)))
    );
    for (nth, text) in [(1, "good"), (2, "bad"), (3, "bad")] {
        fs::write(learner.goal(nth), text).unwrap();
    }
    let now = || Reading::now().unwrap();
    let started = Started {
        exam: "files".into(),
        exam_digest: String::new(),
        lessons: [].into(),
        seed: 7,
        parameters: [].into(),
        minutes: 15,
        candidate: Candidate { account: "games".into(), uid: 5, name: None },
        machine: Machine::Here("host".into()),
        identity: rootless_lab::host::identity(),
        versions: [].into(),
    };
    let (_, mut folder) = Attempts::new(&learner.place("state")).begin(&text, &now(), started).unwrap();
    folder.append(&now(), &Event::Finished { by_clock: false }).unwrap();
    folder
}

/// A moment of a grade at which its observers are killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// The nth observer is there, and has hardly begun.
    Appears(usize),
    /// The file of this goal is about to be opened for the nth time.
    Opens(usize, usize),
}

/// Whether the moment came before the grade was over.
fn comes(moment: Moment, learner: &Learner, grade: &mut Child) -> bool {
    match moment {
        Moment::Appears(times) => {
            let mut seen = BTreeSet::new();
            while grade.try_wait().unwrap().is_none() {
                let here = observers(grade.id() as i32);
                seen.extend(here.iter().copied());
                if seen.len() >= times {
                    here.into_iter().for_each(end);
                    return true;
                }
            }
        }
        Moment::Opens(goal, times) => {
            let file = Held::file(&learner.goal(goal));
            let mut opens = 0;
            while grade.try_wait().unwrap().is_none() {
                // Where it never comes, the grade ends.
                for who in file.who(Duration::from_millis(50)) {
                    opens += 1;
                    if opens >= times {
                        end(who.pid());
                        observers(grade.id() as i32).into_iter().for_each(end);
                        return true;
                    }
                    file.let_in(&who);
                }
            }
        }
    }
    false
}

/// The verdicts of the last grade on record.
fn last(folder: &Folder) -> Vec<Verdict> {
    let attempt = Attempt::of(&folder.read().unwrap().chain.entries).unwrap();
    attempt.grades.last().unwrap().graded.verdicts.values().cloned().collect()
}

const RIGHT: [Answer; 3] = [Answer::Pass, Answer::Fail, Answer::Fail];

/// Each answer is right, or there is none and it is said why, and what helps. How many there are not. The grade is what the looks so far
/// come to together, so `known` says of which goals one of them could tell.
#[track_caller]
fn nothing_wrong(what: &str, verdicts: &[Verdict], code: Option<i32>, known: &mut [bool; 3]) -> usize {
    let mut unknown = 0;
    assert_eq!(verdicts.len(), RIGHT.len());
    for ((verdict, right), known) in verdicts.iter().zip(RIGHT).zip(known.iter_mut()) {
        match verdict {
            Verdict::Unknown { why, grant } => {
                assert!(why.starts_with("cannot look as nobody: ") && grant.is_some(), "{what}: {verdict:?}");
                unknown += 1;
            }
            told => {
                assert_eq!(Answer::from(told), right, "{what}: {verdict:?}");
                *known = true;
            }
        }
    }
    assert_eq!(code, Some(if known.contains(&false) { 7 } else { 1 }), "{what}: {verdicts:?}");
    unknown
}

fn grade(learner: &Learner) -> Child {
    let mut command = learner.command(&["exam", "grade", "--format", "json"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn an_observer_that_is_killed_at_any_point_of_a_grade_makes_no_goal_right_or_wrong() {
    if !have_root() {
        return;
    }
    use Moment::{Appears, Opens};
    let learner = Learner::new();
    let folder = handed_in(&learner);
    let moments = [Appears(1), Opens(1, 1), Opens(2, 1), Opens(3, 1), Opens(3, 2), Opens(3, 3), Opens(3, 5)];
    let (mut unknown, mut known) = (Vec::new(), [false; 3]);
    for moment in moments {
        let mut grading = grade(&learner);
        assert!(comes(moment, &learner, &mut grading), "{moment:?} does not come");
        let code = grading.wait().unwrap().code();
        unknown.push(nothing_wrong(&format!("{moment:?}"), &last(&folder), code, &mut known));
    }
    eprintln!("goals that could not be looked at: {unknown:?}");
    // Another one takes the place of who was killed before the question came; in the middle of an answer nobody does. Whoever waits for
    // the third file has told of the first two.
    assert_eq!(unknown[1..], [3, 3, 1, 1, 1, 1], "{unknown:?}");

    // Nobody is faster than who kills.
    let files = [1, 2, 3].map(|nth| Held::file(&learner.goal(nth)));
    let mut grading = grade(&learner);
    let killer = Killer::of(grading.id() as i32);
    let late = Instant::now() + PATIENCE;
    // Who is held is killed; should somebody stand there who is not, the grade waits for him as long as the files are held.
    while grading.try_wait().unwrap().is_none() && Instant::now() < late {
        files.iter().for_each(|file| drop(file.who(Duration::from_millis(10))));
    }
    drop(files);
    let code = grading.wait().unwrap().code();
    assert!(killer.rest() > 0);
    assert_eq!(nothing_wrong("all of them", &last(&folder), code, &mut known), 3);

    let whole = learner.run(&["exam", "grade"]);
    let said = String::from_utf8_lossy(&whole.stdout);
    assert_eq!(nothing_wrong("a second grade", &last(&folder), whole.status.code(), &mut known), 0, "{said}");
    assert_eq!(
        (learner.run(&["exam", "verify", "files-1"]).status.code(), folder.read().unwrap().breaks()),
        (Some(0), vec![])
    );
    assert_eq!(whole_files(&folder.path().join("testimony")), moments.len() + 2);
}

/// What was seen is kept of each grade, whole.
fn whole_files(folder: &Path) -> usize {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    files.filter(|text| serde_json::from_str::<serde_json::Value>(text).is_ok()).count()
}
