//! The shelf of practice machines in the state directory. Never boots one by itself.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use super::record::{self, Made};
use super::{Error, Machine, Recipe, base, lock, seed};

/// How far a machine's making is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// 0 to 100.
    pub percent: u8,
    /// What is being done: `unpacking`.
    pub doing: String,
}

/// All practice machines of this host.
#[derive(Debug, Clone)]
pub struct Machines {
    state: PathBuf,
    program: PathBuf,
}

impl Machines {
    /// The machines in `/var/lib/rootless-lab`, or where `ROOTLESS_LAB_STATE` says; this program is shown inside them
    /// (or the one that `ROOTLESS_LAB_PROGRAM` names).
    pub fn open() -> Result<Machines, Error> {
        let state =
            env::var_os("ROOTLESS_LAB_STATE").map_or_else(|| PathBuf::from("/var/lib/rootless-lab"), PathBuf::from);
        let program = match env::var_os("ROOTLESS_LAB_PROGRAM") {
            Some(program) => PathBuf::from(program),
            None => env::current_exe().map_err(Error::io("find", Path::new("/proc/self/exe")))?,
        };
        Machines::at(&state, &program)
    }

    /// The machines in this state directory, with this program shown inside them.
    pub fn at(state: &Path, program: &Path) -> Result<Machines, Error> {
        let strange = state.to_string_lossy().contains([':', ',', '\\', '\n']);
        if strange || !state.is_absolute() {
            let why = "it must be absolute and without `:`, `,` and `\\`".to_owned();
            return Err(Error::BadTree { path: state.to_owned(), why });
        }
        Ok(Machines { state: state.to_owned(), program: program.to_owned() })
    }

    /// Where the machines are.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Makes a machine, building its base tree when there is none yet. It is not started.
    pub fn create(&self, recipe: &Recipe, tell: &mut (dyn FnMut(Progress) + Send)) -> Result<Machine, Error> {
        super::need_root()?;
        super::need_namespaces()?;
        check_name(&recipe.name)?;
        recipe.accounts.iter().try_for_each(super::Account::check)?;
        let machines = self.state.join("machines");
        fs::create_dir_all(&machines).map_err(Error::io("make", &machines))?;
        let home = machines.join(&recipe.name);
        if is_there(&home.join("machine.json"))? {
            return Err(Error::Exists(recipe.name.clone()));
        }
        let lock_path = machines.join(format!("{}.making", recipe.name));
        let Some(_held) = lock::take(&lock_path)? else { return Err(Error::Busy(recipe.name.clone())) };
        let made = self.clear(&recipe.name).and_then(|()| self.make(recipe, &home, tell));
        // a lock file's name may only go while the lock is held, and after the machine's own name is there
        fs::remove_file(&lock_path).map_err(Error::io("remove", &lock_path))?;
        made?;
        tell(Progress { percent: 100, doing: "ready".into() });
        self.find(&recipe.name)
    }

    /// Makes a machine's directory aside and puts it in its place when it is whole. The caller holds the name.
    fn make(&self, recipe: &Recipe, home: &Path, tell: &mut (dyn FnMut(Progress) + Send)) -> Result<(), Error> {
        let base = base::base(&self.state.join("base"), &self.state.join("packages"), &recipe.from, tell)?;
        tell(Progress { percent: 97, doing: "making accounts, keys and the registry".into() });
        let partial = home.with_extension("partial");
        remove_tree(&partial)?;
        let made = Made {
            version: 1,
            from: recipe.from.clone(),
            base: base.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            accounts: recipe.accounts.clone(),
            online: recipe.online,
            ssh_port: if recipe.online { free_port()? } else { 22 },
        };
        let placed = seed::plant(&base, &partial, &recipe.name, &made)
            .and_then(|()| record::write(&partial.join("machine.json"), &made))
            .and_then(|()| fs::rename(&partial, home).map_err(Error::io("rename", &partial)));
        if placed.is_err() {
            remove_tree(&partial)?;
        }
        placed
    }

    /// Removes a machine, or what a removal that was cut short left of one.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        super::need_root()?;
        match self.find(name) {
            Err(Error::NoMachine(_)) if is_there(&self.state.join("machines").join(name))? => self.clear(name),
            found => found?.remove(),
        }
    }

    /// Removes what stands in the place of a machine and has no record: a removal takes that away first.
    fn clear(&self, name: &str) -> Result<(), Error> {
        let home = self.state.join("machines").join(name);
        if !is_there(&home)? || is_there(&home.join("machine.json"))? {
            return Ok(());
        }
        let Some(_held) = lock::take(&home.join("lock"))? else { return Err(Error::Busy(name.to_owned())) };
        remove_tree(&home)
    }

    /// The machine of this name.
    pub fn find(&self, name: &str) -> Result<Machine, Error> {
        check_name(name)?;
        let home = self.state.join("machines").join(name);
        match record::read::<Made>(&home.join("machine.json"))? {
            Some(made) => {
                Ok(Machine::new(name, home, self.state.join("base").join(&made.base), self.program.clone(), made))
            }
            None => Err(Error::NoMachine(name.to_owned())),
        }
    }

    /// All of them, by name.
    pub fn all(&self) -> Result<Vec<Machine>, Error> {
        let machines = self.state.join("machines");
        if !is_there(&machines)? {
            return Ok(Vec::new());
        }
        let mut names: Vec<String> = fs::read_dir(&machines)
            .map_err(Error::io("read", &machines))?
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| check_name(name).is_ok())
            .collect();
        names.sort();
        let is_machine = |name: &String| is_there(&machines.join(name).join("machine.json"));
        let mut whole = Vec::with_capacity(names.len());
        for name in names {
            if is_machine(&name)? {
                whole.push(name);
            }
        }
        // One that is removed in this moment is none any more.
        let found = whole.iter().map(|name| self.find(name));
        found.filter(|found| !matches!(found, Err(Error::NoMachine(_)))).collect()
    }

    /// Removes the base trees that no machine stands on. Answers how many went.
    pub fn sweep(&self) -> Result<usize, Error> {
        super::need_root()?;
        let bases = self.state.join("base");
        let used: Vec<PathBuf> = self.all()?.iter().map(|machine| machine.base().to_owned()).collect();
        let Ok(entries) = fs::read_dir(&bases) else { return Ok(0) };
        let mut gone = 0;
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir() && !used.contains(path)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let built = name.split(".partial-").next().unwrap_or(&name);
            if let Some(_held) = lock::take(&bases.join(format!("{built}.lock")))? {
                remove_tree(&path)?;
                gone += 1;
            }
        }
        Ok(gone)
    }
}

/// A port on loopback that is free now, for a machine that shares the host's network.
fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(Error::io("find a free port on", Path::new("127.0.0.1")))
}

/// A host name: it becomes one.
fn check_name(name: &str) -> Result<(), Error> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let good = name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(plain)
        && !name.ends_with('-')
        && name != "localhost";
    if good { Ok(()) } else { Err(Error::BadName(name.to_owned())) }
}

/// Whether something stands there; where only root may look, that root has to.
fn is_there(path: &Path) -> Result<bool, Error> {
    match path.metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => super::need_root().and(Err(Error::io("read", path)(error))),
    }
}

/// Removes a directory, when it is there.
pub(crate) fn remove_tree(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", path)(error)),
        _ => Ok(()),
    }
}

/// A number that no other call of this program and no other program gets, for names of things on their way out.
pub(crate) fn unlike() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_name_is_a_host_name() {
        for bad in ["", "-x", "a/b", "..", "Up", "a b", "x-", "localhost", "1a", "a.partial", &"a".repeat(41)] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        for good in ["practice", "exam-2", "a"] {
            assert!(check_name(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn what_a_removal_that_was_cut_short_left_is_removed_and_is_in_nobody_s_way() {
        if !nix::unistd::geteuid().is_root() {
            return terminal::skipped("practice machines need root");
        }
        let dir = tempfile::tempdir().unwrap();
        let machines = Machines::at(dir.path(), Path::new("/bin/true")).unwrap();
        let left = dir.path().join("machines/exam/upper");
        fs::create_dir_all(&left).unwrap();
        assert!(machines.all().unwrap().is_empty());
        machines.remove("exam").unwrap();
        assert!(!left.exists() && !dir.path().join("machines/exam").exists());
        assert!(matches!(machines.remove("exam"), Err(Error::NoMachine(_))));
        // A name is taken by a machine, not by such a rest.
        fs::create_dir_all(&left).unwrap();
        let nothing = Recipe::new("exam", super::super::Release::Trixie);
        let nothing = Recipe { from: super::super::From::Tree(dir.path().join("none")), ..nothing };
        let error = machines.create(&nothing, &mut |_| ()).err().unwrap();
        assert!(!matches!(error, Error::Exists(_)) && !left.exists(), "{error}");
    }

    #[test]
    fn a_machine_that_is_not_there_is_named_in_the_error() {
        let dir = tempfile::tempdir().unwrap();
        let machines = Machines::at(dir.path(), Path::new("/bin/true")).unwrap();
        assert!(machines.all().unwrap().is_empty());
        let error = machines.find("exam").unwrap_err();
        assert_eq!(error.to_string(), "there is no practice machine named `exam`");
        assert!(error.way_out().unwrap().contains("practice create exam"));
    }
}
