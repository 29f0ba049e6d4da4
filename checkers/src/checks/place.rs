//! Where a path of a lesson lies on this machine: `~`, `~name` and `{uid}` filled in.

use std::path::{Path, PathBuf};

use super::findings::{could_not, quoted};
use crate::machine::{AccountEntry, Machine};
use crate::verdict::Verdict;

/// A path that could not be placed.
#[derive(Debug)]
pub(crate) enum Nowhere {
    /// The account whose home or uid it needs does not exist: a fact about the machine.
    NoAccount(String),
    /// Could not look, or the path needs something that was not said.
    Unknown(Verdict),
}

/// Fills in `~`, `~name` (at the beginning) and `{uid}`.
pub(crate) fn place(machine: &dyn Machine, path: &str, whose: Option<&str>) -> Result<PathBuf, Nowhere> {
    let own = || match whose {
        Some(name) => account(machine, name),
        None => Err(Nowhere::Unknown(Verdict::unknown(format!("`{path}` needs `as`: whose home or uid is meant?")))),
    };
    let mut text = path.to_owned();
    if text.contains("{uid}") {
        text = text.replace("{uid}", &own()?.uid.to_string());
    }
    if let Some(rest) = text.strip_prefix('~') {
        let (name, below) = rest.split_once('/').unwrap_or((rest, ""));
        let account = if name.is_empty() { own()? } else { account(machine, name)? };
        return Ok(if below.is_empty() { account.home } else { account.home.join(below) });
    }
    if text.starts_with('/') {
        return Ok(PathBuf::from(text));
    }
    Err(Nowhere::Unknown(Verdict::unknown(format!("`{path}` is not a full path: it begins with neither `/` nor `~`"))))
}

/// A wished path as anybody may read it: whoever reads `~` thinks of a home of his own.
pub(crate) fn told(wished: &str, whose: Option<&str>) -> String {
    match (whose, wished.strip_prefix('~')) {
        (Some(account), Some(rest)) if rest.is_empty() || rest.starts_with('/') => format!("~{account}{rest}"),
        _ => wished.to_owned(),
    }
}

/// A wished path, which lies at `path`, as a shell takes it.
pub(crate) fn typed(wished: &str, whose: Option<&str>, path: &Path) -> String {
    let told = told(wished, whose);
    // In quotes a shell would look for no home.
    let plain = quoted(&told) == told && !told.contains("{uid}");
    if plain { told } else { quoted(&path.to_string_lossy()) }
}

/// An account that has to be there.
pub(crate) fn account(machine: &dyn Machine, name: &str) -> Result<AccountEntry, Nowhere> {
    match machine.account(name) {
        Ok(Some(account)) => Ok(account),
        Ok(None) => Err(Nowhere::NoAccount(name.into())),
        Err(why) => Err(Nowhere::Unknown(could_not(format_args!("account {name}"), &why))),
    }
}
