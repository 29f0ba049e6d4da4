//! The exams of the house, sat on real machines: their solutions have all points, whoever does nothing has none, and each plausible
//! half-solution has exactly what its header says. The scripts are run as a candidate works: in true logins of the administrator.

// the functions beside the tests are tests too
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use checkers::{Check, Verdict};
use rootless_lab::exam::{Exam, GradeKind, Look, Preparation, Score, Shelf, Verdicts, counting, score};
use rootless_lab::lesson::Versions;
use serde_json::json;

use crate::rich::{login, observer, put, root};
use crate::rig::{self, Rig};

/// The longest that a machine may take after its boot until all that lasts is there again.
const PATIENCE: Duration = Duration::from_secs(60);

/// So long after the boot whatever comes back by itself is there.
const REST: Duration = Duration::from_secs(15);

/// What a script's header says that it scores.
#[derive(Debug, PartialEq, Eq)]
struct Header {
    points: u32,
    whole: u32,
    /// Tasks that have not all their points, with those they have.
    tasks: BTreeMap<String, u32>,
}

impl Header {
    /// `# scores: 40 of 100 (storage 10, boot 0)`, the second line of a script.
    fn of(script: &Path) -> Self {
        let said = Self::line(script, 1, "# scores: ");
        said.unwrap_or_else(|| panic!("{}: no header `# scores: 40 of 100 (TASK 10, …)`", script.display()))
    }

    /// `# proven: …`, its third line, where it says what comes of it after a reboot.
    fn proven(script: &Path) -> Option<Self> {
        Self::line(script, 2, "# proven: ")
    }

    fn line(script: &Path, nth: usize, begin: &str) -> Option<Self> {
        let text = fs::read_to_string(script).unwrap();
        let said = text.lines().nth(nth)?.strip_prefix(begin)?;
        let read = || {
            let (sum, tasks) = match said.strip_suffix(')') {
                Some(said) => said.split_once(" (")?,
                None => (said, ""),
            };
            let (points, whole) = sum.split_once(" of ")?;
            let task = |one: &str| {
                let (task, points) = one.split_once(' ')?;
                Some((task.to_owned(), points.parse().ok()?))
            };
            let tasks = tasks.split(", ").filter(|one| !one.is_empty()).map(task).collect::<Option<_>>()?;
            Some(Self { points: points.parse().ok()?, whole: whole.parse().ok()?, tasks })
        };
        Some(read().unwrap_or_else(|| panic!("{}: `{said}` is no score", script.display())))
    }

    /// What a score comes to, in the same form.
    fn told(score: &Score) -> Self {
        let (lowest, highest) = score.total.points().unwrap_or_default();
        assert_eq!(lowest, highest, "something could not be looked at: {score:#?}");
        let short = score.tasks.iter().filter(|task| task.sum.lowest < task.sum.whole);
        let tasks = short.map(|task| (task.task.clone(), task.sum.lowest)).collect();
        Self { points: lowest, whole: score.total.whole, tasks }
    }

    fn none(exam: &Exam) -> Self {
        let whole = exam.tasks.iter().map(|task| task.points).sum();
        Self { points: 0, whole, tasks: exam.tasks.iter().map(|task| (task.id.clone(), 0)).collect() }
    }
}

pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons/exams").join(name)
}

fn halves(name: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder(name).join("half")).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

pub fn drawn(name: &str, seed: u64) -> Exam {
    let shelf = Shelf::default();
    let (source, _) = shelf.find(name).unwrap();
    shelf.drawn(&source, seed).unwrap_or_else(|error| panic!("{name}, seed {seed}: {error}"))
}

/// Sets up what the sheet wants at the start, with the rights of each account.
fn prepare(rig: &Rig, exam: &Exam) {
    for preparation in exam.tasks.iter().flat_map(|task| &task.prepare) {
        let (account, script) = match preparation {
            Preparation::Directory { account, path } => (account, format!("mkdir -p \"{path}\"")),
            Preparation::File(file) => {
                let above = Path::new(&file.path).parent().unwrap_or(Path::new(""));
                let text = file.text.replace('\'', "'\\''");
                let script = format!("mkdir -p \"./{}\"; printf %s '{text}' >\"{}\"", above.display(), file.path);
                (&file.account, script)
            }
        };
        login(rig, account, &format!("cd; {script}"));
    }
}

/// Runs a script of the exam's folder in a login of the administrator, with the sheet's values as variables. Says how it ended.
fn run(rig: &Rig, exam: &Exam, script: &Path) -> bool {
    let of = folder(&exam.id);
    let inside = |path: &Path| format!("/opt/exam/{}", path.strip_prefix(&of).unwrap().display());
    for file in [&of.join("solution.sh"), script] {
        put(rig, &inside(file), &fs::read_to_string(file).unwrap());
    }
    let values = exam.parameters.iter().map(|(name, value)| format!("{}={value}", name.replace('-', "_")));
    let words: Vec<String> =
        std::iter::once("env".to_owned()).chain(values).chain(["bash".to_owned(), inside(script)]).collect();
    let output = rig.enter_command("lisa", &words).unwrap().stdin(Stdio::null()).output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    eprintln!("{}: {}\n{said}{errors}", script.display(), output.status);
    output.status.success()
}

/// The verdicts of a grade of this kind, by the observer.
fn judged(rig: &Rig, exam: &Exam, kind: GradeKind) -> Verdicts {
    let goals: Vec<_> = exam.goals().collect();
    let checks: Vec<&Check> = goals.iter().map(|(_, goal)| goal.check_for(kind)).collect();
    let said = observer(rig, &[json!({"judge": {"checks": checks, "context": {}}})]).remove(0);
    let verdicts: Vec<Verdict> =
        serde_json::from_value(said["verdicts"].clone()).unwrap_or_else(|error| panic!("{error}: {said}"));
    goals.into_iter().map(|(task, goal)| task.id_of(goal)).zip(verdicts).collect()
}

#[track_caller]
fn holds(what: &str, expected: &Header, exam: &Exam, kind: GradeKind, verdicts: &Verdicts) {
    let told = Header::told(&score(exam, kind, verdicts));
    eprintln!("{what}: {kind:?} {} of {} {:?}", told.points, told.whole, told.tasks);
    assert!(told == *expected, "{what}: {told:?} instead of {expected:?}\n{verdicts:#?}");
}

fn reboot(rig: &Rig) {
    rig.stop().unwrap();
    rig.start().unwrap();
}

/// Reboots, and judges until all that lasts is there, or for long enough.
fn after_a_reboot(rig: &Rig, exam: &Exam) -> Verdicts {
    reboot(rig);
    let begun = Instant::now();
    loop {
        let verdicts = judged(rig, exam, GradeKind::Proven);
        let lasting = exam.goals().filter(|(_, goal)| goal.lasting).map(|(task, goal)| task.id_of(goal));
        if begun.elapsed() > PATIENCE || lasting.into_iter().all(|id| verdicts[&id].is_pass()) {
            return verdicts;
        }
        // Nothing tells when all of several accounts' units and containers are as they will stay.
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Reboots, and judges when all that comes back has come, and what does not has had its time.
fn after_a_rest(rig: &Rig, exam: &Exam) -> Verdicts {
    reboot(rig);
    root(rig, "systemctl is-system-running --wait || :");
    // What never comes tells nothing at all.
    std::thread::sleep(REST);
    judged(rig, exam, GradeKind::Proven)
}

/// What counts of a look before a reboot and one after it.
fn counts(exam: &Exam, before: &Verdicts, after: &Verdicts) -> Verdicts {
    let looks = [(GradeKind::Predicted, before), (GradeKind::Proven, after)];
    counting(exam, &looks.map(|(kind, verdicts)| Look { kind, verdicts })).proven.unwrap()
}

/// Sits the exam on each release: not at all, by its solution, and by each half-solution. Every sitting has a sheet of its own.
fn sit(name: &str, reboot_always: bool) {
    for release in rig::releases() {
        let Some(rig) = rig::have(rig::started(release)) else { return };
        let exam = drawn(name, 1);
        if is_too_old(&rig, &exam) {
            refused(&rig, name);
            eprintln!("{release}: {name} is not begun here");
            continue;
        }
        prepare(&rig, &exam);
        let verdicts = judged(&rig, &exam, GradeKind::Predicted);
        holds(&format!("{release}: {name}: nothing"), &Header::none(&exam), &exam, GradeKind::Predicted, &verdicts);

        let solution = folder(name).join("solution.sh");
        let header = Header::of(&solution);
        assert!(header.tasks.is_empty() && run(&rig, &exam, &solution), "{name}: the solution");
        let before = judged(&rig, &exam, GradeKind::Predicted);
        let what = format!("{release}: {name}: solution");
        holds(&what, &header, &exam, GradeKind::Predicted, &before);
        let named = std::env::var_os("ROOTLESS_LAB_RELEASE").is_some();
        if reboot_always || named {
            let verdicts = counts(&exam, &before, &after_a_reboot(&rig, &exam));
            holds(&what, &header, &exam, GradeKind::Proven, &verdicts);
        }
        for (seed, script) in (2..).zip(halves(name)) {
            rig.reset().unwrap();
            let begun = Instant::now();
            let exam = drawn(name, seed);
            prepare(&rig, &exam);
            run(&rig, &exam, &script);
            let verdicts = judged(&rig, &exam, GradeKind::Predicted);
            let half = script.file_stem().unwrap().to_string_lossy();
            let what = format!("{release}: {name}: half {half} ({:.1} s)", begun.elapsed().as_secs_f64());
            holds(&what, &Header::of(&script), &exam, GradeKind::Predicted, &verdicts);
            if let Some(header) = Header::proven(&script).filter(|_| named) {
                let verdicts = counts(&exam, &verdicts, &after_a_rest(&rig, &exam));
                holds(&what, &header, &exam, GradeKind::Proven, &verdicts);
            }
        }
    }
}

/// Whether the machine's podman is older than the exam needs.
pub fn is_too_old(rig: &Rig, exam: &Exam) -> bool {
    let said = root(rig, "podman --version");
    let podman = said.trim().strip_prefix("podman version ").map(str::to_owned);
    exam.needs.as_ref().is_some_and(|needs| needs.lack(&Versions { podman, systemd: None }).is_some())
}

/// Whoever wants to begin it on a machine that is too old is told why, and what to do.
fn refused(rig: &Rig, name: &str) {
    let begin = format!("script -qec 'rootless-lab exam start {name} --here --yes' /dev/null; echo status $?");
    let said = login(rig, "lisa", &begin);
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("it needs podman 4.4, and this machine has") && words.contains("--release trixie"),
        "{said}"
    );
    assert!(words.contains("status 4"), "{said}");
}

#[test]
fn the_sprint_scores_what_its_scripts_say_and_its_solution_outlives_a_reboot() {
    sit("rootless-sprint", true);
}

#[test]
fn ex200_containers_scores_what_its_scripts_say() {
    sit("ex200-containers", false);
}

#[test]
fn quadlet_scores_what_its_scripts_say() {
    sit("quadlet", false);
}

#[test]
fn at_least_ten_half_solutions_name_tasks_that_there_are() {
    let names = ["ex200-containers", "quadlet", "rootless-sprint"];
    let mut count = 0;
    for name in names {
        let exam = drawn(name, 1);
        for script in halves(name) {
            let known = |task: &String| exam.tasks.iter().find(|known| known.id == *task);
            for header in std::iter::once(Header::of(&script)).chain(Header::proven(&script)) {
                let lost: u32 = header.tasks.iter().map(|(task, points)| known(task).unwrap().points - points).sum();
                assert_eq!(header.points + lost, header.whole, "{}", script.display());
            }
            count += 1;
        }
    }
    assert!(count >= 10, "{count}");
}
