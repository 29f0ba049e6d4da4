//! The catalogue of checks with their pages.

use clap::Args;
use serde_json::json;

use super::{Exit, Failure};
use crate::screen::Look;

/// The checks a lesson can use; with a name, its page.
#[derive(Debug, Args)]
pub(super) struct Checks {
    /// One check: `unit`, `container`, `path` … or `combine`, for `all`, `any`, `not`, `within` and `for`.
    name: Option<String>,
    /// As JSON: each check with its first sentence, its examples in YAML and its whole page in Markdown.
    #[arg(long)]
    json: bool,
}

impl Checks {
    pub(super) fn run(self, look: &Look) -> Result<Exit, Failure> {
        let pages: Vec<_> =
            checkers::Check::PAGES.iter().chain([&("combine", checkers::Check::COMBINE)]).copied().collect();
        let Some(name) = self.name else {
            if self.json {
                print(&pages);
                return Ok(Exit::Fine);
            }
            for (name, page) in &pages {
                say!("{}", crate::screen::markdown(&format!("**{name}**  {}", first(page)), look));
            }
            return Ok(Exit::Fine);
        };
        let name =
            if ["all", "any", "not", "within", "for"].contains(&name.as_str()) { "combine".into() } else { name };
        if let Some((name, page)) = pages.iter().find(|(known, _)| *known == name) {
            if self.json {
                print(&[(name, page)]);
                return Ok(Exit::Fine);
            }
            say!("{}", crate::screen::markdown(page, look));
            return Ok(Exit::Fine);
        }
        let nearest =
            pages.iter().map(|(known, _)| *known).min_by_key(|known| strsim::damerau_levenshtein(known, &name));
        let way_out = format!("the nearest is `{}`; `rootless-lab checks` lists them all", nearest.unwrap_or_default());
        Err(Failure::new(Exit::Usage, format!("there is no check `{name}`"), way_out))
    }
}

fn print(pages: &[(&str, &str)]) {
    let one = |(name, page): &(&str, &str)| json!({"name": name, "says": first(page), "examples": examples(page), "page": page});
    let all: Vec<_> = pages.iter().map(one).collect();
    sayln!("{:#}", json!({"version": 1, "checks": all}));
}

/// The first sentence of a page, whatever lines it takes.
fn first(page: &str) -> String {
    let lines = page.lines().skip_while(|line| line.trim().is_empty() || line.starts_with('#'));
    let paragraph = lines.take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |end| end + 1);
    paragraph[..end].to_owned()
}

/// The YAML blocks of a page.
fn examples(page: &str) -> Vec<&str> {
    page.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```").map(|(block, _)| block)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_first_sentence_and_an_example_that_is_a_check() {
        for (name, page) in checkers::Check::PAGES.iter().chain([&("combine", checkers::Check::COMBINE)]) {
            assert!(first(page).ends_with(['.', ':']), "{name}: {}", first(page));
            assert!(!examples(page).is_empty(), "{name}");
            for example in examples(page) {
                let check: Result<checkers::Check, _> = serde_yaml::from_str(example);
                assert!(check.is_ok(), "{name}: {check:?}");
            }
        }
    }
}
