//! Event stories: what a learner does, and what the lab wants done about it.

mod mistakes;
mod settling;

use std::sync::Arc;

use checkers::checks::account::Account;
use checkers::{Check, CommandFact, Evidence, Verdict};

use super::*;
use crate::lesson::{Goal, Lesson, Step, Way};

fn goal(id: &str) -> Goal {
    let check = Check::Account(Account { name: id.into(), exists: true, ..Account::default() });
    Goal { id: id.into(), say: format!("{id} is there."), check, once: false, lasting: false, predicted_by: None }
}

fn step(id: &str, goals: Vec<Goal>) -> Step {
    Step {
        id: id.into(),
        title: id.to_uppercase(),
        text: "Do it.".into(),
        goals,
        hints: vec!["nudge".into(), "more".into(), "command".into()],
        solution: vec![Way { when: None, lines: vec!["do it".into()], because: None }],
        manual: vec![],
        reboot: false,
        needs: None,
    }
}

fn lesson(steps: Vec<Step>) -> Arc<Lesson> {
    Arc::new(Lesson {
        id: "tale".into(),
        title: "Tale".into(),
        summary: String::new(),
        tracks: vec![],
        accounts: vec![],
        author: None,
        needs: None,
        clean_up: Vec::new(),
        parameters: vec![],
        steps,
        seal: None,
    })
}

fn at(now: u64) -> Moment {
    Moment { now, boot: "first".into() }
}

fn pass() -> Verdict {
    Verdict::pass(Evidence::file("/etc/passwd", "there"))
}

fn fail() -> Verdict {
    Verdict::fail("an account", "none", Evidence::file("/etc/passwd", "not there"))
}

fn shown(effects: &[Effect]) -> usize {
    effects.iter().filter(|effect| matches!(effect, Effect::Show(_))).count()
}

fn ran(line: &str) -> Event {
    Event::Ended(CommandFact { line: line.into(), status: Some(0), output: String::new(), account: None })
}

fn judged(step: &str, verdicts: Vec<Verdict>) -> Event {
    Event::Judged { step: step.into(), verdicts, at: at(2), asked: false }
}

fn opened(steps: Vec<Step>) -> Session {
    let mut session = Session::new(lesson(steps), None);
    session.handle(Event::Opened { at: at(1), fresh: true });
    session
}

#[test]
fn a_fresh_lab_welcomes_and_shows_the_first_step() {
    let mut session = Session::new(lesson(vec![step("one", vec![goal("a")])]), None);
    let effects = session.handle(Event::Opened { at: at(1), fresh: true });
    assert!(matches!(
        effects.as_slice(),
        [Effect::Show(Show::Welcome { .. }), Effect::ShowStep, Effect::Save, Effect::Survey]
    ));
}

#[test]
fn one_step_begun_anew_is_told_as_that_and_the_whole_lesson_as_that() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    for (word, told) in [(":reset", Note::StepAnew), (":reset all", Note::Reset)] {
        let effects = session.handle(Event::Line(word.into()));
        assert!(effects.contains(&Effect::Show(Show::Note(told))), "{word}: {effects:?}");
    }
}

#[test]
fn a_finished_step_moves_on_and_the_next_one_is_looked_at() {
    let mut session = opened(vec![step("one", vec![goal("a")]), step("two", vec![goal("b")])]);
    session.handle(Event::Line("useradd a".into()));
    assert_eq!(session.handle(ran("useradd a")), vec![Effect::Judge { asked: false }]);
    let effects = session.handle(judged("one", vec![pass()]));
    assert!(matches!(&effects[0], Effect::Show(Show::Changed { green: 1, of: 1, .. })));
    assert_eq!(
        effects[1..],
        [
            Effect::ShowDone { step: 0, typed: Some("useradd a".into()) },
            Effect::Save,
            Effect::ShowStep,
            Effect::Judge { asked: false }
        ]
    );
    assert_eq!(session.record().step.as_deref(), Some("two"));
}

#[test]
fn a_line_of_a_nested_shell_that_is_still_under_way_is_not_mistaken_for_the_one_before_it() {
    let steps = vec![step("one", vec![goal("a")]), step("two", vec![goal("b")])];
    let line = |line: &str| CommandFact { line: line.into(), status: None, output: String::new(), account: None };
    let typed = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::ShowDone { typed, .. } => Some(typed),
            _ => None,
        })
    };
    let mut session = opened(steps.clone());
    session.handle(Event::NestedPrompt(vec![line("mkdir /wrong")]));
    session.handle(judged("one", vec![fail()]));
    let stirred = Event::Stirred { step: "one".into(), verdicts: vec![Some(pass())], at: at(3) };
    assert_eq!(typed(session.handle(stirred.clone())), Some(None));
    // It is told when its shell says that it is over, and once.
    let late = Effect::ShowOtherWay { step: 0, typed: "useradd -m a".into() };
    assert!(session.handle(Event::NestedPrompt(vec![line("useradd -m a")])).contains(&late));
    let next = session.handle(Event::NestedPrompt(vec![line("true")]));
    assert!(!next.iter().any(|effect| matches!(effect, Effect::ShowOtherWay { .. })), "{next:?}");
    let mut session = opened(steps.clone());
    session.handle(stirred);
    let own = session.handle(Event::Line("ls".into()));
    assert!(!own.iter().any(|effect| matches!(effect, Effect::ShowOtherWay { .. })), "{own:?}");
    let nested = session.handle(Event::NestedPrompt(vec![line("useradd -m a")]));
    assert!(!nested.iter().any(|effect| matches!(effect, Effect::ShowOtherWay { .. })), "{nested:?}");
    let mut session = opened(steps);
    session.handle(Event::NestedPrompt(vec![line("useradd a")]));
    assert_eq!(typed(session.handle(judged("one", vec![pass()]))), Some(Some("useradd a".into())));
}

#[test]
fn what_a_step_was_judged_with_is_kept_when_it_is_done() {
    let mut session = opened(vec![step("one", vec![goal("a")]), step("two", vec![goal("b")])]);
    session.handle(ran("useradd a"));
    session.handle(judged("one", vec![fail()]));
    assert_eq!(session.judged_with(), None);
    session.handle(judged("one", vec![pass()]));
    session.handle(ran("useradd b"));
    let (step, context) = session.judged_with().unwrap();
    let lines: Vec<&str> = context.commands.iter().map(|command| command.line.as_str()).collect();
    assert_eq!((step, context.step_began, lines), ("one", 1, vec!["useradd a"]));
}

#[test]
fn a_step_that_was_done_by_what_was_typed_says_so_too_when_it_is_read_again() {
    let seen = Goal { once: true, ..goal("a") };
    let mut lab = opened(vec![step("one", vec![seen]), step("two", vec![goal("b")])]);
    lab.handle(judged("one", vec![pass()]));
    lab.handle(Event::Line(":step 1".into()));
    let said = Effect::Show(Show::Note(Note::DoneBefore { open: Some(2) }));
    assert!(lab.handle(judged("one", vec![fail()])).contains(&said));
    assert!(!lab.handle(judged("one", vec![fail()])).contains(&said), "once");
}

#[test]
fn a_step_that_was_done_can_be_read_again_and_does_not_move_on_by_itself() {
    let steps = || ["one", "two", "three"].map(|id| step(id, vec![goal(id)])).to_vec();
    let mut lab = opened(steps());
    lab.handle(judged("one", vec![pass()]));
    lab.handle(judged("two", vec![pass()]));
    lab.handle(Event::Line(":step 1".into()));
    let said = Effect::Show(Show::Note(Note::DoneBefore { open: Some(3) }));
    assert_eq!(lab.handle(judged("one", vec![pass()])), [said]);
    assert_eq!(lab.handle(judged("one", vec![pass()])), [], "said once");
    assert_eq!(lab.progress(), Some(Progress { step: 1, of: 3 }));
    // The same after the lab was left there.
    let mut lab = Session::new(lesson(steps()), Some(lab.record().clone()));
    lab.handle(Event::Opened { at: at(9), fresh: false });
    lab.handle(judged("one", vec![pass()]));
    assert_eq!(lab.progress(), Some(Progress { step: 1, of: 3 }));
    lab.handle(Event::Line(":step 3".into()));
    lab.handle(Event::Line(":back".into()));
    lab.handle(judged("two", vec![pass()]));
    assert_eq!(lab.progress(), Some(Progress { step: 2, of: 3 }));
    // Where something is red again, there is something to do, and the lesson moves on as ever.
    lab.handle(Event::Line(":step 1".into()));
    lab.handle(judged("one", vec![fail()]));
    lab.handle(judged("one", vec![pass()]));
    assert_eq!(lab.progress(), Some(Progress { step: 2, of: 3 }));
}

#[test]
fn a_step_that_the_lesson_does_not_have_is_said_to_be_none() {
    let mut lab = opened(vec![step("one", vec![goal("a")])]);
    let said = Effect::Show(Show::Note(Note::NoSuchStep { number: 25, of: 1 }));
    assert_eq!(lab.handle(Event::Line(":step 25".into())), [said]);
}

#[test]
fn an_answer_that_comes_too_late_is_thrown_away() {
    let mut session = opened(vec![step("one", vec![goal("a")]), step("two", vec![goal("b")])]);
    session.handle(judged("one", vec![pass()]));
    assert_eq!(session.handle(judged("one", vec![pass()])), vec![]);
    assert_eq!(session.progress(), Some(Progress { step: 2, of: 2 }));
}

#[test]
fn an_answer_about_some_of_a_steps_goals_finishes_no_step() {
    let steps = || vec![step("one", vec![goal("a"), goal("b")]), step("two", vec![goal("c")])];
    let mut session = opened(steps());
    session.handle(judged("one", vec![pass()]));
    assert_eq!(session.progress(), Some(Progress { step: 1, of: 2 }));
    assert!(matches!(&session.goal_lines()[1].state, GoalState::Judged(Verdict::Unknown { .. })));
    let mut session = opened(steps());
    session.handle(judged("one", vec![fail(), fail()]));
    session.handle(Event::Stirred { step: "one".into(), verdicts: vec![Some(pass())], at: at(3) });
    assert_eq!(session.progress(), Some(Progress { step: 1, of: 2 }));
    assert!(matches!(&session.goal_lines()[1].state, GoalState::Judged(Verdict::Fail { .. })));
}

#[test]
fn a_red_goal_that_a_command_made_red_in_another_way_is_said_once() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    let other = || Verdict::fail("an account", "an account with another name", Evidence::file("/etc/passwd", "b"));
    session.handle(judged("one", vec![fail()]));
    session.handle(ran("useradd b"));
    assert_eq!(shown(&session.handle(judged("one", vec![other()]))), 1);
    session.handle(ran("true"));
    assert_eq!(shown(&session.handle(judged("one", vec![other()]))), 0);
    // What the clock sees is a machine on its way.
    session.handle(Event::LookAgain);
    assert_eq!(shown(&session.handle(judged("one", vec![fail()]))), 0);
    // The clock saw it first, and the command's end says it all the same.
    session.handle(ran("userdel b"));
    assert_eq!(shown(&session.handle(judged("one", vec![fail()]))), 1);
}

#[test]
fn a_red_goal_is_not_preached_about_and_a_lost_one_is_said() {
    let mut session = opened(vec![step("one", vec![goal("a"), goal("b")])]);
    assert_eq!(shown(&session.handle(judged("one", vec![fail(), fail()]))), 0);
    session.handle(judged("one", vec![pass(), fail()]));
    let effects = session.handle(judged("one", vec![fail(), fail()]));
    let [Effect::Show(Show::Changed { changes, green: 0, of: 2 }), Effect::Save, ..] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert!(changes[0].lost);
}

#[test]
fn unknown_is_neither_green_nor_the_end_of_a_step() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    let effects = session.handle(judged("one", vec![Verdict::unknown("no sudo")]));
    assert!(matches!(&effects[0], Effect::Show(Show::Changed { green: 0, of: 1, .. })));
    assert_eq!(shown(&session.handle(judged("one", vec![Verdict::unknown("no sudo")]))), 0, "said once");
    assert_eq!(session.progress(), Some(Progress { step: 1, of: 1 }));
}

#[test]
fn a_shell_that_is_gone_while_it_is_looked_at_is_looked_at_again_before_anything_is_said_of_it() {
    let shell = |id: &str| Goal { check: Check::Shell(Default::default()), ..goal(id) };
    let mut lab = opened(vec![step("one", vec![shell("in-front")])]);
    let gone = || judged("one", vec![Verdict::unknown("the shell in front: there is no such thing")]);
    lab.handle(ran("sudo true"));
    let effects = lab.handle(gone());
    assert_eq!(shown(&effects), 0, "{effects:?}");
    assert!(matches!(effects[..], [Effect::LookAgainIn(millis)] if millis < 300), "{effects:?}");
    assert_eq!(lab.handle(Event::LookAgain), [Effect::Judge { asked: false }]);
    let effects = lab.handle(judged("one", vec![fail()]));
    assert_eq!(shown(&effects), 0, "it is red as before, and nothing was said in between: {effects:?}");
    // Where it stays unknown it is said.
    assert_eq!(shown(&lab.handle(gone())), 0);
    assert_eq!(shown(&lab.handle(gone())), 1);
    // A goal that was green makes no step done that nobody can see.
    let mut lab = opened(vec![step("one", vec![shell("in-front"), goal("b")])]);
    lab.handle(judged("one", vec![pass(), fail()]));
    let effects = lab.handle(judged("one", vec![Verdict::unknown("gone"), pass()]));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::ShowDone { .. })), "{effects:?}");
}

#[test]
fn what_needs_to_be_seen_once_stays_green_within_its_step_even_after_a_restart() {
    let once = Goal { once: true, ..goal("seen") };
    let steps = vec![step("one", vec![once, goal("b")])];
    let mut session = opened(steps.clone());
    session.handle(judged("one", vec![pass(), fail()]));
    assert_eq!(shown(&session.handle(judged("one", vec![fail(), fail()]))), 0);
    let mut again = Session::new(lesson(steps), Some(session.record().clone()));
    again.handle(Event::Opened { at: at(9), fresh: false });
    let effects = again.handle(judged("one", vec![fail(), pass()]));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ShowDone { .. })), "{effects:?}");
}

#[test]
fn a_step_that_wants_a_reboot_is_only_predicted_before_it_and_proven_after() {
    let steps = vec![Step { reboot: true, ..step("last", vec![goal("a")]) }];
    let mut session = opened(steps.clone());
    let effects = session.handle(judged("last", vec![pass()]));
    assert_eq!(effects, [Effect::Show(Show::Note(Note::Predicted)), Effect::Save], "foretold, and nothing green");
    assert_eq!(session.handle(judged("last", vec![pass()])), vec![], "said once");
    assert!(session.progress().is_some());
    let mut after = Session::new(lesson(steps), Some(session.record().clone()));
    let later = Moment { now: 50, boot: "second".into() };
    let opening = after.handle(Event::Opened { at: later.clone(), fresh: false });
    assert!(opening.contains(&Effect::Show(Show::Note(Note::Rebooted))));
    let judged = Event::Judged { step: "last".into(), verdicts: vec![pass()], at: later, asked: false };
    let effects = after.handle(judged);
    assert!(
        effects.iter().any(|e| matches!(e, Effect::Show(Show::LessonDone { proven: Some(true), .. }))),
        "{effects:?}"
    );
}

#[test]
fn after_a_reboot_the_lab_looks_again_until_the_machine_is_up() {
    let steps = vec![Step { reboot: true, ..step("last", vec![goal("a")]) }];
    let first = opened(steps.clone());
    let mut after = Session::new(lesson(steps), Some(first.record().clone()));
    let later = Moment { now: 50, boot: "second".into() };
    after.handle(Event::Opened { at: later.clone(), fresh: false });
    let judged = Event::Judged { step: "last".into(), verdicts: vec![fail()], at: later, asked: false };
    let effects = after.handle(judged);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::LookAgainIn(_))), "{effects:?}");
}

#[test]
fn nothing_is_judged_while_playing() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    session.handle(Event::Line(":play".into()));
    assert_eq!(session.handle(ran("rm -rf x")), vec![]);
    assert_eq!(session.handle(judged("one", vec![pass()])), vec![], "a look that was under way");
    let effects = session.handle(Event::Line(":play".into()));
    assert!(effects.contains(&Effect::Judge { asked: false }));
}

#[test]
fn an_unknown_word_never_reaches_bash() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    for line in [":hnit", ":rm -rf /", ":help!"] {
        let effects = session.handle(Event::Line(line.into()));
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Run(_))), "{line}");
    }
}

#[test]
fn each_word_is_answered_with_what_it_promises() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    let mut said = |word: &str| session.handle(Event::Line(word.into()));
    let Some(Effect::Show(Show::Help(words))) = said(":help").pop() else { panic!("no help") };
    let words: Vec<_> = words.iter().map(|help| help.word.as_str()).collect();
    for word in "help step check hint solution man why diff play skip back reset status quit".split(' ') {
        assert!(words.contains(&format!(":{word}").as_str()), "{word}: {words:?}");
    }
    assert_eq!(said(":solution"), [Effect::ShowSolution { step: 0 }]);
    assert_eq!(said(":man mkdir -p"), [Effect::ShowManual(vec!["mkdir".into(), "-p".into()])]);
    assert_eq!(said(":diff"), [Effect::Show(Show::Note(Note::NothingTyped))]);
    assert!(said("useradd lisa").contains(&Effect::Run("useradd lisa".into())));
    assert_eq!(said(":diff"), [Effect::ShowDifference("useradd lisa".into())]);
    assert!(said(":quit").contains(&Effect::Leave));
}

#[test]
fn hints_grow_and_end() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    for number in 1..=3 {
        let effects = session.handle(Event::Line(":hint".into()));
        assert!(matches!(&effects[0], Effect::Show(Show::Hint { number: n, of: 3, .. }) if *n == number));
    }
    assert_eq!(session.handle(Event::Line(":hint".into())), vec![Effect::Show(Show::Note(Note::NoMoreHints))]);
}

#[test]
fn skipping_shows_the_answer_and_is_remembered() {
    let mut session = opened(vec![step("one", vec![goal("a")]), step("two", vec![goal("b")])]);
    let effects = session.handle(Event::Line(":skip".into()));
    assert!(
        effects.contains(&Effect::ShowSolution { step: 0 }),
        "the answer of the step that is left, not of the next"
    );
    assert!(session.record().skipped.contains("one"));
}

#[test]
fn a_machine_behind_or_ahead_of_the_record_is_noticed() {
    let lasting = |id: &str| Goal { lasting: true, ..goal(id) };
    let steps = vec![step("one", vec![lasting("a")]), step("two", vec![lasting("b")]), step("three", vec![goal("c")])];
    let mut session = opened(steps.clone());
    let effects = session.handle(Event::Surveyed(vec![vec![pass()], vec![pass()], vec![fail()]]));
    assert!(matches!(&effects[..], [Effect::Show(Show::Note(Note::MachineAhead { step: 3, .. }))]), "{effects:?}");
    session.handle(judged("one", vec![pass()]));
    session.handle(judged("two", vec![pass()]));
    let mut again = Session::new(lesson(steps), Some(session.record().clone()));
    let effects = again.handle(Event::Surveyed(vec![vec![pass()], vec![fail()], vec![fail()]]));
    assert!(matches!(&effects[..], [Effect::Show(Show::Note(Note::MachineBehind { step: 2, .. }))]), "{effects:?}");
}

#[test]
fn what_is_kept_of_commands_is_bounded() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    for number in 0..1000 {
        let output = "ü".repeat(100_000);
        session.handle(Event::Ended(CommandFact {
            line: format!("c{number}"),
            status: Some(0),
            output,
            account: None,
        }));
    }
    let kept: usize = session.context().commands.iter().map(|command| command.output.len()).sum();
    assert!(kept <= 16 * 16 * 1024, "{kept}");
    assert_eq!(session.context().commands.last().map(|command| command.line.as_str()), Some("c999"));
}

#[test]
fn red_goals_are_looked_at_again_ever_less_often_and_not_for_ever() {
    let mut session = opened(vec![step("one", vec![goal("a")])]);
    session.handle(ran("systemctl --user start slow"));
    let mut waits = Vec::new();
    let mut effects = session.handle(judged("one", vec![fail()]));
    while let [Effect::LookAgainIn(wait)] = effects.as_slice() {
        waits.push(*wait);
        assert_eq!(session.handle(judged("one", vec![fail()])), vec![], "one look is under way already");
        assert_eq!(session.handle(Event::LookAgain), vec![Effect::Judge { asked: false }]);
        effects = session.handle(judged("one", vec![fail()]));
        assert!(waits.len() < 20, "for ever");
    }
    assert!(waits.len() > 3 && waits.is_sorted(), "{waits:?}");
}

#[test]
fn what_is_told_is_not_looked_at_by_the_clock_and_what_cannot_be_watched_is_as_long_as_it_is_red() {
    let mut session = opened(vec![step("one", vec![goal("a"), goal("b")])]);
    session.handle(Event::Watched(vec![Notice::Told, Notice::Told]));
    session.handle(Event::LookAgain);
    session.handle(ran("true"));
    assert_eq!(session.handle(judged("one", vec![fail(), fail()])), vec![], "nobody looks before something stirs");
    let lost = vec![Notice::Told, Notice::Polls(Some("no more watches".into()))];
    let mut effects = session.handle(Event::Watched(lost));
    for _ in 0..30 {
        assert!(matches!(effects.as_slice(), [Effect::LookAgainIn(_)]), "{effects:?}");
        session.handle(Event::LookAgain);
        effects = session.handle(judged("one", vec![fail(), fail()]));
    }
    assert_eq!(effects, vec![Effect::LookAgainIn(10_000)]);
    let status = session.handle(Event::Line(":status".into()));
    let [Effect::Show(Show::Status { polled, .. })] = status.as_slice() else { panic!("{status:?}") };
    assert_eq!(polled, &["no more watches"]);
    session.handle(Event::LookAgain);
    let effects = session.handle(judged("one", vec![fail(), pass()]));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::LookAgainIn(_))), "it is green: {effects:?}");
}

#[test]
fn a_stir_turns_the_goals_that_it_concerns_and_leaves_the_others() {
    let mut session = opened(vec![step("one", vec![goal("a"), goal("b")]), step("two", vec![goal("c")])]);
    session.handle(judged("one", vec![fail(), fail()]));
    let stirred = |step: &str, verdicts| Event::Stirred { step: step.into(), verdicts, at: at(3) };
    let effects = session.handle(stirred("one", vec![None, Some(pass())]));
    let [Effect::Show(Show::Changed { changes, green: 1, of: 2 }), ..] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(changes.len(), 1);
    assert_eq!(session.handle(stirred("one", vec![None, Some(pass())])), vec![], "it is said once");
    assert_eq!(session.handle(stirred("two", vec![Some(pass())])), vec![], "a stir of another step");
    session.handle(stirred("one", vec![Some(pass()), None]));
    assert_eq!(session.step().map(|step| step.id.as_str()), Some("two"));
    // Nothing is judged while playing, and an unjudged goal is not taken for green.
    session.handle(Event::Line(":play".into()));
    assert_eq!(session.handle(stirred("two", vec![Some(pass())])), vec![]);
}
