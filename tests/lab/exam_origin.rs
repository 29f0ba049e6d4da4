//! What an attempt is judged by, and where: its own texts on its own machine, whatever lies on the shelf.

// A test's support may fail a test.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use rootless_lab::exam::{Attempts, Event, Exam, Folder, Machine, Reading, Shelf, Started};
use serde_json::Value;

use crate::exam_seat::{CLOCK, leave, text};
use crate::rig::{Learner, PATIENCE, refused};

fn now() -> Reading {
    Reading::now().unwrap()
}

fn flat(output: &Output) -> String {
    text(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An exam under the name of another one, with its goals, each of which asks for nothing.
fn hollow(exam: &Exam) -> String {
    let mut text = format!(
        "format: 1\ntitle: {}\nabout: None.\ntracks: [None]\nminutes: 15\npass-mark: 70\naccounts:\n  - {{name: games, role: administrator}}\ntasks:\n",
        exam.title
    );
    for task in &exam.tasks {
        let (id, points, objective) = (&task.id, task.points, &task.objective);
        let _ = write!(
            text,
            "  - id: {id}\n    title: T\n    text: X\n    objective: {objective}\n    points: {points}\n    goals:\n"
        );
        for goal in &task.goals {
            let (id, points) = (&goal.id, goal.points);
            let _ = writeln!(text, "      - {{id: {id}, say: S., points: {points}, check: {{path: {{path: /etc}}}}}}");
        }
    }
    text
}

fn started(learner: &Learner, exam: &Exam) -> Started {
    learner.began(15, 1, None);
    let started = learner.attempt().started;
    Started { exam: exam.id.clone(), parameters: exam.parameters.clone(), ..started }
}

#[test]
fn an_exam_of_the_candidates_own_under_a_name_of_the_house_is_found_out_on_the_desk() {
    let learner = Learner::new();
    let shelf = Shelf::default();
    let exam = shelf.drawn(&shelf.find("rootless-sprint").unwrap().0, 7).unwrap();
    let started = started(&learner, &exam);
    let (id, mut folder) = learner.attempts().begin(&hollow(&exam), &now(), started).unwrap();
    folder.append(&now(), &Event::Finished { by_clock: false }).unwrap();
    learner.attempts().folder(&"trial-1".parse().unwrap());
    assert!(learner.run(&["exam", "abandon", "--yes"]).status.success(), "the one that only lent its start");
    let id = id.to_string();
    let graded = learner.run(&["exam", "grade", &id]);
    assert_eq!(graded.status.code(), Some(0), "{}", text(&graded));
    assert!(flat(&graded).contains("Record: It was sat with another text than the rootless-sprint of this program."));
    let html = learner.run(&["exam", "report", &id, "--format", "html"]);
    assert!(flat(&html).contains("another text than the rootless-sprint"), "{}", text(&html));
    let json: Value =
        serde_json::from_slice(&learner.run(&["exam", "report", &id, "--format", "json"]).stdout).unwrap();
    assert_eq!(json["record"]["foreign"], serde_json::json!(["rootless-sprint"]));
    let verified = learner.run(&["exam", "verify", &id]);
    let said = flat(&verified);
    assert_eq!(verified.status.code(), Some(1), "{said}");
    assert!(said.contains("was NOT sat with the exam that it names"), "{said}");
    assert!(said.contains("another text than the `rootless-sprint` of this program"), "{said}");
    let again = learner.run(&["exam", "regrade", &id]);
    let said = flat(&again);
    assert!(said.contains("100 of these points rest on verdicts of that day"), "{said}");
}

#[test]
fn an_exam_of_the_instructors_own_is_compared_with_what_was_given_out() {
    let learner = Learner::new();
    learner.began(15, 1, None);
    let mine = learner.place("lessons/exams/trial");
    let verify = || learner.run(&["exam", "verify", "trial-1", "--exam", mine.to_str().unwrap()]);
    let verified = verify();
    assert_eq!(verified.status.code(), Some(0), "{}", text(&verified));
    let given = fs::read_to_string(mine.join("exam.yaml")).unwrap();
    fs::write(mine.join("exam.yaml"), given.replace("points: 1", "points: 2")).unwrap();
    let verified = verify();
    assert_eq!(verified.status.code(), Some(1));
    assert!(flat(&verified).contains("another text than"), "{}", text(&verified));
}

#[test]
fn a_cover_says_where_an_exam_has_the_name_of_one_of_the_house() {
    let learner = Learner::new();
    learner.exam("quadlet", 15);
    let mut cover = learner.sit(&["quadlet", "--seed", "7"]);
    let said = cover.wait(r"\[y/N\] $", PATIENCE).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("not the quadlet that is part of this program"), "{said}");
    cover.line("n");
    cover.end(PATIENCE);
}

/// An exam whose one task has the goals of a lesson's step.
fn borrowing(learner: &Learner) {
    let text = "format: 1\ntitle: Borrowed\nabout: None.\ntracks: [None]\nminutes: 15\npass-mark: 70\n\
                accounts:\n  - {name: games, role: administrator}\n\
                tasks:\n  - {lesson: deed/step-1, objective: Files, points: 10}\n";
    let folder = learner.place("lessons/exams/borrowed");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("exam.yaml"), text).unwrap();
    learner.files_lesson("deed", 1);
    learner.profile("");
}

#[test]
fn a_lesson_that_a_task_takes_goals_from_is_kept_with_the_attempt_and_no_other_one_counts() {
    let learner = Learner::new();
    borrowing(&learner);
    let mut login = learner.sit(&["borrowed", "--yes"]);
    login.wait(CLOCK, PATIENCE);
    leave(&mut login);
    assert!(learner.run(&["exam", "finish"]).status.success());
    let lesson = learner.place("lessons/deed/lesson.yaml");
    let strict = fs::read_to_string(&lesson).unwrap();
    // Another `deed`, whose goal is true: it changes nothing, and neither does that there is none.
    fs::write(&lesson, strict.replace(&*learner.goal(1).to_string_lossy(), "/etc")).unwrap();
    for there in [true, false] {
        if !there {
            fs::remove_dir_all(learner.place("lessons/deed")).unwrap();
        }
        let graded = learner.run(&["exam", "grade"]);
        assert!(flat(&graded).contains("0 of 10 points"), "{}", text(&graded));
        assert_eq!(graded.status.code(), Some(1));
        assert_eq!(learner.run(&["exam", "verify", "borrowed-1"]).status.code(), Some(0));
        assert_eq!(learner.run(&["exam", "status"]).status.code(), Some(0));
        assert_eq!(learner.run(&["exam", "report"]).status.code(), Some(0));
    }
    let kept = learner.folder().path().join("lesson-deed.yaml");
    assert_eq!(fs::read_to_string(&kept).unwrap(), strict);
    fs::write(&kept, strict.replace("is there", "was there")).unwrap();
    refused(&learner.run(&["exam", "grade"]), 6, "is not the lesson that this attempt began with");
    let verified = learner.run(&["exam", "verify", "borrowed-1"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(flat(&verified).contains("lesson-deed.yaml is not the lesson"), "{}", text(&verified));
}

fn handed_in(learner: &Learner, change: impl FnOnce(Started) -> Started) -> (String, Folder) {
    learner.began(15, 1, None);
    let text = fs::read_to_string(learner.folder().path().join("exam.yaml")).unwrap();
    let started = change(learner.attempt().started);
    assert!(learner.run(&["exam", "abandon", "--yes"]).status.success());
    let (id, mut folder) = Attempts::new(&learner.place("state")).begin(&text, &now(), started).unwrap();
    folder.append(&now(), &Event::Finished { by_clock: false }).unwrap();
    (id.to_string(), folder)
}

#[test]
fn an_attempt_is_graded_on_its_own_machine_and_nowhere_else() {
    let here = String::from_utf8(Command::new("uname").arg("-n").output().unwrap().stdout).unwrap();
    let here = || Machine::Here(here.trim().to_owned());
    let identity = rootless_lab::host::identity;
    for (what, machine, identity, is_it) in [
        ("it is this one, whatever it was called", Machine::Here("renamed".into()), identity(), true),
        ("it has this one's name only", here(), Some("0".repeat(64)), false),
        ("it has a name and nothing else", here(), None, true),
        ("it has another name and nothing else", Machine::Practice("practice".into()), None, false),
    ] {
        let learner = Learner::new();
        let (id, folder) = handed_in(&learner, |started| Started { machine, identity, ..started });
        let copy = learner.place("home/anna");
        assert!(Command::new("cp").arg("-a").arg(folder.path()).arg(&copy).status().unwrap().success());
        let before = fs::read(copy.join("record.jsonl")).unwrap();
        for name in [copy.to_str().unwrap(), &id] {
            let graded = learner.run(&["exam", "grade", name]);
            if is_it {
                assert_eq!(graded.status.code(), Some(1), "{what}: {}", text(&graded));
            } else {
                refused(&graded, 4, "was sat on the machine .* and this is another one.*exam report");
            }
        }
        assert_eq!(fs::read(Path::new(&copy).join("record.jsonl")).unwrap() == before, !is_it, "{what}");
    }
}

#[test]
fn a_machine_that_has_booted_since_the_hand_in_is_not_rebooted_and_a_second_round_takes_nothing() {
    let learner = Learner::new();
    let (id, _) = handed_in(&learner, |started| started);
    let text_of = |output: &Output| flat(output);
    let folder = Attempts::new(&learner.place("state")).folder(&id.parse().unwrap());
    // Handed in during another boot.
    let text = fs::read_to_string(folder.path().join("exam.yaml")).unwrap();
    let other = Reading { boot: "another".into(), ..now() };
    let started = learner.attempt().started;
    let (id, mut folder) = learner.attempts().begin(&text, &other, started).unwrap();
    folder.append(&other, &Event::Finished { by_clock: false }).unwrap();
    let id = id.to_string();
    let reboot = || {
        let mut command = learner.command(&["exam", "grade", &id, "--reboot", "--yes"]);
        // There is nothing here that could reboot this machine.
        command.env("PATH", learner.place("home"));
        crate::rig::finish(command)
    };
    for goal in [1, 2] {
        fs::write(learner.goal(goal), "").unwrap();
    }
    let first = reboot();
    assert_eq!(first.status.code(), Some(0), "{}", text_of(&first));
    assert!(text_of(&first).contains("it is not rebooted again") && text_of(&first).contains("4 of 4 points"));
    fs::remove_file(learner.goal(1)).unwrap();
    let second = reboot();
    let said = text_of(&second);
    assert_eq!(second.status.code(), Some(0), "{said}");
    assert!(said.contains("Passed") && said.contains("4 of 4 points") && said.contains("then fail"), "{said}");
}

#[test]
fn the_attempt_that_is_under_way_is_the_one_that_is_meant_whatever_the_clock_said() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    learner.began(15, 1, None);
    assert!(learner.run(&["exam", "finish"]).status.success());
    let text = fs::read_to_string(learner.folder().path().join("exam.yaml")).unwrap();
    let started = learner.attempt().started;
    // That one was begun while the clock was an hour fast, and handed in; the one after it sits at the right time.
    let fast = now();
    let fast = Reading { wall: fast.wall + 3_600_000_000, ..fast };
    let (_, mut folder) = learner.attempts().begin(&text, &fast, started.clone()).unwrap();
    folder.append(&fast, &Event::Finished { by_clock: false }).unwrap();
    learner.attempts().begin(&text, &now(), started).unwrap();
    assert_eq!(learner.status()["attempt"], "trial-3");
    assert!(learner.run(&["exam", "finish"]).status.success());
    assert_eq!(learner.status()["phase"], "finished");
    assert_eq!(learner.status()["attempt"], "trial-3", "and the newest is the one that was begun last");
}

#[test]
fn as_long_as_somebody_sits_nothing_is_told_of_how_goals_stand_or_stood() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    learner.began(15, 1, None);
    assert!(learner.run(&["exam", "finish"]).status.success());
    let collected = learner.place("home/anna");
    assert!(Command::new("cp").arg("-a").arg(learner.folder().path()).arg(&collected).status().unwrap().success());
    let old = ["trial-1", collected.to_str().unwrap()];
    for name in old {
        for words in [&["report"][..], &["review"], &["grade"], &["regrade"]] {
            let output = learner.run(&[&["exam"], words, &[name]].concat());
            assert!(matches!(output.status.code(), Some(0 | 1)), "{words:?}: {}", text(&output));
        }
    }
    learner.began(15, 1, None);
    for name in old.into_iter().chain(["trial-2"]) {
        for words in [&["report"][..], &["review"], &["grade"], &["regrade"]] {
            let said = refused(&learner.run(&[&["exam"], words, &[name]].concat()), 5, "under way");
            assert!(!said.contains("It is there."), "{words:?}: {said}");
        }
        refused(&learner.run(&["exam", "dispute", name, "task-1/there"]), 5, "under way");
    }
    let verified = learner.run(&["exam", "verify", "trial-1"]);
    assert_eq!(verified.status.code(), Some(0), "that says nothing of goals");
}

#[test]
fn whoever_comes_back_after_a_reboot_goes_on_with_what_asked_for_it_and_begins_no_other_exam() {
    let learner = Learner::new();
    let (_, mut folder) = handed_in(&learner, |started| started);
    let back = || learner.sit(&["--on", "practice", "trial", "--yes"]);
    let mut handed_in = back();
    handed_in.wait("The exam is handed in", PATIENCE);
    handed_in.wait("Looking at what is handed in", PATIENCE);
    assert_eq!(handed_in.end(PATIENCE).code(), Some(0));
    // The grade asked for a reboot, and here it is: this boot is another one than that.
    let other = Reading { boot: "another".into(), ..now() };
    folder.append(&other, &Event::Rebooting).unwrap();
    let mut graded = back();
    graded.wait("Proven by a reboot: 0 of 4 points", PATIENCE);
    assert_eq!(graded.end(PATIENCE).code(), Some(1), "as the grade ends");
    assert_eq!(learner.attempts().ids().unwrap().len(), 2, "nothing was begun");
}

#[test]
fn a_name_and_other_minutes_than_the_exams_own_stand_in_every_form() {
    let learner = Learner::new();
    learner.exam("trial", 15);
    learner.profile("");
    let mut login = learner.sit(&["trial", "--minutes", "480", "--name", "Anna Muster", "--seed", "7"]);
    let said = login.wait(r"\[y/N\] $", PATIENCE);
    assert!(said.contains("480 minutes (the exam's own: 15)"), "{said}");
    login.line("y");
    login.wait(CLOCK, PATIENCE);
    leave(&mut login);
    assert!(flat(&learner.run(&["exam", "status"])).contains("480 min (the exam's own: 15) left"));
    assert!(learner.run(&["exam", "finish"]).status.success());
    for format in ["human", "junit", "html", "csv"] {
        let said = flat(&learner.run(&["exam", "report", "--format", format]));
        let said = said.replace("&#x27;", "'").replace("&apos;", "'");
        assert!(said.contains("8:00:00 (the exam's own: 15:00)"), "{format}: {said}");
        assert!(said.contains("Anna Muster"), "{format}: {said}");
    }
    let json = learner.run(&["exam", "report", "--format", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&json["time"]["minutes"], &json["time"]["own-minutes"]), (&480.into(), &15.into()));
    for name in ["", "two\nlines", &"x".repeat(101)] {
        let output = learner.run(&["exam", "start", "trial", "--name", name]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    }
}
