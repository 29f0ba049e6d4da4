//! Says on the practice machine what was said on the host beside it: a lesson that is played there has its record there.

use super::{Exit, Failure, start};
use crate::host::Host;
use crate::practice::{self, Machines};
use crate::screen::Look;
use crate::store::Store;

/// The same words, said on this machine (the usual one where none is named); none where they are meant for this very host: lessons
/// are played here, this learner has begun this one here, or there is no such machine.
pub(super) fn said_there(
    lesson: &str,
    machine: Option<&str>,
    words: &[&str],
    look: &Look,
) -> Result<Option<Exit>, Failure> {
    if machine.is_none() && (Host::look().is_lab() || is_begun_here(lesson)) {
        return Ok(None);
    }
    let machines = Machines::open()?;
    let found = match machines.find(machine.unwrap_or("practice")) {
        Err(practice::Error::NoMachine(_)) if machine.is_none() => return Ok(None),
        found => found,
    };
    if practice::need_root().is_err() {
        // Only comes back when sudo could not be started at all.
        return Err(practice::as_root(&mut |command| tell!("A practice machine needs root: {command}")).into());
    }
    let found = found?;
    found.start()?;
    let user = found.accounts().first().map_or("root", |account| account.name.as_str());
    let inside = start::inside(words, look, start::no_colour(), start::language().as_deref());
    let status = found.enter(user, &inside)?;
    Ok(Some(match status.code() {
        Some(0) => Exit::Fine,
        // What is wrong was said inside.
        Some(2) => Exit::Usage,
        Some(3) => Exit::Lesson,
        Some(4) => Exit::Machine,
        Some(5) => Exit::Busy,
        _ => Exit::Failed,
    }))
}

/// A record that cannot be read was begun, too.
fn is_begun_here(lesson: &str) -> bool {
    Store::of_learner(lesson).is_ok_and(|store| store.look().map_or(true, |record| record.is_some()))
}
