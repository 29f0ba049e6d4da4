//! The other end of a learner's `ssh` on this very machine: from the client's socket to the terminal that the server made. Reads /proc only.

use super::process;
use crate::machine::{CouldNot, Machine};

/// Where an ssh client leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// To a terminal here: the process in front of it.
    Here(i32),
    /// To this machine, but no shell stands there yet: it asks for a password, say.
    NotYet,
    /// To another machine.
    Elsewhere,
}

/// A row of the kernel's table of TCP sockets.
struct Row {
    local: String,
    remote: String,
    inode: u64,
}

/// Follows an ssh client to the process in front of the terminal behind it.
pub(crate) fn server_side(machine: &dyn Machine, client: i32) -> Result<Side, CouldNot> {
    let mine = sockets(machine, client)?;
    let rows = table(machine, client)?;
    let Some(out) = rows.iter().find(|row| mine.contains(&row.inode)) else { return Ok(Side::NotYet) };
    let Some(back) = rows.iter().find(|row| row.local == out.remote && row.remote == out.local) else {
        return Ok(Side::Elsewhere);
    };
    let all: Vec<_> =
        process::all(machine)?.into_iter().filter_map(|pid| process::process(machine, pid).ok()).collect();
    let servers: Vec<i32> = all
        .iter()
        .filter(|one| {
            one.name.starts_with("sshd") && sockets(machine, one.pid).is_ok_and(|held| held.contains(&back.inode))
        })
        .map(|one| one.pid)
        .collect();
    let shell = all.iter().find(|one| servers.contains(&one.parent) && one.terminal != 0 && one.foreground > 0);
    Ok(shell.map_or(Side::NotYet, |shell| Side::Here(shell.foreground)))
}

/// The inodes of the sockets that a process holds open.
fn sockets(machine: &dyn Machine, pid: i32) -> Result<Vec<u64>, CouldNot> {
    let folder = process::path(pid, "fd");
    let links = machine.list(&folder)?.into_iter().filter_map(|name| machine.read_link(&folder.join(name)).ok());
    Ok(links.filter_map(|link| link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()).collect())
}

fn table(machine: &dyn Machine, pid: i32) -> Result<Vec<Row>, CouldNot> {
    let mut rows = Vec::new();
    for file in ["net/tcp", "net/tcp6"] {
        match process::read(machine, pid, file, 4 << 20) {
            Ok(text) => rows.extend(text.lines().skip(1).filter_map(row)),
            Err(CouldNot::Absent) => {}
            Err(why) => return Err(why),
        }
    }
    Ok(rows)
}

fn row(line: &str) -> Option<Row> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    // An IPv4 address in the table of IPv6 is written behind this prefix.
    let address = |at: usize| Some(fields.get(at)?.trim_start_matches("0000000000000000FFFF0000").to_owned());
    Some(Row { local: address(1)?, remote: address(2)?, inode: fields.get(9)?.parse().ok()? })
}
