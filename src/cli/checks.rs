//! The catalogue of checks with their pages.

use clap::Args;

use super::{Exit, Failure};
use crate::screen::Look;

/// The checks a lesson can use; with a name, its page.
#[derive(Debug, Args)]
pub(super) struct Checks {
    /// One check: `unit`, `container`, `path` … or `combine`, for `all`, `any`, `not`, `within` and `for`.
    name: Option<String>,
}

impl Checks {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let pages: Vec<_> =
            checkers::Check::PAGES.iter().chain([&("combine", checkers::Check::COMBINE)]).copied().collect();
        let Some(name) = self.name else {
            for (name, page) in &pages {
                let first =
                    page.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
                say!("{}", crate::screen::markdown(&format!("**{name}**  {first}"), look));
            }
            return Ok(Exit::Fine);
        };
        let name =
            if ["all", "any", "not", "within", "for"].contains(&name.as_str()) { "combine".into() } else { name };
        if let Some((_, page)) = pages.iter().find(|(known, _)| *known == name) {
            say!("{}", crate::screen::markdown(page, look));
            return Ok(Exit::Fine);
        }
        let nearest =
            pages.iter().map(|(known, _)| *known).min_by_key(|known| strsim::damerau_levenshtein(known, &name));
        let way_out = format!("the nearest is `{}`; `rootless-lab checks` lists them all", nearest.unwrap_or_default());
        Err(Failure::new(Exit::Usage, format!("there is no check `{name}`"), way_out))
    }
}
