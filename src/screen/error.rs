//! Our own failure in one line, and the way out in another.

use super::ink::Ink;
use super::look::Look;
use super::page::Page;

/// `rootless-lab: what failed`, then `→ what to do`.
pub fn error(what: &str, way_out: Option<&str>, look: &Look) -> String {
    let mut page = Page::new(look);
    let name = format!("{} ", Ink::Bad.on("rootless-lab:", look));
    if look.columns() < 40 {
        page.say("", &format!("rootless-lab: {what}"));
    } else {
        page.say(&name, what);
    }
    if let Some(way) = way_out {
        page.say(look.either("→ ", "-> "), way);
    }
    page.done()
}
