//! What a proof found, in words: a line a trial, and under it what came out wrong or was left out. Decides nothing.

use super::ink::Ink;
use super::look::Look;
use super::page::Page;
use crate::author::{Case, Fault, Outcome, Proof, Reason, Trial, What};

/// The report of these proofs.
pub fn proofs(proofs: &[Proof], look: &Look) -> String {
    let mut page = Page::new(look);
    for proof in proofs {
        page.gap();
        page.inked("", &format!("{} on {}", proof.lesson, proof.release), Ink::Here);
        for trial in &proof.trials {
            trial_on(&mut page, trial);
        }
    }
    let trials: Vec<&Trial> = proofs.iter().flat_map(|proof| &proof.trials).collect();
    let count =
        |is: &dyn Fn(&Case) -> bool| trials.iter().flat_map(|trial| &trial.cases).filter(|case| is(case)).count();
    let (all, broken) = (count(&|_| true), count(&Case::is_broken));
    let left_out = count(&|case| matches!(case.outcome, Outcome::LeftOut(_)));
    page.gap();
    let said = format!("{all} things asked: {broken} not so, {left_out} not tried.");
    page.inked("", &said, if broken == 0 { Ink::Good } else { Ink::Bad });
    page.done()
}

fn trial_on(page: &mut Page<'_>, trial: &Trial) {
    let look = page.look;
    let mark = if trial.is_broken() {
        Ink::Bad.on(look.either("✗", "NO"), look)
    } else {
        Ink::Good.on(look.either("✓", "ok"), look)
    };
    let held = trial.cases.iter().filter(|case| case.outcome == Outcome::Held).count();
    let time = trial.time.as_secs_f64();
    let took = if time >= 1.0 { format!(", {time:.0} s") } else { String::new() };
    page.say(&format!("{mark} "), &format!("{}: {held} of {} as they must be{took}", trial.name, trial.cases.len()));
    let indent = "    ";
    for case in trial.cases.iter().filter(|case| case.outcome != Outcome::Held) {
        page.hanging("  ", indent, &headline(case), None);
        for line in details(&case.outcome) {
            page.hanging(indent, "      ", &line, Some(Ink::Faint));
        }
    }
    if let Some(kept) = &trial.kept {
        page.say("  ", &format!("The machine is kept: rootless-lab practice enter {kept}"));
    }
}

/// `refused/seen (line 120): the goal is green though nobody did anything`.
pub(super) fn headline(case: &Case) -> String {
    let place = match (case.place.as_str(), case.line) {
        ("", _) => String::new(),
        (place, Some(line)) => format!("{place} (line {line}): "),
        (place, None) => format!("{place}: "),
    };
    format!("{place}{}", sentence(case))
}

fn sentence(case: &Case) -> String {
    match &case.outcome {
        Outcome::Held => asked(case.what).to_owned(),
        Outcome::LeftOut(reason) => format!("not tried: {}", reason_of(reason)),
        Outcome::Broken(fault) => broken(case.what, fault),
    }
}

/// What is asked, as a sentence that is true where it holds.
pub(super) fn asked(what: What) -> &'static str {
    match what {
        What::TwoSolutions => "there are at least two solutions",
        What::Played => "it is played to the end",
        What::RedUntouched => "the goal is not green while nobody does anything",
        What::LookingTouchesNothing => "looking at every goal changes nothing",
        What::GreenWhenSolved => "the goal turns green",
        What::OtherWishesFail => "another wish in its place is not green",
        What::Lasts => "it is there after a reboot",
        What::CleanedUp => "the clean-up leaves the machine as it was",
        What::RedWhenWrong => "the goal is red",
        What::GreenDespiteWrong => "the goal is green",
        What::MistakeRecognised => "the mistake is recognised",
    }
}

fn broken(what: What, fault: &Fault) -> String {
    match (what, fault) {
        (What::TwoSolutions, Fault::TooFew(count)) => format!("two solutions are wanted, there is {count}"),
        (What::RedUntouched, Fault::Green(_)) => "green though nobody did anything".into(),
        (What::RedWhenWrong, Fault::Green(_)) => "green in spite of the wrong answer".into(),
        (What::OtherWishesFail, Fault::StillPasses(_)) => "still green when its wish is altered".into(),
        (What::LookingTouchesNothing, Fault::Changed(_)) => "looking at the goals changed the machine".into(),
        (What::CleanedUp, Fault::Changed(_)) => "after the clean-up the machine is not as it was".into(),
        (_, Fault::GreenBefore) => "green before anything was typed in its step".into(),
        (_, Fault::NotTold) => "nothing to compare with: the lab did not say what it was judged with".into(),
        (What::Lasts, _) => "not there after a reboot".into(),
        (What::MistakeRecognised, _) => "the mistake is not recognised".into(),
        (What::GreenDespiteWrong, Fault::Red { .. }) => "red, and the wrong answer does not name it".into(),
        (_, Fault::Stuck { waited, .. }) => format!("it did not go on; waited for: {waited}"),
        (_, Fault::Red { .. }) => "red".into(),
        (_, Fault::Unknown(_)) => "nobody could look".into(),
        (_, Fault::NotJudged) => "not judged in time".into(),
        (_, Fault::Failed(_)) => "the machine failed".into(),
        (what, _) => format!("not so: {}", asked(what)),
    }
}

/// What was seen, a line each.
pub(super) fn details(outcome: &Outcome) -> Vec<String> {
    let Outcome::Broken(fault) = outcome else { return Vec::new() };
    match fault {
        Fault::Green(said) => said.iter().map(|said| format!("seen: {said}")).collect(),
        Fault::Red { wanted, found } => vec![format!("wanted: {wanted}"), format!("found: {found}")],
        Fault::Unknown(why) | Fault::Failed(why) => why.lines().map(str::to_owned).collect(),
        Fault::Stuck { screen, .. } => {
            screen.lines().filter(|line| !line.trim().is_empty()).map(|line| format!("| {}", line.trim_end())).collect()
        }
        Fault::Changed(lines) | Fault::StillPasses(lines) => lines.clone(),
        Fault::Instead(ids) if ids.is_empty() => vec!["no mistake was recognised".into()],
        Fault::Instead(ids) => vec![format!("recognised instead: {}", ids.join(", "))],
        Fault::GreenBefore | Fault::NotJudged | Fault::NotTold | Fault::TooFew(_) => Vec::new(),
    }
}

pub(super) fn reason_of(reason: &Reason) -> String {
    match reason {
        Reason::TooOld => "this machine is too old for it".into(),
        Reason::Passed(why) => {
            format!("the goal was green for a moment only, so no other wish can be compared with it ({why})")
        }
        Reason::NoCleanUp => "the lesson says no clean-up".into(),
        Reason::NoOtherWish => "nothing in its wish can be altered".into(),
    }
}
