//! Runs one program with no terminal, no new privileges and one deadline, and leaves none of its group behind. Never decides who may run.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::machine::{AccountEntry, CouldNot, Ran, Run};

const MOST_OUTPUT: usize = 1 << 20;
const MOST_ERRORS: usize = 64 << 10;
/// How long a poll may wait before looking whether the program itself has ended: a child of its may keep the pipes open.
const TICK: Duration = Duration::from_millis(10);

/// Runs `program` in the environment of `whose`.
pub(super) fn run(program: &Run, whose: &AccountEntry) -> Result<Ran, CouldNot> {
    let deadline = Instant::now() + program.time;
    let mut child = Group(start(program, whose).map_err(|e| super::files::could_not(&e))?);
    let mut input = Feed { pipe: child.0.stdin.take(), left: &program.input };
    let mut output = Drain { pipe: child.0.stdout.take(), bytes: Vec::new() };
    let mut errors = Drain { pipe: child.0.stderr.take(), bytes: Vec::new() };
    for ready in [unblock(&input.pipe), unblock(&output.pipe), unblock(&errors.pipe)] {
        ready.map_err(|e| CouldNot::Failed(e.desc().into()))?;
    }
    let failed = |e: std::io::Error| CouldNot::Failed(e.to_string());
    loop {
        let ended = child.0.try_wait().map_err(failed)?;
        input.push();
        output.pull();
        errors.pull();
        if output.bytes.len() > MOST_OUTPUT {
            return Err(CouldNot::TooLarge);
        }
        errors.bytes.truncate(MOST_ERRORS);
        if let Some(status) = ended {
            return Ok(Ran { status: status.code(), output: output.bytes, errors: errors.bytes });
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(CouldNot::TimedOut);
        }
        wait(&input, &output, &errors, left.min(TICK))?;
    }
}

fn start(program: &Run, whose: &AccountEntry) -> std::io::Result<Child> {
    let mut command = Command::new(&program.program);
    command.args(&program.arguments).current_dir("/").env_clear();
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").env("LANG", "C.UTF-8");
    command.env("HOME", &whose.home).env("USER", &whose.name).env("LOGNAME", &whose.name);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // SAFETY: between fork and exec only system calls are made (setsid, prctl, setrlimit, close_range): no memory is allocated, no lock taken.
    unsafe {
        command.pre_exec(|| {
            nix::unistd::setsid()?;
            nix::sys::prctl::set_no_new_privs()?;
            // Whoever is killed himself ends it no more.
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
            nix::sys::resource::setrlimit(nix::sys::resource::Resource::RLIMIT_CORE, 0, 0)?;
            // Descriptors that somebody forgot to mark are closed at exec. Kernels before 5.11 do not know the call; all of ours are marked.
            libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 1 << 2);
            Ok(())
        });
    }
    command.spawn()
}

fn wait(
    input: &Feed<'_>,
    output: &Drain<std::process::ChildStdout>,
    errors: &Drain<std::process::ChildStderr>,
    time: Duration,
) -> Result<(), CouldNot> {
    let mut fds = Vec::with_capacity(3);
    fds.extend(input.pipe.as_ref().map(|p| PollFd::new(p.as_fd(), PollFlags::POLLOUT)));
    fds.extend(output.pipe.as_ref().map(|p| PollFd::new(p.as_fd(), PollFlags::POLLIN)));
    fds.extend(errors.pipe.as_ref().map(|p| PollFd::new(p.as_fd(), PollFlags::POLLIN)));
    let time = PollTimeout::try_from(time.max(Duration::from_millis(1))).unwrap_or(PollTimeout::ZERO);
    match poll(&mut fds, time) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(e) => Err(CouldNot::Failed(e.desc().into())),
    }
}

fn unblock(fd: &Option<impl AsFd>) -> nix::Result<()> {
    let Some(fd) = fd else { return Ok(()) };
    let flags = OFlag::from_bits_truncate(fcntl(fd.as_fd(), FcntlArg::F_GETFL)?);
    fcntl(fd.as_fd(), FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).map(|_| ())
}

/// The program and all it started in its group; ended and reaped whichever way the run is left.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let _ = killpg(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGKILL);
        let _ = self.0.wait();
        if nix::sys::prctl::get_child_subreaper().unwrap_or(false) {
            end_strays();
        }
    }
}

/// Ends what left the program's group. Only in a process that adopts orphans, as the observer's do: whatever is its child then
/// came from the program. A lab without an observer has other children, and leaves strays alone.
fn end_strays() {
    // Each round ends one generation; what forks faster than that is not chased for ever.
    for _ in 0..100 {
        let children = std::fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
        let children: Vec<Pid> =
            children.split_whitespace().filter_map(|pid| pid.parse().ok()).map(Pid::from_raw).collect();
        if children.is_empty() {
            return;
        }
        for child in &children {
            let _ = nix::sys::signal::kill(*child, Signal::SIGKILL);
        }
        for child in children {
            let _ = nix::sys::wait::waitpid(child, None);
        }
    }
}

struct Feed<'a> {
    pipe: Option<std::process::ChildStdin>,
    left: &'a [u8],
}

impl Feed<'_> {
    fn push(&mut self) {
        while let Some(pipe) = &mut self.pipe {
            if self.left.is_empty() {
                self.pipe = None;
                return;
            }
            match pipe.write(self.left) {
                Ok(n) => self.left = &self.left[n..],
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.pipe = None,
            }
        }
    }
}

struct Drain<P> {
    pipe: Option<P>,
    bytes: Vec<u8>,
}

impl<P: Read> Drain<P> {
    fn pull(&mut self) {
        let mut piece = [0; 16 << 10];
        while let Some(pipe) = &mut self.pipe {
            match pipe.read(&mut piece) {
                Ok(0) => self.pipe = None,
                Ok(n) => self.bytes.extend_from_slice(&piece[..n]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.pipe = None,
            }
            if self.bytes.len() > MOST_OUTPUT {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Machine;

    fn shell(script: &str, input: &str, time: u64) -> Result<Ran, CouldNot> {
        let whose =
            AccountEntry { name: "ada".into(), uid: 1, gid: 1, home: "/home/ada".into(), shell: "/bin/sh".into() };
        let arguments = vec!["-c".into(), script.into()];
        let time = Duration::from_millis(time);
        run(&Run { program: "/bin/sh".into(), arguments, input: input.as_bytes().to_vec(), time }, &whose)
    }

    #[test]
    fn a_program_reads_its_input_and_has_a_small_environment() {
        let ran = shell("cat; echo \"$HOME $USER\"; echo oops >&2; exit 3", "hello\n", 5000).unwrap();
        assert_eq!(
            (ran.status, &ran.output[..], &ran.errors[..]),
            (Some(3), &b"hello\n/home/ada ada\n"[..], &b"oops\n"[..])
        );
        let big = "x".repeat(300_000);
        assert_eq!(shell("cat", &big, 5000).unwrap().output.len(), 300_000);
    }

    #[test]
    fn a_program_has_no_terminal_and_no_new_privileges() {
        let ran = shell("(: < /dev/tty) 2>/dev/null || echo none; grep NoNewPrivs /proc/self/status", "", 5000);
        assert_eq!(String::from_utf8(ran.unwrap().output).unwrap(), "none\nNoNewPrivs:\t1\n");
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_its_children() {
        let begin = Instant::now();
        assert_eq!(shell("sleep 1000 & sleep 1000", "", 200), Err(CouldNot::TimedOut));
        assert!(begin.elapsed() < Duration::from_secs(3));
    }

    #[test]
    fn a_child_that_keeps_the_pipes_open_does_not_keep_us() {
        let begin = Instant::now();
        let ran = shell("sleep 1000 & echo $!", "", 5000).unwrap();
        assert!(begin.elapsed() < Duration::from_secs(3));
        let pid: i32 = String::from_utf8(ran.output).unwrap().trim().parse().unwrap();
        let gone = || {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            state.is_empty() || state.contains(") Z ")
        };
        while !gone() {
            assert!(begin.elapsed() < Duration::from_secs(5), "the child still lives");
            std::thread::yield_now();
        }
    }

    #[test]
    fn too_much_output_is_refused() {
        assert_eq!(shell("yes", "", 5000), Err(CouldNot::TooLarge));
    }

    #[test]
    fn root_runs_nothing() {
        let run = Run { program: "/bin/true".into(), arguments: vec![], input: vec![], time: Duration::from_secs(1) };
        let answer = crate::machine::Live::new().run(&run);
        assert_eq!(nix::unistd::geteuid().is_root(), answer.is_err());
    }
}
