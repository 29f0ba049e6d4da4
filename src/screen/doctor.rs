//! What this host can do, as a list of answers, and what it lacks in a sentence. Never finds anything out.

use checkers::Verdict;

use super::goals;
use super::ink::Ink;
use super::look::Look;
use super::page::Page;

/// One thing that a host can or cannot do.
#[derive(Debug, Clone, PartialEq)]
pub struct Ability {
    /// A short name: `user bus`.
    pub name: String,
    /// Whether it is there.
    pub verdict: Verdict,
    /// How to get it, where it is not there.
    pub fix: Option<String>,
}

/// The answers of `rootless-lab doctor`.
pub fn doctor(abilities: &[Ability], look: &Look) -> String {
    let mut page = Page::new(look);
    for ability in abilities {
        let seen = ability.verdict.evidence().first().map(|evidence| evidence.said.trim());
        let line = match seen.filter(|said| ability.verdict.is_pass() && !said.is_empty()) {
            Some(said) => format!("{}: {said}", ability.name),
            None => ability.name.clone(),
        };
        goals::one(&mut page, &line, &ability.verdict);
        if let Some(fix) = ability.fix.as_ref().filter(|_| !ability.verdict.is_pass()) {
            goals::command_detail(&mut page, "fix", fix);
        }
    }
    let bad = abilities.iter().filter(|ability| ability.verdict.is_fail()).count();
    let unknown = abilities.iter().filter(|ability| ability.verdict.is_unknown()).count();
    page.gap();
    page.inked("", &format!("{} looked at: {bad} red, {unknown} unknown.", abilities.len()), Ink::Faint);
    page.done()
}

/// What a lesson will miss on a host that has systemd as its first process, and podman, or not; none where it misses nothing.
pub fn lacks(systemd: bool, podman: bool, look: &Look) -> Option<String> {
    let lacks = match (systemd, podman) {
        (true, true) => return None,
        (true, false) => "no podman",
        (false, true) => "no systemd as its first process",
        (false, false) => "no systemd as its first process and no podman",
    };
    let mut page = Page::new(look);
    page.say("", &format!("This host has {lacks}: goals about that cannot be reached here."));
    page.say("", "`rootless-lab doctor` says what helps.");
    Some(page.done())
}
