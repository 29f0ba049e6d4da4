//! One trial on one fresh machine: nothing is done, or a solution is played, or a wrong answer. Collects what was asked and how it
//! came out; makes no machine.

use std::time::{Duration, Instant};

use checkers::{Check, Context, Verdict};

use super::desk::Desk;
use super::judge::judge;
use super::mutants;
use super::state::{LEFT, State, TOUCHED, as_good_as_at_rest, at_rest, changes, not_by_itself};
use super::typist::{At, PATIENCE, Typist, verdicts};
use crate::author::folder::Folder;
use crate::author::report::{Case, Fault, Outcome, Reason, What};
use crate::lesson::{AccountRole, Goal, Step, TypedStep, Versions, WrongAnswer};
use crate::practice::Machine;

/// How long goals may take to turn green after a reboot, and a machine to be as before.
const SETTLE: Duration = Duration::from_secs(60);
/// How long a wrong answer's goals may take to come to rest.
const WRONG: Duration = Duration::from_secs(25);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// A trial under way.
pub(super) struct Try<'a> {
    pub(super) folder: &'a Folder,
    /// The lines of the lesson's file where its goals stand, a list a step.
    pub(super) lines: &'a [Vec<usize>],
    pub(super) machine: &'a Machine,
    /// Its versions, where the lesson asks for any.
    pub(super) here: Versions,
    /// Told before each step that is begun, counted from 0.
    pub(super) tell: &'a dyn Fn(usize),
    pub(super) cases: Vec<Case>,
}

impl Try<'_> {
    fn whole(&mut self, what: What, outcome: Outcome) {
        self.cases.push(Case::whole(what, outcome));
    }

    fn goal(&mut self, what: What, step: usize, goal: usize, outcome: Outcome) {
        let one = &self.folder.lesson.steps[step];
        let place = format!("{}/{}", one.id, one.goals[goal].id);
        let line = self.lines.get(step).and_then(|lines| lines.get(goal)).copied();
        self.cases.push(Case { what, place, line, outcome });
    }

    fn step(&mut self, what: What, step: usize, outcome: Outcome) {
        let place = self.folder.lesson.steps[step].id.clone();
        let line = self.lines.get(step).and_then(|lines| lines.first()).copied();
        self.cases.push(Case { what, place, line, outcome });
    }

    fn stuck(&mut self, fault: Fault) {
        self.whole(What::Played, Outcome::Broken(fault));
    }

    /// Nobody does anything: every goal is red, or unknown with a reason; and looking at all of them changes nothing.
    pub(super) fn untouched(&mut self) {
        self.looking();
        if let Err(fault) = self.untouched_steps() {
            self.stuck(fault);
        }
    }

    fn untouched_steps(&mut self) -> Result<(), Fault> {
        let (folder, machine) = (self.folder, self.machine);
        let desk = Desk::of(machine);
        let mut lab = Typist::open(&folder.path, &folder.lesson, machine, &desk)?;
        let of = desk.wait(Duration::ZERO, |told| told.pane.as_ref()?.progress).map_or(0, |progress| progress.of);
        let mut seen = vec![false; folder.lesson.steps.len()];
        for number in 1..=of {
            lab.at_lab(&format!(":step {number}"))?;
            let at = desk.wait(PATIENCE, |told| {
                let pane = told.pane.as_ref()?;
                pane.progress.filter(|progress| progress.step == number)?;
                Some(super::typist::at(pane, &folder.lesson))
            });
            let Some(At::Step(step)) = at else { return Err(lab.stuck(&format!("step {number}"))) };
            (self.tell)(step);
            seen[step] = true;
            // An empty line has everything looked at once more, with the step's own past.
            lab.at_lab("")?;
            let whole = |told: &super::desk::Told| {
                verdicts(told, &folder.lesson, step).filter(|all| all.iter().all(Option::is_some))
            };
            // Before a reboot that a step waits for, a goal that is foretold stays open: it is not green.
            let judged = desk.wait(Duration::from_secs(20), whole).or_else(|| lab.goals(step)).unwrap_or_default();
            for goal in 0..folder.lesson.steps[step].goals.len() {
                let fault = match judged.get(goal) {
                    Some(Some(verdict)) if verdict.is_pass() => Some(Fault::Green(said(verdict))),
                    Some(Some(_)) => None,
                    Some(None) if folder.lesson.steps[step].reboot => self.foretold(step, goal)?,
                    _ => Some(Fault::NotJudged),
                };
                self.goal(What::RedUntouched, step, goal, Outcome::of(fault));
            }
        }
        self.leave_out(&seen, What::RedUntouched);
        lab.leave()
    }

    /// Before the reboot of a step nothing is green; what would be foretold of a machine that nobody touched is as wrong.
    fn foretold(&self, step: usize, goal: usize) -> Result<Option<Fault>, Fault> {
        let goal = &self.folder.lesson.steps[step].goals[goal];
        let wish = mutants::now(goal.predicted_by.as_ref().unwrap_or(&goal.check));
        let verdicts = judge(self.machine, &[wish], &Context::default())?;
        Ok(verdicts.first().filter(|verdict| verdict.is_pass()).map(|verdict| Fault::Green(said(verdict))))
    }

    /// The goals of steps that this machine is too old for.
    fn leave_out(&mut self, seen: &[bool], what: What) {
        for step in (0..seen.len()).filter(|step| !seen[*step]) {
            for goal in 0..self.folder.lesson.steps[step].goals.len() {
                self.goal(what, step, goal, Outcome::LeftOut(Reason::TooOld));
            }
        }
    }

    /// Looking at every goal of the lesson, three times over, leaves the machine as it was.
    fn looking(&mut self) {
        let look = ["rootless-lab", "check", "--lesson", &self.folder.lesson.id, "--all", "--json"];
        // Services of podman's that a boot starts, and that end by themselves half a minute later: they end now.
        let ending = ["systemctl", "stop", "netavark-dhcp-proxy.service", "podman.service"];
        let ended = self.machine.run_root(&ending).map_err(|error| Fault::Failed(error.to_string()));
        let looked = ended.and_then(|_| as_good_as_at_rest(self.machine, TOUCHED)).and_then(|before| {
            let begun = Instant::now();
            for _ in 0..3 {
                self.machine.run_root(&look).map_err(|error| Fault::Failed(error.to_string()))?;
            }
            let after = as_good_as_at_rest(self.machine, TOUCHED)?;
            // A service that writes and starts programs goes on while it is looked at.
            let changed = not_by_itself(self.machine, TOUCHED, (&before, &after), begun.elapsed())?;
            if changed.is_empty() { Ok(()) } else { Err(Fault::Changed(changed)) }
        });
        self.whole(What::LookingTouchesNothing, Outcome::of(looked.err()));
    }

    /// A solution: each step's goals turn green; other wishes than theirs do not; what is to last does; nothing is left.
    pub(super) fn solution(&mut self, typed: &[TypedStep]) {
        let (folder, machine) = (self.folder, self.machine);
        let before = at_rest(machine, LEFT);
        let desk = Desk::of(machine);
        let mut past = vec![None; folder.lesson.steps.len()];
        let played = Typist::open(&folder.path, &folder.lesson, machine, &desk).and_then(|mut lab| {
            // Another way ends in another state: what one leaves true of a wrong wish, the next may not.
            self.play(&mut lab, typed, &mut past, true)?;
            lab.leave()
        });
        drop(desk);
        match played {
            Ok(()) => self.whole(What::Played, Outcome::Held),
            Err(fault) => return self.stuck(fault),
        }
        self.looking();
        self.lasting(&past);
        match before {
            Ok(before) => self.cleaned_up(&before),
            Err(fault) => self.whole(What::CleanedUp, Outcome::Broken(fault)),
        }
    }

    /// Plays whole steps; `past` gets what each was judged with.
    fn play(
        &mut self,
        lab: &mut Typist<'_>,
        typed: &[TypedStep],
        past: &mut [Option<Context>],
        with_mutants: bool,
    ) -> Result<(), Fault> {
        for (step, turns) in typed.iter().enumerate() {
            let Some(at) = lab.reached(At::Step(step)) else { return Err(lab.stuck(&format!("step {}", turns.id))) };
            let goals = self.folder.lesson.steps[step].goals.len();
            if at > At::Step(step) {
                let outcome = passed_over(&self.folder.lesson.steps[step], &self.here);
                (0..goals).for_each(|goal| self.goal(What::GreenWhenSolved, step, goal, outcome.clone()));
                continue;
            }
            (self.tell)(step);
            lab.begin();
            for turn in &turns.turns {
                if let Err(fault) = lab.turn(turn, step) {
                    self.step(What::GreenWhenSolved, step, Outcome::Broken(fault));
                    return Err(lab.stuck(&format!("the end of step {}", turns.id)));
                }
            }
            if lab.left(step).is_none() {
                let judged = lab.goals(step).unwrap_or_default();
                for goal in 0..goals {
                    let outcome = Outcome::of(red(judged.get(goal).and_then(Option::as_ref)));
                    self.goal(What::GreenWhenSolved, step, goal, outcome);
                }
                return Err(lab.stuck(&format!("the end of step {}", turns.id)));
            }
            (0..goals).for_each(|goal| self.goal(What::GreenWhenSolved, step, goal, Outcome::Held));
            past[step] = lab.desk.judged_with(&turns.id);
            match &past[step] {
                _ if !with_mutants => {}
                Some(context) => self.mutants(step, context),
                None => {
                    for (what, goal) in rests_on_the_past(&self.folder.lesson.steps[step]) {
                        self.goal(what, step, goal, Outcome::Broken(Fault::NotTold));
                    }
                }
            }
        }
        Ok(())
    }

    /// Each wish of a step that was just solved, altered in turn.
    fn mutants(&mut self, step: usize, context: &Context) {
        let goals: Vec<Goal> = self.folder.lesson.steps[step].goals.clone();
        for (nth, goal) in goals.iter().enumerate() {
            for wish in [Some(&goal.check), goal.predicted_by.as_ref()].into_iter().flatten() {
                let outcome = self.mutants_of(&mutants::now(wish), context);
                self.goal(What::OtherWishesFail, step, nth, outcome.unwrap_or_else(Outcome::Broken));
            }
        }
    }

    fn mutants_of(&self, wish: &Check, context: &Context) -> Result<Outcome, Fault> {
        let alternatives = mutants::alternatives(wish);
        let first: Vec<Check> = std::iter::once(wish).chain(alternatives.iter().copied()).cloned().collect();
        let verdicts = judge(self.machine, &first, context)?;
        if let Some(verdict) = verdicts.first().filter(|verdict| !verdict.is_pass()) {
            return Ok(Outcome::LeftOut(Reason::Passed(short(verdict))));
        }
        let is_true = |part: &Check| first.iter().zip(&verdicts).any(|(one, verdict)| one == part && verdict.is_pass());
        let mutants = mutants::of(wish, &is_true);
        if mutants.is_empty() {
            return Ok(Outcome::LeftOut(Reason::NoOtherWish));
        }
        let wishes: Vec<Check> = mutants.iter().map(|mutant| mutant.check.clone()).collect();
        let verdicts = judge(self.machine, &wishes, context)?;
        let alive = mutants.into_iter().zip(verdicts).filter(|(_, verdict)| verdict.is_pass());
        let alive: Vec<String> = alive.map(|(mutant, _)| mutant.what).collect();
        Ok(if alive.is_empty() { Outcome::Held } else { Outcome::Broken(Fault::StillPasses(alive)) })
    }

    /// What is to last is there after a reboot in which nobody logs in.
    fn lasting(&mut self, past: &[Option<Context>]) {
        let steps = self.folder.lesson.steps.iter().enumerate();
        let goals =
            steps.flat_map(|(step, one)| one.goals.iter().enumerate().map(move |(nth, goal)| (step, nth, goal)));
        let lasting = goals.filter(|(step, _, goal)| goal.lasting && past[*step].is_some());
        let lasting: Vec<(usize, usize, Check)> =
            lasting.map(|(step, nth, goal)| (step, nth, mutants::now(&goal.check))).collect();
        if lasting.is_empty() {
            return;
        }
        let rebooted = self.reboot();
        for (step, nth, wish) in lasting {
            let context = Context { front: None, ..past[step].clone().unwrap_or_default() };
            let outcome = match &rebooted {
                Ok(()) => self.soon(&wish, &context),
                Err(fault) => Some(fault.clone()),
            };
            self.goal(What::Lasts, step, nth, Outcome::of(outcome));
        }
    }

    fn reboot(&self) -> Result<(), Fault> {
        let failed = |error: crate::practice::Error| Fault::Failed(error.to_string());
        self.machine.stop().map_err(failed)?;
        self.machine.start().map_err(failed).map(drop)
    }

    /// Waits until a wish is true; what is wrong where it does not become so.
    fn soon(&self, wish: &Check, context: &Context) -> Option<Fault> {
        let until = std::time::Instant::now() + SETTLE;
        loop {
            let fault = match judge(self.machine, std::slice::from_ref(wish), context) {
                Ok(verdicts) => red(verdicts.first()),
                Err(fault) => return Some(fault),
            };
            if fault.is_none() || std::time::Instant::now() > until {
                return fault;
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// The clean-up leaves the machine as it was before the lab was opened.
    fn cleaned_up(&mut self, before: &State) {
        let lesson = &self.folder.lesson;
        if lesson.clean_up.is_empty() {
            return self.whole(What::CleanedUp, Outcome::LeftOut(Reason::NoCleanUp));
        }
        let administrator = lesson.accounts.iter().find(|account| account.role == AccountRole::Administrator);
        let user = administrator.map_or("root", |account| account.name.as_str());
        let words = ["bash", "-lc", &lesson.clean_up.join("\n")].map(str::to_owned);
        let ran =
            self.machine.enter_command(user, &words).map_err(|error| error.to_string()).and_then(|mut command| {
                command.stdin(std::process::Stdio::null()).output().map_err(|error| error.to_string())
            });
        let until = std::time::Instant::now() + SETTLE;
        let outcome = ran.map_err(Fault::Failed).and_then(|ran| {
            loop {
                let after = super::state::seen(self.machine, LEFT)?;
                let mut different = changes(before, &after);
                if different.is_empty() {
                    return Ok(());
                }
                if std::time::Instant::now() > until {
                    let said = [ran.stdout, ran.stderr].concat();
                    different.extend(String::from_utf8_lossy(&said).lines().map(|line| format!("said: {line}")));
                    return Err(Fault::Changed(different));
                }
                std::thread::sleep(PAUSE);
            }
        });
        self.whole(What::CleanedUp, Outcome::of(outcome.err()));
    }

    /// A wrong answer: exactly the goals that it names are red in the end, and the mistake is recognised.
    pub(super) fn wrong(&mut self, answer: &WrongAnswer) {
        if let Err(fault) = self.wrong_steps(answer) {
            self.stuck(fault);
        }
    }

    fn wrong_steps(&mut self, answer: &WrongAnswer) -> Result<(), Fault> {
        let (folder, machine) = (self.folder, self.machine);
        let desk = Desk::of(machine);
        let mut lab = Typist::open(&folder.path, &folder.lesson, machine, &desk)?;
        let Some((last, before)) = answer.steps.split_last() else { return Ok(()) };
        let mut past = vec![None; folder.lesson.steps.len()];
        self.play(&mut lab, before, &mut past, false)?;
        let step = before.len();
        if lab.reached(At::Step(step)) != Some(At::Step(step)) {
            return Err(lab.stuck(&format!("step {}", last.id)));
        }
        (self.tell)(step);
        desk.forget_mistakes();
        lab.begin();
        for turn in &last.turns {
            lab.turn(turn, step)?;
        }
        lab.at_any_prompt()?;
        let goals = &folder.lesson.steps[step].goals;
        let is_named = |goal: &Goal| answer.fails.iter().any(|(_, id)| *id == goal.id);
        let judged = self.at_rest(&lab, step, |goal| is_named(&goals[goal]))?;
        for (nth, goal) in goals.iter().enumerate() {
            let verdict = judged.get(nth).and_then(Option::as_ref);
            let (what, fault) = if is_named(goal) {
                let fault = match verdict {
                    Some(verdict) if verdict.is_fail() => None,
                    Some(verdict) if verdict.is_pass() => Some(Fault::Green(said(verdict))),
                    other => red(other),
                };
                (What::RedWhenWrong, fault)
            } else {
                (What::GreenDespiteWrong, red(verdict))
            };
            self.goal(what, step, nth, Outcome::of(fault));
        }
        if let Some(mistake) = &answer.mistake {
            // A mistake that says nothing is looked for when somebody asks why.
            let _ = desk.say(":why");
            let known = desk.wait(Duration::from_secs(10), |told| told.mistakes.contains(mistake).then_some(()));
            let instead = || desk.wait(Duration::ZERO, |told| Some(told.mistakes.iter().cloned().collect()));
            let fault = known.is_none().then(|| Fault::Instead(instead().unwrap_or_default()));
            self.step(What::MistakeRecognised, step, Outcome::of(fault));
        }
        lab.leave()
    }

    /// The goals of a step once they are as named, or when the time for that is over. A step that is left was green.
    fn at_rest(
        &self,
        lab: &Typist<'_>,
        step: usize,
        is_red: impl Fn(usize) -> bool,
    ) -> Result<Vec<Option<Verdict>>, Fault> {
        let until = std::time::Instant::now() + WRONG;
        loop {
            lab.desk.say(":check").map_err(|error| Fault::Failed(error.to_string()))?;
            let Some(judged) = lab.goals(step) else {
                let green = Verdict::pass(checkers::Evidence::new(checkers::Source::Lab, "the step was done"));
                return Ok(vec![Some(green); self.folder.lesson.steps[step].goals.len()]);
            };
            let fits = |(nth, verdict): (usize, &Option<Verdict>)| {
                verdict.as_ref().is_some_and(|verdict| if is_red(nth) { verdict.is_fail() } else { verdict.is_pass() })
            };
            if judged.iter().enumerate().all(fits) || std::time::Instant::now() > until {
                return Ok(judged);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// A step that the lab has left before anything was typed in it: this machine is too old for it, or it was green already.
fn passed_over(step: &Step, here: &Versions) -> Outcome {
    let lack = step.needs.as_ref().and_then(|needs| needs.lack(here));
    if lack.is_some() { Outcome::LeftOut(Reason::TooOld) } else { Outcome::Broken(Fault::GreenBefore) }
}

/// What is asked of a step's goals with what they were judged with, goal by goal.
fn rests_on_the_past(step: &Step) -> impl Iterator<Item = (What, usize)> {
    let goals = step.goals.iter().enumerate();
    goals.flat_map(|(nth, goal)| {
        let lasts = goal.lasting.then_some((What::Lasts, nth));
        std::iter::once((What::OtherWishesFail, nth)).chain(lasts)
    })
}

/// What is wrong with a goal that should be green.
fn red(verdict: Option<&Verdict>) -> Option<Fault> {
    match verdict {
        Some(Verdict::Pass { .. }) => None,
        Some(Verdict::Fail { wanted, found, .. }) => Some(Fault::Red { wanted: wanted.clone(), found: found.clone() }),
        Some(Verdict::Unknown { why, .. }) => Some(Fault::Unknown(why.clone())),
        None => Some(Fault::NotJudged),
    }
}

/// What was seen that made a goal green.
fn said(verdict: &Verdict) -> Vec<String> {
    verdict.evidence().iter().map(|evidence| evidence.said.clone()).collect()
}

fn short(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Pass { .. } => String::new(),
        Verdict::Fail { found, .. } => found.clone(),
        Verdict::Unknown { why, .. } => why.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::{Needs, Shelf};

    #[test]
    fn a_step_that_is_passed_over_is_green_too_early_unless_the_machine_is_too_old_for_it() {
        let mut step = Shelf::default().find("rootless-containers").unwrap().0.steps.remove(0);
        let here = Versions { podman: Some("4.3.1".into()), systemd: None };
        assert_eq!(passed_over(&step, &here), Outcome::Broken(Fault::GreenBefore));
        for (podman, outcome) in
            [("4.4", Outcome::LeftOut(Reason::TooOld)), ("4.3.0", Outcome::Broken(Fault::GreenBefore))]
        {
            step.needs = Some(Needs { podman: Some(podman.into()), systemd: None });
            assert_eq!(passed_over(&step, &here), outcome, "{podman}");
        }
    }

    #[test]
    fn nothing_that_rests_on_what_a_step_was_judged_with_is_passed_over_in_silence() {
        let mut step = Shelf::default().find("rootless-containers").unwrap().0.steps.remove(0);
        step.goals.truncate(1);
        step.goals.push(Goal { lasting: true, ..step.goals[0].clone() });
        step.goals[0].lasting = false;
        let asked: Vec<_> = rests_on_the_past(&step).collect();
        assert_eq!(asked, [(What::OtherWishesFail, 0), (What::OtherWishesFail, 1), (What::Lasts, 1)]);
    }
}
