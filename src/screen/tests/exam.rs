//! An exam's pages: what they say, at any width, and what hostile names come to.

use super::*;
use crate::exam::report::ClockNote;
use crate::exam::{Exam, Jump, PlacedFile, Preparation, Shelf, Time};
use crate::screen::{Cover, Said, cover, given_up, left_open, said, sheet};

const MINUTE: u64 = 60_000_000;

fn sprint() -> Exam {
    let shelf = Shelf::default();
    let (source, _) = shelf.find("rootless-sprint").unwrap();
    shelf.drawn(&source, 7).unwrap()
}

fn pages(exam: &Exam, look: &Look) -> Vec<String> {
    let all = Cover {
        exam,
        minutes: 15,
        seed: 7,
        machine: "this very machine, vm",
        from: Some("/home/lisa/lessons/exams/mine"),
        instead: true,
        kept: "/home/lisa/.local/state",
    };
    let words = [
        Said::StartUpIsSlow(15),
        Said::StartUpLeftOut { all: true },
        Said::StartUpLeftOut { all: false },
        Said::NoBash("zsh"),
        Said::Over { certain: true },
        Said::Over { certain: false },
        Said::NoRecord("no room left for /x"),
        Said::RecordAgain,
        Said::Jumped(&[(1, Jump::Suspended { by: 10 * MINUTE }), (2, Jump::Set { by: -60_000_000 })]),
    ];
    let mut pages = vec![cover(&all, look), sheet(exam, look), given_up("mine", &exam.clean_up, look)];
    pages.extend(words.iter().map(|word| said(word, look)));
    pages.push(left_open("mine", &Time::Left(90_000_000), look));
    pages
}

#[test]
fn what_a_yes_will_do_is_said_before_and_the_sheet_tells_requirements_only() {
    let mut exam = sprint();
    let file = PlacedFile { account: "lisa".into(), path: "notes/one".into(), text: "x".into() };
    exam.tasks[0].prepare.push(Preparation::File(file));
    let pages = pages(&exam, &at(80));
    let flat = |page: &str| page.split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in [
        "5 tasks, 100 points, 15 minutes",
        "~lisa/notes/one, with the rights of lisa",
        "as root through sudo",
        "not the rootless-sprint that is part of this program",
        "7: names",
    ] {
        assert!(flat(&pages[0]).contains(wanted), "{wanted}: {}", pages[0]);
    }
    for (task, goal) in exam.goals() {
        assert!(flat(&pages[1]).contains(&task.title) && !flat(&pages[1]).contains(&goal.say), "{}", pages[1]);
    }
}

#[test]
fn no_page_is_wider_than_the_terminal_and_a_plain_one_has_no_escape() {
    for width in [20, 40, 80] {
        for look in [at(width), plain(width), coloured(width)] {
            for page in pages(&sprint(), &look) {
                for line in page.lines() {
                    let bare = crate::screen::bare(line);
                    // What is typed, and a path, stands as it is.
                    let whole = line.contains("rootless-lab") || line.contains('/') || line.contains("sudo");
                    assert!(whole || bare.chars().count() <= width, "{width}: {line:?}");
                }
                assert!(look.colour || !page.contains('\x1b'), "{page:?}");
            }
        }
    }
}

#[test]
fn a_hostile_exam_brings_no_escape_sequence() {
    let mut exam = sprint();
    let bad = "\x1b[2J\x1b]0;x\x07\u{202e}<script>".to_owned();
    (exam.title, exam.about, exam.accounts[1].name) = (bad.clone(), bad.clone(), bad.clone());
    (exam.tasks[0].title, exam.tasks[0].text, exam.clean_up[0]) = (bad.clone(), bad.clone(), bad.clone());
    exam.tasks[0].prepare.push(Preparation::Directory { account: bad.clone(), path: bad });
    for page in pages(&exam, &at(80)) {
        assert!(!page.contains(['\x1b', '\x07', '\u{202e}']), "{page:?}");
    }
}

#[test]
fn each_jump_says_its_size_and_whether_it_counts() {
    for (jump, wanted) in [
        (Jump::Suspended { by: 10 * MINUTE }, "suspended for 10:00; that time counts"),
        (Jump::Set { by: -(90 * 1_000_000) }, "set back by 1:30; the time left is not touched by it"),
        (Jump::Set { by: 5_000_000 }, "set forth by 0:05; the time left is not touched by it"),
        (Jump::Rebooted { away: Some(3 * MINUTE) }, "rebooted and away for 3:00; that time counts"),
        (Jump::Rebooted { away: None }, "its clock set back meanwhile; only the time since the boot counts"),
        (Jump::Returned { by: MINUTE }, "put back to a state of 1:00 before; nothing is counted for that"),
    ] {
        let words = super::super::report::clock(&ClockNote::of(90_000_000, &jump));
        assert!(words.starts_with("After 1:30: ") && words.contains(wanted), "{wanted}: {words}");
    }
}
