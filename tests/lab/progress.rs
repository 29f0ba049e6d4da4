//! What is kept of a learner's way: nothing is lost, whenever the lab ends.

// A test's support may fail a test.
#![allow(clippy::expect_used)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use terminal::Terminal;

use crate::rig::{Learner, PATIENCE, PROGRAM, PROMPT, lesson, names, one_step, refused, steps_shown};

/// Numbers that nobody foresees, and that a seed brings back.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn kill_all_of(lab: &mut Terminal) {
    killpg(Pid::from_raw(lab.pid()), Signal::SIGKILL).expect("a process group");
    lab.end(PATIENCE);
}

/// One learner of a lesson of six steps, whose lab is killed fifty times. How often the command in flight was lost, and was kept.
fn killed_fifty_times(seed: u64) -> (usize, usize) {
    const STEPS: usize = 6;
    let learner = Learner::new();
    learner.files_lesson("tale", STEPS);
    let mut dice = Dice(seed);
    let (mut reached, mut lost, mut kept) = (1, 0, 0);
    for round in 0..50 {
        let mut lab = learner.start("tale");
        let mut in_flight = false;
        if dice.below(4) == 0 {
            lab.pass(Duration::from_micros(dice.below(300_000)));
        } else {
            lab.wait(PROMPT, PATIENCE);
            let over = lab.all().contains("[done");
            let shown = steps_shown(&lab.all());
            let opened = shown.first().copied().unwrap_or(STEPS + 1);
            assert_eq!(opened, reached, "seed {seed}, round {round}: it goes on where the record is\n{}", lab.all());
            // What the killed lab did not see any more, this one may have noticed already.
            reached = if over { STEPS + 1 } else { *shown.last().expect("a step is shown") };
            if over {
                for step in 1..=STEPS {
                    fs::remove_file(learner.goal(step)).expect("a goal that was met");
                }
                lab.line(":reset all");
                lab.wait("Step 1 of", PATIENCE);
                reached = 1;
            }
            for _ in 0..=dice.below(3) {
                if reached > STEPS {
                    break;
                }
                lab.line(&format!("touch {}", learner.goal(reached).display()));
                if dice.below(2) == 0 {
                    lab.pass(Duration::from_micros(dice.below(60_000)));
                    in_flight = true;
                    break;
                }
                let next = if reached == STEPS { r"\[done".to_owned() } else { format!("Step {} of", reached + 1) };
                lab.wait(&next, PATIENCE);
                reached += 1;
            }
        }
        kill_all_of(&mut lab);
        let found = learner.record("tale").map_or(1, |record| match record.step {
            Some(id) => id.trim_start_matches("step-").parse().expect("a step of the lesson"),
            None => STEPS + 1,
        });
        // What was shown as done is there; at most the command in flight is missing. What is green at the opening counts too.
        assert!(
            (reached..=reached + 1).contains(&found),
            "seed {seed}, round {round}: {found} is kept, {reached} was shown"
        );
        if in_flight {
            lost += usize::from(found == reached);
            kept += usize::from(found > reached);
        }
        reached = found;
    }
    (lost, kept)
}

#[test]
fn killed_at_two_hundred_random_points_a_lab_goes_on_where_it_was() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_nanos() as u64;
    let seeds = [1, 2, 3, 4].map(|number| now.wrapping_mul(2 * number + 1) | 1);
    let counts = std::thread::scope(|scope| {
        let learners = seeds.map(|seed| scope.spawn(move || killed_fifty_times(seed)));
        learners.map(|learner| learner.join().expect("a learner who lost nothing"))
    });
    let (lost, kept) = counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(lost > 0 && kept > 0, "the kills fall on both sides of the instant of saving: {lost} before, {kept} after");
}

#[test]
fn a_shell_has_its_terminal_back_when_the_lab_is_killed_and_when_it_ends() {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    let mut bash = Command::new("bash");
    learner.dress(&mut bash);
    bash.args(["--norc", "-i"]).env("PS1", "outer> ");
    let mut shell = Terminal::start(bash, 24, 80);
    shell.wait("outer> $", PATIENCE);
    shell.line(&format!("stty -g; {PROGRAM} start --here --yes tale"));
    let before = shell.wait(r"(?m)^[0-9a-f:]{20,}$", PATIENCE).lines().last().map(str::to_owned).expect("modes");
    shell.wait(PROMPT, PATIENCE);
    shell.line("kill -9 $PPID");
    shell.wait("outer> $", PATIENCE);
    shell.line(&format!("stty -g; {PROGRAM} start --here --yes tale"));
    shell.wait(&before, PATIENCE);
    shell.wait(PROMPT, PATIENCE);
    shell.line(":quit");
    shell.wait("outer> $", PATIENCE);
    shell.line("stty -g");
    shell.wait(&before, PATIENCE);
}

#[test]
fn a_terminal_is_left_as_it_was_however_the_lab_is_asked_to_end() {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    for (way, signal) in
        [(":quit\r", None), ("exit\r", None), ("\x04", None), ("", Some(Signal::SIGTERM)), ("", Some(Signal::SIGHUP))]
    {
        let mut lab = learner.start("tale");
        // The modes of a terminal that nobody has changed: those of one that was opened just so.
        let before = Terminal::start(Command::new("true"), 24, 80).modes();
        lab.wait(PROMPT, PATIENCE);
        lab.keys(way);
        if let Some(signal) = signal {
            kill(Pid::from_raw(lab.pid()), signal).expect("a process");
        }
        lab.end(PATIENCE);
        assert_eq!(lab.modes(), before, "after {way:?} {signal:?}");
    }
}

#[test]
fn a_terminal_is_left_as_it_was_when_the_lab_is_ended_while_a_program_runs_in_it() {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    let before = Terminal::start(Command::new("true"), 24, 80).modes();
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut lab = learner.at_prompt("tale");
        lab.line("echo be''gun; stty raw -echo; sleep 1000");
        lab.wait("begun", PATIENCE);
        kill(Pid::from_raw(lab.pid()), signal).expect("a process");
        lab.end(PATIENCE);
        assert_eq!(lab.modes(), before, "after {signal:?}");
    }
}

#[test]
fn a_record_is_private_versioned_and_replaced_as_a_whole() {
    let learner = Learner::new();
    learner.files_lesson("tale", 3);
    let mut lab = learner.at_prompt("tale");
    let folder = learner.store("tale").folder().to_owned();
    let file = || fs::metadata(folder.join("record.json")).expect("a record");
    let first = file();
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait("Step 2 of", PATIENCE);
    let second = file();
    assert_eq!(second.permissions().mode() & 0o7777, 0o600);
    assert_eq!(fs::metadata(&folder).expect("a folder").permissions().mode() & 0o7777, 0o700);
    assert_ne!(first.ino(), second.ino(), "a new file in the place of the old one, not the old one written over");
    let text = fs::read_to_string(folder.join("record.json")).expect("a record");
    assert!(text.contains("\"version\": 1") && text.contains("\"step\": \"step-2\""), "{text}");
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    let left: Vec<String> =
        names(&folder).into_iter().filter(|name| name.contains("part") || name.contains("new-")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_damaged_or_newer_record_is_set_aside_with_a_message() {
    for (text, why) in
        [("{\"version\": 1, \"les", "damaged"), ("{\"version\": 77}", r"newer\s+rootless-lab"), ("\0\0\0", "damaged")]
    {
        let learner = Learner::new();
        learner.files_lesson("tale", 2);
        let folder = learner.store("tale").folder().to_owned();
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("record.json"), text).expect("a file");
        let status = learner.run(&["status", "--lesson", "tale"]);
        refused(&status, 4, why);
        assert_eq!(fs::read_to_string(folder.join("record.json")).expect("untouched"), text, "looking changes nothing");
        let mut lab = learner.start("tale");
        lab.wait(why, PATIENCE);
        lab.wait(r"kept as", PATIENCE);
        lab.wait("Step 1 of 2", PATIENCE);
        lab.wait(PROMPT, PATIENCE);
        let aside = names(&folder).into_iter().find(|name| name.starts_with("record.set-aside")).expect("kept");
        assert_eq!(fs::read_to_string(folder.join(aside)).expect("kept"), text);
    }
}

#[test]
fn a_damaged_record_is_set_aside_by_reset_too_and_said() {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    let folder = learner.store("tale").folder().to_owned();
    fs::create_dir_all(&folder).expect("a folder");
    for arguments in [["reset", "--lesson", "tale", "--step", "2"].as_slice(), &["reset", "--lesson", "tale", "--all"]]
    {
        fs::write(folder.join("record.json"), "{\"version\": 77}").expect("a file");
        let before = names(&folder).len();
        let reset = learner.run(arguments);
        assert!(reset.status.success());
        let said = String::from_utf8(reset.stdout).expect("text");
        assert!(said.contains("newer rootless-lab") && said.contains("kept as"), "{arguments:?}: {said}");
        assert!(names(&folder).iter().any(|name| name.starts_with("record.set-aside")), "{before}");
    }
}

#[test]
fn a_second_lab_on_the_same_record_says_so_and_leaves_the_first_alone() {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    let mut first = learner.at_prompt("tale");
    let mut second = learner.start("tale");
    assert_eq!(second.end(PATIENCE).code(), Some(5));
    let said = second.all();
    assert!(said.contains("rootless-lab: another lab has this lesson open"), "{said}");
    assert!(said.contains(&first.pid().to_string()) && said.contains("→"), "{said}");
    refused(&learner.run(&["reset", "--lesson", "tale", "--all"]), 5, "another lab");
    first.line(&format!("touch {}", learner.goal(1).display()));
    first.wait("Step 2 of", PATIENCE);
    // Another lesson of the same learner is another record.
    learner.files_lesson("other", 2);
    learner.at_prompt("other");
}

#[test]
fn leaving_and_coming_back_goes_on_at_the_same_step_with_what_was_seen_once() {
    let learner = Learner::new();
    let seen = learner.place("seen");
    let goals = [
        ("once", format!("{{path: {{path: {}}}}}", seen.display()), "once: true"),
        ("file", format!("{{path: {{path: {}}}}}", learner.goal(2).display()), ""),
    ];
    let goals: Vec<(&str, &str, &str)> = goals.iter().map(|(id, check, more)| (*id, check.as_str(), *more)).collect();
    let first = format!("{{path: {{path: {}}}}}", learner.goal(1).display());
    let steps = one_step(1, &[("file", &first, "")])
        + &one_step(2, &goals)
        + &one_step(3, &[("file", "{path: {path: /nowhere}}", "")]);
    learner.lesson("tale", lesson(&steps));
    let mut lab = learner.at_prompt("tale");
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait("Step 2 of", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":hint");
    lab.wait("Look", PATIENCE);
    lab.line(&format!("touch {}", seen.display()));
    lab.wait("The once of 2", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(&format!("rm {}", seen.display()));
    lab.wait(PROMPT, PATIENCE);
    lab.line(":quit");
    lab.wait("Saved at step 2", PATIENCE);
    assert!(lab.end(PATIENCE).success());

    let mut lab = learner.start("tale");
    lab.wait("Going on at step 2", PATIENCE);
    lab.wait("Step 2 of 3", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line(":hint");
    lab.wait("Think", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    // The arrow upwards brings back `:hint`, then what was typed the last time: `:quit`, `rm …`.
    lab.keys("\x1b[A\x1b[A\x1b[A");
    lab.wait("rm [^ ]*seen", PATIENCE);
    lab.keys("\x03");
    lab.wait(PROMPT, PATIENCE);
    lab.line(&format!("touch {}", learner.goal(2).display()));
    lab.wait("Step 3 of 3", PATIENCE);
}

#[test]
fn a_machine_ahead_of_or_behind_the_record_is_said_with_the_step_to_go_to() {
    let learner = Learner::new();
    learner.files_lesson("tale", 4);
    fs::write(learner.goal(1), "").expect("a file");
    fs::write(learner.goal(2), "").expect("a file");
    let mut lab = learner.start("tale");
    lab.wait(r"fits step 3", PATIENCE);
    lab.wait(r":step 3 goes there", PATIENCE);
    lab.line(":step 3");
    lab.wait("Step 3 of 4", PATIENCE);
    lab.line(&format!("touch {}", learner.goal(3).display()));
    lab.wait("Step 4 of 4", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    fs::remove_file(learner.goal(3)).expect("a goal that was met");
    let mut lab = learner.start("tale");
    lab.wait(r"behind the record", PATIENCE);
    lab.wait("The file of 3", PATIENCE);
    lab.wait(r":step 3 goes there", PATIENCE);
}

#[test]
fn reset_goes_back_to_a_step_or_to_the_beginning() {
    let learner = Learner::new();
    learner.files_lesson("tale", 4);
    let mut lab = learner.at_prompt("tale");
    for step in 1..=3 {
        lab.line(&format!("touch {}", learner.goal(step).display()));
        lab.wait(&format!("Step {} of", step + 1), PATIENCE);
    }
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    let record = || learner.record("tale");
    for (wanted, step, done) in [("step-3", "step-3", 2), ("2", "step-2", 1)] {
        assert!(learner.run(&["reset", "--lesson", "tale", "--step", wanted]).status.success());
        let record = record().expect("a record");
        assert_eq!((record.step.as_deref(), record.done.len()), (Some(step), done));
    }
    for wrong in ["0", "5", "stepp-3", ""] {
        refused(&learner.run(&["reset", "--lesson", "tale", "--step", wrong]), 2, "no step.*step-1, step-2");
    }
    assert!(learner.goal(1).exists(), "the machine stays as it is");
    assert!(learner.run(&["reset", "--lesson", "tale", "--all"]).status.success());
    assert_eq!(record(), None);
    assert!(learner.run(&["reset", "--lesson", "tale", "--all"]).status.success(), "twice is no mistake");
    let neither = learner.run(&["reset", "--lesson", "tale"]);
    assert_eq!(neither.status.code(), Some(2));
}

#[test]
fn status_says_where_the_learner_is_in_words_and_in_json() {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    let json = || {
        let output = learner.run(&["status", "--lesson", "tale", "--json"]);
        assert!(output.status.success());
        serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")
    };
    let words = || String::from_utf8(learner.run(&["status", "--lesson", "tale"]).stdout).expect("text");
    assert_eq!(
        (json()["step"].clone(), json()["of"].clone(), json()["number"].clone()),
        ("step-1".into(), 2.into(), 1.into())
    );
    assert!(words().contains("0 of 2 steps done"), "{}", words());
    let mut lab = learner.at_prompt("tale");
    lab.line(&format!("touch {}", learner.goal(1).display()));
    lab.wait("Step 2 of", PATIENCE);
    assert_eq!(
        (json()["step"].clone(), json()["done"].clone()),
        ("step-2".into(), vec!["step-1"].into()),
        "while a lab runs"
    );
    lab.line(&format!("touch {}", learner.goal(2).display()));
    lab.wait(r"\[done", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    assert_eq!((json()["step"].clone(), json()["number"].clone()), (serde_json::Value::Null, serde_json::Value::Null));
    assert!(words().contains("2 of 2 steps done"), "{}", words());
    refused(&learner.run(&["status", "--lesson", "tael"]), 3, "is `tale` meant");
}

#[test]
fn what_was_typed_is_in_the_history_even_when_the_lab_is_killed() {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    let mut lab = learner.at_prompt("tale");
    lab.line("echo 'kept \\ for' ever");
    lab.wait("kept . for ever", PATIENCE);
    lab.wait(PROMPT, PATIENCE);
    lab.line("echo in flight");
    lab.wait("in flight\n", PATIENCE);
    kill_all_of(&mut lab);
    let mut lab = learner.at_prompt("tale");
    lab.keys("\x1b[A\x1b[A");
    lab.wait(r"echo 'kept \\ for' ever", PATIENCE);
    let history = fs::metadata(learner.store("tale").history()).expect("a history");
    assert_eq!(history.permissions().mode() & 0o7777, 0o600);
    lab.keys("\x03");
    // It is the learner's, in whichever lesson; and who leaves takes nothing away of what was typed in another one meanwhile.
    learner.files_lesson("other", 2);
    let mut other = learner.at_prompt("other");
    other.keys("\x1b[A\x1b[A");
    other.wait(r"echo 'kept \\ for' ever", PATIENCE);
    other.keys("\x03");
    other.line("echo in the ot''her");
    other.wait("in the other\n", PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    let kept = fs::read_to_string(learner.store("tale").history()).expect("a history");
    assert!(kept.contains("echo in the ot''her\n"), "{kept}");
}

#[test]
fn nothing_of_a_lab_lies_about_when_it_ended() {
    let learner = Learner::new();
    learner.files_lesson("tale", 2);
    fs::create_dir(learner.place("tmp")).expect("a folder");
    for signal in [None, Some(Signal::SIGTERM), Some(Signal::SIGHUP)] {
        let mut command = learner.command(&["start", "--here", "tale"]);
        command.env("TMPDIR", learner.place("tmp"));
        let mut lab = Terminal::start(command, 24, 80);
        lab.wait(PROMPT, PATIENCE);
        match signal {
            None => lab.line(":quit"),
            Some(signal) => kill(Pid::from_raw(lab.pid()), signal).expect("a process"),
        }
        let ended = lab.end(PATIENCE);
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), signal.map(|signal| signal as i32));
        for place in ["tmp", "run"] {
            assert_eq!(names(&learner.place(place)), Vec::<String>::new(), "{place} after {signal:?}");
        }
    }
}

#[test]
fn a_step_that_the_machine_is_too_old_for_is_no_step_of_status_check_and_reset_and_each_says_so() {
    let learner = Learner::new();
    let goal = |step: usize| format!("{{path: {{path: {}}}}}", learner.goal(step).display());
    let step = |step: usize| one_step(step, &[("file", &goal(step), "")]);
    let never = step(1) + "    needs: {podman: \"999\"}\n";
    learner.lesson("tale", lesson(&(never + &step(2) + &step(3))));
    let said = |words: &[&str]| {
        let output = learner.run(words);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let told = text(&output.stderr);
        assert!(told.contains("The step `step-1` is left out: it needs podman 999"), "{words:?}: {told}");
        text(&output.stdout)
    };
    let checked = said(&["check", "--all", "--lesson", "tale"]);
    assert!(!checked.contains("of 1 is there") && checked.contains("of 2 is there"), "{checked}");
    let checked = said(&["check", "--step", "1", "--lesson", "tale", "--json"]);
    assert!(checked.contains("\"step\": \"step-2\""), "numbers are those of the lab: {checked}");
    let status: serde_json::Value =
        serde_json::from_str(&said(&["status", "--lesson", "tale", "--json"])).expect("JSON");
    assert_eq!((&status["of"], &status["step"]), (&2.into(), &"step-2".into()), "{status}");
    said(&["reset", "--step", "1", "--lesson", "tale"]);
    let record = learner.record("tale").expect("a record");
    assert_eq!(record.step.as_deref(), Some("step-2"));
}
