//! A lab without a shell: the learner works in any other terminal, and sees here what comes of it. Either an open lab is watched, or
//! one is opened for the watching alone.

mod keys;
mod terminal;
mod viewer;

use std::io::IsTerminal;

pub use viewer::Watched;

use self::terminal::Signals;
use self::viewer::Viewer;
use super::desk::{self, Changes, DeskError};
use super::lab::{Lab, moment};
use super::news::{News, Shared};
use super::run::{Error, manuals, open, open_desk};
use crate::lesson::Lesson;
use crate::screen::Look;
use crate::session::{Event, Session};

/// Watches the lab that is open on this machine and answers this account.
pub fn watch(look: Look) -> Result<Watched, DeskError> {
    let (path, changes, first) = desk::watch(&look)?;
    let signals = Signals::begin()?;
    let door = Box::new(move || std::os::unix::net::UnixStream::connect(&path));
    Ok(Viewer::new(look, door, first).run(changes, &signals)?)
}

/// Opens a lab without a shell, and watches it until the learner leaves; what is said at the end.
pub fn host(lesson: Lesson, look: Look) -> Result<(Watched, String), Error> {
    let look = look.elsewhere();
    let accounts: Vec<String> = lesson.accounts.iter().map(|account| account.name.clone()).collect();
    let mut opening = String::new();
    let (store, record) = open(&lesson, &look, &mut opening)?;
    let fresh = record.is_none();
    let session = Session::new(lesson.into(), record);
    let lab = Shared::new(Lab::new(session, store, manuals()).without_shell());
    if std::io::stdin().is_terminal() {
        lab.lock().ask_password();
    }
    if !std::path::Path::new(desk::ROOM).exists() {
        lab.lock().make_room();
    }
    let signals = Signals::begin().map_err(Error::Watch)?;
    let (_open, listener) = open_desk();
    let news = News::start(lab.clone(), look, None, std::sync::Arc::default(), listener, accounts);
    let outcome = {
        let mut lab = lab.lock();
        lab.blind(&look);
        lab.happen(Event::Opened { at: moment(), fresh }, &look)
    };
    news.heed(&outcome);
    let door = news.own_way();
    let watched = door().map_err(DeskError::from).and_then(|stream| Changes::of(stream, &look));
    let (changes, first) = watched.map_err(|error| Error::Watch(std::io::Error::other(error)))?;
    let ended = Viewer::new(look, Box::new(door), first).run(changes, &signals).map_err(Error::Watch)?;
    let bye = lab.lock().happen(Event::Line(":quit".into()), &look);
    Ok((ended, opening + &bye.text))
}
