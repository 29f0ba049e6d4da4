//! Pictures for the tests of this room.

mod answers;
mod bounds;
mod commands;
mod diagnoses;
mod exam;
mod first_screen;
mod goals;
mod looks;
mod manual;
mod panes;
mod powers;
mod prompts;
mod proofs;
mod prose;
mod reports;
mod step;
mod ways;

use checkers::facts::{
    chain::{Link, Told},
    front::By,
};
use checkers::time::Span;
use checkers::{Evidence, Verdict};

use super::Look;
use crate::manual::{Excerpt, From, Missing};
use crate::mistakes::Confidence;
use crate::session::{
    Change, Explained, GoalLine, GoalState, Note, OtherWay, Progress, Show, StepState, Unexplained, WordHelp,
};

fn at(width: usize) -> Look {
    Look { width, colour: false, plain: false, unicode: true, elsewhere: false }
}

fn plain(width: usize) -> Look {
    Look { plain: true, ..at(width) }
}

fn coloured(width: usize) -> Look {
    Look { colour: true, ..at(width) }
}

fn fail() -> Verdict {
    let seen = Evidence::file("/etc/shadow", "conuser1:!:20415");
    Verdict::fail("a password that is set", "a locked password", seen).see("sudo passwd -S conuser1")
}

fn unknown() -> Verdict {
    Verdict::Unknown { why: "sudo asks for a password".into(), grant: Some("sudo -v, then :check".into()) }
}

fn pass() -> Verdict {
    Verdict::pass(Evidence::file("/etc/passwd", "conuser1:x:1001:1001"))
}

fn goal(say: &str, verdict: Option<Verdict>) -> GoalLine {
    GoalLine { say: say.into(), state: verdict.map_or(GoalState::Open, GoalState::Judged) }
}

fn machine_page(text: &str) -> Excerpt {
    Excerpt {
        page: "systemctl".into(),
        section: "1".into(),
        entry: "daemon-reload".into(),
        from: From::Machine(text.into()),
    }
}

fn own_words(text: &str) -> Excerpt {
    Excerpt {
        page: "passwd".into(),
        section: "1".into(),
        entry: "--stdin".into(),
        from: From::Ourselves { text: text.into(), why: Missing::NoEntry, package: None },
    }
}

fn step(text: &str) -> Show {
    Show::Step {
        progress: Progress { step: 3, of: 20 },
        title: "A password for conuser1".into(),
        text: text.into(),
        goals: vec![goal("The account conuser1 has a password.", None), goal("It can log in.", Some(fail()))],
        manual: vec![own_words("Reads the new password from **standard input**, which can be a pipe.")],
    }
}

/// One picture of every kind, each with the foreign text in all its places.
fn all(foreign: &str) -> Vec<Show> {
    let word = || foreign.to_owned();
    let other = OtherWay { typed: word(), solution: "podman ps".into() };
    let hostile_fail = Verdict::fail(word(), word(), Evidence::file("/tmp/x", word())).see(word());
    let hostile_unknown = Verdict::Unknown { why: word(), grant: Some(word()) };
    let goals = vec![
        goal(foreign, None),
        goal(foreign, Some(hostile_fail.clone())),
        goal(foreign, Some(hostile_unknown.clone())),
        goal(foreign, Some(Verdict::fail(word(), word(), Evidence::file("/tmp/x", word())))),
    ];
    let changes = vec![
        Change { say: word(), now: hostile_fail, lost: true },
        Change { say: word(), now: hostile_unknown, lost: false },
        Change { say: word(), now: pass(), lost: false },
    ];
    let excerpt = Excerpt { page: word(), section: word(), entry: word(), from: From::Machine(word()) };
    let ours = From::Ourselves { text: word(), why: Missing::NoPage, package: Some(word()) };
    let told = Told::Is { what: word(), whose: Some(word()), own: false };
    let link = Link {
        by: vec![By::Ssh, By::Sudo],
        account: word(),
        pid: 7,
        program: word(),
        session: told,
        runtime_dir: Told::Is { what: word(), whose: None, own: false },
        bus: Told::Unknown(word()),
    };
    let mut shows = vec![
        Show::Where(vec![link.clone(), Link { by: vec![], session: Told::Unset, ..link }]),
        Show::Welcome { title: word(), summary: word() },
        Show::Step {
            progress: Progress { step: 20, of: 20 },
            title: word(),
            text: word(),
            goals: goals.clone(),
            manual: vec![excerpt.clone(), Excerpt { from: ours.clone(), ..excerpt.clone() }],
        },
        Show::Changed { changes, green: 1, of: 3 },
        Show::StepDone { title: word(), other_way: Some(other.clone()) },
        Show::LessonDone { title: word(), proven: Some(false), skipped: 2, others: vec![word()] },
        Show::Hint { number: 1, of: 3, text: word() },
        Show::Solution { lines: vec![word(), word()], because: Some(word()) },
        Show::Why { goals, in_full: true },
        Show::Manual(Excerpt { from: ours, ..excerpt.clone() }),
        Show::Manual(Excerpt {
            from: From::Nothing { why: Missing::Unreadable, nearest: Some(word()) },
            ..excerpt.clone()
        }),
        Show::Manual(excerpt),
        Show::Difference(other.clone()),
        Show::DifferenceIn { title: word(), other },
        Show::Help(vec![WordHelp { word: word(), says: word() }]),
        Show::Status {
            title: word(),
            steps: vec![(word(), StepState::Skipped)],
            blind: vec![word()],
            polled: vec![word()],
        },
    ];
    for (confidence, in_full) in
        [(Confidence::Certain, false), (Confidence::Possible, false), (Confidence::Likely, true)]
    {
        let diagnoses = diagnoses::foreign(foreign, confidence);
        shows.push(Show::Diagnosis(Explained { diagnoses, manual: Some(excerpt_of(foreign)), in_full }));
    }
    shows.push(Show::SameMistake { title: word() });
    for in_full in [false, true] {
        let manual = Some(excerpt_of(foreign));
        shows.push(Show::Unexplained(Unexplained {
            program: word(),
            status: Some(1),
            sudo_refused: true,
            manual,
            in_full,
        }));
    }
    shows.extend(notes(foreign).into_iter().map(Show::Note));
    shows
}

fn excerpt_of(foreign: &str) -> Excerpt {
    let word = || foreign.to_owned();
    Excerpt { page: word(), section: word(), entry: word(), from: From::Machine(word()) }
}

fn notes(foreign: &str) -> Vec<Note> {
    let word = || foreign.to_owned();
    vec![
        Note::NoSuchWord { word: word(), nearest: Some(word()) },
        Note::NoSuchWord { word: word(), nearest: None },
        Note::NoSuchStep { number: 25, of: 20 },
        Note::DoneBefore { open: Some(7) },
        Note::DoneBefore { open: None },
        Note::NoMoreHints,
        Note::PlayBegun,
        Note::PlayOver,
        Note::Skipped { title: word() },
        Note::NoStepBack,
        Note::BashAgain { status: 3 },
        Note::MachineAhead { step: 4, title: word() },
        Note::MachineBehind { step: 2, title: word(), goal: word() },
        Note::Resumed { step: 7 },
        Note::Rebooted,
        Note::RecordSetAside { path: word(), why: word() },
        Note::CannotSave { why: word() },
        Note::NoObserver { why: word(), grant: word() },
        Note::Reset,
        Note::StepAnew,
        Note::Settles { say: word(), time: Span(std::time::Duration::from_secs(2)) },
        Note::Waits { way_on: true },
        Note::Waits { way_on: false },
        Note::LooksOn,
        Note::OwnPromptOnly { word: word() },
        Note::Bye { step: Some(7) },
        Note::Bye { step: None },
        Note::ByeUnsaved { step: 7 },
        Note::LogsIn { account: word(), line: word() },
        Note::NoAccount { name: word(), made_here: true, nearest: None },
        Note::NoAccount { name: word(), made_here: false, nearest: Some(word()) },
        Note::NoAccount { name: word(), made_here: false, nearest: None },
        Note::NoWayIn { account: word() },
        Note::LoginAsWhom,
        Note::NoWhere { why: word() },
        Note::NothingTyped,
        Note::NoManual,
    ]
}
