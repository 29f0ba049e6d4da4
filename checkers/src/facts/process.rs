//! A process, from its files under /proc. Pure but for the reading, which goes through the machine.

use std::path::PathBuf;

use crate::machine::{CouldNot, Machine};

/// What is known of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// The short name that the kernel keeps.
    pub name: String,
    /// `R`, `S`, `Z` …
    pub state: char,
    /// Its parent.
    pub parent: i32,
    /// The device of its terminal; zero for none.
    pub terminal: i32,
    /// The foreground process group of its terminal.
    pub foreground: i32,
}

/// The path of a file under `/proc/PID`.
pub fn path(pid: i32, file: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{file}"))
}

/// The process with this id; `CouldNot::Absent` when there is none.
pub fn process(machine: &dyn Machine, pid: i32) -> Result<Process, CouldNot> {
    let text = read(machine, pid, "stat", 4096)?;
    parse(pid, &text).ok_or_else(|| CouldNot::Failed(format!("/proc/{pid}/stat cannot be understood")))
}

/// The name stands in brackets and may hold brackets itself, so it ends at the last one.
fn parse(pid: i32, stat: &str) -> Option<Process> {
    let (open, close) = (stat.find('(')?, stat.rfind(')')?);
    let name = stat.get(open + 1..close)?.to_owned();
    let rest: Vec<&str> = stat.get(close + 1..)?.split_whitespace().collect();
    let number = |at: usize| rest.get(at)?.parse().ok();
    Some(Process {
        pid,
        name,
        state: rest.first()?.chars().next()?,
        parent: number(1)?,
        terminal: number(4)?,
        foreground: number(5)?,
    })
}

/// A file under `/proc/PID`, as text; bytes that are no UTF-8 are replaced.
pub fn read(machine: &dyn Machine, pid: i32, file: &str, most: u64) -> Result<String, CouldNot> {
    Ok(String::from_utf8_lossy(&machine.read(&path(pid, file), most)?).into_owned())
}

/// The effective uid, which is the account that it acts as.
pub fn uid(machine: &dyn Machine, pid: i32) -> Result<u32, CouldNot> {
    let status = read(machine, pid, "status", 8192)?;
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    let effective = ids.and_then(|ids| ids.split_whitespace().nth(1)?.parse().ok());
    effective.ok_or_else(|| CouldNot::Failed(format!("/proc/{pid}/status names no uid")))
}

/// The words it was started with.
pub fn words(machine: &dyn Machine, pid: i32) -> Result<Vec<String>, CouldNot> {
    let line = read(machine, pid, "cmdline", 128 * 1024)?;
    Ok(line.split_terminator('\0').map(str::to_owned).collect())
}

/// A variable of the environment it was started with. What a shell exports later is not seen here.
pub fn variable(machine: &dyn Machine, pid: i32, name: &str) -> Result<Option<String>, CouldNot> {
    let environ = read(machine, pid, "environ", 1 << 20)?;
    let value = environ.split('\0').find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    Ok(value.filter(|value| !value.is_empty()).map(str::to_owned))
}

/// Its control group in systemd's tree: the second version's, or the first version's `name=systemd`.
pub fn cgroup(machine: &dyn Machine, pid: i32) -> Result<String, CouldNot> {
    let text = read(machine, pid, "cgroup", 16384)?;
    let find = |mark: &str| text.lines().find_map(|line| line.split_once(mark).map(|(_, path)| path.to_owned()));
    let unified = text.lines().find_map(|line| line.strip_prefix("0::")).map(str::to_owned);
    unified.filter(|path| path != "/").or_else(|| find(":name=systemd:")).ok_or(CouldNot::Absent)
}

/// The ids of all processes that can be seen.
pub fn all(machine: &dyn Machine) -> Result<Vec<i32>, CouldNot> {
    Ok(machine.list("/proc".as_ref())?.iter().filter_map(|name| name.to_str()?.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Recorded;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_move_the_fields() {
        let found = parse(7, "7 (a) (sd-pam) S 1 400 400 34817 435 4194560 …").unwrap();
        assert_eq!(
            (found.name.as_str(), found.parent, found.terminal, found.foreground),
            ("a) (sd-pam", 1, 34817, 435)
        );
        assert_eq!(parse(7, "7 (half"), None);
    }

    #[test]
    fn a_variable_is_found_by_its_whole_name_and_an_empty_one_is_none() {
        let machine = Recorded::new().file("/proc/7/environ", "XDG_RUNTIME_DIR_X=1\0XDG_RUNTIME_DIR=/run/user/5\0E=\0");
        assert_eq!(variable(&machine, 7, "XDG_RUNTIME_DIR").unwrap().as_deref(), Some("/run/user/5"));
        assert_eq!(variable(&machine, 7, "E").unwrap(), None);
        assert_eq!(variable(&machine, 8, "E"), Err(CouldNot::Absent));
    }

    #[test]
    fn the_control_group_is_systemds_on_both_versions() {
        let machine = Recorded::new()
            .file("/proc/1/cgroup", "0::/user.slice/user-1000.slice/session-4.scope\n")
            .file("/proc/2/cgroup", "9:pids:/x\n1:name=systemd:/user.slice\n0::/\n");
        assert_eq!(cgroup(&machine, 1).unwrap(), "/user.slice/user-1000.slice/session-4.scope");
        assert_eq!(cgroup(&machine, 2).unwrap(), "/user.slice");
    }
}
