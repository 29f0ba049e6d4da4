//! The few questions that can be asked of a machine. `live` is the only code of this crate that touches the system; `recorded` is the one fake;
//! `witness` writes down what was asked and answered, to be judged once more.

pub mod live;
mod plain;
pub mod recorded;
pub mod witness;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use live::Live;
pub use plain::{MOST_ENTRIES, Plain};
pub use recorded::Recorded;

/// Whose eyes a check needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Eyes {
    /// Any account sees it.
    Anyone,
    /// Only this account (or root as this account) sees it truly.
    Account(String),
    /// Only root sees it.
    Root,
}

/// A machine that can be asked. Asking never changes it: no login, no service started, no file made.
pub trait Machine {
    /// The first `most` bytes of a file.
    fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, CouldNot>;
    /// What a path is; the link itself unless `follow`.
    fn stat(&self, path: &Path, follow: bool) -> Result<Stat, CouldNot>;
    /// The names in a directory, sorted, at most 100,000.
    fn list(&self, directory: &Path) -> Result<Vec<OsString>, CouldNot>;
    /// Where a symbolic link points.
    fn read_link(&self, path: &Path) -> Result<PathBuf, CouldNot>;
    /// Whether an access control list stands beside the mode of a path, so that the mode alone does not say who may write.
    fn has_acl(&self, path: &Path) -> Result<bool, CouldNot>;
    /// SELinux's label of a path, of the link itself where it is one; `CouldNot::Absent` when it has none, or there is no such path.
    fn label(&self, path: &Path) -> Result<String, CouldNot>;
    /// An account by name, from wherever the machine takes its accounts (getpwnam); none when there is no such account.
    fn account(&self, name: &str) -> Result<Option<AccountEntry>, CouldNot>;
    /// An account by uid.
    fn account_by_uid(&self, uid: u32) -> Result<Option<AccountEntry>, CouldNot>;
    /// The names of the groups an account is a member of, its own first.
    fn groups_of(&self, account: &AccountEntry) -> Result<Vec<String>, CouldNot>;
    /// A group by name, from wherever the machine takes its groups (getgrnam); none when there is no such group.
    fn group(&self, name: &str) -> Result<Option<GroupEntry>, CouldNot>;
    /// A group's name.
    fn group_by_gid(&self, gid: u32) -> Result<Option<String>, CouldNot>;
    /// Properties of a unit, by the names systemd gives them (`ActiveState`, `NeedDaemonReload` …), asked one by one, never all.
    /// `FileState` stands for the manager's GetUnitFileState.
    fn unit(&self, bus: &Bus, unit: &str, properties: &[&str]) -> Result<BTreeMap<String, Value>, CouldNot>;
    /// A property of a service manager (`UnitsLoadTimestamp` …).
    fn manager(&self, bus: &Bus, property: &str) -> Result<Value, CouldNot>;
    /// A property of an account as logind knows it (`Linger`, `State`); `CouldNot::Absent` when logind does not know the account.
    fn login(&self, uid: u32, property: &str) -> Result<Value, CouldNot>;
    /// The sessions that logind knows of an account, those of class `manager` included.
    fn sessions(&self, uid: u32) -> Result<Vec<LoginSession>, CouldNot>;
    /// Runs a program as the account of this machine's eyes, with no terminal, and ends it with its children after `time`.
    /// For authors' check programs and for `PROGRAM --help` only.
    fn run(&self, program: &Run) -> Result<Ran, CouldNot>;
    /// What a plain program of the system's own folders tells, with these eyes, in two seconds at the most. `CouldNot::Absent` when
    /// the machine has no such program.
    fn plain(&self, question: &Plain) -> Result<Ran, CouldNot>;
    /// What a server of this machine sends back to one plain `GET`, in two seconds and half a megabyte at the most. `CouldNot::Absent` when
    /// nobody listens. The other side notices; whoever asks has made sure that it starts nothing, and that the address is the machine's own.
    fn visit(&self, visit: &Visit) -> Result<Vec<u8>, CouldNot>;
    /// Microseconds since 1970, by the machine's wall clock.
    fn now(&self) -> u64;
    /// Waits. A recorded machine moves its clock instead.
    fn pause(&self, time: Duration);
}

/// Why a question could not be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum CouldNot {
    /// There is no such thing: the answer to a question about existence.
    #[error("there is no such thing")]
    Absent,
    /// These eyes may not look there.
    #[error("no permission to look")]
    Denied,
    /// The bus is not there, so its manager cannot be asked.
    #[error("{0} cannot be reached")]
    NoBus(String),
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// It is larger than anybody should read.
    #[error("too large to read")]
    TooLarge,
    /// Anything else, in the system's own words.
    #[error("{0}")]
    Failed(String),
}

/// Which bus.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bus {
    /// The system's.
    System,
    /// The user manager's of this uid: only through a `/run/user/UID/bus` that exists already.
    User(u32),
}

impl std::fmt::Display for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System => f.write_str("the system bus"),
            Self::User(uid) => write!(f, "the user manager of uid {uid}"),
        }
    }
}

/// A value from a bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A text, or an object path.
    Text(String),
    /// A yes or no.
    Bool(bool),
    /// A number.
    Number(u64),
    /// Several texts.
    Texts(Vec<String>),
}

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stat {
    /// The file type and mode, as in `st_mode`.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// Device and inode, by which two paths are known to lead to one thing.
    pub inode: (u64, u64),
}

/// An entry of the account database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountEntry {
    /// The name.
    pub name: String,
    /// The user id.
    pub uid: u32,
    /// The group id of its own group.
    pub gid: u32,
    /// The home directory.
    pub home: PathBuf,
    /// The login shell.
    pub shell: PathBuf,
}

/// An entry of the group database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupEntry {
    /// The name.
    pub name: String,
    /// The group id.
    pub gid: u32,
    /// The accounts that its entry lists: those whose own group it is are not among them.
    pub members: Vec<String>,
}

/// A session that logind knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginSession {
    /// `4`, `c1`.
    pub id: String,
    /// `user`, `manager`, `background`, `greeter` …
    pub class: String,
    /// The PAM service: `sshd`, `login`, `sudo`.
    pub service: String,
    /// `active`, `online`, `closing`.
    pub state: String,
}

/// A visit to a web server of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Visit {
    /// Where it listens.
    pub address: std::net::SocketAddr,
    /// What it is called by.
    pub host: String,
    /// What is asked for, with a slash in front.
    pub path: String,
}

/// A program to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The program, a full path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// What it reads.
    pub input: Vec<u8>,
    /// It is ended after this time.
    pub time: Duration,
}

/// What a program did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// Its exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// What it printed, at most 1 MiB.
    pub output: Vec<u8>,
    /// What it complained, at most 64 KiB.
    pub errors: Vec<u8>,
}
