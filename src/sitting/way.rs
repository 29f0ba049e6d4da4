//! Who reads a terminal at this moment, and the way from the login's bash to there, as anybody may see it in `/proc`. Never looks into
//! another machine: what `ssh` opens is seen up to `ssh`.

use std::fs;
use std::os::unix::fs::MetadataExt;

use nix::unistd::{Uid, User};

/// What the login's own bash is called. Whatever it becomes (`exec`) is called otherwise.
pub(super) const OWN: [&str; 3] = ["-bash", "--posix", "-i"];
const SHELLS: [&str; 11] =
    ["bash", "sh", "dash", "ash", "ksh", "mksh", "zsh", "fish", "busybox", "rbash", "bash-static"];
/// What hands the terminal on to a shell that nobody can look at from here.
const GATES: [&str; 5] = ["ssh", "podman", "docker", "machinectl", "sudo"];
/// The options of ssh that have a value behind them.
const VALUED: &str = "BbcDEeFIiJLlmOopQRSWw";
/// A way is no longer.
const MOST: usize = 32;

/// The way to whoever reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Way {
    /// It is the login's own bash.
    pub(super) own: bool,
    /// It is a shell, or what hands on to one.
    pub(super) shell: bool,
    /// The programs on the way, the outermost first: `sudo`, `bash`.
    pub(super) through: Vec<String>,
    /// The account that it runs as; none where the shell itself is out of sight.
    pub(super) account: Option<String>,
}

/// The way from this bash to the process group in front of its terminal, and on through terminals inside.
pub(super) fn way(bash: i32, front: Option<i32>) -> Way {
    let Some(mut inner) = front else { return Way::default() };
    if inner == bash && arguments(bash).iter().map(String::as_str).eq(OWN) {
        return Way { own: true, ..Way::default() };
    }
    for _ in 0..MOST {
        match terminal_inside(inner) {
            Some(next) if next != inner => inner = next,
            _ => break,
        }
    }
    let mut through: Vec<String> = Vec::new();
    let mut at = inner;
    while through.len() < MOST
        && let Some(stat) = Stat::of(at)
    {
        let name = if stat.name == "ssh" { destination(&arguments(at)) } else { stat.name };
        // sudo stands there twice, once to watch over itself.
        if through.last() != Some(&name) {
            through.push(name);
        }
        if at == bash || stat.parent == bash || stat.parent <= 1 {
            break;
        }
        at = stat.parent;
    }
    through.reverse();
    let name = Stat::of(inner).map(|stat| stat.name).unwrap_or_default();
    let is_shell = SHELLS.contains(&name.as_str());
    let account = || {
        let uid = Uid::from_raw(fs::metadata(format!("/proc/{inner}")).ok()?.uid());
        Some(User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name))
    };
    Way {
        own: false,
        shell: is_shell || GATES.contains(&name.as_str()),
        through,
        account: if is_shell { account() } else { None },
    }
}

/// Who is in front of the terminal that a process opened for what it runs (`sudo`, `script`).
fn terminal_inside(pid: i32) -> Option<i32> {
    let outer = Stat::of(pid)?;
    let mut below = vec![pid];
    for _ in 0..MOST {
        let next = below.pop()?;
        let children = fs::read_to_string(format!("/proc/{next}/task/{next}/children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|child| child.parse().ok()) {
            let Some(stat) = Stat::of(child) else { continue };
            if stat.terminal != 0 && stat.terminal != outer.terminal {
                return Some(stat.front).filter(|front| *front > 0);
            }
            below.push(child);
        }
    }
    None
}

/// What anybody may read of a process.
struct Stat {
    name: String,
    parent: i32,
    terminal: i32,
    /// The process group in front of its terminal.
    front: i32,
}

impl Stat {
    fn of(pid: i32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (head, rest) = text.rsplit_once(") ")?;
        // state, parent, process group, session, terminal, front
        let mut rest = rest.split(' ').skip(1).map(|word| word.parse::<i32>());
        let mut next = |skip: usize| rest.nth(skip)?.ok();
        Some(Self { name: head.split_once('(')?.1.to_owned(), parent: next(0)?, terminal: next(2)?, front: next(0)? })
    }
}

fn arguments(pid: i32) -> Vec<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words = bytes.strip_suffix(b"\0").unwrap_or(&bytes).split(|byte| *byte == 0);
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// `ssh` and where it goes, without anything else that stands in its command line.
fn destination(arguments: &[String]) -> String {
    let (mut account, mut words) = (None, arguments.iter().skip(1));
    while let Some(word) = words.next() {
        let Some(options) = word.strip_prefix('-') else {
            let account = account.filter(|_| !word.contains('@')).map(|account| format!("{account}@"));
            return format!("ssh {}{word}", account.unwrap_or_default());
        };
        if let Some(at) = options.find(|option| VALUED.contains(option)) {
            let behind = &options[at + 1..];
            let value = if behind.is_empty() { words.next().map(String::as_str) } else { Some(behind) };
            if options[at..].starts_with('l') {
                account = value;
            }
        }
    }
    "ssh".to_owned()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn ssh_is_named_with_where_it_goes_and_with_nothing_else_of_its_command_line() {
        for (line, wanted) in [
            ("ssh candidate@localhost", "ssh candidate@localhost"),
            ("ssh -t -p 2222 -lanna -oProxyCommand=x host env TOKEN=x", "ssh anna@host"),
            ("ssh -tp 2222 -l anna bob@host", "ssh bob@host"),
            ("ssh", "ssh"),
            ("ssh -V", "ssh"),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(destination(&words), wanted, "{line}");
        }
    }

    #[test]
    fn the_way_names_each_program_from_the_bash_to_the_one_in_front() {
        let me = std::process::id() as i32;
        // The line keeps the outer shell from becoming the inner one.
        let mut child = Command::new("sh");
        child.args(["-c", "sh -c 'read x; :'; :"]).stdin(Stdio::piped());
        let mut child = child.spawn().unwrap();
        let outer = child.id() as i32;
        let inner = loop {
            let children = fs::read_to_string(format!("/proc/{outer}/task/{outer}/children")).unwrap();
            if let Some(inner) = children.split_whitespace().next() {
                break inner.parse().unwrap();
            }
            std::thread::yield_now();
        };
        let me_by_name = User::from_uid(Uid::effective()).unwrap().unwrap().name;
        let found = way(outer, Some(inner));
        drop(child.stdin.take());
        child.wait().unwrap();
        assert_eq!((found.own, found.shell, found.account), (false, true, Some(me_by_name)));
        assert_eq!(found.through.len(), 1, "{:?}", found.through);
        assert!(!way(me, Some(me)).own, "only a bash that is called so is the login's own");
        assert_eq!(way(me, None), Way::default());
    }
}
