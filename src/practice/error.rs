//! What can go wrong with a practice machine, each with the way out. Never decides how it is shown.

use std::io;
use std::path::{Path, PathBuf};

/// Why a practice machine could not do what was asked. One line each; the way out is in [`Error::way_out`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Only root may do this.
    #[error("practice machines need root")]
    NotRoot,
    /// Root may not have mounts of its own here.
    #[error("this host does not let root mount anything: it seems to be a container itself")]
    NoNamespaces,
    /// The host lacks programs and they cannot be installed from here.
    #[error("missing on this host: {0}")]
    MissingPrograms(String),
    /// A name that cannot be a host name.
    #[error("`{0}` cannot be a machine's name")]
    BadName(String),
    /// A name that cannot be an account's.
    #[error("`{0}` cannot be an account's name")]
    BadAccount(String),
    /// Nobody of that name can log in.
    #[error("practice machine `{machine}` has no account `{account}`")]
    NoAccount {
        /// The machine.
        machine: String,
        /// Who was to log in.
        account: String,
    },
    /// No such machine.
    #[error("there is no practice machine named `{0}`")]
    NoMachine(String),
    /// The name is taken.
    #[error("there already is a practice machine named `{0}`")]
    Exists(String),
    /// It must be stopped first.
    #[error("practice machine `{0}` is running")]
    Running(String),
    /// It must be started first.
    #[error("practice machine `{0}` is not running")]
    NotRunning(String),
    /// Another command holds it.
    #[error("practice machine `{0}` is being changed by another command")]
    Busy(String),
    /// Building the base tree failed; the text is the builder's own word for why.
    #[error("building {what} failed: {said}")]
    Build {
        /// `trixie`, or the path the tree was to come from.
        what: String,
        /// The builder's own line that says why.
        said: String,
    },
    /// The disk is full.
    #[error("no space left on the disk of {0}")]
    DiskFull(PathBuf),
    /// The Debian mirror did not answer.
    #[error("the Debian mirror cannot be reached: {0}")]
    NoMirror(String),
    /// The tree cannot be a machine.
    #[error("{path} cannot be a machine: {why}")]
    BadTree {
        /// The tree.
        path: PathBuf,
        /// What it lacks.
        why: String,
    },
    /// It did not come up in time.
    #[error("practice machine `{name}` did not boot within {seconds} seconds; its console ends with: {console}")]
    NoBoot {
        /// The machine.
        name: String,
        /// How long we waited.
        seconds: u64,
        /// The last line its console said.
        console: String,
    },
    /// It did not go down in time.
    #[error("practice machine `{0}` does not stop")]
    NoStop(String),
    /// A port that is needed is taken (only a machine on the host's own network can meet this).
    #[error("port {0} on 127.0.0.1 is taken by another program")]
    PortTaken(u16),
    /// A program that we ran failed.
    #[error("{program}: {said}")]
    Program {
        /// Which.
        program: String,
        /// Its own last error line.
        said: String,
    },
    /// The system refused something.
    #[error("{what} {path}: {source}")]
    Io {
        /// `write`, `mount`…
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl Error {
    /// The system refused `what` at `path`. A full disk is told apart.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| {
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
                return Error::DiskFull(path.to_owned());
            }
            Error::Io { what, path: path.to_owned(), source }
        }
    }

    /// What to do about it, as one short sentence; none where the error already says it all.
    pub fn way_out(&self) -> Option<String> {
        Some(match self {
            Error::NotRoot => "run it again as root, or let `sudo` do it".into(),
            Error::NoNamespaces => {
                "use a virtual machine or a host of your own, or a container that has CAP_SYS_ADMIN".into()
            }
            Error::MissingPrograms(_) => {
                "install them with this system's package manager, then run the command again".into()
            }
            Error::BadName(_) => "use 1 to 40 small letters, digits and hyphens, beginning with a letter".into(),
            Error::BadAccount(_) => "use small letters, digits, hyphens and underscores".into(),
            Error::NoAccount { machine, .. } => {
                format!("`rootless-lab practice enter {machine}` logs in as one that it has")
            }
            Error::NoMachine(name) => {
                format!("`rootless-lab practice create {name}` makes it; `practice list` shows all")
            }
            Error::Exists(name) => {
                format!(
                    "start it with `rootless-lab practice start {name}`, or remove it first with `practice remove {name}`"
                )
            }
            Error::Running(name) => format!("stop it first: `rootless-lab practice stop {name}`"),
            Error::NotRunning(name) => format!("start it: `rootless-lab practice start {name}`"),
            Error::Busy(_) => "wait until that command has ended, then try again".into(),
            Error::Build { .. } => "nothing was left behind: run the same command again once the cause is gone".into(),
            Error::DiskFull(_) => {
                "a base tree needs about 1 GiB: free some space (`rootless-lab practice remove NAME` frees a machine)"
                    .into()
            }
            Error::NoMirror(_) => {
                "check the network, then run the same command again; packages already fetched are kept".into()
            }
            Error::BadTree { .. } => "give a root file system with systemd in it".into(),
            Error::NoBoot { name, .. } => {
                format!("`rootless-lab practice reset {name}` throws the machine back to its start")
            }
            Error::NoStop(name) => format!("`rootless-lab practice reset {name}` does not wait for it"),
            Error::PortTaken(_) => "stop that program, or make the machine without `--online`".into(),
            Error::Program { .. } | Error::Io { .. } => return None,
        })
    }
}
