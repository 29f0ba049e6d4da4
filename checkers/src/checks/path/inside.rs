//! The owner of a path as the containers of an account number it. Reads the tables of subordinate ids, and enters no namespace.

use std::path::Path;

use super::super::findings::{Findings, could_not};
use crate::facts::subid;
use crate::machine::{CouldNot, Machine};
use crate::verdict::{Evidence, Verdict};

/// One wish: the uid `outside` is `wanted` inside the containers of `account`.
pub(super) fn judge(machine: &dyn Machine, account: Option<&str>, outside: u32, wanted: u32, findings: &mut Findings) {
    match inside(machine, account, outside) {
        Ok((found, seen)) => {
            let found = found
                .map_or_else(|| format!("uid {outside}, which is none of theirs"), |uid| format!("uid {uid} inside"));
            let wanted = format!("uid {wanted} inside");
            findings.saw(seen);
            findings.wish(found == wanted, format!("owner {wanted}"), format!("owner {found}"));
        }
        Err(unknown) => findings.unknown(unknown),
    }
}

fn inside(machine: &dyn Machine, account: Option<&str>, outside: u32) -> Result<(Option<u32>, Evidence), Verdict> {
    let Some(name) = account else {
        return Err(Verdict::unknown("`owner-inside` needs `as`: whose containers are meant?"));
    };
    let entry = super::super::findings::account(machine, name)?;
    let read = |path: &str| match machine.read(Path::new(path), 1 << 20) {
        Ok(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Err(CouldNot::Absent) => Ok(String::new()),
        Err(why) => Err(could_not(path, &why)),
    };
    if let Some(elsewhere) = subid::kept_elsewhere(&read("/etc/nsswitch.conf")?) {
        return Err(Verdict::unknown(format!("subordinate ids are kept in {elsewhere}, not in /etc/subuid")));
    }
    let found = subid::inside(&read("/etc/subuid")?, &entry.name, entry.uid, outside);
    let said = found.map_or_else(|| "not among its ids".to_owned(), |uid| format!("{outside} outside is {uid} inside"));
    Ok((found, Evidence::file("/etc/subuid", said)))
}
