//! An exam, a machine and an attempt that tests share. Tests only.

use std::collections::BTreeMap;
use std::path::Path;

use checkers::machine::Recorded;
use checkers::machine::witness::{Testimony, testify};
use checkers::{Check, Context, Verdict};

use super::Eyes;
use crate::exam::{
    Attempt, Attempts, Candidate, Event, Exam, Folder, GradeKind, Machine, Phase, Reading, Source as Text, Started,
    Typed, digest,
};

/// What is recorded does not change.
const NO_TIME: std::time::Duration = std::time::Duration::ZERO;

/// Two tasks of ten points: a file that must outlast a reboot, and one that need not.
pub const EXAM: &str = "format: 1
title: A trial
about: It tries.
tracks: [None]
minutes: 15
pass-mark: 70
lasting: true
accounts:
  - {name: lisa, role: administrator, password: lisa}
draw:
  note: {words: 1}
tasks:
  - id: one
    title: First
    text: There is a file /srv/{{note}}.
    objective: Files
    points: 10
    goals:
      - id: lasts
        say: The file {{note}} is there.
        check: {path: {path: '/srv/{{note}}', contains: [good]}}
  - id: two
    title: Second
    text: There is a file /run/now.
    objective: Other files
    points: 10
    goals:
      - id: now
        say: The file now is there.
        lasting: false
        check: {path: {path: /run/now}}
";

/// The exam with `note` drawn as `plum`.
pub fn exam_of(text: &str) -> Exam {
    let source = Text { file: "exams/trial/exam.yaml".into(), text: text.into() };
    source.kept(&parameters(), &|_, _| None).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

pub fn exam() -> Exam {
    exam_of(EXAM)
}

fn parameters() -> BTreeMap<String, String> {
    [("note".to_owned(), "plum".to_owned())].into()
}

pub fn started() -> Started {
    Started {
        exam: "trial".into(),
        exam_digest: digest(EXAM.as_bytes()),
        lessons: BTreeMap::new(),
        seed: 7,
        parameters: parameters(),
        minutes: 15,
        candidate: Candidate { account: "lisa".into(), uid: 1000, name: None },
        machine: Machine::Here("host".into()),
        identity: None,
        versions: BTreeMap::new(),
    }
}

pub fn at(second: u64, boot: &str) -> Reading {
    let us = second * 1_000_000;
    Reading { wall: us as i64, up: us, awake: us, boot: boot.into() }
}

/// A folder with an attempt that was handed in, in this boot.
pub fn handed_in(state: &Path, boot: &str) -> Folder {
    let (_, mut folder) = Attempts::new(state).begin(EXAM, &at(0, boot), started()).unwrap();
    for (second, line) in ["id", "echo good >/srv/plum", "echo x | passwd --stdin plum"].into_iter().enumerate() {
        folder.append(&at(second as u64 + 1, boot), &typed(line)).unwrap();
    }
    folder.append(&at(9, boot), &Event::Finished { by_clock: false }).unwrap();
    folder
}

pub fn typed(line: &str) -> Event {
    Event::Command(Box::new(Typed {
        line: line.into(),
        status: Some(0),
        cwd: None,
        account: Some("lisa".into()),
        took: None,
        inside: None,
    }))
}

pub fn attempt(folder: &Folder) -> Attempt {
    Attempt::of(&folder.read().unwrap().chain.entries).unwrap()
}

/// The same without a disk.
pub fn finished() -> Attempt {
    let state = tempfile::tempdir().unwrap();
    let attempt = attempt(&handed_in(state.path(), "a"));
    assert_eq!(attempt.phase, Phase::Finished { by_clock: false });
    attempt
}

/// A machine that was looked at, in the order of the looks; the last one stays.
pub struct Row(pub Vec<Recorded>);

impl Eyes for Row {
    fn look(&mut self, wishes: &[Check], context: &Context) -> (Vec<Verdict>, Testimony) {
        let machine = if self.0.len() > 1 { self.0.remove(0) } else { self.0[0].clone() };
        testify(wishes, &machine, context)
    }
}

/// With these files.
pub fn machine(files: &[(&str, &str)]) -> Recorded {
    files.iter().fold(Recorded::new(), |machine, (path, text)| machine.file(*path, *text))
}

/// A machine on which both tasks are solved.
pub fn solved() -> Recorded {
    machine(&[("/srv/plum", "good\n"), ("/run/now", "")])
}

/// A folder of an attempt that was graded, before and after a reboot.
pub fn graded(state: &Path, after: Recorded) -> Folder {
    let mut folder = handed_in(state, "a");
    super::look(&mut folder, &exam(), &finished(), GradeKind::Predicted, &mut Row(vec![solved()]), NO_TIME).unwrap();
    folder.append(&at(20, "a"), &Event::Rebooting).unwrap();
    let before = attempt(&folder);
    super::look(&mut folder, &exam(), &before, GradeKind::Proven, &mut Row(vec![after]), NO_TIME).unwrap();
    folder
}
