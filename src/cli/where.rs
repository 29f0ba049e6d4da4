//! Who somebody is at this very terminal: asked of the open lab, which sees more, or looked at from here.

use super::{Exit, Failure, ask};
use crate::driver::Sight;
use crate::screen::Look;
use crate::session::{Note, Show};

/// Asks the lab; without one that answers, this account's own eyes, or those that sudo lends, look.
pub(super) fn run(look: &Look) -> Result<Exit, Failure> {
    if let Ok(exit) = ask::answer(":where", look) {
        return Ok(exit);
    }
    let look = look.elsewhere();
    let own = i32::try_from(std::process::id()).unwrap_or_default();
    match Sight::default().chain(own) {
        Ok(links) => {
            say!("{}", crate::screen::text(&Show::Where(links), &look));
            Ok(Exit::Fine)
        }
        Err(why) => {
            let what = crate::screen::text(&Show::Note(Note::NoWhere { why }), &Look { width: usize::MAX, ..look });
            Err(Failure::new(Exit::Machine, what.trim_end(), "`rootless-lab doctor` says what this host lacks"))
        }
    }
}
