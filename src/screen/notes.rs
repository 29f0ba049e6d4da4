//! The wording of short news: what is the case, then what to do about it.

use super::look::Look;
use super::page::Page;
use crate::session::Note;

/// Shows a note.
pub(super) fn show(page: &mut Page<'_>, note: &Note) {
    for line in wording(note, page.look) {
        page.say("", &line);
    }
}

/// What is the case; what to do about it is for a prompt.
pub(super) fn first(note: &Note, look: &Look) -> Option<String> {
    wording(note, look).into_iter().next()
}

fn wording(note: &Note, look: &Look) -> Vec<String> {
    match note {
        Note::NoSuchWord { word, nearest: Some(nearest) } => {
            vec![format!("{word} is not a word of the lab. Is {nearest} meant? :help lists them all.")]
        }
        Note::NoSuchWord { word, nearest: None } => {
            vec![format!("{word} is not a word of the lab. :help lists them.")]
        }
        Note::NoSuchStep { number, of } => vec![format!("There is no step {number}: the lesson has steps 1 to {of}.")],
        Note::DoneBefore { open: Some(open) } => {
            vec![format!("This step was done before, so it stays. :step {open} goes to the first that is still to do.")]
        }
        Note::DoneBefore { open: None } => {
            vec!["This step was done before, as were all the others. :quit leaves.".into()]
        }
        Note::NoMoreHints => {
            vec![format!("That was the last hint. {} shows what to type.", look.word("solution"))]
        }
        Note::PlayBegun => vec!["Play: try things, nothing is judged. :play again goes back to the step.".into()],
        Note::PlayOver => vec!["Play is over. The step's goals are judged again.".into()],
        Note::Skipped { title } => vec![format!("Skipped: {title}. :back returns to it.")],
        Note::NoStepBack => vec!["This is the first step.".into()],
        Note::BashAgain { status } => vec![format!(
            "That bash ended with status {status}. Here is a new one: its variables and functions are gone, \
             the step is the same. :quit leaves the lab."
        )],
        Note::MachineAhead { step, title } => vec![
            format!("The machine is further than the record: it fits step {step}, {title}."),
            format!(":step {step} goes there; the step here can be done all the same."),
        ],
        Note::MachineBehind { step, title, goal } => vec![
            format!("The machine is behind the record. Red again in step {step}, {title}:"),
            format!("  {goal}"),
            format!(":step {step} goes there."),
        ],
        Note::Resumed { step } => vec![format!("Going on at step {step}.")],
        Note::Rebooted => vec!["The machine was rebooted since the lab ran last.".into()],
        Note::RecordSetAside { path, why } => vec![
            format!("The record of progress cannot be used: {why}."),
            format!("It is kept as {path}. A new one begins."),
        ],
        Note::CannotSave { why } => vec![
            format!("Progress cannot be saved: {why}."),
            "The lesson goes on; the next start will not know of it.".into(),
        ],
        Note::NoObserver { why, grant } => {
            vec![format!("Goals about other accounts stay unknown: {why}."), format!("To let the lab look: {grant}")]
        }
        Note::Predicted => vec![
            "Predicted: everything that brings it back is in place. Only a reboot proves it.".into(),
            "Reboot the machine (sudo reboot). On a practice machine that `start` opened, the lab comes back by itself; \
             elsewhere open it again."
                .into(),
            if look.elsewhere {
                "At the lab's own prompt :skip leaves the proof out.".into()
            } else {
                ":skip leaves the proof out.".into()
            },
        ],
        Note::Reset => vec!["Progress is cleared. The machine is as it was.".into()],
        Note::StepAnew => vec!["The step begins anew, with its first hint. The machine is as it was.".into()],
        Note::Settles { say, time } => vec![format!("{say} It is so now, and counts once it has stayed so for {time}.")],
        Note::Waits { way_on: true } => vec!["Some of it takes its time, up to 20 seconds. ^C brings the prompt back.".into()],
        Note::Waits { way_on: false } => vec!["Some of it takes its time, up to 20 seconds.".into()],
        Note::LooksOn => vec!["The lab looks on, and says here what it finds.".into()],
        Note::OwnPromptOnly { word } => vec![format!("{word} is a word for the lab's own prompt.")],
        Note::Bye { step: Some(step) } => {
            vec![format!("Saved at step {step}. The command that opened the lab goes on here.")]
        }
        Note::Bye { step: None } => {
            vec!["The lesson is done, and stays so. To begin it anew, open the lab again and type :reset all.".into()]
        }
        Note::ByeUnsaved { step } => {
            vec![format!("Left at step {step}. Nothing of it is saved; `:step {step}` goes there next time.")]
        }
        Note::LogsIn { account, line } => {
            vec![format!("A login session of {account} (exit ends it):"), format!("    {line}")]
        }
        Note::NoAccount { name, made_here: true, .. } => vec![format!(
            "There is no account {name} on this machine yet. The lesson has you make it; :status shows in which step."
        )],
        Note::NoAccount { name, nearest: Some(nearest), .. } => {
            vec![format!("There is no account {name} on this machine. Is {nearest} meant? :login {nearest}")]
        }
        Note::NoAccount { name, .. } => {
            vec![format!("There is no account {name} on this machine. getent passwd lists those that there are.")]
        }
        Note::NoWayIn { account } => vec![format!(
            "Nothing here opens a login session of {account}: no sshd listens on port 22, and neither machinectl nor run0 is \
             installed. Log in as {account} in another terminal, or install openssh-server."
        )],
        Note::LoginAsWhom => vec!["This lesson makes no account. Name one: :login ACCOUNT".into()],
        Note::NoWhere { why } => vec![format!("The way to this shell cannot be seen: {why}.")],
        Note::NothingTyped => vec!["There is nothing to compare yet: no command was typed in this step.".into()],
        Note::NoManual => {
            vec!["This step has no man page of its own. Name one: :man systemctl daemon-reload".into()]
        }
    }
}
