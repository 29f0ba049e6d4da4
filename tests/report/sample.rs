//! Attempts to write reports of: an ordinary one, one of a candidate who names things to do harm, and one of which nothing was seen.

use std::collections::BTreeMap;

use checkers::{Evidence, Source, Verdict};
use rootless_lab::exam::report::{Basis, Report};
use rootless_lab::exam::{
    self, Attempt, Candidate, Chain, Event, Exam, GradeKind, Graded, Head, Leaving, Machine, Reading, Shelf, Started,
    Typed,
};

pub const EXAM: &str = include_str!("trial.yaml");

/// What a candidate may call a file, a container or an account, if the machine lets them; and what it would do where it is not text.
pub const HOSTILE: &str = "=cmd|'/c calc'!A1 <script>alert(1)</script> \"quotes\" 'single' & \u{1b}[31mred\u{1b}]0;title\u{7} \u{9b}2J \
     two\nlines\r\ttab \u{202e}txt.exe\u{2069} zero\u{200b}width ]]> --> </style> {{ seed }}";

pub fn source() -> exam::Source {
    exam::Source { file: "exams/trial/exam.yaml".into(), text: EXAM.into() }
}

pub fn sheet() -> Exam {
    Shelf::default().drawn(&source(), 42).unwrap()
}

pub fn at(second: u64) -> Reading {
    let us = second * 1_000_000;
    Reading { wall: 1_700_000_000_000_000 + us as i64, up: us, awake: us, boot: "a".into() }
}

/// The same machine after a reboot that took so many seconds.
pub fn after(second: u64, since: u64) -> Reading {
    Reading { up: since * 1_000_000, awake: since * 1_000_000, boot: "b".into(), ..at(second) }
}

pub fn started(exam: &Exam) -> Started {
    Started {
        exam: "trial".into(),
        exam_digest: exam::digest(EXAM.as_bytes()),
        lessons: BTreeMap::new(),
        seed: 42,
        parameters: exam.parameters.clone(),
        minutes: 15,
        candidate: Candidate { account: "lisa".into(), uid: 1000, name: None },
        machine: Machine::Practice("trixie".into()),
        identity: None,
        versions: [("podman".to_owned(), "5.4.2".to_owned()), ("systemd".to_owned(), "257".to_owned())].into(),
    }
}

pub fn pass(path: &str, said: &str) -> Verdict {
    Verdict::pass(Evidence::file(path, said))
}

pub fn fail(wanted: &str, found: &str) -> Verdict {
    let bus = Source::Bus { bus: "user@2342".into(), object: "web.service".into(), property: "ActiveState".into() };
    Verdict::fail(wanted, found, Evidence::new(bus, found)).see("systemctl --user status web.service")
}

/// A verdict for each goal in the order of the sheet; `None` for one that was not asked.
pub fn graded(exam: &Exam, kind: GradeKind, verdicts: Vec<Option<Verdict>>) -> Event {
    assert_eq!(exam.goals().count(), verdicts.len());
    let named = exam.goals().map(|(task, goal)| task.id_of(goal)).zip(verdicts);
    let verdicts: BTreeMap<_, _> = named.filter_map(|(id, verdict)| Some((id, verdict?))).collect();
    Event::Graded(Box::new(Graded { kind, verdicts, testimonies: Vec::new() }))
}

pub fn typed(line: &str, status: i32) -> Event {
    let (cwd, account) = (Some("/home/lisa".into()), Some("lisa".into()));
    Event::Command(Box::new(Typed { line: line.into(), status: Some(status), cwd, account, took: None, inside: None }))
}

/// The record of these events, and what it adds up to.
pub fn attempt(events: &[(Reading, Event)]) -> (Attempt, Head) {
    let mut head = Head::none();
    let mut record = String::new();
    for (at, event) in events {
        let (line, next) = head.next(at, event).unwrap();
        record.push_str(&line);
        head = next;
    }
    let chain = Chain::read(record.as_bytes()).unwrap();
    assert_eq!(chain.breaks, []);
    (Attempt::of(&chain.entries).unwrap(), head)
}

/// Fourteen minutes of work with a suspended laptop, graded before and after a reboot: one goal does not survive it, one nobody could see.
pub fn ordinary_events(exam: &Exam) -> Vec<(Reading, Event)> {
    let asleep = |second: u64, of: u64| Reading { awake: (second - of) * 1_000_000, ..at(second) };
    let before = vec![
        Some(pass("/etc/passwd", "cricket:x:2342:2342::/home/cricket:/bin/bash")),
        Some(fail("directory ~cricket of cricket", "nothing there")),
        Some(pass("/run/user/2342", "web.service active")),
        Some(pass("/var/lib/systemd/linger/cricket", "is there")),
        Some(pass("/home/cricket/note", "mode 0640")),
    ];
    let proven = vec![
        Some(pass("/etc/passwd", "cricket:x:2342:2342::/home/cricket:/bin/bash")),
        Some(fail("directory ~cricket of cricket", "nothing there")),
        Some(fail("web.service active", "inactive (dead)")),
        Some(Verdict::Unknown {
            why: "/var/lib/systemd/linger: permission denied".into(),
            grant: Some("sudo for the account that looks".into()),
        }),
        None,
    ];
    vec![
        (at(0), Event::Started(Box::new(started(exam)))),
        (at(1), Event::Opened),
        (at(60), typed("sudo useradd -u 2342 cricket", 0)),
        (at(61), Event::Turned { goal: "account/exists".parse().unwrap(), answer: exam::Answer::Pass, within: None }),
        (asleep(600, 300), typed("systemctl --user enable --now web.service", 1)),
        (asleep(842, 300), Event::Finished { by_clock: false }),
        (asleep(842, 300), Event::Left { how: Leaving::Exit }),
        (asleep(843, 300), graded(exam, GradeKind::Predicted, before)),
        (asleep(844, 300), Event::Rebooting),
        (after(880, 20), graded(exam, GradeKind::Proven, proven)),
    ]
}

pub fn report_of(exam: &Exam, events: &[(Reading, Event)]) -> Report {
    let (attempt, head) = attempt(events);
    Basis { id: "trial-1", exam, attempt: &attempt, head: &head, breaks: &[] }.report()
}

pub fn ordinary() -> Report {
    let exam = sheet();
    report_of(&exam, &ordinary_events(&exam))
}

/// Every text that somebody else can choose is [`HOSTILE`].
pub fn hostile() -> Report {
    let mut exam = sheet();
    let text = || HOSTILE.to_owned();
    exam.title = text();
    exam.tracks = vec![text()];
    for task in &mut exam.tasks {
        (task.title, task.objective) = (text(), text());
        task.goals.iter_mut().for_each(|goal| goal.say = text());
    }
    let evidence = || {
        let sources = [
            Source::File(HOSTILE.into()),
            Source::Bus { bus: text(), object: text(), property: text() },
            Source::Process(7),
            Source::Kernel(text()),
            Source::Command(text()),
            Source::Lab,
            Source::Plain(text()),
            Source::Program(text()),
        ];
        sources.map(|source| Evidence::new(source, HOSTILE)).to_vec()
    };
    let verdicts = vec![
        Some(Verdict::Pass { evidence: evidence(), remember: BTreeMap::new() }),
        Some(Verdict::Fail { wanted: text(), found: text(), evidence: evidence(), see: Some(text()) }),
        Some(Verdict::Unknown { why: text(), grant: Some(text()) }),
        Some(Verdict::Unknown { why: text(), grant: None }),
        None,
    ];
    let mut started = started(&exam);
    started.parameters = [("user".to_owned(), text()), (text(), text())].into();
    started.versions = [(text(), text())].into();
    started.candidate = Candidate { account: text(), uid: 0, name: Some(text()) };
    started.machine = Machine::Here(text());
    let events = [
        (at(0), Event::Started(Box::new(started))),
        (at(5), Event::Finished { by_clock: true }),
        (at(6), graded(&exam, GradeKind::Predicted, verdicts)),
        (at(7), Event::Mended { aside: text() }),
    ];
    report_of(&exam, &events)
}

/// Graded, and nobody could look at anything.
pub fn blind() -> Report {
    let exam = sheet();
    let unknown = vec![Some(Verdict::unknown("no sudo")); exam.goals().count()];
    let events = [
        (at(0), Event::Started(Box::new(started(&exam)))),
        (at(5), Event::Finished { by_clock: false }),
        (at(6), graded(&exam, GradeKind::Predicted, unknown)),
    ];
    report_of(&exam, &events)
}

/// Given up, whatever was done.
pub fn given_up() -> Report {
    let exam = sheet();
    let events = [(at(0), Event::Started(Box::new(started(&exam)))), (at(60), Event::Abandoned)];
    report_of(&exam, &events)
}
