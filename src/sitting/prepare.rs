//! Makes the machine ready for an exam: refuses what would clash with accounts that are there, sets up what the sheet says with the
//! rights of the account whose home it is in, and notes the versions that a dispute needs to know.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

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
    clash_with(exam, &here, &|name| matches!(User::from_name(name), Ok(Some(_))))
}

fn clash_with(exam: &Exam, here: &str, is_there: &dyn Fn(&str) -> bool) -> Option<Clash> {
    let administrator =
        exam.accounts.iter().find(|one| one.role == AccountRole::Administrator).map(|one| one.name.as_str());
    exam.accounts.iter().find_map(|account| {
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
    })
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
    const DIRECTORY: &str = r#"cd -- "$1" && exec mkdir -p -- "./$2""#;
    const FILE: &str = r#"cd -- "$1" && mkdir -p -- "$(dirname -- "./$2")" && exec cat >"./$2""#;
    let start = |source| PrepareError::Start { account: account.to_owned(), source };
    let user = User::from_name(account).map_err(|errno| start(errno.into()))?;
    let user = user.ok_or_else(|| start(io::ErrorKind::NotFound.into()))?;
    let mut command = as_account(&user);
    command.args(["/bin/sh", "-c", if text.is_some() { FILE } else { DIRECTORY }, "sh"]).arg(&user.dir).arg(path);
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(start)?;
    let written = child.stdin.take().map_or(Ok(()), |mut input| input.write_all(text.unwrap_or_default().as_bytes()));
    let output = child.wait_with_output().map_err(start)?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match written {
        Ok(()) if output.status.success() => Ok(()),
        Err(error) if said.is_empty() => Err(start(error)),
        _ => Err(PrepareError::Refused { account: account.to_owned(), path: path.to_owned(), said }),
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
        let there = |name: &str| ["lisa", "bob", "old"].contains(&name);
        let clash = |accounts: &[(&str, AccountRole)]| clash_with(&exam(accounts), "lisa", &there);
        assert_eq!(clash(&[("lisa", Administrator), ("bob", Member), ("new", Created)]), None);
        assert_eq!(clash(&[("lisa", Administrator), ("old", Created)]), Some(Clash::There("old".into())));
        assert_eq!(clash(&[("lisa", Administrator), ("lisa", Created)]), Some(Clash::Administrator("lisa".into())));
        assert_eq!(clash(&[("nora", Member)]), Some(Clash::Missing("nora".into())));
        let other = Clash::SomebodyElse { wanted: "bob".into(), found: "lisa".into() };
        assert_eq!(clash(&[("bob", Administrator)]), Some(other));
    }
}
