//! What was missed, and what leads there.

use insta::assert_snapshot;
use rootless_lab::exam::review::{Missed, missed};
use rootless_lab::exam::{Answer, Event, GradeKind, Head, PlacedFile};
use rootless_lab::manual::{Excerpt, From, Missing};
use rootless_lab::screen::{Look, Reviewed, Taught, bare, review};

use crate::sample::{self, at, attempt, graded, started, typed};

const LOOK: Look = Look { width: 80, colour: false, plain: false, unicode: true, elsewhere: true };

fn reviewed(missed: Missed) -> Reviewed {
    let taught =
        missed.step.clone().map(|(lesson, _)| Taught { lesson, step: Some((7, "Services without a login".into())) });
    let excerpts = vec![Excerpt {
        page: "loginctl".into(),
        section: "1".into(),
        entry: "enable-linger".into(),
        from: From::Ourselves {
            text: "Keeps an account's services running.".into(),
            why: Missing::NoMan,
            package: None,
        },
    }];
    Reviewed { missed, taught, excerpts }
}

fn unit(_: &PlacedFile) -> Option<String> {
    Some("[Service]\nExecStart=/usr/bin/podman start web\n[Install]\nWantedBy=default.target\n".into())
}

#[test]
fn a_review_names_what_was_missed_what_was_typed_the_step_the_manual_and_the_difference() {
    let exam = sample::sheet();
    let (attempt, _) = attempt(&sample::ordinary_events(&exam));
    let report = sample::ordinary();
    let tasks: Vec<Reviewed> = missed(&exam, &attempt, &report, &unit).into_iter().map(reviewed).collect();
    assert_snapshot!(review(&report, &tasks, &LOOK), @r"
    A trial, attempt trial-1
    11 of 35 points, 31 per cent. Not passed: 70 per cent are needed.

    1. An account (6 of 10)
    ✗ red      It has a home directory that belongs to it.
               wanted:  directory ~cricket of cricket
               found:   nothing there
               see:     systemctl --user status web.service
               seen in: ActiveState of web.service (bus user@2342): nothing there

    What was typed for it:
        1:00  sudo useradd -u 2342 cricket
              account/exists became green

    The lesson rootless-containers, step 7: Services without a login
      rootless-lab start rootless-containers

    In our own words: this machine has no man pages
    │ Keeps an account's services running.

    2. A service of the account (0 of 20)
    ✗ red      web.service of cricket's manager is active.
               wanted:  web.service active
               found:   inactive (dead)
               see:     systemctl --user status web.service
               seen in: ActiveState of web.service (bus user@2342): inactive (dead)
    ? unknown  cricket's services run without a login.
               Nobody could look: /var/lib/systemd/linger: permission denied
               to look: sudo for the account that looks

    No command was seen for it.

    ~cricket/.config/systemd/user/web.service, from yours (-) to a good one (+):
        [Service]
      - ExecStart=/usr/bin/podman start web
      + ExecStart=/usr/bin/podman start -a web
        [Install]
        WantedBy=default.target

    The lesson rootless-containers, step 7: Services without a login
      rootless-lab start rootless-containers

    In our own words: this machine has no man pages
    │ Keeps an account's services running.
    ");
}

#[test]
fn without_the_candidates_file_the_good_one_is_shown_whole_and_an_equal_one_is_not() {
    let exam = sample::sheet();
    let (attempt, _) = attempt(&sample::ordinary_events(&exam));
    let report = sample::ordinary();
    let text = |found: &dyn Fn(&PlacedFile) -> Option<String>| {
        let tasks: Vec<Reviewed> = missed(&exam, &attempt, &report, found).into_iter().map(reviewed).collect();
        review(&report, &tasks, &LOOK)
    };
    let none = text(&|_| None);
    assert!(
        none.contains("yours is not on record:") && none.contains("ExecStart=/usr/bin/podman start -a web"),
        "{none}"
    );
    let same = text(&|good| Some(good.text.clone()));
    assert!(same.contains("web.service is as a good one is.") && !same.contains("ExecStart"), "{same}");
}

#[test]
fn a_command_belongs_to_the_task_whose_goal_it_turned_or_whose_own_name_it_names() {
    let exam = sample::sheet();
    let turned = |goal: &str, answer| Event::Turned { goal: goal.parse().unwrap(), answer, within: None };
    let fail = || Some(sample::fail("a", "b"));
    let (attempt, _) = attempt(&[
        (at(0), Event::Started(Box::new(started(&exam)))),
        (at(1), turned("note/private", Answer::Fail)),
        (at(5), typed("ls", 0)),
        (at(10), typed("useradd cricket", 0)),
        (at(11), turned("account/exists", Answer::Pass)),
        (at(12), turned("account/home", Answer::Pass)),
        (at(20), typed("id 2342", 0)),
        (at(30), typed("userdel cricket", 0)),
        (at(31), turned("account/exists", Answer::Fail)),
        (at(40), Event::Finished { by_clock: false }),
        (at(41), graded(&exam, GradeKind::Predicted, vec![fail(), fail(), fail(), fail(), fail()])),
    ]);
    let head = Head::none();
    let basis =
        rootless_lab::exam::report::Basis { id: "trial-1", exam: &exam, attempt: &attempt, head: &head, breaks: &[] };
    let missed = missed(&exam, &attempt, &basis.report(), &|_| None);
    let lines = |nth: usize| -> Vec<(&str, usize)> {
        missed[nth].commands.iter().map(|done| (done.typed.line.as_str(), done.turned.len())).collect()
    };
    // The uid stands in the first task alone; the account's name stands in all, and tells nothing.
    assert_eq!(lines(0), [("useradd cricket", 2), ("id 2342", 0), ("userdel cricket", 1)]);
    assert_eq!((lines(1), lines(2)), (vec![], vec![]));
    assert_eq!(missed.iter().map(|it| it.goals.len()).collect::<Vec<_>>(), [2, 2, 1]);
}

#[test]
fn of_many_commands_those_that_changed_something_stay() {
    let exam = sample::sheet();
    let mut events = vec![(at(0), Event::Started(Box::new(started(&exam))))];
    for second in 1..=40 {
        events.push((at(second), typed(&format!("id 2342 # {second}"), 0)));
    }
    events
        .push((at(41), Event::Turned { goal: "account/exists".parse().unwrap(), answer: Answer::Pass, within: None }));
    events.push((at(42), Event::Finished { by_clock: false }));
    let none = vec![Some(sample::fail("a", "b")); 5];
    events.push((at(43), graded(&exam, GradeKind::Predicted, none)));
    let (attempt, _) = attempt(&events);
    let report = sample::report_of(&exam, &events);
    let missed = missed(&exam, &attempt, &report, &|_| None);
    let lines: Vec<&str> = missed[0].commands.iter().map(|done| done.typed.line.as_str()).collect();
    assert_eq!((lines.len(), missed[0].more_commands), (15, 25));
    assert_eq!((lines[0], lines[14]), ("id 2342 # 1", "id 2342 # 40"));
}

#[test]
fn nothing_of_a_candidate_reaches_the_terminal_but_text_at_any_width() {
    let exam = sample::sheet();
    let mut events = sample::ordinary_events(&exam);
    for (_, event) in &mut events {
        if let Event::Command(typed) = event {
            typed.line = sample::HOSTILE.into();
        }
    }
    let (attempt, _) = attempt(&events);
    let report = sample::hostile();
    for width in [20, 40, 80] {
        for look in [Look { width, ..LOOK }, Look { width, plain: true, ..LOOK }] {
            let hostile = |_: &PlacedFile| Some(sample::HOSTILE.to_owned());
            let tasks: Vec<Reviewed> = missed(&exam, &attempt, &report, &hostile).into_iter().map(reviewed).collect();
            let text = review(&report, &tasks, &look);
            assert!(text.chars().all(|letter| letter == '\n' || !letter.is_control()), "{text:?}");
            assert!(bare(&text).lines().all(|line| line.chars().count() <= width), "{width}: {text}");
        }
    }
}

#[test]
fn where_nothing_was_missed_that_is_said() {
    let text = review(&sample::ordinary(), &[], &LOOK);
    assert!(text.contains("Nothing was missed."), "{text}");
}
