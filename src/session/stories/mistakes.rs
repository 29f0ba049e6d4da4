//! Stories of mistakes: what is explained, how often, and what is left unsaid.

use super::*;
use crate::mistakes::{Confidence, Diagnosis};

fn diagnosis(id: &str) -> Diagnosis {
    Diagnosis {
        id: id.into(),
        title: id.to_uppercase(),
        confidence: Confidence::Certain,
        cause: "Because.".into(),
        fix: vec!["mend it".into()],
        evidence: vec![],
        unseen: vec![],
        manual: None,
        link: None,
        tell_apart: vec![],
        half_done: false,
    }
}

fn failed(line: &str, status: i32, output: &str) -> CommandFact {
    CommandFact { line: line.into(), status: Some(status), output: output.into(), account: None }
}

fn at_work() -> Session {
    let mut session = Session::new(lesson(vec![step("one", vec![goal("bob")]), step("two", vec![goal("eve")])]), None);
    session.handle(Event::Opened { at: at(1), fresh: true });
    session.handle(judged("one", fail()));
    session
}

fn judged(step: &str, verdict: Verdict) -> Event {
    Event::Judged { step: step.into(), verdicts: vec![verdict], at: at(2), asked: false }
}

fn fails(session: &mut Session, found: Vec<Diagnosis>) -> Vec<Effect> {
    let command = failed("podman ps", 125, "Error: x");
    let effects = session.handle(Event::Ended(command.clone()));
    assert_eq!(effects[0], Effect::Diagnose(command.clone()));
    session.handle(Event::Diagnosed { command, found })
}

#[test]
fn a_mistake_is_told_once_a_step_and_why_tells_all_of_it_below_the_goals() {
    let mut session = at_work();
    let first = fails(&mut session, vec![diagnosis("a")]);
    assert!(matches!(&first[..], [Effect::Show(Show::Diagnosis(told))] if !told.in_full), "{first:?}");
    let again = fails(&mut session, vec![diagnosis("a")]);
    assert_eq!(again, [Effect::Show(Show::SameMistake { title: "A".into() })]);
    let why = session.handle(Event::Line(":why".into()));
    assert!(
        matches!(&why[..], [Effect::Show(Show::Why { .. }), Effect::Show(Show::Diagnosis(told))] if told.in_full),
        "{why:?}"
    );
    session.handle(judged("one", pass()));
    let next = fails(&mut session, vec![diagnosis("a")]);
    assert!(matches!(&next[..], [Effect::Show(Show::Diagnosis(_))]), "{next:?}");
}

#[test]
fn an_unknown_reason_waits_for_the_goals_and_is_not_said_where_one_of_them_wanted_it() {
    let mut session = at_work();
    assert_eq!(fails(&mut session, vec![]), []);
    let effects = session.handle(judged("one", fail()));
    assert!(matches!(&effects[0], Effect::ShowUnexplained { in_full: false, .. }), "{effects:?}");
    let why = session.handle(Event::Line(":why".into()));
    assert!(matches!(&why[1], Effect::ShowUnexplained { in_full: true, .. }), "{why:?}");

    let mut wanting = goal("seen");
    wanting.check =
        Check::Command(checkers::checks::command::Command { run: "podman ps".into(), ..Default::default() });
    let mut session = Session::new(lesson(vec![step("one", vec![wanting, goal("bob")])]), None);
    session.handle(Event::Opened { at: at(1), fresh: true });
    fails(&mut session, vec![]);
    let verdicts = vec![pass(), fail()];
    let effects = session.handle(Event::Judged { step: "one".into(), verdicts, at: at(2), asked: false });
    assert!(!effects.iter().any(|one| matches!(one, Effect::ShowUnexplained { .. })), "{effects:?}");
}

#[test]
fn what_is_an_answer_silent_or_ended_by_the_learner_is_not_preached_about() {
    let mut session = at_work();
    for (line, status, output) in [
        ("false", 1, ""),
        ("grep x y", 1, ""),
        ("diff a b", 1, "1c1"),
        ("systemctl --user is-active x.service", 3, "inactive"),
        ("systemctl status x", 3, "● x"),
        ("sleep 100", 130, "^C"),
        ("cat", 131, "^\\Quit (core dumped)"),
        ("vi x", 148, "[1]+  Stopped                 vi x"),
        ("test -e x", 1, ""),
    ] {
        let effects = session.handle(Event::Ended(failed(line, status, output)));
        assert!(!effects.iter().any(|one| matches!(one, Effect::Diagnose(_))), "{line}: {effects:?}");
    }
    session.handle(Event::Line(":play".into()));
    assert_eq!(session.handle(Event::Ended(failed("podman ps", 125, "Error"))), []);
}

#[test]
fn a_question_about_a_unit_that_got_no_answer_is_a_failing() {
    let mut session = at_work();
    for (line, status, output) in [
        (
            "systemctl --user status",
            1,
            "Failed to connect to user scope bus via local transport: Operation not permitted",
        ),
        ("systemctl --user status root-container", 4, "Unit root-container.service could not be found.\r"),
        ("systemctl --user is-enabled x", 1, "Failed to get unit file state for x.service: No such file or directory"),
    ] {
        let effects = session.handle(Event::Ended(failed(line, status, output)));
        assert!(effects.iter().any(|one| matches!(one, Effect::Diagnose(_))), "{line}: {effects:?}");
    }
}

#[test]
fn a_nested_shell_is_told_what_a_message_says_and_not_again_when_it_ends() {
    let mut session = at_work();
    let nested = CommandFact { status: None, ..failed("podman ps", 0, "Error: x") };
    let effects = session.handle(Event::NestedPrompt(vec![nested.clone()]));
    assert_eq!(effects[0], Effect::Diagnose(nested.clone()));
    let quiet = CommandFact { output: "all is well".into(), ..nested.clone() };
    assert_eq!(session.handle(Event::Diagnosed { command: quiet, found: vec![] }), []);
    let told = session.handle(Event::Diagnosed { command: nested, found: vec![diagnosis("a")] });
    assert_eq!(shown(&told), 1);
    let effects = session.handle(Event::Ended(failed("su conuser1", 1, "Error: x")));
    assert!(!effects.iter().any(|one| matches!(one, Effect::Diagnose(_))), "{effects:?}");
}

#[test]
fn a_complaint_in_a_nested_shell_that_nobody_knows_is_said_once_after_the_goals() {
    let complaint = CommandFact { status: None, ..failed("podman frob", 0, "Error: something nobody knows") };
    let mut session = at_work();
    let say = |session: &mut Session| {
        session.handle(Event::NestedPrompt(vec![complaint.clone()]));
        assert_eq!(session.handle(Event::Diagnosed { command: complaint.clone(), found: vec![] }), []);
        session.handle(judged("one", fail()))
    };
    let first = say(&mut session);
    assert!(matches!(&first[0], Effect::ShowUnexplained { in_full: false, .. }), "{first:?}");
    let again = say(&mut session);
    assert!(!again.iter().any(|one| matches!(one, Effect::ShowUnexplained { .. })), "{again:?}");
    let why = session.handle(Event::Asked(Word::Why));
    assert!(matches!(&why[1], Effect::ShowUnexplained { in_full: true, .. }), "{why:?}");
}

#[test]
fn several_that_may_be_it_are_told_in_a_nested_shell_where_the_program_complains() {
    let possible = || vec![Diagnosis { confidence: Confidence::Possible, ..diagnosis("a") }];
    let mut session = at_work();
    for (output, told) in [("x was x", 0), ("podman: cannot do it", 1)] {
        let command = CommandFact { status: None, ..failed("podman ps", 0, output) };
        assert_eq!(shown(&session.handle(Event::Diagnosed { command, found: possible() })), told, "{output}");
    }
}

#[test]
fn what_may_be_work_under_way_is_told_when_one_more_command_has_left_it_so_or_when_somebody_asks() {
    let look = |session: &mut Session, why, half_done| {
        let found = vec![Diagnosis { half_done, ..diagnosis("half") }];
        shown(&session.handle(Event::DiagnosedSilent { step: "one".into(), why, found }))
    };
    let begun = || {
        let mut session = at_work();
        session.handle(Event::DiagnosedSilent { step: "one".into(), why: Silent::Before, found: vec![] });
        session
    };
    let mut session = begun();
    assert_eq!(look(&mut session, Silent::After, true), 0, "the file was changed, and daemon-reload may be typed next");
    assert_eq!(look(&mut session, Silent::After, true), 0, "the machine stirred, and nothing was typed");
    session.handle(ran("ls"));
    assert_eq!(look(&mut session, Silent::After, true), 1, "something else was typed");
    let mut session = begun();
    assert_eq!(look(&mut session, Silent::After, true), 0);
    assert_eq!(look(&mut session, Silent::Asked, true), 1, "a hint was asked for");
    // It was mended in between: then it begins anew.
    let mut session = begun();
    look(&mut session, Silent::After, true);
    session.handle(ran("systemctl --user daemon-reload"));
    session.handle(Event::DiagnosedSilent { step: "one".into(), why: Silent::After, found: vec![] });
    session.handle(ran("sed -i x"));
    assert_eq!(look(&mut session, Silent::After, true), 0);
    assert_eq!(look(&mut begun(), Silent::After, false), 1, "what is wrong by itself is told at once");
}

#[test]
fn a_silent_mistake_is_one_that_was_not_there_when_the_step_began() {
    let mut lesson = Arc::unwrap_or_clone(lesson(vec![step("one", vec![goal("bob")])]));
    let role = crate::lesson::AccountRole::Created;
    lesson.accounts = vec![crate::lesson::Declared { name: "bob".into(), role, password: None }];
    let mut session = Session::new(Arc::new(lesson), None);
    session.handle(Event::Opened { at: at(1), fresh: true });
    let effects = session.handle(judged("one", fail()));
    assert!(effects.contains(&Effect::DiagnoseSilent(Silent::Before)), "{effects:?}");
    let found = |session: &mut Session, why, ids: &[&str]| {
        let found = ids.iter().map(|id| diagnosis(id)).collect();
        session.handle(Event::DiagnosedSilent { step: "one".into(), why, found })
    };
    assert_eq!(found(&mut session, Silent::Before, &["old"]), []);
    session.handle(ran("ls"));
    let effects = session.handle(judged("one", fail()));
    assert!(effects.contains(&Effect::DiagnoseSilent(Silent::After)), "{effects:?}");
    assert_eq!(found(&mut session, Silent::After, &["old"]), []);
    assert_eq!(shown(&found(&mut session, Silent::After, &["old", "new"])), 1);
    assert_eq!(found(&mut session, Silent::After, &["old", "new"]), []);
    assert_eq!(shown(&found(&mut session, Silent::Asked, &["old", "new"])), 1);
    let late = Event::DiagnosedSilent { step: "two".into(), why: Silent::Asked, found: vec![diagnosis("x")] };
    assert_eq!(session.handle(late), []);
    let hint = session.handle(Event::Line(":hint".into()));
    assert!(hint.contains(&Effect::DiagnoseSilent(Silent::Asked)), "{hint:?}");
}

/// The ids that whoever watches the lab is shown.
fn watched(session: &Session) -> Vec<String> {
    session.pane().diagnoses.into_iter().map(|one| one.id).collect()
}

fn succeeds(session: &mut Session, line: &str) -> Vec<Effect> {
    session.handle(Event::Ended(failed(line, 0, "well")))
}

#[test]
fn a_watcher_is_shown_a_mistake_until_the_same_goes_well_and_why_still_tells_of_it() {
    let mut session = at_work();
    fails(&mut session, vec![diagnosis("a"), diagnosis("b"), diagnosis("c")]);
    assert_eq!(watched(&session), ["a", "b"]);
    let looking = succeeds(&mut session, "ls -l");
    let command = failed("podman ps", 125, "Error: x");
    assert!(looking.contains(&Effect::DiagnoseAgain(command)), "{looking:?}");
    assert_eq!(watched(&session), ["a", "b"], "a look round mends nothing");
    let mended = succeeds(&mut session, "sudo podman --log-level=info ps -a");
    assert!(!mended.iter().any(|one| matches!(one, Effect::DiagnoseAgain(_))), "{mended:?}");
    assert_eq!(watched(&session), Vec::<String>::new());
    let why = session.handle(Event::Line(":why".into()));
    assert!(matches!(&why[1], Effect::Show(Show::Diagnosis(_))), "{why:?}");
}

#[test]
fn a_mistake_whose_facts_hold_no_more_is_taken_away_from_the_watcher() {
    let mut session = at_work();
    fails(&mut session, vec![diagnosis("a"), diagnosis("b")]);
    let again = |session: &mut Session, line: &str, ids: &[&str]| {
        let found = ids.iter().map(|id| diagnosis(id)).collect();
        session.handle(Event::DiagnosedAgain { command: failed(line, 125, "Error: x"), found })
    };
    assert_eq!(again(&mut session, "podman ps", &["b"]), []);
    assert_eq!(watched(&session), ["b"]);
    again(&mut session, "an older one", &[]);
    assert_eq!(watched(&session), ["b"], "an answer about another command is none");
    again(&mut session, "podman ps", &[]);
    assert_eq!(watched(&session), Vec::<String>::new());
}

#[test]
fn in_a_nested_shell_what_goes_well_is_what_does_not_complain() {
    let mut session = at_work();
    fails(&mut session, vec![diagnosis("a")]);
    let nested = |session: &mut Session, output: &str| {
        let command = CommandFact { status: None, ..failed("podman ps", 0, output) };
        session.handle(Event::NestedPrompt(vec![command.clone()]));
        session.handle(Event::Diagnosed { command, found: vec![] });
    };
    nested(&mut session, "Error: something else");
    assert_eq!(watched(&session), ["a"]);
    nested(&mut session, "CONTAINER ID  IMAGE");
    assert_eq!(watched(&session), Vec::<String>::new());
}

#[test]
fn a_goal_that_turns_has_the_mistake_looked_at_again_and_the_next_step_begins_without_it() {
    let mut session =
        Session::new(lesson(vec![step("one", vec![goal("a"), goal("b")]), step("two", vec![goal("c")])]), None);
    session.handle(Event::Opened { at: at(1), fresh: true });
    let judge = |session: &mut Session, verdicts| {
        session.handle(Event::Judged { step: "one".into(), verdicts, at: at(2), asked: false })
    };
    judge(&mut session, vec![fail(), fail()]);
    fails(&mut session, vec![diagnosis("a")]);
    let same = judge(&mut session, vec![fail(), fail()]);
    assert!(!same.iter().any(|one| matches!(one, Effect::DiagnoseAgain(_))), "{same:?}");
    let turned = judge(&mut session, vec![pass(), fail()]);
    assert!(turned.iter().any(|one| matches!(one, Effect::DiagnoseAgain(_))), "{turned:?}");
    assert_eq!(watched(&session), ["a"]);
    judge(&mut session, vec![pass(), pass()]);
    assert_eq!(watched(&session), Vec::<String>::new());
}

#[test]
fn a_silent_mistake_is_shown_as_long_as_it_is_found() {
    let mut session = at_work();
    let found = |session: &mut Session, why, ids: &[&str]| {
        let found = ids.iter().map(|id| diagnosis(id)).collect();
        session.handle(Event::DiagnosedSilent { step: "one".into(), why, found });
    };
    found(&mut session, Silent::Before, &[]);
    found(&mut session, Silent::After, &["a"]);
    assert_eq!(watched(&session), ["a"]);
    found(&mut session, Silent::Again, &["a", "b"]);
    assert_eq!(watched(&session), ["a"]);
    // Whoever asks why is told what is so now.
    let why = session.handle(Event::Line(":why".into()));
    assert_eq!(why, [Effect::DiagnoseSilent(Silent::Why)]);
    found(&mut session, Silent::Again, &["b"]);
    assert_eq!(watched(&session), Vec::<String>::new());
}
