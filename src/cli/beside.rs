//! Says on the practice machine what was said on the host beside it: a lesson that is played there has its record there.

use super::{Exit, Failure, start};
use crate::host::Host;
use crate::practice::{self, Machine, Machines};
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
    let name = machine.unwrap_or("practice");
    if machine.is_none() && matches!(Machines::open()?.find(name), Err(practice::Error::NoMachine(_))) {
        return Ok(None);
    }
    let found = running(name)?;
    let inside = start::inside(words, look, start::no_colour(), start::language().as_deref());
    // What is wrong was said inside.
    Ok(Some(Exit::of(found.enter(who_sits(&found), &inside)?).unwrap_or(Exit::Failed)))
}

/// The machine of that name, running. It needs root: without, all of this is said once more through sudo.
pub(super) fn running(name: &str) -> Result<Machine, Failure> {
    if practice::need_root().is_err() {
        // Only comes back when sudo could not be started at all.
        return Err(practice::as_root(&mut |command| tell!("A practice machine needs root: {command}")).into());
    }
    let machine = Machines::open()?.find(name)?;
    machine.start()?;
    Ok(machine)
}

/// The account that plays on a machine.
pub(super) fn who_sits(machine: &Machine) -> &str {
    machine.accounts().first().map_or("root", |account| account.name.as_str())
}

/// A record that cannot be read was begun, too.
fn is_begun_here(lesson: &str) -> bool {
    Store::of_learner(lesson).is_ok_and(|store| store.look().map_or(true, |record| record.is_some()))
}
