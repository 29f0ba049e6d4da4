//! Proves lessons on practice machines, several at a time: untouched, each solution, each wrong answer. A trial begins on a machine as
//! it was made.

mod desk;
mod judge;
mod mutants;
mod state;
mod terminal;
mod trial;
mod typist;
mod versions;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use self::trial::Try;
use super::folder::Folder;
use super::report::{Case, Fault, Outcome, Proof, Reason, Trial, What};
use crate::lesson::{self, Versions};
use crate::practice::{self, Account, From, Machine, Machines, Recipe, Release};

/// What is to be proven, and how.
pub struct Order<'a> {
    /// The lessons, and the accounts that each one's machine starts with.
    pub folders: &'a [(Folder, Vec<Account>)],
    /// On which releases.
    pub releases: &'a [Release],
    /// Only trials whose name holds this.
    pub only: Option<&'a str>,
    /// How many machines at a time.
    pub jobs: usize,
    /// A machine on which something came out wrong is kept.
    pub keep: bool,
    /// Where machines are made.
    pub machines: &'a Machines,
}

/// How far a proof is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Steps that are behind, of all trials together.
    pub done: usize,
    /// How many there are.
    pub of: usize,
    /// The lesson, the release, the trial and the step.
    pub doing: [String; 4],
}

/// What is done on one machine.
#[derive(Clone, Copy)]
enum Kind {
    Untouched,
    Solution(usize),
    Wrong(usize),
}

struct Job {
    folder: usize,
    release: usize,
    /// Its place among the lesson's trials.
    nth: usize,
    kind: Kind,
}

impl Kind {
    fn of(folder: &Folder) -> Vec<Kind> {
        let solutions = (0..folder.solutions.len()).map(Kind::Solution);
        let wrong = (0..folder.wrong.len()).map(Kind::Wrong);
        std::iter::once(Kind::Untouched).chain(solutions).chain(wrong).collect()
    }

    fn name(self, folder: &Folder) -> String {
        match self {
            Kind::Untouched => "untouched".into(),
            Kind::Solution(nth) => format!("solution {}", folder.solutions[nth].name),
            Kind::Wrong(nth) => format!("wrong {}", folder.wrong[nth].name),
        }
    }

    /// How many steps it plays.
    fn steps(self, folder: &Folder) -> usize {
        match self {
            Kind::Untouched => folder.lesson.steps.len(),
            Kind::Solution(nth) => folder.solutions[nth].typed.len(),
            Kind::Wrong(nth) => folder.wrong[nth].typed.steps.len(),
        }
    }
}

/// Proves all of it; one proof a lesson and release, in their order. `tell` is told at each step.
pub fn prove(order: &Order<'_>, tell: &(dyn Fn(Stage) + Sync)) -> Vec<Proof> {
    remove_orphans(order.machines);
    let mut jobs = VecDeque::new();
    let mut proofs = Vec::new();
    for (folder, (one, _)) in order.folders.iter().enumerate() {
        for (release, name) in order.releases.iter().enumerate() {
            let mut kinds = Kind::of(one);
            kinds.retain(|kind| order.only.is_none_or(|only| kind.name(one).contains(only)));
            jobs.extend(kinds.iter().enumerate().map(|(nth, kind)| Job { folder, release, nth, kind: *kind }));
            let trials: Vec<Option<Trial>> = kinds.iter().map(|_| None).collect();
            proofs.push((one.lesson.id.clone(), name.to_string(), trials));
        }
    }
    // Those that take longest begin first.
    jobs.make_contiguous().sort_by_key(|job| std::cmp::Reverse(job.kind.steps(&order.folders[job.folder].0)));
    let of = jobs.iter().map(|job| job.kind.steps(&order.folders[job.folder].0)).sum();
    let (jobs, proofs, done) = (Mutex::new(jobs), Mutex::new(proofs), AtomicUsize::new(0));
    let making = Mutex::new(());
    std::thread::scope(|scope| {
        for _ in 0..order.jobs.max(1) {
            scope.spawn(|| {
                let mut spare = None;
                loop {
                    let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(job) = job else { return spare.into_iter().for_each(|(_, machine)| end(machine)) };
                    let (folder, _) = &order.folders[job.folder];
                    let name = job.kind.name(folder);
                    let release = order.releases[job.release].to_string();
                    let step = |step: usize| {
                        let step = folder.lesson.steps.get(step).map_or("", |step| step.id.as_str());
                        let doing = [folder.lesson.id.as_str(), &release, &name, step].map(str::to_owned);
                        tell(Stage { done: done.fetch_add(1, Ordering::Relaxed), of, doing });
                    };
                    let trial = run(order, &job, name.clone(), &making, &mut spare, &step);
                    let mut proofs = proofs.lock().unwrap_or_else(PoisonError::into_inner);
                    proofs[job.folder * order.releases.len() + job.release].2[job.nth] = Some(trial);
                }
            });
        }
    });
    let proofs = proofs.into_inner().unwrap_or_else(PoisonError::into_inner);
    let whole = proofs.into_iter().zip(order.folders.iter().flat_map(|one| order.releases.iter().map(move |_| one)));
    whole
        .map(|((lesson, release, trials), (folder, _))| {
            let mut trials: Vec<Trial> = trials.into_iter().flatten().collect();
            if order.only.is_none() {
                trials.insert(0, before(folder));
            }
            Proof { lesson, release, trials }
        })
        .collect()
}

/// What is asked of a lesson's folder alone.
fn before(folder: &Folder) -> Trial {
    let count = folder.solutions.len();
    let fault = (count < 2).then_some(Fault::TooFew(count));
    let cases = vec![Case::whole(What::TwoSolutions, Outcome::of(fault))];
    Trial { name: "folder".into(), cases, time: std::time::Duration::ZERO, kept: None }
}

/// The machine of the trial before.
type Spare = Option<(Release, Machine)>;

/// One trial on a machine that nobody else has; what is left of the machine afterwards is put by for the next one.
fn run(
    order: &Order<'_>,
    job: &Job,
    name: String,
    making: &Mutex<()>,
    spare: &mut Spare,
    tell: &dyn Fn(usize),
) -> Trial {
    let begun = Instant::now();
    let (folder, accounts) = &order.folders[job.folder];
    let failed = |error: practice::Error| {
        let way_out = error.way_out().map(|way_out| format!("; {way_out}")).unwrap_or_default();
        vec![Case::whole(What::Played, Outcome::Broken(Fault::Failed(format!("{error}{way_out}"))))]
    };
    let machine = match machine(order, order.releases[job.release], accounts, making, spare) {
        Ok(machine) => machine,
        Err(error) => return Trial { name, cases: failed(error), time: begun.elapsed(), kept: None },
    };
    let place = format!("/usr/share/rootless-lab/lessons/{}", folder.lesson.id);
    let here = || if needs_any(&folder.lesson) { versions::of(&machine) } else { Versions::default() };
    let cases = match machine.start().and_then(|_| machine.give(&folder.path, &place)).map(|()| here()) {
        Err(error) => failed(error),
        Ok(here) if folder.lesson.needs.as_ref().is_some_and(|needs| needs.lack(&here).is_some()) => {
            vec![Case::whole(What::Played, Outcome::LeftOut(Reason::TooOld))]
        }
        Ok(here) => {
            let text = std::fs::read_to_string(folder.path.join("lesson.yaml")).unwrap_or_default();
            let lines = lesson::goal_lines(&text);
            // Check programs are named by their full path, which is another one on the machine.
            let there = lesson::read(&format!("{place}/lesson.yaml"), &text).0;
            let folder = &Folder { lesson: there.unwrap_or_else(|| folder.lesson.clone()), ..folder.clone() };
            let mut trial = Try { folder, lines: &lines, machine: &machine, here, tell, cases: Vec::new() };
            match job.kind {
                Kind::Untouched => trial.untouched(),
                Kind::Solution(nth) => trial.solution(&folder.solutions[nth].typed),
                Kind::Wrong(nth) => trial.wrong(&folder.wrong[nth].typed),
            }
            trial.cases
        }
    };
    let kept = order.keep && cases.iter().any(Case::is_broken);
    let kept = if kept && std::fs::write(machine.place(KEPT), "").is_ok() {
        Some(machine.name().to_owned())
    } else {
        *spare = Some((order.releases[job.release], machine));
        None
    };
    Trial { name, cases, time: begun.elapsed(), kept }
}

/// Whether it matters how old a machine is.
fn needs_any(lesson: &lesson::Lesson) -> bool {
    lesson.needs.is_some() || lesson.steps.iter().any(|step| step.needs.is_some())
}

/// What marks a machine that is not to be removed by the next proof.
const KEPT: &str = "kept";
/// How machines are named that are made here; the maker's process id follows.
const NAME: &str = "prove-";

/// The machine of the trial before, thrown back to how it was made, where it is of this kind: that takes a boot, and a new one that and more.
fn machine(
    order: &Order<'_>,
    release: Release,
    accounts: &[Account],
    making: &Mutex<()>,
    spare: &mut Spare,
) -> Result<Machine, practice::Error> {
    match spare.take() {
        Some((of, machine)) if of == release && machine.accounts() == accounts => match machine.reset() {
            Ok(()) => return Ok(machine),
            Err(_) => end(machine),
        },
        other => other.into_iter().for_each(|(_, machine)| end(machine)),
    }
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("{NAME}{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let recipe = Recipe { name, from: From::Release(release), accounts: accounts.to_vec(), online: false };
    // All wait for the one base tree.
    let _one = making.lock().unwrap_or_else(PoisonError::into_inner);
    order.machines.create(&recipe, &mut |_| ())
}

/// One that stays behind all the same is removed by the next proof.
fn end(machine: Machine) {
    let _ = machine.cut_power().and_then(|()| machine.remove());
}

/// Removes the machines of proofs that were killed.
fn remove_orphans(machines: &Machines) {
    for machine in machines.all().unwrap_or_default() {
        let maker = machine.name().strip_prefix(NAME).and_then(|rest| rest.split('-').next()).map(str::to_owned);
        let is_gone = maker.is_some_and(|pid| !std::path::Path::new("/proc").join(pid).exists());
        if is_gone && !machine.place(KEPT).exists() {
            end(machine);
        }
    }
}
