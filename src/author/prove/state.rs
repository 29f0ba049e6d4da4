//! A machine's state as lines of text, and what is different between two of them. Looks as root, and changes nothing.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::author::report::Fault;
use crate::practice::Machine;

/// What looking could change.
pub(super) const TOUCHED: &str = include_str!("touched.bash");
/// What a lesson could leave behind.
pub(super) const LEFT: &str = include_str!("left.bash");

/// How long a machine may take to come to rest.
const REST: Duration = Duration::from_secs(60);
/// How far apart two looks are that must see the same. systemd hears of mounts five times a second at most, and of what comes after
/// them when that second is over (mount.c): until then it knows no unit of a directory under `/run/user` that is there.
const APART: Duration = Duration::from_secs(1);
/// How long is waited for what moves by itself: the manager of an account that has logged out goes after ten seconds, unless one of its
/// programs stays behind and keeps the session of it open.
const LEAVING: Duration = Duration::from_secs(20);
/// How often as much time passes without a look as with one.
const CONTROLS: usize = 3;
/// A line of what goes away or comes by itself.
const MOVING: &str = "moving ";
/// No more differences are told.
const MOST: usize = 20;

/// A state.
pub(super) type State = BTreeSet<String>;

/// The machine as this script sees it.
pub(super) fn seen(machine: &Machine, script: &str) -> Result<State, Fault> {
    let output = machine.run_root(&["bash", "-c", script]).map_err(|error| Fault::Failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().map(str::to_owned).collect())
}

/// The same, once the machine has come to rest: two looks see the same, and nothing that moves by itself.
pub(super) fn at_rest(machine: &Machine, script: &str) -> Result<State, Fault> {
    let begun = Instant::now();
    let mut before = seen(machine, script)?;
    loop {
        std::thread::sleep(APART);
        let now = seen(machine, script)?;
        if now == before && (!is_moving(&now) || begun.elapsed() > LEAVING) {
            return Ok(now);
        }
        if begun.elapsed() > REST {
            return Err(Fault::Changed(changes(&before, &now)));
        }
        before = now;
    }
}

/// The same; what never rests, a program that writes every second, keeps nobody waiting for ever.
pub(super) fn as_good_as_at_rest(machine: &Machine, script: &str) -> Result<State, Fault> {
    match at_rest(machine, script) {
        Err(Fault::Changed(_)) => seen(machine, script),
        rested => rested,
    }
}

/// Of what is different between two states, the lines about things that changed at no time when nobody did anything: as much time
/// passes a few times over, and what changes then changes by itself.
pub(super) fn not_by_itself(
    machine: &Machine,
    script: &str,
    (before, after): (&State, &State),
    time: Duration,
) -> Result<Vec<String>, Fault> {
    let (mut before, mut after) = (before.clone(), after.clone());
    for _ in 0..CONTROLS {
        if before == after {
            break;
        }
        let from = seen(machine, script)?;
        std::thread::sleep(time);
        let moves = subjects(&from, &seen(machine, script)?);
        for state in [&mut before, &mut after] {
            state.retain(|line| !moves.contains(&subject(line)));
        }
    }
    Ok(changes(&before, &after))
}

/// What is different between two states, as things and not as lines.
fn subjects(before: &State, after: &State) -> State {
    before.symmetric_difference(after).map(|line| subject(line)).collect()
}

/// What a line is about. A process that comes again has another number, a file that was written another time.
fn subject(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["process", _, _, _, what @ ..] => format!("process {}", what.join(" ")),
        ["file", path, ..] => format!("file {path}"),
        _ => line.to_owned(),
    }
}

/// Whether something in a state is known to go on by itself.
fn is_moving(state: &State) -> bool {
    state.iter().any(|line| line.starts_with(MOVING))
}

/// What is gone and what is new, the first few.
pub(super) fn changes(before: &State, after: &State) -> Vec<String> {
    let gone = before.difference(after).map(|line| format!("- {line}"));
    let new = after.difference(before).map(|line| format!("+ {line}"));
    let mut all: Vec<String> = gone.chain(new).collect();
    if all.len() > MOST {
        let more = all.len() - MOST;
        all.truncate(MOST);
        all.push(format!("and {more} more"));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_still_leaving_keeps_a_machine_from_its_rest() {
        let state = |line: &str| State::from([line.to_owned()]);
        assert!(is_moving(&state("moving user 1000 closing")));
        assert!(!is_moving(&state("user 1000 lisa")));
    }

    #[test]
    fn a_program_that_comes_again_and_a_file_that_grows_are_the_same_things_as_before() {
        let state = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<State>();
        let before =
            state(&["process 45 639 45 ? conuser1 sleep 2", "file /data/log f 644 9 12.5", "unit a.timer loaded"]);
        let after =
            state(&["process 45 701 45 ? conuser1 sleep 2", "file /data/log f 644 18 14.5", "unit b.timer loaded"]);
        let things = ["file /data/log", "process ? conuser1 sleep 2", "unit a.timer loaded", "unit b.timer loaded"];
        assert_eq!(subjects(&before, &after), state(&things));
        assert_ne!(subject("process 45 639 45 ? conuser1 sleep 2"), subject("process 45 639 45 ? lisa sleep 2"));
    }

    #[test]
    fn what_is_different_is_told_and_not_without_end() {
        let state = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<State>();
        assert_eq!(changes(&state(&["a", "b"]), &state(&["b", "c"])), ["- a", "+ c"]);
        let many = (0..100).map(|n| format!("line {n}")).collect();
        let told = changes(&State::new(), &many);
        assert_eq!((told.len(), told.last().map(String::as_str)), (21, Some("and 80 more")));
    }
}
