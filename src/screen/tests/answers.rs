//! How the answers to lab words look: status, help, notes, the end of the lesson.

use insta::assert_snapshot;

use super::*;
use crate::screen::text;

#[test]
fn the_status_names_each_step_and_what_cannot_be_looked_at() {
    let steps = vec![
        ("What rootless means".into(), StepState::Done),
        ("The account".into(), StepState::Skipped),
        ("A password".into(), StepState::Current),
        ("The wrong way in".into(), StepState::Ahead),
    ];
    let show = Show::Status {
        title: "Rootless containers".into(),
        steps,
        blind: vec!["conuser1: no sudo".into()],
        polled: vec!["no more files can be watched here".into()],
    };
    assert_snapshot!(text(&show, &at(80)), @r"
    Rootless containers
    ✓  1 What rootless means
    -  2 The account (skipped)
    >  3 A password (you are here)
       4 The wrong way in
    1 of 4 steps done.

    What the lab cannot look at:
    ? conuser1: no sudo

    What the lab cannot watch, and looks at every ten seconds:
    ? no more files can be watched here
    ");
    assert_snapshot!(text(&show, &plain(80)), @r"
    Rootless containers
    [done]  1 What rootless means
    [skip]  2 The account
    [here]  3 A password
    [    ]  4 The wrong way in
    1 of 4 steps done.

    What the lab cannot look at:
    [??] conuser1: no sudo

    What the lab cannot watch, and looks at every ten seconds:
    [??] no more files can be watched here
    ");
}

#[test]
fn the_lab_words_stand_in_a_column() {
    let word = |word: &str, says: &str| WordHelp { word: word.into(), says: says.into() };
    let show = Show::Help(vec![
        word(":hint", "a nudge; each one says more"),
        word(":man PAGE WORD", "the machine's own manual"),
    ]);
    assert_snapshot!(text(&show, &at(80)), @r"
    Everything you type runs in your own bash, except the lab's words:
      :hint           a nudge; each one says more
      :man PAGE WORD  the machine's own manual
    In a shell that su, sudo or ssh opened, and in other terminals, the lab does not
    read what you type. There:
      rootless-lab step | check | hint | solution | man | why | where | status
    ");
    assert_snapshot!(text(&show, &at(20)), @r"
    Everything you type
    runs in your own
    bash, except the
    lab's words:
    :hint
      a nudge; each one
      says more
    :man PAGE WORD
      the machine's own
      manual
    In a shell that su,
    sudo or ssh opened,
    and in other
    terminals, the lab
    does not read what
    you type. There:
      rootless-lab step
      | check | hint |
      solution | man |
      why | where |
      status
    ");
}

#[test]
fn the_notes_in_their_own_words() {
    let all: String = notes("FOREIGN").iter().map(|note| text(&Show::Note(note.clone()), &at(80))).collect();
    assert_snapshot!(all, @r"
    FOREIGN is not a word of the lab. Is FOREIGN meant? :help lists them all.
    FOREIGN is not a word of the lab. :help lists them.
    There is no step 25: the lesson has steps 1 to 20.
    This step was done before, so it stays. :step 7 goes to the first that is still
    to do.
    This step was done before, as were all the others. :quit leaves.
    That was the last hint. :solution shows what to type.
    Play: try things, nothing is judged. :play again goes back to the step.
    Play is over. The step's goals are judged again.
    Skipped: FOREIGN. :back returns to it.
    This is the first step.
    That bash ended with status 3. Here is a new one: its variables and functions
    are gone, the step is the same. :quit leaves the lab.
    The machine is further than the record: it fits step 4, FOREIGN.
    :step 4 goes there; the step here can be done all the same.
    The machine is behind the record. Red again in step 2, FOREIGN:
      FOREIGN
    :step 2 goes there.
    Going on at step 7.
    The machine was rebooted since the lab ran last.
    The record of progress cannot be used: FOREIGN.
    It is kept as FOREIGN. A new one begins.
    Progress cannot be saved: FOREIGN.
    The lesson goes on; the next start will not know of it.
    Goals about other accounts stay unknown: FOREIGN.
    To let the lab look: FOREIGN
    Progress is cleared. The machine is as it was.
    The step begins anew, with its first hint. The machine is as it was.
    FOREIGN It is so now, and counts once it has stayed so for 2s.
    Some of it takes its time, up to 20 seconds. ^C brings the prompt back.
    Some of it takes its time, up to 20 seconds.
    The lab looks on, and says here what it finds.
    FOREIGN is a word for the lab's own prompt.
    Saved at step 7. The command that opened the lab goes on here.
    The lesson is done, and stays so. To begin it anew, open the lab again and type
    :reset all.
    Left at step 7. Nothing of it is saved; `:step 7` goes there next time.
    A login session of FOREIGN (exit ends it):
        FOREIGN
    There is no account FOREIGN on this machine yet. The lesson has you make it;
    :status shows in which step.
    There is no account FOREIGN on this machine. Is FOREIGN meant? :login FOREIGN
    There is no account FOREIGN on this machine. getent passwd lists those that
    there are.
    Nothing here opens a login session of FOREIGN: no sshd listens on port 22, and
    neither machinectl nor run0 is installed. Log in as FOREIGN in another terminal,
    or install openssh-server.
    This lesson makes no account. Name one: :login ACCOUNT
    The way to this shell cannot be seen: FOREIGN.
    There is nothing to compare yet: no command was typed in this step.
    This step has no man page of its own. Name one: :man systemctl daemon-reload
    ");
}

#[test]
fn nothing_is_predicted_of_a_lesson_whose_steps_were_skipped() {
    let others = || vec!["another".to_owned()];
    let end = |proven: Option<bool>, skipped| {
        text(&Show::LessonDone { title: "A tale".into(), proven, skipped, others: others() }, &at(80))
    };
    assert!(
        end(Some(true), 0).contains("with one of another.") && end(Some(true), 0).contains("rootless-lab exam list")
    );
    assert!(end(Some(true), 0).contains("Proven: ") && end(Some(false), 0).contains("Predicted: "));
    assert!(!end(None, 0).contains("reboot"), "a lesson that asks for none: {}", end(None, 0));
    assert!(
        !end(Some(false), 3).contains("Predicted") && end(Some(false), 3).contains("Not proven"),
        "{}",
        end(Some(false), 3)
    );
}

#[test]
fn a_word_is_offered_only_where_it_works() {
    let done = Show::LessonDone { title: "A tale".into(), proven: Some(true), skipped: 0, others: vec![] };
    let here = text(&done, &at(80));
    assert!(here.contains("\n:step 1 shows") && !here.contains("lab's own prompt"), "{here}");
    let elsewhere = text(&done, &at(80).elsewhere());
    assert!(elsewhere.contains("At the lab's own prompt: :step 1 shows"), "{elsewhere}");
    let skipped = Show::LessonDone { title: "A tale".into(), proven: Some(false), skipped: 2, others: vec![] };
    assert!(text(&skipped, &at(80)).contains("; :status names them."));
    assert!(text(&skipped, &at(80).elsewhere()).contains("; rootless-lab status names them."));
    let predicted = Show::Note(Note::Predicted);
    assert!(text(&predicted, &at(80)).contains("\n:skip leaves"));
    assert!(text(&predicted, &at(80).elsewhere()).contains("At the lab's own prompt :skip leaves"));
}

#[test]
fn one_step_begun_anew_is_not_all_progress() {
    let said = |note| text(&Show::Note(note), &at(80));
    assert!(said(Note::Reset).contains("Progress is cleared"));
    assert!(said(Note::StepAnew).contains("The step begins anew") && !said(Note::StepAnew).contains("rogress"));
}
