//! The practice machine itself: made with its packages at hand, booted until somebody is logged in, thrown back to its start, and come back
//! to on another day.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use rootless_lab::practice::{Machines, Recipe, Release};

use super::bed::{Bed, login, state};
use super::figures::{Figures, since, time};
use super::terminal::Terminal;

pub fn measure(_: &Bed) -> Figures {
    let mut figures = Figures::default();
    let place = state().join("anew");
    for round in 0..2 {
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).expect("a state directory");
        symlink(state().join("packages"), place.join("packages")).expect("the packages of the first machine");
        let machines = Machines::at(&place, Path::new(env!("CARGO_BIN_EXE_rootless-lab"))).expect("a state directory");
        let mut made = None;
        let recipe = Recipe::new("anew", Release::Trixie);
        figures.add("create", time(|| made = Some(machines.create(&recipe, &mut |_| ()).expect("it is made"))));
        let machine = made.expect("it was made");
        for _ in 0..4 {
            figures.add(
                "boot",
                time(|| {
                    machine.start().expect("it boots");
                    assert!(login(&machine, "lisa", &["true"]).status().expect("ssh runs").success());
                }),
            );
            figures.add("reset and boot", time(|| machine.reset().expect("it is reset")));
            machine.stop().expect("it stops");
            figures.add("reset", time(|| machine.reset().expect("it is reset")));
        }
        // The first time the lab looks at the machine for longer.
        come_back(&place);
        for _ in 0..4 {
            figures.add("come back", come_back(&place));
            machine.stop().expect("it stops");
            figures.add("come back and boot", come_back(&place));
        }
        machine.stop().expect("it stops");
        machine.remove().expect("it goes");
        eprintln!("made anew: round {}", round + 1);
    }
    let _ = fs::remove_dir_all(&place);
    figures
}

/// How long it takes the command from the README, once it is built, to the prompt, on a host that has its machine.
fn come_back(place: &Path) -> f64 {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["start", "--practice", "--machine", "anew"]).env("ROOTLESS_LAB_STATE", place);
    let begun = Instant::now();
    let mut lab = Terminal::of(&mut command);
    lab.until(b"\x1b[?2004h");
    let time = since(begun);
    lab.leave(":quit");
    time
}
