//! The practice machine, really built, booted, entered and killed.

// the functions beside the tests are tests too
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rootless_lab::practice::{Error, Machine, Recipe, Release};

/// What a login of this account answers, with its exit status.
fn login(machine: &Machine, user: &str, script: &str) -> (String, Option<i32>) {
    let words = ["bash", "-c", script].map(str::to_owned);
    let output = machine.enter_command(user, &words).unwrap().stdin(Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (text.replace('\r', "").trim_end().to_owned(), output.status.code())
}

/// Mounts of the state directory that the host can see.
fn host_mounts() -> Vec<String> {
    let state = crate::rig::state().display().to_string();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    mounts.lines().filter(|line| line.contains(&state)).map(str::to_owned).collect()
}

pub fn until(what: &str, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "{what}");
        // What is waited for here is in other processes, mounts and machines: no one event tells of all of them.
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn entering_is_a_login_session_with_a_bus_and_its_exit_status_is_passed_on() {
    let Some(machine) = crate::rig::have(crate::rig::started(Release::Trixie)) else { return };
    let (said, status) =
        login(&machine, "lisa", "loginctl show-session $XDG_SESSION_ID -p Class -p Type -p Name; exit 7");
    assert!(said.contains("Class=user") && said.contains("Type=tty") && said.contains("Name=lisa"), "{said}");
    assert_eq!(status, Some(7));
    assert_eq!(
        login(&machine, "lisa", "systemctl --user is-system-running; hostname; sudo -n id -u").0,
        format!("running\n{}\n0", machine.name())
    );
    assert_eq!(
        login(&machine, "lisa", "systemctl is-system-running; rootless-lab --version").0,
        format!("running\nrootless-lab {}", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(login(&machine, "lisa", "printf '<%s>' \"it's\" '$HOME'").0, "<it's><$HOME>");
}

#[test]
fn a_rootless_container_is_pulled_by_its_short_name_and_runs() {
    let Some(machine) = crate::rig::have(crate::rig::started(Release::Trixie)) else { return };
    let (said, status) = login(
        &machine,
        "lisa",
        "podman run --name c ubi8 cat /etc/os-release 2>&1; podman ps -a --format '{{.Image}}'",
    );
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("Resolved \"ubi8\" as an alias"), "{said}");
    assert!(said.contains("stands in for ubi8"), "{said}");
    assert!(said.ends_with("registry.access.redhat.com/ubi8:latest"), "{said}");
}

#[test]
fn an_account_can_run_containers_even_where_files_of_the_machines_proc_are_covered() {
    let Some(machine) = crate::rig::have(crate::rig::started(crate::rig::release())) else { return };
    // As newer nspawn does.
    let cover = "sudo mount --bind /dev/null /proc/kallsyms && sudo mount --bind /dev/null /proc/keys";
    assert_eq!(login(&machine, "lisa", cover), (String::new(), Some(0)));
    let (said, status) = login(&machine, "lisa", "podman run --rm ubi8 echo it runs 2>/dev/null");
    assert_eq!((&*said, status), ("it runs", Some(0)));
    // Every command that the image has is one that this release's busybox knows.
    let look = "for f in /usr/bin/*; do case ${f##*/} in bash|busybox|sh) ;; *) busybox --list | grep -qxF -- ${f##*/} || echo no $f; esac; done; ls /usr/bin | wc -l";
    let (said, _) = login(&machine, "lisa", &format!("podman run --rm ubi8 bash -c '{look}' 2>/dev/null"));
    assert!(said.parse::<u32>().is_ok_and(|commands| commands > 90), "{said}");
    let (said, _) = login(&machine, "lisa", "ls /run/practice 2>&1; systemctl is-system-running");
    assert!(said.contains("Permission denied") && said.ends_with("running"), "{said}");
}

#[test]
fn two_machines_run_side_by_side_and_neither_ends_the_other() {
    let Some(first) = crate::rig::have(crate::rig::started(Release::Trixie)) else { return };
    let Some(second) = crate::rig::have(crate::rig::started(Release::Trixie)) else { return };
    assert_eq!(login(&first, "lisa", "hostname").0, first.name());
    assert_eq!(login(&second, "lisa", "hostname").0, second.name());
    first.stop().unwrap();
    assert!(!first.is_running());
    assert_eq!(login(&second, "lisa", "systemctl is-system-running").0, "running");
}

#[test]
fn a_reset_machine_is_as_it_was_made_and_runs_again() {
    let Some(machine) = crate::rig::have(crate::rig::started(Release::Trixie)) else { return };
    let look = "cat /etc/passwd; ls -lA --time-style=+ /home /home/lisa /root /opt /srv 2>&1 | grep -v ^total";
    let before = machine.run_root(&["sh", "-c", look]).unwrap().stdout;
    login(&machine, "lisa", "sudo useradd conuser1; touch ~/mine; sudo touch /opt/mine; podman pull -q ubi8");
    assert_ne!(machine.run_root(&["sh", "-c", look]).unwrap().stdout, before);
    let begun = Instant::now();
    machine.reset().unwrap();
    eprintln!("reset and booted to login in {:.2} s", begun.elapsed().as_secs_f64());
    assert_eq!(
        String::from_utf8_lossy(&machine.run_root(&["sh", "-c", look]).unwrap().stdout),
        String::from_utf8_lossy(&before)
    );
    assert_eq!(
        login(&machine, "lisa", "ls -A .local 2>&1; podman images -q").0,
        "ls: cannot access '.local': No such file or directory"
    );
    machine.stop().unwrap();
    let begun = Instant::now();
    machine.reset().unwrap();
    let took = begun.elapsed();
    eprintln!("a stopped machine reset in {:.3} s", took.as_secs_f64());
    assert!(!machine.is_running() && took < Duration::from_secs(3), "{took:?}");
}

#[test]
fn a_second_start_leaves_a_running_machine_alone_and_a_running_one_is_not_removed() {
    let Some(machine) = crate::rig::have(crate::rig::started(Release::Trixie)) else { return };
    let boot = machine.boot_id();
    assert!(!machine.start().unwrap());
    assert_eq!(machine.boot_id(), boot);
    assert!(matches!(Machine::clone(&machine).remove(), Err(Error::Running(_))));
    assert!(machine.is_running());
}

#[test]
fn a_started_machine_keeps_nothing_open_that_its_starter_had_open() {
    let Some(machine) = crate::rig::have(crate::rig::machine(Release::Trixie)) else { return };
    let starts = format!("exec rootless-lab practice start {} 7>&1 >/dev/null 2>&1", machine.name());
    let program = Path::new(env!("CARGO_BIN_EXE_rootless-lab")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut starter = Command::new("sh");
    starter.args(["-c", &starts]).env("PATH", path).env("ROOTLESS_LAB_STATE", crate::rig::state());
    let mut starter = starter.stdout(Stdio::piped()).spawn().unwrap();
    // As a lock or a pipe of a script that starts the machine and goes on.
    let held = starter.stdout.take().unwrap();
    assert!(starter.wait().unwrap().success());
    assert!(machine.is_running());
    let mut hung_up = [PollFd::new(held.as_fd(), PollFlags::POLLIN)];
    assert_eq!(poll(&mut hung_up, PollTimeout::ZERO), Ok(1), "the machine holds what its starter had open");
}

#[test]
fn a_reboot_from_inside_brings_a_new_boot_with_what_was_there() {
    let Some(machine) = crate::rig::have(crate::rig::started(Release::Trixie)) else { return };
    let boot = machine.boot_id().unwrap();
    login(&machine, "lisa", "echo kept > ~/note; sync; sudo systemctl reboot");
    until("the machine comes back", || machine.rebooted_since(&boot));
    machine.wait_for_login(Duration::from_secs(60)).unwrap();
    assert_eq!(login(&machine, "lisa", "cat ~/note").0, "kept");
}

#[test]
fn a_killed_nspawn_leaves_nothing_mounted_and_the_machine_starts_again() {
    let Some(machine) = crate::rig::have(crate::rig::started(Release::Trixie)) else { return };
    let nspawn = fs::read_to_string(format!("/proc/{}/status", machine.leader().unwrap())).unwrap();
    let nspawn = nspawn.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap().trim().to_owned();
    assert!(Command::new("kill").args(["-9", &nspawn]).status().unwrap().success());
    until("the machine is seen to be gone", || !machine.is_running());
    assert_eq!(host_mounts(), Vec::<String>::new());
    assert!(matches!(machine.enter_command("lisa", &[]), Err(Error::NotRunning(_))));
    assert!(machine.start().unwrap());
    assert_eq!(login(&machine, "lisa", "systemctl is-system-running").0, "running");
}

#[test]
fn a_stop_is_a_clean_shutdown_and_the_host_is_as_before() {
    let device = |path: &str| fs::metadata(path).map(|meta| meta.permissions().mode()).ok();
    // In whichever hierarchy the host has: of the one kind, of the old kind, or of both.
    let groups = |parts: &[&str]| {
        let roots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"].into_iter();
        let groups = roots.filter_map(|root| fs::read_dir(root).ok()).flatten();
        let names = groups.map(|entry| entry.unwrap().path().display().to_string());
        names.filter(|name| parts.iter().any(|part| name.contains(part))).collect::<Vec<_>>()
    };
    // nspawn's names for what it splits a group in: of the group that it is started in, if that is not the machine's own.
    let strays = || groups(&["/payload", "/supervisor"]);
    let without = strays();
    let Some(machine) = crate::rig::have(crate::rig::machine(Release::Trixie)) else { return };
    let own = || groups(&[machine.name()]);
    let before = (device("/dev/net/tun"), device("/dev/fuse"), own());
    assert_eq!((strays(), &before.2), (without.clone(), &Vec::new()), "made, and not started yet");
    machine.start().unwrap();
    assert_eq!(host_mounts(), Vec::<String>::new());
    assert!(machine.stop().unwrap());
    assert!(!machine.stop().unwrap());
    assert_eq!(before, (device("/dev/net/tun"), device("/dev/fuse"), own()));
    assert_eq!(strays(), without);
    assert_eq!(host_mounts(), Vec::<String>::new());
    machine.start().unwrap();
    let journal = machine.run_root(&["journalctl", "-b", "-1", "-o", "cat", "--no-pager"]).unwrap();
    let journal = String::from_utf8_lossy(&journal.stdout).into_owned();
    // Whoever pulls the plug leaves no such line.
    assert!(journal.contains("Journal stopped"), "{journal}");
}

/// Starts a build, kills it while it unpacks and answers with the tree it left; `before` is what an earlier one left.
fn cut_a_build_short(state: &Path, before: Option<&Path>) -> PathBuf {
    let mut build = Command::new(env!("CARGO_BIN_EXE_rootless-lab"))
        .args(["practice", "create", "cut", "--yes"])
        .env("ROOTLESS_LAB_STATE", state)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let partial = || {
        let entries = fs::read_dir(state.join("base")).ok()?;
        let mut trees =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.to_string_lossy().contains(".partial-"));
        trees.find(|tree| Some(tree.as_path()) != before)
    };
    until("the build unpacks", || partial().is_some_and(|tree| tree.join("usr/bin").is_dir()));
    build.kill().unwrap();
    build.wait().unwrap();
    let tree = partial().unwrap();
    until("all processes of the build are gone", || {
        let lines =
            fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
        !lines
            .map(|line| String::from_utf8_lossy(&line).into_owned())
            .any(|line| line.contains(&*tree.to_string_lossy()))
    });
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&*state.to_string_lossy()), "{mounts}");
    tree
}

#[test]
fn a_killed_build_leaves_nothing_mounted_and_the_next_one_removes_what_is_left() {
    if crate::rig::have(crate::rig::machines()).is_none() {
        return;
    }
    let state = tempfile::Builder::new().prefix("rootless-lab-killed-").tempdir_in("/var/tmp").unwrap();
    let first = cut_a_build_short(state.path(), None);
    let second = cut_a_build_short(state.path(), Some(&first));
    assert!(second.exists() && !first.exists());
    // what fails by itself leaves nothing at all
    let empty = state.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let failed = Command::new(env!("CARGO_BIN_EXE_rootless-lab"))
        .args(["practice", "create", "cut", "--from"])
        .arg(&empty)
        .env("ROOTLESS_LAB_STATE", state.path())
        .output()
        .unwrap();
    assert_eq!(failed.status.code(), Some(4));
    let said = String::from_utf8_lossy(&failed.stderr).into_owned();
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("it has no systemd") && words.contains("give a root file system with systemd"), "{said}");
    assert_eq!(fs::read_dir(state.path().join("machines")).unwrap().count(), 0);
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let Some(machine) = crate::rig::have(crate::rig::machine(Release::Trixie)) else { return };
    let again = crate::rig::machines().unwrap().create(&Recipe::new(machine.name(), Release::Trixie), &mut |_| ());
    assert!(matches!(again, Err(Error::Exists(_))), "{again:?}");
}

#[test]
fn what_is_said_on_the_host_about_a_lesson_that_is_played_on_the_machine_is_said_there() {
    let Some(machine) = crate::rig::have(crate::rig::started(crate::rig::release())) else { return };
    let home = std::env::temp_dir().join(format!("host-of-{}", machine.name()));
    fs::create_dir_all(&home).unwrap();
    // A host on which nobody has begun the lesson.
    let said = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
        command.args(words).args(["--machine", machine.name()]).env("ROOTLESS_LAB_STATE", crate::rig::state());
        let output = command.env("HOME", &home).env_remove("XDG_STATE_HOME").stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
        assert!(output.status.success(), "{words:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    };
    let status: serde_json::Value = serde_json::from_str(&said(&["status", "--json"])).unwrap();
    assert_eq!(status["number"], 1, "{status}");
    assert!(said(&["reset", "--step", "3"]).contains("Progress is cleared."));
    let status: serde_json::Value = serde_json::from_str(&said(&["status", "--json"])).unwrap();
    assert_eq!(status["step"], "set-password", "{status}");
    assert!(login(&machine, "lisa", "rootless-lab status --json").0.contains("set-password"));
    assert!(!home.join(".local/state/rootless-lab").exists(), "nothing is written down on the host");
    fs::remove_dir_all(home).unwrap();
}
