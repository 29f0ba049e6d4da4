//! Stories of goals that have to stay so for a time: nobody waits, and what ends early is said.

use checkers::catalogue::Timed;
use checkers::time::Span;

use super::*;

/// A goal that has to stay so for two seconds.
fn lasts(id: &str) -> Goal {
    let goal = goal(id);
    let time = Span(std::time::Duration::from_secs(2));
    Goal { check: Check::For(Timed { time, check: Box::new(goal.check) }), ..goal }
}

/// A lab with such a goal, whose changes are told.
fn settling() -> Session {
    let mut lab = opened(vec![step("one", vec![lasts("box")])]);
    lab.handle(Event::Watched(vec![Notice::Told]));
    lab.handle(Event::LookAgain);
    lab.handle(ran("podman run box"));
    lab
}

fn judged_at(now: u64, verdicts: Vec<Verdict>) -> Event {
    Event::Judged { step: "one".into(), verdicts, at: at(now), asked: false }
}

#[test]
fn what_has_to_stay_so_is_green_when_every_look_in_its_time_found_it_so_and_nobody_waits_for_it() {
    let mut lab = settling();
    assert_eq!(lab.wishes(), [goal("box").check], "one look asks how it is now");
    assert_eq!(lab.wished_in_full().collect::<Vec<_>>(), [&lasts("box").check], "who waits sees all of it");
    let effects = lab.handle(judged_at(1_000_000, vec![pass()]));
    let [Effect::Show(Show::Note(Note::Settles { say, .. })), Effect::LookAgainIn(2000)] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(say, "box is there.");
    assert!(matches!(lab.goal_lines()[0].state, GoalState::Settling { .. }));
    // Something else stirs, and the goal beside it is looked at: the box stays as it was found.
    let stirred = Event::Stirred { step: "one".into(), verdicts: vec![None], at: at(2_000_000) };
    assert_eq!(lab.handle(stirred), [Effect::LookAgainIn(1000)], "said once");
    // The command that was under way when it was first seen so is over.
    lab.handle(ran("podman run box"));
    assert_eq!(lab.handle(judged_at(2_500_000, vec![pass()])), [Effect::LookAgainIn(500)], "said once");
    lab.handle(Event::LookAgain);
    let effects = lab.handle(judged_at(3_000_000, vec![pass()]));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ShowDone { .. })), "{effects:?}");
}

#[test]
fn what_ends_before_its_time_is_red_and_said_and_begins_anew() {
    let mut lab = settling();
    lab.handle(judged_at(1_000_000, vec![pass()]));
    let effects = lab.handle(judged_at(2_999_999, vec![fail()]));
    assert!(matches!(&effects[0], Effect::Show(Show::Changed { green: 0, .. })), "{effects:?}");
    lab.handle(ran("podman start box"));
    let effects = lab.handle(judged_at(4_000_000, vec![pass()]));
    let told = matches!(effects[..], [Effect::Show(Show::Note(Note::Settles { .. })), Effect::LookAgainIn(2000)]);
    assert!(told, "{effects:?}");
    // Whoever waited all the time knows; and it is not said of it again that it settles.
    let waited = Event::Judged { step: "one".into(), verdicts: vec![pass()], at: at(4_000_001), asked: true };
    let effects = lab.handle(waited);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ShowDone { .. })), "{effects:?}");
}
