//! One practice machine: what it is, whether it runs, and the way back to its start. How it boots is in `boot`, how one enters in `enter`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::machines::remove_tree;
use super::record::Made;
use super::{Account, Error, From, boot, keeper, lock, parts};

/// A practice machine.
#[derive(Debug, Clone)]
pub struct Machine {
    name: String,
    home: PathBuf,
    base: PathBuf,
    program: PathBuf,
    made: Made,
}

impl Machine {
    pub(crate) fn new(name: &str, home: PathBuf, base: PathBuf, program: PathBuf, made: Made) -> Machine {
        Machine { name: name.to_owned(), home, base, program, made }
    }

    /// Its name, and its host name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its base tree came from.
    pub fn from(&self) -> &From {
        &self.made.from
    }

    /// Who has an account from the start.
    pub fn accounts(&self) -> &[Account] {
        &self.made.accounts
    }

    /// Whether it is on the host's own network.
    pub fn online(&self) -> bool {
        self.made.online
    }

    /// Where its sshd listens on loopback.
    pub(crate) fn ssh_port(&self) -> u16 {
        self.made.ssh_port
    }

    /// Its place in the state directory.
    pub(crate) fn place(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    pub(crate) fn base(&self) -> &Path {
        &self.base
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// Boots it and waits until one can log in. One that runs already is left as it is (and answered with `false`).
    pub fn start(&self) -> Result<bool, Error> {
        super::need_root()?;
        let Some(held) = lock::take(&self.place("lock"))? else {
            return if self.is_running() {
                self.wait_for_login(boot::PATIENCE).map(|()| false)
            } else {
                Err(self.busy())
            };
        };
        boot::boot(self, held)?;
        self.wait_for_login(boot::PATIENCE).map(|()| true)
    }

    /// Shuts its systemd down cleanly. One that does not run is left as it is (and answered with `false`).
    pub fn stop(&self) -> Result<bool, Error> {
        super::need_root()?;
        boot::stop(self)
    }

    /// Throws it back to how it was made: what is in it is lost, and when it ran it is started again.
    pub fn reset(&self) -> Result<(), Error> {
        super::need_root()?;
        let ran = self.is_running();
        boot::kill(self)?;
        let Some(held) = lock::take(&self.place("lock"))? else { return Err(self.busy()) };
        parts::make(&self.home)?;
        parts::place(&self.home)?;
        self.empty_trash()?;
        if ran {
            boot::boot(self, held)?;
            self.wait_for_login(boot::PATIENCE)?;
        }
        Ok(())
    }

    /// Ends it at once, as if its plug were pulled. One that does not run is left as it is.
    pub fn cut_power(&self) -> Result<(), Error> {
        super::need_root()?;
        boot::kill(self)
    }

    /// Removes it. A running one is refused.
    pub fn remove(self) -> Result<(), Error> {
        super::need_root()?;
        if self.is_running() {
            return Err(Error::Running(self.name));
        }
        let Some(held) = lock::take(&self.place("lock"))? else { return Err(self.busy()) };
        boot::end_leftovers(&self)?;
        // from here on no other command finds it; a removal that is cut short leaves no half machine behind
        let record = self.place("machine.json");
        fs::remove_file(&record).map_err(Error::io("remove", &record))?;
        remove_tree(&self.home)?;
        drop(held);
        Ok(())
    }

    fn busy(&self) -> Error {
        Error::Busy(self.name.clone())
    }

    /// Empties the trash in the background, at the lowest priority: the learner does not wait for it.
    fn empty_trash(&self) -> Result<(), Error> {
        let trash = self.place("trash");
        let mut command = Command::new("setsid");
        command.args(["--fork", "nice", "-n", "19", "rm", "-rf", "--"]).arg(&trash).stdin(Stdio::null());
        keeper::holding_nothing(&mut command);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.map(|_| ()).map_err(|error| Error::Program { program: "setsid".into(), said: error.to_string() })
    }
}
