//! The practice machine itself: made with its packages at hand, booted until somebody is logged in, thrown back to its start.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use rootless_lab::practice::{Machines, Recipe, Release};

use super::bed::{Bed, login, state};
use super::figures::{Figures, time};

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
        machine.remove().expect("it goes");
        eprintln!("made anew: round {}", round + 1);
    }
    let _ = fs::remove_dir_all(&place);
    figures
}
