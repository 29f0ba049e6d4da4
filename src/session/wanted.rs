//! Whether facts are what the current step asks for: what a lesson has the learner do is no mistake, however it looks. Judges nothing.

use checkers::Check;
use serde_json::{Map, Value};

use super::machine::Session;
use crate::lesson::Step;

/// Keys that say what a wish is about; all others say how that is to be.
const ABOUT: &[&str] = &["name", "path", "account", "user", "as", "number"];

impl Session {
    /// The current step's goals want a part of these facts, and no goal so far wants another part to be different.
    pub fn wants<'c>(&self, facts: impl IntoIterator<Item = &'c Check>) -> bool {
        let (facts, not): (Vec<&Check>, Vec<&Check>) =
            facts.into_iter().partition(|fact| !matches!(fact, Check::Not(_)));
        let facts: Vec<Wish> = facts.into_iter().filter_map(keys).collect();
        let not: Vec<Wish> = not.into_iter().flat_map(Check::singles).filter_map(keys).collect();
        let parts: Vec<Part<'_>> = facts.iter().flat_map(Part::of).collect();
        let steps = &self.lesson.steps;
        let now = wishes(steps.get(self.step..=self.step).unwrap_or_default());
        let is_wanted = |part: &Part<'_>| now.iter().any(|wish| part.in_wish(wish) == Some(part.value));
        // Most facts are none of this step's, and its goals are few.
        if !parts.iter().any(is_wanted) {
            return false;
        }
        let so_far = wishes(steps.get(..=self.step).unwrap_or_default());
        let is_denied =
            |part: &Part<'_>| so_far.iter().any(|wish| part.in_wish(wish).is_some_and(|value| value != part.value));
        let is_missed = |part: Part<'_>| so_far.iter().any(|wish| part.in_wish(wish) == Some(part.value));
        !not.iter().flat_map(Part::of).any(is_missed) && parts.iter().all(|part| is_wanted(part) || !is_denied(part))
    }

    /// What the goals of the lesson want, so far and later: read once for all facts that are to be looked up in it.
    pub fn coming(&self) -> Coming {
        let (so_far, later) = self.lesson.steps.split_at(self.lesson.steps.len().min(self.step + 1));
        Coming { so_far: wishes(so_far), later: wishes(later) }
    }
}

/// What the lesson wants up to the current step, and behind it.
#[derive(Debug)]
pub struct Coming {
    so_far: Vec<Wish>,
    later: Vec<Wish>,
}

impl Coming {
    /// A part of these facts is what a later goal wants to be different, and no goal so far speaks of it: the lesson comes to it.
    pub fn holds<'c>(&self, facts: impl IntoIterator<Item = &'c Check>) -> bool {
        let comes = |part: Part<'_>| {
            let differs = |wish| part.in_wish(wish).is_some_and(|value| value != part.value);
            self.later.iter().any(differs) && !self.so_far.iter().any(|wish| part.in_wish(wish).is_some())
        };
        let facts: Vec<Wish> = facts.into_iter().filter_map(keys).collect();
        facts.iter().flat_map(Part::of).any(comes)
    }
}

/// One key of a fact, and what the fact is about.
struct Part<'f> {
    fact: &'f Wish,
    key: &'f String,
    value: &'f Value,
}

impl<'f> Part<'f> {
    fn of(fact: &'f Wish) -> impl Iterator<Item = Self> {
        let how = fact.1.iter().filter(|(key, _)| !ABOUT.contains(&key.as_str()));
        how.map(move |(key, value)| Self { fact, key, value })
    }

    /// What a wish about the same thing says of this key.
    fn in_wish<'w>(&self, wish: &'w Wish) -> Option<&'w Value> {
        let is_same = wish.0 == self.fact.0 && ABOUT.iter().all(|key| wish.1.get(*key) == self.fact.1.get(*key));
        is_same.then(|| wish.1.get(self.key)).flatten()
    }
}

/// The kind of a single check, and its keys.
type Wish = (String, Map<String, Value>);

/// The single wishes of all goals, but for those that are denied.
fn wishes(steps: &[Step]) -> Vec<Wish> {
    fn walk(check: &Check, found: &mut Vec<Wish>) {
        match check {
            Check::All(parts) | Check::Any(parts) => parts.iter().for_each(|part| walk(part, found)),
            Check::Within(timed) | Check::For(timed) => walk(&timed.check, found),
            Check::Not(_) => {}
            single => found.extend(keys(single)),
        }
    }
    let mut found = Vec::new();
    steps.iter().flat_map(|step| &step.goals).for_each(|goal| walk(&goal.check, &mut found));
    found
}

/// None for a combination.
fn keys(check: &Check) -> Option<Wish> {
    check.single()?;
    let Value::Object(tagged) = serde_json::to_value(check).ok()? else { return None };
    match tagged.into_iter().next()? {
        (kind, Value::Object(keys)) => Some((kind, keys)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::lesson::{Lesson, Shelf};
    use crate::session::Session;

    fn lesson() -> Lesson {
        Shelf::new(None, None).find("rootless-containers").unwrap().0
    }

    fn at(step: &str) -> Session {
        let mut session = Session::new(lesson().into(), None);
        session.step = session.lesson.steps.iter().position(|one| one.id == step).unwrap();
        session
    }

    /// Whether the lesson wants these facts at one of its steps.
    fn wants(step: &str, facts: &[&str]) -> bool {
        let session = at(step);
        let facts: Vec<_> = facts.iter().map(|fact| serde_json::from_str(fact).unwrap()).collect();
        session.wants(&facts)
    }

    #[test]
    fn what_a_step_asks_for_is_no_mistake_in_that_step_and_one_again_later() {
        let started = r#"{"unit":{"name":"rootless-container.service","user":"conuser1","file-state":"disabled","active":"active"}}"#;
        assert!(wants("daemon-reload", &[started]));
        assert!(!wants("enable", &[started]) && !wants("restart", &[started]));
        let stale = r#"{"unit":{"name":"rootless-container.service","user":"conuser1","needs-daemon-reload":true}}"#;
        assert!(wants("daemon-reload", &[stale]));
        assert!(!wants("enable", &[stale]));
        let another = stale.replace("rootless-container", "web");
        assert!(!wants("daemon-reload", &[&another]));
    }

    #[test]
    fn what_the_lesson_comes_to_is_no_mistake_before() {
        let no_linger = r#"{"linger":{"account":"conuser1","enabled":false}}"#;
        let comes_to = |step, fact| at(step).coming().holds(&[serde_json::from_str(fact).unwrap()]);
        assert!(comes_to("daemon-reload", no_linger) && comes_to("status", no_linger));
        assert!(!comes_to("linger", no_linger) && !comes_to("logout", no_linger));
        assert!(!comes_to("daemon-reload", &no_linger.replace("conuser1", "lisa")));
    }

    #[test]
    fn what_an_earlier_goal_denies_stays_a_mistake_though_the_rest_is_wanted() {
        let tied = r#"{"unit-file":{"path":"~/.config/systemd/user/rootless-container.service","as":"conuser1","made":"tied","container":"rootless-container"}}"#;
        let gone = r#"{"container":{"account":"conuser1","name":"rootless-container","exists":false}}"#;
        assert!(!wants("remove", &[tied, gone]));
        assert!(wants("remove", &[gone]));
        let new = tied.replace(r#""tied","container":"rootless-container""#, r#""new""#);
        let another = tied.replace(r#""made":"tied","#, "");
        assert!(wants("generate", &[&new]));
        assert!(!wants("generate", &[&new, &format!(r#"{{"not":{another}}}"#)]));
    }
}
