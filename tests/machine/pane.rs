//! Who the learner really is, and the lab without a shell, on a real machine: logins over ssh, su, and a goal that turns green
//! while somebody works in another terminal.

use std::process::Command;
use std::time::Duration;

use crate::rig::{self as machines, Rig};
use terminal::Terminal;

const PATIENCE: Duration = Duration::from_secs(90);
/// The lab's own prompt, and the prompt of a shell inside it, at the end of what is shown.
const LAB: &str = r"\[(\d+/\d+|done)[^\]]*\] [^\n]*\$ $";
const INSIDE: &str = r"(?m)^conuser1@[^\n]*\$ \z";

/// A machine that a learner has brought to the step on `su`.
fn with_conuser1() -> Option<Rig> {
    let rig = machines::have(machines::started(machines::release()))?;
    let made = rig.run_root(&["sh", "-c", "useradd -m -s /bin/bash conuser1 && echo conuser1:conuser1 | chpasswd"]);
    assert!(made.expect("it runs").status.success());
    Some(rig)
}

/// A true login of an account in a terminal of its own: a shell, or these words.
fn login(rig: &Rig, account: &str, words: &[&str]) -> Terminal {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    Terminal::start(rig.enter_command(account, &words).expect("a way in"), 24, 80)
}

fn lab(rig: &Rig) -> Terminal {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["start", "--machine", rig.name()]).env("ROOTLESS_LAB_STATE", machines::state());
    let mut lab = Terminal::start(command, 24, 80);
    lab.wait(LAB, PATIENCE);
    lab
}

#[test]
fn su_stands_in_anothers_surroundings_and_the_labs_own_login_does_not() {
    let Some(rig) = with_conuser1() else { return };
    let mut lab = lab(&rig);
    lab.line(":where");
    lab.wait("lisa, a login by ssh", PATIENCE);
    lab.wait("It all fits together: a true login of lisa", PATIENCE);
    lab.wait(LAB, PATIENCE);
    lab.line("su conuser1");
    lab.wait("Password:", PATIENCE);
    lab.line("conuser1");
    lab.wait(INSIDE, PATIENCE);
    lab.line("rootless-lab where");
    let said = lab.wait("Out: exit, then a true login: ssh conuser1@localhost", PATIENCE);
    assert!(said.contains("conuser1, by su (bash, process "), "{said}");
    for foreign in [r"✗ session +\S+, which is lisa's", r"✗ XDG_RUNTIME_DIR +/run/user/1000, which is lisa's"] {
        assert!(regex::Regex::new(foreign).expect("a pattern").is_match(&said), "{foreign}\n{said}");
    }
    lab.wait(INSIDE, PATIENCE);
    // The words work where the lab's own prompt is not.
    for (word, wanted) in [
        ("step", "Step 1 of 20"),
        ("hint", "Hint 1 of [0-9]"),
        ("check", "(red|unknown) +[A-Z]"),
        ("why", "wanted"),
        ("status", "0 of 20 steps done"),
    ] {
        lab.line(&format!("rootless-lab {word}"));
        lab.wait(wanted, PATIENCE);
        lab.wait(INSIDE, PATIENCE);
    }
    lab.line("exit");
    lab.wait(LAB, PATIENCE);
    lab.line(":login");
    lab.wait(r"A login session of conuser1 \(exit ends it\):\s+ssh conuser1@localhost", PATIENCE);
    if !lab.wait("continue connecting|password:", PATIENCE).ends_with("password:") {
        lab.line("yes");
        lab.wait("password:", PATIENCE);
    }
    lab.line("conuser1");
    lab.wait(INSIDE, PATIENCE);
    lab.line("rootless-lab where");
    lab.wait("conuser1, a login by ssh", PATIENCE);
    lab.wait("It all fits together: a true login of conuser1", PATIENCE);
    lab.wait(INSIDE, PATIENCE);
    lab.line("exit");
    lab.wait(LAB, PATIENCE);
}

#[test]
fn without_an_ssh_server_machinectl_and_then_run0_open_a_true_login() {
    let Some(rig) = with_conuser1() else { return };
    let mut lab = lab(&rig);
    // The lab itself came in by it, and its session stays.
    let no_ssh = rig.run_root(&["systemctl", "disable", "--now", "ssh.service", "ssh.socket"]).expect("it runs");
    let listens = rig.run_root(&["sh", "-c", "ss -Hltn 'sport = :22'"]).expect("it runs");
    assert!(listens.stdout.is_empty(), "{no_ssh:?}: {}", String::from_utf8_lossy(&listens.stdout));
    let mut logs_in = |line: &str| {
        lab.line(":login");
        lab.wait(&format!(r"A login session of conuser1 \(exit ends it\):\s+{}\s", regex::escape(line)), PATIENCE);
        lab.wait(INSIDE, PATIENCE);
        lab.line("rootless-lab where");
        lab.wait("It all fits together: a true login of conuser1", PATIENCE);
        lab.wait(INSIDE, PATIENCE);
        // What podman and systemctl --user need of a session.
        lab.line("id -un; echo $XDG_RUNTIME_DIR; systemctl --user daemon-reload && echo re''loaded");
        lab.wait(r"conuser1\s+/run/user/\d+\s+reloaded", PATIENCE);
        lab.wait(INSIDE, PATIENCE);
        lab.line("exit");
        lab.wait(LAB, PATIENCE);
    };
    logs_in("sudo machinectl shell conuser1@");
    if rig.run_root(&["sh", "-c", "command -v run0"]).expect("it runs").status.success() {
        assert!(
            rig.run_root(&["mv", "/usr/bin/machinectl", "/usr/bin/machinectl.away"]).expect("it runs").status.success()
        );
        logs_in("sudo run0 --user=conuser1");
    } else {
        // It came with systemd 256; without either there is no way.
        assert!(!["trixie", "forky"].contains(&machines::release().to_string().as_str()));
    }
}

#[test]
fn a_goal_turns_green_in_the_pane_while_conuser1_works_in_another_terminal() {
    let Some(rig) = with_conuser1() else { return };
    let mut lab = lab(&rig);
    lab.line(":step 5");
    lab.wait("Step 5 of 20", PATIENCE);
    lab.wait(LAB, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    // No lab is open: the watch is the lab.
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["watch", "--machine", rig.name()]).env("ROOTLESS_LAB_STATE", machines::state());
    let mut pane = Terminal::start(command, 24, 80);
    pane.wait("Step 5 of 20", PATIENCE);
    pane.wait("✗ red +~/.config/systemd/user is a directory of conuser1", PATIENCE);
    // Another watches it, from a terminal of the account that works.
    let mut other = login(&rig, "conuser1", &["rootless-lab", "--plain", "watch"]);
    other.wait("Step 5 of 20: Where an account keeps its services", PATIENCE);
    let mut work = login(&rig, "conuser1", &[]);
    work.wait(INSIDE, PATIENCE);
    work.line("mkdir -p ~/.config/systemd/user");
    pane.wait("Step 6 of 20", PATIENCE);
    pane.wait("✓ Done: Where an account keeps its services", PATIENCE);
    other.wait("green: ~/.config/systemd/user is a directory of conuser1", PATIENCE);
    other.wait("Step 6 of 20: See it fail", PATIENCE);
    work.wait(INSIDE, PATIENCE);
    work.line("rootless-lab hint");
    work.wait("Hint 1 of 4", PATIENCE);
    pane.wait("Hint 1 of 4", PATIENCE);
    pane.keys("q");
    pane.wait("Saved at step 6", PATIENCE);
    assert!(pane.end(PATIENCE).success());
    other.wait("The lab was closed", PATIENCE);
    assert!(other.end(PATIENCE).success());
}

#[test]
fn a_login_in_another_terminal_counts_once_the_shell_in_front_is_no_longer_the_one_from_su() {
    let Some(rig) = with_conuser1() else { return };
    let mut lab = lab(&rig);
    lab.line(":step 7");
    lab.wait("Step 7 of 20", PATIENCE);
    // The words that the step has for it.
    let words = lab.wait(LAB, PATIENCE);
    assert!(words.contains("rootless-lab practice enter -u conuser1"), "{words}");
    lab.line("su conuser1");
    lab.wait("Password:", PATIENCE);
    lab.line("conuser1");
    lab.wait(INSIDE, PATIENCE);
    let mut command = Command::new(env!("CARGO_BIN_EXE_rootless-lab"));
    command.args(["practice", "enter", rig.name(), "-u", "conuser1"]).env("ROOTLESS_LAB_STATE", machines::state());
    let mut other = Terminal::start(command, 24, 80);
    other.wait(INSIDE, PATIENCE);
    lab.line("rootless-lab check");
    lab.wait(r"✗ red +conuser1 has a real login session, and the shell in\s+front", PATIENCE);
    lab.wait(INSIDE, PATIENCE);
    lab.line("exit");
    lab.wait("Step 8 of 20", PATIENCE);
    lab.wait(LAB, PATIENCE);
    lab.line(":quit");
    assert!(lab.end(PATIENCE).success());
    other.line("exit");
    assert!(other.end(PATIENCE).success());
}
