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

/// The program on this machine, as lisa in a terminal of her own.
fn as_lisa(rig: &Rig, words: &[&str]) -> Terminal {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let mut command = rig.enter_command("lisa", &words).expect("a way in");
    command.env("LANG", "C.UTF-8");
    Terminal::start(command, 24, 80)
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
