//! Makes the machine ready for an exam: refuses what would clash with accounts that are there, sets up what the sheet says with the
//! rights of the account whose home it is in, and notes the versions that a dispute needs to know.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use checkers::checks::port::Port;
use checkers::machine::{Live, Machine};
use checkers::{Check, Context};
use nix::unistd::{Uid, User};

use crate::exam::{Exam, PlacedFile, Preparation};
use crate::lesson::AccountRole;

/// Why an exam with these names cannot be sat on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    /// An account that the candidate is to make is there already.
    #[error("the account {0} is there already, and this sheet has it made")]
    There(String),
    /// It bears the name of somebody who is there from the start.
    #[error("the sheet has an account {0} made, and that is the name of the administrator")]
    Administrator(String),
    /// The number of an account that the candidate is to make is somebody's.
    #[error("the user id {0} is somebody's already, and this sheet has an account made with it")]
    Uid(u32),
    /// Somebody listens on a port that the candidate is to have listened on.
    #[error("somebody listens on port {0} already, and this sheet wants it")]
    Port(u16),
    /// An account that must be there is not.
    #[error("the exam needs an account {0}, and there is none")]
    Missing(String),
    /// Somebody else sits here than the sheet says.
    #[error("the exam is for the account {wanted}, and this is {found}")]
    SomebodyElse {
        /// Whom the sheet names.
        wanted: String,
        /// Who is here.
        found: String,
    },
}

/// Why the machine could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// Its shell could not be started as this account.
    #[error("nothing can be set up as {account}: {source}")]
    Start {
        /// Whose home it is.
        account: String,
        /// What the system says.
        source: io::Error,
    },
    /// It did not work.
    #[error("{path} cannot be set up in the home of {account}: {said}")]
    Refused {
        /// Whose home it is.
        account: String,
        /// What was to be there.
        path: String,
        /// What was said.
        said: String,
    },
}

/// What speaks against this exam on this machine for whoever runs this.
pub fn clash(exam: &Exam) -> Option<Clash> {
    let here = User::from_uid(Uid::effective()).ok().flatten().map(|user| user.name).unwrap_or_default();
    clash_with(exam, &here, &Live::new())
}

fn clash_with(exam: &Exam, here: &str, machine: &dyn Machine) -> Option<Clash> {
    let is_there = |name: &str| matches!(machine.account(name), Ok(Some(_)));
    let administrator =
        exam.accounts.iter().find(|one| one.role == AccountRole::Administrator).map(|one| one.name.as_str());
    let names = exam.accounts.iter().find_map(|account| {
        let name = account.name.clone();
        match account.role {
            AccountRole::Created if name == here || Some(name.as_str()) == administrator => {
                Some(Clash::Administrator(name))
            }
            AccountRole::Created if is_there(&name) => Some(Clash::There(name)),
            // root may do whatever the administrator may.
            AccountRole::Administrator if name != here && here != "root" => {
                Some(Clash::SomebodyElse { wanted: name, found: here.to_owned() })
            }
            AccountRole::Member if !is_there(&name) => Some(Clash::Missing(name)),
            _ => None,
        }
    });
    names.or_else(|| numbers(exam, machine))
}

/// A number that the sheet wants and somebody has: of an account, or of a port.
fn numbers(exam: &Exam, machine: &dyn Machine) -> Option<Clash> {
    let is_new = |name: &str| exam.accounts.iter().any(|one| one.name == name && one.role == AccountRole::Created);
    let has_owner = |uid: &u32| matches!(machine.account_by_uid(*uid), Ok(Some(_)));
    exam.goals().flat_map(|(_, goal)| wished(&goal.check)).find_map(|wish| match wish {
        Check::Account(wanted) if is_new(&wanted.name) => wanted.uid.filter(has_owner).map(Clash::Uid),
        Check::Port(wanted) if wanted.listening => {
            let anybody = Check::Port(Port { owner: None, ..wanted.clone() });
            let listens = checkers::judge(&anybody, machine, &Context::default()).is_pass();
            listens.then_some(Clash::Port(wanted.number))
        }
        _ => None,
    })
}

/// The single wishes in one that are to come true.
fn wished(check: &Check) -> Vec<&Check> {
    match check {
        Check::All(parts) | Check::Any(parts) => parts.iter().flat_map(wished).collect(),
        Check::Within(timed) | Check::For(timed) => wished(&timed.check),
        Check::Not(_) => Vec::new(),
        single => vec![single],
    }
}

/// Sets up what the sheet says, in its order.
pub fn prepare(exam: &Exam) -> Result<(), PrepareError> {
    exam.tasks.iter().flat_map(|task| &task.prepare).try_for_each(|what| match what {
        Preparation::Directory { account, path } => set_up(account, path, None),
        Preparation::File(PlacedFile { account, path, text }) => set_up(account, path, Some(text)),
    })
}

/// With the account's own rights: a link in its home leads nowhere where it could not go itself.
fn set_up(account: &str, path: &str, text: Option<&str>) -> Result<(), PrepareError> {
    let start = |source| PrepareError::Start { account: account.to_owned(), source };
    let user = User::from_name(account).map_err(|errno| start(errno.into()))?;
    let user = user.ok_or_else(|| start(io::ErrorKind::NotFound.into()))?;
    match place(as_account(&user), &user.dir, path, text).map_err(start)? {
        None => Ok(()),
        Some(said) => Err(PrepareError::Refused { account: account.to_owned(), path: path.to_owned(), said }),
    }
}

/// A directory, or a file with this text, below a home; what was said where that did not work.
fn place(mut rights: Command, home: &Path, path: &str, text: Option<&str>) -> io::Result<Option<String>> {
    const DIRECTORY: &str = r#"cd -- "$1" && exec mkdir -p -- "./$2""#;
    const FILE: &str = r#"cd -- "$1" && mkdir -p -- "$(dirname -- "./$2")" && exec cat >"./$2""#;
    rights.args(["/bin/sh", "-c", if text.is_some() { FILE } else { DIRECTORY }, "sh"]).arg(home).arg(path);
    rights.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = rights.spawn()?;
    let written = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(text.unwrap_or_default().as_bytes()));
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match written {
        Ok(()) if output.status.success() => Ok(None),
        Err(error) if said.is_empty() => Err(error),
        _ => Ok(Some(said)),
    }
}

fn as_account(user: &User) -> Command {
    let me = Uid::effective();
    if me == user.uid {
        return Command::new("env");
    }
    let mut command = Command::new(if me.is_root() { "runuser" } else { "sudo" });
    if me.is_root() {
        command.args(["-u", &user.name, "--"]);
    } else {
        command.args(["-n", "-u", &user.name, "--"]);
    }
    command
}

/// The versions on this machine: of this program, podman, systemd, and the system itself.
pub fn versions(found: impl IntoIterator<Item = (&'static str, Option<String>)>) -> BTreeMap<String, String> {
    let os = std::fs::read_to_string(Path::new("/etc/os-release")).unwrap_or_default();
    let name =
        os.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).map(|name| name.trim_matches('"').to_owned());
    let own = Some(env!("CARGO_PKG_VERSION").to_owned());
    let all = found.into_iter().chain([("rootless-lab", own), ("os", name)]);
    all.filter_map(|(program, version)| Some((program.to_owned(), version?))).collect()
}

#[cfg(test)]
mod tests {
    use checkers::machine::Recorded;

    use super::*;
    use crate::exam::Shelf;
    use crate::lesson::Declared;

    fn exam(accounts: &[(&str, AccountRole)]) -> Exam {
        let shelf = Shelf::default();
        let (source, _) = shelf.find("rootless-sprint").unwrap();
        let mut exam = shelf.drawn(&source, 1).unwrap();
        let declared =
            |(name, role): &(&str, AccountRole)| Declared { name: (*name).into(), role: *role, password: None };
        exam.accounts = accounts.iter().map(declared).collect();
        exam
    }

    #[test]
    fn names_that_are_taken_or_missing_are_refused() {
        use AccountRole::{Administrator, Created, Member};
        let there = ["lisa", "bob", "old"].into_iter().zip(1000..);
        let there = there.fold(Recorded::new(), |machine, (name, uid)| machine.account(name, uid));
        let clash = |accounts: &[(&str, AccountRole)]| clash_with(&exam(accounts), "lisa", &there);
        assert_eq!(clash(&[("lisa", Administrator), ("bob", Member), ("new", Created)]), None);
        assert_eq!(clash(&[("lisa", Administrator), ("old", Created)]), Some(Clash::There("old".into())));
        assert_eq!(clash(&[("lisa", Administrator), ("lisa", Created)]), Some(Clash::Administrator("lisa".into())));
        assert_eq!(clash(&[("nora", Member)]), Some(Clash::Missing("nora".into())));
        let other = Clash::SomebodyElse { wanted: "bob".into(), found: "lisa".into() };
        assert_eq!(clash(&[("bob", Administrator)]), Some(other));
    }

    #[test]
    fn numbers_that_are_taken_are_refused_as_names_are() {
        let shelf = Shelf::default();
        let (source, _) = shelf.find("ex200-containers").unwrap();
        let exam = shelf.drawn(&source, 1).unwrap();
        let (uid, port) = (&exam.parameters["uid"], &exam.parameters["port"]);
        let (uid, port): (u32, u16) = (uid.parse().unwrap(), port.parse().unwrap());
        let table = |port: u16| {
            let line =
                format!("0: 00000000:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 1");
            format!("head\n{line}\n")
        };
        let machine = |other: u32, port: u16| {
            Recorded::new().account("lisa", 1000).account("other", other).file("/proc/net/tcp", table(port))
        };
        assert_eq!(clash_with(&exam, "lisa", &machine(uid + 1, port + 1)), None);
        assert_eq!(clash_with(&exam, "lisa", &machine(uid, port + 1)), Some(Clash::Uid(uid)));
        assert_eq!(clash_with(&exam, "lisa", &machine(uid + 1, port)), Some(Clash::Port(port)));
    }

    #[test]
    fn a_file_stands_below_the_home_whatever_its_name_and_text() {
        let home = tempfile::tempdir().unwrap();
        for (path, text) in [("one", "text\n"), ("a b/-c/'d\n$(touch x)`", "'\"$HOME\n\0"), ("one", "written over")] {
            assert_eq!(place(Command::new("env"), home.path(), path, Some(text)).unwrap(), None, "{path}");
            assert_eq!(std::fs::read_to_string(home.path().join(path)).unwrap(), text);
        }
        assert_eq!(place(Command::new("env"), home.path(), "dir/below", None).unwrap(), None);
        assert!(home.path().join("dir/below").is_dir() && !home.path().join("x").exists());
        let said = place(Command::new("env"), home.path(), "one/below", Some("")).unwrap();
        assert!(said.is_some_and(|said| !said.is_empty()));
    }
}
