//! Entering a machine: a true login session of an account, in the caller's terminal. Never keeps the terminal's settings for itself: ssh restores them.

use std::env;
use std::io::Write;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::{self, JoinHandle};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use super::{Error, Machine, boot, record};

impl Machine {
    /// Whether it is entered through its own sshd (true logins of any account but root).
    pub(crate) fn has_sshd(&self) -> bool {
        self.base().join("usr/sbin/sshd").exists()
    }

    /// Logs `user` in, in our own terminal, and runs `command` there, or the login shell when it is empty.
    pub fn enter(&self, user: &str, command: &[String]) -> Result<ExitStatus, Error> {
        let mut entering = self.enter_command(user, command)?;
        let entered = entering.spawn().and_then(|mut child| {
            let going = keep_going(&child);
            let status = child.wait();
            let _ = going.join();
            status
        });
        entered.map_err(|error| Error::Program { program: "nsenter".into(), said: error.to_string() })
    }

    /// The command that logs `user` in, to be run in any terminal. Its exit status is that of the session's shell or command.
    pub fn enter_command(&self, user: &str, command: &[String]) -> Result<Command, Error> {
        super::need_root()?;
        super::Account { name: user.to_owned(), password: None, sudo: false }.check()?;
        let Some(leader) = self.leader() else { return Err(Error::NotRunning(self.name().to_owned())) };
        super::program::refresh(self)?;
        if user == "root" || !self.has_sshd() {
            return Ok(by_systemd(leader, user, command));
        }
        let mut entering = Command::new("nsenter");
        entering.args(["-t", &leader.to_string(), "-n", "--", "ssh", "-F", "/dev/null", "-t", "-e", "none"]);
        entering.arg("-i").arg(self.place("key"));
        for option in [
            "IdentitiesOnly=yes",
            "PreferredAuthentications=publickey",
            "StrictHostKeyChecking=yes",
            "GlobalKnownHostsFile=/dev/null",
            "LogLevel=ERROR",
            "ControlPath=none",
        ] {
            entering.args(["-o", option]);
        }
        entering.arg("-o").arg(format!("UserKnownHostsFile={}", self.place("known_hosts").display()));
        entering.arg("-o").arg(format!("HostKeyAlias=rootless-lab-{}", self.name()));
        entering.args(["-p", &self.ssh_port().to_string(), "-l", user, "127.0.0.1"]);
        if !command.is_empty() {
            entering.arg("--").arg(command.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" "));
        }
        Ok(entering)
    }

    /// Those of these accounts that it does not know. It has to run.
    pub fn lacking<'a>(&self, names: &[&'a str]) -> Result<Vec<&'a str>, Error> {
        let asked = self.run_root(&[&["getent", "passwd", "--"], names].concat())?;
        // 2: one of them is not found.
        if !matches!(asked.status.code(), Some(0 | 2)) {
            let said = String::from_utf8_lossy(&asked.stderr).trim_end().to_owned();
            return Err(Error::Program { program: "getent".into(), said });
        }
        let found = String::from_utf8_lossy(&asked.stdout);
        let known = |name: &str| found.lines().any(|line| line.split(':').next() == Some(name));
        Ok(names.iter().copied().filter(|name| !known(name)).collect())
    }

    /// Runs a program as root inside and waits for it, with no terminal.
    pub fn run_root(&self, command: &[&str]) -> Result<Output, Error> {
        self.ask_root(command, &[])
    }

    /// The same, and this is what it reads.
    pub fn ask_root(&self, command: &[&str], input: &[u8]) -> Result<Output, Error> {
        super::need_root()?;
        let Some(leader) = self.leader() else { return Err(Error::NotRunning(self.name().to_owned())) };
        let mut command = boot::root_command(leader, command);
        let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
        let command = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = command.spawn().and_then(|mut child| {
            let going = keep_going(&child);
            let stdin = child.stdin.take();
            let output = thread::scope(|scope| {
                // A program that ends before it has read everything says why by itself.
                scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(input)));
                child.wait_with_output()
            });
            let _ = going.join();
            output
        });
        output.map_err(|error| Error::Program { program: "nsenter".into(), said: error.to_string() })
    }
}

/// Continues an nsenter that has stopped itself, once what it ran is dead. A machine that goes down stops all its processes before
/// it kills them; nsenter then stops too, as a shell's job would, and nobody is there who would continue it. The machine itself
/// cannot end as long as a dead process of its own is not waited for.
fn keep_going(nsenter: &Child) -> JoinHandle<()> {
    let pid = Pid::from_raw(nsenter.id() as i32);
    thread::spawn(move || {
        // Its end is left for whoever waits for it.
        let what = WaitPidFlag::WSTOPPED | WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        while let Ok(WaitStatus::Stopped(..)) = waitid(Id::Pid(pid), what) {
            let is_alive = |child: i32| record::started(child).is_some();
            if !record::children(pid.as_raw()).into_iter().any(is_alive) && kill(pid, Signal::SIGCONT).is_err() {
                return;
            }
            thread::sleep(boot::GLANCE);
        }
    })
}

/// A login without sshd: a transient unit with PAM's `login`, on a terminal of its own that systemd-run hands through.
fn by_systemd(leader: i32, user: &str, command: &[String]) -> Command {
    let mut words = vec!["systemd-run".to_owned(), "--quiet".into(), "--wait".into(), "--collect".into()];
    words.push(if std::io::IsTerminal::is_terminal(&std::io::stdin()) { "--pty".into() } else { "--pipe".into() });
    words.extend([
        "-p".into(),
        "PAMName=login".into(),
        "-p".into(),
        format!("User={user}"),
        "-p".into(),
        "WorkingDirectory=~".into(),
    ]);
    if let Ok(terminal) = env::var("TERM") {
        words.extend(["-E".into(), format!("TERM={terminal}")]);
    }
    words.extend(["--".into(), "/bin/bash".into(), "-l".into()]);
    if !command.is_empty() {
        words.extend(["-c".into(), command.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")]);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    boot::root_command(leader, &words)
}

/// A word as a shell reads it back.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_comes_through_a_shell_as_it_was() {
        for word in ["", "a b", "it's", "$HOME", "a\nb", "plain-1", "*", "~", "\"", "\\"] {
            let output = Command::new("sh").args(["-c", &format!("printf %s {}", quote(word))]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
    }
}
