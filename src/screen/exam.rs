//! An exam's first screen, its sheet, its clock, and what is said while it is sat. Never a word about how a task is done, or how it stands.

use super::clean::clean_line;
use super::counted;
use super::ink::Ink;
use super::look::Look;
use super::page::Page;
use super::report;
use crate::exam::report::ClockNote;
use crate::exam::{Attempt, Exam, GradeKind, Jump, Phase, PlacedFile, Preparation, Time};
use crate::lesson::AccountRole;

/// What is said before an exam begins.
#[derive(Debug)]
pub struct Cover<'a> {
    /// The exam.
    pub exam: &'a Exam,
    /// The minutes of this attempt.
    pub minutes: u32,
    /// Its seed.
    pub seed: u64,
    /// Where it is sat.
    pub machine: &'a str,
    /// Where the exam comes from, where it is not part of the program.
    pub from: Option<&'a str>,
    /// The program has another exam of that name.
    pub instead: bool,
    /// Where the attempt is kept.
    pub kept: &'a str,
}

/// What is said to somebody who sits an exam, at a prompt or before the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// The start-up files take long: ^C breaks them off, and so many seconds from now they are left out.
    StartUpIsSlow(u64),
    /// They were left out, because they took too long or ended the login.
    StartUpLeftOut {
        /// The machine's, too.
        all: bool,
    },
    /// bash became this program, which shows no clock.
    NoBash(&'a str),
    /// The time is over.
    Over {
        /// Also without what jumps of the clock brought.
        certain: bool,
    },
    /// The record cannot be written, for this reason.
    NoRecord(&'a str),
    /// It can again.
    RecordAgain,
    /// The clocks jumped so, the newest last.
    Jumped(&'a [(u64, Jump)]),
}

/// How an attempt stands.
#[derive(Debug)]
pub struct Stand<'a> {
    /// Its name.
    pub id: &'a str,
    /// The exam.
    pub exam: &'a Exam,
    /// The attempt.
    pub attempt: &'a Attempt,
    /// Its time at this moment.
    pub time: Time,
}

/// An attempt in the list.
#[derive(Debug)]
pub struct Tried<'a> {
    /// Its name.
    pub id: String,
    /// The attempt.
    pub attempt: &'a Attempt,
    /// Its time at this moment.
    pub time: Time,
}

/// The first screen: what the exam is, how long it takes, and everything that a yes will do.
pub fn cover(cover: &Cover<'_>, look: &Look) -> String {
    let exam = cover.exam;
    let mut page = Page::new(look);
    page.inked("", &exam.title, Ink::Here);
    page.gap();
    page.markdown("", &exam.about);
    page.gap();
    let (tasks, points) = (counted(exam.tasks.len(), "task"), counted(exam.points() as usize, "point"));
    let minutes = format!("{}{}", counted(cover.minutes as usize, "minute"), own_minutes(exam, cover.minutes));
    page.say("", &format!("{tasks}, {points}, {minutes}. Passed with {} per cent of the points.", exam.pass_mark));
    page.gap();
    let mut row = |word: &str, text: &str| {
        if look.columns() < 60 {
            page.say("- ", &format!("{word}: {text}"));
        } else {
            page.say(
                &format!("  {}{}", Ink::Strong.on(word, look), " ".repeat(10_usize.saturating_sub(word.len()))),
                text,
            );
        }
    };
    row("where", cover.machine);
    if let Some(from) = cover.from {
        row("from", from);
    }
    if cover.instead {
        row(
            "not",
            &format!(
                "the {} that is part of this program: this one has its name, and an attempt at it will show that",
                exam.id
            ),
        );
    }
    row("seed", &format!("{}: names and numbers are drawn from it, and it brings this very sheet again", cover.seed));
    for account in &exam.accounts {
        match account.role {
            AccountRole::Administrator => row("account", &format!("{} sits the exam and may use sudo", account.name)),
            AccountRole::Member => row("account", &format!("{} is there from the start", account.name)),
            AccountRole::Created => row("account", &format!("{} is yours to make", account.name)),
        }
    }
    for what in exam.tasks.iter().flat_map(|task| &task.prepare) {
        let (Preparation::Directory { account, path } | Preparation::File(PlacedFile { account, path, .. })) = what;
        row("sets up", &format!("~{account}/{path}, with the rights of {account}; what stands there is written over"));
    }
    row("looks", "at the machine now and then, as root through sudo, and changes nothing by it");
    row(
        "records",
        "the lines that you type in its login and how they end, those that are shown in shells inside (su, ssh), and the clocks",
    );
    row("keeps", &format!("all of that in {}, for your eyes alone", cover.kept));
    page.done()
}

/// The sheet: what is required, and nothing else.
pub fn sheet(exam: &Exam, look: &Look) -> String {
    let mut page = Page::new(look);
    page.inked("", &exam.title, Ink::Here);
    for (nth, task) in (1..).zip(&exam.tasks) {
        page.gap();
        page.inked(&format!("{nth}. "), &task.title, Ink::Strong);
        page.inked("   ", &counted(task.points as usize, "point"), Ink::Faint);
        page.markdown("   ", &task.text);
    }
    page.done()
}

/// Below the sheet, which may be longer than the terminal: what shows it again, and what ends it.
pub fn ways(look: &Look) -> String {
    let mut page = Page::new(look);
    let [tasks, status, finish] = ["exam tasks", "exam status", "exam finish"].map(|one| word(one, look));
    page.ours("", &format!("{tasks} shows this again,"));
    page.ours("", &format!("{status} the time, and {finish} hands in."));
    page.done()
}

/// The clock, the tasks, and what there is to say about the time.
pub fn stand(stand: &Stand<'_>, look: &Look) -> String {
    let Stand { exam, attempt, time, .. } = stand;
    let mut page = Page::new(look);
    page.inked("", &exam.title, Ink::Here);
    page.inked("", &format!("attempt {}, seed {}", stand.id, attempt.started.seed), Ink::Faint);
    page.gap();
    let all = attempt.started.minutes;
    page.say("", &match (attempt.phase, time) {
        (Phase::Abandoned, _) => "Given up.".to_owned(),
        (Phase::Finished { by_clock: true }, _) => format!("Handed in by the clock, after {all} min."),
        (Phase::Finished { .. }, _) => format!("Handed in after {} of {all} min.", whole_minutes(attempt.clock.used())),
        (Phase::Running, Time::Left(left)) => {
            format!("{} of {all} min{} left.", left_words(*left), own_minutes(exam, all))
        }
        (Phase::Running, Time::Over { by, certain: true }) => {
            format!("The time is over, since {}.", left_words(*by))
        }
        (Phase::Running, Time::Over { by, certain: false }) => format!(
            "By the clock the time is over, since {}. That rests on what is said below, and nothing is handed in for it.",
            left_words(*by)
        ),
    });
    if !attempt.open && attempt.phase == Phase::Running {
        page.say("", &format!("No login is open: `rootless-lab exam start {}` goes on.", attempt.started.exam));
    }
    for (used, jump) in attempt.clock.jumps() {
        page.say("- ", &report::clock(&ClockNote::of(*used, jump)));
    }
    page.gap();
    for (nth, task) in (1..).zip(&exam.tasks) {
        page.say(&format!("{nth}. "), &format!("{} ({})", task.title, counted(task.points as usize, "point")));
    }
    page.done()
}

/// The exams there are, each read or why it cannot be, and the attempts there were.
pub fn exams(exams: &[(String, Result<Exam, String>)], tried: &[Tried<'_>], look: &Look) -> String {
    let mut page = Page::new(look);
    for (name, exam) in exams {
        page.inked("", name, Ink::Strong);
        match exam {
            Ok(exam) => {
                let tasks = counted(exam.tasks.len(), "task");
                page.say("  ", &format!("{}: {tasks}, {} min", exam.title, exam.minutes));
                page.inked("  ", &exam.tracks.join(", "), Ink::Faint);
            }
            Err(why) => page.say("  ", &format!("cannot be read: {why}")),
        }
    }
    page.gap();
    page.say("", if tried.is_empty() { "No attempts here yet." } else { "Attempts:" });
    for Tried { id, attempt, time } in tried {
        let how = match (attempt.phase, time) {
            (Phase::Abandoned, _) => "given up".to_owned(),
            (Phase::Finished { .. }, _) => match attempt.grades.iter().map(|grade| grade.graded.kind).max() {
                None => "handed in, and nobody has looked",
                Some(GradeKind::Predicted) => "handed in, no reboot has proven it",
                Some(GradeKind::Proven) => "handed in, proven by a reboot",
            }
            .to_owned(),
            (Phase::Running, Time::Left(left)) => format!("under way, {} left", left_words(*left)),
            (Phase::Running, Time::Over { .. }) => "under way, and its time is over".to_owned(),
        };
        page.say("- ", &format!("{id}: {how}"));
    }
    page.done()
}

/// After the hand-in: what can be done now.
pub fn handed_in(by_clock: bool, look: &Look) -> String {
    let mut page = Page::new(look);
    page.say("", if by_clock { "The time is over, and the exam is handed in." } else { "The exam is handed in." });
    page.say("", "What is there now counts: what is made from here on earns nothing.");
    page.say("", "To see what came of it; what is to survive a reboot is only predicted by that:");
    page.ours("  ", &word("exam grade", look));
    page.say("", "To reboot the machine, and grade what is left:");
    page.ours("  ", &word("exam grade --reboot", look));
    page.done()
}

/// After an attempt was given up.
pub fn given_up(exam: &str, clean_up: &[String], look: &Look) -> String {
    let mut page = Page::new(look);
    page.say("", "The attempt is given up, and nothing of it is graded.");
    if !clean_up.is_empty() {
        page.say("", "So that the machine is as before:");
        for line in clean_up {
            page.ours("      ", &Ink::Strong.on(&clean_line(line, look), look));
        }
    }
    page.ours("", &format!("{} begins another one.", word(&format!("exam start {exam}"), look)));
    page.done()
}

/// Before the sheet, where an attempt is gone on with.
pub fn goes_on(id: &str, seed: u64, time: &Time, look: &Look) -> String {
    let mut page = Page::new(look);
    let time = match time {
        Time::Left(left) => format!("{} left", left_words(*left)),
        Time::Over { .. } => "its time is over".to_owned(),
    };
    page.say("", &format!("The attempt {id} (seed {seed}) goes on: {time}."));
    page.done()
}

/// After the login was left, while the exam goes on.
pub fn left_open(exam: &str, time: &Time, look: &Look) -> String {
    let mut page = Page::new(look);
    match time {
        Time::Left(left) => page.say("", &format!("The exam goes on: {} left.", left_words(*left))),
        Time::Over { .. } => page.say("", "The time of the exam is over."),
    }
    // What opens may be on a machine beside this one, and the attempt is kept there.
    page.ours("", &format!("{} opens the login again, and in it", word(&format!("exam start {exam}"), look)));
    page.ours("", &format!("{} hands in.", word("exam finish", look)));
    page.done()
}

/// Of more jumps the newest are said.
const MOST_JUMPS: usize = 3;

/// A word to a candidate, as lines of their own.
pub fn said(said: &Said<'_>, look: &Look) -> String {
    let mut page = Page::new(look);
    match said {
        Said::StartUpIsSlow(seconds) => page.say(
            "",
            &format!(
                "The start-up files of this login (~/.bash_profile, ~/.profile, ~/.bashrc) take their time. Ctrl-C breaks \
                 them off; in {seconds} s a login without them is opened."
            ),
        ),
        Said::StartUpLeftOut { all: false } => {
            page.say("", "Your start-up files did not come to an end: this login is without them.");
        }
        Said::StartUpLeftOut { all: true } => {
            page.say("", "The machine's start-up files did not come to an end: this login is without any.");
        }
        Said::NoBash(name) => page.say(
            "",
            &format!("Your start-up files turn this login into {name}: no clock in its prompt. `rootless-lab exam status` tells the time."),
        ),
        Said::Over { certain: true } => {
            page.inked("", "The time is over: what is there now is handed in.", Ink::Strong);
            page.say("", "Nothing that runs was ended. What you do from here on is written down as done after the time.");
            page.ours("", &format!("{} and {} grade it.", word("exam grade", look), word("exam grade --reboot", look)));
        }
        Said::Over { certain: false } => {
            page.inked("", "By the clock the time is over, but the clock jumped meanwhile.", Ink::Strong);
            page.say("", "Nothing is handed in for that: `rootless-lab exam status` tells the jumps, `rootless-lab exam finish` hands in.");
        }
        Said::NoRecord(why) => {
            page.inked("", "The exam's record cannot be written:", Ink::Strong);
            page.say("", &format!("{why}. What is to be written waits, and is tried again; make room."));
        }
        Said::RecordAgain => page.say("", "The exam's record is written again, and nothing of it was lost."),
        Said::Jumped(jumps) => {
            for (used, jump) in jumps.iter().rev().take(MOST_JUMPS).rev() {
                page.say("", &format!("A clock jumped. {}", report::clock(&ClockNote::of(*used, jump))));
            }
            page.say("", "That is written down; `rootless-lab exam status` tells it too.");
        }
    }
    page.done()
}

/// What the exam itself gives, where an attempt has other minutes.
fn own_minutes(exam: &Exam, minutes: u32) -> String {
    if minutes == exam.minutes { String::new() } else { format!(" (the exam's own: {})", exam.minutes) }
}

fn word(words: &str, look: &Look) -> String {
    Ink::Strong.on(&format!("rootless-lab {words}"), look)
}

fn whole_minutes(micros: u64) -> u64 {
    micros / 60_000_000
}

/// Minutes, or seconds of the last one. Never more than there is.
fn left_words(micros: u64) -> String {
    match whole_minutes(micros) {
        0 => format!("{} s", micros / 1_000_000),
        minutes => format!("{minutes} min"),
    }
}
