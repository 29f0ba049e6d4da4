//! Real machines for whole-program tests. Where none can be had, a test is skipped aloud, and under `CI` it fails instead.

use std::fs::{self, File};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rootless_lab::practice::{self, From, Machine, Machines, Recipe, Release};

/// Why a real machine cannot be had here.
#[derive(Debug)]
pub struct Skip(pub String);

/// What was asked for, or none after saying why not. Under `CI` a skip is a failure.
pub fn have<T>(wanted: Result<T, Skip>) -> Option<T> {
    match wanted {
        Ok(got) => Some(got),
        Err(Skip(why)) => {
            terminal::skipped(&why);
            None
        }
    }
}

/// A machine of a test's own, removed when it goes out of scope.
pub struct Rig {
    machine: Machine,
}

impl Rig {
    /// A machine that a test made itself.
    pub fn of(machine: Machine) -> Self {
        Self { machine }
    }
}

impl Deref for Rig {
    type Target = Machine;

    fn deref(&self) -> &Machine {
        &self.machine
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let ended = self.machine.cut_power().and_then(|()| self.machine.clone().remove());
        if let Err(error) = ended {
            eprintln!("{} stays behind: {error}", self.machine.name());
        }
    }
}

/// Where the machines of tests live: outside any checkout, kept between runs so that base trees are built once.
pub fn state() -> PathBuf {
    std::env::var_os("ROOTLESS_LAB_STATE").map_or_else(|| PathBuf::from("/var/tmp/rootless-lab-tests"), PathBuf::from)
}

/// The shelf that tests share. The program shown inside is the one under test.
pub fn machines() -> Result<Machines, Skip> {
    practice::need_root().map_err(|_| Skip("practice machines need root".into()))?;
    practice::need_namespaces().map_err(|error| Skip(error.to_string()))?;
    provide()?;
    fs::create_dir_all(state()).map_err(|error| Skip(format!("{}: {error}", state().display())))?;
    Machines::at(&state(), Path::new(env!("CARGO_BIN_EXE_rootless-lab"))).map_err(|error| Skip(error.to_string()))
}

/// What machines are made with: on a fresh Debian it is installed, and that is said.
fn provide() -> Result<(), Skip> {
    static ONCE: Mutex<()> = Mutex::new(());
    let _held = ONCE.lock().unwrap_or_else(PoisonError::into_inner);
    let missing = || practice::missing_packages(&From::Release(Release::Trixie));
    let lacks = missing();
    if lacks.is_empty() {
        return Ok(());
    }
    eprintln!("to make practice machines, these packages are installed on this host: {}", lacks.join(", "));
    for mut command in practice::install(&lacks).map_err(|error| Skip(error.to_string()))? {
        // What goes wrong says so itself, and is seen below.
        let _ = command.stdin(Stdio::null()).status();
    }
    let lacks = missing();
    if lacks.is_empty() { Ok(()) } else { Err(Skip(format!("this host lacks {}", lacks.join(", ")))) }
}

/// The releases to try: those that `ROOTLESS_LAB_RELEASE` names, with commas between them, or `all`; else the newest stable one.
pub fn releases() -> Vec<Release> {
    let names = std::env::var("ROOTLESS_LAB_RELEASE").unwrap_or_else(|_| "trixie".into());
    let release = |name: &str| {
        clap::ValueEnum::from_str(name, false)
            .unwrap_or_else(|_| panic!("ROOTLESS_LAB_RELEASE names no release: {name}"))
    };
    if names == "all" { Release::ALL.to_vec() } else { names.split(',').map(release).collect() }
}

/// The release that a test which wants only one tries: the last of them.
pub fn release() -> Release {
    releases().pop().unwrap_or(Release::Trixie)
}

/// A machine of this release, made and not started.
pub fn machine(release: Release) -> Result<Rig, Skip> {
    let machines = machines()?;
    let broken = |error: practice::Error| panic!("{error}");
    // one maker at a time, also among test programs: all wait for the one base tree
    let gate = File::create(state().join("rig.lock")).and_then(|file| file.lock().map(|()| file));
    let gate = gate.unwrap_or_else(|error| panic!("{}: {error}", state().display()));
    remove_orphans(&machines);
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("rig-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let begun = Instant::now();
    let machine = machines.create(&Recipe::new(&name, release), &mut |_| ()).unwrap_or_else(broken);
    eprintln!("{name} ({release}) made in {:.2} s", begun.elapsed().as_secs_f64());
    drop(gate);
    Ok(Rig { machine })
}

/// A machine of this release that one can log in to.
pub fn started(release: Release) -> Result<Rig, Skip> {
    let rig = machine(release)?;
    let begun = Instant::now();
    rig.start().unwrap_or_else(|error| panic!("{error}"));
    eprintln!("{} booted to login in {:.2} s", rig.name(), begun.elapsed().as_secs_f64());
    Ok(rig)
}

/// Machines of test programs that were killed.
fn remove_orphans(machines: &Machines) {
    for machine in machines.all().unwrap_or_default() {
        let maker = machine.name().strip_prefix("rig-").and_then(|rest| rest.split('-').next()).map(str::to_owned);
        if maker.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = machine.cut_power().and_then(|()| machine.clone().remove());
        }
    }
}
